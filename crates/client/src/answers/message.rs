//! One message a server sends without being asked, typed. Never judges whether it fits the ledger before.

use serde_json::Value;

use super::fields::Fields;
use super::transaction::validated_tx;
use crate::error::ClientError;
use crate::types::{Fees, LedgerHeader, ValidatedTx};

/// A stream message. Kinds unknown to us are kept by name only, so a newer server does no harm.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StreamMessage {
    /// `ledgerClosed`: a ledger was validated.
    LedgerClosed(LedgerHeader),
    /// `transaction` with `validated: true`.
    Transaction(Box<ValidatedTx>),
    /// `transaction` that is only proposed: never a fact.
    Proposed,
    /// Anything else, by its `type`.
    Other(String),
}

impl StreamMessage {
    /// Reads a stream message (API version 2; a transaction also of version 1). Errors name the field that is missing or wrong.
    pub fn parse(json: Value) -> Result<Self, ClientError> {
        let kind = json.get("type").and_then(Value::as_str).unwrap_or("").to_owned();
        match kind.as_str() {
            "ledgerClosed" => header(&json).map(Self::LedgerClosed),
            "transaction" if json.get("validated").and_then(Value::as_bool) == Some(true) => {
                validated_tx(json, "transaction message").map(|tx| Self::Transaction(Box::new(tx)))
            }
            "transaction" => Ok(Self::Proposed),
            other => Ok(Self::Other(other.chars().take(64).collect())),
        }
    }
}

/// The header in a `ledgerClosed` message.
fn header(json: &Value) -> Result<LedgerHeader, ClientError> {
    let fields = Fields::of("ledgerClosed", json);
    Ok(LedgerHeader {
        index: fields.index("ledger_index")?,
        hash: fields.hash("ledger_hash")?,
        close_time: fields.time("ledger_time")?,
        fees: Fees {
            fee_base: fields.drops("fee_base")?,
            reserve_base: fields.drops("reserve_base")?,
            reserve_inc: fields.drops("reserve_inc")?,
        },
        txn_count: fields.u32("txn_count")?,
        network_id: fields.u32_or_none("network_id")?,
    })
}
