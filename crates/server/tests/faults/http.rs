//! The same faults over HTTP, where a connection is nobody's.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::plain::start;

/// Everything that comes back for one request.
async fn post(address: SocketAddr, method: &str) -> String {
    let body = json!({"method": method, "params": [{}]}).to_string();
    let request =
        format!("POST / HTTP/1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).await.unwrap();
    got
}

#[tokio::test]
async fn over_http_by_table() {
    for (faults, status, body) in [
        ("{fault: drop}", None, ""),
        ("{fault: lost_request}", None, ""),
        ("{fault: reset}", None, ""),
        ("{fault: threshold}", Some("503 Service Unavailable"), "Server is overloaded"),
        ("{fault: slow_down}", Some("200 OK"), "slowDown"),
        ("{fault: service_unavailable}", Some("503 Service Unavailable"), "<html>"),
        ("{fault: partial_json}", Some("200 OK"), r#"{"result":{"sta"#),
        ("{fault: load, warn_at: 1}", Some("200 OK"), r#""warning":"load""#),
        ("{fault: drop, method: fee}", Some("200 OK"), "success"),
        ("{fault: drop, connection: 1}", Some("200 OK"), "success"),
    ] {
        let (_server, address, _) = start(faults).await;
        let got = post(address, "ping").await;
        match status {
            None => assert_eq!(got, "", "{faults}"),
            Some(status) => {
                assert!(got.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{faults}: {got}");
                let (_, said) = got.split_once("\r\n\r\n").unwrap();
                assert!(said.contains(body), "{faults}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn a_body_ends_in_its_middle() {
    let (_server, address, _) = start("{fault: cut}").await;
    let got = post(address, "version").await;
    let (head, said) = got.split_once("\r\n\r\n").unwrap();
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    assert_eq!(said.len(), length / 2);
    assert!(serde_json::from_str::<Value>(said).is_err());
}
