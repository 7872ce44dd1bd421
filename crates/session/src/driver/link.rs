//! The way to the ledger, and the way back to it after the connection is gone: how to connect, how long to wait before
//! the next try, when to stop trying. Decides nothing about trading.

use crate::driver::DriverError;
use crate::translate::Translator;
use client::{Backoff, ClientError, Connection, LedgerStream, Subscribed, Subscription};
use engine::Identity;
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

/// A way, with the memory of what failed on it.
pub struct Link {
    way: Way,
    network_id: u32,
    heartbeat: Duration,
    backoff: Backoff,
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
        Link {
            way,
            network_id,
            heartbeat: heartbeat.max(HEARTBEAT_MIN),
            backoff: Backoff::with(scaled(first), scaled(most), u64::from(network_id)),
        }
    }

    /// The first connection, with a reader of its messages for this wallet.
    ///
    /// # Errors
    /// [`DriverError`].
    pub async fn open(self, identity: Identity) -> Result<Connected, DriverError> {
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
        let connection = match &self.way {
            Way::Pipe(pipe) => {
                let refused = |error: std::io::Error| ClientError::Connect {
                    to: "the ledger of this process".to_owned(),
                    why: error.to_string(),
                };
                Connection::over(pipe().map_err(refused)?).await?
            }
            Way::Socket(url) => Connection::connect(url).await?,
        };
        let (mut stream, subscribed) =
            LedgerStream::open(connection, last, Subscription::whole_ledgers()).await?;
        let found = stream.connection().server_info().await?.network_id;
        if found != Some(self.network_id) {
            return Err(LinkError::OtherNetwork { found, wanted: self.network_id });
        }
        Ok((stream, subscribed))
    }

    /// One more failure: how long to wait before the next try; nothing when there have been too many in a row.
    pub fn failed(&mut self) -> Option<Duration> {
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
