//! Turns for questions that take long: one of them at a time, so that short ones of other clients wait for one long answer
//! at most and never for a queue of them. Which questions those are is told by their text alone: it only decides who waits.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Commands whose answers can be long: pages of history or of the state.
const LONG: [&str; 9] = [
    "account_tx",
    "account_lines",
    "account_objects",
    "account_offers",
    "book_changes",
    "book_offers",
    "gateway_balances",
    "\"ledger\"",
    "ledger_data",
];

/// Who may ask long questions now.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Waits until it is this question's turn; short ones wait for nobody. The turn ends when it is dropped.
    pub(super) async fn of(&self, text: &[u8]) -> Option<OwnedSemaphorePermit> {
        if !is_long(text) {
            return None;
        }
        self.0.clone().acquire_owned().await.ok()
    }
}

/// Commands stand near the beginning of what clients send, wherever they put them in the object.
fn is_long(text: &[u8]) -> bool {
    LONG.iter().any(|command| text.windows(command.len()).any(|part| part == command.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_questions_by_table() {
        for (text, long) in [
            (r#"{"command":"ping"}"#, false),
            (r#"{"id":1,"command":"account_tx","account":"r"}"#, true),
            (r#"{"command":"ledger","transactions":true}"#, true),
            (r#"{"command":"ledger_current"}"#, false),
            (r#"{"command":"tx","transaction":"AB"}"#, false),
            (r#"{"method":"batch","params":[{"method":"ledger_data"}]}"#, true),
        ] {
            assert_eq!(is_long(text.as_bytes()), long, "{text}");
        }
    }

    #[tokio::test]
    async fn one_long_question_at_a_time_and_short_ones_at_any() {
        let turns = Turns::new();
        let first = turns.of(b"account_tx").await;
        assert!(first.is_some());
        assert!(turns.of(b"ping").await.is_none());
        assert!(turns.0.try_acquire().is_err());
        drop(first);
        assert!(turns.of(b"ledger_data").await.is_some());
    }
}
