//! `neo sim serve` for people and for programs: what it prints is what can be used.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use common::Folder;
use serde_json::{Value, json};

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Folder, args: &[&str]) -> (Serving, BufReader<std::process::ChildStdout>) {
    let mut command = folder.command(&["sim", "serve", "--listen", "127.0.0.1:0", "--market", "none"]);
    let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (Serving(child), stdout)
}

/// One JSON-RPC request over a connection of its own.
fn rpc(url: &str, body: &Value) -> Value {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn the_document_says_what_to_use() {
    let folder = Folder::new();
    let (_serving, mut stdout) = start(&folder, &["--json", "--manual-close"]);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let served: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&served["format"], &served["ledgers"]), (&json!(1), &json!({"close": "ledger_accept"})));
    let url = served["json_rpc"].as_str().unwrap();
    let info = rpc(url, &json!({"method": "server_info", "params": [{}]}));
    assert_eq!(info["result"]["info"]["network_id"], served["network_id"]);
    let genesis = json!({"account": served["genesis"]["address"], "ledger_index": "validated"});
    let root = rpc(url, &json!({"method": "account_info", "params": [genesis]}));
    let spendable: u64 = served["genesis"]["spendable_drops"].as_str().unwrap().parse().unwrap();
    let balance: u64 = root["result"]["account_data"]["Balance"].as_str().unwrap().parse().unwrap();
    assert_eq!(balance, spendable + 1_000_000, "the reserve is not spendable");
    let before =
        rpc(url, &json!({"method": "ledger_current"}))["result"]["ledger_current_index"].as_u64().unwrap();
    let after =
        rpc(url, &json!({"method": "ledger_accept"}))["result"]["ledger_current_index"].as_u64().unwrap();
    assert_eq!(after, before + 1);
    let issuer = json!({"account": served["rlusd"]["issuer"], "ledger_index": "validated"});
    assert_eq!(rpc(url, &json!({"method": "account_info", "params": [issuer]}))["result"]["validated"], true);
}

#[test]
fn people_are_told_where_and_how() {
    let folder = Folder::new();
    let (_serving, mut stdout) = start(&folder, &["--interval", "0.5"]);
    let mut told = String::new();
    while !told.contains("Ctrl-C") {
        assert_ne!(stdout.read_line(&mut told).unwrap(), 0, "ended early: {told}");
    }
    for part in [
        "ws://127.0.0.1:",
        "http://127.0.0.1:",
        "61337",
        "every 0.50 s",
        "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        "docs/serve.md",
    ] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
}

#[test]
fn an_interval_is_one_way_to_say_it() {
    let folder = Folder::new();
    for args in [["--interval", "0"], ["--interval", "4000"], ["--interval", "x"]] {
        folder.neo(&["sim", "serve", args[0], args[1]]).ended(2);
    }
    folder.neo(&["sim", "serve", "--interval", "1", "--speed", "2"]).ended(2);
    folder.neo(&["sim", "serve", "--interval", "1", "--manual-close"]).ended(2);
}

#[test]
fn a_standalone_server_ends_when_its_administrator_says_so() {
    let folder = Folder::new();
    let (mut serving, mut stdout) = start(&folder, &["--json", "--manual-close", "--keep-ledgers", "256"]);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let served: Value = serde_json::from_str(&line).unwrap();
    let url = served["json_rpc"].as_str().unwrap();
    assert_eq!(rpc(url, &json!({"method": "stop"}))["result"]["message"], "ripple server stopping");
    assert!(serving.0.wait().unwrap().success());
    for bad in ["0", "255", "x", "1000001"] {
        folder.neo(&["sim", "serve", "--keep-ledgers", bad]).ended(2);
    }
}

/// An account's transaction that changes nothing, signed by genesis.
fn nothing(sequence: u32, fee_drops: i64) -> String {
    let keys = ledger::KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
    let tx = ledger::Transaction {
        account: keys.account(),
        sequence: ledger::SeqProxy::Sequence(sequence),
        fee: units::Drops::new(fee_drops).unwrap(),
        flags: 0,
        last_ledger_sequence: None,
        network_id: Some(sim::identity::NETWORK_ID),
        source_tag: None,
        kind: ledger::TxKind::AccountSet {
            set_flag: None,
            clear_flag: None,
            transfer_rate: None,
            tick_size: None,
            domain: None,
        },
    };
    ledger::sign(&tx, &keys).unwrap().blob_hex()
}

