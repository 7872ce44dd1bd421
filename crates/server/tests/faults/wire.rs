//! Connections that break in every way, and texts that are no messages.

use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

use crate::plain::{End, Plain, start, struck};

#[tokio::test]
async fn ends_by_table() {
    for (faults, end) in [
        ("{fault: cut, method: ping}", End::Broken),
        ("{fault: reset, method: ping}", End::Broken),
        ("{fault: threshold, method: ping}", End::Close(1008, "threshold exceeded".into())),
        ("{fault: too_slow, method: ping}", End::Close(1008, "Policy error: client is too slow.".into())),
        // More than the library's client takes.
        ("{fault: huge_frame, method: ping, mebibytes: 65}", End::Broken),
    ] {
        let (server, address, _) = start(faults).await;
        let mut plain = Plain::connect(address).await;
        assert!(plain.ask(json!({"command": "fee"})).await["result"].is_object());
        plain.say(json!({"command": "ping"})).await;
        assert_eq!(plain.next().await, Err(end), "{faults}");
        assert_eq!(struck(&server).len(), 1, "{faults}");
        // The next connection is as good as any.
        let mut again = Plain::connect(address).await;
        assert!(again.ask(json!({"command": "fee"})).await["result"].is_object());
    }
}

#[tokio::test]
async fn half_a_frame_comes_and_no_more() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_server, address, _) = start("{fault: cut, method: version}").await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let text = r#"{"command":"version"}"#;
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    stream.write_all(&frame).await.unwrap();
    let mut frame = Vec::new();
    stream.read_to_end(&mut frame).await.unwrap();
    let whole =
        r#"{"result":{"version":{"first":1,"good":1,"last":2}},"status":"success","type":"response"}"#;
    assert_eq!((frame[0], usize::from(frame[1])), (0x81, whole.len()));
    assert_eq!(&frame[2..], &whole.as_bytes()[..whole.len() / 2]);
}

#[tokio::test]
async fn a_half_open_connection_says_nothing_and_stays() {
    let (server, address, _) = start("{fault: half_open, method: ping, connection: 1}").await;
    let mut plain = Plain::connect(address).await;
    plain.say(json!({"command": "ping"})).await;
    while struck(&server).is_empty() {
        tokio::task::yield_now().await;
    }
    plain.say(json!({"command": "fee"})).await;
    assert!(timeout(Duration::from_millis(200), plain.next()).await.is_err(), "something came");
    let mut other = Plain::connect(address).await;
    assert!(other.ask(json!({"command": "ping"})).await["result"].is_object());
    server.shut_down();
    assert_eq!(plain.next().await, Err(End::Broken));
}

#[tokio::test]
async fn texts_by_table() {
    for (faults, expected) in [
        ("{fault: partial_json, method: ping}", vec![r#"{"id":5,"result":{},"status""#]),
        (
            "{fault: service_unavailable, method: ping}",
            vec![
                "<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>",
            ],
        ),
        (
            "{fault: wrong_id, method: ping}",
            vec![r#"{"id":1000005,"result":{},"status":"success","type":"response"}"#],
        ),
        (
            "{fault: unknown_field, method: ping}",
            vec![
                r#"{"id":5,"neo_unheard_of":{"new":[1,2]},"result":{},"status":"success","type":"response"}"#,
            ],
        ),
        (
            "{fault: missing_field, field: status, method: ping}",
            vec![r#"{"id":5,"result":{},"type":"response"}"#],
        ),
        (
            "{fault: deep_json, depth: 3, method: ping}",
            vec![
                r#"{"type":"neo_unheard_of","deep":[[[]]]}"#,
                r#"{"id":5,"result":{},"status":"success","type":"response"}"#,
            ],
        ),
        (
            "{fault: unknown_message, method: ping}",
            vec![
                r#"{"ledger_index":"later","type":"neo_unheard_of","validated":true}"#,
                r#"{"id":5,"result":{},"status":"success","type":"response"}"#,
            ],
        ),
        (
            "{fault: duplicate, method: ping}",
            vec![r#"{"id":5,"result":{},"status":"success","type":"response"}"#; 2],
        ),
    ] {
        let (server, address, _) = start(faults).await;
        let mut plain = Plain::connect(address).await;
        plain.say(json!({"command": "ping", "id": 5})).await;
        for text in expected {
            assert_eq!(plain.next().await.as_deref(), Ok(text), "{faults}");
        }
        plain.say(json!({"command": "version"})).await;
        assert!(plain.next().await.unwrap().contains("\"version\""), "{faults}: too much came");
        assert_eq!(struck(&server).len(), 1, "{faults}");
    }
}

#[tokio::test]
async fn answers_come_in_another_order() {
    let (_server, address, _) = start("{fault: reorder, message: response, window: 3, times: 1}").await;
    let mut plain = Plain::connect(address).await;
    for id in 0..3 {
        plain.say(json!({"command": "ping", "id": id})).await;
    }
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(plain.json().await["id"].as_u64().unwrap());
    }
    assert!((0..3).zip(&ids).all(|(was, got)| was != *got), "{ids:?}");
}
