//! What clients hear of a crowded open ledger and of the queue behind it: answers of `submit`, `fee`, `server_info`,
//! `server_state`, `account_info` and `ledger`, and the message to the server stream.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use client::Connection;
use common::{manual, pipe, resting_offer, spec, wallet};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::{EmbeddedLedger, LedgerServer};
use sim::world::{At, MarketSpec, QueueSettings};
use tokio_tungstenite::tungstenite::Message;

/// A ledger that takes five transactions and one more at the base cost, as the recorded one.
fn crowded() -> (LedgerServer, u32) {
    let settings = QueueSettings {
        minimum_txn_in_ledger: 5,
        normal_consensus_increase_percent: 0,
        ..QueueSettings::standalone()
    };
    let ledger = EmbeddedLedger::in_memory_with(spec(1, MarketSpec::None), settings).unwrap();
    let sequence = ledger.world().sequence(At::Current, wallet().account()).unwrap();
    (manual(ledger), sequence)
}

async fn submit(connection: &mut Connection, sequence: u32) -> Value {
    let blob = resting_offer(sequence, 1).blob_hex();
    connection.request("submit", json!({"tx_blob": blob})).await.unwrap()
}

#[tokio::test]
async fn every_answer_says_that_the_ledger_is_full_and_who_waits() {
    let (server, first) = crowded();
    let mut connection = pipe(&server).await;
    let quiet = connection.request("fee", json!({})).await.unwrap();
    assert_eq!(quiet["drops"]["open_ledger_fee"], "10");
    assert_eq!((&quiet["expected_ledger_size"], &quiet["max_queue_size"]), (&json!("5"), &json!("2000")));
    for number in 0..6 {
        assert_eq!(submit(&mut connection, first + number).await["applied"], true);
    }
    let queued = submit(&mut connection, first + 6).await;
    let parts = ["engine_result", "accepted", "applied", "broadcast", "queued", "kept", "open_ledger_cost"];
    let told: Vec<Value> = parts.iter().map(|part| queued[*part].clone()).collect();
    assert_eq!(Value::Array(told), json!(["terQUEUED", true, false, true, true, true, "7200"]));
    assert_eq!(
        (&queued["account_sequence_next"], &queued["account_sequence_available"]),
        (&json!(first + 6), &json!(first + 7))
    );

    let fee = connection.request("fee", json!({})).await.unwrap();
    let levels = json!({"median_level": "128000", "minimum_level": "256", "open_ledger_level": "184320", "reference_level": "256"});
    let drops =
        json!({"base_fee": "10", "median_fee": "5000", "minimum_fee": "10", "open_ledger_fee": "7200"});
    assert_eq!((&fee["levels"], &fee["drops"]), (&levels, &drops));
    assert_eq!((&fee["current_ledger_size"], &fee["current_queue_size"]), (&json!("6"), &json!("1")));
    let info = connection.request("server_info", json!({})).await.unwrap()["info"].clone();
    assert_eq!((&info["load_factor"], &info["load_factor_server"]), (&json!(720), &json!(1)));
    let state = connection.request("server_state", json!({})).await.unwrap()["state"].clone();
    assert_eq!(
        (&state["load_factor"], &state["load_factor_fee_escalation"]),
        (&json!(184_320), &json!(184_320))
    );
    assert_eq!((&state["load_factor_fee_queue"], &state["load_factor_server"]), (&json!(256), &json!(256)));

    server.close_ledger().unwrap();
    server.close_ledger().unwrap();
    assert_eq!(connection.request("fee", json!({})).await.unwrap()["drops"]["open_ledger_fee"], "10");
    let info = connection.request("server_info", json!({})).await.unwrap()["info"].clone();
    assert_eq!((&info["load_factor"], &info["load_factor_server"]), (&json!(1), &Value::Null));
    let next = server.with_ledger(|ledger| ledger.world().sequence(At::Validated, wallet().account()));
    assert_eq!(next, Some(first + 7));
}

