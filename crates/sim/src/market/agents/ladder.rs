//! The large maker: five levels a side at fixed distances, all ten replaced in one ledger, each by a ticket, passive,
//! dying at the same time of day. Modelled on rpiFwLYi6Gb1ESHYorn2QG1WU5vw2u4exQ: 70 of the 217 recorded orders, ten in
//! each of seven ledgers, always at these distances and sizes; its replaced offers were 3 to 6 ledgers old.

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use super::tickets::Tickets;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

/// Distance from its middle in bps and size in RLUSD of each level.
const BIDS: [(f64, f64); LEVELS] =
    [(10.0, 1_907.0), (20.0, 1_907.0), (30.0, 2_857.0), (40.0, 4_757.0), (60.0, 9_490.0)];
const ASKS: [(f64, f64); LEVELS] =
    [(10.0, 1_907.0), (20.0, 1_907.0), (30.0, 2_857.0), (40.0, 4_757.0), (50.0, 9_490.0)];
const LEVELS: usize = 5;
const FEE_DROPS: i64 = 10;
/// It moves when its middle is off by more, and then not always at once.
const TOLERANCE_BPS: f64 = 1.0;
const PROMPT: f64 = 0.85;
/// It moves now and then without need.
const IDLE: f64 = 0.25;
/// Its opinion of the middle wanders around the truth.
const OPINION: (f64, f64) = (0.9, 0.5);
const DAY_SECONDS: u32 = 86_400;

/// The agent's memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ladder {
    draws: Draws,
    tickets: Tickets,
    bids: [u32; LEVELS],
    asks: [u32; LEVELS],
    /// Middle of the levels that rest, 0 for none.
    middle: f64,
    opinion_bps: f64,
}

impl Ladder {
    /// Before its first order.
    pub fn new(draws: Draws) -> Ladder {
        let none = [0; LEVELS];
        Ladder { draws, tickets: Tickets::default(), bids: none, asks: none, middle: 0.0, opinion_bps: 0.0 }
    }

    /// Perhaps moves everything.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        self.opinion_bps = OPINION.0 * self.opinion_bps + OPINION.1 * self.draws.normal();
        let (prompt, idle) = (self.draws.chance(PROMPT), self.draws.chance(IDLE));
        let target = scene.seen * (1.0 + self.opinion_bps / 1e4);
        let off = libm::fabs(target / self.middle - 1.0) * 1e4 > TOLERANCE_BPS;
        if self.middle != 0.0 && !(off && prompt) && !idle {
            return;
        }
        self.middle = target;
        let expires =
            ((scene.now.0.saturating_add(DAY_SECONDS / 4)) / DAY_SECONDS + 1).saturating_mul(DAY_SECONDS);
        office.at_desk(Role::Ladder, 0, FEE_DROPS, |desk| {
            for (side, levels, resting) in
                [(Side::Buy, BIDS, &mut self.bids), (Side::Sell, ASKS, &mut self.asks)]
            {
                for ((bps, size), sequence) in levels.into_iter().zip(resting) {
                    // Prices of five decimals, as it has them.
                    let price = libm::round(side.away(target, bps) * 1e5) / 1e5;
                    let order = Order {
                        flags: flags::TF_PASSIVE,
                        replaces: Some(*sequence),
                        ticket: self.tickets.take(desk),
                        expires: Some(expires),
                        ..Order::plain(side, price, size * self.draws.between(0.999, 1.003))
                    };
                    *sequence = desk.place(order).unwrap_or(0);
                }
            }
            self.tickets.refill(desk, 4 * LEVELS, 60);
        });
    }
}
