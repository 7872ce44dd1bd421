//! From what is wanted to what is sent: wanted less resting gives actions; each goes through the risk check; what
//! passes gets a sequence, a fee within the cap and a last ledger.

use super::observe::Observation;
use super::{Engine, PENDING_MAX, Pending, Phase};
use crate::orders::Order;
use crate::quote::{Spendable, is_suppressed, momentum, wanted};
use crate::record::{OrderRow, Record, SubmissionRow};
use crate::risk::{Approved, Draft, RiskView, approve_cancel, approve_offer};
use crate::side::{Legs, OrderId, OrderStatus, Side};
use crate::step::{ActionLine, Effect, Hold, Intent, IntentBody, Level, Mode, SideHold, Step, Wanted};
use units::{Drops, Exact, IssuedValue, MicroBps, Rounding};

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
        out.decision.reference = Some(seen.mid);
        let targets = Side::BOTH.map(|side| (side, self.target(side, &seen)));
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
    }

    /// The touch to quote on, or the hold that forbids quoting.
    fn why_hold(&self) -> Result<Observation, Hold> {
        if self.mode == Mode::Degraded {
            return Err(Hold::Degraded);
        }
        let seen = self.touch()?;
        if seen.spread > self.config.max_spread_bps {
            return Err(Hold::SpreadTooWide {
                spread_bps: seen.spread,
                limit_bps: self.config.max_spread_bps,
            });
        }
        let fee = self.header.map_or(Drops::ZERO, |h| h.fee_base_drops);
        if fee > self.config.max_fee_drops {
            return Err(Hold::FeeAboveCap {
                fee_drops: fee,
                cap_drops: self.config.max_fee_drops,
            });
        }
        Ok(seen)
    }

    /// What is wanted on a side, before the risk check.
    fn target(&self, side: Side, seen: &Observation) -> Result<Wanted, SideHold> {
        let composition = self.composition().ok_or(SideHold::NotAnOffer)?;
        if self.mode == Mode::ReduceOnly {
            let restores = if composition.drift().get() > 0 {
                Side::Sell
            } else {
                Side::Buy
            };
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
        wanted(&self.config, side, seen.mid, composition.drift(), spendable).map_err(|available| {
            match available {
                Some(available_rlusd) => SideHold::Unfunded { available_rlusd },
                None => SideHold::NotAnOffer,
            }
        })
    }

    /// What can be given: RLUSD as it is, XRP above the reserve and what cancels may cost.
    fn spendable(&self) -> Spendable {
        let keep = self
            .reserve_with_one_more()
            .saturating_add(self.config.fee_buffer_drops);
        let rlusd = self
            .wallet
            .rlusd
            .to_issued(Rounding::Down)
            .unwrap_or(IssuedValue::ZERO);
        Spendable {
            rlusd,
            xrp: self.wallet.xrp.saturating_sub(keep).max(Drops::ZERO),
        }
    }

    /// The reserve with every placement on its way and one more.
    fn reserve_with_one_more(&self) -> Drops {
        let Some(header) = self.header else {
            return Drops::MAX;
        };
        let coming = self.pending.values().filter(|p| p.places.is_some()).count();
        let objects =
            i64::from(self.wallet.owner_count).saturating_add(i64::try_from(coming).unwrap_or(0) + 1);
        let inc = header.reserve_inc_drops.get().saturating_mul(objects);
        Drops::new(header.reserve_base_drops.get().saturating_add(inc)).unwrap_or(Drops::MAX)
    }

    fn act_on(&mut self, targets: &[(Side, Result<Wanted, SideHold>); 2], out: &mut Step) {
        let mut requotes: Vec<(Wanted, Requote)> = Vec::new();
        for (side, target) in targets {
            if self.is_in_flight(*side) {
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
                    let kept = if resting.is_empty() {
                        None
                    } else {
                        Some(resting.remove(0))
                    };
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
        let calm = requotes
            .iter()
            .min_by_key(|(wanted, _)| Some(wanted.side) == self.last_requoted);
        let chosen = if urgent.is_empty() {
            calm.into_iter().collect()
        } else {
            urgent
        };
        for (wanted, requote) in chosen {
            self.last_requoted = Some(wanted.side);
            self.replace(wanted, *requote, out);
        }
    }

    /// Something of ours on this side is between us and a validated ledger.
    fn is_in_flight(&self, side: Side) -> bool {
        self.pending.values().any(|p| p.side.is_none_or(|s| s == side))
    }

    /// Orders that rest on a side; offers nobody can explain last, the freshest of the rest first.
    fn resting_on(&self, side: Side) -> Vec<OrderId> {
        let mut orders: Vec<&Order> = self
            .orders
            .values()
            .filter(|o| o.rests() && o.row.side == side)
            .collect();
        orders.sort_by_key(|o| (o.is_found, std::cmp::Reverse(o.row.order_id)));
        orders.iter().map(|o| o.row.order_id).collect()
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
        Some(Requote {
            order: id,
            sequence: order.row.offer_sequence,
            why,
            is_urgent,
        })
    }

    fn place(&mut self, wanted: &Wanted, replaces: Option<(OrderId, u32)>, why: &str, out: &mut Step) {
        if self.pending.len() >= PENDING_MAX {
            return;
        }
        if self
            .back_off
            .get(&wanted.side)
            .is_some_and(|until| self.cursor() < *until)
        {
            // The ledger refused an offer of this side a moment ago; one that is too near must still go.
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

    fn replace(&mut self, wanted: &Wanted, requote: Requote, out: &mut Step) {
        self.order_facts(requote.order, |order| {
            order.row.cancel_reason = Some(requote.why.to_owned())
        });
        self.place(wanted, Some((requote.order, requote.sequence)), requote.why, out);
    }

    fn risk_view(&self) -> Option<RiskView> {
        let now = self.now();
        let live = self.orders.values().filter(|o| !o.row.status.is_final());
        let us = self.identity.account;
        Some(RiskView {
            xrp_value: self.composition()?.xrp_value,
            rlusd: self.wallet.rlusd.clone(),
            xrp: self.wallet.xrp,
            reserve_with_one_more: self.reserve_with_one_more(),
            fee: self.fee(),
            live: live.map(|o| (o.row.side, o.row.remaining)).collect(),
            nearest_bid: self.book.nearest(Side::Buy, us, now),
            nearest_ask: self.book.nearest(Side::Sell, us, now),
        })
    }

    /// What the network asks, within our cap.
    fn fee(&self) -> Drops {
        let asked = self
            .header
            .map_or(self.config.max_fee_drops, |h| h.fee_base_drops);
        asked.clamp(Drops::ZERO, self.config.max_fee_drops)
    }

    /// Takes everything down that rests and is not on its way out.
    pub(super) fn cancel_all(&mut self, why: &str, out: &mut Step) {
        for id in self.resting() {
            self.cancel(id, why, out);
        }
    }

    pub(super) fn cancel(&mut self, id: OrderId, why: &str, out: &mut Step) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        let sequence = order.row.offer_sequence;
        if self.pending.values().any(|p| p.ends == Some(sequence)) {
            return;
        }
        order.row.cancel_reason = Some(why.to_owned());
        let approved = approve_cancel(Some((id, order.row.side)), sequence, why);
        self.submit(&approved, out);
    }

    /// Gives an approved draft its place in the ledger's queue and writes everything down.
    fn submit(&mut self, approved: &Approved<Draft>, out: &mut Step) {
        let Some(sequence) = self.next_sequence() else {
            return out.log(Level::Error, "submit", "no sequence is left");
        };
        let draft = approved.get();
        let (intent_id, index) = (self.next_intent, self.cursor());
        self.next_intent += 1;
        let last_ledger_sequence = index.plus(self.config.last_ledger_offset);
        let (places, ends, side, why) = match draft {
            Draft::Offer {
                side, replaces, why, ..
            } => {
                let id = OrderId {
                    ledger_index: index.get(),
                    sequence,
                };
                (Some(id), replaces.map(|(_, s)| s), Some(*side), why)
            }
            Draft::Cancel {
                order,
                offer_sequence,
                why,
            } => (None, Some(*offer_sequence), order.map(|(_, side)| side), why),
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
        };
        let legs = match draft {
            Draft::Offer { legs, .. } => Some(*legs),
            Draft::Cancel { .. } => None,
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
            Draft::Offer { .. } => None,
        });
        out.records.push(Record::SubmissionIntent(SubmissionRow {
            intent_id,
            purpose: draft.purpose(),
            at: self.now(),
            ledger_index: index,
            sequence,
            fee_drops: self.fee(),
            last_ledger_sequence,
            order_id: about,
            ends_offer: ends,
        }));
        if let (
            Some(id),
            Draft::Offer {
                side,
                legs,
                replaces,
                expiration,
                ..
            },
        ) = (places, draft)
        {
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
        let intent = Intent {
            intent_id,
            purpose: draft.purpose(),
            sequence,
            fee_drops: self.fee(),
            last_ledger_sequence,
            body,
        };
        self.pending.insert(intent_id, pending);
        out.effects.push(Effect::Submit(intent));
    }

    fn body_of(&self, draft: &Draft, places: Option<OrderId>) -> IntentBody {
        match draft {
            Draft::Offer {
                side,
                legs,
                expiration,
                replaces,
                ..
            } => IntentBody::Offer {
                order_id: places.unwrap_or(OrderId {
                    ledger_index: self.cursor().get(),
                    sequence: 0,
                }),
                side: *side,
                legs: *legs,
                expiration: *expiration,
                replaces: replaces.map(|(_, sequence)| sequence),
            },
            Draft::Cancel {
                order,
                offer_sequence,
                ..
            } => IntentBody::Cancel {
                order_id: order.map(|(id, _)| id),
                offer_sequence: *offer_sequence,
            },
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the facts of a new order, each named at the one call"
    )]
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
        };
        self.orders.insert(order_id, order);
        self.measure.figures.orders = self.measure.figures.orders.saturating_add(1);
        self.write_order(order_id, now, out);
    }
}
