//! The racers: eight accounts that watch for what has become too cheap or too dear and all send the same
//! immediate-or-cancel order at once. The first one in the canonical order gets it, the others are killed. Modelled on the
//! recorded groups of up to nine accounts with one limit price (15 of 19 such orders ended tecKILLED), 100 to
//! 14,300 RLUSD, a fee of 10 drops.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 10;
/// What an offer must be better than the value, in bps: below zero, as the recorded races went for offers near the middle
/// too, whatever they made of them elsewhere.
const EDGE_BPS: f64 = -2.5;
/// By how much an offer behind the touch must be better than the value to be taken along.
const STALE_BPS: f64 = 1.0;
/// Chance that anybody is awake, and then that each of them is.
const AWAKE: f64 = 0.6;
const EACH: f64 = 0.75;
/// Sizes: most send all they may, some little.
const LARGE: (f64, f64) = (8_900.0, 14_300.0);
const LITTLE: (f64, f64) = (100.0, 2_270.0);
const IS_LITTLE: f64 = 0.25;

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Racers {
    draws: Draws,
}

impl Racers {
    /// Before their first race.
    pub fn new(draws: Draws) -> Racers {
        Racers { draws }
    }

    /// Perhaps a race.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        let awake = self.draws.chance(AWAKE);
        let prize = Side::BOTH.into_iter().find_map(|side| {
            let price = scene.touch(side)?;
            (side.gain_bps(price, scene.fair) > EDGE_BPS).then_some((side, price))
        });
        let Some((side, touch)) = prize.filter(|_| awake) else {
            return;
        };
        // All compute the same limit: what they saw, or what has become too cheap or too dear behind it.
        let limit = side.away(scene.fair, STALE_BPS);
        let limit = if side.gain_bps(touch, limit) > 0.0 { limit } else { touch };
        for nth in 0..Role::Racer.players() {
            let (runs, little, unit) =
                (self.draws.chance(EACH), self.draws.chance(IS_LITTLE), self.draws.unit());
            if !runs {
                continue;
            }
            let (least, most) = if little { LITTLE } else { LARGE };
            let size = least + (most - least) * unit;
            let order = Order { flags: flags::TF_IMMEDIATE_OR_CANCEL, ..Order::plain(side, limit, size) };
            office.at_desk(Role::Racer, nth, FEE_DROPS, |desk| {
                desk.place(order);
            });
        }
    }
}
