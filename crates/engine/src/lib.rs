//! What we decide: book, reference, quotes, orders, fills, inventory, reconciliation.
//!
//! One pure state machine: [`Engine::step`] takes an [`Input`] and gives a [`Step`]. It has no clock, no randomness,
//! no input or output, no keys: time is in the input, signing and sending are effects that a shell performs.
#![deny(clippy::float_arithmetic)]

mod book;
pub mod config;
mod degraded;
mod elsewhere;
mod ending;
mod evidence;
mod explain;
mod figures;
mod guards;
mod halt;
mod identity;
mod input;
pub mod journal;
mod machine;
mod measure;
mod orders;
mod pool;
pub mod proof;
mod quote;
mod record;
mod reference;
mod risk;
mod side;
mod step;

pub use config::{Config, ConfigProblem};
pub use ending::Ending;
pub use evidence::ReadAhead;
pub use figures::{Balances, Figures, Markout, ModeSeconds};
pub use halt::{HaltReason, UnknownHaltReason};
pub use identity::Identity;
pub use input::{
    AccountFacts, Announced, BackfillInput, BookChange, BookOffer, BookSnapshot, CarriedBooks, CarriedOrder,
    CarriedPending, Input, LedgerHeader, LedgerInput, Notice, OwnLedger, OwnOffer, OwnTx, OwnerFunds,
    Reclassified, ResumeInput, SignedIntent, SnapshotOffer, StartInput, StopInput, SubmitOutcome, TruthRead,
    notice_note,
};
pub use machine::{CheckpointError, Engine};
pub use pool::Pool;
pub use record::{
    Account, AnomalyRow, Asset, CapitalKind, CapitalRow, Cause, CircuitBreakerRow, FillRow, InventoryRow,
    Liquidity, MarketRow, MovementRow, OfferEndingRow, OrderRow, Record, SessionClosedRow, SessionOpenedRow,
    SubmissionRow, SubmissionVerdict, TruthRow, TruthSource, TruthStatus, Unverified, ValuationRow,
};
pub use reference::ReferenceSource;
pub use side::{Legs, OrderId, OrderStatus, Side};
pub use step::{
    ActionLine, Decision, Effect, Hold, Intent, IntentBody, Level, LogLine, Mode, Purpose, SideHold, Step,
    TruthReason, Wanted,
};
