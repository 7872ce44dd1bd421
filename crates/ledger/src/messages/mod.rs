//! Documents of a server that hold a transaction and what it did: every shape of API versions 1 and 2, JSON or binary,
//! read by one reader. Never reads a preliminary result as a final one, and never an amount from a JSON number. (All
//! other answers are read by the crate `client`, which asks for them.)

mod places;
mod record;
mod time;

pub use places::{ParentClose, Places};
pub use record::{RecordError, TxRecord};
pub use time::ledger_time_of_iso;

#[cfg(test)]
mod tests;
