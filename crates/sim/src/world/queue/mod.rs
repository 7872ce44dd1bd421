//! The transaction queue: what pays too little for the open ledger now and may enter a later one (XRP Ledger
//! documentation, "Transaction Queue"; the numbers are [`QueueSettings`]). This file keeps the queue; `admit` decides who
//! enters it, `drain` who leaves it for the open ledger, `load` what that costs.

mod admit;
mod drain;
mod dry;
mod level;
mod load;
mod queued;
mod report;
mod rescue;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ledger::{AccountId, Hash256, ResultCode, SeqProxy};
use serde::{Deserialize, Serialize};

pub use report::{FeeReport, QueuedTx};
pub use settings::QueueSettings;

use load::Load;
pub(super) use queued::Queued;

/// The transactions of one account, sequences before tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    txs: BTreeMap<SeqProxy, Queued>,
    /// One of them failed too often: the others have fewer attempts.
    has_retry_penalty: bool,
    /// One of them failed for good or expired: when the queue is nearly full, its last one goes.
    has_drop_penalty: bool,
}

/// Why a transaction left the queue without being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropReason {
    /// Its last ledger has closed.
    Expired,
    /// Another one of the same account and number took its place, in the queue or in the open ledger.
    Replaced(Hash256),
    /// The queue was full and this one paid more.
    Outbid(Hash256),
    /// It cannot be applied any more, or was tried too often: its last result.
    Failed(ResultCode),
    /// An earlier one of its account failed while the queue was nearly full.
    Crowded,
}

/// A transaction that left the queue without being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Its id.
    pub hash: Hash256,
    /// Why.
    pub reason: DropReason,
}

/// A transaction's place in the queue; the least one is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    level: std::cmp::Reverse<u64>,
    /// Its id, mixed with the hash of the ledger before the open one: among equal levels nobody chooses a place.
    mixed: Hash256,
    account: AccountId,
    sequence: SeqProxy,
}

/// The queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queue {
    settings: QueueSettings,
    load: Load,
    /// How many it may hold; unlimited before the first ledger closes.
    most: Option<u64>,
    /// What ids are mixed with.
    order: Hash256,
    lines: BTreeMap<AccountId, Line>,
    len: u64,
    /// What left it unapplied since the last ledger began to close.
    dropped: Vec<Dropped>,
}

impl Queue {
    pub(super) fn new(settings: QueueSettings) -> Queue {
        Queue {
            load: Load::new(&settings),
            settings,
            most: None,
            order: Hash256::ZERO,
            lines: BTreeMap::new(),
            len: 0,
            dropped: Vec::new(),
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// A ledger begins to close: what was dropped before is no news.
    pub(super) fn begin_close(&mut self) {
        self.dropped.clear();
    }

    /// The ledger before the open one has another hash than was thought.
    pub(super) fn adopt(&mut self, parent_hash: Hash256) {
        self.order = parent_hash;
    }

    /// A ledger closed with transactions of these fees and base costs: what is expected of the next one, how many may wait,
    /// and whose last ledger is gone.
    pub(super) fn closed(&mut self, paid: &[(units::Drops, units::Drops)], is_slow: bool, ledger_index: u32) {
        let levels = paid.iter().map(|(fee, base)| level::paid(*fee, *base)).collect();
        self.load.closed(levels, is_slow, &self.settings);
        if !is_slow {
            let ledgers = u64::from(self.settings.ledgers_in_queue);
            let least = u64::from(self.settings.minimum_queue_size);
            self.most = Some(self.load.expected().saturating_mul(ledgers).max(least));
        }
        let is_over = |queued: &Queued| queued.last_ledger.is_some_and(|last| last <= ledger_index);
        let over: Vec<(AccountId, SeqProxy)> = self
            .lines
            .iter()
            .flat_map(|(account, line)| line.txs.iter().map(move |(sequence, tx)| (*account, *sequence, tx)))
            .filter(|(_, _, queued)| is_over(queued))
            .map(|(account, sequence, _)| (account, sequence))
            .collect();
        for (account, sequence) in over {
            if let Some(line) = self.lines.get_mut(&account) {
                line.has_drop_penalty = true;
            }
            self.lose(account, sequence, DropReason::Expired);
        }
        self.lines.retain(|_, line| !line.txs.is_empty());
    }

    /// Whether so many percent of the room are taken.
    fn is_full(&self, percent: u64) -> bool {
        self.most.is_some_and(|most| self.len >= most.saturating_mul(percent) / 100)
    }

    /// Everybody's place, the first to be tried first.
    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (account, line) in &self.lines {
            for (sequence, queued) in &line.txs {
                places.push(Place {
                    level: std::cmp::Reverse(queued.level),
                    mixed: mixed(queued.hash, self.order),
                    account: *account,
                    sequence: *sequence,
                });
            }
        }
        places.sort_unstable();
        places
    }

    fn get(&self, account: AccountId, sequence: SeqProxy) -> Option<&Queued> {
        self.lines.get(&account)?.txs.get(&sequence)
    }

    /// The account's transactions from the one on that its next sequence may reach; earlier ones are dead.
    fn live(&self, account: AccountId, next_sequence: u32) -> impl Iterator<Item = (SeqProxy, &Queued)> {
        let line = self.lines.get(&account);
        let live = line.into_iter().flat_map(move |line| line.txs.range(SeqProxy::Sequence(next_sequence)..));
        live.map(|(sequence, queued)| (*sequence, queued))
    }

    /// The number that fills the account's first gap, given its next one in the open ledger.
    fn next_queueable(&self, account: AccountId, next_sequence: u32) -> SeqProxy {
        let mut attempt = SeqProxy::Sequence(next_sequence);
        let mut live = self.live(account, next_sequence);
        match live.next() {
            Some((first, queued)) if first == attempt => attempt = queued.effect.following,
            _ => return attempt,
        }
        for (sequence, queued) in live {
            if attempt < sequence {
                break;
            }
            attempt = queued.effect.following;
        }
        attempt
    }

    fn insert(&mut self, account: AccountId, sequence: SeqProxy, queued: Queued) {
        let hash = queued.hash;
        let old = self.lines.entry(account).or_default().txs.insert(sequence, queued);
        match old {
            None => self.len += 1,
            Some(old) => self.dropped.push(Dropped { hash: old.hash, reason: DropReason::Replaced(hash) }),
        }
    }

    /// What waits in the place of one that was applied goes; when it is that one itself, it is not dropped.
    fn give_way(&mut self, account: AccountId, sequence: SeqProxy, to: Hash256) {
        if let Some(old) = self.take(account, sequence).filter(|old| old.hash != to) {
            self.dropped.push(Dropped { hash: old.hash, reason: DropReason::Replaced(to) });
        }
    }

    /// Takes one out that was applied.
    fn take(&mut self, account: AccountId, sequence: SeqProxy) -> Option<Queued> {
        let taken = self.lines.get_mut(&account)?.txs.remove(&sequence)?;
        self.len = self.len.saturating_sub(1);
        Some(taken)
    }

    /// Takes one out that was not.
    fn lose(&mut self, account: AccountId, sequence: SeqProxy, reason: DropReason) {
        if let Some(lost) = self.take(account, sequence) {
            self.dropped.push(Dropped { hash: lost.hash, reason });
        }
    }
}

fn mixed(hash: Hash256, order: Hash256) -> Hash256 {
    let mut mixed = hash.0;
    for (byte, other) in mixed.iter_mut().zip(order.0) {
        *byte ^= other;
    }
    Hash256(mixed)
}
