//! Documents as servers show them: a transaction or metadata among what a server adds to it. Never takes an addition
//! for a field, nor a field for an addition.

use serde_json::{Map, Value as Json};

use super::json_read::{collect_unknown, named};
use super::{Object, ObjectError};
use crate::amount::Amount;
use crate::ids::shorten;
use crate::tables::{FieldId, TxType, fields};

/// What the API adds to a transaction's own fields.
const API_ADDITIONS: [&str; 13] = [
    "close_time_iso",
    "ctid",
    "date",
    "hash",
    "inLedger",
    "index",
    "ledger_hash",
    "ledger_index",
    "meta",
    "metaData",
    "owner_funds",
    "validated",
    "warnings",
];
/// What it adds to metadata in its JSON form.
pub(crate) const META_ADDITIONS: [&str; 5] =
    ["delivered_amount", "mpt_issuance_id", "nftoken_id", "nftoken_ids", "offer_id"];
/// API version 2's name for a payment's `Amount`.
const DELIVER_MAX: &str = "DeliverMax";

impl Object {
    /// Reads a transaction as the API shows it: what the API adds (`date`, `ledger_index`, `owner_funds`, ...) is left
    /// out, and API v2's `DeliverMax` of a payment is `Amount`, which it must not contradict. Strict otherwise.
    pub fn from_api_json(json: &Json) -> Result<Self, ObjectError> {
        Self::from_named(without_additions(json)?)
    }

    /// [`from_api_json`](Self::from_api_json), as lenient as [`from_json_lenient`](Self::from_json_lenient).
    pub fn from_api_json_lenient(json: &Json) -> Result<(Self, Vec<String>), ObjectError> {
        collect_unknown(without_additions(json)?)
    }

    /// [`from_api_json`](Self::from_api_json) of a transaction that is not sent yet: what a server adds is refused by
    /// its name, since no signature would cover it.
    pub fn from_unsent_json(json: &Json) -> Result<Self, ObjectError> {
        let map = json.as_object().ok_or(ObjectError::NotAnObject)?;
        let is_bare = |name: &str| {
            FieldId::by_name(name).and_then(FieldId::info).is_some_and(|info| !info.is_serialized())
        };
        match named(map).find(|(name, _)| API_ADDITIONS.contains(name) || is_bare(name)) {
            Some((name, _)) => Err(ObjectError::Addition(shorten(name))),
            None => Self::from_api_json(json),
        }
    }

    /// Reads whatever has bytes: a ledger entry, a transaction or metadata (which has `AffectedNodes`), as a codec or a
    /// server shows it. What [`to_json`](Self::to_json) gives of decoded bytes comes back to the same bytes.
    pub fn from_document(json: &Json) -> Result<Self, ObjectError> {
        match json.as_object().filter(|map| map.contains_key(fields::AFFECTED_NODES.name())) {
            Some(meta) => Self::from_named(named(meta).filter(|(name, _)| !META_ADDITIONS.contains(name))),
            None => Self::from_api_json(json),
        }
    }
}

/// What a transaction itself has, a payment's `DeliverMax` under the name of `Amount`.
fn without_additions(json: &Json) -> Result<impl Iterator<Item = (&str, &Json)>, ObjectError> {
    let map = json.as_object().ok_or(ObjectError::NotAnObject)?;
    let is_payment = is_payment(map);
    let deliver_max = map.get(DELIVER_MAX).filter(|_| is_payment);
    let amount = map.get(fields::AMOUNT.name());
    if let (Some(max), Some(amount)) = (deliver_max, amount)
        && !is_same(max, amount)
    {
        return Err(ObjectError::value(fields::AMOUNT, format!("contradicts `{DELIVER_MAX}`")));
    }
    let is_added = move |name: &str| API_ADDITIONS.contains(&name) || (is_payment && name == DELIVER_MAX);
    let plain = named(map).filter(move |(name, _)| !is_added(name));
    Ok(plain.chain(deliver_max.filter(|_| amount.is_none()).map(|max| (fields::AMOUNT.name(), max))))
}

fn is_payment(map: &Map<String, Json>) -> bool {
    match map.get(fields::TRANSACTION_TYPE.name()) {
        Some(Json::String(name)) => TxType::by_name(name) == Some(TxType::PAYMENT),
        Some(code) => code.as_u64() == Some(TxType::PAYMENT.0.into()),
        None => false,
    }
}

fn is_same(one: &Json, other: &Json) -> bool {
    one == other
        || matches!((Amount::from_json(one), Amount::from_json(other)), (Ok(one), Ok(other)) if one == other)
}
