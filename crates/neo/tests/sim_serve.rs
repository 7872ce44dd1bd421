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
