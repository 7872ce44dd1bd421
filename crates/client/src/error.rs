//! What can go wrong between us and a server, as one enum. Never carries a secret: requests hold none.

use std::time::Duration;

use units::LedgerIndex;

use crate::assembler::Contradiction;

/// A fault of the connection, of the server's answer, or of what it claims.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is not `ws://host:port[/path]`.
    #[error("`{0}` is not a ws:// address")]
    Url(String),
    /// No connection within [`crate::limits::CONNECT_TIMEOUT`], or it was refused.
    #[error("cannot connect to {to}: {why}")]
    Connect {
        /// Host and port.
        to: String,
        /// The system's or the handshake's message.
        why: String,
    },
    /// No answer in time. The request may or may not have been carried out.
    #[error("no answer to `{command}` within {after:?}")]
    Timeout {
        /// The command asked.
        command: String,
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended; the close code and reason, when the server gave them.
    #[error("connection closed by the server ({code:?} {reason})")]
    Closed {
        /// WebSocket close code: 1008 means too slow or over a threshold.
        code: Option<u16>,
        /// The server's reason, at most 123 bytes.
        reason: String,
    },
    /// A fault of the socket or of the WebSocket protocol, an oversized message among them.
    #[error("connection failed: {0}")]
    Socket(String),
    /// The server answered with an error of its own.
    #[error("`{command}` refused: {error} ({message})")]
    Refused {
        /// The command asked.
        command: String,
        /// The server's error name, such as `actNotFound`.
        error: String,
        /// The server's number for it, 0 when absent.
        code: i64,
        /// The server's text.
        message: String,
        /// The whole answer (a `txnNotFound` carries `searched_all` beside the error).
        answer: Box<serde_json::Value>,
    },
    /// An answer or stream message without a field it must have, or with a wrong one.
    #[error("bad answer: field `{field}` of {of}: {why}")]
    BadAnswer {
        /// What was being read.
        of: &'static str,
        /// The field, dots for nesting.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server answered about another range than was asked: its history has a hole there.
    #[error("asked for ledgers {asked_from}..={asked_to}, the server answered {got_from}..={got_to}")]
    ShortRange {
        /// First ledger asked.
        asked_from: LedgerIndex,
        /// Last ledger asked.
        asked_to: LedgerIndex,
        /// First ledger answered.
        got_from: LedgerIndex,
        /// Last ledger answered.
        got_to: LedgerIndex,
    },
    /// The server has not got all of these ledgers, whatever it answers about them.
    #[error("the server has not got all ledgers of {from}..={to}")]
    Hole {
        /// First ledger asked.
        from: LedgerIndex,
        /// Last ledger asked.
        to: LedgerIndex,
    },
    /// Two statements of the server about one ledger do not agree.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// A bound of [`crate::limits`] was reached: reconnect and back-fill.
    #[error("bound reached: {0}")]
    Bound(&'static str),
    /// The validated ledger moved on at every try of a pinned read.
    #[error("the ledger moved on during each of {0} snapshot reads")]
    SnapshotMoved(u32),
}

impl ClientError {
    /// Whether the connection itself is of no further use.
    pub fn is_connection_lost(&self) -> bool {
        matches!(
            self,
            Self::Closed { .. }
                | Self::Socket(_)
                | Self::Connect { .. }
                | Self::Bound(_)
                | Self::Contradiction(_)
        )
    }

    /// Whether the server refused with this error name, such as `lgrNotFound`.
    pub fn is_refused(&self, name: &str) -> bool {
        matches!(self, Self::Refused { error, .. } if error == name)
    }

    pub(crate) fn bad(of: &'static str, field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::BadAnswer { of, field: field.into(), why: why.into() }
    }
}
