//! A maker that plants four or five levels a side without replacing anything, and some ledgers later pulls them all out by
//! OfferCancel. Modelled on rLtCVnojydtQy7GYGTmDegkM15hLX8VuZk: 20 of the 217 recorded orders, 0 to 1,563 RLUSD, 6 to
//! 65 bps from the middle; its cancelled offers were 5 ledgers old, one 21.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 12;
/// Chance to pull out and plant anew in a ledger; less when nothing moved.
const PLANTS: f64 = 0.15;
/// Distance of the first level, and from one to the next.
const FIRST_BPS: (f64, f64) = (6.0, 20.0);
const STEP_BPS: (f64, f64) = (5.0, 15.0);
/// Sizes of bids and asks.
const BIDS: (f64, f64) = (780.0, 1_570.0);
const ASKS: (f64, f64) = (415.0, 640.0);

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Planter {
    draws: Draws,
    planted: Vec<u32>,
}

impl Planter {
    /// Before its first order.
    pub fn new(draws: Draws) -> Planter {
        Planter { draws, planted: Vec::new() }
    }

    /// Perhaps plants.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        if !self.draws.chance(PLANTS) {
            return;
        }
        office.at_desk(Role::Planter, 0, FEE_DROPS, |desk| {
            for sequence in std::mem::take(&mut self.planted) {
                if desk.resting(sequence).is_some() {
                    desk.cancel(sequence);
                }
            }
            for side in Side::BOTH {
                let mut distance = self.draws.between(FIRST_BPS.0, FIRST_BPS.1);
                let levels = if self.draws.chance(0.5) { 4 } else { 5 };
                for _ in 0..levels {
                    let (sizes, flags) = match side {
                        Side::Buy => (BIDS, 0),
                        Side::Sell => (ASKS, flags::TF_SELL),
                    };
                    let size = self.draws.between(sizes.0, sizes.1);
                    let order = Order { flags, ..Order::plain(side, side.away(scene.seen, distance), size) };
                    self.planted.extend(desk.place(order));
                    distance += self.draws.between(STEP_BPS.0, STEP_BPS.1);
                }
            }
        });
    }
}
