//! What is seen at a ledger: the touch, the composition of the wallet, their rows; and the guards that judge them.
//! A touch that is not valid is no observation: rows hold nothing, never zero.

use super::{Engine, Phase};
use crate::book::Pico;
use crate::guards::hard_limits;
use crate::measure::value;
use crate::pool::Pool;
use crate::quote::Composition;
use crate::record::{InventoryRow, MarketRow, Record, ValuationRow};
use crate::reference::{Reference, reference};
use crate::side::Side;
use crate::step::{Hold, Mode, Step};
use units::{Exact, MicroBps, Price, Rounding};

/// A valid touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Observation {
    pub bid: Price,
    pub ask: Price,
    pub mid: Price,
    pub spread: MicroBps,
    /// What quotes are measured from; `None` when the mode wants a pool and there is none.
    pub reference: Option<Reference>,
}

impl Engine {
    /// The touch of others, or why there is none.
    pub(super) fn touch(&self) -> Result<Observation, Hold> {
        let (us, now, depth) = (self.identity.account, self.now(), self.config.min_touch_depth_rlusd);
        let bid = self.book.touch(Side::Buy, us, depth, now);
        let ask = self.book.touch(Side::Sell, us, depth, now);
        match (bid, ask) {
            (None, None) => Err(Hold::BookEmpty),
            (Some(_), None) => Err(Hold::BookOneSided { side: Side::Buy }),
            (None, Some(_)) => Err(Hold::BookOneSided { side: Side::Sell }),
            (Some(bid), Some(ask)) if bid >= ask => Err(Hold::BookCrossed { bid, ask }),
            (Some(bid), Some(ask)) => {
                let mid = bid.midpoint(ask);
                let spread = MicroBps(ask.relative_to(mid).get().saturating_sub(bid.relative_to(mid).get()));
                let reference = reference(&self.config, mid, self.pool.as_ref().and_then(Pool::price));
                Ok(Observation { bid, ask, mid, spread, reference })
            }
        }
    }

    /// How the wallet is composed at the last mid.
    pub(super) fn composition(&self) -> Option<Composition> {
        self.last_mid.map(|mid| Composition::of(self.wallet.xrp, &self.wallet.rlusd, mid))
    }

    /// Looks, remembers, and writes the three snapshots.
    pub(super) fn observe(&mut self, out: &mut Step) {
        let seen = self.touch().ok();
        match seen {
            Some(seen) => self.remember_mid(seen.mid),
            None => self.mids.clear(),
        }
        self.write_market(seen, out);
        self.write_inventory(seen, out);
        if let Some(seen) = seen {
            out.records.push(Record::ValuationSnapshot(ValuationRow {
                at: self.now(),
                ledger_index: self.cursor(),
                total_value_rlusd: value(self.wallet.xrp, &self.wallet.rlusd, seen.mid),
                net_deposits_rlusd_cum: self.session.net_deposits.clone(),
            }));
        }
    }

    fn remember_mid(&mut self, mid: Price) {
        self.last_mid = Some(mid);
        self.mids.push_back(mid);
        let keep =
            usize::try_from(self.config.momentum_lookback_ticks).unwrap_or(usize::MAX).saturating_add(1);
        while self.mids.len() > keep {
            self.mids.pop_front();
        }
        self.measure.mid(self.cursor(), mid);
        let waiting = std::mem::take(&mut self.session.unvalued);
        for xrp in waiting {
            let worth = &xrp * &mid.to_exact();
            self.session.deposited_value = &self.session.deposited_value + &worth;
            self.session.net_deposits = &self.session.net_deposits + &worth;
        }
        if self.session.opening_value.is_none() {
            self.session.opening_value =
                Some(value(self.session.opening_xrp, &self.session.opening_rlusd, mid));
        }
    }

