//! A connection against scripted servers that misbehave, over an in-process pipe and on virtual time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use client::limits::{INCOMPLETE_LEDGER_TIMEOUT, REQUEST_TIMEOUT};
use client::{
    AssemblerEvent, ClientError, Connection, Gap, LedgerStream, StreamMessage, Subscription, TxLookup,
};
use futures_util::{SinkExt, StreamExt};
use ledger::{AccountId, Hash256};
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};
use units::LedgerIndex;

type Socket = WebSocketStream<DuplexStream>;

/// A connection to a server that runs this script.
async fn against<F>(script: impl FnOnce(Socket) -> F + Send + 'static) -> Connection
where
    F: Future<Output = ()> + Send + 'static,
{
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { script(accept_async(theirs).await.unwrap()).await });
    Connection::over(ours).await.unwrap()
}

async fn asked(socket: &mut Socket) -> Value {
    let frame = socket.next().await.unwrap().unwrap();
    serde_json::from_str(frame.to_text().unwrap()).unwrap()
}

async fn say(socket: &mut Socket, json: Value) {
    socket.send(Message::text(json.to_string())).await.unwrap();
}

fn answer(id: &Value, result: Value) -> Value {
    json!({"id": id, "type": "response", "status": "success", "result": result})
}

fn closed(index: u32, txn_count: u32) -> Value {
    json!({
        "type": "ledgerClosed", "fee_base": 10, "ledger_hash": Hash256([7; 32]).to_string(), "ledger_index": index,
        "ledger_time": 800_000_000, "reserve_base": 1_000_000, "reserve_inc": 200_000, "txn_count": txn_count,
    })
}

fn subscribed(index: u32) -> Value {
    let mut result = closed(index, 0);
    result.as_object_mut().unwrap().retain(|name, _| name != "type" && name != "txn_count");
    result
}

