//! The maker nearest to the touch: one offer of about 10,000 RLUSD a side, 6 to 10 bps from its middle, tfSell on asks,
//! moved by replacement or by placing anew and cancelling later. Modelled on rm9oxnf2QRUckx5YDVYHMCN1stbu1ngjW: 11 of the
//! 217 recorded orders, a fee of 15 drops, 6 of 11 replacing; its replaced offers were 1 to 10 ledgers old.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Desk, Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 15;
const DISTANCE_BPS: (f64, f64) = (6.0, 10.0);
const SIZE: (f64, f64) = (9_989.0, 10_009.0);
/// Seldom it places more, further away.
const LARGE: (f64, f64, f64) = (0.03, 41_088.0, 21.0);
/// It moves when its offer is off by more, and then not always at once.
const TOLERANCE_BPS: f64 = 2.0;
const PROMPT: f64 = 0.5;
/// It replaces this often; else it places anew and cancels what was there a ledger later.
const REPLACES: f64 = 0.6;
/// After it lost more than this share of an offer it stays away for some ledgers.
const BITTEN: f64 = 0.7;
const AWAY_LEDGERS: (f64, f64) = (4.0, 30.0);

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Touch {
    draws: Draws,
    bid: Quote,
    ask: Quote,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Quote {
    sequence: u32,
    /// An older one, to be cancelled.
    left: u32,
    size: f64,
    distance_bps: f64,
    away_ledgers: u32,
}

impl Touch {
    /// Before its first order.
    pub fn new(draws: Draws) -> Touch {
        Touch { draws, bid: Quote::default(), ask: Quote::default() }
    }

    /// Looks after both sides.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        office.at_desk(Role::Touch, 0, FEE_DROPS, |desk| {
            for (side, quote) in [(Side::Buy, &mut self.bid), (Side::Sell, &mut self.ask)] {
                quote.tend(side, scene, desk, &mut self.draws);
            }
        });
    }
}

impl Quote {
    fn tend(&mut self, side: Side, scene: &Scene, desk: &mut Desk, draws: &mut Draws) {
        if self.left != 0 {
            if desk.resting(self.left).is_some() {
                desk.cancel(self.left);
            }
            self.left = 0;
        }
        let current = desk.resting(self.sequence);
        let remains = current.map_or(0.0, |(_, left)| left);
        if self.sequence != 0 && remains < BITTEN * self.size {
            if current.is_some() {
                desk.cancel(self.sequence);
            }
            self.sequence = 0;
            self.away_ledgers = draws.between(AWAY_LEDGERS.0, AWAY_LEDGERS.1) as u32;
        }
        if self.away_ledgers > 0 {
            self.away_ledgers -= 1;
            return;
        }
        let target = side.away(scene.seen, self.distance_bps);
        let stands =
            current.is_some_and(|(price, _)| libm::fabs(price / target - 1.0) * 1e4 <= TOLERANCE_BPS);
        if stands || !draws.chance(PROMPT) {
            return;
        }
        let large = draws.chance(LARGE.0);
        self.distance_bps = if large { LARGE.2 } else { draws.between(DISTANCE_BPS.0, DISTANCE_BPS.1) };
        self.size = if large { LARGE.1 } else { draws.between(SIZE.0, SIZE.1) };
        let replaces = draws.chance(REPLACES).then_some(self.sequence);
        let price = libm::round(side.away(scene.seen, self.distance_bps) * 1e5) / 1e5;
        let flags = if side == Side::Sell { flags::TF_SELL } else { 0 };
        let order = Order { flags, replaces, ..Order::plain(side, price, self.size) };
        let placed = desk.place(order).unwrap_or(0);
        if replaces.is_none() {
            self.left = self.sequence;
        }
        self.sequence = placed;
    }
}
