//! What a recording holds and nobody compares, by its place: told, so that nobody takes it for compared. Texts for people
//! (names, descriptions, labels, notes) are not told of.

use serde_json::Value;
use std::collections::BTreeSet;

/// A part of the document by its place, and the names in it that are read.
const PARTS: [(&str, &[&str]); 8] = [
    (
        "",
        &["format", "name", "description", "server", "currency", "accounts", "setup", "steps", "final_state"],
    ),
    (
        "server",
        &["version", "reserve_base_drops", "reserve_inc_drops", "base_fee_drops", "network_id", "amendments"],
    ),
    ("accounts[]", &["name", "seed", "key_type", "address", "public_key"]),
    ("steps[]", &["n", "label", "txs", "ledger", "state", "carried_in", "resubmitted_same_blob"]),
    (
        "steps[].txs[]",
        &[
            "by",
            "note",
            "tx_json",
            "tx_blob",
            "hash",
            "submit",
            "validated",
            "ledger_index",
            "transaction_index",
            "result",
            "meta",
            "owner_funds",
        ],
    ),
    (
        "steps[].txs[].submit",
        &[
            "engine_result",
            "engine_result_code",
            "accepted",
            "applied",
            "broadcast",
            "queued",
            "kept",
            "open_ledger_cost",
        ],
    ),
    (
        "steps[].ledger",
        &[
            "ledger_index",
            "ledger_hash",
            "parent_hash",
            "account_hash",
            "transaction_hash",
            "close_time",
            "parent_close_time",
            "close_time_resolution",
            "close_flags",
            "total_coins",
            "tx_order",
        ],
    ),
    ("steps[].state", &["ledger_index", "accounts", "books", "amm"]),
];
/// Names of one account in a state.
const ACCOUNT: [&str; 9] = [
    "balance",
    "owner_count",
    "sequence",
    "flags",
    "TicketCount",
    "tickets",
    "TransferRate",
    "TickSize",
    "lines",
];

/// Places of what is not read, each once.
pub(super) fn places(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (place, known) in PARTS {
        let others: &[&str] = match place {
            "steps[]" | "steps[].txs[]" | "steps[].txs[].submit" | "steps[].ledger" | "steps[].state" => {
                &["setup[]"]
            }
            _ => &[],
        };
        note(document, place, known, &mut found);
        for other in others {
            note(document, &place.replacen("steps[]", other, 1), known, &mut found);
        }
    }
    note(document, "final_state", &["ledger_index", "accounts", "books", "amm", "objects"], &mut found);
    for state in ["setup[].state", "steps[].state", "final_state"] {
        for (_, account) in members(document, &format!("{state}.accounts")) {
            for (name, _) in account.as_object().into_iter().flatten() {
                if !ACCOUNT.contains(&name.as_str()) && name != "offers" {
                    found.insert(format!("{state}.accounts.*.{name}"));
                }
            }
        }
    }
    found
}

fn note(document: &Value, place: &str, known: &[&str], found: &mut BTreeSet<String>) {
    for (name, _) in members(document, place) {
        if !known.contains(&name) {
            found.insert(if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") });
        }
    }
}

/// Members of every object at a place; `[]` stands for each item of a list.
fn members<'v>(document: &'v Value, place: &str) -> Vec<(&'v str, &'v Value)> {
    let mut at = vec![document];
    for part in place.split('.').filter(|part| !part.is_empty()) {
        let (name, is_list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        let inner = at.into_iter().filter_map(|value| value.get(name));
        at = if is_list { inner.filter_map(Value::as_array).flatten().collect() } else { inner.collect() };
    }
    at.into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}
