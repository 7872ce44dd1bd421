//! From what is wanted to what is sent: wanted less resting gives actions; each goes through the risk check; what
//! passes gets a sequence, a fee within the cap and a last ledger.

use super::observe::Observation;
use super::{Engine, Phase};
use crate::orders::Order;
use crate::quote::{Spendable, is_suppressed, momentum, wanted};
use crate::side::{OrderId, Side};
use crate::step::{Hold, Mode, SideHold, Step, Wanted};
use units::{Drops, Exact, IssuedValue, MicroBps, Price, Rounding};

/// Why a resting offer is to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Requote {
    order: OrderId,
    sequence: u32,
    why: &'static str,
    is_urgent: bool,
}

impl Engine {
    /// Decides what to quote now and does what that needs.
    pub(super) fn decide(&mut self, out: &mut Step) {
        if self.phase != Phase::Running {
            self.hold = Some(Hold::Stopping);
            return;
        }
        let seen = match self.why_hold() {
            Ok(seen) => seen,
            Err(hold) => {
                let why = hold.to_string();
                self.hold = Some(hold);
                return self.cancel_all(why.split(' ').next().unwrap_or("hold"), out);
            }
        };
        self.hold = None;
        let Some(reference) = seen.reference.map(|reference| reference.price) else { return };
        out.decision.reference = Some(reference);
        out.decision.reference_source = seen.reference.map(|reference| reference.source);
        let targets = Side::BOTH.map(|side| (side, self.target(side, reference)));
        for (side, target) in &targets {
            match target {
                Ok(wanted) => out.decision.wanted.push(*wanted),
                Err(hold) => {
                    if matches!(hold, SideHold::Momentum { .. }) {
                        let count = &mut self.measure.figures.momentum_suppressions;
                        *count = count.saturating_add(1);
                    }
                    out.decision.side_holds.push((*side, hold.clone()));
                }
            }
        }
        self.act_on(&targets, out);
        self.refill_tickets(out);
    }

    /// The touch to quote on, or the hold that forbids quoting.
    fn why_hold(&self) -> Result<Observation, Hold> {
        if self.mode == Mode::Degraded {
            return Err(Hold::Degraded);
        }
        if let Some(offer) = self.searched_offer() {
            return Err(Hold::OrderSearched { offer });
        }
        let seen = self.touch()?;
        if seen.spread > self.config.max_spread_bps {
            return Err(Hold::SpreadTooWide {
                spread_bps: seen.spread,
                limit_bps: self.config.max_spread_bps,
            });
        }
        if seen.reference.is_none() {
            return Err(Hold::PoolUnknown);
        }
        let fee = self.header.map_or(Drops::ZERO, |h| h.fee_base_drops);
        if fee > self.config.max_fee_drops {
            return Err(Hold::FeeAboveCap { fee_drops: fee, cap_drops: self.config.max_fee_drops });
        }
        Ok(seen)
    }

    /// What is wanted on a side, before the risk check.
    fn target(&self, side: Side, reference: Price) -> Result<Wanted, SideHold> {
        let composition = self.composition().ok_or(SideHold::NotAnOffer)?;
        if self.mode == Mode::ReduceOnly {
            let restores = if composition.drift().get() > 0 { Side::Sell } else { Side::Buy };
            if side != restores {
                return Err(SideHold::ReduceOnly);
            }
        }
        if let Some(move_bps) = momentum(&self.config, &self.mids)
            && is_suppressed(&self.config, side, move_bps)
        {
            return Err(SideHold::Momentum { move_bps });
        }
        let spendable = self.spendable();
        wanted(&self.config, side, reference, composition.drift(), spendable).map_err(|available| {
            match available {
                Some(available_rlusd) => SideHold::Unfunded { available_rlusd },
                None => SideHold::NotAnOffer,
            }
        })
    }

    /// What can be given: RLUSD as it is, XRP above the reserve and what cancels may cost.
    fn spendable(&self) -> Spendable {
        let keep = self.reserve_with_one_more().saturating_add(self.config.fee_buffer_drops);
        let rlusd = self.wallet.rlusd.to_issued(Rounding::Down).unwrap_or(IssuedValue::ZERO);
        Spendable { rlusd, xrp: self.wallet.xrp.saturating_sub(keep).max(Drops::ZERO) }
    }

