//! The agent that takes: it comes at random, buys or sells at random, at the market (ImmediateOrCancel), mostly a few tens
//! of RLUSD, sometimes through several levels. It leans against its own inventory, so that this never runs out.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::draw::Draws;
use super::orders::{Desk, Order, Side};

/// Chance of an order in a ledger: one about every three ledgers.
const ARRIVAL: f64 = 0.36;
/// Chance that another follows at once.
const SECOND: f64 = 0.15;
/// Median size in RLUSD, and the deviation of its logarithm.
const MEDIAN_SIZE: f64 = 55.0;
const SIZE_DEVIATION: f64 = 1.1;
const SIZE_BOUNDS: (f64, f64) = (3.0, 2_500.0);
/// The worst price taken, from the fair value.
const SLIPPAGE: f64 = 0.02;

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Taker {
    draws: Draws,
}

impl Taker {
    /// A taker that has not traded yet.
    pub fn new(draws: Draws) -> Taker {
        Taker { draws }
    }

    /// Perhaps trades.
    pub fn act(&mut self, fair: f64, desk: &mut Desk) {
        // The number of draws does not depend on what happens: the stream stays in step.
        let (arrives, again) = (self.draws.unit() < ARRIVAL, self.draws.unit() < SECOND);
        for comes in [arrives, arrives && again] {
            let (direction, size) = (self.draws.unit(), self.draws.normal());
            if comes {
                self.trade(fair, desk, direction, size);
            }
        }
    }

    fn trade(&self, fair: f64, desk: &mut Desk, direction: f64, size: f64) {
        let start = super::AGENT_XRP.get() as f64 / 1e6;
        let excess = (desk.xrp() / start - 1.0).clamp(-1.0, 1.0);
        let side = if direction < 0.5 - 5.0 * excess { Side::Buy } else { Side::Sell };
        let size = (MEDIAN_SIZE * libm::exp(SIZE_DEVIATION * size)).clamp(SIZE_BOUNDS.0, SIZE_BOUNDS.1);
        let (price, sells) = match side {
            Side::Buy => (fair * (1.0 + SLIPPAGE), 0),
            Side::Sell => (fair * (1.0 - SLIPPAGE), flags::TF_SELL),
        };
        let flags = flags::TF_IMMEDIATE_OR_CANCEL | sells;
        desk.place(Order { side, price, size, flags, replaces: None });
    }
}
