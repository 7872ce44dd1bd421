//! Recordings of a real server: entry indexes and rates recomputed, metadata and messages read and written back.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use ledger::messages::{AccountTx, BookSnapshot, Incoming, LedgerAnswer, Request, TxRecord};
use ledger::{AccountId, Amount, EntryType, NodeAction, Object, TxMeta, Value, fields as f, hex, keylet, tx};
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

#[test]
fn transcripts() {
    for name in ["quiet", "disconnect", "stalled_validation"] {
        let Some(text) = common::unpacked(&format!("rippled/transcripts/{name}.jsonl.gz")) else {
            return;
        };
        let [mut ledgers, mut transactions, mut answers, mut others, mut asked] = [0; 5];
        for line in text.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            if line["kind"] == "out" && line["client"] == "v2" {
                serde_json::from_value::<Request>(line["msg"].clone()).unwrap();
                asked += 1;
            }
            let is_truth = line["kind"] == "truth";
            if is_truth && line["what"] == "ledger" && line["msg"]["status"] == "success" {
                ledger_answer(&line["msg"]["result"]);
            }
            if line["kind"] != "in" || line["client"] != "v2" {
                continue;
            }
            match Incoming::from_json(line["msg"].clone()).unwrap() {
                Incoming::LedgerClosed(closed) => {
                    assert_eq!(closed.to_json(), line["msg"]);
                    ledgers += 1;
                }
                Incoming::Transaction(message) => {
                    let record = message.record().unwrap();
                    assert_eq!(record.meta.to_json(), message.meta);
                    let close = record.close_time.unwrap();
                    assert_eq!(Some(close.to_iso()), message.close_time_iso);
                    transactions += 1;
                }
                Incoming::Response(response) => {
                    typed_answer(&response, &line["msg"]["result"]);
                    answers += 1;
                }
                Incoming::Other(_) => others += 1,
            }
        }
        println!(
            "{name}: asked {asked}, {ledgers} ledgers, {transactions} transactions, {answers} answers, {others} others"
        );
        assert!(ledgers > 0 && transactions > 0 && asked > 0);
    }
}

fn typed_answer(response: &ledger::messages::Response, result: &Json) {
    if result.get("transactions").is_some() {
        let page: AccountTx = response.result().unwrap();
        for entry in &page.transactions {
            entry.record().unwrap();
        }
    }
    if result.get("asks").is_some()
        || result.get("offers").is_some_and(|o| o.get(0).is_some_and(|o| o.get("BookDirectory").is_some()))
    {
        let book: BookSnapshot = response.result().unwrap();
        let offers = [&book.offers, &book.asks, &book.bids].into_iter().flatten().flatten();
        for offer in offers {
            assert!(!matches!(offer.taker_gets, Amount::Mpt { .. }));
        }
    }
    if result.get("info").is_some() {
        response.result::<ledger::messages::ServerInfoAnswer>().unwrap();
    }
}

fn ledger_answer(result: &Json) {
    let answer: LedgerAnswer = serde_json::from_value(result.clone()).unwrap();
    let header = answer.ledger;
    for entry in header.transactions.unwrap_or_default() {
        let record =
            TxRecord::from_ledger_entry(&entry, header.ledger_index, LedgerTime(header.close_time)).unwrap();
        assert!(matches!(record.tx.get(f::TRANSACTION_TYPE), Some(Value::UInt16(_))));
    }
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
