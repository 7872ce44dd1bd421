//! Own offers that are gone, or are not what they were, and no transaction says why: the row first, then the history, then
//! review. Absence is never a fill: what the history does not prove stays an open question.

use super::apply::Place;
use super::{Engine, Pending, Phase};
use crate::degraded::Source;
use crate::ending::Ending;
use crate::input::{BackfillInput, OwnLedger, TruthRead};
use crate::orders::End;
use crate::record::{AnomalyRow, Record};
use crate::side::{Legs, OrderId, OrderStatus};
use crate::step::{Effect, Level, Step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use units::{LedgerIndex, LedgerTime};

/// An action of the anomaly log: the history is being searched.
const SEARCHING: &str = "searching";
/// The history does not explain it.
const HELD: &str = "held_pending_review";
/// The next read showed it as it was.
const SEEN_AGAIN: &str = "seen_again";
/// Ledgers for which an answer is waited for before it is asked for again.
const ANSWER_LEDGERS: u32 = 3;
/// How often history is asked for before the order is held without it.
const TRIES: u32 = 4;

/// An order in question.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Review {
    /// Its row as it was first written.
    row: AnomalyRow,
    /// What the last full read showed of it.
    shown: Option<Legs>,
    /// The history did not explain it.
    is_held: bool,
    /// A cancel was sent since it was in question.
    is_cancelled: bool,
}

/// A search under way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Search {
    /// The first ledger wanted.
    from: LedgerIndex,
    /// The ledger of the read that showed the difference.
    to: LedgerIndex,
    asked_at: LedgerIndex,
    tries: u32,
}

impl Engine {
    /// Orders against offers at the same ledger.
    pub(super) fn compare_offers(&mut self, truth: &TruthRead, out: &mut Step) {
        let shown: BTreeMap<u32, _> = truth.offers.iter().map(|offer| (offer.sequence, offer.legs)).collect();
        let resting: Vec<(OrderId, u32, Legs)> = self
            .orders
            .values()
            .filter(|order| order.rests())
            .map(|order| (order.row.order_id, order.row.offer_sequence, order.row.remaining))
            .collect();
        for (id, sequence, remaining) in resting {
            match shown.get(&sequence).copied() {
                Some(legs) if legs == remaining => self.seen_again(id, out),
                other => self.in_question(id, sequence, other, out),
            }
        }
        for offer in &truth.offers {
            if self.order_by_sequence(offer.sequence).is_none() {
                self.adopt_offer(offer.sequence, offer.side, offer.legs, offer.expiration, out);
                let detail = format!("offer {} is on the ledger and no order explains it", offer.sequence);
                self.degrade(Source::Reconciler, &detail, out);
            }
        }
        let is_open = self.review.values().any(|review| review.is_held)
            || self.orders.values().any(|order| order.is_found && order.rests());
        if !is_open {
            self.cause_is_gone(Source::Reconciler, out);
        }
    }

    /// An order that the ledger shows otherwise than we do.
    fn in_question(&mut self, id: OrderId, sequence: u32, shown: Option<Legs>, out: &mut Step) {
        let is_new = !self.review.contains_key(&id);
        if let Some(review) = self.review.get_mut(&id) {
            review.shown = shown;
        } else {
            let row = self.anomaly(Some(id), Some(sequence), SEARCHING, out);
            self.review.insert(id, Review { row, shown, is_held: false, is_cancelled: false });
        }
        if self.phase != Phase::Running {
            // There is no time left to search, or no session yet: what is known now decides.
            self.hold_for_review(id, "", out);
            if shown.is_none() {
                self.review.remove(&id);
                self.orders.remove(&id);
            }
        } else if is_new {
            self.begin_search(id, out);
        }
    }

    /// Asks for the history of an order, from the ledger on in which it was decided.
    fn begin_search(&mut self, id: OrderId, out: &mut Step) {
        self.search_from(LedgerIndex(id.ledger_index).max(self.applied_from), out);
    }

    /// Asks for the history from a ledger on, unless it is asked for already.
    pub(super) fn search_from(&mut self, from: LedgerIndex, out: &mut Step) {
        if self.phase != Phase::Running {
            return;
        }
        let to = self.cursor();
        match &mut self.search {
            Some(search) if search.from <= from => search.to = to,
            Some(_) | None => {
                self.search = Some(Search { from, to, asked_at: to, tries: 1 });
                self.request_search(from, out);
            }
        }
    }

