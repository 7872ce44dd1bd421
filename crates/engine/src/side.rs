//! Words shared by every part of the engine: side, legs, the name and the state of an order. No rule lives here.

use serde::{Deserialize, Serialize};
use std::fmt;
use units::{Drops, IssuedValue, Price, Rounding, UnitsError};

/// Which way an offer of ours trades, seen from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// A bid: gives RLUSD, gets XRP.
    Buy,
    /// An ask: gives XRP, gets RLUSD.
    Sell,
}

impl Side {
    /// Both, bids first.
    pub const BOTH: [Side; 2] = [Side::Buy, Side::Sell];

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// `buy` or `sell`, as the database holds it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::Buy => "buy",
            Side::Sell => "sell",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The two amounts of an offer: so much RLUSD against so many drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legs {
    /// RLUSD.
    pub quote: IssuedValue,
    /// XRP.
    pub base: Drops,
}

impl Legs {
    /// RLUSD per XRP, rounded as named.
    ///
    /// # Errors
    /// [`UnitsError`] unless both legs are positive and their ratio is a price.
    pub fn price(self, rounding: Rounding) -> Result<Price, UnitsError> {
        Price::from_legs(self.quote, self.base, rounding)
    }

    /// Whether both legs are above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.quote.is_positive() && self.base.get() > 0
    }
}

/// The name of an order: the ledger on which it was decided, and the sequence (or ticket) of its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderId {
    /// The validated ledger on which the placement was decided (or the offer was found).
    pub ledger_index: u32,
    /// Sequence or ticket of the OfferCreate: the offer's own number on the ledger.
    pub sequence: u32,
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ledger_index, self.sequence)
    }
}

/// Where an order stands. Everything after `PartiallyFilled` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Decided and written down, not yet signed.
    Intent,
    /// Signed; may be anywhere between us and a validated ledger.
    Submitted,
    /// Rests on the ledger, nothing of it traded.
    Open,
    /// Rests on the ledger, part of it traded.
    PartiallyFilled,
    /// Traded to the end.
    Filled,
    /// Removed by a cancel of ours (or by an own crossing offer).
    Cancelled,
    /// Removed because its time was over, or refused for that reason.
    Expired,
    /// Refused because it would have had to trade at once.
    Killed,
    /// Removed or refused because what it gives was not there.
    Unfunded,
    /// Never came to be: refused by the ledger, or proved never to have been validated.
    Failed,
    /// Removed by the OfferCreate that took its place.
    Replaced,
}

impl OrderStatus {
    /// The word in the database, lower snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            OrderStatus::Intent => "intent",
            OrderStatus::Submitted => "submitted",
            OrderStatus::Open => "open",
            OrderStatus::PartiallyFilled => "partially_filled",
            OrderStatus::Filled => "filled",
            OrderStatus::Cancelled => "cancelled",
            OrderStatus::Expired => "expired",
            OrderStatus::Killed => "killed",
            OrderStatus::Unfunded => "unfunded",
            OrderStatus::Failed => "failed",
            OrderStatus::Replaced => "replaced",
        }
    }

    /// Whether nothing more can happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            OrderStatus::Intent
            | OrderStatus::Submitted
            | OrderStatus::Open
            | OrderStatus::PartiallyFilled => false,
            OrderStatus::Filled
            | OrderStatus::Cancelled
            | OrderStatus::Expired
            | OrderStatus::Killed
            | OrderStatus::Unfunded
            | OrderStatus::Failed
            | OrderStatus::Replaced => true,
        }
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
