//! Submission of a signed blob, and the question what became of a hash. A preliminary answer is a hint;
//! "not found" proves nothing unless the server searched the whole range (`searched_all`).

use ledger::Hash256;
use serde_json::json;
use units::LedgerIndex;

use crate::connection::Connection;
use crate::error::ClientError;
use crate::fields::Fields;
use crate::limits::TX_RANGE_MAX;
use crate::message::transaction;
use crate::types::ValidatedTx;

/// The preliminary answer to `submit`: nothing in it is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitAnswer {
    /// Preliminary result, such as `tesSUCCESS` or `terQUEUED`.
    pub engine_result: String,
    /// Its number.
    pub engine_result_code: i32,
    /// Its text.
    pub engine_result_message: String,
    /// The transaction's hash as the server computed it.
    pub hash: Option<Hash256>,
    /// Applied to the open ledger, queued, relayed or kept for later.
    pub accepted: bool,
    /// Applied to the open ledger.
    pub applied: bool,
    /// Waiting in the queue.
    pub queued: bool,
    /// Kept to be tried again.
    pub kept: bool,
    /// Next sequence of the sender after what is pending, where the server says.
    pub account_sequence_available: Option<u32>,
    /// Next sequence of the sender in the open ledger, where the server says.
    pub account_sequence_next: Option<u32>,
    /// The newest validated ledger at that moment, where the server says.
    pub validated_ledger_index: Option<LedgerIndex>,
}

/// What became of a transaction hash, as far as this server knows.
#[derive(Clone, Debug, PartialEq)]
pub enum TxLookup {
    /// Validated: final.
    Validated(Box<ValidatedTx>),
    /// Known to the server and not validated: proves nothing.
    Pending,
    /// Unknown to the server. `searched_all`: it has every ledger of the range asked, so the transaction
    /// is in none of them.
    NotFound {
        /// Whether the whole range was searched.
        searched_all: bool,
    },
}

impl Connection {
    /// Submits a signed transaction (hexadecimal blob). On an error other than
    /// [`ClientError::Refused`] the network may have it or not: look it up by its hash.
    pub async fn submit(&mut self, tx_blob: &str) -> Result<SubmitAnswer, ClientError> {
        let answer = self.request("submit", json!({"tx_blob": tx_blob})).await?;
        let fields = Fields::of("submit", &answer);
        let hash = match fields.get("tx_json") {
            Some(_) => fields.object("tx_json")?.parsed_or_none("hash")?,
            None => None,
        };
        let code = fields.need("engine_result_code")?.as_i64();
        Ok(SubmitAnswer {
            engine_result: fields.text("engine_result")?.to_owned(),
            engine_result_code: code
                .and_then(|code| i32::try_from(code).ok())
                .ok_or_else(|| fields.bad("engine_result_code", "not a small whole number"))?,
            engine_result_message: fields
                .text_or_none("engine_result_message")
                .unwrap_or("")
                .to_owned(),
            hash: hash.or(fields.parsed_or_none("hash")?),
            accepted: fields.flag("accepted"),
            applied: fields.flag("applied"),
            queued: fields.flag("queued"),
            kept: fields.flag("kept"),
            account_sequence_available: fields.u32_or_none("account_sequence_available")?,
            account_sequence_next: fields.u32_or_none("account_sequence_next")?,
            validated_ledger_index: fields.u32_or_none("validated_ledger_index")?.map(LedgerIndex),
        })
    }

    /// Asks `tx` for a hash within `from..=to`, at most [`TX_RANGE_MAX`] ledgers apart.
    pub async fn tx(
        &mut self,
        hash: &Hash256,
        from: LedgerIndex,
        to: LedgerIndex,
    ) -> Result<TxLookup, ClientError> {
        if to < from || to.since(from) > TX_RANGE_MAX {
            return Err(ClientError::Bound("ledgers of one tx look-up"));
        }
        let params = json!({
            "transaction": hash.to_string(), "binary": false, "min_ledger": from.get(), "max_ledger": to.get(),
        });
        let answer = match self.request("tx", params).await {
            Ok(answer) => answer,
            Err(ClientError::Refused { error, answer, .. }) if error == "txnNotFound" => {
                return Ok(TxLookup::NotFound {
                    searched_all: Fields::of("tx", &answer).flag("searched_all"),
                });
            }
            Err(other) => return Err(other),
        };
        let fields = Fields::of("tx", &answer);
        if !fields.flag("validated") {
            return Ok(TxLookup::Pending);
        }
        if fields.hash("hash")? != *hash {
            return Err(fields.bad("hash", "another transaction than the one asked for"));
        }
        transaction(answer, "tx").map(|tx| TxLookup::Validated(Box::new(tx)))
    }
}
