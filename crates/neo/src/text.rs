//! Text on its way to a terminal: whatever of it came from outside cannot move the cursor or forge a line.

use ledger::text::is_unreadable;

/// The text with unreadable characters escaped; line breaks stay, because only we write them.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push('\n'),
            c if is_unreadable(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// The same for a value that must stay on one line.
pub fn printable_line(text: &str) -> String {
    ledger::text::printable(text, LINE_MAX)
}

/// More than any line of ours has.
const LINE_MAX: usize = 500;
