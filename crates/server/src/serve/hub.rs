//! The embedded ledger and its clients, behind one lock: requests are carried out one after another, and
//! a closed ledger reaches every client's queue before the next request is looked at. The lock is never
//! held across an await.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;
use sim::world::{LedgerHeader, SubmitResult};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::ending::{Ending, Verdict};
use super::faulty::{Faulty, Reply};
use super::queue::{Queued, Waiting};
use super::subscriptions::Subscriptions;
use super::{CloseMode, OnSubmit};
use crate::api::{self, ApiError, Body, Request};
use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;
use crate::limits::{
    ANSWERS_BYTES_MAX, BATCH_ANSWER_BYTES, BATCH_MAX, CLIENT_QUEUE_MAX, IDLE_AFTER, NETWORK_QUEUE_MAX,
};

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(pub(super) u64);

/// The node of the network that clients connect to unless they are told of another.
pub(crate) const FIRST_NODE: u8 = 1;

/// What a client's task holds.
pub(crate) struct Joined {
    pub(crate) id: ClientId,
    pub(crate) queue: mpsc::Receiver<Queued>,
    /// Says why the client is to be closed.
    pub(crate) verdict: Verdict,
}

/// An answer over HTTP.
#[derive(Default)]
pub(crate) struct HttpAnswer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
    /// Only the first half of the body is to be sent.
    pub(crate) is_cut: bool,
}

/// Where a client comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This process, which may compute for long without reading: it is never taken for gone.
    Process,
    /// A socket of this machine: the administrator, where ledgers close by hand (as on the local port of a standalone
    /// server).
    Local,
    /// A socket of another machine.
    Network,
}

pub(super) struct Client {
    queue: mpsc::Sender<Queued>,
    /// Bytes of its answers that are not sent yet.
    waiting: Waiting,
    verdict: Verdict,
    pub(super) origin: Origin,
    /// Which node of the network it talks to.
    pub(super) node: u8,
    /// When the last frame came, a pong too.
    heard: Instant,
    pub(super) wishes: Subscriptions,
}

/// The shared state of a server.
pub(crate) struct Hub {
    pub(super) ledger: EmbeddedLedger,
    pub(super) mode: CloseMode,
    pub(super) clients: BTreeMap<ClientId, Client>,
    next_id: u64,
    /// Bytes of everybody's answers that are not sent yet.
    waiting: Waiting,
    /// Those of clients that were closed for it and whose sessions have not ended yet.
    leaving: Vec<Waiting>,
    /// How many there may be.
    pub(super) answers_bytes_max: usize,
    /// Clients taken at one time.
    seats: usize,
    /// Counts the clocks started; only the newest one closes ledgers.
    clock: u64,
    /// Counts the numbers given as random.
    pub(super) drawn: u64,
    /// Levels that a transaction needed for the queue and the open ledger when that was last told.
    pub(super) told_load: (u64, u64),
    /// Why the ledger stands still, once a close could not be recorded or the server was shut down.
    pub(super) stopped: Option<(Ending, String)>,
    /// Told when a client asked the server to stop.
    pub(super) asked_to_stop: Arc<Notify>,
    /// Who is told of what clients submit.
    pub(super) on_submit: Option<OnSubmit>,
    /// What goes wrong on demand.
    pub(super) faults: Option<Box<Faulty>>,
    /// Whose ledger `ledger` is at the moment: the network's, or that of a node that shows another one.
    pub(super) view: Option<usize>,
}

impl Hub {
    pub(crate) fn new(ledger: EmbeddedLedger, mode: CloseMode, seats: usize) -> Self {
        let load = ledger.world().fee_report();
        Self {
            told_load: (load.minimum_level, load.open_ledger_level),
            ledger,
            mode,
            clients: BTreeMap::new(),
            next_id: 1,
            waiting: Waiting::default(),
            leaving: Vec::new(),
            answers_bytes_max: ANSWERS_BYTES_MAX,
            seats,
            clock: 0,
            drawn: 0,
            stopped: None,
            asked_to_stop: Arc::default(),
            on_submit: None,
            faults: None,
            view: None,
        }
    }

    /// Is told when a client asked the server to stop.
    pub(crate) fn asked_to_stop(&self) -> Arc<Notify> {
        self.asked_to_stop.clone()
    }

    /// Clients taken at one time.
    pub(crate) fn seats(&self) -> usize {
        self.seats
    }

    pub(crate) fn ledger(&self) -> &EmbeddedLedger {
        &self.ledger
    }

    /// A new client. Refused when the server stands still, or when every seat is taken by a client that was
    /// heard of lately; else the one that was silent for longest makes room.
    #[cfg(test)]
    pub(crate) fn join(&mut self, origin: Origin) -> Result<Joined, Ending> {
        self.join_node(origin, FIRST_NODE)
    }

