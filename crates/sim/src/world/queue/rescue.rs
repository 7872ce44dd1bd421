//! A transaction that pays for those of its account before it: all of them enter the open ledger together, or none does
//! (XRP Ledger documentation, "Transaction Queue", "Fee averaging"). Never enters a part.

use ledger::{ResultCode, SeqProxy};

use super::queued::Queued;
use crate::ter::TEF_NO_TICKET;
use crate::tx::{self, Tx};
use crate::world::World;
use crate::world::open::Pending;

impl World {
    /// Tries it. Gives the result of the transaction when it is in the open ledger, with everything before it.
    pub(super) fn rescue(&mut self, tx: &Tx, next_sequence: u32, level: u64) -> Option<ResultCode> {
        let before: Vec<(SeqProxy, Queued)> = self
            .queue
            .live(tx.account, next_sequence)
            .take_while(|(number, _)| *number < tx.sequence)
            .map(|(number, queued)| (number, queued.clone()))
            .collect();
        if !self.pays_for_all(&before, level) {
            return None;
        }
        let rules = self.rules(true, false);
        let mut state = self.open.clone();
        let mut touched = Vec::new();
        let mut entered = Vec::new();
        for (number, queued) in &before {
            let earlier = Tx::read(&queued.blob).ok()?;
            let applied = tx::apply(&mut state, &earlier, rules);
            // Whatever comes of the whole, it was an attempt.
            self.queue.note_attempt(tx, *number, applied.result);
            if applied.applied {
                entered.push(Pending::from_queue(queued));
                touched.extend(applied.touched);
            } else if applied.result != TEF_NO_TICKET {
                return None;
            }
        }
        let applied = tx::apply(&mut state, tx, rules);
        if !applied.applied {
            return None;
        }
        touched.extend(applied.touched);
        self.open = state;
        if let Some(differs) = &mut self.differs {
            differs.extend(touched);
        }
        self.pending.extend(entered);
        self.queue.clear_through(tx, before.into_iter().map(|(number, _)| number));
        Some(applied.result)
    }

    /// Whether the levels together reach what the open ledger asks for so many.
    fn pays_for_all(&self, before: &[(SeqProxy, Queued)], level: u64) -> bool {
        let size = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let series = size(before.len()).saturating_add(1);
        let needed = self.queue.load.series_level(size(self.pending.len()), series);
        let paid: u128 = before.iter().map(|(_, queued)| u128::from(queued.level)).sum();
        needed.is_some_and(|needed| paid.saturating_add(u128::from(level)) >= u128::from(needed))
    }
}
