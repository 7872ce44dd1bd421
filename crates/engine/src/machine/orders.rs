//! The orders in hand: finding, moving, writing them down. An order that ended leaves memory with the row that says so.

use super::Engine;
use crate::halt::HaltReason;
use crate::orders::{Order, OrderEvent};
use crate::record::{AnomalyRow, OfferEndingRow, OrderRow, Record};
use crate::side::{Legs, OrderId, OrderStatus, Side};
use crate::step::{Level, Step};
use ledger::Hash256;
use units::{Drops, Exact, LedgerTime, Rounding};

impl Engine {
    /// The order that rests under this number.
    pub(super) fn order_by_sequence(&self, sequence: u32) -> Option<OrderId> {
        self.orders.values().find(|o| o.row.offer_sequence == sequence).map(|o| o.row.order_id)
    }

    /// Moves an order; a move that the table does not have halts.
    pub(super) fn order_event(&mut self, id: OrderId, event: OrderEvent, at: LedgerTime, out: &mut Step) {
        let Some(order) = self.orders.get_mut(&id) else {
            return self.begin_stop(
                HaltReason::ReconcilerHalt,
                &format!("order {id} is unknown, {event:?}"),
                true,
                out,
            );
        };
        if let Err(illegal) = order.apply(event) {
            return self.begin_stop(HaltReason::ReconcilerHalt, &format!("order {id}: {illegal}"), true, out);
        }
        order.row.updated_at = at;
    }

    /// Changes the facts of an order.
    pub(super) fn order_facts(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(&id) {
            change(order);
        }
    }

    /// Writes an order down; one that ended leaves memory.
    pub(super) fn write_order(&mut self, id: OrderId, at: LedgerTime, out: &mut Step) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        order.row.updated_at = at;
        let status = order.row.status;
        if status.is_final() {
            order.row.closed_at = Some(at);
        }
        out.records.push(Record::OrderUpsert(Box::new(order.row.clone())));
        if status.is_final() {
            self.write_ending(id, at, out);
            self.answer_by_end(id, status, out);
            self.orders.remove(&id);
        }
    }

    /// How an order ended, with its evidence.
    pub(super) fn write_ending(&mut self, id: OrderId, at: LedgerTime, out: &mut Step) {
        let Some((order, end)) = self.orders.get(&id).and_then(|order| Some((order, order.end?))) else {
            return out.log(Level::Error, "ending", format!("order={id} ended and nothing says how"));
        };
        out.records.push(Record::OfferEnding(Box::new(OfferEndingRow {
            order_id: id,
            offer_sequence: order.row.offer_sequence,
            side: order.row.side,
            ending: end.ending,
            removal: end.removal,
            ledger_index: end.ledger_index,
            at,
            tx_hash: end.tx_hash,
            node: end.node,
            quantity_rlusd: order.row.placed.quote,
            filled_rlusd: order.filled_quote.clone(),
            filled_xrp: order.filled_base,
            age_seconds: at.seconds_since(order.row.created_at),
        })));
    }

    /// Takes in an offer of ours that no order explains, so that it can be taken down.
    pub(super) fn adopt_offer(
        &mut self,
        sequence: u32,
        side: Side,
        legs: Legs,
        expiration: Option<LedgerTime>,
        out: &mut Step,
    ) {
        // Another program may ask any price; whatever it is, the offer is ours to take down.
        let Some(price) = units::Price::nearest(legs.quote, legs.base, Rounding::HalfEven) else {
            return out.log(Level::Error, "anomaly", format!("offer={sequence} has no price"));
        };
        let (order_id, now) = (OrderId { ledger_index: self.cursor().get(), sequence }, self.now());
        let row = OrderRow {
            order_id,
            side,
            price,
            placed: legs,
            remaining: legs,
            status: OrderStatus::Open,
            offer_sequence: sequence,
            tx_hash: None,
            last_ledger_sequence: self.cursor(),
            replaces: None,
            cancel_tx_hash: None,
            cancel_reason: None,
            expiration,
            created_at: now,
            updated_at: now,
            closed_at: None,
        };
        let order = Order {
            row,
            is_earlier: false,
            is_found: true,
            filled_base: Drops::ZERO,
            filled_quote: Exact::zero(),
            end: None,
        };
        self.orders.insert(order_id, order);
        self.anomaly(Some(order_id), Some(sequence), "adopted_unknown_offer", out);
        self.write_order(order_id, now, out);
    }

    /// Writes an anomaly row, and gives it.
    pub(super) fn anomaly(
        &mut self,
        id: Option<OrderId>,
        sequence: Option<u32>,
        action: &str,
        out: &mut Step,
    ) -> AnomalyRow {
        let now = self.now();
        let order = id.and_then(|id| self.orders.get(&id));
        let cancel_tx_hash = sequence.and_then(|s| self.cancel_on_its_way(s));
        let left = order.map(|o| o.row.remaining.quote);
        let xrp = match (left, self.last_mid) {
            (Some(quote), Some(mid)) => mid.base_for(quote, Rounding::HalfEven).ok(),
            (None, _) | (_, None) => None,
        };
        let row = AnomalyRow {
            detected_at: now,
            order_id: id,
            side: order.map(|o| o.row.side),
            quantity_rlusd: left,
            xrp_equivalent: xrp,
            age_seconds: order.map(|o| now.seconds_since(o.row.created_at)),
            last_status: order.map(|o| o.row.status),
            offer_sequence: sequence,
            cancel_tx_hash,
            action_taken: action.to_owned(),
            mid_price: self.last_mid,
        };
        self.write_anomaly(row.clone(), out);
        row
    }

    fn cancel_on_its_way(&self, sequence: u32) -> Option<Hash256> {
        self.pending.values().find(|p| p.ends == Some(sequence)).and_then(|p| p.hash)
    }
}
