//! What the bench is given by the program it measures: its binary, its translation from messages to inputs, and
//! its recovery, which the bench may not use itself. Nothing is measured here.

use std::path::{Path, PathBuf};

use anyhow::Result;
use client::{ClosedLedger, Fees, Snapshot};
use engine::{Identity, LedgerHeader, LedgerInput, TruthRead, TruthReason};
use units::LedgerTime;

/// The program being measured.
pub struct Program {
    /// Its binary, built in the profile of `cargo bench`.
    pub binary: PathBuf,
    /// Makes its translation for a wallet, with the costs in force.
    pub translation: fn(Identity, Fees) -> Box<dyn Translation>,
    /// Makes the engine of the session that is open in this database again, as its start after a kill does: the rows that
    /// were decided again.
    pub restart: fn(&Path) -> Result<i64>,
    /// The same from its whole journal: the rows.
    pub rebuild: fn(&Path) -> Result<i64>,
}

/// From what the client says to what the engine takes, as the program does it.
pub trait Translation {
    /// A whole ledger. Errors: a transaction that cannot be read.
    fn ledger(&mut self, ledger: &ClosedLedger) -> Result<LedgerInput>;
    /// A full read. Errors: an offer that is not of the pair.
    fn truth(&mut self, read: &Snapshot, at: LedgerTime, reason: TruthReason) -> Result<TruthRead>;
    /// The header of a ledger that was only read.
    fn header_of(&self, read: &TruthRead) -> LedgerHeader;
}
