//! Messages over a WebSocket over any byte stream, out as JSON and in as text. Never interprets a message.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::error::ClientError;
use crate::limits::{CLOSE_TIMEOUT, CONNECT_TIMEOUT, FRAME_BYTES_MAX};

/// Any pipe of bytes a connection can run over: a TCP stream, or one end of an in-process duplex pipe.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for S {}

/// A WebSocket on which whole JSON documents travel.
pub(crate) struct Frames {
    socket: WebSocketStream<Box<dyn ByteStream>>,
}

impl Frames {
    /// Opens a TCP connection to a `ws://host:port[/path]` address and shakes hands.
    pub(crate) async fn connect(url: &str) -> Result<Self, ClientError> {
        let authority = authority(url)?;
        let tcp = within_connect(&authority, TcpStream::connect(&authority)).await?;
        tcp.set_nodelay(true).map_err(|why| ClientError::Socket(why.to_string()))?;
        Self::over(Box::new(tcp), url).await
    }

    /// Shakes hands over an existing stream; `url` is what the handshake names.
    pub(crate) async fn over(stream: Box<dyn ByteStream>, url: &str) -> Result<Self, ClientError> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let handshake = client_async_with_config(url, stream, Some(config));
        let (socket, _) = within_connect(url, handshake).await?;
        Ok(Self { socket })
    }

    /// Sends one message and flushes it.
    pub(crate) async fn send(&mut self, json: &Value) -> Result<(), ClientError> {
        self.socket.send(Message::text(json.to_string())).await.map_err(lost)
    }

    /// The text of the next message. `Ok(None)` for a frame that is no text (counted by the caller). Cancel-safe: a
    /// dropped call loses nothing.
    pub(crate) async fn receive(&mut self) -> Result<Option<Utf8Bytes>, ClientError> {
        loop {
            let frame = match self.socket.next().await {
                Some(frame) => frame.map_err(lost)?,
                None => return Err(closed(None, "")),
            };
            match frame {
                Message::Text(text) => return Ok(Some(text)),
                Message::Binary(bytes) => return Ok(Utf8Bytes::try_from(bytes).ok()),
                Message::Close(Some(frame)) => return Err(closed(Some(frame.code.into()), &frame.reason)),
                Message::Close(None) => return Err(closed(None, "")),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Says goodbye; gives up after [`CLOSE_TIMEOUT`].
    pub(crate) async fn close(&mut self) {
        let farewell = async {
            if self.socket.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        if timeout(CLOSE_TIMEOUT, farewell).await.is_err() {
            tracing::debug!("the server did not finish the close handshake");
        }
    }
}

async fn within_connect<T, E: std::fmt::Display>(
    to: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, ClientError> {
    let refused = |why: String| ClientError::Connect { to: to.to_owned(), why };
    match timeout(CONNECT_TIMEOUT, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(why)) => Err(refused(why.to_string())),
        Err(_) => Err(refused(format!("nothing within {}", seconds(CONNECT_TIMEOUT)))),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

/// `host:port` of a `ws://` address (port 80 when none is named).
fn authority(url: &str) -> Result<String, ClientError> {
    let wrong = || ClientError::Url(url.to_owned());
    let rest = url.strip_prefix("ws://").ok_or_else(wrong)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let after_host = authority.rsplit(']').next().unwrap_or("");
    if authority.is_empty() || authority.contains('@') || authority.starts_with(':') {
        return Err(wrong());
    }
    match after_host.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => Ok(authority.to_owned()),
        Some(_) => Err(wrong()),
        None => Ok(format!("{authority}:80")),
    }
}

fn closed(code: Option<u16>, reason: &str) -> ClientError {
    ClientError::Closed { code, reason: reason.chars().filter(|c| !c.is_control()).collect() }
}

fn lost(error: WsError) -> ClientError {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => closed(None, ""),
        other => ClientError::Socket(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, expected) in [
            ("ws://127.0.0.1:6006", Some("127.0.0.1:6006")),
            ("ws://localhost:6006/path", Some("localhost:6006")),
            ("ws://[::1]:6006/", Some("[::1]:6006")),
            ("ws://[::1]", Some("[::1]:80")),
            ("ws://example.org", Some("example.org:80")),
            ("wss://example.org", None),
            ("http://example.org", None),
            ("ws://", None),
            ("ws://:80", None),
            ("ws://host:port", None),
            ("ws://host:99999", None),
            ("ws://user:word@host:80", None),
        ] {
            assert_eq!(authority(url).ok().as_deref(), expected, "{url}");
        }
    }
}
