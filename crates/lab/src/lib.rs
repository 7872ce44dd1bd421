//! Replay and audit: decide again from the journal, prove the books.
//!
//! Replay runs the same engine on the recorded inputs and compares every decision. The audit shares no accounting with
//! the engine or with `ledger`: it reads balances and offers out of the stored metadata by itself and does its own sums.
//! Nothing here writes to a database. The embedded ledger is checked here too, against recordings of a real server.

mod audit;
mod checkpoints;
mod config_text;
mod evidence;
mod from_ledger;
mod metadata;
mod proofs;
mod proven;
mod rebuild;
mod recording;
mod replay;
mod report;
mod sums;
mod world;

pub use audit::audit;
pub use config_text::config_pairs;
pub use from_ledger::{
    FromLedgerError, HistoryLedger, LedgerAudit, LedgerHistory, NotRebuilt, audit_from_ledger,
};
pub use rebuild::{RebuildError, Rebuilt, rebuild, restart};
pub use recording::{RecordingError, RecordingReport, Score, check_recording};
pub use replay::{ChainDamage, FirstDifference, Outcome, ReplayError, ReplayReport, replay};
pub use report::{AuditReport, Balance, CauseSum, Problem, SessionAudit, Unread};