    fn write_market(&mut self, seen: Option<Observation>, out: &mut Step) {
        let (us, now) = (self.identity.account, self.now());
        let exact = |pico: Pico| Exact::new(pico.into(), -12);
        let own = |side: Side| {
            let resting = self.orders.values().filter(|o| o.rests() && o.row.side == side);
            resting.map(|o| o.row.price).reduce(|a, b| match side {
                Side::Buy => a.max(b),
                Side::Sell => a.min(b),
            })
        };
        let (own_bid, own_ask) = (own(Side::Buy), own(Side::Sell));
        let depth = |side| seen.map(|_| exact(self.book.depth(side, us, now)));
        let ahead = |side, ours: Option<Price>| ours.map(|ours| exact(self.book.ahead(side, ours, us, now)));
        let bid_distance =
            seen.zip(own_bid).map(|(seen, own)| MicroBps::ZERO.saturating_sub(own.relative_to(seen.bid)));
        let ask_distance = seen.zip(own_ask).map(|(seen, own)| own.relative_to(seen.ask));
        out.records.push(Record::MarketSnapshot(MarketRow {
            at: now,
            ledger_index: self.cursor(),
            best_bid: seen.map(|s| s.bid),
            best_ask: seen.map(|s| s.ask),
            mid: seen.map(|s| s.mid),
            spread_bps: seen.map(|s| s.spread),
            reference: seen.and_then(|s| s.reference).map(|r| r.price),
            reference_source: seen.and_then(|s| s.reference).map(|r| r.source),
            pool_price: self.pool.as_ref().and_then(Pool::price),
            pool_fee: self.pool.map(|pool| pool.trading_fee),
            anchor_divergence_bps: seen.and_then(|s| s.reference).and_then(|r| r.divergence),
            bid_depth_rlusd: depth(Side::Buy),
            ask_depth_rlusd: depth(Side::Sell),
            own_bid,
            own_ask,
            bid_distance_bps: bid_distance,
            ask_distance_bps: ask_distance,
            bid_ahead_rlusd: ahead(Side::Buy, own_bid),
            ask_ahead_rlusd: ahead(Side::Sell, own_ask),
        }));
        for distance in [bid_distance, ask_distance].into_iter().flatten() {
            self.measure.distance(distance);
        }
    }

    fn write_inventory(&mut self, seen: Option<Observation>, out: &mut Step) {
        let now = self.now();
        let composition = seen.and_then(|_| self.composition());
        let drift = composition.as_ref().map(|c| c.drift().get());
        let velocity = drift.and_then(|drift| self.drift_velocity(drift));
        out.records.push(Record::InventorySnapshot(InventoryRow {
            at: now,
            ledger_index: self.cursor(),
            xrp_balance: self.wallet.xrp,
            rlusd_balance: self.wallet.rlusd.clone(),
            xrp_value_in_rlusd: composition.as_ref().map(|c| c.xrp_value.clone()),
            total_value_in_rlusd: composition.as_ref().map(|c| c.total.clone()),
            xrp_pct: composition.as_ref().map(|c| Exact::new(c.xrp_pct.get().into(), -6)),
            drift_pct: drift.map(|d| Exact::new(d.into(), -6)),
            skew_tier: composition.as_ref().map_or("", |c| c.tier()).to_owned(),
            drift_velocity_pct_per_min: velocity,
        }));
    }

    /// Change of the drift over the last minute, in points a minute.
    fn drift_velocity(&mut self, drift: i64) -> Option<Exact> {
        let now = self.now();
        self.drifts.push_back((now, drift));
        while self.drifts.get(1).is_some_and(|(at, _)| now.seconds_since(*at) >= 60) {
            self.drifts.pop_front();
        }
        let (then, before) = *self.drifts.front()?;
        let seconds = now.seconds_since(then);
        let change = Exact::new((i128::from(drift) - i128::from(before)).into(), -6);
        let per_minute = &change * &Exact::new(60.into(), 0);
        per_minute.divide(&Exact::new(seconds.into(), 0), 6, Rounding::HalfEven).ok()
    }

    /// Hard limits first, then what may lead out of DEGRADED, then the guards; each judges only what was observed now.
    pub(super) fn judge(&mut self, out: &mut Step) {
        if self.phase != Phase::Running {
            return;
        }
        let seen = self.touch().ok().and_then(|_| self.composition());
        let Some(now) = seen else { return self.judge_degraded(out) };
        let holding = self.holding_value();
        let halt = hard_limits(&self.config, &now, &self.wallet.rlusd, holding.as_ref());
        let halt = halt.or_else(|| {
            let at = self.header.map(|h| h.close_time).unwrap_or_default();
            self.drift.judge(&self.config, at)
        });
        if let Some((reason, detail)) = halt {
            return self.begin_stop(reason, &detail, true, out);
        }
        self.judge_degraded(out);
        let only = self.corridor.judge(&self.config, &now, &self.wallet.rlusd);
        if self.phase != Phase::Running || self.mode == Mode::Degraded {
            return;
        }
        let detail = format!("xrp_pct={} rlusd={}", now.xrp_pct, self.wallet.rlusd.to_fixed(6));
        match only {
            Some(side) => {
                self.set_mode(Mode::ReduceOnly, "corridor", None, &format!("{detail} only={side}"), out);
            }
            None => self.set_mode(Mode::Active, "corridor", None, &detail, out),
        }
    }
}
