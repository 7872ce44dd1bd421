//! Applying our own validated transactions: balances by cause, fills exactly once, order events. Order records never
//! decide what happened: the metadata does, and what it does not explain is named.

use super::Engine;
use crate::evidence::{Evidence, EvidenceError, OfferEvidence};
use crate::explain::{Change, Explanation, Trade, explain};
use crate::halt::HaltReason;
use crate::input::OwnTx;
use crate::measure::earned;
use crate::orders::{OrderEvent, Refusal, Removal};
use crate::record::{
    Account, Asset, CapitalKind, CapitalRow, Cause, FillRow, Liquidity, MovementRow, Record,
};
use crate::side::OrderId;
use crate::step::{Level, Step};
use ledger::{Hash256, OfferStatus, ResultCode, TxType};
use units::{Drops, Exact, LedgerIndex, LedgerTime, Price, Rounding};

/// Where a transaction stands, and what the market was just before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub index: LedgerIndex,
    pub at: LedgerTime,
    /// Mid of the last validated ledger before, where it was observed.
    pub mid_before: Option<Price>,
}

/// Why own transactions could not be applied. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unapplied {
    /// The account's chain of transactions has a hole: one of ours is missing.
    Chain { expected: Hash256, found: Hash256 },
    /// Bytes that do not read.
    Unreadable(EvidenceError),
}

impl Engine {
    /// Reads and checks everything first, then applies it in order.
    pub(super) fn apply_own(
        &mut self,
        own: &[OwnTx],
        place: Place,
        parent_close: LedgerTime,
        out: &mut Step,
    ) -> Result<(), Unapplied> {
        let mut sorted: Vec<_> = own.iter().collect();
        sorted.sort_by_key(|tx| tx.index);
        let mut all = Vec::with_capacity(sorted.len());
        for tx in sorted {
            let evidence = Evidence::read(tx, &self.identity, parent_close).map_err(Unapplied::Unreadable)?;
            all.push(evidence);
        }
        let mut last = self.wallet.account_txn;
        for evidence in &all {
            let Some(root) = &evidence.root else { continue };
            if let (Some(expected), Some(found)) = (last, root.previous_txn_id)
                && expected != found
            {
                return Err(Unapplied::Chain { expected, found });
            }
            last = Some(evidence.hash);
        }
        for evidence in &all {
            self.apply_tx(evidence, place, out);
        }
        Ok(())
    }

    fn apply_tx(&mut self, evidence: &Evidence, place: Place, out: &mut Step) {
        let key = self.pending_by_hash(&evidence.hash);
        let is_own = evidence.signer == self.identity.account;
        if is_own && key.is_none() {
            let detail = format!(
                "{} {} sequence={}",
                evidence.tx_type, evidence.hash, evidence.sequence
            );
            self.begin_stop(HaltReason::ForeignTransaction, &detail, true, out);
        }
        let explanation = explain(evidence, &self.identity, key.is_some());
        for change in &explanation.changes {
            self.post(change, evidence.hash, place, out);
        }
        self.note_unexplained(&explanation, evidence, out);
        self.take_account_facts(evidence, out);
        if let Some(key) = key {
            let placed = self.pending.get(&key).and_then(|p| p.places);
            self.resolve_validated(key, evidence, place.index, out);
            if let Some(id) = placed {
                self.placement_result(id, evidence, &explanation, place, out);
            }
        }
        for trade in &explanation.trades {
            self.fill(trade, evidence, place, out);
        }
        for offer in &evidence.offers {
            self.offer_change(offer, evidence, place, out);
        }
    }

    /// Moves the books by one change and writes it.
    pub(super) fn post(&mut self, change: &Change, tx_hash: Hash256, place: Place, out: &mut Step) {
        let order_id = change.sequence.and_then(|s| self.order_by_sequence(s));
        self.move_books(change, Some(tx_hash), order_id, place.index, place.at, out);
        if change.cause == Cause::Deposit {
            self.capital(
                change,
                Some(tx_hash),
                "incoming payment",
                place.index,
                place.at,
                out,
            );
        }
        if change.cause == Cause::Fee
            && let Some(burned) = change
                .amount
                .abs()
                .scaled(6)
                .to_i128()
                .and_then(|d| i64::try_from(d).ok())
        {
            let burned = Drops::new(burned).unwrap_or(Drops::ZERO);
            let fees = &mut self.measure.figures.fees_drops;
            *fees = fees.saturating_add(burned);
        }
    }

