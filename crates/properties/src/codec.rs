//! The binary codec: what decodes encodes to the same bytes, what reads as JSON comes back the same, and a damaged
//! signed transaction is refused. Never judges what a transaction means.

use super::Source;
use super::metadata::meta_holds;
use super::terminal;
use ledger::{
    Amount, FieldId, KeyKind, KeyPair, Object, Seed, SignError, Transaction, TxMeta, Value, fields as f,
    final_hash, sign_object, tx_hash, verify,
};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// Two keys that sign: one of each kind.
static KEYS: LazyLock<[KeyPair; 2]> = LazyLock::new(|| {
    [KeyKind::Secp256k1, KeyKind::Ed25519].map(|kind| {
        let seed = Seed::from_entropy([9; 16], kind);
        KeyPair::from_seed(&seed).unwrap_or_else(|error| panic!("a seed gives a key: {error}"))
    })
});

/// Bytes as an object, as hexadecimal or JSON text, as a generated document, or as a transaction to sign and damage.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    match source.byte() % 4 {
        0 => bytes_hold(source.rest()),
        1 => text_holds(source.rest()),
        2 => document_holds(&source.document()),
        _ => signatures_hold(&mut source),
    }
}

/// What holds for any bytes.
fn bytes_hold(bytes: &[u8]) {
    match Object::from_bytes(bytes) {
        Ok(object) => {
            assert_eq!(encoded(&object), bytes);
            object_holds(&object);
            let _ = verify(&object);
        }
        Err(error) => terminal::check(&error.to_string()),
    }
    meta_holds(TxMeta::from_bytes(bytes).ok());
}

fn text_holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Object::from_hex(text) {
        terminal::check(&error.to_string());
    }
    if let Ok(json) = serde_json::from_str(text) {
        document_holds(&json);
    }
}

/// What holds for any document.
fn document_holds(json: &Json) {
    for read in [Object::from_json(json), Object::from_api_json(json)] {
        match read {
            Ok(object) => object_holds(&object),
            Err(error) => terminal::check(&error.to_string()),
        }
    }
    match Object::from_document(json) {
        Ok(object) => object_holds(&object),
        Err(error) => terminal::check(&error.to_string()),
    }
    if let Ok((object, _)) = Object::from_api_json_lenient(json) {
        object_holds(&object);
    }
    if let Ok(amount) = Amount::from_json(json) {
        assert_eq!(Amount::from_json(&amount.to_json()), Ok(amount));
    }
}

/// What holds for an object, wherever it came from.
fn object_holds(object: &Object) {
    // The way of `neo tx decode | neo tx encode`, of `TxMeta` and of the strict reader.
    for again in [Object::from_document(&object.to_json()), Object::from_json(&object.to_json())] {
        if object.without_type().is_some() {
            assert!(again.is_err());
        } else if has_short_number(object) {
            assert_eq!(again.map(|again| again.to_json()), Ok(object.to_json()));
        } else {
            assert_eq!(again.as_ref(), Ok(object));
        }
    }
    if let Ok(bytes) = object.to_bytes() {
        let again = Object::from_bytes(&bytes);
        assert_eq!(again.as_ref(), Ok(object));
    }
    let _ = object.to_signing_bytes();
    if let Ok(hash) = final_hash(object) {
        assert_eq!(Ok(hash), object.to_bytes().map(|bytes| tx_hash(&bytes)));
    }
    if let Ok(transaction) = Transaction::from_object(object) {
        assert_eq!(Transaction::from_object(&transaction.to_object()), Ok(transaction));
    }
}

/// Whether an older server's form of a number is in it: as JSON it reads as today's form of the same number.
fn has_short_number(object: &Object) -> bool {
    object.iter().any(|(_, value)| match value {
        Value::Number(number) => number.to_string().parse() != Ok(*number),
        Value::Object(inner) => has_short_number(inner),
        Value::Array(items) => items.iter().any(|item| has_short_number(&item.fields)),
        _ => false,
    })
}

/// A transaction that can be signed verifies; with any one bit turned it does not, or is no transaction any more.
fn signatures_hold(source: &mut Source) {
    let keys = &KEYS[usize::from(source.byte() % 2)];
    let [at_high, at_low, bit] = source.array::<3>();
    let Ok(tx) = Object::from_json(&source.transaction()) else { return };
    let Ok((object, signed)) = sign_object(&tx, keys) else { return };
    assert_eq!(signed.hash, tx_hash(&signed.blob));
    assert_eq!(Object::from_bytes(&signed.blob).as_ref(), Ok(&object));
    // The generator may have put in what no signature covers, or a signature of somebody else that is none.
    let is_other =
        |field: FieldId| field != f::TXN_SIGNATURE && !field.info().is_some_and(|info| info.is_signing());
    if let Err(error) = verify(&object) {
        let others = object.iter().any(|(field, _)| is_other(field));
        assert!(others || matches!(error, SignError::Uncovered(_)), "just signed: {error}");
        return;
    }
    let mut damaged = signed.blob.clone();
    let at = usize::from(u16::from_be_bytes([at_high, at_low])) % damaged.len();
    damaged[at] ^= 1 << (bit % 8);
    if let Ok(object) = Object::from_bytes(&damaged) {
        assert!(verify(&object).is_err(), "a bit turned at byte {at}, and it still verifies: {object:?}");
    }
}

fn encoded(object: &Object) -> Vec<u8> {
    object.to_bytes().unwrap_or_else(|error| panic!("what was decoded encodes: {error}"))
}
