//! Transactions as answers and messages show them, in the forms of both versions of the API (field names and
//! places as recorded from a real server 3.1.1, or read in its source). Never decides which are shown.

use ledger::fields as f;
use ledger::hex;
use ledger::meta::TxMeta;
use ledger::object::{JsonStyle, Object, Value as FieldValue};
use ledger::{Hash256, ResultCode, TxType};
use serde_json::{Map, Value, json};

use super::fields;
use super::params::ApiVersion;
use super::result_text::{result_message, result_name};
use crate::embedded::Found;

/// How a transaction is to be shown.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// In which version's names and places.
    pub(crate) version: ApiVersion,
    /// As bytes instead of fields.
    pub(crate) binary: bool,
    /// The network's number, for compact ids.
    pub(crate) network_id: u32,
}

impl Form {
    pub(super) fn is_v2(self) -> bool {
        self.version == ApiVersion::V2
    }

    /// The name under which metadata in bytes comes.
    fn meta_blob(self) -> &'static str {
        if self.is_v2() { "meta_blob" } else { "meta" }
    }
}

/// A transaction and its metadata, read back; `None` when the bytes cannot be, which the log's checksum rules
/// out.
fn read(found: &Found<'_>) -> Option<(Object, TxMeta)> {
    Some((Object::from_bytes(&found.tx.blob).ok()?, TxMeta::from_bytes(&found.tx.meta).ok()?))
}

/// A transaction's fields. What a Payment's `Amount` says at most is `DeliverMax`: beside it in version 1,
/// instead of it in version 2.
pub(crate) fn tx_fields(tx: &Object, version: ApiVersion) -> Map<String, Value> {
    let mut json = fields(tx.to_json_as(JsonStyle::Server));
    if is_payment(tx)
        && let Some(amount) = json.get("Amount").cloned()
    {
        json.insert("DeliverMax".into(), amount);
        if version == ApiVersion::V2 {
            json.remove("Amount");
        }
    }
    json
}

/// Metadata, with what a payment delivered.
pub(crate) fn meta_json(tx: &Object, meta: &TxMeta) -> Value {
    let mut json = meta.to_json();
    if is_payment(tx)
        && meta.result == ResultCode::TES_SUCCESS
        && let Some(amount) = meta.delivered_amount.or_else(|| tx.amount(f::AMOUNT))
        && let Some(map) = json.as_object_mut()
    {
        map.insert("delivered_amount".into(), amount.to_json());
    }
    json
}

fn is_payment(tx: &Object) -> bool {
    tx.get(f::TRANSACTION_TYPE) == Some(&FieldValue::UInt16(TxType::PAYMENT.0))
}

/// The three fields that say how a transaction went.
pub(crate) fn engine_result(result: ResultCode) -> Map<String, Value> {
    fields(json!({
        "engine_result": result_name(result), "engine_result_code": result.0,
        "engine_result_message": result_message(result),
    }))
}

/// The `transaction` message of a validated transaction.
pub(crate) fn stream_transaction(found: &Found<'_>, form: Form) -> Option<Value> {
    let (tx, meta) = read(found)?;
    let mut shown = tx_fields(&tx, form.version);
    shown.insert("date".into(), found.header.close_time.get().into());
    if let Some(funds) = &found.tx.owner_funds {
        shown.insert("owner_funds".into(), funds.as_str().into());
    }
    let mut message = engine_result(meta.result);
    message.extend(fields(json!({
        "close_time_iso": found.header.close_time.to_iso(),
        "ledger_hash": found.header.ledger_hash.to_string(), "ledger_index": found.header.ledger_index.get(),
        "meta": meta_json(&tx, &meta), "status": "closed", "type": "transaction", "validated": true,
    })));
    message.extend(ctid(found, form.network_id).map(|ctid| ("ctid".to_owned(), ctid.into())));
    place_transaction(&mut message, shown, found.tx.hash, form.version);
    Some(Value::Object(message))
}

