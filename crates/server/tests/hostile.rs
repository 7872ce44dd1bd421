//! Clients that misbehave: unreadable, oversized, nested, unknown and wrong messages; a reader that does
//! not read. The server answers or closes, and goes on serving others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use common::{manual, pair, pipe, resting_offer, spec, wallet};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::{EmbeddedLedger, LedgerServer};
use sim::world::MarketSpec;
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

type Socket = WebSocketStream<DuplexStream>;

fn server() -> LedgerServer {
    manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap())
}

async fn raw(server: &LedgerServer, pipe_bytes: usize) -> Socket {
    let (ours, theirs) = tokio::io::duplex(pipe_bytes);
    let server = server.clone();
    tokio::spawn(async move { server.serve_stream(theirs).await });
    let config = WebSocketConfig::default();
    client_async_with_config("ws://embedded.ledger/", ours, Some(config)).await.unwrap().0
}

async fn ask(socket: &mut Socket, text: &str) -> Value {
    socket.send(Message::text(text)).await.unwrap();
    let frame = socket.next().await.unwrap().unwrap();
    serde_json::from_str(frame.to_text().unwrap()).unwrap()
}

/// The close code the server ends the connection with; `None` when it just ends.
async fn close_code(socket: &mut Socket) -> Option<u16> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

#[tokio::test]
async fn wrong_requests_get_the_published_errors() {
    let server = server();
    let mut socket = raw(&server, 1 << 20).await;
    let account = wallet().account().to_string();
    let nobody = ledger::AccountId::ONE.to_string();
    let quote = serde_json::to_value(pair().1).unwrap();
    let cases = [
        (json!({"command": "no_such_command"}), "unknownCmd"),
        (json!({"command": "__proto__"}), "unknownCmd"),
        (json!({"command": "account_info"}), "invalidParams"),
        (json!({"command": "account_info", "account": 7}), "invalidParams"),
        (json!({"command": "account_info", "account": "rNotAnAccount"}), "actMalformed"),
        (json!({"command": "account_info", "account": nobody}), "actNotFound"),
        (json!({"command": "account_info", "account": account, "ledger_index": 1_000_000}), "lgrNotFound"),
        (json!({"command": "account_info", "account": account, "ledger_index": -1}), "invalidParams"),
        (json!({"command": "account_info", "account": account, "ledger_index": 1.5}), "invalidParams"),
        (json!({"command": "account_info", "account": account, "ledger_index": "tomorrow"}), "invalidParams"),
        (json!({"command": "account_info", "account": account, "ledger_hash": "00"}), "invalidParams"),
        (json!({"command": "account_lines", "account": account, "limit": 0}), "invalidParams"),
        (json!({"command": "account_lines", "account": account, "limit": "many"}), "invalidParams"),
        (json!({"command": "account_lines", "account": account, "peer": "x"}), "actMalformed"),
        (json!({"command": "account_offers", "account": account, "marker": "x"}), "invalidParams"),
        (json!({"command": "account_offers", "account": account, "marker": {}}), "invalidParams"),
        (json!({"command": "account_tx", "account": account, "marker": {"ledger": "x"}}), "invalidParams"),
        (
            json!({"command": "account_tx", "account": account, "ledger_index_min": 999_999}),
            "lgrIdxMalformed",
        ),
        (
            json!({"command": "account_tx", "account": account, "ledger_index_min": 1, "ledger_index": 5}),
            "invalidParams",
        ),
        (json!({"command": "tx"}), "invalidParams"),
        (json!({"command": "tx", "transaction": "xyz"}), "invalidParams"),
        (json!({"command": "tx", "transaction": "0".repeat(64)}), "txnNotFound"),
        (
            json!({"command": "tx", "transaction": "0".repeat(64), "min_ledger": 9, "max_ledger": 1}),
            "invalidLgrRange",
        ),
        (
            json!({"command": "tx", "transaction": "0".repeat(64), "min_ledger": 1, "max_ledger": 5_000}),
            "excessiveLgrRange",
        ),
        (json!({"command": "book_offers", "taker_gets": {"currency": "XRP"}}), "invalidParams"),
        (
            json!({"command": "book_offers", "taker_gets": {"currency": "XRP"}, "taker_pays": {"currency": "XRP"}}),
            "badMarket",
        ),
        (
            json!({"command": "book_offers", "taker_gets": {"currency": "?"}, "taker_pays": quote}),
            "dstAmtMalformed",
        ),
        (
            json!({"command": "book_offers", "taker_gets": {"currency": "XRP"}, "taker_pays": {"currency": "USD"}}),
            "srcIsrMalformed",
        ),
        (json!({"command": "submit"}), "invalidParams"),
        (json!({"command": "submit", "tx_blob": "zz"}), "invalidParams"),
        (json!({"command": "submit", "tx_blob": "00"}), "invalidTransaction"),
        (
            json!({"command": "submit", "tx_json": {"TransactionType": "Payment"}, "secret": "x"}),
            "notSupported",
        ),
        (json!({"command": "subscribe"}), "invalidParams"),
        (json!({"command": "subscribe", "streams": ["no_such_stream"]}), "malformedStream"),
        (json!({"command": "subscribe", "streams": "ledger"}), "invalidParams"),
        (json!({"command": "subscribe", "accounts": ["x"]}), "actMalformed"),
        (json!({"command": "subscribe", "books": [{}]}), "invalidParams"),
        (json!({"command": "unsubscribe", "books": 1}), "invalidParams"),
        (json!({"command": "ledger", "ledger_index": 7_777_777}), "lgrNotFound"),
    ];
    for (number, (mut request, error)) in cases.into_iter().enumerate() {
        request["id"] = number.into();
        let answer = ask(&mut socket, &request.to_string()).await;
        assert_eq!(
            (&answer["error"], &answer["status"]),
            (&json!(error), &json!("error")),
            "{request} {answer}"
        );
        assert_eq!((&answer["id"], &answer["type"]), (&json!(number), &json!("response")), "{request}");
        assert_eq!(answer["request"]["command"], request["command"]);
    }
}