/// A served ledger that closes when it is told, and genesis' next sequence.
fn standing(folder: &Folder, args: &[&str]) -> (Serving, String, u32) {
    let (serving, mut stdout) = start(folder, &[&["--json", "--manual-close"], args].concat());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let served: Value = serde_json::from_str(&line).unwrap();
    let url = served["json_rpc"].as_str().unwrap().to_owned();
    let genesis = json!({"account": served["genesis"]["address"], "ledger_index": "current"});
    let root = rpc(&url, &json!({"method": "account_info", "params": [genesis]}));
    let sequence = root["result"]["account_data"]["Sequence"].as_u64().unwrap();
    (serving, url, u32::try_from(sequence).unwrap())
}

fn submit(url: &str, blob: &str) -> String {
    let answer = rpc(url, &json!({"method": "submit", "params": [{"tx_blob": blob}]}));
    let told = ["engine_result", "error"].map(|name| answer["result"][name].as_str());
    told.into_iter().flatten().next().unwrap_or_default().to_owned()
}

/// The names of the settings are the real server's; what they do is too: room for five and one more, three of an account
/// in the queue, and the fee of an escalated ledger (documentation, "Transaction Queue").
#[test]
fn a_small_open_ledger_shows_the_queue() {
    let folder = Folder::new();
    let queue = "minimum_txn_in_ledger=5,normal_consensus_increase_percent=0,maximum_txn_per_account=3";
    let (_serving, url, first) = standing(&folder, &["--transaction-queue", queue]);
    let told: Vec<String> = (first..first + 10).map(|number| submit(&url, &nothing(number, 10))).collect();
    let mut wanted = vec!["tesSUCCESS"; 6];
    wanted.extend(["terQUEUED", "terQUEUED", "terQUEUED", "telCAN_NOT_QUEUE_FULL"]);
    assert_eq!(told, wanted);
    assert_eq!(submit(&url, &nothing(first + 7, 11)), "telCAN_NOT_QUEUE_FEE", "the same for hardly more");
    let fee = rpc(&url, &json!({"method": "fee"}))["result"].clone();
    assert_eq!((&fee["expected_ledger_size"], &fee["current_queue_size"]), (&json!("5"), &json!("3")));
    let dear: u32 = fee["drops"]["open_ledger_fee"].as_str().unwrap().parse().unwrap();
    assert!(dear > 5_000, "{fee}");
    rpc(&url, &json!({"method": "ledger_accept"}));
    rpc(&url, &json!({"method": "ledger_accept"}));
    let fee = rpc(&url, &json!({"method": "fee"}))["result"].clone();
    assert_eq!((&fee["drops"]["open_ledger_fee"], &fee["current_queue_size"]), (&json!("10"), &json!("0")));
    let genesis = ledger::KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap().account().to_string();
    let account = json!({"account": genesis, "ledger_index": "validated"});
    let root = rpc(&url, &json!({"method": "account_info", "params": [account]}));
    assert_eq!(root["result"]["account_data"]["Sequence"], first + 10, "those that waited, and the one kept");

    for bad in ["txn=1", "minimum_txn_in_ledger=0", "minimum_txn_in_ledger=9,maximum_txn_in_ledger=8"] {
        folder.neo(&["sim", "serve", "--transaction-queue", bad]).ended(2);
    }
}

/// A program of this machine fills the open ledger of a standalone server (1,000 transactions) and the queue behind it.
#[test]
fn a_local_program_is_not_too_busy_for_the_queue() {
    let folder = Folder::new();
    let (_serving, url, first) = standing(&folder, &[]);
    let mut told: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for number in first..first + 1_020 {
        *told.entry(submit(&url, &nothing(number, 10))).or_default() += 1;
    }
    let counted: Vec<(&str, usize)> = told.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counted, [("telCAN_NOT_QUEUE_FULL", 9), ("terQUEUED", 10), ("tesSUCCESS", 1_001)]);
}

#[test]
fn faults_that_are_over_before_the_server_begins_are_refused() {
    let folder = Folder::new();
    folder.file("old.yaml", "faults:\n  - fault: drop\n    to_ledger: 3\n");
    let args = ["sim", "serve", "--listen", "127.0.0.1:0", "--faults", "old.yaml"];
    let run = folder.neo(&args).ended(2);
    assert!(
        run.stderr.contains("line 2: to_ledger: 3 is past: the server begins with ledger"),
        "{}",
        run.stderr
    );
}