    fn request_search(&self, from: LedgerIndex, out: &mut Step) {
        out.log(Level::Warn, "history_search", format!("from={from} to={}", self.cursor()));
        out.effects.push(Effect::RequestBackfill { from });
    }

    /// A ledger went by: history that did not come is asked for again, and given up in the end.
    pub(super) fn wait_for_search(&mut self, out: &mut Step) {
        let cursor = self.cursor();
        let Some(search) =
            self.search.as_mut().filter(|search| cursor.since(search.asked_at) >= ANSWER_LEDGERS)
        else {
            return;
        };
        if search.tries < TRIES {
            (search.tries, search.asked_at) = (search.tries + 1, cursor);
            let from = search.from;
            return self.request_search(from, out);
        }
        self.conclude("; its history cannot be had", out);
    }

    /// History came while orders are in question. What it has and the books have not is applied now; what is in question
    /// after that is held.
    pub(super) fn take_search(&mut self, backfill: &BackfillInput, out: &mut Step) {
        let Some(search) = self.search else { return };
        if !backfill.complete || backfill.from > search.from || backfill.header.index < search.to {
            let (from, to) = (backfill.from, backfill.header.index);
            return out.log(Level::Warn, "history_search", format!("got={from}..={to}: not all of it"));
        }
        let cursor = self.cursor();
        let missed: Vec<OwnLedger> = backfill
            .ledgers
            .iter()
            .filter(|ledger| ledger.index >= search.from && ledger.index <= cursor)
            .map(|ledger| self.not_applied(ledger))
            .filter(|ledger| !ledger.own.is_empty())
            .collect();
        self.apply_late(&missed, out);
        self.conclude("", out);
    }

    /// The transactions of a ledger that are not in the books.
    fn not_applied(&self, ledger: &OwnLedger) -> OwnLedger {
        let known = self.applied.get(&ledger.index);
        let own = ledger.own.iter().filter(|tx| !known.is_some_and(|known| known.contains(&tx.hash)));
        OwnLedger { own: own.cloned().collect(), ..ledger.clone() }
    }

    /// Transactions that a complete ledger should have brought and did not. They are taken whole or not at all.
    fn apply_late(&mut self, missed: &[OwnLedger], out: &mut Step) {
        let Some(first) = missed.first() else { return };
        let hashes: Vec<String> =
            missed.iter().flat_map(|ledger| &ledger.own).map(|tx| tx.hash.to_string()).collect();
        out.log(Level::Error, "late_history", format!("ledger={} missed={}", first.index, hashes.join(",")));
        let (before, records, fills) = (self.clone(), out.records.len(), out.decision.fills);
        for ledger in missed {
            let place = Place { index: ledger.index, at: ledger.close_time, mid_before: None };
            let parent_close = LedgerTime(ledger.close_time.get().saturating_sub(1));
            if let Err(unapplied) = self.apply_own(&ledger.own, place, parent_close, out) {
                *self = before;
                out.records.truncate(records);
                out.decision.fills = fills;
                return out.log(Level::Error, "late_history", format!("does not join: {unapplied:?}"));
            }
        }
        self.wallet.history.split_off(&first.index);
        self.remember_balances(self.cursor());
    }

    /// The search is over: who is still in question is held.
    pub(super) fn conclude(&mut self, why: &str, out: &mut Step) {
        self.search = None;
        let open: Vec<OrderId> =
            self.review.iter().filter(|(_, review)| !review.is_held).map(|(id, _)| *id).collect();
        for id in open {
            let remaining = self.orders.get(&id).map(|order| order.row.remaining);
            match self.review.get(&id).map(|review| review.shown) {
                // A part of it was taken, and the history proved it.
                Some(Some(shown)) if remaining == Some(shown) => {
                    self.answer(id, "filled_from_metadata", out);
                }
                Some(_) => self.hold_for_review(id, why, out),
                None => {}
            }
        }
    }

