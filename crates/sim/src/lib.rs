//! An XRP Ledger exchange, a network and a market, from a seed.
//!
//! [`World`] is one value: the ledger's current state, the open ledger and the market's agents. Equal calls from equal
//! values give equal bytes. It never looks at a clock, a file or a socket, keeps no history of closed ledgers, and shares
//! no decision code with the engine it trades against.

pub mod amendments;
mod amount;
mod flow;
pub mod identity;
pub mod market;
mod number;
mod pool;
mod state;
mod ter;
mod tx;
pub mod world;

pub use market::candles::{Candle, CandleError};
pub use world::{World, WorldError, WorldSpec};
