//! What the engine answers: effects to perform, rows to write, the decision in words, log lines. Never performs any.

mod decision;
mod hold;
mod intent;

pub use decision::{ActionLine, Decision, Wanted};
pub use hold::{Hold, SideHold};
pub use intent::{Intent, IntentBody, Purpose};

use crate::record::{Record, TruthSource};
use serde::{Deserialize, Serialize};
use std::fmt;
use units::LedgerIndex;

/// The answer to one input. Everything but `logs` is part of the journal digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// What to do, once the step is on disk.
    pub effects: Vec<Effect>,
    /// What to write.
    pub records: Vec<Record>,
    /// What was decided.
    pub decision: Decision,
    /// What to log.
    pub logs: Vec<LogLine>,
}

/// Something to do outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Sign, write down (`Input::Signed`), then send.
    Submit(Intent),
    /// Read account, line, offers and book at one validated ledger; answer with `Input::Truth`.
    ReadTruth {
        /// Why; comes back in the answer.
        reason: TruthReason,
    },
    /// Fetch everything from this ledger on; answer with `Input::Backfill`.
    RequestBackfill {
        /// First ledger that is missing.
        from: LedgerIndex,
    },
    /// The start was refused; nothing was opened.
    StartRefused {
        /// Why, with the numbers.
        detail: String,
    },
    /// The session is closed; nothing more will come.
    SessionEnded,
}

/// Why a full read is wanted.
pub type TruthReason = TruthSource;

/// What the engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Mode {
    /// Not opened yet.
    #[default]
    Idle,
    /// Quotes both sides.
    Active,
    /// Quotes only the side that restores the balance.
    ReduceOnly,
    /// Observes, quotes nothing.
    Degraded,
    /// Ending: cancels, then verifies.
    Halted,
    /// The session is closed.
    Closed,
}

impl Mode {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Idle => "IDLE",
            Mode::Active => "ACTIVE",
            Mode::ReduceOnly => "REDUCE_ONLY",
            Mode::Degraded => "DEGRADED",
            Mode::Halted => "HALTED",
            Mode::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Detail.
    Debug,
    /// Ordinary.
    Info,
    /// Worth a look.
    Warn,
    /// Something is wrong.
    Error,
}

/// A line for the log, as a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How loud.
    pub level: Level,
    /// The event's name, one of the words others grep (`fill`, `mode_change`, `truth_check`, `anomaly`, ...).
    pub event: String,
    /// `key=value` pairs.
    pub text: String,
}
