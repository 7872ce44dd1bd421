//! An object's binary form (ledger documentation, "Serialization Format"). Never writes fields out of canonical
//! order, because it has them in no other.

use super::{ArrayItem, DEPTH_MAX, Object, ObjectError, PathStep, Value};
use crate::amount::{self, Asset};
use crate::ids::AccountId;
use crate::tables::{FieldId, FieldInfo, TxType, fields};

/// Marks the end of an object and of an array within another value.
pub(super) const OBJECT_END: u8 = 0xE1;
pub(super) const ARRAY_END: u8 = 0xF1;
/// Between two paths, and after the last.
pub(super) const PATH_BOUNDARY: u8 = 0xFF;
pub(super) const PATH_END: u8 = 0x00;
pub(super) const PATH_ACCOUNT: u8 = 0x01;
pub(super) const PATH_CURRENCY: u8 = 0x10;
pub(super) const PATH_ISSUER: u8 = 0x20;
/// The longest value a length can announce.
pub(super) const LENGTH_MAX: usize = 918_744;

impl Object {
    /// The binary form: all serialized fields.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ObjectError> {
        let mut out = Vec::with_capacity(256);
        write_fields(self, false, 0, &mut out)?;
        Ok(out)
    }

    /// The binary form of what a signature covers: without the signatures themselves.
    pub fn to_signing_bytes(&self) -> Result<Vec<u8>, ObjectError> {
        let mut out = Vec::with_capacity(256);
        write_fields(self, true, 0, &mut out)?;
        Ok(out)
    }
}

fn write_fields(object: &Object, signing: bool, depth: usize, out: &mut Vec<u8>) -> Result<(), ObjectError> {
    if depth > DEPTH_MAX {
        return Err(ObjectError::TooDeep);
    }
    let no_account = omits_account(object);
    for (field, value) in object.iter() {
        let info = field.info().ok_or_else(|| unknown(field))?;
        if !info.is_serialized() || (signing && !info.is_signing()) {
            continue;
        }
        if value.kind() != info.kind() {
            return Err(ObjectError::value(field, format!("is {:?}, not {:?}", info.kind(), value.kind())));
        }
        write_header(field, out);
        if no_account && *value == Value::Account(AccountId::ZERO) {
            out.push(0);
            continue;
        }
        write_value(info, value, signing, depth, out)?;
    }
    Ok(())
}

/// In the pseudo-transaction `UNLModify` the server writes ACCOUNT_ZERO with no bytes at all.
pub(super) fn omits_account(object: &Object) -> bool {
    object.get(fields::TRANSACTION_TYPE) == Some(&Value::UInt16(TxType::UNL_MODIFY.0))
}

fn unknown(field: FieldId) -> ObjectError {
    ObjectError::UnknownCode { type_code: field.type_code(), nth: field.nth() }
}

/// Type and number in one byte where both are below 16, else in two or three.
fn write_header(field: FieldId, out: &mut Vec<u8>) {
    let [type_code, nth] = [field.type_code(), field.nth()].map(|n| u8::try_from(n).unwrap_or(u8::MAX));
    match (type_code < 16, nth < 16) {
        (true, true) => out.push(type_code << 4 | nth),
        (true, false) => out.extend_from_slice(&[type_code << 4, nth]),
        (false, true) => out.extend_from_slice(&[nth, type_code]),
        (false, false) => out.extend_from_slice(&[0, type_code, nth]),
    }
}

