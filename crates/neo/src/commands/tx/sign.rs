//! `neo tx sign`: `{"tx_json", "seed" or "secret_env"}` to `{"tx_blob", "hash"}`. The seed comes in the document or in an
//! environment variable, never as an argument; it is never shown, and nothing is submitted or filled in.

use super::{Refusal, document, line};
use ledger::{KeyPair, Object, fields as f};
use serde_json::{Map, Value as Json, json};

/// What may stand in the document.
const NAMES: [&str; 3] = ["tx_json", "seed", "secret_env"];

/// `{"tx_blob", "hash"}` of a transaction and a key.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let document = document::json(text)?;
    let map = document.as_object().ok_or_else(|| Refusal::new("not a JSON object"))?;
    if map.keys().any(|name| !NAMES.contains(&name.as_str())) {
        // The name is not repeated: a slip may have put the secret there.
        return Err(Refusal::new("a name other than `tx_json`, `seed` and `secret_env`"));
    }
    let tx = map.get("tx_json").ok_or_else(|| Refusal::new("`tx_json` is missing"))?;
    let tx = unsigned(tx)?;
    let (_, signed) = ledger::sign_object(&tx, &keys(map)?)?;
    Ok(line(&json!({ "format": 1, "tx_blob": signed.blob_hex(), "hash": signed.hash.to_string() })))
}

/// The transaction, as far as one key can sign it.
fn unsigned(json: &Json) -> Result<Object, Refusal> {
    let tx = Object::from_unsent_json(json)?;
    for field in [f::TRANSACTION_TYPE, f::ACCOUNT] {
        if !tx.contains(field) {
            return Err(Refusal::new(format!("field `{field}` is missing")));
        }
    }
    if tx.contains(f::SIGNERS) {
        return Err(Refusal::new(
            "field `Signers`: a transaction is signed by one key or by several, not both",
        ));
    }
    Ok(tx)
}

fn keys(map: &Map<String, Json>) -> Result<KeyPair, Refusal> {
    let text = |name: &str| match map.get(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Refusal::new(format!("`{name}` is no string"))),
    };
    match (text("seed")?, text("secret_env")?) {
        (Some(seed), None) => {
            KeyPair::from_seed_text(seed).map_err(|error| Refusal::new(format!("`seed`: {error}")))
        }
        (None, Some(name)) => of_environment(name),
        _ => Err(Refusal::new("one of `seed` and `secret_env` is needed")),
    }
}

/// The key whose seed is in an environment variable. Its name is not repeated: it may be the secret itself.
fn of_environment(name: &str) -> Result<KeyPair, Refusal> {
    let unset = || Refusal::new("`secret_env`: no environment variable of that name holds text");
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(unset());
    }
    let seed = std::env::var(name).map_err(|_| unset())?;
    KeyPair::from_seed_text(seed.trim()).map_err(|error| Refusal::new(format!("`secret_env`: {error}")))
}
