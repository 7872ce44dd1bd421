//! The embedded ledger: the world, the history of its closed ledgers, and both on disk in a directory of
//! their own. A close is recorded durably before anybody can hear of it, so a crash never makes the world
//! forget a ledger that was announced. What was submitted and not yet closed is lost in a crash, as on a
//! real server.

mod dir;
mod files;
mod history;
mod log;
mod own;
mod recorded;
mod snapshot;
mod submitted;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ledger::{AccountId, Hash256};
use sim::world::{Fees, LedgerHeader, OpenTx, QueueSettings, SubmitResult, World, WorldSpec};
use units::LedgerIndex;

use crate::error::ServerError;
use crate::limits::{ADVANCE_SYNC_EVERY, HISTORY_LEDGERS_MAX, HISTORY_LEDGERS_MIN, SNAPSHOT_EVERY_LEDGERS};
use dir::Store;
pub(crate) use history::{Found, History, accounts_of, bare_amount};
use log::Record;
pub use recorded::{RecordedHistory, RecordedLedger, RecordedTx};
use submitted::{Room, Submitted};

/// A world with its history, persistent or not.
pub struct EmbeddedLedger {
    world: World,
    history: History,
    submitted: Submitted,
    room: Room,
    world_id: Hash256,
    spec: WorldSpec,
    last_close_ms: u64,
    store: Option<Store>,
}

/// A transaction of a closed ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldTx {
    /// Its place in the ledger, from 0.
    pub place: u32,
    /// Its id.
    pub hash: Hash256,
    /// The bytes as submitted.
    pub blob: Vec<u8>,
    /// The metadata in binary form.
    pub meta: Vec<u8>,
}

impl EmbeddedLedger {
    /// A world of its own for tests and `sim serve`: nothing is written anywhere.
    pub fn in_memory(spec: WorldSpec) -> Result<Self, ServerError> {
        Self::in_memory_with(spec, QueueSettings::standalone())
    }

    /// The same with a queue of these settings. A world on disk always has a standalone server's own.
    pub fn in_memory_with(spec: WorldSpec, queue: QueueSettings) -> Result<Self, ServerError> {
        let world = World::genesis_with(spec.clone(), queue)?;
        let world_id = dir::world_id(&spec, &world.header().ledger_hash);
        Ok(Self::start(world, world_id, spec, None))
    }

    /// A new world in `directory`, in place of whatever world was there. The new one is built beside it
    /// and takes its place in one step, so a crash leaves the old or the new one. What NEO did not make is
    /// never touched: see [`EmbeddedLedger::check`].
    pub fn create(directory: &Path, spec: WorldSpec) -> Result<Self, ServerError> {
        let world = World::genesis(spec.clone())?;
        let world_id = dir::world_id(&spec, &world.header().ledger_hash);
        let mut ledger = Self::start(world, world_id, spec, None);
        let first = Record {
            closed_at_ms: ledger.last_close_ms,
            header: *ledger.header(),
            submitted: Vec::new(),
            transactions: Vec::new(),
        };
        ledger.store = Some(Store::create(directory, &ledger.spec, &world_id, &first)?);
        Ok(ledger)
    }

    /// Opens the world in `directory`: newest usable snapshot, then every recorded ledger closed again,
    /// which must give the same hashes. A torn end of the log is cut off.
    pub fn open(directory: &Path) -> Result<Self, ServerError> {
        let opened = Store::open(directory)?;
        let (world, spec, world_id) = (opened.world, opened.spec, opened.world_id);
        let mut ledger = Self::start(world, world_id, spec, None);
        let snapshot_at = ledger.world.header().ledger_index;
        ledger.history = History::default();
        for record in opened.records {
            if record.header.ledger_index > snapshot_at {
                ledger.close_again(&record)?;
            }
            ledger.last_close_ms = record.closed_at_ms;
            ledger.history.push(record.header, record.transactions);
        }
        ledger.store = Some(opened.store);
        Ok(ledger)
    }

