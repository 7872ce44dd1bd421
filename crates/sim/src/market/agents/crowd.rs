//! The crowd: sixty accounts with tiny offers, each with its own habit, patience and distance. Most bid passively and
//! replace; some quote both sides with an expiry of two minutes; some place and forget. Two are poor: their orders fail
//! for want of reserve or of funds. Modelled on the fifty-odd small accounts of the recorded flow: 0.26 to 85 RLUSD, 2 to
//! 17 bps from the middle, resting 1 to 532 ledgers, a fee of 12 drops, 9 of about 60 orders failing.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 12;
/// Median size in RLUSD of the two kinds, deviation of its logarithm, and bounds.
const TINY: (f64, f64) = (1.5, 0.8);
const SMALL: (f64, f64) = (14.0, 0.8);
const SIZE_BOUNDS: (f64, f64) = (0.26, 85.0);
/// Ledgers between two looks: median and deviation of the logarithm, and bounds.
const PATIENCE: (f64, f64) = (14.0, 1.0);
const PATIENCE_BOUNDS: (f64, f64) = (2.5, 300.0);
const DISTANCE_BPS: (f64, f64) = (3.5, 13.0);
const EXPIRING_DISTANCE_BPS: (f64, f64) = (5.0, 17.1);
const TOLERANCE_BPS: f64 = 1.5;
const LIFE_SECONDS: u32 = 120;
/// Now and then one has the clock wrong: its offer is dead on arrival.
const LATE: f64 = 0.004;

/// All of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Crowd {
    draws: Draws,
    bots: Vec<Bot>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Habit {
    /// Bids passively, replaces.
    Bids,
    /// Asks passively, replaces.
    Asks,
    /// Both sides with an expiry, not passive, replaces.
    Expires,
    /// Places without replacing.
    Forgets,
}

#[derive(Clone, Serialize, Deserialize)]
struct Bot {
    habit: Habit,
    /// Chance to look in a ledger.
    looks: f64,
    distance_bps: f64,
    size: f64,
    bid: u32,
    ask: u32,
}

impl Crowd {
    /// A crowd of those habits that the seed gives.
    pub fn new(mut draws: Draws) -> Crowd {
        let bots = (0..Role::Bot.players()).map(|nth| Bot::new(nth, &mut draws)).collect();
        Crowd { draws, bots }
    }

    /// Lets those look who look.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        for (nth, bot) in self.bots.iter_mut().enumerate() {
            if self.draws.chance(bot.looks) {
                bot.tend(nth, scene, office, &mut self.draws);
            }
        }
    }
}

impl Bot {
    fn new(nth: usize, draws: &mut Draws) -> Bot {
        // The poor ones bid, and look often.
        let habit = match nth {
            0 | 1 => Habit::Bids,
            _ if nth % 10 < 5 => Habit::Bids,
            _ if nth % 10 < 6 => Habit::Asks,
            _ if nth % 10 < 9 => Habit::Expires,
            _ => Habit::Forgets,
        };
        let (median, deviation) = if habit == Habit::Expires { SMALL } else { TINY };
        let (distances, life) = match habit {
            Habit::Expires => (EXPIRING_DISTANCE_BPS, draws.log_normal(PATIENCE.0, 0.3)),
            _ => (DISTANCE_BPS, draws.log_normal(PATIENCE.0, PATIENCE.1)),
        };
        let patience = if nth < 2 { 4.0 } else { life.clamp(PATIENCE_BOUNDS.0, PATIENCE_BOUNDS.1) };
        Bot {
            habit,
            looks: 1.0 / patience,
            // The one short of reserve bids where it is seldom met, or it would soon have enough.
            distance_bps: if nth == 1 { 30.0 } else { draws.between(distances.0, distances.1) },
            size: draws.log_normal(median, deviation).clamp(SIZE_BOUNDS.0, SIZE_BOUNDS.1),
            bid: 0,
            ask: 0,
        }
    }

    fn tend(&mut self, nth: usize, scene: &Scene, office: &mut Office, draws: &mut Draws) {
        let sides: &[Side] = match self.habit {
            Habit::Bids => &[Side::Buy],
            Habit::Asks => &[Side::Sell],
            Habit::Expires => &Side::BOTH,
            Habit::Forgets if draws.chance(0.5) => &[Side::Buy],
            Habit::Forgets => &[Side::Sell],
        };
        office.at_desk(Role::Bot, nth, FEE_DROPS, |desk| {
            for side in sides {
                let own = if *side == Side::Buy { &mut self.bid } else { &mut self.ask };
                let target = side.away(scene.seen, self.distance_bps);
                let stands = desk
                    .resting(*own)
                    .is_some_and(|(price, _)| libm::fabs(price / target - 1.0) * 1e4 <= TOLERANCE_BPS);
                if stands {
                    continue;
                }
                // The one that is short of reserve lets its offers be, and always wants one more.
                let replaces = (self.habit != Habit::Forgets && nth != 1).then_some(*own);
                let late = draws.chance(LATE);
                let expires = match self.habit {
                    _ if late => Some(scene.now.0.saturating_sub(30)),
                    Habit::Expires => Some(scene.now.0.saturating_add(LIFE_SECONDS)),
                    _ => None,
                };
                let flags = if self.habit == Habit::Expires { 0 } else { flags::TF_PASSIVE };
                let size = self.size * draws.between(0.8, 1.25);
                let order = Order { flags, replaces, expires, ..Order::plain(*side, target, size) };
                *own = desk.place(order).unwrap_or(0);
            }
        });
    }
}
