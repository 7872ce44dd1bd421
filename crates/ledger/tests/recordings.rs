//! Recordings of a real server: entry indexes and rates recomputed, metadata and messages read and written back.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use ledger::messages::{ParentClose, ledger_time_of_iso};
use ledger::{
    AccountId, EntryType, NodeAction, Object, TxMeta, TxRecord, Value, fields as f, hex, keylet, tx,
};
use serde_json::Value as Json;
use units::LedgerTime;

/// Transactions of a scenario that reached a ledger.
fn validated(document: &Json) -> Vec<&Json> {
    let steps = ["setup", "steps"].iter().flat_map(|part| document[part].as_array().unwrap());
    steps
        .flat_map(|step| step["txs"].as_array().unwrap())
        .filter(|tx| tx["validated"] == Json::Bool(true))
        .collect()
}

#[derive(Default, Debug)]
struct Counts {
    transactions: usize,
    accounts: usize,
    lines: usize,
    offers: usize,
    rates: usize,
    directories: usize,
}

fn account(object: &Object) -> AccountId {
    object.account(f::ACCOUNT).unwrap()
}

fn check_node(node: &ledger::AffectedNode, tx: &Object, counts: &mut Counts) {
    let Some(fields) = &node.fields else { return };
    match node.entry_type {
        EntryType::ACCOUNT_ROOT => {
            assert_eq!(keylet::account_root(&account(fields)), node.index);
            counts.accounts += 1;
        }
        EntryType::RIPPLE_STATE => {
            let side = |field| fields.amount(field).unwrap().asset();
            let (low, high) = (side(f::LOW_LIMIT), side(f::HIGH_LIMIT));
            let (low_id, high_id) = (low.issuer().unwrap(), high.issuer().unwrap());
            assert_eq!(keylet::trust_line(&high_id, &low_id, &low.currency().unwrap()), node.index);
            counts.lines += 1;
        }
        EntryType::OFFER => check_offer(node, fields, tx, counts),
        EntryType::DIRECTORY_NODE => {
            if let (Some(owner), Some(root)) = (fields.account(f::OWNER), fields.hash256(f::ROOT_INDEX)) {
                assert_eq!(keylet::owner_directory(&owner), root);
                counts.directories += 1;
            }
        }
        _ => {}
    }
}

fn check_offer(node: &ledger::AffectedNode, fields: &Object, tx: &Object, counts: &mut Counts) {
    assert_eq!(keylet::offer(&account(fields), fields.u32(f::SEQUENCE).unwrap()), node.index);
    counts.offers += 1;
    let directory = fields.hash256(f::BOOK_DIRECTORY).unwrap();
    let [gets, pays] = [f::TAKER_GETS, f::TAKER_PAYS].map(|field| fields.amount(field).unwrap());
    let rate = keylet::book_rate(&directory);
    assert_eq!(keylet::book_directory(&pays.asset(), &gets.asset(), rate), directory);
    // A remainder keeps the rate of the whole, and a tick size rounds before: only a whole new offer shows its own.
    let placed = |field| tx.amount(field) == fields.amount(field);
    if node.action == NodeAction::Created && placed(f::TAKER_GETS) && placed(f::TAKER_PAYS) {
        assert_eq!(keylet::rate(&gets, &pays), rate);
        counts.rates += 1;
    }
}

fn check_transaction(entry: &Json, counts: &mut Counts) {
    let blob = hex::decode(entry["tx_blob"].as_str().unwrap()).unwrap();
    let object = Object::from_bytes(&blob).unwrap();
    assert_eq!(tx::tx_hash(&blob).to_string(), entry["hash"].as_str().unwrap());
    assert_eq!(tx::verify(&object), Ok(()));
    let meta = TxMeta::from_json(&entry["meta"]).unwrap();
    assert_eq!(meta.to_json(), entry["meta"], "metadata comes back as the server wrote it");
    assert_eq!(TxMeta::from_bytes(&meta.to_bytes().unwrap()).unwrap().nodes, meta.nodes);
    assert_eq!(meta.result.to_string(), entry["result"].as_str().unwrap());
    for node in &meta.nodes {
        check_node(node, &object, counts);
    }
    counts.transactions += 1;
}

#[test]
fn named_scenarios() {
    let mut counts = Counts::default();
    let names = common::names("rippled/named");
    for name in &names {
        let Some(text) = common::unpacked(&format!("rippled/named/{name}")) else {
            return;
        };
        let document: Json = serde_json::from_str(&text).unwrap();
        for entry in validated(&document) {
            check_transaction(entry, &mut counts);
        }
    }
    println!("{} named scenarios: {counts:?}", names.len());
    assert!(
        names.is_empty() || (counts.offers > 500 && counts.rates > 300 && counts.lines > 500),
        "{counts:?}"
    );
}

/// Transactions of both clients' streams, histories and ledgers, API versions 1 and 2: one reader for all, and what both
/// versions say of a transaction is the same.
#[test]
fn transcripts() {
    for name in ["quiet", "disconnect", "stalled_validation"] {
        let Some(text) = common::unpacked(&format!("rippled/transcripts/{name}.jsonl.gz")) else {
            return;
        };
        let mut seen = BTreeMap::<String, TxRecord>::new();
        let [mut messages, mut of_history, mut of_ledgers] = [0; 3];
        for line in text.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            let message = &line["msg"];
            if line["kind"] == "in" && message["type"] == "transaction" && message["validated"] == true {
                messages += 1;
                agree(&mut seen, message);
            }
            let result = message.get("result").unwrap_or(message);
            for entry in result["transactions"].as_array().into_iter().flatten() {
                of_history += 1;
                agree(&mut seen, entry);
            }
            for entry in result["ledger"]["transactions"].as_array().into_iter().flatten() {
                of_ledgers += 1;
                agree(&mut seen, entry);
            }
        }
        println!(
            "{name}: {messages} messages, {of_history} of histories, {of_ledgers} of ledgers: {} transactions",
            seen.len()
        );
        assert!(messages > 0 && of_history > 0 && of_ledgers > 0);
    }
}

