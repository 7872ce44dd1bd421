//! `neo tx encode`: JSON to the ledger's bytes. Never drops a field that has bytes.

use super::{Refusal, document, line};
use serde_json::json;

/// `{"tx_blob"}` of a JSON document.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let object = document::object(&document::json(text)?)?;
    let blob = ledger::hex::encode(&object.to_bytes()?);
    Ok(line(&json!({ "format": 1, "tx_blob": blob })))
}
