//! The same seed and the same traffic give the same faults; and what our own client makes of a bad server.

use client::{AssemblerEvent, Connection, LedgerSpec, LedgerStream, Subscription, TxLookup};
use serde_json::{Value, json};
use server::FiredFault;

use crate::common::{resting_offer, wallet};
use crate::plain::{Plain, newest, sequence, start, start_with};

/// Two clients, twelve ledgers, an offer in each: what the first one sees and which faults struck.
async fn session(seed: u64) -> (Vec<Value>, Vec<FiredFault>) {
    let script = format!(
        "seed: {seed}\nfaults:\n  - {{fault: drop, message: stream, per_mille: 200}}\n  \
         - {{fault: duplicate, message: transaction, per_mille: 300}}\n  \
         - {{fault: delay, message: ledgerClosed, ledgers: 1, per_mille: 250}}\n  \
         - {{fault: reorder, message: stream, window: 3, per_mille: 300}}\n  \
         - {{fault: lost_submit, per_mille: 250}}\n  \
         - {{fault: lying_node, lie: metadata, per_mille: 200}}\n"
    );
    let (server, address, _) = start_with(&script).await;
    let (mut first, mut second) = (Plain::connect(address).await, Plain::connect(address).await);
    for one in [&mut first, &mut second] {
        one.ask(json!({"command": "subscribe", "streams": ["ledger", "transactions"], "api_version": 2}))
            .await;
    }
    let mut seen = Vec::new();
    for _ in 0..12 {
        let answer = second.submit(sequence(&server)).await;
        seen.push(answer["engine_result"].clone());
        server.close_ledger().unwrap();
        seen.extend(first.all().await);
        second.all().await;
    }
    (seen, server.faults_fired())
}

#[tokio::test]
async fn the_same_seed_and_traffic_give_the_same_faults() {
    let (one, again, other) = (session(3).await, session(3).await, session(4).await);
    assert_eq!(one.1, again.1);
    assert_eq!(one.0, again.0);
    assert_ne!(one.1, other.1);
    let kinds: std::collections::BTreeSet<&str> = one.1.iter().map(|fault| fault.kind).collect();
    assert!(kinds.len() >= 5, "{kinds:?}");
}

async fn stream(address: std::net::SocketAddr) -> LedgerStream {
    let connection = Connection::connect(&format!("ws://{address}")).await.unwrap();
    LedgerStream::open(connection, None, Subscription::whole_ledgers()).await.unwrap().0
}

#[tokio::test]
async fn our_client_takes_duplicates_and_other_orders_for_what_they_are() {
    let faults = "{fault: duplicate, message: stream, copies: 2, per_mille: 500}, \
                  {fault: reorder, message: stream, window: 5, per_mille: 500}, \
                  {fault: unknown_message, message: stream}, {fault: unknown_field, message: stream}, \
                  {fault: deep_json, message: stream, every: 3}, {fault: ledger_backwards, every: 2}";
    let (server, address, base) = start(faults).await;
    let mut ledgers = stream(address).await;
    for number in 1..=6 {
        for _ in 0..3 {
            let blob = resting_offer(sequence(&server), 1).blob_hex();
            ledgers.connection().submit(&blob).await.unwrap();
        }
        server.close_ledger().unwrap();
        match ledgers.next_event().await.unwrap() {
            AssemblerEvent::Ledger(ledger) => {
                assert_eq!((ledger.index.get(), ledger.transactions.len()), (base + number, 3));
            }
            gap => panic!("{gap:?}"),
        }
    }
    assert!(ledgers.stats().duplicates > 0 && ledgers.unreadable() == 0);
}

#[tokio::test]
async fn our_client_finds_the_gap_and_fills_it() {
    let (server, address, base) = start("{fault: ledger_gap, ledgers: 2, every: 2, times: 1}").await;
    let mut ledgers = stream(address).await;
    for _ in 0..5 {
        let blob = resting_offer(sequence(&server), 1).blob_hex();
        ledgers.connection().submit(&blob).await.unwrap();
        server.close_ledger().unwrap();
    }
    let mut seen = Vec::new();
    while ledgers.last().map(|last| last.get()) != Some(newest(&server)) {
        match ledgers.next_event().await.unwrap() {
            AssemblerEvent::Ledger(ledger) => {
                seen.push((ledger.index.get() - base, ledger.transactions.len()))
            }
            AssemblerEvent::Gap(gap) => {
                let account = wallet().account();
                let found = ledgers.connection().backfill(&account, gap.from, gap.to).await.unwrap();
                seen.extend(found.ledgers.iter().map(|one| (one.index.get() - base, one.transactions.len())));
            }
        }
    }
    assert_eq!(seen, [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]);
}

#[tokio::test]
async fn our_client_never_takes_an_absence_for_a_proof() {
    let (server, address, base) = start("{fault: not_found}").await;
    let mut connection = Connection::connect(&format!("ws://{address}")).await.unwrap();
    let offer = resting_offer(sequence(&server), 1);
    connection.submit(&offer.blob_hex()).await.unwrap();
    server.close_ledger().unwrap();
    let (from, to) = (units::LedgerIndex(base), units::LedgerIndex(base + 1));
    let found = connection.tx(&offer.hash, from, to).await.unwrap();
    assert_eq!(found, TxLookup::NotFound { searched_all: false });
    let info = connection.account_info(&wallet().account(), LedgerSpec::Validated).await.unwrap();
    assert_eq!(info.value.sequence, sequence(&server), "the sequence tells that it is in");
}

#[tokio::test]
async fn our_client_names_what_it_cannot_use() {
    for (faults, part) in [
        ("{fault: threshold, method: fee}", "1008"),
        ("{fault: slow_down, method: fee}", "slowDown"),
        ("{fault: missing_field, field: drops, method: fee}", "drops"),
        ("{fault: cut, method: fee}", ""),
        ("{fault: huge_frame, mebibytes: 17, method: fee}", ""),
    ] {
        let (_server, address, _) = start(faults).await;
        let mut connection = Connection::connect(&format!("ws://{address}")).await.unwrap();
        let error = connection.fee().await.unwrap_err().to_string();
        assert!(error.contains(part), "{faults}: {error}");
    }
    // A text that is no message, and an answer to another question: dropped and counted, and the answer is missed.
    for (faults, unreadable, unexpected) in [
        ("{fault: service_unavailable, method: fee}", 1, 0),
        ("{fault: partial_json, method: fee}", 1, 0),
        ("{fault: wrong_id, method: fee}", 0, 1),
    ] {
        let (_server, address, _) = start(faults).await;
        let mut connection = Connection::connect(&format!("ws://{address}")).await.unwrap();
        connection.set_request_timeout(std::time::Duration::from_millis(300));
        assert!(matches!(connection.fee().await, Err(client::ClientError::Timeout { .. })), "{faults}");
        let stats = connection.stats();
        assert_eq!((stats.frames_unreadable, stats.answers_unexpected), (unreadable, unexpected), "{faults}");
    }
}
