//! What the reference server says of JSON and of bytes that are no transaction, and of signatures that do not hold.
//! Never decides whether they are: the words alone.

use ledger::object::{Object, ObjectError, Value as Field};
use ledger::tables::{FieldInfo, TypeCode};
use ledger::{SignError, fields as f};
use serde_json::{Map, Value};

use super::errors::ApiError;

/// Least bytes of a transaction, before anything is read.
const TX_BYTES_MIN: usize = 32;
/// Most signers of a transaction.
const SIGNERS_MAX: usize = 32;

/// JSON that is no transaction: `simulate` names the field, and what is wrong with it.
pub(crate) fn of_json(tx: &Map<String, Value>, why: &ObjectError) -> ApiError {
    let said = match why {
        ObjectError::UnknownField(name) => tx.contains_key(name).then_some((name.as_str(), "is unknown")),
        ObjectError::Value { field, .. }
        | ObjectError::Amount { field, .. }
        | ObjectError::Id { field, .. } => {
            let info = FieldInfo::by_name(field);
            info.zip(tx.get(*field)).map(|(info, value)| (*field, misfit(info.kind(), value)))
        }
        _ => None,
    };
    let words = said.map(|(field, what)| format!("Field 'tx_json.{field}' {what}."));
    ApiError::invalid(words.unwrap_or_else(|| why.to_string()))
}

/// What is wrong with a value that does not fit a field of the kind.
fn misfit(kind: TypeCode, value: &Value) -> &'static str {
    const BAD_TYPE: &str = "has bad type";
    const BAD_DATA: &str = "has invalid data";
    let is_whole = value.as_i64().is_some() || value.as_u64().is_some();
    match kind {
        TypeCode::UInt8 if is_whole => "is out of range",
        TypeCode::UInt8 => BAD_TYPE,
        TypeCode::UInt16 | TypeCode::UInt32 | TypeCode::UInt64 if is_whole || value.is_string() => BAD_DATA,
        TypeCode::UInt16 | TypeCode::UInt32 | TypeCode::UInt64 => BAD_TYPE,
        TypeCode::Hash128 | TypeCode::Hash160 | TypeCode::Hash192 | TypeCode::Hash256
            if !value.is_string() =>
        {
            BAD_TYPE
        }
        TypeCode::Blob | TypeCode::AccountId if !value.is_string() => BAD_TYPE,
        TypeCode::PathSet | TypeCode::Vector256 if !value.is_array() => "must be a JSON array",
        TypeCode::Array if !value.is_array() => "is not a JSON array",
        TypeCode::Object if !value.is_object() => "is not a JSON object",
        _ => BAD_DATA,
    }
}

/// Bytes that are no transaction.
pub(crate) fn of_bytes(bytes: &[u8], why: &ObjectError) -> ApiError {
    ApiError::invalid_transaction(match why {
        _ if bytes.len() < TX_BYTES_MIN => "Transaction length invalid".to_owned(),
        ObjectError::UnknownCode { .. } => "Unknown field".to_owned(),
        ObjectError::TooDeep => "Maximum nesting depth of STObject exceeded".to_owned(),
        other => other.to_string(),
    })
}

/// A signature that does not hold, or several that are not in their order.
pub(crate) fn of_signature(tx: &Object, held: Result<(), SignError>) -> Result<(), &'static str> {
    const BOTH: &str = "Cannot both single- and multi-sign.";
    let is_single = tx.blob(f::SIGNING_PUB_KEY).is_some_and(|key| !key.is_empty());
    match (tx.get(f::SIGNERS), is_single) {
        (Some(_), true) => return Err(BOTH),
        (None, false) => return Err("Empty SigningPubKey."),
        (Some(_), false) if tx.contains(f::TXN_SIGNATURE) => return Err(BOTH),
        (Some(Field::Array(signers)), false) => {
            if !(1..=SIGNERS_MAX).contains(&signers.len()) {
                return Err("Invalid Signers array size.");
            }
            let mut last = None;
            for account in signers.iter().map(|signer| signer.fields.account(f::ACCOUNT)) {
                if account == tx.account(f::ACCOUNT) {
                    return Err("Invalid multisigner.");
                }
                if account == last {
                    return Err("Duplicate Signers not allowed.");
                }
                if account < last {
                    return Err("Unsorted Signers array.");
                }
                last = account;
            }
        }
        _ => {}
    }
    held.map_err(|_| "Invalid signature.")
}
