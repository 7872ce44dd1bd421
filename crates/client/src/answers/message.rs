//! One message a server sends without being asked, typed. Never judges whether it fits the ledger before.

use ledger::json::{Document, Node};
use serde_json::Value;

use super::fields::Fields;
use super::transaction::read_validated;
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
    pub fn read(json: Node<'_>) -> Result<Self, ClientError> {
        match json.get("type").and_then(Node::as_str).unwrap_or("") {
            "ledgerClosed" => header(&json.to_value()).map(Self::LedgerClosed),
            "transaction" if json.get("validated").and_then(Node::as_bool) == Some(true) => {
                read_validated(json, "transaction message").map(|tx| Self::Transaction(Box::new(tx)))
            }
            "transaction" => Ok(Self::Proposed),
            other => Ok(Self::Other(other.chars().take(64).collect())),
        }
    }

    /// [`read`](Self::read) of a tree of serde_json's.
    pub fn parse(json: Value) -> Result<Self, ClientError> {
        Self::read((&json).into())
    }

    /// [`read`](Self::read) of a text, in one pass: no tree of it is made.
    pub fn of_text(text: &str) -> Result<Self, ClientError> {
        let document = Document::parse(text);
        let document = document.map_err(|error| ClientError::bad("message", "", error.to_string()))?;
        Self::read(document.root())
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
