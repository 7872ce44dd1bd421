//! The way out: each draft goes through the risk check; what passes gets a sequence or a ticket, a fee within the cap and a last
//! ledger, and is written down before it can leave.

use super::{Engine, PENDING_MAX, Pending};
use crate::orders::Order;
use crate::record::{OrderRow, Record, SubmissionRow};
use crate::risk::{Approved, Draft, RiskView, approve_cancel, approve_offer};
use crate::side::{Legs, OrderId, OrderStatus, Side};
use crate::step::{ActionLine, Effect, Intent, IntentBody, Level, Step, Wanted};
use ledger::SeqProxy;
use units::{Drops, Exact, Rounding};

impl Engine {
    /// The reserve with every object on its way and one more.
    pub(super) fn reserve_with_one_more(&self) -> Drops {
        self.reserve_with(1)
    }

    /// The reserve with everything on its way that would be owned, placements and tickets, and so many objects more.
    pub(super) fn reserve_with(&self, more: i64) -> Drops {
        let objects = |p: &Pending| i64::from(p.places.is_some()).saturating_add(p.makes_tickets.into());
        let coming = self.pending.values().map(objects).fold(0_i64, i64::saturating_add);
        self.reserve_of(coming.saturating_add(more))
    }

    /// The reserve of what is owned now.
    pub(super) fn reserve(&self) -> Drops {
        self.reserve_of(0)
    }

    fn reserve_of(&self, more: i64) -> Drops {
        let Some(header) = self.header else {
            return Drops::MAX;
        };
        let objects = i64::from(self.wallet.owner_count).saturating_add(more);
        let inc = header.reserve_inc_drops.get().saturating_mul(objects);
        Drops::new(header.reserve_base_drops.get().saturating_add(inc)).unwrap_or(Drops::MAX)
    }

    pub(super) fn place(
        &mut self,
        wanted: &Wanted,
        replaces: Option<(OrderId, u32)>,
        why: &str,
        out: &mut Step,
    ) {
        if self.pending.len() >= PENDING_MAX {
            return;
        }
        let was_refused = self.back_off.get(&wanted.side).is_some_and(|until| self.cursor() < *until);
        if was_refused || self.is_making_tickets() {
            // The ledger refused an offer of this side a moment ago, or it is not certain which sequence is next; one
            // that is too near must still go.
            if let Some((id, _)) = replaces.filter(|_| why == "too_aggressive") {
                self.cancel(id, why, out);
            }
            return;
        }
        let expiration = self.now().plus_seconds(self.config.offer_ttl_seconds);
        let Some(view) = self.risk_view() else { return };
        match approve_offer(&self.config, &view, wanted, expiration, replaces, why) {
            Ok(approved) => self.submit(&approved, out),
            Err(hold) => {
                let why = hold.to_string();
                out.decision.side_holds.push((wanted.side, hold));
                // What rests there was to be replaced: it does not stay on a price nobody wants.
                if let Some((id, _)) = replaces {
                    self.cancel(id, why.split(' ').next().unwrap_or("refused"), out);
                }
            }
        }
    }

    fn risk_view(&self) -> Option<RiskView> {
        let now = self.now();
        let live = self.orders.values().filter(|o| !o.row.status.is_final());
        let us = self.identity.account;
        let pool = |side| self.pool.as_ref().and_then(|pool| pool.touch(side));
        Some(RiskView {
            xrp_value: self.composition()?.xrp_value,
            rlusd: self.wallet.rlusd.clone(),
            xrp: self.wallet.xrp,
            reserve_with_one_more: self.reserve_with_one_more(),
            fee: self.fee(self.config.max_fee_drops),
            live: live.map(|o| (o.row.side, o.row.remaining)).collect(),
            nearest_bid: self.book.nearest(Side::Buy, us, now).max(pool(Side::Buy)),
            nearest_ask: [self.book.nearest(Side::Sell, us, now), pool(Side::Sell)]
                .into_iter()
                .flatten()
                .min(),
        })
    }

    /// What the network asks, within this cap.
    fn fee(&self, cap: Drops) -> Drops {
        let asked = self.header.map_or(self.config.max_fee_drops, |h| h.fee_base_drops);
        asked.clamp(Drops::ZERO, cap)
    }

    /// A cancel lessens what is at risk: when the network asks more than the usual cap it may burn a share of what is kept
    /// for cancels, so that several are still to be paid.
    fn fee_of(&self, draft: &Draft) -> Drops {
        match draft {
            Draft::Offer { .. } | Draft::Tickets { .. } => self.fee(self.config.max_fee_drops),
            Draft::Cancel { .. } => self.fee(self.config.cancel_fee_max()),
        }
    }

    /// Takes everything down that rests and is not on its way out.
    pub(super) fn cancel_all(&mut self, why: &str, out: &mut Step) {
        for id in self.resting() {
            if self.may_cancel(id) {
                self.cancel(id, why, out);
            }
        }
    }

    pub(super) fn cancel(&mut self, id: OrderId, why: &str, out: &mut Step) {
        let Some((sequence, side)) = self.orders.get(&id).map(|o| (o.row.offer_sequence, o.row.side)) else {
            return;
        };
        let is_ending = self.pending.values().any(|p| p.ends == Some(sequence));
        if is_ending && !self.may_overtake(sequence) {
            return;
        }
        self.order_facts(id, |order| order.row.cancel_reason = Some(why.to_owned()));
        let approved = approve_cancel(Some((id, side)), sequence, why);
        self.submit(&approved, out);
    }

