//! Proven history: after a gap, and after a crash. The same application as for a ledger that arrives; only its order
//! and its completeness are vouched for by the server's search instead of our own count.

use super::apply::{Place, Unapplied};
use super::{Engine, Gap, Phase};
use crate::book::Book;
use crate::halt::HaltReason;
use crate::input::{BackfillInput, OwnLedger, ResumeInput};
use crate::record::TruthSource;
use crate::step::{Level, Step};
use units::{LedgerIndex, LedgerTime};

/// Histories in a row that may fail to join before it is a halt.
const JOIN_TRIES: u32 = 3;

impl Engine {
    pub(super) fn on_backfill(&mut self, backfill: &BackfillInput, out: &mut Step) {
        if self.gap.is_none() {
            return out.log(Level::Info, "backfill", "nothing was missing");
        }
        let buffered = self.gap.as_ref().map(|gap| gap.buffered.clone()).unwrap_or_default();
        if !self.take_history(backfill, out) {
            return;
        }
        for (index, ledger) in buffered {
            if self.phase == Phase::Closed {
                return;
            }
            if index > self.cursor() {
                self.on_ledger(&ledger, out);
            }
        }
    }

    /// After a crash: catch up, then end the session that the crash left open.
    pub(super) fn on_resume(&mut self, resume: &ResumeInput, out: &mut Step) {
        let (index, now) = (self.cursor(), self.now());
        self.gap = None;
        self.truth.asked = None;
        self.truth.waiting = None;
        self.drop_unsigned(index, now, out);
        let was =
            self.stop.as_ref().map(|stop| format!("; it was stopping: {} {}", stop.reason, stop.detail));
        let detail = format!("the process ended after ledger {index}{}", was.unwrap_or_default());
        self.begin_stop(HaltReason::RecoveredAfterCrash, &detail, true, out);
        if let Some(stop) = &mut self.stop {
            stop.verify = true;
            stop.final_asked = None;
        }
        if resume.backfill.header.index == index {
            // Nothing closed meanwhile: the read itself is what is new.
            self.compare_truth(&resume.backfill.truth, TruthSource::Backfill, out);
            self.proceed_stop(out);
        } else {
            self.take_history(&resume.backfill, out);
        }
    }

    /// Applies a proven range; `false` when it could not be used.
    fn take_history(&mut self, backfill: &BackfillInput, out: &mut Step) -> bool {
        let (from, to) = (self.cursor().plus(1), backfill.header.index);
        let is_whole = backfill.complete && backfill.from <= from && backfill.truth.index == to;
        if !is_whole || to < from {
            out.log(
                Level::Warn,
                "backfill",
                format!("wanted={from} got={}..={to} complete={}", backfill.from, backfill.complete),
            );
            return self.retry_history(false, out);
        }
        let (previous_close, last_mid) = (self.now(), self.mids.back().copied());
        // A range is applied whole or not at all.
        let (before, records) = (self.clone(), out.records.len());
        self.header = Some(backfill.header);
        if let Err(unapplied) = self.apply_history(&backfill.ledgers, from, to, last_mid, out) {
            *self = before;
            out.records.truncate(records);
            out.decision.fills = 0;
            out.log(Level::Warn, "backfill", format!("{unapplied:?}"));
            return self.retry_history(true, out);
        }
        self.gap = None;
        self.book = Book::from_snapshot(&backfill.truth.book);
        self.mids.clear();
        self.wallet.owner_count = backfill.truth.account.owner_count;
        self.resolve_lapsed(to, self.now(), out);
        self.compare_truth(&backfill.truth, TruthSource::Backfill, out);
        self.after_ledgers(previous_close, false, out);
        true
    }

    /// Applies the own transactions of a range, ledger by ledger.
    pub(super) fn apply_history(
        &mut self,
        ledgers: &[OwnLedger],
        from: LedgerIndex,
        to: LedgerIndex,
        mid_before_first: Option<units::Price>,
        out: &mut Step,
    ) -> Result<(), Unapplied> {
        let mut sorted: Vec<_> = ledgers.iter().filter(|l| l.index >= from && l.index <= to).collect();
        sorted.sort_by_key(|ledger| ledger.index);
        sorted.dedup_by_key(|ledger| ledger.index);
        for ledger in sorted {
            // The ledger before is not at hand; it closed before this one, and that is all an expiry needs.
            let parent_close = LedgerTime(ledger.close_time.get().saturating_sub(1));
            let mid_before = mid_before_first.filter(|_| ledger.index == from);
            let place = Place { index: ledger.index, at: ledger.close_time, mid_before };
            self.apply_own(&ledger.own, place, parent_close, out)?;
        }
        Ok(())
    }

    /// History that cannot be used is asked for again. An incomplete one is a loss of data, a hold; one that keeps
    /// contradicting the books is a halt, for nobody can prove them then.
    fn retry_history(&mut self, contradicts: bool, out: &mut Step) -> bool {
        let from = self.cursor().plus(1);
        let gap = self.gap.get_or_insert_with(|| Gap { from, buffered: Default::default(), tries: 0 });
        gap.from = from;
        gap.tries = gap.tries.saturating_add(u32::from(contradicts));
        if gap.tries >= JOIN_TRIES {
            let detail = format!("history from ledger {from} on does not join the books");
            self.begin_stop(HaltReason::InventoryTruthHalt, &detail, true, out);
            self.proceed_stop(out);
        }
        self.request_backfill(from, out);
        false
    }
}