    /// The same at one of the nodes.
    pub(crate) fn join_node(&mut self, origin: Origin, node: u8) -> Result<Joined, Ending> {
        if let Some((why, _)) = &self.stopped {
            return Err(*why);
        }
        if self.clients.len() >= self.seats {
            let silent = self.most_silent().ok_or(Ending::Full)?;
            self.dismiss(silent, Ending::Idle);
        }
        let id = ClientId(self.next_id);
        self.next_id += 1;
        let waiting_max = match origin {
            Origin::Process => CLIENT_QUEUE_MAX,
            Origin::Local | Origin::Network => NETWORK_QUEUE_MAX,
        };
        let (sender, queue) = mpsc::channel(waiting_max);
        let verdict = Verdict::default();
        let wishes = Subscriptions::default();
        let waiting = Waiting::default();
        let client = Client {
            queue: sender,
            waiting,
            verdict: verdict.clone(),
            origin,
            node,
            heard: Instant::now(),
            wishes,
        };
        self.clients.insert(id, client);
        Ok(Joined { id, queue, verdict })
    }

    /// A frame came from a client.
    pub(crate) fn heard(&mut self, id: ClientId) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.heard = Instant::now();
        }
    }

    /// Of the network's clients silent for [`IDLE_AFTER`], the one silent for longest.
    fn most_silent(&self) -> Option<ClientId> {
        let network = self.clients.iter().filter(|(_, client)| client.origin != Origin::Process);
        let silent = network.filter(|(_, client)| client.heard.elapsed() >= IDLE_AFTER);
        silent.min_by_key(|(_, client)| client.heard).map(|(id, _)| *id)
    }

    pub(super) fn dismiss(&mut self, id: ClientId, why: Ending) {
        if let Some(client) = self.clients.remove(&id) {
            tracing::warn!(client = id.0, ?why, "a client is closed");
            client.verdict.give(why);
        }
    }

    fn dismiss_all(&mut self, why: Ending) {
        for (_, client) in std::mem::take(&mut self.clients) {
            client.verdict.give(why);
        }
    }

    /// A new clock takes over from whichever closed ledgers before.
    pub(crate) fn take_clock(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// Closes a ledger for a clock, unless another took over or the server was shut down.
    pub(crate) fn close_by_clock(&mut self, clock: u64) -> Result<LedgerHeader, ServerError> {
        if clock != self.clock {
            return Err(ServerError::ClockReplaced);
        }
        self.close_ledger()
    }

    /// Ends every session, closes no ledger any more and lets go of the directory.
    pub(crate) fn shut_down(&mut self) {
        self.stopped.get_or_insert_with(|| (Ending::ShutDown, "shut down".to_owned()));
        self.dismiss_all(Ending::ShutDown);
        self.ledger.release();
    }

    /// A client is gone.
    pub(crate) fn leave(&mut self, id: ClientId) {
        self.clients.remove(&id);
        self.forget_faults_of(id);
    }

    /// Carries out a client's message; the answer goes into its queue behind what the message caused.
    pub(crate) fn message(&mut self, id: ClientId, text: &str) {
        let Some(origin) = self.clients.get(&id).map(|client| client.origin) else { return };
        let parsed = Request::parse(text);
        if let (Ok(request), Some(told)) = (&parsed, &mut self.on_submit)
            && request.command == "submit"
        {
            told(text);
        }
        match parsed {
            Ok(request) if self.faults.is_some() => self.message_with_faults(id, &request),
            Ok(request) => {
                let result = self.carry_out(Some(id), origin, &request);
                self.answer(id, request.answer(result));
            }
            Err(refusal) => self.answer(id, refusal),
        }
        self.end_when_stopped();
    }

    /// Carries out what came over HTTP: status and body of the answer.
    #[cfg(test)]
    pub(crate) fn rpc(&mut self, body: &str, origin: Origin) -> (u16, String) {
        let answer = self.rpc_at(body, origin, FIRST_NODE).unwrap_or_default();
        (answer.status, answer.body)
    }

    /// The same at one of the nodes; nothing when the connection is to end without an answer.
    pub(crate) fn rpc_at(&mut self, body: &str, origin: Origin, node: u8) -> Option<HttpAnswer> {
        let whole = |status, body| Some(HttpAnswer { status, body, is_cut: false });
        let answer = match api::read_rpc(body, BATCH_MAX) {
            Err((status, text)) => whole(status, text),
            Ok(Body::One(request)) if self.faults.is_some() => self.rpc_with_faults(&request, origin, node),
            Ok(Body::One(request)) => match self.carry_out(None, origin, &request) {
                Err(error) if error == ApiError::forbidden() => whole(403, "Forbidden".to_owned()),
                result => whole(200, format!("{}\n", request.http_answer(result))),
            },
            Ok(Body::Batch(items)) => whole(200, self.batch(items, origin, node)),
        };
        self.end_when_stopped();
        answer
    }

    /// One answer for each, in order.
    fn batch(&mut self, items: Vec<Result<Request, Value>>, origin: Origin, node: u8) -> String {
        let mut answers = String::from("[");
        for (count, item) in items.into_iter().enumerate() {
            answers.push_str(if count == 0 { "" } else { "," });
            answers.push_str(&match item {
                Err(refusal) => refusal.to_string(),
                Ok(request) if answers.len() > BATCH_ANSWER_BYTES => {
                    api::batch_overloaded(&request).to_string()
                }
                Ok(request) => match self.respond(None, origin, node, &request).0 {
                    Reply::Answer(Err(error)) if error == ApiError::forbidden() => {
                        api::batch_forbidden(&request).to_string()
                    }
                    Reply::Answer(result) => request.http_answer(result),
                    Reply::Nothing | Reply::End(_) => api::batch_overloaded(&request).to_string(),
                },
            });
        }
        answers.push_str("]\n");
        answers
    }

    /// Closes the open ledger, records it, and only then tells the clients. When it cannot be recorded,
    /// every session ends: silence would look like a ledger that takes its time.
    pub(crate) fn close_ledger(&mut self) -> Result<LedgerHeader, ServerError> {
        let closed = self.close_and_publish();
        self.end_when_stopped();
        closed
    }

    pub(super) fn end_when_stopped(&mut self) {
        if let Some((why, _)) = self.stopped {
            self.dismiss_all(why);
        }
    }

    pub(super) fn close_and_publish(&mut self) -> Result<LedgerHeader, ServerError> {
        if let Some((_, why)) = &self.stopped {
            return Err(ServerError::Stopped(why.clone()));
        }
        if self.faults.is_some() && self.validation_stalls() {
            return Ok(*self.ledger.header());
        }
        self.act();
        match self.ledger.close() {
            Ok(header) => {
                self.before_publishing(&header);
                self.publish(&header);
                self.after_publishing(&header);
                Ok(header)
            }
            Err(error) => {
                tracing::error!(%error, "the embedded ledger could not record a close and stands still");
                self.stopped = Some((Ending::LedgerStopped, error.to_string()));
                Err(error)
            }
        }
    }

    /// Lets the agents act for a clock, ahead of the close, where that changes nothing for anybody: see
    /// [`EmbeddedLedger::is_in_memory`].
    pub(crate) fn act_by_clock(&mut self, clock: u64) {
        if clock == self.clock && self.stopped.is_none() && self.ledger.is_in_memory() {
            self.act();
        }
    }

    /// What the agents send is told like anybody's: before the ledger closes.
    pub(super) fn act(&mut self) {
        let sent = self.ledger.act();
        self.publish_load();
        if !self.clients.values().any(|client| client.wishes.wants_proposed()) {
            return;
        }
        for proposed in sent.iter().filter_map(api::Proposed::of) {
            self.publish_proposed(&proposed);
        }
    }

    /// Applies a transaction that came over no connection.
    pub(super) fn submit_directly(&mut self, blob: &[u8]) -> Result<SubmitResult, ServerError> {
        let result = self.ledger.submit(blob);
        self.publish_load();
        result
    }

    /// Queues a message of a stream.
    pub(super) fn send(&mut self, id: ClientId, message: Utf8Bytes) {
        if self.faults.is_some() {
            return self.send_with_faults(id, message);
        }
        self.queue(id, Queued::shared(message));
    }

    /// Queues an answer. When too many bytes of answers wait, those who let the most wait are closed as too slow.
    pub(super) fn answer(&mut self, id: ClientId, text: String) {
        let Some(client) = self.clients.get(&id) else { return };
        let message = Queued::answer(text, &client.waiting, &self.waiting);
        self.queue(id, message);
        self.within_bytes();
    }

    /// Closes clients until the answers that wait are few enough.
    fn within_bytes(&mut self) {
        while self.bytes_waiting() > self.answers_bytes_max {
            let of_network = self.clients.iter().filter(|(_, client)| client.origin != Origin::Process);
            let most = of_network.max_by_key(|(_, client)| client.waiting.load(Ordering::Relaxed));
            let Some((id, client)) = most else { return };
            // What waits for it is let go of with its session.
            let (id, waiting) = (*id, client.waiting.clone());
            self.leaving.push(waiting);
            self.dismiss(id, Ending::Slow);
        }
    }

    /// Bytes of answers that wait for clients that are not being closed for it.
    fn bytes_waiting(&mut self) -> usize {
        self.leaving.retain(|waiting| waiting.load(Ordering::Relaxed) > 0);
        let leaving: usize = self.leaving.iter().map(|waiting| waiting.load(Ordering::Relaxed)).sum();
        self.waiting.load(Ordering::Relaxed).saturating_sub(leaving)
    }

    /// A client whose queue is full is closed as too slow.
    pub(super) fn queue(&mut self, id: ClientId, message: Queued) {
        let Some(client) = self.clients.get(&id) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = client.queue.try_send(message) {
            self.dismiss(id, Ending::Slow);
        }
    }
}
