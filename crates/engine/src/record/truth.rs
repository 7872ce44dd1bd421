//! Rows of truth checks: both sides at one ledger.

use serde::{Deserialize, Serialize};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime};

/// What asked for a truth check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TruthSource {
    /// The start of the session.
    Start,
    /// The metadata of own transactions of a ledger.
    Metadata,
    /// The regular full read.
    Periodic,
    /// The read after a gap or a crash.
    Backfill,
    /// The last read of a session.
    Final,
}

impl TruthSource {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TruthSource::Start => "start",
            TruthSource::Metadata => "metadata",
            TruthSource::Periodic => "periodic",
            TruthSource::Backfill => "backfill",
            TruthSource::Final => "final",
        }
    }
}

/// How a truth check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TruthStatus {
    /// No difference at all.
    Ok,
    /// A difference below the warning level.
    Unexplained,
    /// A difference from the warning level on.
    Warn,
    /// A difference from the halt level on.
    Halt,
    /// The read could not be made or not be compared.
    Unverified,
}

impl TruthStatus {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TruthStatus::Ok => "ok",
            TruthStatus::Unexplained => "unexplained",
            TruthStatus::Warn => "warn",
            TruthStatus::Halt => "halt",
            TruthStatus::Unverified => "unverified",
        }
    }
}

/// A truth check: both sides at one ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthRow {
    /// When the ledger closed.
    pub at: LedgerTime,
    /// The ledger.
    pub ledger_index: LedgerIndex,
    /// What asked.
    pub source: TruthSource,
    /// XRP by accounting.
    pub internal_xrp: Drops,
    /// RLUSD by accounting.
    pub internal_rlusd: Exact,
    /// XRP by ledger; `None` when not read.
    pub ledger_xrp: Option<Drops>,
    /// RLUSD by ledger; `None` when not read.
    pub ledger_rlusd: Option<IssuedValue>,
    /// internal - ledger.
    pub delta_xrp: Option<Drops>,
    /// internal - ledger.
    pub delta_rlusd: Option<Exact>,
    /// How it came out.
    pub status: TruthStatus,
}
