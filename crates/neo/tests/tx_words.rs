//! `neo tx explain` in plain words, and its further keys: short lines, nothing raw, every way a transaction can end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run, shared_data};
use serde_json::{Value, json};

fn data(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&std::fs::read_to_string(shared_data()?.join(name)).unwrap()).unwrap())
}

fn run(args: &[&str], stdin: &str) -> Run {
    let folder = Folder::new();
    let input = std::fs::File::open(folder.file("stdin", stdin)).unwrap();
    Run::of(folder.command(&[&["tx", "explain"], args].concat()).stdin(input).output().unwrap())
}

#[track_caller]
fn words(document: &Value) -> String {
    let text = run(&[], &document.to_string()).ended(0).stdout;
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    text
}

#[track_caller]
fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in\n{text}");
    }
}

const ALICE: &str = "rrrrrrrrrrrrrrrrrrrrBZbvji";
const GENESIS: &str = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";

fn payment(more: Value) -> Value {
    let mut tx = json!({ "TransactionType": "Payment", "Account": GENESIS, "Destination": ALICE, "Amount": "5000000",
        "Fee": "12", "Sequence": 1, "SigningPubKey": "" });
    tx.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    tx
}

fn meta(result: &str, nodes: Value) -> Value {
    json!({ "AffectedNodes": nodes, "TransactionIndex": 3, "TransactionResult": result })
}

fn root(account: &str, before: &str, after: &str) -> Value {
    json!({ "ModifiedNode": { "LedgerEntryType": "AccountRoot", "LedgerIndex": "0".repeat(64),
        "FinalFields": { "Account": account, "Balance": after }, "PreviousFields": { "Balance": before } } })
}

#[test]
fn every_way_to_end() {
    let paid = meta("tesSUCCESS", json!([root(GENESIS, "9000012", "4000000"), root(ALICE, "0", "5000000")]));
    let failed = meta("tecPATH_DRY", json!([root(GENESIS, "9000012", "9000000")]));
    let done =
        words(&json!({ "tx_json": payment(json!({})), "meta": paid, "ledger_index": 5, "validated": true,
        "close_time_iso": "2026-11-20T23:21:40Z" }));
    holds(
        &done,
        &["done (tesSUCCESS)", "Delivered 5 XRP", "Fee 0.000012 XRP", "closed 2026-11-20T23:21:40Z"],
    );
    holds(&done, &[&format!("{GENESIS} paid 5 to {ALICE}")]);
    assert!(!done.contains("NOT VALIDATED"));
    let text = words(&json!({ "tx_json": payment(json!({})), "meta": failed, "validated": true }));
    holds(&text, &["failed (tecPATH_DRY)", "all the same", "No balance but for the fee"]);
    assert!(!text.contains("Delivered"));
    let open = words(&json!({ "tx": payment(json!({})), "meta": paid, "validated": false }));
    holds(&open, &["NOT VALIDATED: this may still change"]);
    let tried = json!({ "applied": false, "engine_result": "tesSUCCESS", "tx_json": payment(json!({})), "meta": paid });
    holds(&words(&tried), &["ONLY TRIED"]);
    let delegate =
        meta("tesSUCCESS", json!([root(GENESIS, "9000000", "4000000"), root(ALICE, "12", "5000000")]));
    let document = json!({ "tx_json": payment(json!({ "Delegate": ALICE })), "meta": delegate });
    holds(&words(&document), &[&format!("paid by {ALICE}, who acted for the sender"), "paid 5 to"]);
    assert_eq!(run(&["--json"], &document.to_string()).ended(0).json()["fee_payer"], ALICE);
    let mut inner = paid.clone();
    inner["ParentBatchID"] = "AB".repeat(32).into();
    inner["AffectedNodes"][0] = root(GENESIS, "9000000", "4000000");
    let batch = json!({ "tx_json": payment(json!({ "Fee": "0", "Flags": 0x4000_0000 })), "meta": inner });
    holds(&words(&batch), &["No fee of its own", "Part of batch ABAB", "paid 5 to"]);
    let bare = run(&[], &paid.to_string()).ended(0).stdout;
    holds(&bare, &["Transaction: done", "with the fee among it"]);
}

