//! `neo tx hash`: the id of a signed transaction. Never of one that could still be altered.

use super::document::{self, Form};
use super::{Refusal, line};
use ledger::{Hash256, Object, fields as f, hex, tx_hash};
use serde_json::json;

/// `{"hash"}` of a signed transaction, as bytes or JSON.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let object = match document::form(text)? {
        Form::Hex(blob) => {
            Object::from_bytes(&hex::decode(&blob).ok_or_else(|| Refusal::new("not hexadecimal"))?)?
        }
        Form::Json(json) => document::object(&json)?,
    };
    Ok(line(&json!({ "format": 1, "hash": id(&object)?.to_string() })))
}

/// The id of a transaction that is signed, or that needs no signature: a pseudo-transaction or an inner one of a batch
/// has an empty key.
pub fn id(tx: &Object) -> Result<Hash256, Refusal> {
    if !tx.contains(f::TRANSACTION_TYPE) {
        return Err(Refusal::new("not a transaction: field `TransactionType` is missing"));
    }
    let is_signed = tx.contains(f::TXN_SIGNATURE) || tx.contains(f::SIGNERS);
    let needs_none = tx.blob(f::SIGNING_PUB_KEY).is_some_and(<[u8]>::is_empty);
    if !is_signed && !needs_none {
        return Err(Refusal::new("not signed: field `TxnSignature` is missing"));
    }
    Ok(tx_hash(&tx.to_bytes()?))
}
