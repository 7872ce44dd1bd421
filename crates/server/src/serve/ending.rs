//! Why the server ends a session, and how the hub says so to the session's task. No sockets here.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why the server closes a client's connection, or does not take the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It reads too slowly.
    Slow,
    /// It asks for too much.
    Threshold,
    /// Nothing was heard of it for long, and another client wants its seat.
    Idle,
    /// Every seat is taken.
    Full,
    /// The server was shut down.
    ShutDown,
    /// A ledger could not be recorded; none closes any more.
    LedgerStopped,
}

impl Ending {
    /// The close frame's code and reason (RFC 6455, 7.4.1: 1008, 1013, 1001, 1011).
    pub(crate) fn frame(self) -> (CloseCode, &'static str) {
        match self {
            Self::Slow => (CloseCode::Policy, "Policy error: client is too slow."),
            Self::Threshold => (CloseCode::Policy, "threshold exceeded"),
            Self::Idle => (CloseCode::Policy, "nothing was heard of the client"),
            Self::Full => (CloseCode::Again, "no room for another client"),
            Self::ShutDown => (CloseCode::Away, "the server is shutting down"),
            Self::LedgerStopped => (CloseCode::Error, "the ledger stopped: a close could not be recorded"),
        }
    }

    /// Whether the client still gets what is queued for it.
    fn drains(self) -> bool {
        matches!(self, Self::ShutDown | Self::LedgerStopped)
    }
}

/// The hub's word to a session that it is over; both hold it.
#[derive(Clone, Default)]
pub(crate) struct Verdict {
    why: Arc<OnceLock<Ending>>,
    now: Arc<Notify>,
}

impl Verdict {
    /// Says it. The first word counts. The hub then drops the client, which ends its queue.
    pub(crate) fn give(&self, why: Ending) {
        if self.why.set(why).is_ok() && !why.drains() {
            self.now.notify_one();
        }
    }

    /// What was said; nothing said means that the server went away.
    pub(crate) fn why(&self) -> Ending {
        self.why.get().copied().unwrap_or(Ending::ShutDown)
    }

    /// Comes back when the session must end without sending what is queued.
    pub(crate) async fn at_once(&self) -> Ending {
        self.now.notified().await;
        self.why()
    }
}
