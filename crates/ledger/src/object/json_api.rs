//! Documents as servers show them: a transaction or metadata among what a server adds to it. Never takes an addition
//! for a field, nor a field for an addition.

use super::json_read::{Named, named};
use super::{Object, ObjectError};
use crate::amount::Amount;
use crate::ids::shorten;
use crate::json::Node;
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
    pub fn from_api_json<'d>(json: impl Into<Node<'d>>) -> Result<Self, ObjectError> {
        Self::from_named(without_additions(json.into())?)
    }

    /// [`from_api_json`](Self::from_api_json), as lenient as [`from_json_lenient`](Self::from_json_lenient).
    pub fn from_api_json_lenient<'d>(json: impl Into<Node<'d>>) -> Result<(Self, Vec<String>), ObjectError> {
        Self::from_named_lenient(without_additions(json.into())?)
    }

    /// [`from_api_json`](Self::from_api_json) of a transaction that is not sent yet: what a server adds is refused by
    /// its name, since no signature would cover it.
    pub fn from_unsent_json<'d>(json: impl Into<Node<'d>>) -> Result<Self, ObjectError> {
        let json = json.into();
        let is_bare = |name: &str| {
            FieldId::by_name(name).and_then(FieldId::info).is_some_and(|info| !info.is_serialized())
        };
        match named(json)?.find(|(name, _)| API_ADDITIONS.contains(name) || is_bare(name)) {
            Some((name, _)) => Err(ObjectError::Addition(shorten(name))),
            None => Self::from_api_json(json),
        }
    }

    /// Reads whatever has bytes: a ledger entry, a transaction or metadata (which has `AffectedNodes`), as a codec or a
    /// server shows it. What [`to_json`](Self::to_json) gives of decoded bytes comes back to the same bytes.
    pub fn from_document<'d>(json: impl Into<Node<'d>>) -> Result<Self, ObjectError> {
        let json = json.into();
        match json.get(fields::AFFECTED_NODES.name()) {
            Some(_) => Self::from_named(named(json)?.filter(|(name, _)| !META_ADDITIONS.contains(name))),
            None => Self::from_api_json(json),
        }
    }
}

/// What a transaction itself has, a payment's `DeliverMax` under the name of `Amount`.
fn without_additions(json: Node<'_>) -> Result<impl Iterator<Item = Named<'_>>, ObjectError> {
    let all = named(json)?;
    let is_payment = is_payment(json);
    let deliver_max = if is_payment { json.get(DELIVER_MAX) } else { None };
    let amount = deliver_max.and_then(|_| json.get(fields::AMOUNT.name()));
    if let (Some(max), Some(amount)) = (deliver_max, amount)
        && !is_same(max, amount)
    {
        return Err(ObjectError::value(fields::AMOUNT, format!("contradicts `{DELIVER_MAX}`")));
    }
    let is_added = move |name: &str| is_addition(name) || (is_payment && name == DELIVER_MAX);
    let plain = all.filter(move |(name, _)| !is_added(name));
    Ok(plain.chain(deliver_max.filter(|_| amount.is_none()).map(|max| (fields::AMOUNT.name(), max))))
}

/// Whether the API adds what has this name: all of that is written small, and no field of a transaction that is signed.
fn is_addition(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && API_ADDITIONS.contains(&name)
}

fn is_payment(tx: Node<'_>) -> bool {
    let Some(code) = tx.get(fields::TRANSACTION_TYPE.name()) else { return false };
    match code.as_str() {
        Some(name) => TxType::by_name(name) == Some(TxType::PAYMENT),
        None => code.as_u64() == Some(TxType::PAYMENT.0.into()),
    }
}

fn is_same(one: Node<'_>, other: Node<'_>) -> bool {
    one == other
        || matches!((Amount::from_json(one), Amount::from_json(other)), (Ok(one), Ok(other)) if one == other)
}
