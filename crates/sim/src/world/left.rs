//! A new open ledger: first what the closed one left over, then the queue, then the clients' own transactions that are not
//! in a ledger yet (the reference server's order). Closes nothing.

use std::collections::BTreeSet;

use ledger::{Hash256, SeqProxy};

use super::close::for_passes;
use super::held::Waiting;
use super::open::Pending;
use super::{AppliedTx, World};
use crate::state::{Entry, index};
use crate::ter;
use crate::tx::Tx;

impl World {
    /// Opens the ledger after the one just closed, which took `done` and left `left`.
    pub(super) fn reopen(&mut self, left: Vec<(Pending, Tx)>, done: &[AppliedTx]) {
        self.has_acted = false;
        self.reset_open();
        let done: BTreeSet<Hash256> = done.iter().map(|tx| tx.hash).collect();
        self.locals.retain(|local| !done.contains(&local.hash));
        self.try_left(left);
        self.drain();
        self.sweep_past();
        self.try_locals();
        let closed = self.header.ledger_index.0;
        self.locals.retain(|local| closed <= local.expires);
    }

    /// The open state is the closed one.
    fn reset_open(&mut self) {
        match self.differs.take() {
            None => self.open = self.entries.clone(),
            Some(keys) => {
                for key in keys {
                    match self.entries.share(&key) {
                        Some(entry) => self.open.insert(key, entry),
                        None => self.open.remove(&key),
                    }
                }
            }
        }
        self.differs = Some(BTreeSet::new());
    }

    /// What was in the open ledger and not in the closed one goes into the next as it is, whatever that costs now. What
    /// does not is tried again with the clients' own.
    fn try_left(&mut self, mut left: Vec<(Pending, Tx)>) {
        for_passes(|certain_retry| {
            let before = self.pending.len();
            let rules = self.rules(true, certain_retry);
            let mut still = Vec::new();
            for (pending, tx) in std::mem::take(&mut left) {
                let applied = self.apply_open_by(&tx, rules);
                if applied.applied {
                    self.pending.push(pending);
                } else if !ter::is_final_failure(applied.result) {
                    still.push((pending, tx));
                }
            }
            left = still;
            self.pending.len() > before
        });
        for (pending, tx) in left {
            if let Some(expires) = pending.expires {
                self.locals.push(Waiting { expires, ..Waiting::new(&tx, self.open_index()) });
            }
        }
    }

    /// Forgets what has become impossible: its sequence or its ticket is used up in the closed ledger.
    fn sweep_past(&mut self) {
        let entries = &self.entries;
        self.locals.retain(|local| match (entries.get(&index::account(local.account)), local.sequence) {
            (Some(Entry::Account(root)), SeqProxy::Sequence(number)) => number >= root.sequence,
            (Some(Entry::Account(root)), SeqProxy::Ticket(number)) => {
                number >= root.sequence || entries.contains_key(&index::ticket(local.account, number))
            }
            _ => true,
        });
    }

    /// Tries the clients' own, each account's in order.
    fn try_locals(&mut self) {
        let mut locals = self.locals.clone();
        locals.sort_by_key(|local| (local.account, local.sequence, local.hash));
        for local in locals {
            let Ok(tx) = Tx::read(&local.blob) else { continue };
            let (_, applied) = self.admit(&tx, false);
            if applied {
                self.pending.push(Pending { blob: local.blob, hash: tx.hash, expires: None });
            }
        }
    }
}