async fn wait_for_ever(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn answers_are_matched_by_id_among_stream_messages() {
    let mut connection = against(|mut socket| async move {
        let (first, second) = (asked(&mut socket).await, asked(&mut socket).await);
        assert_eq!((&first["command"], &first["api_version"]), (&json!("one"), &json!(2)));
        say(&mut socket, answer(&json!(999), json!({"of": "nobody"}))).await;
        say(&mut socket, answer(&json!("1"), json!({"of": "a text id"}))).await;
        for index in 0..2_000 {
            say(&mut socket, closed(index, 0)).await;
        }
        say(&mut socket, answer(&second["id"], json!({"of": 2}))).await;
        say(&mut socket, answer(&first["id"], json!({"of": 1}))).await;
        wait_for_ever(socket).await;
    })
    .await;
    let one = connection.begin("one", json!({})).await.unwrap();
    let two = connection.begin("two", json!({})).await.unwrap();
    assert_eq!(connection.finish("one", one).await.unwrap(), json!({"of": 1}));
    assert_eq!(connection.finish("two", two).await.unwrap(), json!({"of": 2}));
    assert_eq!((connection.buffered(), connection.stats().answers_unexpected), (2_000, 2));
    for index in 0..2_000 {
        let message = connection.next_message().await.unwrap();
        assert!(matches!(message, StreamMessage::LedgerClosed(header) if header.index == LedgerIndex(index)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_a_timeout_and_a_late_answer_is_dropped() {
    let mut connection = against(|mut socket| async move {
        let first = asked(&mut socket).await;
        tokio::time::sleep(REQUEST_TIMEOUT * 2).await;
        say(&mut socket, answer(&first["id"], json!({"late": true}))).await;
        let second = asked(&mut socket).await;
        say(&mut socket, answer(&second["id"], json!({"late": false}))).await;
        wait_for_ever(socket).await;
    })
    .await;
    let began = Instant::now();
    let error = connection.request("slow", json!({})).await.unwrap_err();
    assert!(matches!(&error, ClientError::Timeout { command, .. } if command == "slow"), "{error}");
    assert_eq!(began.elapsed(), REQUEST_TIMEOUT);
    tokio::time::sleep(REQUEST_TIMEOUT * 3).await;
    assert_eq!(connection.request("next", json!({})).await.unwrap(), json!({"late": false}));
    assert_eq!(connection.stats().answers_unexpected, 1);
}

#[tokio::test]
async fn bad_answers_are_typed_errors() {
    let account = AccountId::ONE;
    let good =
        json!({"Account": account.to_string(), "Balance": "1", "Flags": 0, "OwnerCount": 0, "Sequence": 1});
    let mut cases = vec![json!({}), json!({"account_data": 7}), json!({"account_data": good.clone()})];
    for (field, wrong) in
        [("Balance", json!(1.5)), ("Balance", json!("1.5")), ("Sequence", json!(-1)), ("Account", json!("x"))]
    {
        let mut data = good.clone();
        data[field] = wrong;
        cases.push(json!({"account_data": data, "ledger_index": 5, "validated": true}));
        let mut data = good.clone();
        data.as_object_mut().unwrap().remove(field);
        cases.push(json!({"account_data": data, "ledger_index": 5, "validated": true}));
    }
    let scripted = cases.clone();
    let mut connection = against(|mut socket| async move {
        for case in scripted {
            let request = asked(&mut socket).await;
            say(&mut socket, answer(&request["id"], case)).await;
        }
        wait_for_ever(socket).await;
    })
    .await;
    for case in cases {
        let read = connection.account_info(&account, client::LedgerSpec::Validated).await;
        assert!(matches!(read, Err(ClientError::BadAnswer { .. })), "{case}: {read:?}");
    }
}

#[tokio::test]
async fn not_found_proves_nothing_without_searched_all() {
    let mut connection = against(|mut socket| async move {
        for searched in [None, Some(false), Some(true)] {
            let request = asked(&mut socket).await;
            let mut error =
                json!({"id": request["id"], "type": "response", "status": "error", "error": "txnNotFound"});
            if let Some(all) = searched {
                error["searched_all"] = all.into();
            }
            say(&mut socket, error).await;
        }
        wait_for_ever(socket).await;
    })
    .await;
    for expected in [false, false, true] {
        let found = connection.tx(&Hash256::ZERO, LedgerIndex(1), LedgerIndex(9)).await.unwrap();
        assert_eq!(found, TxLookup::NotFound { searched_all: expected });
    }
    let refused = connection.tx(&Hash256::ZERO, LedgerIndex(1), LedgerIndex(2_000)).await;
    assert!(matches!(refused, Err(ClientError::Bound(_))));
}

#[tokio::test]
async fn a_close_frame_gives_its_code() {
    let mut connection = against(|mut socket| async move {
        let frame = CloseFrame { code: 1008.into(), reason: "threshold exceeded".into() };
        socket.close(Some(frame)).await.unwrap();
        wait_for_ever(socket).await;
    })
    .await;
    let error = connection.next_message().await.unwrap_err();
    assert!(matches!(&error, ClientError::Closed { code: Some(1008), .. }), "{error}");
    assert!(error.is_connection_lost());
}

#[tokio::test]
async fn frames_that_are_no_messages_do_no_harm_and_an_oversized_one_ends_it() {
    let mut connection = against(|mut socket| async move {
        let deep = "[".repeat(100_000);
        for text in ["", "<html>503</html>", "{\"type\": ", deep.as_str(), "[1]", "{}"] {
            socket.send(Message::text(text.to_owned())).await.unwrap();
        }
        say(&mut socket, json!({"type": "somethingNew", "more": [1, 2]})).await;
        say(&mut socket, json!({"type": "transaction", "validated": false})).await;
        let huge = "x".repeat(client::limits::FRAME_BYTES_MAX + 1);
        let _ = socket.send(Message::text(huge)).await;
    })
    .await;
    assert_eq!(connection.next_message().await.unwrap(), StreamMessage::Other("somethingNew".into()));
    assert_eq!(connection.stats().frames_unreadable, 6);
    assert_eq!(connection.next_message().await.unwrap(), StreamMessage::Proposed);
    let error = connection.next_message().await.unwrap_err();
    assert!(matches!(error, ClientError::Socket(_)), "{error}");
}

#[tokio::test]
async fn a_short_or_foreign_history_is_refused() {
    let mut connection = against(|mut socket| async move {
        for (range, held) in [((3, 9), "1-9"), ((1, 8), "1-9"), ((1, 9), "1-9"), ((1, 9), "1-4,6-9")] {
            let request = asked(&mut socket).await;
            assert_eq!(request["command"], "server_info");
            let info = json!({"build_version": "3.1.1", "server_state": "full", "complete_ledgers": held});
            say(&mut socket, answer(&request["id"], json!({"info": info}))).await;
            let request = asked(&mut socket).await;
            let entry = json!({"validated": false, "ledger_index": 2});
            let entries = if held == "1-9" { vec![entry] } else { Vec::new() };
            let page =
                json!({"ledger_index_min": range.0, "ledger_index_max": range.1, "transactions": entries});
            say(&mut socket, answer(&request["id"], page)).await;
        }
        wait_for_ever(socket).await;
    })
    .await;
    for _ in 0..2 {
        let error = connection.backfill(&AccountId::ONE, LedgerIndex(1), LedgerIndex(9)).await.unwrap_err();
        assert!(matches!(error, ClientError::ShortRange { .. }), "{error}");
    }
    let error = connection.backfill(&AccountId::ONE, LedgerIndex(1), LedgerIndex(9)).await.unwrap_err();
    assert!(matches!(&error, ClientError::BadAnswer { field, .. } if field == "validated"), "{error}");
    // It answers about the whole range, and has not got ledger 5.
    let error = connection.backfill(&AccountId::ONE, LedgerIndex(1), LedgerIndex(9)).await.unwrap_err();
    assert!(matches!(error, ClientError::Hole { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_ledger_becomes_a_gap_after_its_timeout() {
    let connection = against(|mut socket| async move {
        let request = asked(&mut socket).await;
        say(&mut socket, answer(&request["id"], subscribed(10))).await;
        say(&mut socket, closed(11, 3)).await;
        say(&mut socket, json!({"type": "transaction", "validated": true, "ledger_index": 11})).await;
        say(&mut socket, closed(12, 0)).await;
        wait_for_ever(socket).await;
    })
    .await;
    let (mut stream, _) =
        LedgerStream::open(connection, Some(LedgerIndex(8)), Subscription::default()).await.unwrap();
    let before = AssemblerEvent::Gap(Gap { from: LedgerIndex(9), to: LedgerIndex(10) });
    assert_eq!(stream.next_event().await.unwrap(), before);
    let began = Instant::now();
    let lost = AssemblerEvent::Gap(Gap { from: LedgerIndex(11), to: LedgerIndex(11) });
    assert_eq!(stream.next_event().await.unwrap(), lost);
    assert_eq!(began.elapsed(), INCOMPLETE_LEDGER_TIMEOUT);
    let whole = stream.next_event().await.unwrap();
    assert!(
        matches!(whole, AssemblerEvent::Ledger(ledger) if ledger.index == LedgerIndex(12) && ledger.complete)
    );
    assert_eq!(stream.unreadable(), 1);
}

#[tokio::test]
async fn a_server_that_is_none_is_a_typed_error() {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for answer in
            [&b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"[..], b"<html>busy</html>", b""]
        {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
        }
    });
    for _ in 0..4 {
        let error = Connection::connect(&format!("ws://{address}")).await.err().unwrap();
        assert!(matches!(error, ClientError::Connect { .. }), "{error}");
    }
    assert!(matches!(Connection::connect("wss://example.org").await, Err(ClientError::Url(_))));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_nobody_answers_is_given_up() {
    let (ours, _theirs) = tokio::io::duplex(1 << 10);
    let began = Instant::now();
    assert!(matches!(Connection::over(ours).await, Err(ClientError::Connect { .. })));
    assert_eq!(began.elapsed(), client::limits::CONNECT_TIMEOUT);
}
