//! HTTP beside the WebSocket: whatever is sent, something comes back, and a connection that began well goes on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use common::spec;
use serde_json::{Value, json};
use server::{CloseMode, EmbeddedLedger, LedgerServer, limits};
use sim::world::MarketSpec;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server by the clock (which does not run): nobody is its administrator.
async fn served() -> SocketAddr {
    let ledger = EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap();
    let listening =
        LedgerServer::new(ledger, CloseMode::Clock).listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listening.address();
    tokio::spawn(listening.run());
    address
}

/// The head and body of the next answer; without a body where `HEAD` asked.
async fn answer(stream: &mut TcpStream, has_body: bool) -> (String, String) {
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("Content-Length: ").unwrap().1.split_once("\r\n").unwrap().0;
            if !has_body || body.len() >= length.parse().unwrap() {
                return (head.to_owned(), body.to_owned());
            }
        }
        // One byte at a time: nothing of the answer behind it is taken.
        let mut byte = [0];
        assert_ne!(stream.read(&mut byte).await.unwrap(), 0, "ended early: {text}");
        answer.extend(byte);
    }
}

async fn post(stream: &mut TcpStream, body: &str) -> (String, String) {
    let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    answer(stream, true).await
}

#[tokio::test]
async fn json_rpc_answers_on_the_same_port() {
    let address = served().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for (body, status, part) in [
        (r#"{"method":"ledger_closed","params":[{"id":7}]}"#, "200 OK", r#""status":"success""#),
        (r#"{"method":"ping","params":[{"id":7.10}]}"#, "200 OK", r#""id":7.10"#),
        (r#"{"method":"account_info","params":[{"account":"x"}]}"#, "200 OK", r#""error":"actMalformed""#),
        (r#"{"method":"peers","params":[]}"#, "403 Forbidden", "Forbidden"),
        (r#"{"method":"subscribe","params":[{"streams":["ledger"]}]}"#, "200 OK", "invalidParams"),
        ("nonsense", "400 Bad Request", "Unable to parse request: "),
        (r#"{"method":"ping","method":"fee"}"#, "400 Bad Request", "appears twice"),
    ] {
        // Byte by byte; the connection stays, also after what was wrong in the body only.
        let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        for byte in request.bytes() {
            stream.write_all(&[byte]).await.unwrap();
        }
        let (head, told) = answer(&mut stream, true).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}\r\n")) && told.contains(part),
            "{body}: {head} {told}"
        );
    }
    // A WebSocket is served beside it.
    let url = format!("ws://{address}");
    assert!(client::Connection::connect(&url).await.unwrap().server_info().await.is_ok());
}

#[tokio::test]
async fn chunks_expectations_and_pipelines_are_understood() {
    let mut stream = TcpStream::connect(served().await).await.unwrap();
    let body = r#"{"method":"server_info"}"#;
    let (first, second) = body.split_at(7);
    let chunked = format!(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:X};a=b\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let twice = format!("{chunked}{chunked}");
    stream.write_all(twice.as_bytes()).await.unwrap();
    for _ in 0..2 {
        let (head, told) = answer(&mut stream, true).await;
        assert!(head.starts_with("HTTP/1.1 200 OK") && told.contains("complete_ledgers"), "{head} {told}");
    }
    let expects =
        format!("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(expects.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.unwrap();
    assert!(answer(&mut stream, true).await.1.contains("complete_ledgers"));
}

#[tokio::test]
async fn a_page_says_that_the_server_is_there() {
    let mut stream = TcpStream::connect(served().await).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let (head, body) = answer(&mut stream, true).await;
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && head.contains("text/html") && body.contains("<h1>"),
        "{head}"
    );
    stream.write_all(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let (head, _) = answer(&mut stream, false).await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains("Connection: close"), "{head}");
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "no body, and the end");
}

#[tokio::test]
async fn what_cannot_be_served_is_told_and_ends() {
    let address = served().await;
    let large = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", limits::REQUEST_BYTES_MAX + 1);
    let large = format!("{large}{}", "x".repeat(limits::REQUEST_BYTES_MAX));
    for (text, status) in [
        ("PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 405),
        ("OPTIONS * HTTP/1.1\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\n\r\n", 411),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (large.as_str(), 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n", 413),
        ("POST / HTTP/3\r\n\r\n", 505),
        ("\u{16}\u{3}\u{1} no greeting of ours\r\n\r\n", 400),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let (head, body) = answer(&mut stream, true).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && !body.is_empty(), "{text:.60}: {head}");
        assert!(head.contains("Connection: close"));
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "the connection ends");
    }
}

#[tokio::test]
async fn a_batch_is_answered_in_order_one_for_each() {
    let mut stream = TcpStream::connect(served().await).await.unwrap();
    let body = json!({"method": "batch", "params": [
        {"method": "ledger_closed", "id": "first"},
        {"method": "account_info", "account": "x", "seed": "sSecret"},
        {"method": "stop", "seed": "sSecret"},
        "no request",
        {"method": "ping", "id": 5},
    ]});
    let (head, told) = post(&mut stream, &body.to_string()).await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && !told.contains("sSecret"), "{head} {told}");
    let answers: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 5);
    assert_eq!((&answers[0]["id"], &answers[0]["result"]["status"]), (&json!("first"), &json!("success")));
    assert_eq!(answers[1]["result"]["error"], "actMalformed");
    assert_eq!(answers[2]["error"], json!({"code": -32605, "message": "Forbidden"}));
    assert_eq!(answers[3]["error"]["code"], -32601);
    assert_eq!(answers[4]["id"], 5);
    let many = json!({"method": "batch", "params": vec![json!({"method": "ping"}); limits::BATCH_MAX + 1]});
    let (head, told) = post(&mut stream, &many.to_string()).await;
    assert!(head.starts_with("HTTP/1.1 400 ") && told.starts_with("Malformed batch request"), "{told}");
}