/// The `transaction` message of one that is only in the open ledger.
pub(crate) fn stream_proposed(
    tx: &Object,
    hash: Hash256,
    result: ResultCode,
    current: u32,
    owner_funds: Option<String>,
    version: ApiVersion,
) -> Value {
    let mut shown = tx_fields(tx, version);
    shown.extend(owner_funds.map(|funds| ("owner_funds".to_owned(), funds.into())));
    let mut message = engine_result(result);
    message.extend(fields(json!({
        "ledger_current_index": current, "status": "proposed", "type": "transaction", "validated": false,
    })));
    place_transaction(&mut message, shown, hash, version);
    Value::Object(message)
}

fn place_transaction(
    message: &mut Map<String, Value>,
    mut shown: Map<String, Value>,
    hash: Hash256,
    version: ApiVersion,
) {
    if version == ApiVersion::V2 {
        message.insert("hash".into(), hash.to_string().into());
        message.insert("tx_json".into(), Value::Object(shown));
    } else {
        shown.insert("hash".into(), hash.to_string().into());
        message.insert("transaction".into(), Value::Object(shown));
    }
}

/// What is said of a validated transaction's place, within its fields.
fn placed(found: &Found<'_>, form: Form) -> Map<String, Value> {
    let index = found.header.ledger_index.get();
    let mut json = fields(json!({ "date": found.header.close_time.get(), "ledger_index": index }));
    json.extend(ctid(found, form.network_id).map(|ctid| ("ctid".to_owned(), ctid.into())));
    if !form.is_v2() {
        json.insert("hash".into(), found.tx.hash.to_string().into());
        json.insert("inLedger".into(), index.into());
    }
    json
}

/// What version 2 says of it beside its fields.
fn beside(found: &Found<'_>) -> Map<String, Value> {
    fields(json!({
        "close_time_iso": found.header.close_time.to_iso(), "hash": found.tx.hash.to_string(),
        "ledger_hash": found.header.ledger_hash.to_string(), "ledger_index": found.header.ledger_index.get(),
    }))
}

/// An entry of `account_tx`.
pub(crate) fn account_tx_entry(found: &Found<'_>, form: Form) -> Option<Value> {
    let mut entry = fields(json!({ "validated": true }));
    if form.binary {
        entry.insert("tx_blob".into(), hex::encode(&found.tx.blob).into());
        entry.insert(form.meta_blob().into(), hex::encode(&found.tx.meta).into());
        entry.insert("ledger_index".into(), found.header.ledger_index.get().into());
        return Some(Value::Object(entry));
    }
    let (tx, meta) = read(found)?;
    let mut shown = tx_fields(&tx, form.version);
    shown.extend(placed(found, form));
    entry.insert("meta".into(), meta_json(&tx, &meta));
    entry.insert(if form.is_v2() { "tx_json" } else { "tx" }.into(), Value::Object(shown));
    if form.is_v2() {
        entry.extend(beside(found));
    }
    Some(Value::Object(entry))
}

/// The answer to `tx`.
pub(crate) fn tx_answer(found: &Found<'_>, form: Form) -> Option<Map<String, Value>> {
    let mut answer = match (form.is_v2(), form.binary) {
        (true, _) => beside(found),
        (false, _) => placed(found, form),
    };
    let (tx, meta) = read(found)?;
    match (form.is_v2(), form.binary) {
        (true, true) => {
            answer.insert("tx_blob".into(), hex::encode(&found.tx.blob).into());
        }
        (true, false) => {
            let mut shown = tx_fields(&tx, form.version);
            shown.extend(placed(found, form));
            answer.insert("tx_json".into(), Value::Object(shown));
        }
        (false, true) => {
            answer.insert("tx".into(), hex::encode(&found.tx.blob).into());
        }
        (false, false) => answer.extend(tx_fields(&tx, form.version)),
    }
    if form.binary {
        answer.insert(form.meta_blob().into(), hex::encode(&found.tx.meta).into());
    } else {
        answer.insert("meta".into(), meta_json(&tx, &meta));
    }
    answer.extend(ctid(found, form.network_id).map(|ctid| ("ctid".to_owned(), ctid.into())));
    answer.insert("validated".into(), true.into());
    Some(answer)
}

