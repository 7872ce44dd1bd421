//! What the operator says about capital and the books before a session begins or a recovery goes on. It is an input, so
//! that it is in the journal with everything that follows from it.

use crate::record::{Asset, CapitalKind};
use ledger::{AccountId, Hash256};
use serde::{Deserialize, Serialize};
use units::{Exact, LedgerIndex, LedgerTime};

/// One thing that the operator says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// A payment out of the wallet will be, or was, signed elsewhere with our key: it is a withdrawal.
    Announced(Announced),
    /// What one transaction changed, and was booked as external, was capital.
    Capital(Reclassified),
    /// The books are to be brought to the ledger, and the session is to end with that.
    Realign,
}

/// A withdrawal made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Number of the notice.
    pub number: u32,
    /// What goes out.
    pub asset: Asset,
    /// Exactly how much, above zero and without the network fee: XRP in XRP.
    pub amount: Exact,
    /// To whom; `None` for anybody.
    pub destination: Option<AccountId>,
    /// The last close time of a ledger that it may be in.
    pub until: LedgerTime,
}

/// Capital that was not announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reclassified {
    /// Number of the notice.
    pub number: u32,
    /// In or out.
    pub kind: CapitalKind,
    /// What.
    pub asset: Asset,
    /// How much, above zero: XRP in XRP.
    pub amount: Exact,
    /// Its worth in RLUSD when it moved, above zero.
    pub value_rlusd: Exact,
    /// The transaction that moved it.
    pub tx_hash: Hash256,
    /// Its ledger.
    pub ledger_index: LedgerIndex,
}

/// What a capital event says of the notice that it came from. Who reads the table finds by it which notices are done.
#[must_use]
pub fn notice_note(number: u32) -> String {
    format!("notice {number}")
}
