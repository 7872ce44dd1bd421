//! Faults on demand: what a bad server, a bad line or a bad moment of the network does to a client, by seed and by
//! script. Pure: a script, a seed and what just happened give what is to be done; `serve` does it at the socket's
//! boundary. Never looks at a clock or a socket, and the ledger itself never hears of it.
//!
//! The names and numbers are those of the project's catalogue of faults (network and server: 42 to 75; ledger: 90
//! to 103).

mod decide;
mod kind;
mod never;
mod record;
mod rule;
mod script;
mod yaml;

pub(crate) use decide::{Decider, Event, Strike};
pub(crate) use kind::{Lie, MessageKind, Place, Span, What};
pub(crate) use record::FaultLog;
pub use record::{FaultSummary, FiredFault};
pub use script::{FaultFileError, FaultScript};
