//! The agent that makes: four levels a side around the fair value, moved by atomic replacement. Its half-spread wanders
//! between 6 and 16 bps on each side by itself, so that another maker at 10 to 14 bps is sometimes best, sometimes behind.

use serde::{Deserialize, Serialize};

use super::draw::Draws;
use super::orders::{Desk, Order, Side, resting};

const LEVELS: usize = 4;
/// Bounds of the innermost level, in bps of the fair value.
const INNER_BPS: (f64, f64) = (6.0, 16.0);
/// How much of its distance from the middle the half-spread keeps each ledger, and how far it jumps.
const SPREAD_PERSISTENCE: f64 = 0.93;
const SPREAD_DEVIATION: f64 = 1.3;
/// Distance from one level to the next, in bps.
const STEP_BPS: (f64, f64) = (4.0, 9.0);
/// Size of the innermost level in RLUSD, and how much each further one is larger.
const INNER_SIZE: (f64, f64) = (15.0, 60.0);
const SIZE_GROWTH: f64 = 2.2;
/// A level is moved when it is off by more, or less than half of it is left.
const TOLERANCE_BPS: f64 = 1.5;

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Maker {
    draws: Draws,
    bids: SideQuotes,
    asks: SideQuotes,
    last_fair: f64,
}

#[derive(Clone, Serialize, Deserialize)]
struct SideQuotes {
    inner_bps: f64,
    levels: [Level; LEVELS],
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Level {
    /// Sequence of the resting offer, 0 for none.
    sequence: u32,
    /// Distance to the level before it.
    step_bps: f64,
    size: f64,
}

impl Maker {
    /// A maker that has not quoted yet.
    pub fn new(mut draws: Draws) -> Maker {
        let mut side = || {
            let mut levels = [Level::default(); LEVELS];
            let mut growth = 1.0;
            for level in &mut levels {
                level.step_bps = draws.between(STEP_BPS.0, STEP_BPS.1);
                level.size = growth * draws.between(INNER_SIZE.0, INNER_SIZE.1);
                growth *= SIZE_GROWTH;
            }
            SideQuotes { inner_bps: draws.between(INNER_BPS.0, INNER_BPS.1), levels }
        };
        let (bids, asks) = (side(), side());
        Maker { draws, bids, asks, last_fair: 0.0 }
    }

    /// Moves what has to be moved. The side that makes room goes first, so that the agent never meets itself.
    pub fn act(&mut self, fair: f64, desk: &mut Desk) {
        for side in [&mut self.bids, &mut self.asks] {
            let middle = (INNER_BPS.0 + INNER_BPS.1) / 2.0;
            let moved = middle
                + SPREAD_PERSISTENCE * (side.inner_bps - middle)
                + SPREAD_DEVIATION * self.draws.normal();
            side.inner_bps = moved.clamp(INNER_BPS.0, INNER_BPS.1);
        }
        let rising = fair >= self.last_fair;
        self.last_fair = fair;
        for side in if rising { [Side::Sell, Side::Buy] } else { [Side::Buy, Side::Sell] } {
            let quotes = match side {
                Side::Buy => &mut self.bids,
                Side::Sell => &mut self.asks,
            };
            quotes.requote(side, fair, desk, &mut self.draws);
        }
    }
}

impl SideQuotes {
    fn requote(&mut self, side: Side, fair: f64, desk: &mut Desk, draws: &mut Draws) {
        let mut distance_bps = self.inner_bps;
        let mut growth = 1.0;
        for (nth, level) in self.levels.iter_mut().enumerate() {
            if nth > 0 {
                distance_bps += level.step_bps;
                growth *= SIZE_GROWTH;
            }
            let price = match side {
                Side::Buy => fair * (1.0 - distance_bps / 1e4),
                Side::Sell => fair * (1.0 + distance_bps / 1e4),
            };
            let current =
                (level.sequence != 0).then(|| desk.offer(level.sequence)).flatten().and_then(resting);
            let stands = current.is_some_and(|(at, left)| {
                libm::fabs(at / price - 1.0) * 1e4 <= TOLERANCE_BPS && left >= level.size / 2.0
            });
            if stands {
                continue;
            }
            level.size = growth * draws.between(INNER_SIZE.0, INNER_SIZE.1);
            let replaces = current.map(|_| level.sequence);
            let order = Order { side, price, size: level.size, flags: 0, replaces };
            level.sequence = desk.place(order).unwrap_or(0);
        }
    }
}
