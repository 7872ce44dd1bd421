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
        (json!({"command": "account_tx", "account": account, "ledger_index_min": 999_999}), "lgrIdxsInvalid"),
        (
            json!({"command": "account_tx", "account": account, "ledger_index_max": 999_999, "api_version": 2}),
            "lgrIdxMalformed",
        ),
        (
            json!({"command": "account_tx", "account": account, "ledger_index_min": 999_999, "api_version": 2}),
            "invalidLgrRange",
        ),
        (
            json!({"command": "account_tx", "account": account, "forward": "yes", "api_version": 2}),
            "invalidParams",
        ),
        (
            json!({"command": "account_tx", "account": account, "ledger_index_min": 1, "ledger_index": 5, "api_version": 2}),
            "invalidParams",
        ),
        (json!({"command": "tx"}), "invalidParams"),
        (json!({"command": "tx", "transaction": "xyz"}), "notImpl"),
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
        (json!({"command": "submit"}), "notSupported"),
        (json!({"command": "submit", "tx_blob": "zz"}), "invalidParams"),
        (json!({"command": "submit", "tx_blob": "00"}), "invalidTransaction"),
        (
            json!({"command": "submit", "tx_json": {"TransactionType": "Payment"}, "secret": "x"}),
            "notSupported",
        ),
        (json!({"command": "sign", "tx_json": {}, "secret": "x"}), "notSupported"),
        (json!({"command": "submit_multisigned", "tx_json": {}}), "notSupported"),
        (json!({"command": "ripple_path_find"}), "notSupported"),
        (json!({"command": "peers"}), "forbidden"),
        (json!({"command": "stop"}), "forbidden"),
        (json!({"command": "feature", "feature": "NoSuchAmendment"}), "badFeature"),
        (json!({"command": "ledger", "ledger_index": "validated", "full": true}), "noPermission"),
        (json!({"command": "ledger_entry"}), "unknownOption"),
        (json!({"command": "ledger_entry", "api_version": 2}), "invalidParams"),
        (json!({"command": "ledger_entry", "offer": {"account": account}}), "malformedRequest"),
        (json!({"command": "ledger_entry", "offer": {"account": "x", "seq": 1}}), "malformedAddress"),
        (json!({"command": "ledger_entry", "offer": {"account": account, "seq": 1}}), "entryNotFound"),
        (json!({"command": "ledger_entry", "check": account}), "malformedRequest"),
        (json!({"command": "ledger_entry", "index": "00", "ticket": {}}), "invalidParams"),
        (json!({"command": "ledger_data", "marker": "x"}), "invalidParams"),
        (json!({"command": "account_objects", "account": account, "type": "no_such_type"}), "invalidParams"),
        (json!({"command": "account_objects", "account": account, "marker": "1,2"}), "invalidParams"),
        (json!({"command": "gateway_balances", "account": account, "hotwallet": "x"}), "invalidHotWallet"),
        (
            json!({"command": "gateway_balances", "account": account, "hotwallet": "x", "api_version": 2}),
            "invalidParams",
        ),
        (json!({"command": "noripple_check", "account": account}), "invalidParams"),
        (
            json!({"command": "deposit_authorized", "source_account": nobody, "destination_account": account}),
            "srcActNotFound",
        ),
        (json!({"command": "simulate"}), "invalidParams"),
        (
            json!({"command": "simulate", "tx_json": {"Account": account, "TransactionType": "AccountSet", "TxnSignature": "00"}}),
            "transactionSigned",
        ),
        (
            json!({"command": "simulate", "tx_json": {"Account": nobody, "TransactionType": "AccountSet"}}),
            "srcActNotFound",
        ),
        (json!({"command": "transaction_entry", "tx_hash": "0".repeat(64)}), "notYetImplemented"),
        (
            json!({"command": "transaction_entry", "tx_hash": "0".repeat(64), "ledger_index": "validated"}),
            "transactionNotFound",
        ),
        (json!({"command": "subscribe", "streams": ["peer_status"]}), "noPermission"),
        (json!({"command": "subscribe", "accounts": []}), "actMalformed"),
        (json!({"command": "subscribe", "url": "http://localhost/"}), "noPermission"),
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
async fn a_client_that_says_goodbye_is_answered() {
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
    let server = server();
    let mut socket = raw(&server, 1 << 20).await;
    ask(&mut socket, r#"{"command":"subscribe","streams":["ledger"]}"#).await;
    socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).await.unwrap();
    assert_eq!(close_code(&mut socket).await, Some(1000));
    assert!(socket.next().await.is_none(), "the stream ends in order");
}

#[tokio::test]
async fn an_answer_does_not_grow_with_what_is_named_again_and_again() {
    let server = server();
    let account = wallet().account();
    let sequence =
        pipe(&server).await.account_info(&account, client::LedgerSpec::Current).await.unwrap().value.sequence;
    pipe(&server).await.submit(&resting_offer(sequence, 1).blob_hex()).await.unwrap();
    server.close_ledger().unwrap();
    let mut socket = raw(&server, 4 << 20).await;
    let quote = serde_json::to_value(pair().1).unwrap();
    let book =
        json!({"taker_gets": {"currency": "XRP"}, "taker_pays": quote, "snapshot": true, "both": true});
    let subscribe = |books: Vec<Value>| json!({"command": "subscribe", "books": books}).to_string();
    let once = ask(&mut socket, &subscribe(vec![book.clone()])).await;
    let often = ask(&mut socket, &subscribe(vec![book.clone(); 1_000])).await;
    let offers = |answer: &Value| answer["result"]["bids"].as_array().unwrap().len();
    assert!(offers(&once) > 0 && offers(&once) == offers(&often), "{often}");
    let other = |n: usize| {
        let mut book = book.clone();
        book["taker_pays"]["currency"] = format!("A{n:02}").into();
        book
    };
    let many = ask(&mut socket, &subscribe((0..=server::limits::SNAPSHOTS_MAX).map(other).collect())).await;
    assert_eq!(many["error"], "invalidParams", "{many}");
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
async fn a_binary_message_is_read_like_a_text() {
    let server = server();
    let mut socket = raw(&server, 1 << 20).await;
    for (bytes, error) in
        [(&b"{\"command\":\"ping\"}"[..], json!(null)), (&[1, 0xFF, 3], json!("jsonInvalid"))]
    {
        socket.send(Message::binary(bytes.to_vec())).await.unwrap();
        let frame = socket.next().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
        assert_eq!(answer.get("error").unwrap_or(&Value::Null), &error, "{answer}");
    }
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
