//! What a validated ledger is to us: its header and the transactions in it, as the server stated them.
//! Never holds anything that is not validated.

use ledger::meta::{MetaError, TxMeta};
use ledger::{AccountId, Hash256, Object, ObjectError};
use units::{Drops, LedgerIndex, LedgerTime};

/// Costs in force from a ledger on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Reference transaction cost.
    pub fee_base: Drops,
    /// Reserve of an account.
    pub reserve_base: Drops,
    /// Reserve of each object it owns.
    pub reserve_inc: Drops,
}

/// A `ledgerClosed` message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerHeader {
    /// Which ledger.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// When it closed, by the network.
    pub close_time: LedgerTime,
    /// Costs from this ledger on.
    pub fees: Fees,
    /// How many transactions it holds.
    pub txn_count: u32,
    /// The network, where the server says (absent or 0: the main one).
    pub network_id: Option<u32>,
}

/// One validated transaction with its metadata, API version 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedTx {
    /// Its hash: its identity.
    pub hash: Hash256,
    /// The ledger it is in.
    pub ledger_index: LedgerIndex,
    /// That ledger's hash, where the server says.
    pub ledger_hash: Option<Hash256>,
    /// That ledger's close time, where the server says.
    pub close_time: Option<LedgerTime>,
    /// Its place in that ledger's canonical order (`TransactionIndex`).
    pub transaction_index: u32,
    /// The final result, such as `tesSUCCESS` (`TransactionResult`).
    pub result: String,
    /// Who sent it.
    pub account: AccountId,
    /// The transaction; an error where it is not as the published definitions say. Only who needs it minds.
    pub tx: Result<Object, ObjectError>,
    /// The metadata, in the same way.
    pub meta: Result<TxMeta, MetaError>,
    /// For an OfferCreate: what the sender holds of what it offers, as the server gives it (an amount
    /// without its asset).
    pub owner_funds: Option<String>,
}

impl ValidatedTx {
    /// The metadata. Errors on fields that are not in the published definitions.
    pub fn typed_meta(&self) -> Result<&TxMeta, &MetaError> {
        self.meta.as_ref()
    }

    /// The transaction as the ledger's dynamic object. Errors on fields that are not in the published
    /// definitions.
    pub fn typed_tx(&self) -> Result<&Object, &ObjectError> {
        self.tx.as_ref()
    }
}

/// A validated ledger with transactions in canonical order.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedLedger {
    /// Which ledger.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// When it closed.
    pub close_time: LedgerTime,
    /// Costs from this ledger on; `None` when back-filled (an account's history does not say).
    pub fees: Option<Fees>,
    /// How many transactions the ledger holds; `None` when back-filled.
    pub txn_count: Option<u32>,
    /// Sorted by `transaction_index`, each hash once.
    pub transactions: Vec<ValidatedTx>,
    /// Whether `transactions` is all of the ledger (by `txn_count`). Back-filled from an account's
    /// history: `false`, it holds what touched that account and nothing else.
    pub complete: bool,
}

/// Ledgers `from..=to` that the stream did not give whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// First missing ledger.
    pub from: LedgerIndex,
    /// Last missing ledger.
    pub to: LedgerIndex,
}
