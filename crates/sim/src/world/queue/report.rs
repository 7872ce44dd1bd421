//! What a server says of its queue: the load behind `fee` and `server_info`, and the transactions that wait. Changes
//! nothing.

use std::collections::BTreeSet;

use ledger::{AccountId, Hash256, ResultCode, SeqProxy};
use units::Drops;

use super::level::{BASE_LEVEL, drops, drops_to_reach, paid};
use super::{Dropped, Queued};
use crate::state::{Entry, index};
use crate::tx::{self, Tx};
use crate::world::World;

/// What a transaction costs now, and why: the answer to `fee` (XRP Ledger documentation, "fee"). Levels are 256ths of the
/// base cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeReport {
    /// Transactions in the open ledger.
    pub current_ledger_size: u64,
    /// Transactions in the queue.
    pub current_queue_size: u64,
    /// Transactions the next ledger takes at the base cost, less one.
    pub expected_ledger_size: u64,
    /// Transactions the queue may hold; none before the first close.
    pub max_queue_size: Option<u64>,
    /// The level of the base cost: 256.
    pub reference_level: u64,
    /// The level that is needed to enter the queue.
    pub minimum_level: u64,
    /// The median level of the last ledger, or what stands for it.
    pub median_level: u64,
    /// The level that is needed to enter the open ledger.
    pub open_ledger_level: u64,
    /// The base cost.
    pub base_fee: Drops,
}

impl FeeReport {
    /// The median level in drops, rounded down.
    #[must_use]
    pub fn median_fee(&self) -> Drops {
        drops(self.median_level, self.base_fee)
    }

    /// What enters the queue, in drops, rounded down.
    #[must_use]
    pub fn minimum_fee(&self) -> Drops {
        drops(self.minimum_level, self.base_fee)
    }

    /// What enters the open ledger, in drops.
    #[must_use]
    pub fn open_ledger_fee(&self) -> Drops {
        drops_to_reach(self.open_ledger_level, self.base_fee)
    }
}

/// A transaction in the queue, as `ledger` and `account_info` show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedTx {
    /// Its bytes.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// Who sends it.
    pub account: AccountId,
    /// Sequence or ticket.
    pub sequence: SeqProxy,
    /// The level it pays.
    pub fee_level: u64,
    /// What it burns.
    pub fee: Drops,
    /// The most XRP that leaves its account, the fee counted.
    pub max_spend: Drops,
    /// Whether it may make the account's later transactions invalid.
    pub auth_change: bool,
    /// The last ledger it may be in.
    pub last_ledger: Option<u32>,
    /// How often it may still fail in a way that may pass.
    pub retries_remaining: u32,
    /// How it failed last.
    pub last_result: Option<ResultCode>,
}

impl QueuedTx {
    fn new(account: AccountId, sequence: SeqProxy, queued: &Queued) -> QueuedTx {
        QueuedTx {
            blob: queued.blob.clone(),
            hash: queued.hash,
            account,
            sequence,
            fee_level: queued.level,
            fee: queued.effect.fee,
            max_spend: queued.effect.fee.saturating_add(queued.effect.spend),
            auth_change: queued.effect.is_blocker,
            last_ledger: queued.last_ledger,
            retries_remaining: queued.retries,
            last_result: queued.last_result,
        }
    }
}

impl World {
    /// What a transaction costs now, and why.
    #[must_use]
    pub fn fee_report(&self) -> FeeReport {
        let queue = &self.queue;
        let lowest = if queue.is_full(100) { queue.places().last().map(|place| place.level.0) } else { None };
        FeeReport {
            current_ledger_size: u64::try_from(self.pending.len()).unwrap_or(u64::MAX),
            current_queue_size: queue.len(),
            expected_ledger_size: queue.load.expected(),
            max_queue_size: queue.most,
            reference_level: BASE_LEVEL,
            minimum_level: lowest.map_or(BASE_LEVEL, |lowest| lowest.saturating_add(1)),
            median_level: queue.load.multiplier(),
            open_ledger_level: self.required_level(),
            base_fee: self.spec.fees.base_fee,
        }
    }

    /// The queue, the first to be tried first.
    #[must_use]
    pub fn queued(&self) -> Vec<QueuedTx> {
        let places = self.queue.places();
        let shown = places.iter().filter_map(|place| {
            let queued = self.queue.get(place.account, place.sequence)?;
            Some(QueuedTx::new(place.account, place.sequence, queued))
        });
        shown.collect()
    }

    /// An account's transactions in the queue: sequences, then tickets.
    #[must_use]
    pub fn queued_of(&self, account: AccountId) -> Vec<QueuedTx> {
        let line = self.queue.lines.get(&account).into_iter();
        let shown = line.flat_map(|line| &line.txs);
        shown.map(|(sequence, queued)| QueuedTx::new(account, *sequence, queued)).collect()
    }

    /// What left the queue without being applied since the last ledger began to close.
    #[must_use]
    pub fn dropped_from_queue(&self) -> &[Dropped] {
        &self.queue.dropped
    }

    /// Transactions that may still come into a ledger without being submitted again: queued, held, or of clients.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let queued = self.queue.lines.values().flat_map(|line| line.txs.values().map(|queued| queued.hash));
        let own = self.locals.iter().map(|local| local.hash);
        let all: BTreeSet<Hash256> = queued.chain(self.held.hashes()).chain(own).collect();
        all.len()
    }

    /// What a transaction like this one must pay for the open ledger, rounded down.
    pub(in crate::world) fn cost_of(&self, tx: &Tx) -> Drops {
        drops(self.required_level(), tx::base_fee(tx.tx_type, &self.spec.fees))
    }

    /// Whether it pays what the open ledger costs.
    pub(in crate::world) fn pays_enough(&self, tx: &Tx) -> bool {
        paid(tx.fee, tx::base_fee(tx.tx_type, &self.spec.fees)) >= self.required_level()
    }

    /// Whether others of its account are in the queue.
    pub(in crate::world) fn waits_for(&self, tx: &Tx) -> bool {
        let Some(Entry::Account(root)) = self.open.get(&index::account(tx.account)) else { return false };
        self.queue.live(tx.account, root.sequence).next().is_some()
    }

    /// The account's next sequence that neither the open ledger nor the queue uses.
    pub(in crate::world) fn sequence_available(&self, account: AccountId, next_sequence: u32) -> u32 {
        self.queue.next_queueable(account, next_sequence).number()
    }
}
