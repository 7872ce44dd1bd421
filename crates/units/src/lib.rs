//! What a number means on the XRP Ledger and in NEO: drops, issued amounts, prices, basis points,
//! ledger index and ledger time.
//!
//! Base quantities are [`Drops`] and quote quantities are [`IssuedValue`]: two types, so adding one
//! to the other does not compile. No binary floating point exists in this crate, every division
//! names its rounding, and no arithmetic on outside values can overflow silently.
#![deny(clippy::float_arithmetic)]

mod bps;
mod drops;
mod error;
mod exact;
mod index;
mod issued;
mod issued_text;
mod price;
mod rounding;
pub mod stamount;
mod time;

pub use bps::MicroBps;
pub use drops::Drops;
pub use error::UnitsError;
pub use exact::Exact;
pub use index::LedgerIndex;
pub use issued::IssuedValue;
pub use price::Price;
pub use rounding::Rounding;
pub use time::LedgerTime;
