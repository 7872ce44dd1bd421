//! How a server's queue is set up: the values of its configuration's section `[transaction_queue]`. No rules here.

use serde::{Deserialize, Serialize};

use super::level::BASE_LEVEL;

/// The settings of the queue, by their names in the reference server's configuration (its example file, section
/// `[transaction_queue]`). What is not named in a document has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueSettings {
    /// The queue holds as many transactions as so many ledgers of the expected size.
    pub ledgers_in_queue: u32,
    /// And never fewer than these.
    pub minimum_queue_size: u32,
    /// By how much more, in percent, a transaction must pay to take the place of a queued one.
    pub retry_sequence_percent: u32,
    /// The lowest multiplier of the escalated cost, in fee levels (256 is the base cost).
    pub minimum_escalation_multiplier: u64,
    /// The expected size of a ledger never falls below this; 1 at least.
    pub minimum_txn_in_ledger: u32,
    /// A ledger with more transactions than this counts for the expected size, whatever was expected.
    pub target_txn_in_ledger: u32,
    /// The expected size never rises above this.
    pub maximum_txn_in_ledger: Option<u32>,
    /// How much more than its transactions, in percent, a full ledger lets the next ones have (1,000 at most).
    pub normal_consensus_increase_percent: u32,
    /// How much less, in percent, a slow ledger does (100 at most).
    pub slow_consensus_decrease_percent: u32,
    /// Transactions of one account in the queue.
    pub maximum_txn_per_account: u32,
    /// A queued transaction's LastLedgerSequence is at least so many ledgers after the open one.
    pub minimum_last_ledger_buffer: u32,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self::standalone()
    }
}

impl QueueSettings {
    /// A server by itself: room for 1,000 transactions, so that its user need not know of the queue.
    #[must_use]
    pub fn standalone() -> Self {
        Self { minimum_txn_in_ledger: 1_000, ..Self::networked() }
    }

    /// A server of a network: room for 32 at first. On the main network it grows to hundreds with the ledgers.
    #[must_use]
    pub fn networked() -> Self {
        Self {
            ledgers_in_queue: 20,
            minimum_queue_size: 2_000,
            retry_sequence_percent: 25,
            minimum_escalation_multiplier: 500 * BASE_LEVEL,
            minimum_txn_in_ledger: 32,
            target_txn_in_ledger: 256,
            maximum_txn_in_ledger: None,
            normal_consensus_increase_percent: 20,
            slow_consensus_decrease_percent: 50,
            maximum_txn_per_account: 10,
            minimum_last_ledger_buffer: 2,
        }
    }

    /// The smallest expected size.
    pub(super) fn least(&self) -> u64 {
        u64::from(self.minimum_txn_in_ledger.max(1))
    }

    /// The size above which a ledger always counts.
    pub(super) fn target(&self) -> u64 {
        u64::from(self.target_txn_in_ledger).max(self.least())
    }

    /// The largest expected size.
    pub(super) fn most(&self) -> u64 {
        self.maximum_txn_in_ledger.map_or(u64::MAX, |most| u64::from(most).max(self.target()))
    }

    /// What a full ledger's size is multiplied with, in percent.
    pub(super) fn growth_percent(&self) -> u64 {
        100 + u64::from(self.normal_consensus_increase_percent.min(1_000))
    }

    /// What a slow ledger's size is multiplied with, in percent.
    pub(super) fn slow_percent(&self) -> u64 {
        100 - u64::from(self.slow_consensus_decrease_percent.min(100))
    }
}
