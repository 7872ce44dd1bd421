//! Requests over HTTP on the same port: POST with a JSON-RPC body, one answer each, the connection kept as long as the
//! client likes. Only what such clients send is understood: a length, no transfer codings. Never interprets a body.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::LedgerServer;
use crate::api::BUILD_VERSION;
use crate::limits::{HANDSHAKE_TIMEOUT, HTTP_HEAD_BYTES_MAX, REQUEST_BYTES_MAX};

/// Whether a connection begins as an HTTP request with a body. Waits for its first bytes.
pub(super) async fn is_post(stream: &TcpStream) -> bool {
    let mut first = [0_u8; 5];
    let seen = timeout(HANDSHAKE_TIMEOUT, async {
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return 0,
                // Some of the word came, the rest is on its way.
                Ok(count) if count < first.len() && b"POST ".starts_with(&first[..count]) => {
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                Ok(count) => return count,
            }
        }
    });
    seen.await.is_ok_and(|count| first[..count] == *b"POST ")
}

/// Answers requests until the client leaves, or until one cannot be understood.
pub(super) async fn serve(server: &LedgerServer, mut stream: TcpStream) {
    let mut buffer = Vec::new();
    loop {
        let request = match timeout(HANDSHAKE_TIMEOUT, read(&mut stream, &mut buffer)).await {
            Ok(Ok(request)) => request,
            Ok(Err(Some((status, text)))) => {
                let _ = write(&mut stream, status, text, false).await;
                return;
            }
            Ok(Err(None)) | Err(_) => return,
        };
        let (status, body) = server.hub().rpc(&request.body);
        if write(&mut stream, status, &body, request.keep).await.is_err() || !request.keep {
            return;
        }
    }
}

struct Request {
    body: String,
    keep: bool,
}

/// What is told about a request that is not carried out; `None` when the client is gone.
type Refused = Option<(u16, &'static str)>;

/// One request; `buffer` keeps what came behind it.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Request, Refused> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if buffer.len() > HTTP_HEAD_BYTES_MAX {
            return Err(Some((431, "Request Header Fields Too Large")));
        }
        more(stream, buffer).await?;
    };
    let head: Vec<u8> = buffer.drain(..end).collect();
    let head = std::str::from_utf8(&head).map_err(|_| Some((400, "Bad Request")))?;
    let head = Head::parse(head).ok_or(Some((400, "Bad Request")))?;
    if head.expects {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| None)?;
    }
    while buffer.len() < head.length {
        more(stream, buffer).await?;
    }
    let body: Vec<u8> = buffer.drain(..head.length).collect();
    let body = String::from_utf8(body).map_err(|_| Some((400, "Unable to parse request: not UTF-8")))?;
    Ok(Request { body, keep: head.keep })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Refused> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => Err(None),
        Ok(_) => Ok(()),
    }
}

/// What matters of a request's head.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    length: usize,
    keep: bool,
    expects: bool,
}

impl Head {
    /// `None` for another method, for no length or one past the bound, and for transfer codings.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, _, version) = (first.next()?, first.next()?, first.next()?);
        let mut head = Self { length: 0, keep: version == "HTTP/1.1", expects: false };
        let mut length = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok().filter(|length| *length <= REQUEST_BYTES_MAX),
                "transfer-encoding" => return None,
                "connection" if value.eq_ignore_ascii_case("close") => head.keep = false,
                "connection" if value.eq_ignore_ascii_case("keep-alive") => head.keep = true,
                "expect" => head.expects = value.eq_ignore_ascii_case("100-continue"),
                _ => {}
            }
        }
        head.length = length?;
        (method == "POST" && version.starts_with("HTTP/1.")).then_some(head)
    }
}

async fn write(stream: &mut TcpStream, status: u16, body: &str, keep: bool) -> std::io::Result<()> {
    let reason = match status {
        200 => "OK",
        403 => "Forbidden",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    };
    let connection = if keep { "Keep-Alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: {}\r\n\
         Connection: {connection}\r\nServer: xrpld-{BUILD_VERSION}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let head = Head::parse("POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 12\r\n\r\n");
        assert_eq!(head, Some(Head { length: 12, keep: true, expects: false }));
        let head = Head::parse("POST / HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\n");
        assert!(head.is_some_and(|head| !head.keep));
        for bad in [
            "",
            "POST / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/2\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            assert_eq!(Head::parse(bad), None, "{bad}");
        }
    }
}