fn write_value(
    info: &FieldInfo,
    value: &Value,
    signing: bool,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), ObjectError> {
    match value {
        Value::UInt8(n) => out.push(*n),
        Value::UInt16(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::UInt32(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::UInt64(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::Int32(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::Int64(n) => out.extend_from_slice(&n.to_be_bytes()),
        Value::Hash128(bytes) => out.extend_from_slice(bytes),
        Value::Hash160(bytes) => out.extend_from_slice(bytes),
        Value::Hash192(bytes) => out.extend_from_slice(bytes),
        Value::Hash256(hash) => out.extend_from_slice(&hash.0),
        Value::Amount(amount) => match info.id() {
            fields::DELIVERED_AMOUNT => amount::write_binary_delivered(amount, out),
            _ => amount::write_binary(amount, out),
        }
        .map_err(|error| ObjectError::Amount { field: info.name(), error })?,
        Value::Blob(bytes) => write_with_length(bytes, out)?,
        Value::Account(account) => write_with_length(&account.0, out)?,
        Value::Object(inner) => {
            write_fields(inner, signing, depth + 1, out)?;
            out.push(OBJECT_END);
        }
        Value::Array(items) => write_array(items, signing, depth + 1, out)?,
        Value::PathSet(paths) => write_paths(info.id(), paths, out)?,
        Value::Vector256(hashes) => {
            write_with_length(&hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>(), out)?;
        }
        Value::Issue(asset) => write_asset(asset, out),
        Value::Currency(currency) => out.extend_from_slice(&currency.0),
        Value::Number(number) => {
            out.extend_from_slice(&number.mantissa.to_be_bytes());
            out.extend_from_slice(&number.exponent.to_be_bytes());
        }
        Value::XChainBridge(bridge) => {
            write_with_length(&bridge.locking_door.0, out)?;
            write_asset(&bridge.locking_issue, out);
            write_with_length(&bridge.issuing_door.0, out)?;
            write_asset(&bridge.issuing_issue, out);
        }
    }
    Ok(())
}

fn write_array(
    items: &[ArrayItem],
    signing: bool,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), ObjectError> {
    for item in items {
        item.name.info().ok_or_else(|| unknown(item.name))?;
        write_header(item.name, out);
        write_fields(&item.fields, signing, depth + 1, out)?;
        out.push(OBJECT_END);
    }
    out.push(ARRAY_END);
    Ok(())
}

fn write_paths(field: FieldId, paths: &[Vec<PathStep>], out: &mut Vec<u8>) -> Result<(), ObjectError> {
    if paths.is_empty() || paths.iter().any(Vec::is_empty) {
        return Err(ObjectError::value(field, "a path without steps has no binary form"));
    }
    for (i, path) in paths.iter().enumerate() {
        if i > 0 {
            out.push(PATH_BOUNDARY);
        }
        for step in path {
            let flag = |there: bool, bit: u8| if there { bit } else { 0 };
            let kind = flag(step.account.is_some(), PATH_ACCOUNT)
                | flag(step.currency.is_some(), PATH_CURRENCY)
                | flag(step.issuer.is_some(), PATH_ISSUER);
            if kind == 0 {
                return Err(ObjectError::value(field, "an empty step has no binary form"));
            }
            out.push(kind);
            out.extend(step.account.iter().flat_map(|account| account.0));
            out.extend(step.currency.iter().flat_map(|currency| currency.0));
            out.extend(step.issuer.iter().flat_map(|issuer| issuer.0));
        }
    }
    out.push(PATH_END);
    Ok(())
}

/// XRP: 20 zero bytes. Issued: currency and issuer. Token: issuer, ACCOUNT_ONE, sequence little-endian.
fn write_asset(asset: &Asset, out: &mut Vec<u8>) {
    match asset {
        Asset::Xrp => out.extend_from_slice(&[0; 20]),
        Asset::Issued { currency, issuer } => {
            out.extend_from_slice(&currency.0);
            out.extend_from_slice(&issuer.0);
        }
        Asset::Mpt(id) => {
            out.extend_from_slice(&id.0[4..]);
            out.extend_from_slice(&AccountId::ONE.0);
            out.extend(id.0[..4].iter().rev());
        }
    }
}

fn write_with_length(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ObjectError> {
    let length = bytes.len();
    if length > LENGTH_MAX {
        return Err(ObjectError::TooLong);
    }
    // Each byte below is in range: 193 + 47, 241 + 13, and remainders of 256.
    let byte = |n: usize| u8::try_from(n & 0xFF).unwrap_or(u8::MAX);
    match length {
        0..=192 => out.push(byte(length)),
        193..=12_480 => out.extend_from_slice(&[byte(193 + ((length - 193) >> 8)), byte(length - 193)]),
        _ => {
            let rest = length - 12_481;
            out.extend_from_slice(&[byte(241 + (rest >> 16)), byte(rest >> 8), byte(rest)]);
        }
    }
    out.extend_from_slice(bytes);
    Ok(())
}