#[test]
fn nothing_of_a_document_moves_the_terminal() {
    let evil = "\u{1b}[2J\u{202e}\r\n";
    let mut meta = meta("tesSUCCESS", json!([root(GENESIS, "9000012", "4000000")]));
    meta["TransactionResult"] = format!("tec{evil}").into();
    meta[format!("New{evil}")] = 5.into();
    let text = words(&json!({ "tx_json": payment(json!({ format!("More{evil}"): 1 })), "meta": meta }));
    holds(&text, &["\\u{1b}[2J\\u{202e}", "Not understood"]);
    let refused = run(&[], &json!({ "error": evil }).to_string()).ended(1);
    assert!(
        !refused.stderr.contains('\u{1b}') && !refused.stderr.contains('\u{202e}'),
        "{:?}",
        refused.stderr
    );
}

#[test]
fn refusals_are_told() {
    let meta = meta("tesSUCCESS", json!([]));
    for (document, word) in [
        (json!({ "tx_blob": "1200", "meta": meta, "hash": "0".repeat(64) }), "bytes end"),
        (json!({ "result": { "error": "txnNotFound" } }), "txnNotFound"),
        (json!({ "result": { "transactions": [] } }), "one entry"),
        (json!({ "tx_json": payment(json!({})) }), "no metadata"),
    ] {
        let refused = run(&["--json"], &document.to_string()).ended(1);
        assert!(refused.json()["error"].as_str().unwrap().contains(word), "{}", refused.stdout);
    }
}

#[test]
fn a_newer_type_has_its_own_name() {
    let entry = json!({ "CreatedNode": { "LedgerEntryType": "FutureEntry", "LedgerIndex": "A".repeat(64),
        "NewFields": { "Account": GENESIS } } });
    let document = json!({ "tx_json": payment(json!({ "TransactionType": "FutureThing" })),
        "meta": meta("tesSUCCESS", json!([entry])) });
    let text = words(&document);
    holds(&text, &["FutureThing of", "new  FutureEntry of"]);
    let answer = run(&["--json"], &document.to_string()).ended(0).json();
    assert_eq!(answer["created"][0]["type"], "FutureEntry");
    assert!(!text.contains("Invalid") && !answer.to_string().contains("Invalid"));
}

#[test]
fn a_hash_of_another_transaction_is_told() {
    let meta = meta("tesSUCCESS", json!([]));
    let tx = payment(json!({ "TxnSignature": "00" }));
    let document = json!({ "tx_json": tx, "meta": meta, "hash": "0".repeat(64) });
    holds(&words(&document), &["NOT THE SAME"]);
    assert!(run(&["--json"], &document.to_string()).ended(0).json()["other_hash"].is_string());
    let twice = json!({ "tx_json": tx, "meta": meta, "metaData": { "AffectedNodes": [] } });
    assert!(run(&[], &twice.to_string()).ended(1).stderr.contains("`metaData`"));
}

