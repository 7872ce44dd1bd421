//! Every kind of document that `neo tx explain` reads, whole and damaged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run, shared_data};
use serde_json::{Value, json};

fn text(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(shared_data()?.join(name)).unwrap())
}

fn run(args: &[&str], stdin: &[u8]) -> Run {
    let folder = Folder::new();
    let path = folder.path().join("stdin");
    std::fs::write(&path, stdin).unwrap();
    let mut command = folder.command(&[&["tx", "explain"], args].concat());
    Run::of(command.stdin(std::fs::File::open(path).unwrap()).output().unwrap())
}

fn explain(args: &[&str], stdin: &str) -> Run {
    run(args, stdin.as_bytes()).ended(0)
}

/// Every kind of document that a server gives: with the same transaction, the same explanation.
#[test]
fn one_transaction_in_every_document() {
    let Some(text) = text("ledgers/104540000.json") else { return };
    let ledger: Value = serde_json::from_str(&text).unwrap();
    let row = &ledger["rows"][19];
    let (tx, meta, hash) = (&row["tx_json"], &row["meta"], &row["hash"]);
    let with = |name: &str| {
        let mut flat = tx.clone();
        flat[name] = meta.clone();
        flat["hash"] = hash.clone();
        flat
    };
    let documents = [
        json!({ "tx_json": tx, "meta": meta, "hash": hash }),
        json!({ "tx": tx, "meta": meta }),
        json!({ "transaction": tx, "meta": meta, "type": "transaction", "engine_result": "tesSUCCESS" }),
        json!({ "result": { "tx_json": tx, "meta": meta, "hash": hash }, "status": "success" }),
        json!({ "tx_blob": row["tx_blob"], "meta_blob": row["meta_blob"] }),
        json!({ "tx": row["tx_blob"], "meta": row["meta_blob"] }),
        with("meta"),
        with("metaData"),
    ];
    let first = explain(&["--json"], &documents[0].to_string()).json();
    assert_eq!(first["offer_changes"].as_array().unwrap().len(), 19);
    for document in &documents {
        assert_eq!(explain(&["--json"], &document.to_string()).json(), first, "{document}");
    }
    let words = explain(&[], &documents[0].to_string()).stdout;
    for word in [
        "tesSUCCESS",
        "Fee 0.00001 XRP",
        "+95.196179 XRP",
        "(fee about 0.267 %)",
        "filled",
        "RLUSD issued by",
    ] {
        assert!(words.contains(word), "{word} in {words}");
    }
}

/// Documents with a character changed are answered or refused, never more.
#[test]
fn damaged_documents_are_answered_or_refused() {
    let Some(text) = text("ledgers/104552600.json") else { return };
    let ledger: Value = serde_json::from_str(&text).unwrap();
    let mut input = Vec::new();
    for row in ledger["rows"].as_array().unwrap() {
        let document = json!({ "tx_json": row["tx_json"], "meta": row["meta"] }).to_string().into_bytes();
        for at in (0..document.len()).step_by(97) {
            let mut damaged = document.clone();
            damaged[at] = b"\"{}[]:,0-9A\xFF"[at % 12];
            input.extend_from_slice(&damaged);
            input.push(b'\n');
        }
    }
    let run = run(&["--lines"], &input).ended(1);
    let lines = input.iter().filter(|byte| **byte == b'\n').count();
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), lines);
    assert!(answers.iter().all(|answer| answer["error"].is_string() != answer["result"].is_string()));
    println!(
        "{lines} damaged documents, {} refused",
        answers.iter().filter(|a| a["error"].is_string()).count()
    );
}
