//! `simulate`: what a transaction would do, with its metadata, and nothing happens. It may be unsigned; what is
//! missing of fee, sequence, key and network is filled in.

use ledger::object::Object;
use ledger::tx::format::check_format;
use ledger::{AccountId, JsonStyle, TxType, hex};
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::params::Params;
use super::submit::told;
use super::{Answer, fields, forms, tx_words};
use crate::embedded::EmbeddedLedger;

/// The dry run of a transaction in the open ledger.
pub(crate) fn simulate(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    for secret in ["secret", "seed", "seed_hex", "passphrase"] {
        if params.has(secret) {
            return Err(ApiError::bad_field(secret));
        }
    }
    let binary = match params.get("binary") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| ApiError::bad_field("binary"))?,
    };
    let mut tx_json = given(params)?;
    for (field, name) in [("TransactionType", "tx.TransactionType"), ("Account", "tx.Account")] {
        if !tx_json.contains_key(field) {
            return Err(ApiError::missing(name));
        }
    }
    if tx_json.get("TransactionType") == Some(&json!("Batch")) {
        return Err(ApiError::not_implemented());
    }
    fill_in(ledger, &mut tx_json)?;
    let tx_json = Value::Object(tx_json);
    let tx = Object::from_json(&tx_json).map_err(|why| tx_words::of_json(&fields(tx_json), &why))?;
    check_format(&tx).map_err(ApiError::invalid_transaction)?;
    let blob = tx.to_bytes().map_err(|why| ApiError::invalid_transaction(why.to_string()))?;
    if blob.len() > crate::limits::TX_BYTES_MAX {
        return Err(ApiError::invalid_transaction("the transaction is too large"));
    }
    let (result, meta) = ledger.world().simulate(&blob).map_err(|why| told(why.into()))?;
    let mut answer = forms::engine_result(result);
    if result.is_success() {
        let text = "The simulated transaction would have been applied.";
        answer.insert("engine_result_message".into(), text.into());
    }
    answer.insert("applied".into(), false.into());
    answer.insert("ledger_index".into(), ledger.header().ledger_index.plus(1).get().into());
    if binary {
        answer.insert("tx_blob".into(), hex::encode(&blob).into());
        let meta = meta.map(|meta| meta.to_bytes()).transpose().map_err(|_| ApiError::internal())?;
        answer.extend(meta.map(|meta| ("meta_blob".to_owned(), hex::encode(&meta).into())));
    } else {
        let mut shown = fields(tx.to_json_as(JsonStyle::Server));
        shown.insert("hash".into(), ledger::tx_hash(&blob).to_string().into());
        answer.insert("tx_json".into(), Value::Object(shown));
        answer.extend(meta.map(|meta| ("meta".to_owned(), forms::meta_json(&tx, &meta))));
    }
    Ok(answer)
}

/// The transaction of the request, as JSON.
fn given(params: Params<'_>) -> Result<Map<String, Value>, ApiError> {
    match (params.get("tx_blob"), params.get("tx_json")) {
        (Some(_), Some(_)) => Err(ApiError::invalid("Can only include one of `tx_blob` and `tx_json`.")),
        (None, None) => Err(ApiError::invalid("Neither `tx_blob` nor `tx_json` included.")),
        (None, Some(json)) => {
            json.as_object().cloned().ok_or_else(|| ApiError::expected("tx_json", "object"))
        }
        (Some(blob), None) => {
            let bytes = blob.as_str().and_then(hex::decode).filter(|bytes| !bytes.is_empty());
            let tx = bytes.and_then(|bytes| Object::from_bytes(&bytes).ok());
            tx.map(|tx| fields(tx.to_json())).ok_or_else(|| ApiError::bad_field("tx_blob"))
        }
    }
}

/// The most a fee that is filled in may be, as a multiple of what the transaction costs when nobody else wants to be in
/// the ledger.
const FEE_MULTIPLE_MAX: i64 = 10;

/// Adds what is missing. A signed transaction is refused: it could be submitted by whoever sees it.
fn fill_in(ledger: &EmbeddedLedger, tx: &mut Map<String, Value>) -> Result<(), ApiError> {
    if !tx.contains_key("Fee") {
        tx.insert("Fee".into(), fee_now(ledger, tx)?.into());
    }
    match tx.remove("TxnSignature") {
        None => {}
        Some(Value::String(signature)) if signature.is_empty() => {}
        Some(_) => return Err(ApiError::tx_signed()),
    }
    if tx.contains_key("Signers") {
        return Err(ApiError::not_supported("Multi-signing is not supported by this server."));
    }
    tx.insert("TxnSignature".into(), "".into());
    tx.entry("SigningPubKey").or_insert_with(|| "".into());
    if !tx.contains_key("Sequence") {
        let sequence = next_sequence(ledger, tx)?;
        tx.insert("Sequence".into(), sequence.into());
    }
    if ledger.network_id() > 1024 {
        tx.entry("NetworkID").or_insert_with(|| ledger.network_id().into());
    }
    Ok(())
}

/// What it costs to enter the open ledger now.
fn fee_now(ledger: &EmbeddedLedger, tx: &Map<String, Value>) -> Result<String, ApiError> {
    let tx_type = tx.get("TransactionType").and_then(Value::as_str).and_then(TxType::by_name);
    let fees = ledger.fees();
    let usual = tx_type.map_or(fees.base_fee, |tx_type| ledger.world().base_cost(tx_type));
    let fee = usual.max(ledger.world().fee_report().open_ledger_fee());
    let limit = usual.get().saturating_mul(FEE_MULTIPLE_MAX);
    if fee.get() > limit {
        let words = format!("Fee of {fee} exceeds the requested tx limit of {limit}");
        return Err(ApiError::high_fee().saying(words));
    }
    Ok(fee.to_string())
}

/// The account's next sequence that neither the open ledger nor the queue uses; none with a ticket.
fn next_sequence(ledger: &EmbeddedLedger, tx: &Map<String, Value>) -> Result<u32, ApiError> {
    let text = tx.get("Account").and_then(Value::as_str).unwrap_or_default();
    let account: AccountId =
        text.parse().map_err(|_| ApiError::src_act_malformed().saying("Invalid field 'tx.Account'."))?;
    if tx.contains_key("TicketSequence") {
        return Ok(0);
    }
    ledger.world().next_sequence(account).ok_or_else(ApiError::src_act_not_found)
}