    fn hold_for_review(&mut self, id: OrderId, why: &str, out: &mut Step) {
        let Some(review) = self.review.get_mut(&id) else { return };
        let what = match review.shown {
            None => "is not on the ledger",
            Some(_) => "has other amounts on the ledger",
        };
        if !std::mem::replace(&mut review.is_held, true) {
            let row = AnomalyRow { action_taken: HELD.to_owned(), ..review.row.clone() };
            self.write_anomaly(row, out);
            let (ledger_index, at) = (self.cursor(), self.now());
            self.order_facts(id, |order| {
                let (ending, node) = (Ending::NotYetProvable, None);
                order.end = Some(End { ending, removal: None, ledger_index, tx_hash: None, node });
            });
            self.write_ending(id, at, out);
        }
        self.degrade(Source::Reconciler, &format!("order {id} {what}{why}"), out);
    }

    /// The ledger shows an order as we do.
    fn seen_again(&mut self, id: OrderId, out: &mut Step) {
        if self.review.contains_key(&id) {
            self.answer(id, SEEN_AGAIN, out);
        }
        if self.review.values().all(|review| review.is_held) {
            self.search = None;
        }
    }

    /// An order ended by metadata: if it was in question, that is the answer.
    pub(super) fn answer_by_end(&mut self, id: OrderId, status: OrderStatus, out: &mut Step) {
        let action = match status {
            OrderStatus::Filled => "filled_from_metadata",
            OrderStatus::Cancelled | OrderStatus::Replaced => "cancelled_from_metadata",
            OrderStatus::Expired => "expired",
            OrderStatus::Unfunded => "unfunded",
            OrderStatus::Intent
            | OrderStatus::Submitted
            | OrderStatus::Open
            | OrderStatus::PartiallyFilled
            | OrderStatus::Killed
            | OrderStatus::Failed => "never_placed",
        };
        if self.review.contains_key(&id) {
            self.answer(id, action, out);
        }
    }

    fn answer(&mut self, id: OrderId, action: &str, out: &mut Step) {
        let Some(review) = self.review.remove(&id) else { return };
        let was = review.row.last_status;
        let last_status = self.orders.get(&id).map(|order| order.row.status).or(was);
        self.write_anomaly(AnomalyRow { action_taken: action.to_owned(), last_status, ..review.row }, out);
    }

    /// Whether an order in question may be cancelled: one that the ledger does not show, once.
    pub(super) fn may_cancel(&mut self, id: OrderId) -> bool {
        match self.review.get_mut(&id) {
            Some(review) if review.shown.is_none() => !std::mem::replace(&mut review.is_cancelled, true),
            Some(_) | None => true,
        }
    }

    /// The offer of an order whose history is being searched.
    pub(super) fn searched_offer(&self) -> Option<u32> {
        self.search?;
        self.review.values().find(|review| !review.is_held).and_then(|review| review.row.offer_sequence)
    }

    /// Whether nothing of ours rests, as far as the ledger shows, and nothing is on its way.
    pub(super) fn is_clear(&self) -> bool {
        let is_absent = |id| self.review.get(id).is_some_and(|r| r.is_held && r.shown.is_none());
        self.pending.is_empty() && self.orders.keys().all(is_absent)
    }

    /// Questions that the session leaves open get the row that says so.
    pub(super) fn leave_open_questions(&mut self, out: &mut Step) {
        self.search = None;
        let open = self.review.iter().filter(|(_, review)| !review.is_held);
        let rows: Vec<AnomalyRow> = open.map(|(_, review)| review.row.clone()).collect();
        for row in rows {
            self.write_anomaly(AnomalyRow { action_taken: HELD.to_owned(), ..row }, out);
        }
    }

    /// Forgets which transactions are in the books where no live order could need it.
    pub(super) fn forget_applied(&mut self) {
        let sent = |p: &Pending| self.decided_at(p);
        let orders = self.orders.keys().map(|id| LedgerIndex(id.ledger_index));
        let keep = orders
            .chain(self.pending.values().map(sent))
            .min()
            .unwrap_or(self.cursor().plus(1))
            .max(self.applied_from);
        self.applied = self.applied.split_off(&keep);
        self.applied_from = keep;
    }

    pub(super) fn write_anomaly(&mut self, row: AnomalyRow, out: &mut Step) {
        let name = row.order_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let (offer, action) = (row.offer_sequence, &row.action_taken);
        out.log(Level::Warn, "anomaly", format!("order={name} offer={offer:?} action={action}"));
        if action != SEARCHING {
            self.measure.figures.anomalies = self.measure.figures.anomalies.saturating_add(1);
        }
        out.records.push(Record::Anomaly(row));
    }
}
