//! What a validated transaction means for our orders: placements that rest, took or were refused; fills, each exactly
//! once; offers that went. Only metadata speaks here.

use super::Engine;
use super::apply::Place;
use crate::ending::{Ending, Shown, classify, rest_of};
use crate::evidence::{Evidence, OfferEvidence};
use crate::explain::{Explanation, Trade};
use crate::halt::HaltReason;
use crate::measure::earned;
use crate::orders::{End, OrderEvent, Refusal, Removal};
use crate::record::{FillRow, Liquidity, Record};
use crate::side::{Legs, OrderId};
use crate::step::{Level, Step};
use ledger::{Hash256, OfferStatus, ResultCode, TxType};
use units::{Drops, Exact, IssuedValue, LedgerIndex, Price, Rounding};

/// An offer of a currency that its issuer has frozen for all (published result codes, "tecFROZEN").
const TEC_FROZEN: ResultCode = ResultCode(137);

impl Engine {
    /// What became of an OfferCreate of ours.
    pub(super) fn placement_result(
        &mut self,
        id: OrderId,
        evidence: &Evidence,
        explanation: &Explanation,
        place: Place,
        out: &mut Step,
    ) {
        let rests =
            evidence.offers.iter().find(|o| o.sequence == id.sequence && o.status == OfferStatus::Created);
        let took = explanation.trades.iter().find(|t| t.liquidity == Liquidity::Taker);
        if let Some(offer) = rests {
            let (after, expiration) = (offer.after, offer.expiration);
            self.order_facts(id, |order| {
                order.row.remaining = after;
                order.row.expiration = expiration;
            });
        } else if let Some(trade) = took {
            self.order_facts(id, |order| order.row.remaining = left_of(order.row.placed, trade));
        }
        let events = match (rests, took) {
            (Some(_), None) => vec![OrderEvent::Rested],
            (Some(_), Some(_)) => vec![OrderEvent::RestedInPart],
            (None, Some(trade)) if self.is_whole(id, trade) => vec![OrderEvent::TakenWhole],
            (None, Some(_)) => vec![OrderEvent::RestedInPart, OrderEvent::Removed(Removal::Unfunded)],
            (None, None) => vec![OrderEvent::Refused(refusal(evidence.result))],
        };
        if rests.is_none() {
            self.placed_no_offer(id, evidence.hash, took.is_some(), place.index);
        }
        if rests.is_none() && took.is_none() {
            let side = self.orders.get(&id).map(|o| o.row.side);
            if let Some(side) = side {
                self.back_off.insert(side, place.index.plus(5));
            }
            self.order_facts(id, |order| order.row.cancel_reason = Some(evidence.result.to_string()));
            out.log(Level::Warn, "refused", format!("order={id} result={}", evidence.result));
            if evidence.result == TEC_FROZEN {
                // The line's own flags may say nothing of it: the issuer can freeze all lines at once.
                self.begin_stop(HaltReason::IssuerFreeze, "an offer was refused with tecFROZEN", true, out);
            }
        }
        for event in events {
            self.order_event(id, event, place.at, out);
        }
        // A placement that took is written with its fill, after this.
        if took.is_none() {
            self.write_order(id, place.at, out);
        }
    }

    /// A placement that made no offer: taken whole or in part at once, or refused.
    fn placed_no_offer(&mut self, id: OrderId, tx_hash: Hash256, has_taken: bool, ledger_index: LedgerIndex) {
        self.order_facts(id, |order| {
            let left = order.row.remaining;
            let is_whole = has_taken && (left.base.is_zero() || left.quote.is_zero());
            let (ending, removal) =
                if is_whole { (Ending::Filled, None) } else { rest_of(has_taken, Ending::NeverPlaced) };
            order.end = Some(End { ending, removal, ledger_index, tx_hash: Some(tx_hash), node: None });
        });
    }

    /// Whether a taking placement got or gave all of one of its amounts.
    fn is_whole(&self, id: OrderId, trade: &Trade) -> bool {
        self.orders.get(&id).is_some_and(|order| {
            trade.base >= order.row.placed.base || trade.quote >= Exact::from(order.row.placed.quote)
        })
    }

    /// One fill: a row, and the order's sums.
    pub(super) fn fill(&mut self, trade: &Trade, evidence: &Evidence, place: Place, out: &mut Step) {
        let Some(id) = self.order_by_sequence(trade.sequence) else {
            // The observation is kept whatever becomes of the rest.
            self.anomaly(None, Some(trade.sequence), "searching", out);
            self.anomaly(None, Some(trade.sequence), "fill_of_unknown_offer", out);
            let detail = format!("offer {} traded and no order explains it", trade.sequence);
            return self.begin_stop(HaltReason::ReconcilerHalt, &detail, true, out);
        };
        if trade.base.is_zero() || trade.quote.is_zero() {
            return self.quarantine(id, trade, out);
        }
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        order.filled_base = order.filled_base.saturating_add(trade.base);
        order.filled_quote = &order.filled_quote + &trade.quote;
        let quote = trade.quote.to_issued(Rounding::HalfEven).ok();
        let price = quote.and_then(|quote| Price::from_legs(quote, trade.base, Rounding::HalfEven).ok());
        let price = price.unwrap_or(order.row.price);
        let spread = place.mid_before.map(|mid| earned(trade.side, price, mid));
        let is_earlier = order.is_earlier;
        out.records.push(Record::Fill(Box::new(FillRow {
            order_id: id,
            side: trade.side,
            tx_hash: evidence.hash,
            ledger_index: place.index,
            executed_at: place.at,
            price,
            quantity_rlusd: trade.quote.clone(),
            quantity_xrp: trade.base,
            mid_price_at_fill: place.mid_before,
            realized_spread_bps: spread,
            liquidity: trade.liquidity,
            of_earlier_session: is_earlier,
        })));
        out.decision.fills += 1;
        out.log(
            Level::Info,
            "fill",
            format!(
                "order={id} side={} rlusd={} drops={} price={price}",
                trade.side, trade.quote, trade.base
            ),
        );
        if !is_earlier {
            self.measure.fill(place.index, trade.side, trade.liquidity, price, &trade.quote, spread);
        }
        self.drift.add(place.at, trade.side, evidence.hash, trade.quote.clone());
        if trade.liquidity == Liquidity::Taker {
            out.log(Level::Warn, "accidental_take", format!("order={id}"));
            self.write_order(id, place.at, out);
        }
    }

