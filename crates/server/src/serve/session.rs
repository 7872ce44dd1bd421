//! One client's WebSocket over any byte stream: frames in, queue out. Never interprets a request and
//! never waits for a slow reader.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use futures_util::{SinkExt, StreamExt};

use super::LedgerServer;
use super::ending::Ending;
use super::faulty::{half, write_cut, write_huge};
use super::hub::{Joined, Origin};
use super::queue::{Queued, Wire};
use super::turn::Turns;
use crate::limits::{BUFFER_BYTES, CLOSE_TIMEOUT, HANDSHAKE_TIMEOUT, PING_AFTER, REQUEST_BYTES_MAX};

/// Why a session ended.
enum End {
    /// The client left or the stream broke.
    Gone,
    /// It is to end without a farewell.
    Reset,
    /// The client began the closing handshake: it is answered before the stream ends (RFC 6455, 5.5.1).
    Asked,
    /// We close it, with this code and reason.
    Close(CloseCode, &'static str),
}

impl From<Ending> for End {
    fn from(why: Ending) -> Self {
        let (code, reason) = why.frame();
        Self::Close(code, reason)
    }
}

/// Serves one client until it leaves or is closed.
pub(crate) async fn serve<S, R>(server: &LedgerServer, stream: S, origin: Origin, node: u8, reset: R)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    R: Fn(&S),
{
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(Some(REQUEST_BYTES_MAX))
        .max_frame_size(Some(REQUEST_BYTES_MAX));
    let mut socket = match timeout(HANDSHAKE_TIMEOUT, accept_async_with_config(stream, Some(config))).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return tracing::debug!(%error, "a handshake failed"),
        Err(_) => return tracing::debug!("a handshake took too long"),
    };
    let taken = server.hub().join_node(origin, node);
    let mut joined = match taken {
        Ok(joined) => joined,
        Err(why) => {
            let (code, reason) = why.frame();
            return close(&mut socket, code, reason).await;
        }
    };
    // The session of `neo paper` waits for nobody's questions.
    let turns = (origin != Origin::Process).then(|| server.turns.clone());
    let end = run(server, &mut socket, &mut joined, turns.as_ref()).await;
    server.hub().leave(joined.id);
    match end {
        End::Close(code, reason) => close(&mut socket, code, reason).await,
        End::Asked => answer_close(&mut socket).await,
        End::Reset => reset(socket.get_ref()),
        End::Gone => {}
    }
}

async fn run<S>(
    server: &LedgerServer,
    socket: &mut WebSocketStream<S>,
    joined: &mut Joined,
    turns: Option<&Turns>,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut ping_at = Instant::now() + PING_AFTER;
    loop {
        // What is queued goes out before the next request is read.
        let next = tokio::select! {
            biased;
            why = joined.verdict.at_once() => return why.into(),
            message = joined.queue.recv() => Next::Send(message),
            frame = socket.next() => Next::Frame(frame),
            () = sleep_until(ping_at) => Next::Ping,
        };
        let is_heard = matches!(next, Next::Frame(Some(Ok(_))));
        if is_heard {
            server.hub().heard(joined.id);
            ping_at = Instant::now() + PING_AFTER;
        }
        let mut turn = None;
        match next {
            // The hub let go of us.
            Next::Send(None) => return joined.verdict.why().into(),
            Next::Send(Some(message)) => {
                // Counted until it is sent.
                if let Some(end) = send_queued(socket, joined, &message).await {
                    return end;
                }
            }
            Next::Ping => {
                ping_at = Instant::now() + PING_AFTER;
                if let Some(end) = send(socket, joined, Message::Ping(Bytes::new())).await {
                    return end;
                }
            }
            Next::Frame(None) => return End::Gone,
            Next::Frame(Some(Err(error))) => return ended_by(&error),
            Next::Frame(Some(Ok(Message::Text(text)))) => {
                turn = turn_of(turns, text.as_bytes()).await;
                server.hub().message(joined.id, &text);
            }
            // The real server does not look at the kind of a message: its WebSocket session reads any frame into one
            // buffer and hands it to the JSON reader (server source, BaseWSPeer and ServerHandler). So a client that
            // sends its requests in binary frames is answered, in text frames, and what is no UTF-8 is no JSON.
            Next::Frame(Some(Ok(Message::Binary(bytes)))) => {
                turn = turn_of(turns, &bytes).await;
                server.hub().message(joined.id, &String::from_utf8_lossy(&bytes));
            }
            Next::Frame(Some(Ok(Message::Close(_)))) => return End::Asked,
            Next::Frame(Some(Ok(_))) => {}
        }
        if is_heard {
            // One request, then the others and the clock have their turn: a burst of one client's is not served whole.
            // Its turn ends after theirs, or the next long question would come before them.
            tokio::task::yield_now().await;
        }
        drop(turn);
    }
}

