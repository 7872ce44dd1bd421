//! The way to the ledger, and the way back to it after the connection is gone: how to connect, how long to wait before
//! the next try and where to make it, when to stop trying. Decides nothing about trading.

use super::nodes::Nodes;
use crate::driver::DriverError;
use crate::translate::Translator;
use client::{Backoff, ClientError, Connection, LedgerStream, Subscribed, Subscription};
use engine::Identity;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::DuplexStream;
use units::LedgerIndex;

/// Connections in a row that may fail, or end without a ledger, before the session is ended: ten minutes of the usual
/// waits.
const TRIES_MAX: u32 = 12;
/// The usual time from ledger to ledger, by which the waits are scaled.
const USUAL_INTERVAL: Duration = Duration::from_secs(4);
/// The shortest silence that is asked about.
const HEARTBEAT_MIN: Duration = Duration::from_secs(1);
/// Ledgers that would have closed meanwhile: 12 seconds of the real network.
const HEARTBEAT_LEDGERS: u32 = 3;

/// Opens a pipe to a server of this process and gives our end of it; fails as a connection would.
pub type Pipe = Box<dyn Fn() -> std::io::Result<DuplexStream> + Send + Sync>;

/// The way to the ledger, the connection on it, and who reads what comes.
pub type Connected = (Link, LedgerStream, Translator);

/// Where the ledger is.
pub enum Way {
    /// In this process, behind a pipe.
    Pipe(Pipe),
    /// Behind an address, `ws://...`.
    Socket(String),
}

impl Way {
    /// Its name in the log.
    pub fn name(&self) -> &str {
        match self {
            Way::Pipe(_) => "the ledger of this process",
            Way::Socket(url) => url,
        }
    }
}

/// The ways to the nodes of a network, the one in use, and the memory of what failed.
pub struct Link {
    ways: Vec<Arc<Way>>,
    /// Which of them is in use.
    at: usize,
    network_id: u32,
    interval: Duration,
    heartbeat: Duration,
    backoff: Backoff,
    /// The ledger lives in this process.
    is_ours: bool,
    /// Where there are several nodes: what they all say of the ledgers.
    pub(super) nodes: Option<Nodes>,
}

impl Link {
    /// A way to the ledger of this network that closes one every `interval` of wall time; none where the session closes
    /// them itself, and then nothing waits for a clock.
    pub fn new(way: Way, network_id: u32, interval: Option<Duration>) -> Link {
        let scaled = |usual: Duration| match interval {
            None => Duration::ZERO,
            Some(interval) => usual.mul_f64(interval.as_secs_f64() / USUAL_INTERVAL.as_secs_f64()),
        };
        let (first, most) = (client::limits::BACKOFF_FIRST, client::limits::BACKOFF_MAX);
        let heartbeat = interval.unwrap_or(USUAL_INTERVAL) * HEARTBEAT_LEDGERS;
        let is_ours = matches!(way, Way::Pipe(_));
        Link {
            ways: vec![Arc::new(way)],
            at: 0,
            network_id,
            interval: interval.unwrap_or(USUAL_INTERVAL),
            heartbeat: heartbeat.max(HEARTBEAT_MIN),
            backoff: Backoff::with(scaled(first), scaled(most), u64::from(network_id)),
            is_ours,
            nodes: None,
        }
    }

    /// The same network has more nodes: a ledger counts when more than half of those that speak say the same of it, a node
    /// that fails is left for the next one, and evidence about the wallet must prove itself. For ledgers that close by the
    /// server's clock ([`Pace::Clock`](super::Pace)): nobody waits for a voice where we close the ledgers.
    #[must_use]
    pub fn with_others(mut self, others: Vec<Way>) -> Link {
        self.ways.extend(others.into_iter().map(Arc::new));
        self
    }

    /// The server is of this process even where it is reached by a socket: when it says that it stopped, it is over.
    #[must_use]
    pub fn of_this_process(mut self) -> Link {
        self.is_ours = true;
        self
    }

    /// The first connection, with a reader of its messages for this wallet.
    ///
    /// # Errors
    /// [`DriverError`].
    pub async fn open(mut self, identity: Identity) -> Result<Connected, DriverError> {
        if self.ways.len() > 1 {
            self.nodes = Some(Nodes::listen(&self.ways, self.network_id, &self.backoff, self.interval));
        }
        let (stream, subscribed) = self.connect(None).await.map_err(|error| match error {
            LinkError::Client(error) => error.into(),
            other @ LinkError::OtherNetwork { .. } => DriverError::StartRefused(other.to_string()),
        })?;
        let Some((_, _, _, fees)) = subscribed.at else {
            return Err(DriverError::StartRefused("the ledger stream gives no validated ledger".to_owned()));
        };
        Ok((self, stream, Translator::new(identity, fees)))
    }

