//! The JSON forms of API version 2 (field names and places as recorded from a real server 3.1.1).

use ledger::fields as f;
use ledger::meta::TxMeta;
use ledger::object::{JsonStyle, Object, Value as FieldValue};
use ledger::{ResultCode, TxType};
use serde_json::{Map, Value, json};
use sim::world::{Fees, LedgerHeader};

use crate::embedded::Found;

/// What every form of a validated transaction shares.
struct Parts {
    hash: String,
    tx_json: Value,
    meta: Value,
    result: ResultCode,
}

/// A stored transaction's JSON parts; `None` when its bytes cannot be read back, which the log's checksum
/// rules out.
fn parts(found: &Found<'_>) -> Option<Parts> {
    let tx = Object::from_bytes(&found.tx.blob).ok()?;
    let meta = TxMeta::from_bytes(&found.tx.meta).ok()?;
    let mut meta_json = meta.to_json();
    if let (true, Some(amount), Some(map)) =
        (is_successful_payment(&tx, &meta), delivered(&tx, &meta), meta_json.as_object_mut())
    {
        map.insert("delivered_amount".into(), amount);
    }
    Some(Parts {
        hash: found.tx.hash.to_string(),
        tx_json: tx_json(&tx),
        meta: meta_json,
        result: meta.result,
    })
}

fn is_successful_payment(tx: &Object, meta: &TxMeta) -> bool {
    tx.get(f::TRANSACTION_TYPE) == Some(&FieldValue::UInt16(TxType::PAYMENT.0))
        && meta.result == ResultCode::TES_SUCCESS
}

/// What a payment delivered: what the metadata says, else its `Amount`.
fn delivered(tx: &Object, meta: &TxMeta) -> Option<Value> {
    meta.delivered_amount.or_else(|| tx.amount(f::AMOUNT)).map(|amount| amount.to_json())
}

/// A transaction as API version 2 shows it: a Payment's `Amount` is called `DeliverMax`.
pub(crate) fn tx_json(tx: &Object) -> Value {
    let mut json = tx.to_json_as(JsonStyle::Server);
    let is_payment = tx.get(f::TRANSACTION_TYPE) == Some(&FieldValue::UInt16(TxType::PAYMENT.0));
    if let (true, Some(map)) = (is_payment, json.as_object_mut())
        && let Some(amount) = map.remove("Amount")
    {
        map.insert("DeliverMax".into(), amount);
    }
    json
}

/// The `transaction` message of the streams.
pub(crate) fn stream_transaction(found: &Found<'_>, network_id: u32) -> Option<Value> {
    let mut parts = parts(found)?;
    if let Some(map) = parts.tx_json.as_object_mut() {
        map.insert("date".into(), found.header.close_time.get().into());
        if let Some(funds) = &found.tx.owner_funds {
            map.insert("owner_funds".into(), funds.as_str().into());
        }
    }
    let mut message = json!({
        "close_time_iso": found.header.close_time.to_iso(), "engine_result": result_name(parts.result),
        "engine_result_code": parts.result.0, "engine_result_message": result_message(parts.result),
        "hash": parts.hash, "ledger_hash": found.header.ledger_hash.to_string(),
        "ledger_index": found.header.ledger_index.get(), "meta": parts.meta, "status": "closed",
        "tx_json": parts.tx_json, "type": "transaction", "validated": true,
    });
    if let (Some(map), Some(ctid)) = (message.as_object_mut(), ctid(found, network_id)) {
        map.insert("ctid".into(), ctid.into());
    }
    Some(message)
}

/// An entry of `account_tx`.
pub(crate) fn account_tx_entry(found: &Found<'_>, network_id: u32) -> Option<Value> {
    let mut parts = parts(found)?;
    if let Some(map) = parts.tx_json.as_object_mut() {
        map.insert("date".into(), found.header.close_time.get().into());
        map.insert("ledger_index".into(), found.header.ledger_index.get().into());
        if let Some(ctid) = ctid(found, network_id) {
            map.insert("ctid".into(), ctid.into());
        }
    }
    Some(entry(found, parts))
}

/// The answer to `tx`.
pub(crate) fn tx_answer(found: &Found<'_>, network_id: u32) -> Option<Value> {
    let mut answer = account_tx_entry(found, network_id)?;
    if let (Some(map), Some(ctid)) = (answer.as_object_mut(), ctid(found, network_id)) {
        map.insert("ctid".into(), ctid.into());
    }
    Some(answer)
}

