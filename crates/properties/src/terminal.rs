//! What a message that a person will read must never hold. Never judges its wording.

use ledger::text::is_unreadable;

/// Longest message, in characters, that one thing wrong may cost.
const MESSAGE_MAX: usize = 1_000;

/// A message fit for a terminal: nothing that moves the cursor or turns the text, and of bounded length.
pub fn check(message: &str) {
    assert!(message.chars().all(|c| c == '\n' || !is_unreadable(c)), "unreadable: {message:?}");
    assert!(message.chars().count() <= MESSAGE_MAX, "{} characters: {message:?}", message.chars().count());
}
