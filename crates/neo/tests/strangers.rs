//! Stories of others at work on our account while a session trades: money comes in, another program signs with our key, the
//! issuer freezes our line. Each ends with books that are proven from the evidence and again from the ledger alone.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use ledger::{Amount, KeyPair, Object, TxType, fields as f, flags};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use units::{Drops, IssuedValue};

/// A session that others can reach.
struct Session {
    folder: Folder,
    child: Child,
    address: String,
    drain: std::thread::JoinHandle<String>,
}

impl Session {
    /// One of half an hour, which takes most of a minute; by then something of ours rests on the ledger.
    fn begun() -> Session {
        let folder = Folder::new();
        let args = ["paper", "--duration", "30m", "--speed", "40", "--json", "--listen", "127.0.0.1:0"];
        let mut child = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let address = loop {
            assert_ne!(stderr.read_line(&mut told).unwrap(), 0, "ended early: {told}");
            if let Some((_, rest)) = told.split_once("ws://") {
                break rest.split_whitespace().next().unwrap().to_owned();
            }
        };
        let drain = std::thread::spawn(move || {
            let mut rest = String::new();
            let _ = stderr.read_to_string(&mut rest);
            rest
        });
        let session = Session { folder, child, address, drain };
        let us = keys(sim::identity::WALLET).account().to_string();
        session.until("an offer of ours", || {
            let offers = session.ask("account_offers", json!({"account": us, "ledger_index": "validated"}));
            offers["offers"].as_array().is_some_and(|offers| !offers.is_empty())
        });
        session
    }

    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within 60 s");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the server answers; null once it is gone.
    fn ask(&self, method: &str, params: Value) -> Value {
        let body = json!({"method": method, "params": [params]}).to_string();
        let answer = post(&self.address, &body).unwrap_or_default();
        serde_json::from_str::<Value>(&answer).map(|answer| answer["result"].clone()).unwrap_or_default()
    }

    /// Sends a transaction until a validated ledger has it: the account's number may be taken by the engine meanwhile.
    fn send(&self, keys: &KeyPair, tx_type: TxType, body: &Object) {
        let account = keys.account().to_string();
        self.until("a validated transaction", || {
            let info = self.ask("account_info", json!({"account": account, "ledger_index": "current"}));
            let Some(sequence) = info["account_data"]["Sequence"].as_u64() else { return false };
            let tx = body
                .clone()
                .with(f::TRANSACTION_TYPE, tx_type)
                .with(f::ACCOUNT, keys.account())
                .with(f::NETWORK_ID, sim::identity::NETWORK_ID)
                .with(f::FEE, Drops::new(10).unwrap())
                .with(f::SEQUENCE, u32::try_from(sequence).unwrap());
            let (_, signed) = ledger::sign_object(&tx, keys).unwrap();
            let answer = self.ask("submit", json!({"tx_blob": signed.blob_hex()}));
            let said = answer["engine_result"].as_str().unwrap_or_default().to_owned();
            if said != "tesSUCCESS" {
                assert!(said.starts_with("tef") || said.starts_with("ter"), "{answer}");
                return false;
            }
            let hash = signed.hash.to_string();
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(2) {
                let seen = self.ask("tx", json!({"transaction": hash}));
                if seen["validated"] == true || seen.is_null() {
                    return true;
                }
                std::thread::sleep(Duration::from_millis(40));
            }
            false
        });
    }

    /// Lets the session end, and proves its books twice; gives its report and its movements by cause.
    #[track_caller]
    fn proven(self, code: i32) -> (Value, Value) {
        let output = self.child.wait_with_output().unwrap();
        let stderr = self.drain.join().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}\n{stderr}", String::from_utf8_lossy(&output.stdout));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let audit = self.folder.neo(&["audit", "--json"]).ended(0).json();
        assert_eq!(audit["proven"], true, "{audit}");
        let again = self.folder.neo(&["audit", "--from-ledger", "--json"]).ended(0).json();
        assert_eq!(again["equal"], true, "{again}");
        (report, audit["sessions"][0]["movements"].clone())
    }
}