/// Reads a document; what it says of a transaction seen before must be the same.
fn agree(seen: &mut BTreeMap<String, TxRecord>, document: &Json) {
    let record = TxRecord::read(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    assert!(record.unknown.is_empty(), "{:?}", record.unknown);
    let json = document.get("meta").or(document.get("metaData")).unwrap();
    assert_eq!(record.meta.to_json(), *json, "metadata comes back as the server wrote it");
    let tx = record.tx.as_ref().unwrap();
    assert!(matches!(tx.get(f::TRANSACTION_TYPE), Some(Value::UInt16(_))));
    let bytes = tx.to_bytes().unwrap();
    assert_eq!(record.hash, Some(tx::tx_hash(&bytes)));
    if let (Some(iso), Some(close)) = (document["close_time_iso"].as_str(), record.close_time) {
        assert_eq!(ledger_time_of_iso(iso), Some(close));
        assert_eq!(record.parent_close, Some(ParentClose::AtMost(LedgerTime(close.get() - 1))));
    }
    let known = seen.entry(record.hash.unwrap().to_string()).or_insert_with(|| record.clone());
    assert_eq!((&known.tx, &known.meta, &known.result), (&record.tx, &record.meta, &record.result));
    let same = |one: Option<u32>, other: Option<u32>| one.is_none() || other.is_none() || one == other;
    assert!(same(known.ledger_index, record.ledger_index));
    assert!(
        known.close_time.is_none() || record.close_time.is_none() || known.close_time == record.close_time
    );
}

/// Scenario, and how many offers ended (or stand) in which way in it.
const ENDINGS: [(&str, &str); 8] = [
    ("cancel_cases", "cancelled 1, created 2"),
    ("expire_boundary", "created 6, expired 5, partially-filled 5"),
    ("expire_touched", "created 2, expired 1, partially-filled 1"),
    ("payment_hits_unfunded", "created 3, expired 1, partially-filled 1, unfunded 1"),
    ("replace_ok", "created 3, replaced 2"),
    ("self_cross", "created 4, removed 3"),
    ("stale_book_mixed", "created 6, expired 1, filled 1, partially-filled 1, removed 1, unfunded 2"),
    ("unfunded_refunded", "created 1, partially-filled 1"),
];

#[test]
fn removed_offers_are_explained() {
    for (scenario, expected) in ENDINGS {
        let Some(text) = common::unpacked(&format!("rippled/named/{scenario}.json.gz")) else {
            return;
        };
        let document: Json = serde_json::from_str(&text).unwrap();
        let mut seen = BTreeMap::<String, usize>::new();
        for step in ["setup", "steps"].iter().flat_map(|part| document[part].as_array().unwrap()) {
            let parent = step["ledger"]["parent_close_time"].as_u64().and_then(|t| u32::try_from(t).ok());
            for entry in
                step["txs"].as_array().unwrap().iter().filter(|tx| tx["validated"] == Json::Bool(true))
            {
                let meta = TxMeta::from_json(&entry["meta"]).unwrap();
                let tx = Object::from_json(&entry["tx_json"]).unwrap();
                for change in ledger::offer_changes(&meta, Some(&tx), parent.map(LedgerTime)) {
                    *seen.entry(change.status.to_string()).or_default() += 1;
                }
            }
        }
        let seen: Vec<String> = seen.iter().map(|(status, count)| format!("{status} {count}")).collect();
        assert_eq!(seen.join(", "), expected, "{scenario}");
    }
}

#[test]
fn random_scenarios() {
    let Some(text) = common::unpacked("rippled/random.jsonl.gz") else {
        return;
    };
    let mut counts = Counts::default();
    let mut scenarios = 0;
    for line in text.lines() {
        let document: Json = serde_json::from_str(line).unwrap();
        for entry in validated(&document) {
            check_transaction(entry, &mut counts);
        }
        scenarios += 1;
    }
    println!("{scenarios} random scenarios: {counts:?}");
    assert!(counts.rates > 1000, "{counts:?}");
}

#[test]
fn ledgers_of_mid_2026_decode_and_encode() {
    for name in common::names("ledgers").iter().filter(|name| name.starts_with("replay_")) {
        let Some(ledger) = common::json(&format!("ledgers/{name}")) else {
            return;
        };
        let blobs = ledger["tx_blobs_by_transaction_index"].as_object().unwrap();
        let order = ledger["tx_order"].as_array().unwrap();
        for (index, blob) in blobs {
            let bytes = hex::decode(blob.as_str().unwrap()).unwrap();
            let object = Object::from_bytes(&bytes).unwrap();
            assert_eq!(object.to_bytes().unwrap(), bytes);
            let hash = tx::tx_hash(&bytes).to_string();
            assert!(order.iter().any(|h| *h == hash), "{name} {index}");
            let is_pseudo = object.account(f::ACCOUNT) == Some(AccountId::ZERO);
            assert!(
                is_pseudo || tx::verify(&object).is_ok() || object.contains(f::DELEGATE),
                "{name} {index}"
            );
            let shown = Object::from_api_json(&ledger["tx_json"][&hash]).unwrap();
            assert_eq!(shown, object, "{name} {index}");
        }
        println!("{name}: {0}/{0}", blobs.len());
    }
}
