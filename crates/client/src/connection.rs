//! One connection: requests with ids, answers matched by id, stream messages kept in order meanwhile.
//!
//! A request never waits behind stream messages and never loses one. An answer nobody waits for is
//! dropped and counted. Reconnecting is the caller's decision (see [`crate::Backoff`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ledger::json::{Document, Node};
use serde_json::Value;
use tokio::time::timeout;

use crate::answers::{StreamMessage, result_of};
use crate::error::ClientError;
use crate::frames::{ByteStream, Frames};
use crate::limits::{ANSWERS_PENDING_MAX, REQUEST_TIMEOUT, STREAM_QUEUE_MAX};

/// A connection to one server. Every method is for one task at a time (`&mut`).
pub struct Connection {
    frames: Frames,
    next_id: u64,
    awaited: BTreeSet<u64>,
    answers: BTreeMap<u64, Value>,
    stream: VecDeque<Result<StreamMessage, ClientError>>,
    request_timeout: Duration,
    stats: ConnectionStats,
}

/// A request that was sent and whose answer was not yet taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub struct RequestId(u64);

/// What a connection has seen, for the log and for counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionStats {
    /// Requests sent.
    pub requests: u64,
    /// Stream messages received.
    pub stream_messages: u64,
    /// Answers with an id nobody waits for, dropped.
    pub answers_unexpected: u64,
    /// Frames that were no JSON document of this protocol, dropped.
    pub frames_unreadable: u64,
    /// Answers carrying `warning: "load"`: the server asks for less.
    pub load_warnings: u64,
}

impl Connection {
    /// Connects to a `ws://host:port[/path]` address over TCP.
    pub async fn connect(url: &str) -> Result<Self, ClientError> {
        Ok(Self::new(Frames::connect(url).await?))
    }

    /// Runs over an existing byte stream, such as one end of an in-process pipe.
    pub async fn over(stream: impl ByteStream + 'static) -> Result<Self, ClientError> {
        Ok(Self::new(Frames::over(Box::new(stream), "ws://embedded.ledger/").await?))
    }

    fn new(frames: Frames) -> Self {
        Self {
            frames,
            next_id: 1,
            awaited: BTreeSet::new(),
            answers: BTreeMap::new(),
            stream: VecDeque::new(),
            request_timeout: REQUEST_TIMEOUT,
            stats: ConnectionStats::default(),
        }
    }

    /// Waits this long for an answer instead of [`REQUEST_TIMEOUT`].
    pub fn set_request_timeout(&mut self, after: Duration) {
        self.request_timeout = after;
    }

    /// What this connection has seen.
    pub fn stats(&self) -> ConnectionStats {
        self.stats
    }

    /// Asks and waits for the answer: `params` is an object of the command's parameters (`command`, `id`
    /// and `api_version` are set here). Gives the answer's `result`. On [`ClientError::Timeout`] the
    /// request may or may not have been carried out.
    pub async fn request(&mut self, command: &str, params: Value) -> Result<Value, ClientError> {
        let id = self.begin(command, params).await?;
        self.finish(command, id).await
    }

    /// Sends a request without waiting, so that several can be on their way. Take the answer with
    /// [`Connection::finish`].
    pub async fn begin(&mut self, command: &str, params: Value) -> Result<RequestId, ClientError> {
        if self.awaited.len() >= ANSWERS_PENDING_MAX {
            return Err(ClientError::Bound("requests without an answer"));
        }
        let id = self.next_id;
        self.next_id += 1;
        let mut message = match params {
            Value::Object(map) => map,
            _ => serde_json::Map::new(),
        };
        message.insert("id".into(), id.into());
        message.insert("command".into(), command.into());
        message.insert("api_version".into(), 2.into());
        self.awaited.insert(id);
        self.stats.requests += 1;
        let sent = timeout(self.request_timeout, self.frames.send(&Value::Object(message))).await;
        sent.unwrap_or_else(|_| Err(self.timed_out(command, id)))?;
        Ok(RequestId(id))
    }

    /// Waits for the answer of a request begun before.
    pub async fn finish(&mut self, command: &str, id: RequestId) -> Result<Value, ClientError> {
        let waited = timeout(self.request_timeout, self.answer(id.0)).await;
        let answer = waited.unwrap_or_else(|_| Err(self.timed_out(command, id.0)))?;
        result_of(command, answer)
    }

    /// The next stream message, buffered or from the socket; waits for ever. Cancel-safe. An error of
    /// kind [`ClientError::BadAnswer`] concerns that one message; the connection goes on.
    pub async fn next_message(&mut self) -> Result<StreamMessage, ClientError> {
        loop {
            if let Some(message) = self.buffered_message() {
                return message;
            }
            self.receive().await?;
        }
    }

    /// The next stream message already received, without waiting.
    pub fn buffered_message(&mut self) -> Option<Result<StreamMessage, ClientError>> {
        self.stream.pop_front()
    }

    /// How many stream messages are buffered.
    pub fn buffered(&self) -> usize {
        self.stream.len()
    }

    /// Leaves properly.
    pub async fn close(mut self) {
        self.frames.close().await;
    }

    async fn answer(&mut self, id: u64) -> Result<Value, ClientError> {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                self.awaited.remove(&id);
                return Ok(answer);
            }
            self.receive().await?;
        }
    }

    fn timed_out(&mut self, command: &str, id: u64) -> ClientError {
        self.awaited.remove(&id);
        ClientError::Timeout { command: command.to_owned(), after: self.request_timeout }
    }

    /// Takes one frame from the socket and files it.
    async fn receive(&mut self) -> Result<(), ClientError> {
        let text = self.frames.receive().await?;
        let Some(document) = text.as_deref().and_then(|text| Document::parse(text).ok()) else {
            self.stats.frames_unreadable += 1;
            tracing::warn!("a frame that is no JSON document was dropped");
            return Ok(());
        };
        let message = document.root();
        match message.get("type").and_then(Node::as_str) {
            Some("response") => self.file_answer(message.to_value()),
            Some(_) => self.file_stream(message)?,
            None => {
                self.stats.frames_unreadable += 1;
                tracing::warn!("a message without a type was dropped");
            }
        }
        Ok(())
    }

    fn file_answer(&mut self, message: Value) {
        if message.get("warning").and_then(Value::as_str) == Some("load") {
            self.stats.load_warnings += 1;
        }
        match message.get("id").and_then(Value::as_u64).filter(|id| self.awaited.contains(id)) {
            Some(id) => {
                self.answers.insert(id, message);
            }
            None => {
                self.stats.answers_unexpected += 1;
                tracing::debug!("an answer nobody waits for was dropped");
            }
        }
    }

    fn file_stream(&mut self, message: Node<'_>) -> Result<(), ClientError> {
        self.stats.stream_messages += 1;
        if self.stream.len() >= STREAM_QUEUE_MAX {
            return Err(ClientError::Bound("stream messages not yet taken"));
        }
        self.stream.push_back(StreamMessage::read(message));
        Ok(())
    }
}