#[tokio::test]
async fn unreadable_messages_are_answered_and_the_connection_goes_on() {
    let server = server();
    let mut socket = raw(&server, 1 << 20).await;
    let deep = "[".repeat(500_000);
    for text in ["", "{", "null", "[1,2]", "\u{0}", deep.as_str()] {
        assert_eq!(ask(&mut socket, text).await["error"], "jsonInvalid");
    }
    assert_eq!(
        ask(&mut socket, r#"{"command":"ping","id":{"any":[null]}}"#).await["id"],
        json!({"any": [null]})
    );
}

#[tokio::test]
async fn an_oversized_message_closes_the_connection() {
    let server = server();
    let mut socket = raw(&server, 4 << 20).await;
    let huge = format!(r#"{{"command":"ping","x":"{}"}}"#, "y".repeat(2 << 20));
    let sent = socket.send(Message::text(huge)).await;
    let code = close_code(&mut socket).await;
    assert!(sent.is_err() || code == Some(1009) || code.is_none(), "{code:?}");
    assert!(pipe(&server).await.server_info().await.is_ok(), "others are still served");
}

#[tokio::test]
async fn binary_messages_are_refused() {
    let server = server();
    let mut socket = raw(&server, 1 << 20).await;
    socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(close_code(&mut socket).await, Some(1003));
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_with_1008_and_others_go_on() {
    let server = server();
    let mut lazy = raw(&server, 4_096).await;
    let answer = ask(&mut lazy, r#"{"command":"subscribe","streams":["ledger","transactions"]}"#).await;
    assert_eq!(answer["status"], "success");
    let mut other = pipe(&server).await;
    let sequence =
        other.account_info(&wallet().account(), client::LedgerSpec::Current).await.unwrap().value.sequence;
    other.submit(&resting_offer(sequence, 1).blob_hex()).await.unwrap();
    for _ in 0..server::limits::CLIENT_QUEUE_MAX + 200 {
        server.close_ledger().unwrap();
    }
    assert!(other.server_info().await.is_ok());
    assert_eq!(close_code(&mut lazy).await, Some(1008));
}

#[tokio::test]
async fn garbage_before_the_handshake_does_no_harm() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = server();
    for garbage in [&b"\x00\xff\x00\xff\r\n\r\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"POST /x HTTP/1.0\r\n\r\n"]
    {
        let (mut ours, theirs) = tokio::io::duplex(4_096);
        let serving = {
            let server = server.clone();
            tokio::spawn(async move { server.serve_stream(theirs).await })
        };
        ours.write_all(garbage).await.unwrap();
        let mut answer = Vec::new();
        let _ = ours.read_to_end(&mut answer).await;
        drop(ours);
        serving.await.unwrap();
    }
    assert!(pipe(&server).await.server_info().await.is_ok());
}
