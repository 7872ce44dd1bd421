//! A maker of one offer a side, 1,245 to 1,575 RLUSD, 8 to 12 bps from its middle, by tickets, replaced, dying after
//! 22 to 28 seconds, tfSell on asks. Modelled on rfPBiFvFeBQ9j5WJFqrDeTN1gsDW3Vrbqj: 10 of the 217 recorded orders, a fee of 30 drops.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use super::tickets::Tickets;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 30;
const DISTANCE_BPS: (f64, f64) = (8.0, 12.3);
const SIZE: (f64, f64) = (1_245.0, 1_575.0);
const LIFE_SECONDS: (f64, f64) = (22.0, 29.0);
/// It moves when its offer is off by more or gone, and then not always at once.
const TOLERANCE_BPS: f64 = 2.0;
const PROMPT: f64 = 0.45;

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pair {
    draws: Draws,
    tickets: Tickets,
    bid: (u32, f64),
    ask: (u32, f64),
}

impl Pair {
    /// Before its first order.
    pub fn new(draws: Draws) -> Pair {
        Pair { draws, tickets: Tickets::default(), bid: (0, 10.0), ask: (0, 10.0) }
    }

    /// Looks after both sides.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        office.at_desk(Role::Pair, 0, FEE_DROPS, |desk| {
            for (side, (sequence, distance)) in [(Side::Buy, &mut self.bid), (Side::Sell, &mut self.ask)] {
                let target = side.away(scene.seen, *distance);
                let stands = desk
                    .resting(*sequence)
                    .is_some_and(|(price, _)| libm::fabs(price / target - 1.0) * 1e4 <= TOLERANCE_BPS);
                if stands || !self.draws.chance(PROMPT) {
                    continue;
                }
                *distance = self.draws.between(DISTANCE_BPS.0, DISTANCE_BPS.1);
                let life = self.draws.between(LIFE_SECONDS.0, LIFE_SECONDS.1) as u32;
                let order = Order {
                    flags: if side == Side::Sell { flags::TF_SELL } else { 0 },
                    replaces: Some(*sequence),
                    ticket: self.tickets.take(desk),
                    expires: Some(scene.now.0.saturating_add(life)),
                    ..Order::plain(side, side.away(scene.seen, *distance), self.draws.between(SIZE.0, SIZE.1))
                };
                *sequence = desk.place(order).unwrap_or(0);
            }
            self.tickets.refill(desk, 4, 20);
        });
    }
}
