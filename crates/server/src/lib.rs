//! The embedded ledger behind the WebSocket API of a real server.
//!
//! [`EmbeddedLedger`] is a `sim::World` with its history, kept in a directory so that a crash loses no
//! ledger anybody heard of. [`LedgerServer`] speaks the WebSocket API (version 2) over any byte stream: a
//! TCP connection, or an in-process pipe carrying the same bytes. It makes no trading decision and shares
//! no code with the engine.

mod api;
mod embedded;
mod error;
mod faults;
pub mod limits;
mod serve;

pub use embedded::{EmbeddedLedger, RecordedHistory, RecordedLedger, RecordedTx, ToldTx};
pub use error::ServerError;
pub use faults::{FaultFileError, FaultScript, FaultSummary, FiredFault};
pub use serve::{CloseMode, LedgerServer, Listening, OnSubmit};
