//! The world: one value that holds the ledger's current state, the open ledger, what waits, and the market.

mod amm;
mod close;
mod direct;
mod genesis;
mod held;
mod left;
mod open;
mod query;
mod queue;
mod types;

use std::collections::BTreeSet;

use ledger::Hash256;
use serde::{Deserialize, Serialize};
use units::{LedgerIndex, LedgerTime, Price};

use crate::market::Market;
use crate::state::tree::Tree;
use crate::state::{Entries, Rules};

pub use amm::{AmmInfo, AuctionSlotInfo, VoteInfo};
pub use direct::Checked;
pub use query::At;
pub use queue::{DropReason, Dropped, FeeReport, QueueSettings, QueuedTx};
pub use types::*;

/// A network of one server with its market. Equal calls from equal values give equal bytes.
///
/// Time passes only in [`World::close`]. Closed ledgers are handed out and forgotten: their history is the caller's.
#[derive(Clone, Serialize, Deserialize)]
pub struct World {
    spec: WorldSpec,
    header: LedgerHeader,
    /// State after the last closed ledger.
    entries: Entries,
    /// State of the open ledger, as far as preliminary answers go.
    open: Entries,
    /// Transactions in the open ledger, in order of arrival.
    pending: Vec<open::Pending>,
    /// What pays too little for the open ledger, and what that costs.
    queue: queue::Queue,
    /// Transactions the server tries again with others of their account, and when the ledger closes.
    held: held::Held,
    /// Clients' transactions, tried in every new open ledger for a while; in order of arrival.
    locals: Vec<held::Waiting>,
    /// The network's time.
    now: LedgerTime,
    market: Option<Market>,
    /// Whether the agents sent what they want in the open ledger.
    has_acted: bool,
    /// Root of the state tree; computed from everything when missing.
    #[serde(skip)]
    tree: Tree,
    /// Where the open state may differ from the closed one; `None` for anywhere.
    #[serde(skip)]
    differs: Option<BTreeSet<Hash256>>,
}

impl World {
    /// The world as bytes.
    ///
    /// # Errors
    /// [`WorldError::Snapshot`], which no world built here gives.
    pub fn snapshot(&self) -> Result<Vec<u8>, WorldError> {
        let mut bytes = vec![SNAPSHOT_FORMAT];
        let body = postcard::to_stdvec(self).map_err(|error| WorldError::Snapshot(error.to_string()))?;
        bytes.extend(body);
        Ok(bytes)
    }

    /// The world a snapshot was taken of.
    ///
    /// # Errors
    /// [`WorldError::Snapshot`] for anything else.
    pub fn restore(bytes: &[u8]) -> Result<World, WorldError> {
        match bytes.split_first() {
            Some((&SNAPSHOT_FORMAT, body)) => {
                postcard::from_bytes(body).map_err(|error| WorldError::Snapshot(error.to_string()))
            }
            _ => Err(WorldError::Snapshot("of another format".to_owned())),
        }
    }

    /// What it was made from.
    #[must_use]
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// From now on transactions are held to the rule of another network's number: above 1024 they name it, up to 1024
    /// they name none. For a server that is of another network than its clients believe; agents go on as they were.
    pub fn set_network_id(&mut self, network_id: u32) {
        self.spec.network_id = network_id;
    }

    /// Header of the last closed ledger.
    #[must_use]
    pub fn header(&self) -> &LedgerHeader {
        &self.header
    }

    /// The network's time: that of the last close before rounding.
    #[must_use]
    pub fn now(&self) -> LedgerTime {
        self.now
    }

    /// What one XRP is worth to the agents; `None` without a market. NEO never sees it: it is for tests and reports.
    #[must_use]
    pub fn fair_value(&self) -> Option<Price> {
        self.market.as_ref().map(Market::fair_value)
    }

    /// Whether the candles have run out; the last price holds from there.
    #[must_use]
    pub fn market_exhausted(&self) -> bool {
        self.market.as_ref().is_some_and(Market::is_exhausted)
    }

    /// What holds in the ledger that will close next.
    fn rules(&self, open: bool, retry: bool) -> Rules {
        Rules {
            fees: self.spec.fees,
            ledger_index: LedgerIndex(self.header.ledger_index.0.saturating_add(1)),
            parent_close_time: self.header.close_time.0,
            parent_hash: self.header.ledger_hash,
            open,
            retry,
            network_id: self.spec.network_id,
            dry: false,
        }
    }
}

/// First byte of a snapshot; one more whenever the form changes. A snapshot of another form is refused.
const SNAPSHOT_FORMAT: u8 = 5;
