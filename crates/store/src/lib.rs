//! The journal and everything read from it: SQLite, sessions, outbox, recovery.
//!
//! One file, one writing thread, one lock. What [`Store::commit`] gives back is on disk; nothing else may be acted on.
//! This crate never decides anything about trading, never reads a clock into a row, and never opens the database file
//! with anything but SQLite.

mod anomalies;
mod backfill;
mod backup;
mod beside;
mod capital;
mod chain;
mod check;
mod checkpoint;
mod commit;
mod compared;
mod derivation;
mod disk;
mod error;
mod from_ledger;
mod identity;
mod journal_checkpoint;
pub mod legacy;
mod lock;
mod log_loss;
mod log_name;
#[cfg(test)]
#[path = "../tests/common/logged.rs"]
mod logged;
mod open;
mod reader;
mod reports;
mod restore;
mod rows;
mod schema;
mod schema_check;
mod session;
mod snapshot_rows;
#[cfg(feature = "spoiled")]
mod spoiled;
mod store;
mod tables;
mod tally;
mod vacuum;
mod verify;
mod watch;
mod writer;

pub use anomalies::{AnomalyFound, HELD, OfferEnding, SEARCHING};
pub use backfill::EndEvidence;
pub use backup::{Backup, BackupError, BackupKind, KEPT, SessionBrief, backup, backups, copy_to};
pub use beside::LARGE_BYTES;
pub use capital::{CapitalEventRow, ExternalChange, NewNotice, NoticeRow};
pub use chain::{ChainError, ChainHead};
pub use check::{CheckReport, Depth, Finding, check};
pub use checkpoint::CheckpointAggregate;
pub use commit::{StepError, decode_step};
pub use derivation::{Derivation, RowDifference, Stretch};
pub use disk::{Disk, SystemDisk};
pub use error::{Kept, OpenError, OpenRefused, ReadError, StoreError};
pub use from_ledger::{FOLLOWS_FROM_LEDGER, FollowsFromLedger, LedgerComparison, LedgerTables};
pub use identity::Identity;
pub use journal_checkpoint::JournalCheckpoint;
pub use open::{OpenMode, literal};
pub use reader::{JournalRow, Reader, SessionRow};
pub use reports::{AuditFill, AuditMovement};
pub use restore::{LostSession, RestoreError, Restored, finish_interrupted, restore, restore_watched};
pub use session::SessionStart;
pub use store::{Durable, Store};
pub use tables::{Cell, Column};
pub use tally::Tally;
pub use vacuum::Vacuumed;
