//! Opening a session: carry the books over, catch up with what the ledger did meanwhile, and open only when books and
//! ledger agree to the last digit. A refused start writes nothing.

use super::{Engine, Pending, Phase};
use crate::book::Book;
use crate::degraded::Source;
use crate::explain::Change;
use crate::figures::Balances;
use crate::halt::HaltReason;
use crate::input::{CarriedBooks, CarriedOrder, StartInput};
use crate::measure::{Measure, value};
use crate::orders::Order;
use crate::record::{Asset, Cause, OrderRow, Record, SessionOpenedRow, TruthSource};
use crate::step::{Effect, Level, Mode, Step};
use units::{Exact, Rounding};

impl Engine {
    pub(super) fn on_start(&mut self, start: &StartInput, out: &mut Step) {
        if start.truth.index != start.header.index {
            let detail =
                format!("the read is of ledger {}, not of {}", start.truth.index, start.header.index);
            return self.refuse_start(detail, out);
        }
        self.header = Some(start.header);
        self.applied_from = start.carried.as_ref().map_or(start.header.index, |carried| carried.at).plus(1);
        self.book = Book::from_snapshot(&start.truth.book);
        self.pool = start.truth.pool;
        if let Err(detail) = self.catch_up(start, out) {
            return self.refuse_start(detail, out);
        }
        self.last_mid = self.touch().ok().map(|seen| seen.mid);
        if start.carried.is_none() {
            self.genesis(start, out);
        }
        self.take_truth_facts(start);
        self.compare_truth(&start.truth, TruthSource::Start, out);
        let (grave, late): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.start_trouble).into_iter().partition(|(reason, _)| {
                matches!(reason, HaltReason::InventoryTruthHalt | HaltReason::ReconcilerHalt)
            });
        if !grave.is_empty() && !start.accept_divergence {
            let details: Vec<_> = grave.into_iter().map(|(_, detail)| detail).collect();
            return self.refuse_start(details.join("; "), out);
        }
        self.accept_differences(start, out);
        self.open(start, !grave.is_empty(), out);
        self.book_reclassified(out);
        if self.notices.is_realigning {
            self.begin_stop(HaltReason::OperatorStop, "the books were brought to the ledger", true, out);
        }
        for (reason, detail) in late {
            self.begin_stop(reason, &detail, true, out);
        }
        self.decide(out);
        self.proceed_stop(out);
    }

    fn refuse_start(&mut self, detail: String, out: &mut Step) {
        out.records.clear();
        out.log(Level::Error, "startup_gate", detail.clone());
        out.effects.push(Effect::StartRefused { detail });
        self.phase = Phase::Closed;
    }

    /// Books of the last session, moved on by the history since.
    fn catch_up(&mut self, start: &StartInput, out: &mut Step) -> Result<(), String> {
        let Some(carried) = &start.carried else {
            return Ok(());
        };
        if carried.at > start.header.index {
            return Err(format!(
                "the books are at ledger {}, the network at {}",
                carried.at, start.header.index
            ));
        }
        self.wallet.xrp = carried.xrp;
        self.wallet.rlusd = carried.rlusd.clone();
        self.wallet.account_txn = carried.account_txn_id;
        // What the history makes and uses ends in what the read shows; until then nothing is sent.
        self.wallet.tickets = start.truth.tickets.iter().copied().collect();
        self.session.net_deposits = carried.net_deposits_rlusd.clone();
        self.take_carried(carried);
        self.apply_history(&start.missed, carried.at.plus(1), start.header.index, None, out).map_err(
            |unapplied| format!("the history since ledger {} does not join: {unapplied:?}", carried.at),
        )?;
        self.resolve_lapsed(start.header.index, start.header.close_time, out);
        match (self.wallet.account_txn, start.truth.account.previous_txn_id) {
            (Some(ours), Some(theirs)) if ours != theirs && !start.accept_divergence => {
                Err(format!("the account was changed last by {theirs}, the history ends with {ours}"))
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    fn take_carried(&mut self, carried: &CarriedBooks) {
        for order in &carried.orders {
            if let Some(row) = carried_row(order) {
                let filled_base = order.placed.base.saturating_sub(order.remaining.base);
                let filled_quote = &Exact::from(order.placed.quote) - &Exact::from(order.remaining.quote);
                let order =
                    Order { row, is_earlier: true, is_found: false, filled_base, filled_quote, end: None };
                self.orders.insert(order.row.order_id, order);
            }
        }
        // Keys from the top of the range: they never meet an intent of this session.
        for (key, pending) in (0..u64::MAX).rev().zip(&carried.pending) {
            let side = pending.order_id.and_then(|id| self.orders.get(&id)).map(|order| order.row.side);
            self.pending.insert(
                key,
                Pending {
                    intent_id: None,
                    hash: Some(pending.hash),
                    sequence: pending.sequence,
                    last_ledger_sequence: pending.last_ledger_sequence,
                    places: pending.order_id,
                    ends: pending.cancels,
                    side,
                    makes_tickets: pending.makes_tickets,
                },
            );
        }
    }

    /// The first books of a wallet: what the ledger shows, as one movement each.
    fn genesis(&mut self, start: &StartInput, out: &mut Step) {
        let account = &start.truth.account;
        let (index, at) = (start.header.index, start.header.close_time);
        let opening =
            [(Asset::Xrp, Exact::from_drops(account.xrp)), (Asset::Rlusd, Exact::from(account.rlusd))];
        for (asset, amount) in opening.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            let change = Change { asset, amount, cause: Cause::Genesis, sequence: None };
            self.move_books(&change, None, None, index, at, out);
            self.capital(&change, None, "opening balances", index, at, out);
        }
        for offer in &start.truth.offers {
            self.adopt_offer(offer.sequence, offer.side, offer.legs, offer.expiration, out);
        }
    }

    fn take_truth_facts(&mut self, start: &StartInput) {
        let account = &start.truth.account;
        self.wallet.ledger_xrp = account.xrp;
        self.wallet.ledger_rlusd = account.rlusd;
        self.wallet.sequence = account.sequence;
        self.wallet.owner_count = account.owner_count;
        self.wallet.tickets = start.truth.tickets.iter().copied().collect();
        self.wallet.account_txn = account.previous_txn_id.or(self.wallet.account_txn);
    }

    /// Books what the operator accepted not to know.
    fn accept_differences(&mut self, start: &StartInput, out: &mut Step) {
        let account = &start.truth.account;
        let xrp = Exact::from_drops(account.xrp.saturating_sub(self.wallet.xrp));
        let rlusd = &Exact::from(account.rlusd) - &self.wallet.rlusd;
        for (asset, amount) in [(Asset::Xrp, xrp), (Asset::Rlusd, rlusd)] {
            if !amount.is_zero() {
                out.log(Level::Warn, "startup_gate", format!("accepted {amount} {}", asset.as_str()));
                let cause = match self.notices.is_realigning {
                    true => Cause::Realignment,
                    false => Cause::AcceptedDivergence,
                };
                let change = Change { asset, amount, cause, sequence: None };
                self.move_books(&change, None, None, start.header.index, start.header.close_time, out);
            }
        }
    }

    fn open(&mut self, start: &StartInput, is_degraded: bool, out: &mut Step) {
        let (index, at) = (start.header.index, start.header.close_time);
        let (xrp, rlusd) = (self.wallet.xrp, self.wallet.rlusd.clone());
        let opening_value = self.last_mid.map(|mid| value(xrp, &rlusd, mid));
        self.measure = Measure::default();
        self.measure.open(at, Balances { xrp, rlusd: rlusd.clone(), value: opening_value.clone() });
        self.session.opening_xrp = xrp;
        self.session.opening_rlusd = rlusd.clone();
        self.session.opening_value = opening_value.clone();
        self.session.deposited_xrp = Exact::zero();
        self.session.deposited_rlusd = Exact::zero();
        self.session.deposited_value = Exact::zero();
        self.wallet.history.insert(index, (xrp, rlusd.clone()));
        self.truth.last_at = at;
        self.ends_at = start.duration_seconds.map(|seconds| at.plus_seconds(seconds));
        self.phase = Phase::Running;
        // The session's row comes before every row that belongs to it.
        out.records.insert(
            0,
            Record::SessionOpened(SessionOpenedRow {
                at,
                ledger_index: index,
                network_id: self.identity.network_id,
                account: self.identity.account,
                config_hash: self.config.hash(),
                starting_xrp: xrp,
                starting_rlusd: rlusd,
                starting_value: opening_value,
            }),
        );
        for (key, text) in [("engine_status", "RUNNING"), ("halt.reason", ""), ("halt.detail", "")] {
            out.records.push(Record::State { key: key.to_owned(), value: text.to_owned() });
        }
        self.truth.compared_at = at;
        if is_degraded {
            let (source, detail) = (Source::StartupGate, "divergence accepted");
            self.degraded.add(source, false, (index, at), detail);
            self.set_mode(Mode::Degraded, source.as_str(), None, detail, out);
        } else {
            self.set_mode(Mode::Active, "start", None, "", out);
        }
        self.tell_degraded(out);
        self.observe(out);
        out.records.push(Record::Cursor { ledger_index: index, close_time: at });
        self.judge(out);
    }
}

fn carried_row(order: &CarriedOrder) -> Option<OrderRow> {
    Some(OrderRow {
        order_id: order.order_id,
        side: order.side,
        price: order.placed.price(Rounding::HalfEven).ok()?,
        placed: order.placed,
        remaining: order.remaining,
        status: order.status,
        offer_sequence: order.order_id.sequence,
        tx_hash: order.tx_hash,
        last_ledger_sequence: order.last_ledger_sequence,
        replaces: None,
        cancel_tx_hash: None,
        cancel_reason: None,
        expiration: order.expiration,
        created_at: order.created_at,
        updated_at: order.created_at,
        closed_at: None,
    })
}
