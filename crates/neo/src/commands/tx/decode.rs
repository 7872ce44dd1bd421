//! `neo tx decode`: the ledger's bytes to JSON. Never reads what is not in canonical form.

use super::document::{self, Form};
use super::{Refusal, line};
use ledger::Object;

/// The document of hexadecimal bytes.
pub fn answer(text: &str) -> Result<String, Refusal> {
    match document::form(text)? {
        Form::Hex(hex) if hex.is_empty() => Err(Refusal::new("no bytes")),
        Form::Hex(hex) => {
            let object = Object::from_hex(&hex)?;
            match object.without_type() {
                Some(field) => Err(Refusal::new(format!("field `{field}`: 65535 is the code of no type"))),
                None => Ok(line(&object.to_json())),
            }
        }
        Form::Json(_) => Err(Refusal::new("neither hexadecimal nor an object with `tx_blob` or `meta_blob`")),
    }
}