    fn act_on(&mut self, targets: &[(Side, Result<Wanted, SideHold>); 2], out: &mut Step) {
        let mut requotes: Vec<(Wanted, Requote)> = Vec::new();
        for (side, target) in targets {
            if self.is_in_flight(*side) {
                self.rescue(*side, target, out);
                continue;
            }
            let mut resting = self.resting_on(*side);
            match target {
                Err(hold) => {
                    let why = hold.to_string();
                    for id in resting {
                        self.cancel(id, why.split(' ').next().unwrap_or("hold"), out);
                    }
                }
                Ok(wanted) => {
                    let kept = if resting.is_empty() { None } else { Some(resting.remove(0)) };
                    for extra in resting {
                        self.cancel(extra, "one_offer_a_side", out);
                    }
                    match kept {
                        None => self.place(wanted, None, "missing", out),
                        Some(id) => requotes.extend(self.requote_of(id, wanted).map(|r| (*wanted, r))),
                    }
                }
            }
        }
        self.requote(&requotes, out);
    }

    /// Prices that are too near go at once; else one side a tick, and the sides take turns.
    fn requote(&mut self, requotes: &[(Wanted, Requote)], out: &mut Step) {
        let urgent: Vec<_> = requotes.iter().filter(|(_, requote)| requote.is_urgent).collect();
        let calm = requotes.iter().min_by_key(|(wanted, _)| Some(wanted.side) == self.last_requoted);
        let chosen = if urgent.is_empty() { calm.into_iter().collect() } else { urgent };
        for (wanted, requote) in chosen {
            self.last_requoted = Some(wanted.side);
            self.replace(wanted, *requote, out);
        }
    }

    /// Something of ours on this side is between us and a validated ledger.
    fn is_in_flight(&self, side: Side) -> bool {
        self.pending.values().any(|p| p.is_on(side))
    }

    /// Orders that rest on a side; offers nobody can explain last, the freshest of the rest first.
    pub(super) fn resting_on(&self, side: Side) -> Vec<OrderId> {
        let mut orders: Vec<&Order> =
            self.orders.values().filter(|o| o.rests() && o.row.side == side).collect();
        orders.sort_by_key(|o| (o.is_found, std::cmp::Reverse(o.row.order_id)));
        orders.iter().map(|o| o.row.order_id).collect()
    }

    /// Why a resting offer cannot wait to be replaced, if so.
    pub(super) fn urgent_reason(&self, id: OrderId, wanted: &Wanted) -> Option<&'static str> {
        self.requote_of(id, wanted).filter(|requote| requote.is_urgent).map(|requote| requote.why)
    }

    /// Whether replacing a resting offer pays, and why.
    fn requote_of(&self, id: OrderId, wanted: &Wanted) -> Option<Requote> {
        let order = self.orders.get(&id)?;
        let ahead = order.row.price.relative_to(wanted.price);
        let aggressive = match wanted.side {
            Side::Buy => ahead,
            Side::Sell => MicroBps::ZERO.saturating_sub(ahead),
        };
        let half = &Exact::from(wanted.legs.quote) * &Exact::new(5.into(), -1);
        let left = order.row.expiration.map(|end| end.seconds_since(self.now()));
        let (why, is_urgent) = if aggressive >= self.config.requote_tolerance_aggressive_bps {
            ("too_aggressive", true)
        } else if order.is_found {
            ("not_ours", true)
        } else if aggressive.get() <= -self.config.requote_tolerance_passive_bps.get() {
            ("too_passive", false)
        } else if Exact::from(order.row.remaining.quote) < half {
            ("half_size", false)
        } else if left.is_none_or(|seconds| seconds <= self.config.offer_refresh_seconds) {
            ("ttl", false)
        } else {
            return None;
        };
        Some(Requote { order: id, sequence: order.row.offer_sequence, why, is_urgent })
    }

    fn replace(&mut self, wanted: &Wanted, requote: Requote, out: &mut Step) {
        self.order_facts(requote.order, |order| order.row.cancel_reason = Some(requote.why.to_owned()));
        self.place(wanted, Some((requote.order, requote.sequence)), requote.why, out);
    }
}