    /// From now on keeps the transactions and headers of so many closed ledgers in memory, within
    /// [`crate::limits::HISTORY_LEDGERS_MIN`] and [`crate::limits::HISTORY_LEDGERS_MAX`]; at times up to an eighth
    /// more. On disk nothing is given up.
    pub fn keep_ledgers(&mut self, ledgers: u32) {
        self.history.keep(ledgers.clamp(HISTORY_LEDGERS_MIN, HISTORY_LEDGERS_MAX));
    }

    /// Whether [`EmbeddedLedger::create`] may take `directory`: it is absent, empty, or a real directory
    /// with a NEO world and nothing else in it, and what is called the same with `.new` and `.old` is a
    /// leftover of ours. Looks only. Errors with [`ServerError::NotOurs`], or [`ServerError::Io`] when it
    /// cannot look.
    pub fn check(directory: &Path) -> Result<(), ServerError> {
        own::check(directory)
    }

    /// Whether `directory` holds an embedded ledger.
    pub fn exists(directory: &Path) -> bool {
        dir::exists(directory)
    }

    /// Identity of the world: a digest of its spec and its first ledger.
    pub fn world_id(&self) -> Hash256 {
        self.world_id
    }

    /// What the world was made from.
    pub fn spec(&self) -> &WorldSpec {
        &self.spec
    }

    /// The world itself, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The last closed ledger.
    pub fn header(&self) -> &LedgerHeader {
        self.world.header()
    }

    /// The oldest ledger of which history is kept.
    pub fn first_ledger(&self) -> LedgerIndex {
        self.history.first().unwrap_or(self.header().ledger_index)
    }

    /// The transactions of a closed ledger that touched an account, in the order they were applied; none of a ledger
    /// that is not kept. For whoever proves the account's books against the ledger's own history.
    pub fn told_of(&self, account: &AccountId, index: LedgerIndex) -> Vec<ToldTx> {
        let places = self.history.of_account(account);
        let from = places.partition_point(|(ledger, _)| *ledger < index.get());
        let here = places.iter().skip(from).take_while(|(ledger, _)| *ledger == index.get());
        let found = here.filter_map(|place| self.history.found(*place));
        let told = found.map(|Found { place, tx, .. }| ToldTx {
            place,
            hash: tx.hash,
            blob: tx.blob.clone(),
            meta: tx.meta.clone(),
        });
        told.collect()
    }

    /// The header of a closed ledger that is kept.
    pub fn header_of(&self, index: LedgerIndex) -> Option<LedgerHeader> {
        self.history.ledger(index).map(|(header, _)| *header)
    }

    /// Fees and reserves in force.
    pub fn fees(&self) -> Fees {
        self.world.fees()
    }

    /// The network's number.
    pub fn network_id(&self) -> u32 {
        self.spec.network_id
    }

    /// Wall-clock seconds since the last close; 0 when the clock was set back.
    pub fn seconds_since_last_close_wall(&self) -> u64 {
        now_ms().saturating_sub(self.last_close_ms) / 1000
    }

    /// Applies a signed transaction to the open ledger; the answer is preliminary. What was refused leaves
    /// the world as it was and is not kept.
    ///
    /// Errors, each before anything happened: [`ServerError::World`] for bytes that are no transaction or
    /// more than [`crate::limits::TX_BYTES_MAX`]; [`ServerError::OpenLedgerFull`] when the open ledger takes
    /// no more or too much waits.
    pub fn submit(&mut self, blob: &[u8]) -> Result<SubmitResult, ServerError> {
        self.submitted.has_room(blob, self.world.waiting(), self.room)?;
        let result = self.world.submit(blob)?;
        // Only these change the world: recorded ledgers must close again to the same.
        if result.is_remembered {
            self.submitted.push(blob);
        }
        Ok(result)
    }

    /// Whether what is submitted next comes from this machine. Then far more of it fits into an open ledger, as long as
    /// nothing is written to disk: a record has its bound.
    pub(crate) fn submits_locally(&mut self, is_local: bool) {
        self.room = if is_local && self.store.is_none() { Room::LOCAL } else { Room::USUAL };
    }

    /// Lets the market's agents send what they want in the open ledger, once a ledger; gives what came into it. The
    /// ledger closes to the same whether this is called or not, as long as nothing is submitted between the two.
    pub(crate) fn act(&mut self) -> Vec<OpenTx> {
        self.world.act()
    }

