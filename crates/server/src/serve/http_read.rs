//! Reading one HTTP/1 request (RFC 9112): head, body by length or in chunks, each within its bound. Never interprets a
//! body.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::limits::{HTTP_HEAD_BYTES_MAX, REQUEST_BYTES_MAX};

/// Longest line that begins a chunk: its size, and extensions nobody sends.
const CHUNK_LINE_MAX: usize = 256;

/// What is told about a request that is not carried out: status and words.
pub(super) type Refused = (u16, &'static str);

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoRequest {
    /// The client left, or the stream broke.
    Gone,
    /// It cannot be understood, or is too large.
    Refused(Refused),
}

impl From<Refused> for NoRequest {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// A JSON-RPC request.
    Post,
    /// The page by which a load balancer or a person sees that the server is there.
    Get,
    /// The same without the page.
    Head,
}

/// A whole request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) body: String,
    /// Whether the connection is to stay.
    pub(super) keep: bool,
}

/// One request; `buffer` keeps what came behind it.
pub(super) async fn request<S>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<Request, NoRequest>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let end = loop {
        let end = position(buffer, b"\r\n\r\n");
        if end.unwrap_or(buffer.len()) > HTTP_HEAD_BYTES_MAX {
            return Err((431, "Request Header Fields Too Large").into());
        }
        if let Some(at) = end {
            break at + 4;
        }
        more(stream, buffer).await?;
    };
    let head: Vec<u8> = buffer.drain(..end).collect();
    let head = std::str::from_utf8(&head).map_err(|_| BAD)?;
    let head = Head::parse(head)?;
    let comes = !matches!(head.length, Length::Known(0));
    if head.expects && comes && buffer.is_empty() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| NoRequest::Gone)?;
    }
    let body = match head.length {
        Length::Known(length) => {
            while buffer.len() < length {
                more(stream, buffer).await?;
            }
            buffer.drain(..length).collect()
        }
        Length::Chunked => chunks(stream, buffer).await?,
    };
    let body = String::from_utf8(body).map_err(|_| (400, "Unable to parse request: not UTF-8"))?;
    Ok(Request { method: head.method, body, keep: head.keep })
}

const BAD: Refused = (400, "Bad Request");
const TOO_LARGE: Refused = (413, "Content Too Large");

/// A body in chunks, with its trailer.
async fn chunks<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<Vec<u8>, NoRequest> {
    let mut body = Vec::new();
    loop {
        let line = line(stream, buffer, CHUNK_LINE_MAX).await?;
        let digits = line.split(';').next().unwrap_or_default().trim_end();
        let is_size =
            (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let size = usize::from_str_radix(digits, 16).ok().filter(|_| is_size).ok_or(BAD)?;
        if size == 0 {
            break;
        }
        if size > REQUEST_BYTES_MAX - body.len() {
            return Err(TOO_LARGE.into());
        }
        while buffer.len() < size + 2 {
            more(stream, buffer).await?;
        }
        body.extend(buffer.drain(..size));
        if buffer.drain(..2).as_slice() != b"\r\n" {
            return Err(BAD.into());
        }
    }
    let mut trailer = 0;
    loop {
        let line = line(stream, buffer, HTTP_HEAD_BYTES_MAX).await?;
        trailer += line.len();
        match line.is_empty() {
            true => return Ok(body),
            false if trailer > HTTP_HEAD_BYTES_MAX => return Err(BAD.into()),
            false => {}
        }
    }
}

/// One line without its end.
async fn line<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    most: usize,
) -> Result<String, NoRequest> {
    loop {
        if let Some(at) = position(&buffer[..buffer.len().min(most + 2)], b"\r\n") {
            let line: Vec<u8> = buffer.drain(..at + 2).take(at).collect();
            return String::from_utf8(line).map_err(|_| BAD.into());
        }
        if buffer.len() > most + 2 {
            return Err(BAD.into());
        }
        more(stream, buffer).await?;
    }
}

fn position(buffer: &[u8], wanted: &[u8]) -> Option<usize> {
    buffer.windows(wanted.len()).position(|bytes| bytes == wanted)
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<(), NoRequest> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => Err(NoRequest::Gone),
        Ok(_) => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

/// What matters of a request's head.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    method: Method,
    length: Length,
    keep: bool,
    expects: bool,
}

