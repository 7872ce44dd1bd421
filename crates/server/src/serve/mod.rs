//! The WebSocket server around the embedded ledger: over any byte stream, over TCP, with ledgers closed by
//! a clock or by `ledger_accept`. Works on a single-threaded runtime; closing a ledger blocks it for the
//! time of one disk sync.

mod ending;
mod faulty;
mod http;
mod http_read;
mod hub;
#[cfg(test)]
mod hub_tests;
mod publish;
mod queue;
mod requests;
mod session;
#[cfg(test)]
mod session_tests;
mod subscriptions;
mod turn;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sim::world::{LedgerHeader, SubmitResult};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval_at};

use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;
use crate::faults::{FaultScript, FaultSummary, FiredFault};
use crate::limits::{CLIENTS_MAX, FILES_KEPT, VISITORS_MAX};
use hub::{FIRST_NODE, Hub, Origin};

/// How ledgers close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseMode {
    /// By `ledger_accept`, as on a standalone server: clients of this machine are its administrators.
    Manual,
    /// By [`LedgerServer::run_clock`]; `ledger_accept` is refused.
    Clock,
}

/// Is told of every request to submit, before anything is done with it: the command's whole text.
pub type OnSubmit = Box<dyn FnMut(&str) + Send>;

/// A handle on the served ledger; clones share it.
#[derive(Clone)]
pub struct LedgerServer {
    hub: Arc<Mutex<Hub>>,
    turns: turn::Turns,
}

impl LedgerServer {
    /// A server around an embedded ledger.
    pub fn new(ledger: EmbeddedLedger, mode: CloseMode) -> Self {
        Self::with_seats(ledger, mode, seats())
    }

    /// The same for so many clients at one time.
    pub fn with_seats(ledger: EmbeddedLedger, mode: CloseMode, seats: usize) -> Self {
        Self { hub: Arc::new(Mutex::new(Hub::new(ledger, mode, seats))), turns: turn::Turns::new() }
    }