    /// Whether nothing is written anywhere: then nobody closes these ledgers again from their submissions, and the
    /// agents may act before the last of them.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.store.is_none()
    }

    /// Closes the open ledger and records it durably. After an error the ledger must not be used further:
    /// what was closed may not be on disk.
    pub fn close(&mut self) -> Result<LedgerHeader, ServerError> {
        let header = self.close_unsynced()?;
        self.sync()?;
        self.snapshot_when_due()?;
        Ok(header)
    }

    /// Closes `ledgers` ledgers with nobody connected: the ledger moves on while the engine is away. The
    /// disk is synced now and then and at the end.
    pub fn advance(&mut self, ledgers: u32) -> Result<(), ServerError> {
        for count in 1..=ledgers {
            self.close_unsynced()?;
            if count % ADVANCE_SYNC_EVERY == 0 || count == ledgers {
                self.sync()?;
                self.snapshot_when_due()?;
            }
        }
        Ok(())
    }

    /// The same ledger once more, in memory only and with its newest `ledgers` ledgers of history: another node of the
    /// network, which goes its own way from here.
    pub(crate) fn copy(&self, ledgers: usize) -> Self {
        Self {
            world: self.world.clone(),
            history: self.history.newest(ledgers),
            submitted: self.submitted.clone(),
            room: self.room,
            world_id: self.world_id,
            spec: self.spec.clone(),
            last_close_ms: self.last_close_ms,
            store: None,
        }
    }

    /// From now on it is a ledger of another network, whose rule about `NetworkID` holds. For copies only: what is on disk
    /// belongs to one network.
    pub(crate) fn become_of_network(&mut self, network_id: u32) {
        if self.store.is_none() {
            self.spec.network_id = network_id;
            self.world.set_network_id(network_id);
        }
    }

    /// Lets go of the directory: nothing is recorded any more, and another process may open it.
    pub(crate) fn release(&mut self) {
        self.store = None;
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    fn start(world: World, world_id: Hash256, spec: WorldSpec, store: Option<Store>) -> Self {
        let mut history = History::default();
        history.push(*world.header(), Vec::new());
        Self {
            world,
            history,
            submitted: Submitted::default(),
            room: Room::USUAL,
            world_id,
            spec,
            last_close_ms: now_ms(),
            store,
        }
    }

    fn close_unsynced(&mut self) -> Result<LedgerHeader, ServerError> {
        let closed = self.world.close();
        let submitted = self.submitted.take();
        let record = Record::of(&closed, submitted, now_ms())
            .map_err(|why| ServerError::Stopped(format!("metadata without a binary form: {why}")))?;
        if let Some(store) = &mut self.store {
            store.log.append(&record)?;
        }
        self.last_close_ms = record.closed_at_ms;
        self.history.push(record.header, record.transactions);
        Ok(closed.header)
    }

    fn sync(&mut self) -> Result<(), ServerError> {
        self.store.as_mut().map_or(Ok(()), |store| store.log.sync())
    }

    /// A snapshot only shortens the next opening; it is written after the log is synced and never instead.
    fn snapshot_when_due(&mut self) -> Result<(), ServerError> {
        let index = self.header().ledger_index;
        match &mut self.store {
            Some(store) if index.since(store.last_snapshot) >= SNAPSHOT_EVERY_LEDGERS => {
                store.write_snapshot(&self.world_id, &self.world)
            }
            _ => Ok(()),
        }
    }

    /// Closes a recorded ledger again on the restored world.
    fn close_again(&mut self, record: &Record) -> Result<(), ServerError> {
        for blob in &record.submitted {
            self.world.submit(blob)?;
        }
        let replayed = self.world.close().header;
        if replayed != record.header {
            return Err(ServerError::NotReproduced {
                index: record.header.ledger_index,
                recorded: record.header.ledger_hash,
                replayed: replayed.ledger_hash,
            });
        }
        Ok(())
    }
}

/// Wall clock in milliseconds since 1970; 0 when it stands before that.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl EmbeddedLedger {
    /// From now on nothing can be recorded.
    pub(crate) fn break_disk(&mut self) {
        if let Some(store) = &mut self.store {
            store.log.break_disk();
        }
    }
}