    /// One movement of the double-entry ledger.
    pub(super) fn move_books(
        &mut self,
        change: &Change,
        tx_hash: Option<Hash256>,
        order_id: Option<OrderId>,
        ledger_index: LedgerIndex,
        at: LedgerTime,
        out: &mut Step,
    ) {
        match change.asset {
            Asset::Rlusd => self.wallet.rlusd = &self.wallet.rlusd + &change.amount,
            Asset::Xrp => {
                let drops = change
                    .amount
                    .scaled(6)
                    .to_i128()
                    .and_then(|d| i64::try_from(d).ok());
                let drops = drops.and_then(|d| Drops::new(d).ok()).unwrap_or(Drops::ZERO);
                self.wallet.xrp = self.wallet.xrp.saturating_add(drops);
            }
        }
        let counter = change.cause.counter_account();
        let (debit, credit) = if change.amount.is_negative() {
            (counter, Account::Wallet)
        } else {
            (Account::Wallet, counter)
        };
        out.records.push(Record::Movement(MovementRow {
            ledger_index,
            at,
            tx_hash,
            asset: change.asset,
            amount: change.amount.abs(),
            debit,
            credit,
            cause: change.cause,
            order_id,
        }));
    }

    /// A deposit: written as a capital event, and kept out of profit and loss.
    pub(super) fn capital(
        &mut self,
        change: &Change,
        tx_hash: Option<Hash256>,
        note: &str,
        ledger_index: LedgerIndex,
        at: LedgerTime,
        out: &mut Step,
    ) {
        let mid = self.last_mid.map(Price::to_exact);
        let value_rlusd = match change.asset {
            Asset::Rlusd => Some(change.amount.clone()),
            Asset::Xrp => mid.map(|mid| &change.amount * &mid),
        };
        let books = &mut self.session;
        match change.asset {
            Asset::Xrp => books.deposited_xrp = &books.deposited_xrp + &change.amount,
            Asset::Rlusd => books.deposited_rlusd = &books.deposited_rlusd + &change.amount,
        }
        match &value_rlusd {
            Some(value) => {
                books.deposited_value = &books.deposited_value + value;
                books.net_deposits = &books.net_deposits + value;
            }
            None => books.unvalued.push(change.amount.clone()),
        }
        out.log(
            Level::Warn,
            "capital",
            format!("{note} {} {}", change.amount, change.asset.as_str()),
        );
        out.records.push(Record::CapitalEvent(CapitalRow {
            at,
            ledger_index,
            kind: if change.amount.is_negative() {
                CapitalKind::Withdrawal
            } else {
                CapitalKind::Deposit
            },
            asset: change.asset,
            amount: change.amount.abs(),
            value_rlusd,
            tx_hash,
            note: note.to_owned(),
        }));
    }

    fn note_unexplained(&mut self, explanation: &Explanation, evidence: &Evidence, out: &mut Step) {
        if explanation.clawed_back {
            self.begin_stop(
                HaltReason::IssuerFreeze,
                &format!("clawback {}", evidence.hash),
                true,
                out,
            );
        }
        let (xrp, rlusd) = (explanation.unexplained_xrp, &explanation.unexplained_rlusd);
        if xrp.is_zero() && rlusd.is_zero() {
            return;
        }
        let figures = &mut self.measure.figures;
        figures.unexplained_xrp = figures.unexplained_xrp.saturating_add(xrp.abs());
        figures.unexplained_rlusd = &figures.unexplained_rlusd + &rlusd.abs();
        let detail = format!(
            "unexplained {xrp} drops, {rlusd} RLUSD in {} {}",
            evidence.tx_type, evidence.hash
        );
        self.begin_stop(HaltReason::InventoryTruthHalt, &detail, true, out);
    }

