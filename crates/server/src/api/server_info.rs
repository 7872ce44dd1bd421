//! What the server says of itself: `server_info`, `server_state`, `version`. Times and
//! durations are those of the ledger's own clock, so that equal worlds give equal answers; only the age of the
//! newest ledger is measured on the wall.

use ledger::Hash256;
use ledger::hash::sha512_half;
use serde_json::{Map, Value, json};
use units::Drops;

use super::{Answer, fields, load};
use crate::embedded::EmbeddedLedger;

/// The version of the reference server whose answers these are, then our own.
pub(crate) const BUILD_VERSION: &str = concat!("3.1.1-neo.", env!("CARGO_PKG_VERSION"));

/// What a `full` server says of itself.
pub(crate) fn server_info(ledger: &EmbeddedLedger) -> Answer {
    let (header, fees) = (ledger.header(), ledger.fees());
    let mut info = both(ledger);
    info.extend(load::multiples(&ledger.world().fee_report()));
    info.extend(fields(json!({
        "hostid": "NEO",
        "last_close": { "converge_time_s": 0, "proposers": 0 },
        "validated_ledger": {
            "age": ledger.seconds_since_last_close_wall(),
            "base_fee_xrp": xrp_number(fees.base_fee),
            "hash": header.ledger_hash.to_string(),
            "reserve_base_xrp": xrp_number(fees.reserve_base),
            "reserve_inc_xrp": xrp_number(fees.reserve_increment),
            "seq": header.ledger_index.get(),
        },
    })));
    Ok(fields(json!({ "info": info })))
}

/// The same in whole numbers.
pub(crate) fn server_state(ledger: &EmbeddedLedger) -> Answer {
    let (header, fees) = (ledger.header(), ledger.fees());
    let mut state = both(ledger);
    state.extend(load::whole(&ledger.world().fee_report()));
    state.extend(fields(json!({
        "last_close": { "converge_time": 0, "proposers": 0 },
        "validated_ledger": {
            "base_fee": fees.base_fee.get(), "close_time": header.close_time.get(),
            "hash": header.ledger_hash.to_string(), "reserve_base": fees.reserve_base.get(),
            "reserve_inc": fees.reserve_increment.get(), "seq": header.ledger_index.get(),
        },
    })));
    Ok(fields(json!({ "state": state })))
}

/// What the answer to `subscribe` with the server stream says; `random` is no secret.
pub(crate) fn subscribed(ledger: &EmbeddedLedger, count: u64) -> Map<String, Value> {
    fields(json!({
        "hostid": "NEO", "load_base": 256, "load_factor": 256, "random": random(ledger, count),
        "server_status": "full",
    }))
}

/// 64 hexadecimal digits that follow from the world and a counter: other ones each time, the same in a repeated
/// session, and never to be used as a secret.
pub(crate) fn random(ledger: &EmbeddedLedger, count: u64) -> String {
    let digest: Hash256 = sha512_half(&[b"random", ledger.world_id().as_bytes(), &count.to_be_bytes()]);
    digest.to_string()
}

/// The versions of the API.
pub(crate) fn version() -> Answer {
    Ok(fields(json!({ "version": { "first": 1, "good": 1, "last": 2 } })))
}

/// What `server_info` and `server_state` share.
fn both(ledger: &EmbeddedLedger) -> Map<String, Value> {
    let (first, last) = (ledger.first_ledger().get(), ledger.header().ledger_index.get());
    let now = ledger.world().now();
    let up = now.seconds_since(ledger.spec().start);
    let full_us = u64::from(up).saturating_mul(1_000_000).to_string();
    let none = json!({ "duration_us": "0", "transitions": "0" });
    fields(json!({
        "build_version": BUILD_VERSION, "complete_ledgers": format!("{first}-{last}"),
        "initial_sync_duration_us": "0", "io_latency_ms": 1, "jq_trans_overflow": "0",
        "network_id": ledger.network_id(), "peer_disconnects": "0", "peer_disconnects_resources": "0",
        "peers": 0, "server_state": "full", "server_state_duration_us": full_us,
        "state_accounting": {
            "connected": none, "disconnected": none,
            "full": { "duration_us": full_us, "transitions": "1" }, "syncing": none, "tracking": none,
        },
        "time": super::header::human(now), "uptime": up, "validation_quorum": 0,
    }))
}

/// Drops as the JSON number of XRP that `server_info` gives; for people, never calculated with.
fn xrp_number(drops: Drops) -> Value {
    serde_json::from_str(&drops.to_xrp_string()).unwrap_or(Value::Null)
}
