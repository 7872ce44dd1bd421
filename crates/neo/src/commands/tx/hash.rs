//! `neo tx hash`: the id of a signed transaction. Never of one that could still be altered.

use super::document::{self, Form};
use super::{Refusal, line};
use ledger::{Hash256, Object, hex};
use serde_json::{Value as Json, json};

/// `{"hash"}` of a signed transaction, as bytes or JSON.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let object = match document::form(text)? {
        Form::Hex(blob) => {
            Object::from_bytes(&hex::decode(&blob).ok_or_else(|| Refusal::new("not hexadecimal"))?)?
        }
        Form::Json(json) => {
            let object = document::object(&json)?;
            return answer_of(ledger::final_hash(&object)?, given(&json)?);
        }
    };
    answer_of(ledger::final_hash(&object)?, None)
}

fn answer_of(hash: Hash256, given: Option<Hash256>) -> Result<String, Refusal> {
    match given {
        Some(given) if given != hash => Err(Refusal::new(format!(
            "field `hash` is {given}, but the transaction beside it has the id {hash}"
        ))),
        _ => Ok(line(&json!({ "format": 1, "hash": hash.to_string() }))),
    }
}

/// The id that the document itself says.
fn given(json: &Json) -> Result<Option<Hash256>, Refusal> {
    let places = [Some(json), json.get("tx_json")];
    match places.into_iter().flatten().find_map(|place| place.get("hash")) {
        None => Ok(None),
        Some(hash) => {
            Ok(Some(hash.as_str().ok_or_else(|| Refusal::new("field `hash`: not a string"))?.parse()?))
        }
    }
}
