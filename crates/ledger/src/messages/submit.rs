//! Answers about transactions we sent. A preliminary result is a hint, never an outcome.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{MessageError, TxRecord};
use crate::ids::Hash256;
use crate::tables::ResultCode;

/// `submit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmitAnswer {
    /// Preliminary result by name.
    pub engine_result: String,
    /// Preliminary result by number.
    pub engine_result_code: i32,
    /// Preliminary result in words.
    #[serde(default)]
    pub engine_result_message: String,
    /// What was sent.
    #[serde(default)]
    pub tx_blob: String,
    /// What was sent, decoded, with its hash.
    #[serde(default)]
    pub tx_json: Json,
    /// Whether it was applied, broadcast, queued or kept.
    #[serde(default)]
    pub accepted: bool,
    /// Applied to the open ledger.
    #[serde(default)]
    pub applied: bool,
    /// Sent on to peers.
    #[serde(default)]
    pub broadcast: bool,
    /// Kept to be tried again.
    #[serde(default)]
    pub kept: bool,
    /// Put into the queue.
    #[serde(default)]
    pub queued: bool,
    /// The next sequence without what is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_sequence_next: Option<u32>,
    /// The next sequence with what is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_sequence_available: Option<u32>,
    /// Fee to get into the open ledger, drops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_ledger_cost: Option<String>,
    /// The last validated ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated_ledger_index: Option<u32>,
}

impl SubmitAnswer {
    /// The preliminary result; `None` for a name the published definitions do not have.
    pub fn result(&self) -> Option<ResultCode> {
        ResultCode::by_name(&self.engine_result)
    }
}

/// `tx`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TxAnswer {
    /// Its id.
    pub hash: Hash256,
    /// In which ledger; missing while it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// That ledger's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// That ledger's close time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_iso: Option<String>,
    /// The transaction.
    pub tx_json: Json,
    /// What it did; missing while it is in no ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Json>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

impl TxAnswer {
    /// The transaction and its metadata, read in full; an error while it is in no ledger.
    pub fn record(&self) -> Result<TxRecord, MessageError> {
        let ledger_index = self.ledger_index.ok_or(MessageError::Missing("ledger_index"))?;
        let meta = self.meta.as_ref().ok_or(MessageError::Missing("meta"))?;
        TxRecord::read(self.hash, ledger_index, self.validated, &self.tx_json, meta)
    }
}
