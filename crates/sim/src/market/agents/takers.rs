//! The takers: they come at random and buy or sell at random, small and large, at once or with a limit that rests when it
//! is not met. They know nothing and lean against their own inventory. How often they come is set so that the consuming
//! transactions of the recorded ledgers are met; no recording shows who was a taker without knowledge.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 12;
/// Chance of an order of each of them in a ledger.
const ARRIVAL: f64 = 0.05;
/// Size in RLUSD: median and deviation of the logarithm, and bounds.
const SIZE: (f64, f64) = (120.0, 1.7);
const SIZE_BOUNDS: (f64, f64) = (1.0, 14_000.0);
/// How far through the touch they go: nothing to this much, in bps. With little of it they come too late now and then.
const REACH_BPS: f64 = 40.0;
/// This share of them are offers that may rest; they are placed at the touch and forgotten for a minute or two.
const RESTS: f64 = 0.25;
/// This share of the others wants all or nothing.
const ALL_OR_NOTHING: f64 = 0.08;
const THROUGH: f64 = 0.000_05;
const REST_SECONDS: (f64, f64) = (60.0, 300.0);

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Takers {
    draws: Draws,
}

impl Takers {
    /// Before their first order.
    pub fn new(draws: Draws) -> Takers {
        Takers { draws }
    }

    /// Each perhaps trades.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        for nth in 0..Role::Taker.players() {
            // The number of draws does not depend on what happens: the stream stays in step.
            let (comes, rests) = (self.draws.chance(ARRIVAL), self.draws.chance(RESTS));
            let (direction, size) = (self.draws.unit(), self.draws.log_normal(SIZE.0, SIZE.1));
            let all = self.draws.chance(ALL_OR_NOTHING);
            let (reach, life) = (self.draws.unit(), self.draws.between(REST_SECONDS.0, REST_SECONDS.1));
            if !comes {
                continue;
            }
            office.at_desk(Role::Taker, nth, FEE_DROPS, |desk| {
                let excess = (desk.xrp() / 5e6 - 1.0).clamp(-1.0, 1.0);
                let side = if direction < 0.5 - 5.0 * excess { Side::Buy } else { Side::Sell };
                let touch = scene.touch(side).unwrap_or(scene.seen);
                let size = size.clamp(SIZE_BOUNDS.0, SIZE_BOUNDS.1);
                let sells = if side == Side::Sell { flags::TF_SELL } else { 0 };
                let order = if rests {
                    let expires = Some(scene.now.0.saturating_add(life as u32));
                    // A little through the touch: at the touch itself rounding would leave it beside the other side's best.
                    let price =
                        if side == Side::Buy { touch * (1.0 + THROUGH) } else { touch * (1.0 - THROUGH) };
                    Order { flags: sells, expires, ..Order::plain(side, price, size) }
                } else {
                    let kind = if all { flags::TF_FILL_OR_KILL } else { flags::TF_IMMEDIATE_OR_CANCEL };
                    let bps = REACH_BPS * reach;
                    let limit =
                        if side == Side::Buy { touch * (1.0 + bps / 1e4) } else { touch * (1.0 - bps / 1e4) };
                    Order { flags: sells | kind, ..Order::plain(side, limit, size) }
                };
                desk.place(order);
            });
        }
    }
}