#[tokio::test]
async fn what_waits_is_shown_by_account_and_by_ledger() {
    let (server, first) = crowded();
    let mut connection = pipe(&server).await;
    let account = wallet().account().to_string();
    let own = json!({"account": account, "ledger_index": "current", "queue": true});
    let none = connection.request("account_info", own.clone()).await.unwrap();
    assert_eq!(none["queue_data"], json!({"txn_count": 0}));
    let all = json!({"ledger_index": "current", "queue": true});
    assert_eq!(connection.request("ledger", all.clone()).await.unwrap()["queue_data"], Value::Null);
    let mut hashes = Vec::new();
    for number in 0..8 {
        hashes.push(submit(&mut connection, first + number).await["tx_json"]["hash"].clone());
    }
    let data = connection.request("account_info", own).await.unwrap()["queue_data"].clone();
    let entry = |number: u32| json!({"auth_change": false, "fee": "12", "fee_level": "307", "max_spend_drops": "1000012", "seq": first + number});
    assert_eq!(
        data,
        json!({
            "auth_change_queued": false, "highest_sequence": first + 7, "lowest_sequence": first + 6,
            "max_spend_drops_total": "2000024", "sequence_count": 2, "transactions": [entry(6), entry(7)], "txn_count": 2,
        })
    );
    let shown = connection.request("ledger", all.clone()).await.unwrap()["queue_data"].clone();
    let shown = shown.as_array().unwrap();
    assert!(shown.len() == 2 && shown.iter().all(|tx| hashes[6..].contains(&tx["tx"])), "{shown:?}");
    assert_eq!(
        (&shown[0]["preflight_result"], &shown[0]["retries_remaining"]),
        (&json!("tesSUCCESS"), &json!(10))
    );
    let expanded = json!({"ledger_index": "current", "queue": true, "expand": true});
    let expanded = connection.request("ledger", expanded).await.unwrap()["queue_data"].clone();
    assert_eq!(
        (&expanded[0]["account"], &expanded[0]["tx_json"]["Account"]),
        (&json!(account), &json!(account))
    );
}

#[tokio::test]
async fn with_fail_hard_nothing_waits() {
    let (server, first) = crowded();
    let mut connection = pipe(&server).await;
    for number in 0..6 {
        let _ = submit(&mut connection, first + number).await;
    }
    let hard = json!({"tx_blob": resting_offer(first + 6, 1).blob_hex(), "fail_hard": true});
    let told = connection.request("submit", hard).await.unwrap();
    assert_eq!((&told["engine_result"], &told["kept"]), (&json!("telCAN_NOT_QUEUE"), &json!(false)));
    assert_eq!(connection.request("fee", json!({})).await.unwrap()["current_queue_size"], "0");
}

/// The recorded message has the same fields.
#[tokio::test]
async fn the_server_stream_tells_when_the_cost_changes() {
    let (server, first) = crowded();
    let mut connection = pipe(&server).await;
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let other = server.clone();
    tokio::spawn(async move { other.serve_stream(theirs).await });
    let (mut socket, _) = tokio_tungstenite::client_async("ws://localhost/", ours).await.unwrap();
    let ask = json!({"id": 1, "command": "subscribe", "streams": ["server"]}).to_string();
    socket.send(Message::text(ask)).await.unwrap();
    let _ = socket.next().await.unwrap().unwrap();
    for number in 0..7 {
        let _ = submit(&mut connection, first + number).await;
    }
    server.close_ledger().unwrap();
    for level in [184_320, 256] {
        let message = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let message: Value = serde_json::from_str(&message).unwrap();
        let wanted = json!({
            "base_fee": 10, "load_base": 256, "load_factor": level, "load_factor_fee_escalation": level,
            "load_factor_fee_queue": 256, "load_factor_fee_reference": 256, "load_factor_server": 256,
            "server_status": "full", "type": "serverStatus",
        });
        assert_eq!(message, wanted);
    }
}