/// A transaction within the answer to `ledger` with `expand`.
pub(crate) fn ledger_entry(found: &Found<'_>, owner_funds: bool) -> Option<Value> {
    let mut json = entry(found, parts(found)?);
    if let (true, Some(funds), Some(map)) = (owner_funds, &found.tx.owner_funds, json.as_object_mut()) {
        map.insert("owner_funds".into(), funds.as_str().into());
    }
    Some(json)
}

fn entry(found: &Found<'_>, parts: Parts) -> Value {
    json!({
        "close_time_iso": found.header.close_time.to_iso(), "hash": parts.hash,
        "ledger_hash": found.header.ledger_hash.to_string(), "ledger_index": found.header.ledger_index.get(),
        "meta": parts.meta, "tx_json": parts.tx_json, "validated": true,
    })
}

/// The compact transaction id: ledger, place and network in 16 hexadecimal digits; none where a number
/// does not fit.
fn ctid(found: &Found<'_>, network_id: u32) -> Option<String> {
    let index = found.header.ledger_index.get();
    let fits = index <= 0x0FFF_FFFF && found.place <= 0xFFFF && network_id <= 0xFFFF;
    fits.then(|| format!("C{index:07X}{:04X}{network_id:04X}", found.place))
}

/// The `ledgerClosed` message.
pub(crate) fn ledger_closed(
    header: &LedgerHeader,
    fees: &Fees,
    txn_count: usize,
    first: u32,
    network_id: u32,
) -> Value {
    let mut message = subscribed_ledger(header, fees, first, network_id);
    message.insert("txn_count".into(), txn_count.into());
    message.insert("type".into(), "ledgerClosed".into());
    Value::Object(message)
}

/// What the answer to `subscribe` with the ledger stream says about the newest ledger.
pub(crate) fn subscribed_ledger(
    header: &LedgerHeader,
    fees: &Fees,
    first: u32,
    network_id: u32,
) -> Map<String, Value> {
    let index = header.ledger_index.get();
    let fields = json!({
        "fee_base": fees.base_fee.get(), "ledger_hash": header.ledger_hash.to_string(), "ledger_index": index,
        "ledger_time": header.close_time.get(), "network_id": network_id,
        "reserve_base": fees.reserve_base.get(), "reserve_inc": fees.reserve_increment.get(),
        "validated_ledgers": format!("{first}-{index}"),
    });
    match fields {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A header in the answer to `ledger`.
pub(crate) fn header_json(header: &LedgerHeader) -> Value {
    json!({
        "account_hash": header.account_hash.to_string(), "close_flags": header.close_flags,
        "close_time": header.close_time.get(), "close_time_iso": header.close_time.to_iso(),
        "close_time_resolution": header.close_time_resolution, "closed": true,
        "ledger_hash": header.ledger_hash.to_string(), "ledger_index": header.ledger_index.get(),
        "parent_close_time": header.parent_close_time.get(), "parent_hash": header.parent_hash.to_string(),
        "total_coins": header.total_coins.get().to_string(),
        "transaction_hash": header.transaction_hash.to_string(),
    })
}

/// The published name of a result code; its number where it has none.
pub(crate) fn result_name(result: ResultCode) -> String {
    result.name().map_or_else(|| result.0.to_string(), str::to_owned)
}

/// A text for people beside a result code; codes seldom seen here are named only.
pub(crate) fn result_message(result: ResultCode) -> String {
    let name = result_name(result);
    let text = match name.as_str() {
        "tesSUCCESS" => "The transaction was applied. Only final in a validated ledger.",
        "tecKILLED" => "No funds transferred and no offer created.",
        "tecUNFUNDED_OFFER" => "Insufficient balance to fund created offer.",
        "tecINSUF_RESERVE_OFFER" => "Insufficient reserve to create offer.",
        "tecEXPIRED" => "Expiration time is passed.",
        "tecPATH_PARTIAL" => "Path could not send full amount.",
        "tecPATH_DRY" => "Path could not send partial amount.",
        "tefPAST_SEQ" => "This sequence number has already passed.",
        "tefMAX_LEDGER" => "Ledger sequence too high.",
        "terPRE_SEQ" => "Missing/inapplicable prior transaction.",
        "telINSUF_FEE_P" => "Fee insufficient.",
        "telREQUIRES_NETWORK_ID" => {
            "Transactions submitted to this node/network must include a correct NetworkID field."
        }
        _ => return name,
    };
    text.to_owned()
}

/// An issued value or a rate as the ledger writes it.
pub(crate) fn issued_text(value: &units::IssuedValue) -> String {
    value.to_string()
}
