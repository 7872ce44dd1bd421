//! What the server keeps to try again, as the reference server does: transactions it *holds*, which follow the one before
//! them into the open ledger or are tried when it closes, and its clients' own, which every new open ledger sees for a
//! while. Decides nothing: an attempt is a submission like any other.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Hash256, SeqProxy, fields as f};
use serde::{Deserialize, Serialize};

use super::close::salted;
use crate::tx::Tx;

/// Ledgers for which a client's transaction is tried again.
pub(super) const HOLD_LEDGERS: u32 = 5;
/// Transactions of its account that one success brings along at most.
const FOLLOWERS_MAX: usize = 10;

/// The last ledger after whose close a transaction is still tried that came in while this ledger was open.
pub(super) fn expiry(tx: &Tx, open_index: u32) -> u32 {
    let hold = open_index.saturating_add(HOLD_LEDGERS);
    tx.number(f::LAST_LEDGER_SEQUENCE).map_or(hold, |last| hold.min(last.saturating_add(1)))
}

/// A transaction that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Its bytes, known to be a transaction with a good signature.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    pub account: AccountId,
    pub sequence: SeqProxy,
    /// The last ledger it may be in.
    pub last_ledger: Option<u32>,
    /// The last ledger after whose close it is still tried.
    pub expires: u32,
}

impl Waiting {
    /// One that came in while this ledger was open.
    pub(super) fn new(tx: &Tx, open_index: u32) -> Waiting {
        Waiting {
            blob: tx.blob.clone(),
            hash: tx.hash,
            account: tx.account,
            sequence: tx.sequence,
            last_ledger: tx.number(f::LAST_LEDGER_SEQUENCE),
            expires: expiry(tx, open_index),
        }
    }

    /// Whether its last ledger is one of the next few.
    pub(super) fn ends_soon(&self, open_index: u32) -> bool {
        let left = self.last_ledger.and_then(|last| last.checked_sub(open_index));
        left.is_some_and(|left| left <= HOLD_LEDGERS)
    }
}

/// Held transactions by account (salted, so that nobody chooses a place), number and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    salt: Hash256,
    txs: BTreeMap<(Hash256, SeqProxy, Hash256), Waiting>,
    /// Those that were held again once after an attempt of the server's own.
    again: BTreeSet<Hash256>,
}

impl Held {
    /// Nothing is held.
    pub(super) fn none() -> Held {
        Held { salt: Hash256::ZERO, txs: BTreeMap::new(), again: BTreeSet::new() }
    }

    /// Their ids.
    pub(super) fn hashes(&self) -> impl Iterator<Item = Hash256> {
        self.txs.values().map(|waiting| waiting.hash)
    }

    /// Holds one.
    pub(super) fn insert(&mut self, waiting: Waiting) {
        let key = (salted(waiting.account, &self.salt), waiting.sequence, waiting.hash);
        self.txs.insert(key, waiting);
    }

    /// Holds one that was held and has failed again: once, or as long as its last ledger is near.
    pub(super) fn insert_again(&mut self, waiting: Waiting, open_index: u32) {
        if waiting.ends_soon(open_index) || self.again.insert(waiting.hash) {
            self.insert(waiting);
        }
    }

    /// Takes those that may follow a transaction which was just applied: the next sequence, and tickets.
    pub(super) fn followers(&mut self, tx: &Tx) -> Vec<Waiting> {
        let account = salted(tx.account, &self.salt);
        let mut followers = Vec::new();
        while followers.len() < FOLLOWERS_MAX {
            let from = (account, tx.sequence, Hash256::ZERO);
            let Some((key, _)) = self.txs.range(from..).next() else { break };
            let key = *key;
            let follows = match (key.1, tx.sequence) {
                (SeqProxy::Sequence(number), SeqProxy::Sequence(before)) => {
                    Some(number) == before.checked_add(1)
                }
                (SeqProxy::Sequence(_), SeqProxy::Ticket(_)) => false,
                (SeqProxy::Ticket(_), _) => true,
            };
            if key.0 != account || !follows {
                break;
            }
            followers.extend(self.txs.remove(&key));
        }
        followers
    }

    /// Takes all of them, in order; what is held from now on is salted anew.
    pub(super) fn take_all(&mut self, salt: Hash256) -> Vec<Waiting> {
        self.salt = salt;
        let all: Vec<Waiting> = std::mem::take(&mut self.txs).into_values().collect();
        self.again.retain(|hash| all.iter().any(|waiting| waiting.hash == *hash));
        all
    }
}