    /// A new connection with its subscriptions. What closed after `last` and before the subscription comes out as a gap.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn connect(&self, last: Option<LedgerIndex>) -> Result<(LedgerStream, Subscribed), LinkError> {
        let Some(way) = self.ways.get(self.at) else {
            return Err(ClientError::Bound("no node is named").into());
        };
        let connection = join(way, self.network_id).await?;
        Ok(LedgerStream::open(connection, last, Subscription::whole_ledgers()).await?)
    }

    /// Which node is in use, and its name.
    pub fn node(&self) -> (usize, &str) {
        (self.at, self.ways.get(self.at).map_or("", |way| way.name()))
    }

    /// Whether the ledger has ended in this process, which no later try can mend: it says so with 1011 ("internal error",
    /// RFC 6455, 7.4.1) to everybody who comes. A server elsewhere may be started again behind its address.
    pub fn is_over(&self, error: &LinkError) -> bool {
        self.is_ours && matches!(error, LinkError::Client(ClientError::Closed { code: Some(1011), .. }))
    }

    /// One more failure: how long to wait before the next try, at the next node; nothing when there have been too many in
    /// a row.
    pub fn failed(&mut self) -> Option<Duration> {
        let count = self.ways.len();
        let is_liar = |node: &usize| self.nodes.as_ref().is_some_and(|nodes| nodes.is_liar(*node));
        let others = (1..=count).map(|step| (self.at + step) % count.max(1));
        self.at = others.clone().find(|node| !is_liar(node)).or(others.clone().next()).unwrap_or(0);
        let wait = self.backoff.failed();
        (self.backoff.failures() <= TRIES_MAX).then_some(wait)
    }

    /// A ledger came: the connection is of use.
    pub fn succeeded(&mut self) {
        self.backoff.succeeded();
    }

    /// Silence of the streams after which the server is asked whether ledgers closed meanwhile.
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }
}

/// A connection to a server of this network.
///
/// # Errors
/// [`LinkError`].
pub(super) async fn join(way: &Way, network_id: u32) -> Result<Connection, LinkError> {
    let mut connection = match way {
        Way::Pipe(pipe) => {
            let refused = |error: std::io::Error| ClientError::Connect {
                to: way.name().to_owned(),
                why: error.to_string(),
            };
            Connection::over(pipe().map_err(refused)?).await?
        }
        Way::Socket(url) => Connection::connect(url).await?,
    };
    let found = connection.server_info().await?.network_id;
    if found != Some(network_id) {
        return Err(LinkError::OtherNetwork { found, wanted: network_id });
    }
    Ok(connection)
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nobody there, or what is there does not answer as a server.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A server of another network.
    #[error("the ledger is of network {found:?}, this wallet is of {wanted}")]
    OtherNetwork {
        /// The number it says, if it says one.
        found: Option<u32>,
        /// The wallet's.
        wanted: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(interval: Option<Duration>) -> Link {
        Link::new(Way::Socket("ws://127.0.0.1:1".to_owned()), 1, interval)
    }

    #[test]
    fn waits_double_from_five_seconds_scaled_by_the_pace_and_end() {
        for (interval, percent) in
            [(Some(Duration::from_secs(4)), 100), (Some(Duration::from_millis(400)), 10), (None, 0)]
        {
            let mut link = link(interval);
            let mut waits = Vec::new();
            while let Some(wait) = link.failed() {
                waits.push(wait);
            }
            assert_eq!(waits.len(), 12);
            for (wait, seconds) in waits.iter().zip([5_u64, 10, 20, 40, 80, 80, 80, 80, 80, 80, 80, 80]) {
                let full = Duration::from_millis(seconds * 10 * percent);
                assert!(*wait <= full && *wait >= full * 3 / 4, "{interval:?}: {wait:?} of {full:?}");
            }
            link.succeeded();
            assert!(link.failed().is_some());
        }
        assert_eq!(link(Some(Duration::from_secs(4))).heartbeat(), Duration::from_secs(12));
        assert_eq!(link(Some(Duration::from_millis(100))).heartbeat(), Duration::from_secs(1));
    }

    #[tokio::test]
    async fn nobody_there_is_no_server() {
        assert!(matches!(link(None).connect(None).await, Err(LinkError::Client(_))));
    }
}