impl Head {
    /// A length and chunks at once, or two lengths, are refused: nobody could say where the next request begins.
    fn parse(text: &str) -> Result<Self, Refused> {
        let mut lines = text.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, version) = match (first.next(), first.next(), first.next(), first.next()) {
            (Some(method), Some(_), Some(version), None) => (method, version),
            _ => return Err(BAD),
        };
        let mut keep = match version {
            "HTTP/1.1" => true,
            "HTTP/1.0" => false,
            _ if version.starts_with("HTTP/") => return Err((505, "HTTP Version Not Supported")),
            _ => return Err(BAD),
        };
        let method = match method {
            "POST" => Method::Post,
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            _ => return Err((405, "Method Not Allowed: requests are put by POST")),
        };
        let (mut length, mut expects) = (None, false);
        for line in lines.take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(BAD)?;
            let value = value.trim();
            let said = match name.to_ascii_lowercase().as_str() {
                "content-length" => known(value)?,
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => Length::Chunked,
                "transfer-encoding" => {
                    return Err((501, "Not Implemented: only chunked bodies are understood"));
                }
                "connection" => {
                    keep = (keep || has_word(value, "keep-alive")) && !has_word(value, "close");
                    continue;
                }
                "expect" => {
                    expects = value.eq_ignore_ascii_case("100-continue");
                    continue;
                }
                _ => continue,
            };
            if length.replace(said).is_some_and(|before| before != said) {
                return Err(BAD);
            }
        }
        let length = match (length, method) {
            (Some(length), _) => length,
            (None, Method::Get | Method::Head) => Length::Known(0),
            (None, Method::Post) => return Err((411, "Length Required")),
        };
        Ok(Self { method, length, keep, expects })
    }
}

fn known(value: &str) -> Result<Length, Refused> {
    if value.is_empty() || !value.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(BAD);
    }
    // A number too long to read is one too large.
    let length = value.parse().ok().filter(|length| *length <= REQUEST_BYTES_MAX);
    length.map(Length::Known).ok_or(TOO_LARGE)
}

fn has_word(value: &str, wanted: &str) -> bool {
    value.split(',').any(|word| word.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of these bytes, and then of an end of the stream.
    fn read(bytes: &[u8]) -> Result<Request, NoRequest> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut stream = tokio_test_stream(bytes);
        runtime.block_on(request(&mut stream, &mut Vec::new()))
    }

    fn tokio_test_stream(bytes: &[u8]) -> impl AsyncRead + AsyncWrite + Unpin + use<> {
        tokio::io::join(std::io::Cursor::new(bytes.to_vec()), Vec::new())
    }

    #[test]
    fn requests() {
        let post = |body: &str, keep| Request { method: Method::Post, body: body.to_owned(), keep };
        for (text, wanted) in [
            ("POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 2\r\n\r\n{}", post("{}", true)),
            ("POST / HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", post("{}", false)),
            ("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}", post("{}", false)),
            ("POST / HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", post("", true)),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\nA;x=y\r\n\":[1,2,3]\r\n\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n",
                post("{\"a\":[1,2,3]\r}", true),
            ),
            ("GET / HTTP/1.1\r\n\r\n", Request { method: Method::Get, body: String::new(), keep: true }),
        ] {
            // The chunk of ten bytes ends within its own line break: sizes rule, not lines.
            let text = text.replace("\":[1,2,3]\r\n\r\n1", "\":[1,2,3]\r\r\n1");
            assert_eq!(read(text.as_bytes()), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn refusals() {
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let large = format!("{chunked}FFFFF\r\n{}\r\n2\r\nxx\r\n", "x".repeat(0xF_FFFF));
        let long_head = format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(HTTP_HEAD_BYTES_MAX));
        for (text, status) in [
            ("\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\n\r\n", 411),
            ("PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 405),
            ("POST / HTTP/2\r\nContent-Length: 1\r\n\r\nx", 505),
            ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n\u{0}", 0),
            (&format!("{chunked}x\r\n"), 400),
            (&format!("{chunked}-1\r\n"), 400),
            (&format!("{chunked}1\r\nxx\r\n"), 400),
            (&format!("{chunked}FFFFFFFF\r\n"), 413),
            (&format!("{chunked}{}\r\n", "0".repeat(9)), 400),
            (&format!("{chunked}{}", "1".repeat(2 * CHUNK_LINE_MAX)), 400),
            (&large, 413),
            (&long_head, 431),
        ] {
            match (read(text.as_bytes()), status) {
                (Ok(request), 0) => assert_eq!(request.body, "\u{0}"),
                (Err(NoRequest::Refused((told, _))), status) => assert_eq!(told, status, "{text:.80}"),
                (other, _) => panic!("{other:?} for {text:.80}"),
            }
        }
        for cut in
            ["", "POST / HT", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n{}", &format!("{chunked}5\r\nxx")]
        {
            assert_eq!(read(cut.as_bytes()), Err(NoRequest::Gone), "{cut}");
        }
    }
}
