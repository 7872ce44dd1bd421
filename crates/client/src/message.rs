//! One message a server sends without being asked, typed. Never judges whether it fits the ledger before.

use ledger::messages::LedgerClosed;
use serde_json::Value;
use units::{Drops, LedgerIndex, LedgerTime};

use crate::error::ClientError;
use crate::fields::{Fields, ledger_time_of_iso, typed};
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
    /// Reads a stream message (API version 2). Errors name the field that is missing or wrong.
    pub fn parse(json: Value) -> Result<Self, ClientError> {
        let kind = json.get("type").and_then(Value::as_str).unwrap_or("").to_owned();
        match kind.as_str() {
            "ledgerClosed" => header(json).map(Self::LedgerClosed),
            "transaction" if json.get("validated").and_then(Value::as_bool) == Some(true) => {
                transaction(json, "transaction message").map(|tx| Self::Transaction(Box::new(tx)))
            }
            "transaction" => Ok(Self::Proposed),
            other => Ok(Self::Other(other.chars().take(64).collect())),
        }
    }
}

/// The header in a `ledgerClosed` message.
fn header(json: Value) -> Result<LedgerHeader, ClientError> {
    let closed: LedgerClosed = typed("ledgerClosed", json)?;
    let drops = |field: &'static str, count: u64| {
        let drops = i64::try_from(count).ok().and_then(|count| Drops::new(count).ok());
        drops.ok_or_else(|| ClientError::bad("ledgerClosed", field, "more drops than there are"))
    };
    Ok(LedgerHeader {
        index: LedgerIndex(closed.ledger_index),
        hash: closed.ledger_hash,
        close_time: LedgerTime(closed.ledger_time),
        fees: Fees {
            fee_base: drops("fee_base", closed.fee_base)?,
            reserve_base: drops("reserve_base", closed.reserve_base)?,
            reserve_inc: drops("reserve_inc", closed.reserve_inc)?,
        },
        txn_count: closed.txn_count,
        network_id: closed.network_id,
    })
}

/// A transaction with metadata as streams, `account_tx`, `tx` and `ledger` give it in API version 2.
/// The caller has checked `validated`.
pub(crate) fn transaction(mut json: Value, of: &'static str) -> Result<ValidatedTx, ClientError> {
    let fields = Fields::of(of, &json);
    let meta = fields.object("meta")?;
    let tx = fields.object("tx_json")?;
    let close_time = fields.text_or_none("close_time_iso").and_then(ledger_time_of_iso);
    let mut read = ValidatedTx {
        hash: fields.hash("hash")?,
        ledger_index: fields.index("ledger_index")?,
        ledger_hash: fields.parsed_or_none("ledger_hash")?,
        close_time,
        transaction_index: meta.u32("TransactionIndex")?,
        result: meta.text("TransactionResult")?.to_owned(),
        account: tx.account("Account")?,
        owner_funds: tx.text_or_none("owner_funds").or(fields.text_or_none("owner_funds")).map(str::to_owned),
        tx_json: Value::Null,
        meta: Value::Null,
    };
    read.tx_json = json.get_mut("tx_json").map(Value::take).unwrap_or_default();
    read.meta = json.get_mut("meta").map(Value::take).unwrap_or_default();
    Ok(read)
}
