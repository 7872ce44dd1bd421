//! Ledger headers as answers and messages show them, in the forms of both versions of the API. Never holds a
//! transaction.

use ledger::hex;
use serde_json::{Map, Value, json};
use sim::world::LedgerHeader;
use units::{LedgerIndex, LedgerTime};

use super::fields;
use super::params::ApiVersion;
use crate::embedded::EmbeddedLedger;

/// A closed ledger's header.
pub(crate) fn closed(header: &LedgerHeader, version: ApiVersion) -> Map<String, Value> {
    fields(json!({
        "account_hash": header.account_hash.to_string(), "close_flags": header.close_flags,
        "close_time": header.close_time.get(), "close_time_human": human(header.close_time),
        "close_time_iso": header.close_time.to_iso(), "close_time_resolution": header.close_time_resolution,
        "closed": true, "ledger_hash": header.ledger_hash.to_string(),
        "ledger_index": numbered(header.ledger_index, version),
        "parent_close_time": header.parent_close_time.get(), "parent_hash": header.parent_hash.to_string(),
        "total_coins": header.total_coins.get().to_string(),
        "transaction_hash": header.transaction_hash.to_string(),
    }))
}

/// The open ledger on top of `parent`.
pub(crate) fn open(parent: &LedgerHeader, version: ApiVersion) -> Map<String, Value> {
    fields(json!({
        "closed": false, "ledger_index": numbered(parent.ledger_index.plus(1), version),
        "parent_hash": parent.ledger_hash.to_string(),
    }))
}

/// A closed ledger's header in the binary form ("Ledger Header" in the documentation).
pub(crate) fn binary(header: &LedgerHeader) -> Map<String, Value> {
    let parts: [&[u8]; 9] = [
        &header.ledger_index.get().to_be_bytes(),
        &header.total_coins.get().to_be_bytes(),
        header.parent_hash.as_bytes(),
        header.transaction_hash.as_bytes(),
        header.account_hash.as_bytes(),
        &header.parent_close_time.get().to_be_bytes(),
        &header.close_time.get().to_be_bytes(),
        &[header.close_time_resolution],
        &[header.close_flags],
    ];
    fields(json!({ "closed": true, "ledger_data": hex::encode(&parts.concat()) }))
}

/// The `ledgerClosed` message; the same in both versions.
pub(crate) fn ledger_closed(ledger: &EmbeddedLedger, header: &LedgerHeader, txn_count: usize) -> Value {
    let mut message = newest(ledger, header);
    message.insert("txn_count".into(), txn_count.into());
    message.insert("type".into(), "ledgerClosed".into());
    Value::Object(message)
}

/// What the answer to `subscribe` with the ledger stream says about the newest ledger.
pub(crate) fn subscribed(ledger: &EmbeddedLedger) -> Map<String, Value> {
    newest(ledger, ledger.header())
}

fn newest(ledger: &EmbeddedLedger, header: &LedgerHeader) -> Map<String, Value> {
    let (index, fees) = (header.ledger_index.get(), ledger.fees());
    fields(json!({
        "fee_base": fees.base_fee.get(), "ledger_hash": header.ledger_hash.to_string(), "ledger_index": index,
        "ledger_time": header.close_time.get(), "network_id": ledger.network_id(),
        "reserve_base": fees.reserve_base.get(), "reserve_inc": fees.reserve_increment.get(),
        "validated_ledgers": format!("{}-{index}", ledger.first_ledger().get()),
    }))
}

/// Version 1 has a text there.
fn numbered(index: LedgerIndex, version: ApiVersion) -> Value {
    match version {
        ApiVersion::V1 => index.get().to_string().into(),
        ApiVersion::V2 => index.get().into(),
    }
}

/// As the server writes a time for people: `2026-Mar-01 00:00:00.000000000 UTC`.
pub(crate) fn human(time: LedgerTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let iso = time.to_iso();
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or("");
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("{}-{}-{} {}.000000000 UTC", part(0, 4), month.unwrap_or(&"Jan"), part(8, 10), part(11, 19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_for_people_are_as_recorded() {
        assert_eq!(human(LedgerTime(848_532_100)), "2026-Nov-20 23:21:40.000000000 UTC");
        assert_eq!(human(LedgerTime(0)), "2000-Jan-01 00:00:00.000000000 UTC");
    }
}
