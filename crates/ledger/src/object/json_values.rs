//! Single values of JSON documents, each read as strictly as its field needs. Never reads a floating-point number.

use super::reading::Reading;
use super::{ObjectError, PathStep, XChainBridge};
use crate::amount::{AmountError, Asset};
use crate::hex;
use crate::ids::{AccountId, Currency, shorten};
use crate::json::{Elements, Node};
use crate::tables::{EntryType, FieldId, ResultCode, TxType, fields, permission_code};

/// Unsigned 64-bit fields that count token units and are decimal in JSON; all others are hexadecimal.
pub(super) const DECIMAL_FIELDS: [FieldId; 5] = [
    fields::MAXIMUM_AMOUNT,
    fields::OUTSTANDING_AMOUNT,
    fields::MPT_AMOUNT,
    fields::LOCKED_AMOUNT,
    fields::CONFIDENTIAL_OUTSTANDING_AMOUNT,
];

/// The code of `Invalid` (-1), which the definitions have for what has no type: no transaction and no entry has it.
pub(super) const NO_TYPE: u16 = u16::MAX;

/// Whether the field is the type of a transaction or of an entry.
pub(super) fn is_type(field: FieldId) -> bool {
    matches!(field, fields::TRANSACTION_TYPE | fields::LEDGER_ENTRY_TYPE)
}

pub(super) fn text(field: FieldId, json: Node<'_>) -> Result<&str, ObjectError> {
    json.as_str().ok_or_else(|| ObjectError::value(field, "not a string"))
}

pub(super) fn list(field: FieldId, json: Node<'_>) -> Result<Elements<'_>, ObjectError> {
    json.elements().ok_or_else(|| ObjectError::value(field, "not an array"))
}

pub(super) fn read_hex<const N: usize>(field: FieldId, json: Node<'_>) -> Result<[u8; N], ObjectError> {
    hex::decode_array(text(field, json)?)
        .ok_or_else(|| ObjectError::value(field, format!("not {} hexadecimal digits", N.saturating_mul(2))))
}

/// 160-bit fields of order book directories hold currencies and issuers, which some servers show by name.
pub(super) fn read_hash160(field: FieldId, json: Node<'_>) -> Result<[u8; 20], ObjectError> {
    let text = text(field, json)?;
    hex::decode_array(text)
        .or_else(|| text.parse::<Currency>().ok().map(|c| c.0))
        .or_else(|| text.parse::<AccountId>().ok().map(|a| a.0))
        .ok_or_else(|| ObjectError::value(field, "not 40 hexadecimal digits"))
}

/// An integer as a JSON integer or as decimal digits in a string.
pub(super) fn read_int(field: FieldId, json: Node<'_>) -> Result<i64, ObjectError> {
    json.as_i64()
        .or_else(|| {
            json.as_str().filter(|t| t.len() <= 20 && !t.starts_with('+')).and_then(|t| t.parse().ok())
        })
        .ok_or_else(|| ObjectError::value(field, "not an integer"))
}

pub(super) fn narrow<T: TryFrom<i64>>(field: FieldId, number: i64) -> Result<T, ObjectError> {
    T::try_from(number).map_err(|_| ObjectError::value(field, format!("{number} is out of range")))
}

pub(super) fn read_uint8(
    field: FieldId,
    json: Node<'_>,
    reading: &mut Reading<'_>,
) -> Result<u8, ObjectError> {
    match json.as_str() {
        Some(name) if field == fields::TRANSACTION_RESULT => match ResultCode::by_name(name) {
            Some(code) => narrow(field, i64::from(code.0)),
            None => {
                reading.meet(
                    name,
                    ObjectError::value(field, format!("`{}` is no known result", shorten(name))),
                )?;
                Ok(u8::MAX)
            }
        },
        _ => narrow(field, read_int(field, json)?),
    }
}

pub(super) fn read_uint16(
    field: FieldId,
    json: Node<'_>,
    reading: &mut Reading<'_>,
) -> Result<u16, ObjectError> {
    let by_name = |name: &str| match field {
        fields::TRANSACTION_TYPE => TxType::by_name(name).map(|t| t.0),
        fields::LEDGER_ENTRY_TYPE => EntryType::by_name(name).map(|t| t.0),
        _ => None,
    };
    if !is_type(field) {
        return narrow(field, read_int(field, json)?);
    }
    let code = match json.as_str() {
        Some(name) => by_name(name),
        None => Some(narrow(field, read_int(field, json)?)?),
    };
    match code.filter(|code| *code != NO_TYPE) {
        Some(code) => Ok(code),
        None => {
            let name = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            reading
                .meet(&name, ObjectError::value(field, format!("`{}` is no known type", shorten(&name))))?;
            Ok(NO_TYPE)
        }
    }
}

pub(super) fn read_uint32(field: FieldId, json: Node<'_>) -> Result<u32, ObjectError> {
    if field == fields::PERMISSION_VALUE
        && let Some(code) = json.as_str().and_then(permission_code)
    {
        return Ok(code);
    }
    narrow(field, read_int(field, json)?)
}

pub(super) fn read_uint64(field: FieldId, json: Node<'_>) -> Result<u64, ObjectError> {
    let refused = || ObjectError::value(field, "not a 64-bit unsigned number as the ledger writes it");
    let Some(text) = json.as_str() else {
        return json.as_u64().ok_or_else(refused);
    };
    let (radix, digits_max) = if DECIMAL_FIELDS.contains(&field) { (10, 20) } else { (16, 16) };
    if text.is_empty() || text.len() > digits_max || text.starts_with('+') {
        return Err(refused());
    }
    u64::from_str_radix(text, radix).map_err(|_| refused())
}

/// Steps may carry `type` and `type_hex`, which say nothing that the other keys do not.
pub(super) fn read_paths(field: FieldId, json: Node<'_>) -> Result<Vec<Vec<PathStep>>, ObjectError> {
    let refused = |why: &str| ObjectError::value(field, why);
    let read_step = |json: Node<'_>| {
        let members = json.members().ok_or_else(|| refused("a step is not a JSON object"))?;
        let mut step = PathStep::default();
        for (key, value) in members {
            let id_error = |error| ObjectError::Id { field: field.name(), error };
            let is_again = match key {
                "account" => step.account.is_some(),
                "currency" => step.currency.is_some(),
                "issuer" => step.issuer.is_some(),
                _ => false,
            };
            if is_again {
                return Err(refused("a step with a name twice"));
            }
            match key {
                "account" => {
                    step.account = Some(AccountId::of_any_address(text(field, value)?).map_err(id_error)?)
                }
                "currency" => step.currency = Some(text(field, value)?.parse().map_err(id_error)?),
                "issuer" => {
                    step.issuer = Some(AccountId::of_any_address(text(field, value)?).map_err(id_error)?);
                }
                "type" | "type_hex" => {}
                _ => return Err(ObjectError::UnknownField(shorten(key))),
            }
        }
        if step == PathStep::default() { Err(refused("an empty step")) } else { Ok(step) }
    };
    list(field, json)?.map(|path| list(field, path)?.map(read_step).collect::<Result<Vec<_>, _>>()).collect()
}