    /// Gives an approved draft its place in the ledger's queue and writes everything down.
    pub(super) fn submit(&mut self, approved: &Approved<Draft>, out: &mut Step) {
        let draft = approved.get();
        let Some(sequence) = self.number_for(draft) else {
            return out.log(Level::Error, "submit", "no sequence is left");
        };
        let (intent_id, index) = (self.next_intent, self.cursor());
        self.next_intent += 1;
        let last_ledger_sequence = index.plus(self.config.last_ledger_offset);
        let fee_drops = self.fee_of(draft);
        let (places, ends, side, why) = match draft {
            Draft::Offer { side, replaces, why, .. } => {
                let id = OrderId { ledger_index: index.get(), sequence: sequence.number() };
                (Some(id), replaces.map(|(_, s)| s), Some(*side), why)
            }
            Draft::Cancel { order, offer_sequence, why } => {
                (None, Some(*offer_sequence), order.map(|(_, side)| side), why)
            }
            Draft::Tickets { why, .. } => (None, None, None, why),
        };
        let makes_tickets = match draft {
            Draft::Tickets { count, .. } => *count,
            Draft::Offer { .. } | Draft::Cancel { .. } => 0,
        };
        let body = self.body_of(draft, places);
        let pending = Pending {
            intent_id: Some(intent_id),
            hash: None,
            sequence,
            last_ledger_sequence,
            places,
            ends,
            side,
            makes_tickets,
        };
        let legs = match draft {
            Draft::Offer { legs, .. } => Some(*legs),
            Draft::Cancel { .. } | Draft::Tickets { .. } => None,
        };
        out.decision.actions.push(ActionLine {
            purpose: draft.purpose(),
            side,
            sequence,
            ends,
            legs,
            why: why.clone(),
        });
        let about = places.or(match draft {
            Draft::Cancel { order, .. } => order.map(|(id, _)| id),
            Draft::Offer { .. } | Draft::Tickets { .. } => None,
        });
        out.records.push(Record::SubmissionIntent(SubmissionRow {
            intent_id,
            purpose: draft.purpose(),
            at: self.now(),
            ledger_index: index,
            sequence,
            fee_drops,
            last_ledger_sequence,
            order_id: about,
            ends_offer: ends,
        }));
        if let (Some(id), Draft::Offer { side, legs, replaces, expiration, .. }) = (places, draft) {
            self.new_order(
                id,
                *side,
                *legs,
                replaces.map(|(old, _)| old),
                *expiration,
                last_ledger_sequence,
                out,
            );
        }
        if ends.is_some() {
            let count = &mut self.measure.figures.requotes;
            *count = count.saturating_add(1);
        }
        let intent =
            Intent { intent_id, purpose: draft.purpose(), sequence, fee_drops, last_ledger_sequence, body };
        self.pending.insert(intent_id, pending);
        out.effects.push(Effect::Submit(intent));
    }

    fn body_of(&self, draft: &Draft, places: Option<OrderId>) -> IntentBody {
        match draft {
            Draft::Offer { side, legs, expiration, replaces, .. } => IntentBody::Offer {
                order_id: places.unwrap_or(OrderId { ledger_index: self.cursor().get(), sequence: 0 }),
                side: *side,
                legs: *legs,
                expiration: *expiration,
                replaces: replaces.map(|(_, sequence)| sequence),
            },
            Draft::Cancel { order, offer_sequence, .. } => {
                IntentBody::Cancel { order_id: order.map(|(id, _)| id), offer_sequence: *offer_sequence }
            }
            Draft::Tickets { count, .. } => IntentBody::TicketCreate { count: *count },
        }
    }

    /// The next sequence; for a cancel a ticket where that cannot be relied on and one is free.
    fn number_for(&self, draft: &Draft) -> Option<SeqProxy> {
        let is_cancel = matches!(draft, Draft::Cancel { .. });
        let ticket = if is_cancel && self.are_sequences_stuck() { self.free_ticket() } else { None };
        ticket.map(SeqProxy::Ticket).or_else(|| self.next_sequence().map(SeqProxy::Sequence))
    }

    #[expect(clippy::too_many_arguments, reason = "the facts of a new order, each named at the one call")]
    fn new_order(
        &mut self,
        order_id: OrderId,
        side: Side,
        legs: Legs,
        replaces: Option<OrderId>,
        expiration: units::LedgerTime,
        last_ledger_sequence: units::LedgerIndex,
        out: &mut Step,
    ) {
        let now = self.now();
        let Ok(price) = legs.price(Rounding::HalfEven) else {
            return;
        };
        let row = OrderRow {
            order_id,
            side,
            price,
            placed: legs,
            remaining: legs,
            status: OrderStatus::Intent,
            offer_sequence: order_id.sequence,
            tx_hash: None,
            last_ledger_sequence,
            replaces,
            cancel_tx_hash: None,
            cancel_reason: None,
            expiration: Some(expiration),
            created_at: now,
            updated_at: now,
            closed_at: None,
        };
        let order = Order {
            row,
            is_earlier: false,
            is_found: false,
            filled_base: Drops::ZERO,
            filled_quote: Exact::zero(),
            end: None,
        };
        self.orders.insert(order_id, order);
        self.measure.figures.orders = self.measure.figures.orders.saturating_add(1);
        self.write_order(order_id, now, out);
    }
}