    /// A trade with nothing on one side has no price and is no fill. What moved is booked; the row is held back, named, and
    /// the session ends.
    fn quarantine(&mut self, id: OrderId, trade: &Trade, out: &mut Step) {
        self.anomaly(Some(id), Some(trade.sequence), "searching", out);
        self.anomaly(Some(id), Some(trade.sequence), "fill_with_an_empty_leg", out);
        let (sequence, base, quote) = (trade.sequence, trade.base, &trade.quote);
        let detail = format!("offer {sequence} traded {base} drops for {quote} RLUSD");
        self.begin_stop(HaltReason::ReconcilerHalt, &detail, true, out);
    }

    /// An own offer changed or went.
    pub(super) fn offer_change(
        &mut self,
        offer: &OfferEvidence,
        evidence: &Evidence,
        place: Place,
        out: &mut Step,
    ) {
        let traded = offer.has_traded();
        let part = traded.then_some(OrderEvent::PartFilled);
        let (events, reason) = match offer.status {
            OfferStatus::Created => return self.created_by_stranger(offer, out),
            OfferStatus::PartiallyFilled => (vec![OrderEvent::PartFilled], None),
            OfferStatus::Filled => (vec![OrderEvent::WholeFilled], None),
            OfferStatus::Cancelled => (removed(part, Removal::Cancelled), None),
            OfferStatus::Replaced => (removed(part, Removal::Replaced), None),
            OfferStatus::Expired => (removed(part, Removal::Expired), Some("expired")),
            OfferStatus::Unfunded => (removed(part, Removal::Unfunded), Some("unfunded")),
            OfferStatus::Removed => (removed(part, Removal::Cancelled), Some("own_offer_crossed")),
        };
        let Some(id) = self.order_by_sequence(offer.sequence) else {
            // Its fill, if it had one, was named already; a removal of an unknown offer is a curiosity.
            if !traded {
                self.anomaly(None, Some(offer.sequence), "unknown_offer_removed", out);
            }
            return;
        };
        let is_gone = offer.status.is_gone();
        let end = self.end_of(id, offer, evidence.hash, place.index);
        // The order's life has no state of its own for a freeze: to it the offer is unfunded.
        let is_frozen =
            end.is_some_and(|end| [Some(end.ending), end.removal].contains(&Some(Ending::Frozen)));
        let reason = if is_frozen { Some("frozen") } else { reason };
        let is_own = evidence.signer == self.identity.account;
        let is_cancelling = matches!(evidence.tx_type, TxType::OFFER_CANCEL | TxType::OFFER_CREATE);
        self.order_facts(id, |order| {
            order.row.remaining = offer.after;
            order.end = end;
            if is_gone && is_own && is_cancelling {
                order.row.cancel_tx_hash = Some(evidence.hash);
            }
            if let (true, Some(reason)) = (is_gone, reason) {
                order.row.cancel_reason = Some(reason.to_owned());
            }
        });
        for event in events {
            self.order_event(id, event, place.at, out);
        }
        self.write_order(id, place.at, out);
    }

    /// How an order ended in this transaction, if it did.
    fn end_of(&self, id: OrderId, offer: &OfferEvidence, hash: Hash256, index: LedgerIndex) -> Option<End> {
        let order = self.orders.get(&id)?;
        let (ending, removal) = classify(Shown {
            status: offer.status,
            side: offer.side,
            has_traded: !order.filled_base.is_zero() || !order.filled_quote.is_zero() || offer.has_traded(),
            is_frozen: self.wallet.is_frozen,
            has_xrp: self.wallet.xrp > self.reserve(),
        })?;
        Some(End { ending, removal, ledger_index: index, tx_hash: Some(hash), node: Some(offer.node) })
    }

    /// An offer of ours that a transaction made which this engine did not sign: taken in, to be taken down.
    fn created_by_stranger(&mut self, offer: &OfferEvidence, out: &mut Step) {
        if self.order_by_sequence(offer.sequence).is_none() {
            self.adopt_offer(offer.sequence, offer.side, offer.after, offer.expiration, out);
        }
    }
}

fn removed(part: Option<OrderEvent>, removal: Removal) -> Vec<OrderEvent> {
    part.into_iter().chain([OrderEvent::Removed(removal)]).collect()
}

/// Why the ledger made no offer: tecKILLED, tecEXPIRED and tecUNFUNDED_OFFER by their published codes.
fn refusal(result: ResultCode) -> Refusal {
    match result.0 {
        150 => Refusal::Killed,
        148 => Refusal::Expired,
        103 => Refusal::Unfunded,
        _ => Refusal::Other,
    }
}

/// What is left of an order that took and did not come to rest.
fn left_of(placed: Legs, trade: &Trade) -> Legs {
    let quote =
        (&Exact::from(placed.quote) - &trade.quote).to_issued(Rounding::Down).unwrap_or(IssuedValue::ZERO);
    let base = placed.base.saturating_sub(trade.base);
    Legs { quote: quote.max(IssuedValue::ZERO), base: base.max(Drops::ZERO) }
}