/// The answer to `tx` for one that is only in the open ledger.
pub(crate) fn tx_open(blob: &[u8], hash: Hash256, form: Form) -> Option<Map<String, Value>> {
    let mut answer = fields(json!({ "hash": hash.to_string(), "validated": false }));
    let shown = tx_fields(&Object::from_bytes(blob).ok()?, form.version);
    match (form.is_v2(), form.binary) {
        (true, true) => answer.insert("tx_blob".into(), hex::encode(blob).into()),
        (true, false) => answer.insert("tx_json".into(), Value::Object(shown)),
        (false, true) => answer.insert("tx".into(), hex::encode(blob).into()),
        (false, false) => {
            answer.extend(shown);
            None
        }
    };
    Some(answer)
}

/// A transaction of the queue within the answer to `ledger` with `expand`.
pub(crate) fn tx_in_queue(blob: &[u8], hash: Hash256, form: Form) -> Option<Map<String, Value>> {
    let hash = json!(hash.to_string());
    let shown = tx_fields(&Object::from_bytes(blob).ok()?, form.version);
    Some(match (form.is_v2(), form.binary) {
        (true, true) => fields(json!({ "hash": hash, "tx_blob": hex::encode(blob) })),
        (true, false) => fields(json!({ "hash": hash, "tx_json": shown, "validated": false })),
        (false, true) => fields(json!({ "tx_blob": hex::encode(blob) })),
        (false, false) => shown.into_iter().chain([("hash".to_owned(), hash)]).collect(),
    })
}

/// A transaction within the answer to `ledger` with `expand`.
pub(crate) fn ledger_entry(found: &Found<'_>, owner_funds: bool, form: Form) -> Option<Value> {
    let mut entry = Map::new();
    if form.binary {
        entry.insert("tx_blob".into(), hex::encode(&found.tx.blob).into());
        entry.insert(form.meta_blob().into(), hex::encode(&found.tx.meta).into());
        if form.is_v2() {
            entry.insert("hash".into(), found.tx.hash.to_string().into());
        }
    } else {
        let (tx, meta) = read(found)?;
        let shown = tx_fields(&tx, form.version);
        if form.is_v2() {
            entry.extend(beside(found));
            entry.insert("tx_json".into(), Value::Object(shown));
            entry.insert("meta".into(), meta_json(&tx, &meta));
            entry.insert("validated".into(), true.into());
        } else {
            entry.extend(shown);
            entry.insert("hash".into(), found.tx.hash.to_string().into());
            entry.insert("metaData".into(), meta_json(&tx, &meta));
        }
    }
    if let (true, Some(funds)) = (owner_funds, &found.tx.owner_funds) {
        entry.insert("owner_funds".into(), funds.as_str().into());
    }
    Some(Value::Object(entry))
}

/// The answer to `transaction_entry`, beside the ledger it names.
pub(crate) fn transaction_entry(found: &Found<'_>, form: Form) -> Option<Map<String, Value>> {
    let (tx, meta) = read(found)?;
    let mut shown = tx_fields(&tx, form.version);
    let mut answer = Map::new();
    if form.is_v2() {
        answer.extend(beside(found));
        answer.insert("meta".into(), meta.to_json());
    } else {
        shown.insert("hash".into(), found.tx.hash.to_string().into());
        answer.insert("metadata".into(), meta.to_json());
    }
    answer.insert("tx_json".into(), Value::Object(shown));
    Some(answer)
}

/// The compact transaction id: ledger, place and network in 16 hexadecimal digits; none where a number
/// does not fit.
fn ctid(found: &Found<'_>, network_id: u32) -> Option<String> {
    let index = found.header.ledger_index.get();
    let fits = index <= 0x0FFF_FFFF && found.place <= 0xFFFF && network_id <= 0xFFFF;
    fits.then(|| format!("C{index:07X}{:04X}{network_id:04X}", found.place))
}