/// `{"currency": "XRP"}`, `{"currency", "issuer"}` or `{"mpt_issuance_id"}`.
pub(super) fn read_asset(field: FieldId, json: Node<'_>) -> Result<Asset, ObjectError> {
    let shape = || ObjectError::value(field, "neither a currency with its issuer nor an issuance");
    let id_error = |error| ObjectError::Id { field: field.name(), error };
    let count = json.members().ok_or_else(shape)?.len();
    let key = |key: &str| json.get(key).map(|value| value.as_str().ok_or_else(shape)).transpose();
    let asset = match (count, key("currency")?, key("issuer")?, key("mpt_issuance_id")?) {
        (1, None, None, Some(id)) => Asset::Mpt(id.parse().map_err(id_error)?),
        (1, Some(currency), None, None) => Asset::new(currency.parse().map_err(id_error)?, None)
            .map_err(|error| amount_error(field, error))?,
        (2, Some(currency), Some(issuer), None) => {
            let issuer = AccountId::of_any_address(issuer).map_err(id_error)?;
            Asset::new(currency.parse().map_err(id_error)?, Some(issuer))
                .map_err(|error| amount_error(field, error))?
        }
        _ => return Err(shape()),
    };
    // In bytes a token is told by ACCOUNT_ONE in the issuer's place, and XRP by zeroes in the first.
    let is_ambiguous = match asset {
        Asset::Xrp => false,
        Asset::Issued { issuer, .. } => issuer == AccountId::ONE,
        Asset::Mpt(id) => id.issuer() == AccountId::ZERO,
    };
    if is_ambiguous { Err(ObjectError::value(field, "an issuer that no issue can have")) } else { Ok(asset) }
}

fn amount_error(field: FieldId, error: AmountError) -> ObjectError {
    ObjectError::Amount { field: field.name(), error }
}

pub(super) fn read_bridge(field: FieldId, json: Node<'_>) -> Result<XChainBridge, ObjectError> {
    let refused = || ObjectError::value(field, "not two doors and two assets");
    json.members().filter(|members| members.len() == 4).ok_or_else(refused)?;
    let door = |key: &str| {
        let account = json.get(key).and_then(Node::as_str).ok_or_else(refused)?;
        AccountId::of_any_address(account).map_err(|error| ObjectError::Id { field: field.name(), error })
    };
    let issue = |key: &str| read_asset(field, json.get(key).ok_or_else(refused)?);
    Ok(XChainBridge {
        locking_door: door("LockingChainDoor")?,
        locking_issue: issue("LockingChainIssue")?,
        issuing_door: door("IssuingChainDoor")?,
        issuing_issue: issue("IssuingChainIssue")?,
    })
}
