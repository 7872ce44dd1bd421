//! Ending a session: cancel everything, see the book empty in a validated ledger, read the truth once more, close. A
//! stronger reason may replace a weaker one, never the reverse.

use super::{Engine, Phase, StopState};
use crate::halt::HaltReason;
use crate::input::{CarriedBooks, CarriedOrder, CarriedPending, TruthRead};
use crate::record::{Record, SessionClosedRow, TruthSource, Unverified};
use crate::side::OrderStatus;
use crate::step::{Effect, Hold, Level, Mode, Step};

impl Engine {
    /// Begins to stop, or keeps the stronger of two reasons. Before the session is open it is noted as trouble.
    pub(super) fn begin_stop(&mut self, reason: HaltReason, detail: &str, verify: bool, out: &mut Step) {
        match self.phase {
            Phase::Closed => return,
            Phase::Fresh => return self.start_trouble.push((reason, detail.to_owned())),
            Phase::Running | Phase::Stopping => {}
        }
        if let Some(stop) = &mut self.stop {
            stop.verify &= verify;
            if reason.strength() <= stop.reason.strength() {
                return;
            }
            stop.reason = reason;
            detail.clone_into(&mut stop.detail);
        } else {
            self.stop = Some(StopState {
                reason,
                detail: detail.to_owned(),
                verify,
                final_asked: None,
                final_tried: None,
                is_verified: false,
            });
        }
        self.phase = Phase::Stopping;
        self.hold = Some(Hold::Stopping);
        // Strength 1 is a recovery: told, and no error of this run.
        let level = if reason.strength() > 1 { Level::Error } else { Level::Info };
        out.log(level, "stop", format!("reason={reason} {detail}"));
        self.set_mode(Mode::Halted, reason.as_str(), Some(reason), detail, out);
        for (key, value) in [("halt.reason", reason.as_str()), ("halt.detail", detail)] {
            out.records.push(Record::State { key: key.to_owned(), value: value.to_owned() });
        }
    }

    /// The next thing a stop needs.
    pub(super) fn proceed_stop(&mut self, out: &mut Step) {
        if self.phase != Phase::Stopping {
            return;
        }
        let Some((verify, is_verified)) = self.stop.as_ref().map(|stop| (stop.verify, stop.is_verified))
        else {
            return;
        };
        self.cancel_all("stopping", out);
        if !verify {
            // The cancels leave with this step; once they are signed nothing more can be done in time.
            if self.pending.values().all(|p| p.hash.is_some()) {
                self.close(false, out);
            }
            return;
        }
        let is_empty = self.is_clear();
        if is_empty && is_verified {
            return self.close(true, out);
        }
        if is_empty && self.gap.is_none() && self.truth.asked.is_none() {
            let at = self.cursor();
            let Some(stop) = self.stop.as_mut().filter(|stop| stop.final_tried != Some(at)) else {
                // A server that refuses, or lags, answers the same until a ledger closes: asked again then.
                return;
            };
            (stop.final_asked, stop.final_tried) = (Some(at), Some(at));
            self.ask_truth(TruthSource::Final, out);
        }
    }

    /// After signatures: a hasty stop can close now.
    pub(super) fn after_signed(&mut self, out: &mut Step) {
        if self.stop.as_ref().is_some_and(|stop| !stop.verify) {
            self.proceed_stop(out);
        }
    }

    /// A full read that shows nothing of ours on the ledger, once nothing is on its way, is the final one.
    pub(super) fn note_final(&mut self, truth: &TruthRead) {
        let (cursor, is_empty) = (self.cursor(), self.is_clear());
        if let Some(stop) = &mut self.stop {
            let is_late_enough =
                truth.index == cursor || stop.final_asked.is_some_and(|at| truth.index >= at);
            stop.is_verified = is_late_enough && is_empty && truth.offers.is_empty();
            stop.final_asked = None;
        }
    }

    /// The time for the stop is over.
    pub(super) fn on_deadline(&mut self, out: &mut Step) {
        self.begin_stop(HaltReason::OperatorStop, "the time for the stop is over", true, out);
        self.close(false, out);
    }

    fn close(&mut self, verified: bool, out: &mut Step) {
        let Some(stop) = self.stop.clone() else { return };
        let unverified: Vec<_> = self
            .orders
            .values()
            .map(|o| Unverified {
                sequence: o.row.offer_sequence,
                order_id: Some(o.row.order_id),
                expires_at: o.row.expiration,
            })
            .collect();
        for left in &unverified {
            let until = left.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_iso());
            out.log(Level::Warn, "unverified", format!("offer={} expires={until}", left.sequence));
        }
        self.leave_open_questions(out);
        let balances = self.balances();
        out.records.push(Record::State { key: "engine_status".to_owned(), value: "STOPPED".to_owned() });
        out.records.push(Record::SessionClosed(Box::new(SessionClosedRow {
            at: self.now(),
            ledger_index: self.cursor(),
            ending_xrp: balances.xrp,
            ending_rlusd: balances.rlusd,
            ending_value: balances.value,
            halt_reason: stop.reason,
            halt_detail: stop.detail.clone(),
            verified,
            unverified,
            figures: self.figures(),
            carried: self.carried(),
        })));
        out.log(Level::Info, "session_closed", format!("reason={} verified={verified}", stop.reason));
        out.effects.push(Effect::SessionEnded);
        self.phase = Phase::Closed;
        self.mode = Mode::Closed;
    }

    /// What the next session starts from. Submissions that were never signed were never sent and end here.
    fn carried(&self) -> CarriedBooks {
        let orders = self.orders.values().filter(|o| o.row.status != OrderStatus::Intent);
        CarriedBooks {
            at: self.cursor(),
            xrp: self.wallet.xrp,
            rlusd: self.wallet.rlusd.clone(),
            account_txn_id: self.wallet.account_txn,
            orders: orders
                .map(|o| CarriedOrder {
                    order_id: o.row.order_id,
                    side: o.row.side,
                    placed: o.row.placed,
                    remaining: o.row.remaining,
                    status: o.row.status,
                    tx_hash: o.row.tx_hash,
                    last_ledger_sequence: o.row.last_ledger_sequence,
                    expiration: o.row.expiration,
                    created_at: o.row.created_at,
                })
                .collect(),
            pending: self
                .pending
                .values()
                .filter_map(|p| {
                    Some(CarriedPending {
                        hash: p.hash?,
                        sequence: p.sequence,
                        last_ledger_sequence: p.last_ledger_sequence,
                        order_id: p.places,
                        cancels: p.ends,
                        makes_tickets: p.makes_tickets,
                    })
                })
                .collect(),
            net_deposits_rlusd: self.session.net_deposits.clone(),
        }
    }
}