    fn take_account_facts(&mut self, evidence: &Evidence, out: &mut Step) {
        if let Some(root) = &evidence.root {
            self.wallet.ledger_xrp = root.after;
            self.wallet.sequence = self.wallet.sequence.max(root.sequence);
            self.wallet.owner_count = root.owner_count;
            self.wallet.account_txn = Some(evidence.hash);
        }
        if let Some(line) = &evidence.line {
            self.wallet.ledger_rlusd = line.after;
            if line.frozen {
                self.begin_stop(HaltReason::IssuerFreeze, "the trust line is frozen", true, out);
            }
        }
    }

    /// What became of an OfferCreate of ours.
    fn placement_result(
        &mut self,
        id: OrderId,
        evidence: &Evidence,
        explanation: &Explanation,
        place: Place,
        out: &mut Step,
    ) {
        let rests = evidence
            .offers
            .iter()
            .find(|o| o.sequence == id.sequence && o.status == OfferStatus::Created);
        let took = explanation
            .trades
            .iter()
            .find(|t| t.liquidity == Liquidity::Taker);
        if let Some(offer) = rests {
            let (after, expiration) = (offer.after, offer.expiration);
            self.order_facts(id, |order| {
                order.row.remaining = after;
                order.row.expiration = expiration;
            });
        }
        let events = match (rests, took) {
            (Some(_), None) => vec![OrderEvent::Rested],
            (Some(_), Some(_)) => vec![OrderEvent::RestedInPart],
            (None, Some(trade)) if self.is_whole(id, trade) => vec![OrderEvent::TakenWhole],
            (None, Some(_)) => vec![OrderEvent::RestedInPart, OrderEvent::Removed(Removal::Unfunded)],
            (None, None) => vec![OrderEvent::Refused(refusal(evidence.result))],
        };
        if rests.is_none() && took.is_none() {
            let side = self.orders.get(&id).map(|o| o.row.side);
            if let Some(side) = side {
                self.back_off.insert(side, place.index.plus(5));
            }
            self.order_facts(id, |order| {
                order.row.cancel_reason = Some(evidence.result.to_string())
            });
            out.log(
                Level::Warn,
                "refused",
                format!("order={id} result={}", evidence.result),
            );
        }
        for event in events {
            self.order_event(id, event, place.at, out);
        }
        // A placement that took is written with its fill, after this.
        if took.is_none() {
            self.write_order(id, place.at, out);
        }
    }

    /// Whether a taking placement got or gave all of one of its amounts.
    fn is_whole(&self, id: OrderId, trade: &Trade) -> bool {
        self.orders.get(&id).is_some_and(|order| {
            trade.base >= order.row.placed.base || trade.quote >= Exact::from(order.row.placed.quote)
        })
    }

    /// One fill: a row, and the order's sums.
    fn fill(&mut self, trade: &Trade, evidence: &Evidence, place: Place, out: &mut Step) {
        let Some(id) = self.order_by_sequence(trade.sequence) else {
            self.anomaly(None, Some(trade.sequence), "fill_of_unknown_offer", out);
            let detail = format!("offer {} traded and no order explains it", trade.sequence);
            return self.begin_stop(HaltReason::ReconcilerHalt, &detail, true, out);
        };
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
            self.measure
                .fill(place.index, trade.side, price, &trade.quote, spread);
        }
        self.drift
            .add(place.at, trade.side, evidence.hash, trade.quote.clone());
        if trade.liquidity == Liquidity::Taker {
            let takes = &mut self.measure.figures.accidental_takes;
            *takes = takes.saturating_add(1);
            out.log(Level::Warn, "accidental_take", format!("order={id}"));
            self.write_order(id, place.at, out);
        }
    }

    /// An own offer changed or went.
    fn offer_change(&mut self, offer: &OfferEvidence, evidence: &Evidence, place: Place, out: &mut Step) {
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
        let is_own = evidence.signer == self.identity.account;
        let is_cancelling = matches!(evidence.tx_type, TxType::OFFER_CANCEL | TxType::OFFER_CREATE);
        self.order_facts(id, |order| {
            order.row.remaining = offer.after;
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