/// Waits for the turn of a question that may take long.
async fn turn_of(turns: Option<&Turns>, text: &[u8]) -> Option<OwnedSemaphorePermit> {
    turns?.of(text).await
}

/// Sends a message the way it is to go.
async fn send_queued<S>(socket: &mut WebSocketStream<S>, joined: &mut Joined, message: &Queued) -> Option<End>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    match message.wire {
        Wire::Whole => {}
        Wire::Reset => return Some(End::Reset),
        Wire::HalfOpen => {
            // Until the server ends it: nothing is read, nothing is written.
            while joined.queue.recv().await.is_some() {}
            return Some(End::Gone);
        }
        Wire::Cut => {
            let text = message.text.as_str();
            let sent = timeout(CLOSE_TIMEOUT, write_cut(socket.get_mut(), text, half(text))).await;
            tracing::debug!(?sent, "a frame was cut");
            return Some(End::Gone);
        }
        Wire::Huge(mebibytes) => {
            let sent = timeout(HANDSHAKE_TIMEOUT, write_huge(socket.get_mut(), mebibytes)).await;
            if !matches!(sent, Ok(Ok(()))) {
                return Some(End::Reset);
            }
        }
    }
    send(socket, joined, Message::Text(message.text.clone())).await
}

/// Sends a message, unless the session ends before the client takes it.
async fn send<S>(socket: &mut WebSocketStream<S>, joined: &Joined, message: Message) -> Option<End>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    tokio::select! {
        biased;
        why = joined.verdict.at_once() => Some(why.into()),
        sent = socket.send(message) => sent.err().map(|_| End::Gone),
    }
}

enum Next {
    Ping,
    Send(Option<Queued>),
    Frame(Option<Result<Message, WsError>>),
}

fn ended_by(error: &WsError) -> End {
    match error {
        WsError::Capacity(CapacityError::MessageTooLong { .. }) => {
            End::Close(CloseCode::Size, "message is too big")
        }
        WsError::Utf8(_) => End::Close(CloseCode::Invalid, "text is not UTF-8"),
        WsError::Protocol(_) => End::Close(CloseCode::Protocol, "protocol error"),
        _ => End::Gone,
    }
}

/// The answer to a close frame waits in the socket: it is sent, and the stream read to its end.
async fn answer_close<S>(socket: &mut WebSocketStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let farewell = async {
        if socket.flush().await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    if timeout(CLOSE_TIMEOUT, farewell).await.is_err() {
        tracing::debug!("a client did not finish the close handshake");
    }
}

/// Sends the close frame and waits a little for the client's, so that the code can reach it.
async fn close<S>(socket: &mut WebSocketStream<S>, code: CloseCode, reason: &'static str)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let farewell = async {
        if socket.close(Some(CloseFrame { code, reason: reason.into() })).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    if timeout(CLOSE_TIMEOUT, farewell).await.is_err() {
        tracing::debug!(reason, "a client did not finish the close handshake");
    }
}
