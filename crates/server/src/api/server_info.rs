//! `server_info` and `fee`.

use serde_json::{Value, json};
use units::Drops;

use super::{Answer, fields};
use crate::embedded::EmbeddedLedger;

/// What a `full` server says of itself.
pub(crate) fn server_info(ledger: &EmbeddedLedger) -> Answer {
    let header = ledger.header();
    let fees = ledger.fees();
    let (first, last) = (ledger.first_ledger().get(), header.ledger_index.get());
    Ok(fields(json!({ "info": {
        "build_version": concat!("neo-embedded-", env!("CARGO_PKG_VERSION")),
        "complete_ledgers": format!("{first}-{last}"),
        "load_factor": 1,
        "network_id": ledger.network_id(),
        "peers": 0,
        "server_state": "full",
        "validated_ledger": {
            "age": ledger.seconds_since_last_close_wall(),
            "base_fee_xrp": xrp_number(fees.base_fee),
            "hash": header.ledger_hash.to_string(),
            "reserve_base_xrp": xrp_number(fees.reserve_base),
            "reserve_inc_xrp": xrp_number(fees.reserve_increment),
            "seq": last,
        },
        "validation_quorum": 0,
    }})))
}

/// The cost of a transaction: this network has no fee escalation.
pub(crate) fn fee(ledger: &EmbeddedLedger) -> Answer {
    let base = ledger.fees().base_fee.to_string();
    Ok(fields(json!({
        "current_ledger_size": "0", "current_queue_size": "0",
        "drops": {"base_fee": base, "median_fee": base, "minimum_fee": base, "open_ledger_fee": base},
        "expected_ledger_size": "32",
        "ledger_current_index": ledger.header().ledger_index.plus(1).get(),
        "levels": {"median_level": "256", "minimum_level": "256", "open_ledger_level": "256", "reference_level": "256"},
        "max_queue_size": "2000",
    })))
}

/// Drops as the JSON number of XRP that `server_info` gives; for people, never calculated with.
fn xrp_number(drops: Drops) -> Value {
    serde_json::from_str(&drops.to_xrp_string()).unwrap_or(Value::Null)
}
