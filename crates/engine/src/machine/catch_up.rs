//! Proven history: after a gap, and after a crash. The same application as for a ledger that arrives; only its order
//! and its completeness are vouched for by the server's search instead of our own count.

use super::apply::{Place, Unapplied};
use super::{Engine, Gap, Phase};
use crate::book::Book;
use crate::halt::HaltReason;
use crate::input::{BackfillInput, OwnLedger, ResumeInput};
use crate::record::TruthSource;
use crate::step::{Level, Step};
use ledger::Hash256;
use units::{LedgerIndex, LedgerTime};

/// Histories in a row that may contradict the books before it is a halt.
const JOIN_TRIES: u32 = 3;
/// Histories in a row that may bring nothing usable before it is a halt: two minutes of ledgers.
const HISTORY_TRIES: u32 = 30;
/// Inputs for which an answer is waited for before it is asked for again.
const ANSWER_INPUTS: u32 = 10;

/// Why a history could not be used.
enum Unusable {
    /// Not all of it is there, or not yet.
    Incomplete(String),
    /// It and the books cannot both be true.
    Contradicts(String),
}

impl Engine {
    pub(super) fn on_backfill(&mut self, backfill: &BackfillInput, out: &mut Step) {
        if self.search.is_some() {
            self.take_search(backfill, out);
            if self.gap.is_none() && backfill.truth.index <= self.cursor() {
                // The answer has a read of its own, and nothing else is new in it.
                self.compare_truth(&backfill.truth, TruthSource::Backfill, out);
                return self.proceed_stop(out);
            }
        }
        if self.gap.is_none() && backfill.header.index <= self.cursor() {
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
                self.on_ledger(&ledger, None, out);
            }
        }
    }

    /// After a crash: catch up, then end the session that the crash left open.
    pub(super) fn on_resume(&mut self, resume: &ResumeInput, out: &mut Step) {
        let (index, now) = (self.cursor(), self.now());
        self.gap = None;
        self.search = None;
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
        if self.is_another_ledger(&resume.backfill, out) {
            self.proceed_stop(out);
        } else if resume.backfill.header.index == index {
            // Nothing closed meanwhile: the read itself is what is new.
            self.compare_truth(&resume.backfill.truth, TruthSource::Backfill, out);
            self.proceed_stop(out);
        } else {
            self.take_history(&resume.backfill, out);
        }
    }

    /// Applies a proven range; `false` when it could not be used.
    fn take_history(&mut self, backfill: &BackfillInput, out: &mut Step) -> bool {
        let (at, to) = (self.cursor(), backfill.header.index);
        let from = at.plus(1);
        if self.is_another_ledger(backfill, out) {
            self.proceed_stop(out);
            return false;
        }
        if to < at {
            // What was validated once is never taken back: this ledger is another one, or has lost its end.
            let why = format!("the ledger ends at {to}, the books are at {at} already");
            return self.set_aside(Unusable::Contradicts(why), out);
        }
        let is_whole = backfill.complete && backfill.from <= from && backfill.truth.index == to;
        if !is_whole || to < from {
            let (got, complete) = (backfill.from, backfill.complete);
            let why = format!("wanted={from} got={got}..={to} complete={complete}");
            return self.set_aside(Unusable::Incomplete(why), out);
        }
        let (previous_close, last_mid) = (self.now(), self.mids.back().copied());
        // A range is applied whole or not at all.
        let (before, records) = (self.clone(), out.records.len());
        self.header = Some(backfill.header);
        if let Err(unapplied) = self.apply_history(&backfill.ledgers, from, to, last_mid, out) {
            *self = before;
            out.records.truncate(records);
            out.decision.fills = 0;
            return self.set_aside(Unusable::Contradicts(format!("{unapplied:?}")), out);
        }
        self.gap = None;
        self.book = Book::from_snapshot(&backfill.truth.book);
        self.pool = backfill.truth.pool;
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

    /// Whether an answer knows the last ledger accounted for by another hash: then it is about another ledger.
    fn is_another_ledger(&mut self, backfill: &BackfillInput, out: &mut Step) -> bool {
        let at = self.cursor();
        let told =
            [(backfill.header.index, backfill.header.hash), (backfill.truth.index, backfill.truth.hash)];
        let other = told.into_iter().find(|(index, hash)| {
            *index == at && *hash != Hash256::ZERO && self.cursor_hash().is_some_and(|known| known != *hash)
        });
        let (Some((_, other)), Some(known)) = (other, self.cursor_hash()) else {
            return false;
        };
        let detail = format!("ledger {at} is {known} in the books and {other} here: this is another ledger");
        self.begin_stop(HaltReason::NodeDisagreement, &detail, false, out);
        true
    }

    /// History that cannot be used is asked for again, but never in the same step: the next ledger may bring what is
    /// missing. One that keeps contradicting the books, or does not come at all, is a halt: nobody can prove them then,
    /// and nothing can be seen to end, so the cancels are sent and the session closes.
    fn set_aside(&mut self, unusable: Unusable, out: &mut Step) -> bool {
        let from = self.cursor().plus(1);
        let gap = self.gap.get_or_insert_with(|| Gap::new(from));
        (gap.from, gap.waited) = (from, None);
        gap.failures = gap.failures.saturating_add(1);
        let (event, why) = match unusable {
            Unusable::Incomplete(why) => ("history_incomplete", why),
            Unusable::Contradicts(why) => {
                gap.contradictions = gap.contradictions.saturating_add(1);
                ("history_contradicts", why)
            }
        };
        let (is_contradicted, is_missing) = (gap.contradictions >= JOIN_TRIES, gap.failures >= HISTORY_TRIES);
        out.log(Level::Warn, "backfill", format!("{event} {why}"));
        if is_contradicted {
            let detail = format!("history from ledger {from} on does not join the books: {why}");
            self.begin_stop(HaltReason::InventoryTruthHalt, &detail, false, out);
        } else if is_missing {
            let detail = format!("history from ledger {from} on cannot be had: {why}");
            self.begin_stop(HaltReason::RiskGatewayUnhealthy, &detail, false, out);
        }
        if is_contradicted || is_missing {
            self.proceed_stop(out);
        }
        false
    }

    /// Once after each input from the ledger: asks again for history that did not come or could not be used.
    pub(super) fn ask_history_again(&mut self, out: &mut Step) {
        let is_closed = self.phase == Phase::Closed;
        let Some(gap) = self.gap.as_mut().filter(|_| !is_closed) else {
            return;
        };
        let from = gap.from;
        match &mut gap.waited {
            Some(waited) if *waited < ANSWER_INPUTS => *waited += 1,
            Some(_) => {
                self.set_aside(Unusable::Incomplete("no answer".to_owned()), out);
            }
            None if gap.contradictions < JOIN_TRIES && gap.failures < HISTORY_TRIES => {
                gap.waited = Some(0);
                self.request_backfill(from, out);
            }
            None => {}
        }
    }
}
