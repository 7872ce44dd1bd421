//! Who leaves the queue when a ledger opens: the best payers first, each account's in order, as long as they pay what the
//! filling ledger asks (XRP Ledger documentation, "Transaction Queue"). Never changes what a transaction pays.

use std::collections::BTreeMap;

use ledger::{AccountId, ResultCode, SeqProxy};

use super::{DropReason, Place, Queue};
use crate::ter;
use crate::tx::Tx;
use crate::world::World;
use crate::world::open::Pending;

/// Attempts left to the others of an account that had one give up.
const RETRIES_AFTER_PENALTY: u32 = 1;
/// A queue so full, in percent, is nearly full.
const NEARLY_FULL_PERCENT: u64 = 95;

impl World {
    /// Fills the new open ledger from the queue. Afterwards the queue is ordered by the ledger before it.
    pub(in crate::world) fn drain(&mut self) {
        let places = self.queue.places();
        let at_of: BTreeMap<(AccountId, SeqProxy), usize> =
            places.iter().enumerate().map(|(at, place)| ((place.account, place.sequence), at)).collect();
        let mut at = 0;
        while let Some(place) = places.get(at) {
            if !self.queue.is_turn_of(place) {
                at += 1;
                continue;
            }
            if place.level.0 < self.required_level() {
                break;
            }
            let next = self.queue.number_after(place);
            let is_gone = self.try_queued(place);
            // The account's next one may have been passed over: it is tried now if its place was earlier.
            let passed = next.and_then(|next| at_of.get(&(place.account, next)).copied());
            at = passed.filter(|passed| is_gone && *passed < at).unwrap_or(at + 1);
        }
        self.queue.order = self.header.ledger_hash;
    }

    /// Applies one to the open ledger or notes its failure; gives whether it left the queue.
    fn try_queued(&mut self, place: &Place) -> bool {
        let Some(queued) = self.queue.get(place.account, place.sequence) else { return true };
        let pending = Pending::from_queue(queued);
        let Ok(tx) = Tx::read(&queued.blob) else {
            self.queue.lose(place.account, place.sequence, DropReason::Failed(ter::TEF_INTERNAL));
            return true;
        };
        let applied = self.apply_open(&tx);
        if applied.applied {
            self.queue.take(place.account, place.sequence);
            self.pending.push(pending);
            return true;
        }
        self.queue.note_failure(place, applied.result)
    }
}

impl Queue {
    /// Whether it is still there and none of its account must go before it. Tickets wait for nobody.
    fn is_turn_of(&self, place: &Place) -> bool {
        let Some(line) = self.lines.get(&place.account) else { return false };
        let is_first = line.txs.keys().next().is_none_or(|first| *first >= place.sequence);
        line.txs.contains_key(&place.sequence) && (is_first || matches!(place.sequence, SeqProxy::Ticket(_)))
    }

    fn number_after(&self, place: &Place) -> Option<SeqProxy> {
        let after = (std::ops::Bound::Excluded(place.sequence), std::ops::Bound::Unbounded);
        self.lines.get(&place.account)?.txs.range(after).next().map(|(number, _)| *number)
    }

    /// A failure for good or one too many puts it out; gives whether it did.
    pub(super) fn note_failure(&mut self, place: &Place, result: ResultCode) -> bool {
        let is_nearly_full = self.is_full(NEARLY_FULL_PERCENT);
        let Some(line) = self.lines.get_mut(&place.account) else { return true };
        let Some(queued) = line.txs.get_mut(&place.sequence) else { return true };
        let (is_spent, is_hopeless) = (queued.retries == 0, ter::is_hopeless(result));
        if is_spent || is_hopeless {
            line.has_retry_penalty |= is_spent;
            line.has_drop_penalty |= !is_spent;
            self.lose(place.account, place.sequence, DropReason::Failed(result));
            return true;
        }
        queued.failed(result);
        if line.has_retry_penalty {
            queued.retries = queued.retries.min(RETRIES_AFTER_PENALTY);
        }
        if line.has_drop_penalty && line.txs.len() > 1 && is_nearly_full {
            let last = line.txs.keys().next_back().copied();
            let victim =
                if matches!(place.sequence, SeqProxy::Ticket(_)) { Some(place.sequence) } else { last };
            if let Some(victim) = victim {
                self.lose(place.account, victim, DropReason::Crowded);
                return victim == place.sequence;
            }
        }
        false
    }

    /// An attempt of one that is before `tx`, in a trial.
    pub(super) fn note_attempt(&mut self, tx: &Tx, number: SeqProxy, result: ResultCode) {
        let line = self.lines.get_mut(&tx.account);
        if let Some(queued) = line.and_then(|line| line.txs.get_mut(&number)) {
            queued.failed(result);
        }
    }

    /// Those before `tx` are in the open ledger with it, and none waits in its place.
    pub(super) fn clear_through(&mut self, tx: &Tx, before: impl Iterator<Item = SeqProxy>) {
        for number in before {
            let gone =
                self.take(tx.account, number).filter(|queued| queued.last_result == Some(ter::TEF_NO_TICKET));
            self.dropped.extend(gone.map(|queued| super::Dropped {
                hash: queued.hash,
                reason: DropReason::Failed(ter::TEF_NO_TICKET),
            }));
        }
        self.give_way(tx.account, tx.sequence, tx.hash);
    }
}
