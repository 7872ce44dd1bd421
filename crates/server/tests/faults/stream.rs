//! Messages lost, twice, late, in another order, silent.

use serde_json::{Value, json};

use crate::plain::{Plain, ledgers, sequence, start, struck};

/// What of five ledgers is heard, in which order.
async fn heard(faults: &str) -> (Vec<u64>, Vec<&'static str>) {
    let (server, address, base) = start(faults).await;
    let mut plain = Plain::connect(address).await;
    plain.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    for _ in 0..5 {
        server.close_ledger().unwrap();
    }
    (ledgers(&plain.all().await, base), struck(&server))
}

#[tokio::test]
async fn messages_by_table() {
    for (faults, expected, times) in [
        ("", vec![1, 2, 3, 4, 5], 0),
        ("{fault: drop, message: ledgerClosed, every: 2}", vec![1, 3, 5], 2),
        ("{fault: drop, message: stream, from_ledger: 4000000000}", vec![1, 2, 3, 4, 5], 0),
        ("{fault: duplicate, message: stream, every: 3, copies: 3}", vec![1, 2, 3, 3, 3, 3, 4, 5], 1),
        ("{fault: delay, message: stream, messages: 2, times: 1}", vec![2, 3, 1, 4, 5], 1),
        ("{fault: delay, message: stream, ledgers: 2, times: 1}", vec![2, 3, 1, 4, 5], 1),
        ("{fault: ledger_gap, ledgers: 2, every: 2, times: 1}", vec![1, 4, 5], 1),
        ("{fault: ledger_backwards, ledgers: 1, every: 3}", vec![1, 2, 3, 2, 4, 5], 1),
        (
            "{fault: ledger_backwards, ledgers: 1, every: 3}, {fault: drop, message: ledgerClosed, every: 5}",
            vec![1, 2, 3, 2, 4],
            2,
        ),
    ] {
        let (seen, struck) = heard(faults).await;
        assert_eq!((seen, struck.len()), (expected, times), "{faults}");
    }
}

#[tokio::test]
async fn a_silent_subscription_still_answers() {
    let (server, address, base) =
        start("{fault: silent_subscription, from_ledger: BASE, to_ledger: 100}").await;
    let mut plain = Plain::connect(address).await;
    plain.ask(json!({"command": "subscribe", "streams": ["ledger", "transactions"]})).await;
    server.close_ledger().unwrap();
    assert_eq!(plain.all().await, Vec::<Value>::new());
    let info = plain.ask(json!({"command": "ledger_closed"})).await;
    assert_eq!(info["result"]["ledger_index"], base + 1);
    while crate::plain::newest(&server) <= 100 {
        server.close_ledger().unwrap();
    }
    assert_eq!(ledgers(&plain.all().await, 0), [101]);
    // A condition is told once a ledger and connection.
    assert_eq!(server.fault_summary().kinds.len(), 1);
}

#[tokio::test]
async fn a_ledger_comes_in_another_order_and_whole() {
    let (server, address, _) = start("{fault: reorder, message: stream, window: 4}").await;
    let mut plain = Plain::connect(address).await;
    plain.ask(json!({"command": "subscribe", "streams": ["ledger", "transactions"]})).await;
    let first = sequence(&server);
    for number in 0..6 {
        assert_eq!(plain.submit(first + number).await["engine_result"], "tesSUCCESS");
    }
    server.close_ledger().unwrap();
    let seen = plain.all().await;
    let place = |message: &Value| match message["type"].as_str() {
        Some("ledgerClosed") => 0,
        _ => message["meta"]["TransactionIndex"].as_u64().unwrap() + 1,
    };
    let order: Vec<u64> = seen.iter().map(place).collect();
    // Nothing of a full window stays in its place; the rest comes with the ledger's end.
    assert!(order[..4].iter().zip(0..4).all(|(got, was)| *got != was), "{order:?}");
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6], "{order:?}");
    assert_eq!(struck(&server)[0], "reorder");
}

#[tokio::test]
async fn a_transaction_before_its_ledger() {
    let (server, address, base) = start("{fault: delay, message: ledgerClosed, messages: 1}").await;
    let mut plain = Plain::connect(address).await;
    plain.ask(json!({"command": "subscribe", "streams": ["ledger", "transactions"]})).await;
    plain.submit(sequence(&server)).await;
    server.close_ledger().unwrap();
    let kinds: Vec<Value> = plain.all().await.iter().map(|message| message["type"].clone()).collect();
    assert_eq!(kinds, ["transaction", "ledgerClosed"]);
    let fired = server.faults_fired();
    assert_eq!(
        fired[0].to_string(),
        format!("fault delay: ledger {0}, connection 1: ledgerClosed {0}, 1 messages later", base + 1)
    );
}

#[tokio::test]
async fn who_is_not_meant_sees_nothing_of_it() {
    let (server, address, base) = start("{fault: drop, connection: 2}").await;
    let mut first = Plain::connect(address).await;
    first.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    let mut second = Plain::connect(address).await;
    second.say(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    while server.faults_fired().is_empty() {
        tokio::task::yield_now().await;
    }
    server.close_ledger().unwrap();
    assert_eq!(ledgers(&first.all().await, base), [1]);
    assert!(server.faults_fired().iter().all(|fault| fault.connection == 2));
}
