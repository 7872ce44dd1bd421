//! The arbitrageurs: partial payments to themselves with a limit of quality, from XRP to RLUSD or back, through whatever
//! of pool and book is better than that limit. Modelled on rapido5rxPmP4YkMZZEeXSHqWefxHEkqv6 and three others: 14 of the
//! 217 recorded transactions, one of which swept 18 tiny bids and 95 XRP of the pool; 2 of 14 found nothing.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Money, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 10;
/// What the pool or the book must be better than the value, in bps.
const POOL_EDGE_BPS: f64 = 0.7;
const BOOK_EDGE_BPS: f64 = 0.4;
/// Chance of each to act on it in a ledger, and to try without having seen anything.
const ACTS: f64 = 0.8;
const BLIND: f64 = 0.02;
/// What XRP is worth to each by its own way through other currencies wanders around the value: what it keeps of its
/// distance each ledger, and how far it jumps, in bps.
const OPINION: (f64, f64) = (0.8, 2.8);
/// XRP added to what the pool gives, for the book; the same alone when blind.
const BOOK_XRP: (f64, f64) = (20.0, 140.0);

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Arbitrageur {
    draws: Draws,
    opinions_bps: [f64; Role::Arbitrageur.players()],
}

impl Arbitrageur {
    /// Before their first payment.
    pub fn new(draws: Draws) -> Arbitrageur {
        Arbitrageur { draws, opinions_bps: [0.0; Role::Arbitrageur.players()] }
    }

    /// Each perhaps pays itself.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        for (nth, opinion_bps) in self.opinions_bps.iter_mut().enumerate() {
            *opinion_bps = OPINION.0 * *opinion_bps + OPINION.1 * self.draws.normal();
            let worth = scene.fair * (1.0 + *opinion_bps / 1e4);
            let (acts, blind) = (self.draws.chance(ACTS), self.draws.chance(BLIND));
            let (unit, book) = (self.draws.unit(), self.draws.between(BOOK_XRP.0, BOOK_XRP.1));
            let first = if unit < 0.5 { Side::Buy } else { Side::Sell };
            let chance = Side::BOTH.into_iter().find_map(|side| {
                let depth = scene.pool.map_or(0.0, |pool| pool.until(side, side.away(worth, POOL_EDGE_BPS)));
                let seen = scene.touch(side).is_some_and(|at| side.gain_bps(at, worth) > BOOK_EDGE_BPS);
                (depth > 1.0 || seen).then_some((side, depth + book))
            });
            let (side, xrp) = match chance {
                Some(found) if acts => found,
                None if blind => (first, book),
                _ => continue,
            };
            let limit = side.away(worth, BOOK_EDGE_BPS);
            let (deliver, spend) = match side {
                Side::Buy => (Money::Xrp(xrp), Money::Rlusd(xrp * limit)),
                Side::Sell => (Money::Rlusd(xrp * limit), Money::Xrp(xrp)),
            };
            office.at_desk(Role::Arbitrageur, nth, FEE_DROPS, |desk| {
                let own = desk.account();
                desk.exchange(own, deliver, spend, flags::TF_PARTIAL_PAYMENT | flags::TF_LIMIT_QUALITY);
            });
        }
    }
}
