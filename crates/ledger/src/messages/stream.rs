//! Stream messages. Never assumed to be in order, complete, or sent once.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{MessageError, TxRecord};
use crate::ids::Hash256;

/// `ledgerClosed`: a validated ledger. Comes before its transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerClosed {
    /// Base fee, drops.
    pub fee_base: u64,
    /// The ledger's hash.
    pub ledger_hash: Hash256,
    /// Its number.
    pub ledger_index: u32,
    /// Its close time, seconds since 2000-01-01.
    pub ledger_time: u32,
    /// The network, where the server says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_id: Option<u32>,
    /// Reserve of an account, drops.
    pub reserve_base: u64,
    /// Reserve of each object, drops.
    pub reserve_inc: u64,
    /// How many transactions are in it.
    pub txn_count: u32,
    /// Which ledgers the server has: ranges like `2-7,9-12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated_ledgers: Option<String>,
}

impl LedgerClosed {
    /// The document a server sends.
    pub fn to_json(&self) -> Json {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        json["type"] = "ledgerClosed".into();
        json
    }
}

/// `transaction`, API v2: a transaction of a stream, an account or a book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransactionMessage {
    /// Its id.
    pub hash: Hash256,
    /// In which ledger.
    pub ledger_index: u32,
    /// That ledger's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// That ledger's close time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_iso: Option<String>,
    /// Its result by name.
    pub engine_result: String,
    /// Its result by number.
    pub engine_result_code: i32,
    /// Its result in words.
    #[serde(default)]
    pub engine_result_message: String,
    /// `closed` when validated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The transaction; with `date`, and `owner_funds` for an OfferCreate.
    pub tx_json: Json,
    /// What it did.
    pub meta: Json,
    /// Whether this is final.
    pub validated: bool,
}

impl TransactionMessage {
    /// The document a server sends.
    pub fn to_json(&self) -> Json {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        json["type"] = "transaction".into();
        json
    }

    /// The transaction and its metadata, read in full.
    pub fn record(&self) -> Result<TxRecord, MessageError> {
        TxRecord::read(self.hash, self.ledger_index, self.validated, &self.tx_json, &self.meta)
    }
}
