//! One validated ledger, in the order of a tick: apply, resolve what is pending, reconcile, observe, judge, quote.
//! Ledgers are taken one after the other; a hole stops accounting until its history came.

use super::apply::{Place, Unapplied};
use super::{BUFFERED_LEDGERS, Engine, Gap, HISTORY_LEDGERS, Phase};
use crate::evidence::{Evidence, ReadAhead};
use crate::halt::HaltReason;
use crate::input::LedgerInput;
use crate::record::{Record, TruthSource};
use crate::side::OrderId;
use crate::step::{Hold, Level, Mode, Step};
use std::collections::BTreeSet;
use units::{LedgerIndex, LedgerTime};

/// A difference between book and orders asks for a full read at most this often.
const RECONCILE_SECONDS: u32 = 10;

impl Engine {
    pub(super) fn on_ledger(&mut self, ledger: &LedgerInput, ahead: Option<ReadAhead>, out: &mut Step) {
        let index = ledger.header.index;
        if index <= self.cursor() {
            return out.log(Level::Debug, "duplicate_ledger", format!("ledger={index}"));
        }
        if let Some(gap) = &mut self.gap {
            gap.buffered.insert(index, ledger.clone());
            if gap.buffered.len() > BUFFERED_LEDGERS {
                gap.buffered.pop_first();
            }
            return;
        }
        if index != self.cursor().plus(1) || !ledger.complete {
            return self.open_gap(Some(ledger), out);
        }
        self.take_ledger(ledger, ahead, out);
    }

    /// A contiguous ledger: everything of a tick.
    fn take_ledger(&mut self, ledger: &LedgerInput, ahead: Option<ReadAhead>, out: &mut Step) {
        let parent_close = self.now();
        let place = Place {
            index: ledger.header.index,
            at: ledger.header.close_time,
            mid_before: self.mids.back().copied(),
        };
        // Facts of the new ledger are dated by it, so the header moves first and back if nothing could be applied.
        let before = self.header.replace(ledger.header);
        let ahead = ahead.filter(|ahead| (ahead.index, ahead.parent_close) == (place.index, parent_close));
        let read = match ahead {
            Some(ahead) => ahead.own,
            None => Evidence::read_all(&ledger.own, &self.identity, parent_close),
        };
        match self.apply_read(read, place, out) {
            Ok(()) => {}
            Err(Unapplied::Chain { expected, found }) => {
                self.header = before;
                out.log(Level::Warn, "chain", format!("expected={expected} found={found}"));
                return self.open_gap(Some(ledger), out);
            }
            Err(Unapplied::Unreadable(error)) => {
                self.begin_stop(HaltReason::ReconcilerHalt, &error.to_string(), true, out);
            }
        }
        for change in &ledger.book {
            self.book.apply(change);
        }
        for funds in &ledger.owner_funds {
            self.book.set_funds(funds);
        }
        self.pool = ledger.pool.or(self.pool);
        let had_own = !ledger.own.is_empty();
        self.after_ledgers(parent_close, had_own, out);
    }

    /// The part of a tick that follows the application of one ledger or of a whole proven range.
    pub(super) fn after_ledgers(&mut self, previous_close: LedgerTime, had_own: bool, out: &mut Step) {
        let (index, now) = (self.cursor(), self.now());
        self.is_silent = false;
        self.resolve_lapsed(index, now, out);
        self.remember_balances(index);
        self.reconcile_book(out);
        if had_own {
            self.check_metadata_balances(out);
        }
        self.take_waiting_truth(out);
        self.wait_for_search(out);
        self.forget_applied();
        if self.phase == Phase::Closed {
            return;
        }
        let was_held = self.hold.take().is_some();
        self.measure.tick(now.max(previous_close), self.mode, was_held);
        self.observe(out);
        out.records.push(Record::Cursor { ledger_index: index, close_time: now });
        if self.ends_at.is_some_and(|end| now >= end) && self.phase == Phase::Running {
            self.begin_stop(HaltReason::DurationElapsed, "the session's time is over", true, out);
        }
        self.judge(out);
        self.decide(out);
        self.ask_regular_truth(out);
        self.proceed_stop(out);
    }

    pub(super) fn remember_balances(&mut self, index: LedgerIndex) {
        self.wallet.history.insert(index, (self.wallet.xrp, self.wallet.rlusd.clone()));
        while self.wallet.history.len() > HISTORY_LEDGERS {
            self.wallet.history.pop_first();
        }
    }

    /// Own offers in the book against the orders that rest: both come from the same ledgers, so a difference means
    /// that something did not arrive. A full read then says what is true.
    fn reconcile_book(&mut self, out: &mut Step) {
        let shown = self.book.own_sequences(self.identity.account);
        let known: BTreeSet<_> =
            self.orders.values().filter(|o| o.rests()).map(|o| o.row.offer_sequence).collect();
        if shown != known && self.now().seconds_since(self.truth.last_at) >= RECONCILE_SECONDS {
            out.log(Level::Warn, "reconcile", format!("book={shown:?} orders={known:?}"));
            self.ask_truth(TruthSource::Periodic, out);
        }
    }

    /// Ledgers are missing: nothing is accounted for and nothing new is sent before their history came.
    pub(super) fn open_gap(&mut self, first: Option<&LedgerInput>, out: &mut Step) {
        let from = self.cursor().plus(1);
        let mut gap = Gap { waited: Some(0), ..Gap::new(from) };
        // A ledger that came whole can be used once the hole before it is filled.
        if let Some(ledger) = first.filter(|l| l.complete && l.header.index > from) {
            gap.buffered.insert(ledger.header.index, ledger.clone());
        }
        self.gap = Some(gap);
        self.hold = Some(Hold::LedgerGap { from });
        self.request_backfill(from, out);
    }

    /// No validated ledger for a while: offers are taken down, and it goes on by itself when ledgers come again.
    pub(super) fn on_stale(&mut self, wall_seconds: u32, out: &mut Step) {
        if wall_seconds < self.config.stale_ledger_seconds {
            return;
        }
        self.is_silent = true;
        if self.phase != Phase::Running {
            return;
        }
        out.log(Level::Warn, "ledger_stale", format!("wall_seconds={wall_seconds}"));
        self.hold = Some(Hold::LedgerStale { wall_seconds });
        self.cancel_all("ledger_stale", out);
    }

    /// Changes the mode and writes why.
    pub(super) fn set_mode(
        &mut self,
        mode: Mode,
        source: &str,
        halt: Option<HaltReason>,
        detail: &str,
        out: &mut Step,
    ) {
        if self.mode == mode {
            return;
        }
        let from = std::mem::replace(&mut self.mode, mode);
        out.log(Level::Info, "mode_change", format!("from={from} to={mode} reason={source} {detail}"));
        out.records.push(Record::CircuitBreakerEvent(crate::record::CircuitBreakerRow {
            at: self.now(),
            ledger_index: self.cursor(),
            source: source.to_owned(),
            from,
            to: mode,
            halt,
            detail: detail.to_owned(),
        }));
    }

    /// Orders that rest, by name.
    pub(super) fn resting(&self) -> Vec<OrderId> {
        self.orders.values().filter(|o| o.rests()).map(|o| o.row.order_id).collect()
    }
}
