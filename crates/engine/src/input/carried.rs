//! The books of a wallet between two sessions, as the closing one left them.

use crate::side::{Legs, OrderId, OrderStatus, Side};
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, LedgerIndex, LedgerTime};

/// The books of a wallet between two sessions, as the closing one left them. The store keeps it and hands it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedBooks {
    /// The last ledger accounted for.
    pub at: LedgerIndex,
    /// XRP by accounting.
    pub xrp: Drops,
    /// RLUSD by accounting.
    pub rlusd: Exact,
    /// The transaction that changed our AccountRoot last.
    pub account_txn_id: Option<Hash256>,
    /// Orders whose end was not seen.
    pub orders: Vec<CarriedOrder>,
    /// Signed transactions whose end was not seen.
    pub pending: Vec<CarriedPending>,
    /// Deposits less withdrawals of the wallet so far, in RLUSD at the time of each.
    pub net_deposits_rlusd: Exact,
}

/// An order that outlived its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOrder {
    /// Its name; the placing session is credited with its fills.
    pub order_id: OrderId,
    /// Which way it trades.
    pub side: Side,
    /// As placed.
    pub placed: Legs,
    /// What was left when last seen.
    pub remaining: Legs,
    /// Where it stood.
    pub status: OrderStatus,
    /// Its transaction.
    pub tx_hash: Option<Hash256>,
    /// The last ledger that transaction may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
    /// When it was decided.
    pub created_at: LedgerTime,
}

/// A signed transaction that outlived its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedPending {
    /// Its id.
    pub hash: Hash256,
    /// Its sequence.
    pub sequence: u32,
    /// The last ledger it may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// The order it places, if any.
    pub order_id: Option<OrderId>,
    /// The offer it takes off the book, if any.
    pub cancels: Option<u32>,
}