/// Thousands of assets, pools, tokens and escrows in one document: each is looked at a few times, not thousands.
#[test]
fn a_document_of_thousands_of_changes_is_told_at_once() {
    let nodes: Vec<Value> = (0..12_000_u32).map(crowd).collect();
    let document = meta("tesSUCCESS", nodes.into()).to_string();
    let begun = std::time::Instant::now();
    let text = run(&[], &document).ended(0).stdout;
    holds(&text, &["Who paid what:", "Pools:", "Escrows:"]);
    // Well under a second as measured; the bound leaves room for a busy machine.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

/// The account of a number.
fn account(number: u32) -> String {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ledger::AccountId(bytes).to_string()
}

/// An escrow, a pool's trust line or a holding of a token.
fn crowd(n: u32) -> Value {
    let index = format!("{n:064X}");
    let usd = |issuer: &str, value: &str| json!({ "currency": "USD", "issuer": issuer, "value": value });
    match n % 3 {
        0 => json!({ "CreatedNode": { "LedgerEntryType": "Escrow", "LedgerIndex": index, "NewFields": {
            "Account": account(n), "Destination": account(n + 1), "Amount": "5" } } }),
        1 => {
            json!({ "ModifiedNode": { "LedgerEntryType": "RippleState", "LedgerIndex": index, "FinalFields": {
            "Flags": 0x0100_0000, "Balance": usd(ALICE, "5"), "LowLimit": usd(&account(n), "0"),
            "HighLimit": usd(&account(n + 1_000_000), "0") }, "PreviousFields": { "Balance": usd(ALICE, "4") } } })
        }
        _ => json!({ "ModifiedNode": { "LedgerEntryType": "MPToken", "LedgerIndex": index, "FinalFields": {
            "Account": account(n), "MPTAmount": "5", "MPTokenIssuanceID": format!("{:048X}", n % 50) },
            "PreviousFields": {} } }),
    }
}

/// Every real transaction there is: bytes and JSON, API versions 1 and 2 explain to the same.
#[test]
fn bytes_and_json_explain_to_the_same() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(ledger) = data(&format!("ledgers/{name}.json")) else { return };
        let rows = ledger["rows"].as_array().unwrap();
        let mut input = String::new();
        for row in rows {
            let (tx, meta, hash, index) = (&row["tx_json"], &row["meta"], &row["hash"], &row["ledger_index"]);
            let mut flat = tx.clone();
            flat["hash"] = hash.clone();
            let mut entry = flat.clone();
            entry["metaData"] = meta.clone();
            entry["ledger_index"] = index.clone();
            for document in [
                json!({ "result": { "tx_json": tx, "meta": meta, "hash": hash, "ledger_index": index } }),
                json!({ "tx": flat, "meta": meta, "ledger_index": index }),
                json!({ "tx_blob": row["tx_blob"], "meta": row["meta_blob"], "ledger_index": index }),
                json!({ "tx_blob": row["tx_blob"], "meta_blob": row["meta_blob"], "hash": hash, "ledger_index": index }),
                json!({ "transaction": flat, "meta": meta, "type": "transaction", "ledger_index": index }),
                entry,
            ] {
                input.push_str(&format!("{document}\n"));
            }
        }
        let run = run(&["--lines"], &input).ended(0);
        let answers: Vec<Value> =
            run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let same = answers.chunks(6).filter(|chunk| chunk.iter().all(|answer| *answer == chunk[0])).count();
        println!("{name}: {same}/{} transactions explain to the same out of 6 documents", rows.len());
        let odd = answers.chunks(6).find(|chunk| chunk.iter().any(|answer| *answer != chunk[0]));
        assert_eq!(same, rows.len(), "{odd:?}");
    }
}

/// Lines stay short on every kind of transaction that other libraries keep as a case, and the rare kinds say their part.
#[test]
fn rare_kinds_in_words() {
    let Some(rare) = data("metadata/mainnet_meta_rare_types.json") else { return };
    let of = |place: usize| words(&rare[place]);
    holds(&of(3), &["Escrows:", "locked 0.123456 XRP"]);
    holds(&of(5), &["0.123456 XRP went back to"]);
    holds(&of(6), &["10 XRP put into a new channel"]);
    holds(&of(7), &["0.01 XRP added, 10.01 XRP left"]);
    holds(&of(9), &["new  ticket of"]);
    holds(&of(0), &["more offers"]);
    let Some(cases) = data("metadata/bithomp_cases.json") else { return };
    let mut shown = 0;
    for case in cases.as_array().unwrap().iter().filter(|case| case["function"] == "Models.getTxDetails") {
        words(&case["args"][0]);
        shown += 1;
    }
    println!("bithomp_cases: {shown} in words");
    let Some(ledger) = data("ledgers/104540000.json") else { return };
    ledger["rows"].as_array().unwrap().iter().for_each(|row| {
        words(
            &json!({ "tx_json": row["tx_json"], "meta": row["meta"], "ledger_index": row["ledger_index"] }),
        );
    });
    let row = &ledger["rows"][19];
    let answer = run(&["--json"], &json!({ "tx_json": row["tx_json"], "meta": row["meta"] }).to_string())
        .ended(0)
        .json();
    let pool = &answer["pool_changes"][0];
    assert_eq!(pool["account"], "rhWTXC2m2gGGA9WozUaoMm6kLAVPb1tcS3");
    assert_eq!(
        (&pool["assets"][0]["change"], &pool["implied_fee"]),
        (&json!("95.196179"), &json!("267.0052"))
    );
    assert_eq!(answer["fee_payer"], row["tx_json"]["Account"]);
    assert!(answer.get("escrow_changes").is_none());
}
