//! Who we are on which network: what makes a journal belong to one wallet and one pair.

use ledger::{AccountId, Currency};
use serde::{Deserialize, Serialize};

/// The wallet, its network and the quote currency it trades against XRP. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The network's id; written into transactions above 1024, as the ledger wants it.
    pub network_id: u32,
    /// The account that trades.
    pub account: AccountId,
    /// Code of the quote currency (RLUSD).
    pub quote_currency: Currency,
    /// Issuer of the quote currency.
    pub quote_issuer: AccountId,
}