    /// Speaks the WebSocket protocol with one client over a byte stream of this process until it leaves. It
    /// is pinged like every client, but never loses its seat for being silent.
    pub async fn serve_stream<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        session::serve(self, stream, Origin::Process, FIRST_NODE, |_| ()).await;
    }

    /// The same as a client of the second node ([`listen_second`](Self::listen_second)).
    pub async fn serve_second<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        session::serve(self, stream, Origin::Process, FIRST_NODE + 1, |_| ()).await;
    }

    /// Takes a TCP address. Errors with [`ServerError::PortInUse`] when another program has it.
    pub async fn listen(&self, address: SocketAddr) -> Result<Listening, ServerError> {
        self.listen_as(address, FIRST_NODE).await
    }

    /// The same for the second node of a network whose nodes can disagree (see [`FaultScript::second_node`]); without
    /// faults it shows the same ledger.
    pub async fn listen_second(&self, address: SocketAddr) -> Result<Listening, ServerError> {
        self.listen_as(address, FIRST_NODE + 1).await
    }

    /// Applies a signed transaction to the open ledger past every connection and every fault: what others do on the
    /// network.
    ///
    /// # Errors
    /// As [`EmbeddedLedger::submit`].
    pub fn submit(&self, blob: &[u8]) -> Result<SubmitResult, ServerError> {
        self.hub().submit_directly(blob)
    }

    /// From now on this is told what clients submit.
    pub fn on_submit(&self, told: OnSubmit) {
        self.hub().on_submit = Some(told);
    }

    /// Whether a new connection would be let in: not while the fault `endpoint_down` strikes.
    pub fn lets_in(&self) -> bool {
        !self.hub().endpoint_is_down(FIRST_NODE)
    }

    /// The same of the second node.
    pub fn lets_in_second(&self) -> bool {
        !self.hub().endpoint_is_down(FIRST_NODE + 1)
    }

    /// From now on what the script lists goes wrong. Connections are numbered on from those there are.
    pub fn set_faults(&self, script: FaultScript) {
        self.hub().set_faults(script);
    }

    /// The faults that struck, oldest first; of very many the newest.
    pub fn faults_fired(&self) -> Vec<FiredFault> {
        self.hub().faults_fired()
    }

    /// How often each kind of fault struck.
    pub fn fault_summary(&self) -> FaultSummary {
        self.hub().fault_summary()
    }

    async fn listen_as(&self, address: SocketAddr, node: u8) -> Result<Listening, ServerError> {
        let listen_error = |why: std::io::Error| match why.kind() {
            ErrorKind::AddrInUse => ServerError::PortInUse(address),
            _ => ServerError::Listen { address, why },
        };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(|why| ServerError::Listen { address, why })?;
        Ok(Listening { server: self.clone(), listener, address, node })
    }

    /// Comes back when an administrator asked the server to stop (see [`CloseMode::Manual`]); its sessions end then.
    pub async fn asked_to_stop(&self) {
        let asked = self.hub().asked_to_stop();
        asked.notified().await;
    }

    /// Closes a ledger every `interval` of wall time, for ever; comes back only with the error that
    /// stopped the ledger (every client is then closed with 1011), or when a later call took over. Closes
    /// missed (a suspended machine) are not
    /// made up for.
    pub async fn run_clock(&self, interval: Duration) -> ServerError {
        let clock = self.hub().take_clock();
        let mut ticks = interval_at(tokio::time::Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let half = tokio::time::sleep(interval / 2);
            tokio::select! {
                biased;
                _ = ticks.tick() => {}
                () = half => {
                    self.hub().act_by_clock(clock);
                    ticks.tick().await;
                }
            }
            let closed = self.hub().close_by_clock(clock);
            if let Err(error) = closed {
                return error;
            }
        }
    }

    /// Closes the open ledger now: recorded, then announced.
    pub fn close_ledger(&self) -> Result<LedgerHeader, ServerError> {
        self.hub().close_ledger()
    }

    /// Ends every session, refuses new ones, closes no ledger any more and lets go of the directory: for a
    /// server whose clones live on in tasks while another takes its place.
    pub fn shut_down(&self) {
        self.hub().shut_down();
    }

    /// Whether it was shut down, or told to stop: then a clock that ends ends in order.
    pub fn is_shut_down(&self) -> bool {
        matches!(self.hub().stopped, Some((ending::Ending::ShutDown, _)))
    }

    /// Looks at the embedded ledger.
    pub fn with_ledger<T>(&self, look: impl FnOnce(&EmbeddedLedger) -> T) -> T {
        look(self.hub().ledger())
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        // A panic while the lock was held ends the process elsewhere; the state itself stays consistent
        // because a close is recorded before it is announced.
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bound TCP address, not yet accepting.
pub struct Listening {
    server: LedgerServer,
    listener: TcpListener,
    address: SocketAddr,
    node: u8,
}

impl Listening {
    /// The address in use (the port chosen by the system when 0 was asked).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts clients for ever, each in its own task: WebSockets, and JSON-RPC requests over HTTP. No more connections
    /// are taken at one time than there are seats and room for visitors; the system keeps the next ones waiting.
    pub async fn run(self) {
        let room = Arc::new(Semaphore::new(self.server.hub().seats().saturating_add(VISITORS_MAX)));
        loop {
            let Ok(place) = room.clone().acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let is_local = peer.ip().to_canonical().is_loopback();
                    let origin = if is_local { Origin::Local } else { Origin::Network };
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection could not be set up");
                    }
                    let (server, node) = (self.server.clone(), self.node);
                    if server.hub().endpoint_is_down(node) {
                        reset(&stream);
                        continue;
                    }
                    tokio::spawn(async move {
                        match http::looks_at(&stream).await {
                            http::Kind::WebSocket => {
                                session::serve(&server, stream, origin, node, reset).await
                            }
                            http::Kind::NoWebSocket => http::refuse_upgrade(stream).await,
                            http::Kind::Http => http::serve(&server, stream, origin, node).await,
                            http::Kind::Nothing => {}
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    // Such as too many open files: the next accept may work again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// From now on the connection ends with a reset, not with a farewell (RFC 9293, 3.10.7).
fn reset(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::debug!(%error, "a connection cannot be reset");
    }
}

/// Clients taken at one time: as many as the system's limit on open files leaves room for, within our own bound.
fn seats() -> usize {
    let files = platform::limits::open_files().unwrap_or(CLIENTS_MAX + FILES_KEPT);
    files.saturating_sub(FILES_KEPT).clamp(1, CLIENTS_MAX)
}

/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
