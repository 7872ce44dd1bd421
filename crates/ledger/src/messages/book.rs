//! Answers about an order book. Never decides what is funded: it says what the server said.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::ids::{AccountId, Hash256};

/// `book_offers`: best first, at most 100, no marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookOffers {
    /// The offers.
    pub offers: Vec<BookOffer>,
    /// The closed ledger they were read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// The open ledger they were read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_current_index: Option<u32>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

/// The answer of a subscription with a snapshot: `offers`, or `asks` and `bids` with `both`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BookSnapshot {
    /// The one side asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<BookOffer>>,
    /// The side asked for, of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Vec<BookOffer>>,
    /// The other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bids: Option<Vec<BookOffer>>,
}

/// One offer of a book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookOffer {
    /// Whose.
    #[serde(rename = "Account")]
    pub account: AccountId,
    /// Its directory; the last 8 bytes are the rate.
    #[serde(rename = "BookDirectory")]
    pub book_directory: Hash256,
    /// `lsf` flags.
    #[serde(rename = "Flags")]
    pub flags: u32,
    /// Sequence or ticket that names it.
    #[serde(rename = "Sequence")]
    pub sequence: u32,
    /// What it gives, as placed or left after fills.
    #[serde(rename = "TakerGets")]
    pub taker_gets: Amount,
    /// What it asks.
    #[serde(rename = "TakerPays")]
    pub taker_pays: Amount,
    /// When it expires, seconds since 2000-01-01. Expired offers stay until touched.
    #[serde(rename = "Expiration", default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<u32>,
    /// Its ledger index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Hash256>,
    /// What its owner has of TakerGets: only on an owner's best offer (drops, or a decimal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_funds: Option<String>,
    /// Its rate, as the server writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// What it can give: only when not fully funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker_gets_funded: Option<Amount>,
    /// What it asks for that: only when not fully funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker_pays_funded: Option<Amount>,
}