fn post(address: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let head = format!("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

fn keys(name: &str) -> KeyPair {
    sim::identity::keys(name).unwrap()
}

fn rlusd(value: &str) -> Amount {
    let ledger::Asset::Issued { currency, issuer } = sim::identity::rlusd().unwrap() else {
        panic!("issued")
    };
    Amount::Issued { value: value.parse::<IssuedValue>().unwrap(), currency, issuer }
}

#[test]
fn money_that_comes_in_is_a_deposit_of_each_asset_and_trading_goes_on() {
    let session = Session::begun();
    let us = keys(sim::identity::WALLET).account();
    let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
    let five = Object::new().with(f::DESTINATION, us).with(f::AMOUNT, Amount::Xrp(Drops::from_xrp(5)));
    session.send(&genesis, TxType::PAYMENT, &five);
    let more = Object::new().with(f::DESTINATION, us).with(f::AMOUNT, rlusd("7.125"));
    session.send(&keys(sim::identity::ISSUER), TxType::PAYMENT, &more);
    let (report, movements) = session.proven(0);
    assert_eq!(report["halt_reason"], "duration_elapsed", "{report}");
    let deposit = &movements["deposit"];
    assert_eq!((&deposit["xrp"], &deposit["rlusd"]), (&"5.000000".into(), &"7.125".into()), "{movements}");
}

#[test]
fn another_program_that_takes_money_out_with_our_key_ends_the_session_and_is_booked() {
    let session = Session::begun();
    let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
    let one = Amount::Xrp(Drops::from_xrp(1));
    let out = Object::new().with(f::DESTINATION, genesis.account()).with(f::AMOUNT, one);
    session.send(&keys(sim::identity::WALLET), TxType::PAYMENT, &out);
    let (report, movements) = session.proven(3);
    assert_eq!(report["halt_reason"], "foreign_transaction", "{report}");
    assert_eq!(movements["other_writer"]["xrp"], "-1.000000", "{movements}");
}

#[test]
fn an_offer_that_another_program_places_with_our_key_is_found_and_taken_down() {
    let session = Session::begun();
    let offer =
        Object::new().with(f::TAKER_GETS, Amount::Xrp(Drops::from_xrp(2))).with(f::TAKER_PAYS, rlusd("40"));
    session.send(&keys(sim::identity::WALLET), TxType::OFFER_CREATE, &offer);
    let (report, _) = session.proven(3);
    assert_eq!(report["halt_reason"], "foreign_transaction", "{report}");
    assert_eq!(report["truth"]["verified"], true, "its offer is gone too: {report}");
}

#[test]
fn a_transfer_rate_that_the_issuer_sets_is_booked_as_a_fee_and_ends_the_session() {
    let session = Session::begun();
    // Two in a thousand.
    let rate = Object::new().with(f::TRANSFER_RATE, 1_002_000_000_u32);
    session.send(&keys(sim::identity::ISSUER), TxType::ACCOUNT_SET, &rate);
    let us = keys(sim::identity::WALLET).account().to_string();
    session.until("a bid of ours", || {
        let offers = session.ask("account_offers", json!({"account": us, "ledger_index": "validated"}));
        offers["offers"].as_array().is_some_and(|offers| offers.iter().any(|o| o["taker_gets"].is_object()))
    });
    // Somebody sells through everything that is bid for.
    let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
    let sells = Object::new()
        .with(f::TAKER_GETS, Amount::Xrp(Drops::from_xrp(20_000)))
        .with(f::TAKER_PAYS, rlusd("20000"))
        .with(f::FLAGS, flags::TF_IMMEDIATE_OR_CANCEL);
    session.send(&genesis, TxType::OFFER_CREATE, &sells);
    let (report, movements) = session.proven(3);
    assert_eq!(report["halt_reason"], "inventory_truth_halt", "{report}");
    assert_eq!(report["truth"]["unexplained"], "0", "{report}");
    let fee = movements["transfer_fee"]["rlusd"].as_str().unwrap_or_default();
    assert!(fee.starts_with("-0.0"), "{movements}");
}

#[test]
fn a_line_that_the_issuer_freezes_ends_the_session() {
    let session = Session::begun();
    let us = keys(sim::identity::WALLET).account();
    let Amount::Issued { currency, .. } = rlusd("1") else { panic!("issued") };
    let side = Amount::Issued { value: IssuedValue::ZERO, currency, issuer: us };
    let freeze = Object::new().with(f::LIMIT_AMOUNT, side).with(f::FLAGS, flags::TF_SET_FREEZE);
    session.send(&keys(sim::identity::ISSUER), TxType::TRUST_SET, &freeze);
    let (report, _) = session.proven(3);
    assert_eq!(report["halt_reason"], "issuer_freeze", "{report}");
}
