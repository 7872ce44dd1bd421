//! `server_definitions`: the dictionary of the binary format, out of the tables the codec itself uses.

use ledger::hash::sha512_half;
use ledger::{EntryType, FieldId, ResultCode, TxType};
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields};

/// The whole dictionary, or only its hash when the client has it already.
pub(crate) fn definitions(params: Params<'_>) -> Answer {
    let mut all = dictionary();
    let hash = sha512_half(&[Value::Object(all.clone()).to_string().as_bytes()]);
    if let Some(known) = params.get("hash") {
        let known =
            known.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| ApiError::bad_field("hash"))?;
        if hash == known {
            return Ok(fields(json!({ "hash": hash.to_string() })));
        }
    }
    all.insert("hash".into(), hash.to_string().into());
    Ok(all)
}

fn dictionary() -> Map<String, Value> {
    let types: Map<String, Value> =
        TYPES.iter().map(|(name, code)| ((*name).to_owned(), (*code).into())).collect();
    let entries: Map<String, Value> =
        EntryType::all().map(|(name, code)| (name.to_owned(), published(code.0))).collect();
    let mut transactions: Map<String, Value> =
        TxType::all().map(|(name, code)| (name.to_owned(), published(code.0))).collect();
    transactions.entry("Invalid").or_insert_with(|| (-1).into());
    let results: Map<String, Value> =
        ResultCode::all().map(|(name, code)| (name.to_owned(), code.0.into())).collect();
    fields(json!({
        "FIELDS": all_fields(), "LEDGER_ENTRY_TYPES": entries, "TRANSACTION_RESULTS": results,
        "TRANSACTION_TYPES": transactions, "TYPES": types,
    }))
}

/// The code no type has is published as -1.
fn published(code: u16) -> Value {
    if code == u16::MAX { (-1).into() } else { code.into() }
}

/// Every field by type and number, the order of the binary format.
fn all_fields() -> Vec<Value> {
    let named = TYPES.iter().filter_map(|(name, code)| Some((*name, u16::try_from(*code).ok()?)));
    let numbers = 0..=258;
    let fields = named.flat_map(|(name, code)| numbers.clone().map(move |nth| (name, code, nth)));
    let shown = fields.filter_map(|(name, code, nth)| {
        let info = FieldId::by_code(code, nth)?.info()?;
        Some(json!([info.name(), {
            "isSerialized": info.is_serialized(), "isSigningField": info.is_signing(),
            "isVLEncoded": info.has_length(), "nth": nth, "type": name,
        }]))
    });
    shown.collect()
}

/// The published types with their codes.
const TYPES: [(&str, i32); 31] = [
    ("Done", -1),
    ("Unknown", -2),
    ("NotPresent", 0),
    ("UInt16", 1),
    ("UInt32", 2),
    ("UInt64", 3),
    ("Hash128", 4),
    ("Hash256", 5),
    ("Amount", 6),
    ("Blob", 7),
    ("AccountID", 8),
    ("Number", 9),
    ("Int32", 10),
    ("Int64", 11),
    ("STObject", 14),
    ("STArray", 15),
    ("UInt8", 16),
    ("Hash160", 17),
    ("PathSet", 18),
    ("Vector256", 19),
    ("UInt96", 20),
    ("Hash192", 21),
    ("UInt384", 22),
    ("UInt512", 23),
    ("Issue", 24),
    ("XChainBridge", 25),
    ("Currency", 26),
    ("Transaction", 10_001),
    ("LedgerEntry", 10_002),
    ("Validation", 10_003),
    ("Metadata", 10_004),
];
