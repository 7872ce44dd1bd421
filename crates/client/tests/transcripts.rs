//! Recorded messages of a real server, assembled and compared with what that server said afterwards.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use client::answers::HistoryPage;
use client::{Assembler, AssemblerEvent, BookOffer, ClientError, ClosedLedger, StreamMessage, Subscribed};
use common::recording;
use serde_json::Value;
use units::LedgerIndex;

/// What the client of API version 2 received, assembled; connections begin where the recording says so.
fn assembled(lines: &[Value]) -> Vec<AssemblerEvent> {
    let mut assembler = Assembler::new(None);
    let mut events = Vec::new();
    for line in lines.iter().filter(|line| line["client"] == "v2" && line["kind"] == "in") {
        let message = line["msg"].clone();
        if message["type"] == "response" {
            if let Some(at) = message["result"]["ledger_index"].as_u64() {
                assembler.subscribed_at(LedgerIndex(u32::try_from(at).unwrap()));
            }
        } else {
            assembler.accept(StreamMessage::parse(message).unwrap()).unwrap();
        }
        events.extend(std::iter::from_fn(|| assembler.next_event()));
    }
    assert!(!assembler.is_waiting());
    events
}

/// Asserts that a ledger is what the server said of it afterwards.
fn assert_true(ledger: &ClosedLedger, lines: &[Value]) {
    let truth =
        lines.iter().find(|line| line["what"] == "ledger" && line["ledger_index"] == ledger.index.get());
    let truth = &truth.unwrap_or_else(|| panic!("no truth about ledger {}", ledger.index))["msg"]["ledger"];
    assert_eq!(truth["ledger_hash"], ledger.hash.to_string());
    assert_eq!(truth["close_time"], ledger.close_time.get());
    let mut expected: Vec<&Value> = truth["transactions"].as_array().unwrap().iter().collect();
    expected.sort_by_key(|tx| tx["meta"]["TransactionIndex"].as_u64());
    assert_eq!(expected.len(), ledger.transactions.len(), "ledger {}", ledger.index);
    for (expected, tx) in expected.into_iter().zip(&ledger.transactions) {
        assert_eq!(expected["hash"], tx.hash.to_string());
        assert_eq!(expected["meta"], tx.typed_meta().unwrap().to_json());
        assert_eq!(expected["owner_funds"].as_str(), tx.owner_funds.as_deref());
        assert!(tx.typed_meta().is_ok() && tx.typed_tx().is_ok(), "{}", tx.hash);
    }
}

#[test]
fn a_quiet_market_comes_out_whole() {
    let Some(lines) = recording("quiet.jsonl.gz") else {
        return;
    };
    let events = assembled(&lines);
    assert!(events.len() >= 5);
    for event in events {
        match event {
            AssemblerEvent::Ledger(ledger) => assert_true(&ledger, &lines),
            AssemblerEvent::Gap(gap) => panic!("{gap:?}"),
        }
    }
}

#[test]
fn a_lost_connection_is_one_gap_and_the_rest_is_whole() {
    let Some(lines) = recording("disconnect.jsonl.gz") else {
        return;
    };
    let (mut gaps, mut transactions) = (Vec::new(), 0);
    let mut next = None;
    for event in assembled(&lines) {
        let (from, to) = match event {
            AssemblerEvent::Ledger(ledger) => {
                assert_true(&ledger, &lines);
                transactions += ledger.transactions.len();
                (ledger.index, ledger.index)
            }
            AssemblerEvent::Gap(gap) => {
                gaps.push(gap);
                (gap.from, gap.to)
            }
        };
        assert!(next.is_none_or(|due| due == from), "a hole before {from}");
        next = Some(to.plus(1));
    }
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(transactions > 30, "{transactions}");
}

/// Every answer that the recorded client of API version 2 got, and what was asked of the server afterwards.
#[test]
fn recorded_answers_are_read() {
    let [mut subscribed, mut pages, mut transactions, mut offers] = [0; 4];
    for name in ["quiet", "disconnect", "stalled_validation"] {
        let Some(lines) = recording(&format!("{name}.jsonl.gz")) else {
            return;
        };
        for line in lines.iter().filter(|line| line["msg"]["status"] == "success") {
            let result = &line["msg"]["result"];
            let is_v2 = line["client"] == "v2" || line["kind"] == "truth";
            if is_v2 && result.get("validated_ledgers").is_some() {
                assert!(Subscribed::read(result.clone(), true).unwrap().at.is_some());
                subscribed += 1;
            }
            if is_v2 && result.get("asks").is_some() {
                assert!(Subscribed::read(result.clone(), true).is_err());
                offers += BookOffer::read_snapshot(result).unwrap().len();
            }
            if is_v2 && result.get("transactions").is_some() {
                let index = |name: &str| LedgerIndex(u32::try_from(result[name].as_u64().unwrap()).unwrap());
                let (from, to) = (index("ledger_index_min"), index("ledger_index_max"));
                let page = HistoryPage::read(result.clone(), from, to).unwrap();
                let short = HistoryPage::read(result.clone(), from, to.plus(1));
                assert!(matches!(short, Err(ClientError::ShortRange { .. })));
                transactions += page.transactions.len();
                pages += 1;
            }
        }
    }
    println!("subscribed {subscribed}, offers {offers}, pages {pages}, transactions {transactions}");
    assert!(subscribed > 0 && offers > 0 && pages > 0 && transactions > 0);
}
