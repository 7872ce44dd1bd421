//! Requests over HTTP on the same port: POST with a JSON-RPC body, one answer each, the connection kept as long as the
//! client likes; GET for the page that says the server is there. Every request is answered, the wrong ones too.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::LedgerServer;
use super::faulty::half;
use super::http_read::{self, Method, NoRequest};
use super::hub::{HttpAnswer, Origin};
use crate::api::BUILD_VERSION;
use crate::limits::{HANDSHAKE_TIMEOUT, HTTP_HEAD_BYTES_MAX, REQUEST_BYTES_MAX};

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With a request to speak the WebSocket protocol.
    WebSocket,
    /// With such a request in another version, or without its key.
    NoWebSocket,
    /// With anything else.
    Http,
    /// It ends, or says nothing in time.
    Nothing,
}

/// Looks at the first bytes of a connection without taking them, until they tell what it is.
pub(super) async fn looks_at(stream: &TcpStream) -> Kind {
    let mut seen = vec![0_u8; 1 << 10];
    let looked = timeout(HANDSHAKE_TIMEOUT, async {
        let mut pause = Duration::from_millis(1);
        loop {
            match stream.peek(&mut seen).await {
                Ok(0) | Err(_) => return Kind::Nothing,
                Ok(count) => match told(&seen[..count]) {
                    Some(kind) => return kind,
                    None if count == seen.len() => seen.resize(2 * count, 0),
                    // Some came, the rest is on its way; the system would show the same bytes at once again.
                    None => {
                        sleep(pause).await;
                        pause = (2 * pause).min(LOOK_PAUSE_MAX);
                    }
                },
            }
        }
    });
    // What began and does not go on is told so as HTTP.
    looked.await.unwrap_or(Kind::Http)
}

/// Longest pause between two looks at a head that comes slowly.
const LOOK_PAUSE_MAX: Duration = Duration::from_millis(50);

/// What the beginning of a connection is, once it is clear.
fn told(bytes: &[u8]) -> Option<Kind> {
    if !bytes.starts_with(&b"GET "[..bytes.len().min(4)]) {
        return Some(Kind::Http);
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return (bytes.len() > HTTP_HEAD_BYTES_MAX).then_some(Kind::Http);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let has = |wanted: &str, is: &dyn Fn(&str) -> bool| {
        head.split("\r\n")
            .any(|line| line.split_once(':').is_some_and(|(name, value)| name == wanted && is(value.trim())))
    };
    if !has("upgrade", &|value| value.contains("websocket")) {
        return Some(Kind::Http);
    }
    let can_be = has("sec-websocket-version", &|value| value == "13")
        && has("sec-websocket-key", &|key| !key.is_empty());
    Some(if can_be { Kind::WebSocket } else { Kind::NoWebSocket })
}

/// Answers requests until the client leaves, or until one cannot be understood.
pub(super) async fn serve(server: &LedgerServer, mut stream: TcpStream, origin: Origin, node: u8) {
    let mut buffer = Vec::new();
    loop {
        let read = timeout(HANDSHAKE_TIMEOUT, http_read::request(&mut stream, &mut buffer)).await;
        let request = match read.unwrap_or(Err(NoRequest::Refused((408, "Request Timeout")))) {
            Ok(request) => request,
            // A connection that is kept and not used ends without a word.
            Err(NoRequest::Refused((408, _))) if buffer.is_empty() => return,
            Err(NoRequest::Refused((status, text))) => return refuse(&mut stream, status, text).await,
            Err(NoRequest::Gone) => return,
        };
        let answer = match request.method {
            Method::Post => {
                let turn = server.turns.of(request.body.as_bytes()).await;
                let answer = server.hub().rpc_at(&request.body, origin, node);
                tokio::task::yield_now().await;
                drop(turn);
                answer
            }
            Method::Get | Method::Head => {
                Some(HttpAnswer { status: 200, body: PAGE.to_owned(), is_cut: false })
            }
        };
        let Some(HttpAnswer { status, body, is_cut }) = answer else { return };
        let shown = if request.method == Method::Head { "" } else { &body };
        let head = head(status, body.len(), request.method == Method::Post, request.keep);
        let shown = if is_cut { shown.get(..half(shown)).unwrap_or_default() } else { shown };
        let sent = async {
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(shown.as_bytes()).await
        };
        if !matches!(timeout(HANDSHAKE_TIMEOUT, sent).await, Ok(Ok(()))) || !request.keep || is_cut {
            return;
        }
    }
}

/// What a browser or a load balancer sees.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Test page for NEO's ledger</title></head><body><h1>Test</h1>\
     <p>This page shows that the server answers. Requests go to it by POST (JSON-RPC) or over a WebSocket.</p></body></html>";

/// Tells why, and ends the connection so that the word arrives: what the client still sends is read and thrown away,
/// for a while.
async fn refuse(stream: &mut TcpStream, status: u16, text: &str) {
    let told = async {
        stream.write_all(head(status, text.len(), true, false).as_bytes()).await?;
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        let mut thrown = vec![0; 16 << 10];
        let mut left = 4 * REQUEST_BYTES_MAX;
        while left > 0 {
            match stream.read(&mut thrown).await? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        std::io::Result::Ok(())
    };
    let _ = timeout(REFUSAL_TIME, told).await;
}

/// Answers a handshake that no WebSocket can come of (RFC 6455, 4.4).
pub(super) async fn refuse_upgrade(mut stream: TcpStream) {
    refuse(&mut stream, 426, "a WebSocket handshake needs Sec-WebSocket-Version: 13 and Sec-WebSocket-Key")
        .await;
}

/// Time for a refused client to hear of it.
const REFUSAL_TIME: Duration = Duration::from_secs(2);

fn head(status: u16, length: usize, is_json: bool, keep: bool) -> String {
    let reason = match status {
        200 => "OK",
        403 => "Forbidden",
        405 => "Method Not Allowed\r\nAllow: GET, HEAD, POST",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        426 => "Upgrade Required\r\nSec-WebSocket-Version: 13",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Bad Request",
    };
    let kind = if is_json { "application/json; charset=UTF-8" } else { "text/html" };
    let connection = if keep { "Keep-Alive" } else { "close" };
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: {connection}\r\n\
         Server: xrpld-{BUILD_VERSION}\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        let upgrade = b"GET / HTTP/1.1\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        assert_eq!(told(upgrade), Some(Kind::WebSocket));
        let other = String::from_utf8_lossy(upgrade).replace("13", "12");
        assert_eq!(told(other.as_bytes()), Some(Kind::NoWebSocket));
        let keyless = String::from_utf8_lossy(upgrade).replace("eA==", "");
        assert_eq!(told(keyless.as_bytes()), Some(Kind::NoWebSocket));
        for more in 0..upgrade.len() {
            assert_eq!(told(&upgrade[..more]), None, "{more}");
        }
        for http in
            [&b"POST / H"[..], b"P", b"HEAD", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nX: upgrade\r\n\r\n"]
        {
            assert_eq!(told(http), Some(Kind::Http));
        }
        assert_eq!(told(&[b"GET ".as_slice(), &[b'x'; HTTP_HEAD_BYTES_MAX]].concat()), Some(Kind::Http));
    }
}
