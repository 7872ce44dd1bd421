//! What is wanted of the ledger: a transaction, complete but for its signature. Holds no key.

use crate::identity::Identity;
use crate::side::{Legs, OrderId, Side};
use ledger::Amount;
use ledger::tx::{SeqProxy, Transaction, TxKind};
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

/// A transaction that is wanted, complete but for its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Number within the session, from 1.
    pub intent_id: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// Sequence or ticket it uses.
    pub sequence: SeqProxy,
    /// What it burns.
    pub fee_drops: Drops,
    /// The last ledger it may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// What it does.
    pub body: IntentBody,
}

/// What an intent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Places an offer where there is none.
    Place,
    /// Places an offer in the place of another, atomically.
    Replace,
    /// Takes an offer off the book.
    Cancel,
    /// Sets sequences aside as tickets.
    TicketCreate,
}

impl Purpose {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Place => "place",
            Purpose::Replace => "replace",
            Purpose::Cancel => "cancel",
            Purpose::TicketCreate => "ticket_create",
        }
    }
}

/// What an intent does on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntentBody {
    /// An OfferCreate.
    Offer {
        /// The order it makes.
        order_id: OrderId,
        /// Which way it trades.
        side: Side,
        /// Its amounts.
        legs: Legs,
        /// When it dies.
        expiration: LedgerTime,
        /// The offer it takes off the book.
        replaces: Option<u32>,
    },
    /// An OfferCancel.
    Cancel {
        /// The order it ends; `None` for an offer that no order explains.
        order_id: Option<OrderId>,
        /// The offer's number.
        offer_sequence: u32,
    },
    /// A TicketCreate.
    TicketCreate {
        /// How many.
        count: u32,
    },
}

impl Intent {
    /// The transaction to sign. `NetworkID` is written for networks above 1024 only, as the ledger demands (ledger
    /// documentation, "Transaction common fields").
    #[must_use]
    pub fn transaction(&self, identity: &Identity) -> Transaction {
        let rlusd = |value: IssuedValue| Amount::Issued {
            value,
            currency: identity.quote_currency,
            issuer: identity.quote_issuer,
        };
        let kind = match &self.body {
            IntentBody::Offer { side, legs, expiration, replaces, .. } => {
                let (gets, pays) = match side {
                    Side::Buy => (rlusd(legs.quote), Amount::Xrp(legs.base)),
                    Side::Sell => (Amount::Xrp(legs.base), rlusd(legs.quote)),
                };
                TxKind::OfferCreate {
                    taker_gets: gets,
                    taker_pays: pays,
                    expiration: Some(expiration.get()),
                    offer_sequence: *replaces,
                }
            }
            IntentBody::Cancel { offer_sequence, .. } => {
                TxKind::OfferCancel { offer_sequence: *offer_sequence }
            }
            IntentBody::TicketCreate { count } => TxKind::TicketCreate { ticket_count: *count },
        };
        Transaction {
            account: identity.account,
            sequence: self.sequence,
            fee: self.fee_drops,
            flags: 0,
            last_ledger_sequence: Some(self.last_ledger_sequence.get()),
            network_id: (identity.network_id > 1024).then_some(identity.network_id),
            source_tag: None,
            kind,
        }
    }
}
