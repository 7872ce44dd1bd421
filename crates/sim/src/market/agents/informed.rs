//! The informed: they know what XRP will be worth in a minute (from the candles, or from the walk, which is drawn ahead),
//! and take what will have been cheap or dear by then. They make that resting offers lose after they are filled. No
//! recording names such an account; how often they act is a choice (docs/market.md).

use ledger::flags;
use serde::{Deserialize, Serialize};

use super::Office;
use crate::market::cast::Role;
use crate::market::desk::{Order, Side};
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 12;
/// What must be gained within the minute, in bps, and the chance to act on it in a ledger.
const EDGE_BPS: f64 = 4.0;
const ACTS: f64 = 0.16;
/// Size in RLUSD: median and deviation of the logarithm, and bounds.
const SIZE: (f64, f64) = (350.0, 1.2);
const SIZE_BOUNDS: (f64, f64) = (10.0, 9_000.0);
/// How far beyond the touch it goes, as a share of the gain.
const REACH: f64 = 0.5;

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Informed {
    draws: Draws,
}

impl Informed {
    /// Before their first order.
    pub fn new(draws: Draws) -> Informed {
        Informed { draws }
    }

    /// Each perhaps takes.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        for nth in 0..Role::Informed.players() {
            let (acts, size) = (self.draws.chance(ACTS), self.draws.log_normal(SIZE.0, SIZE.1));
            let best = Side::BOTH.into_iter().filter_map(|side| {
                let touch = scene.touch(side)?;
                let gain = side.gain_bps(touch, scene.ahead);
                (gain > EDGE_BPS).then_some((side, touch, gain))
            });
            let Some((side, touch, gain)) = best.max_by(|a, b| a.2.total_cmp(&b.2)).filter(|_| acts) else {
                continue;
            };
            let reach = REACH * gain;
            let limit =
                if side == Side::Buy { touch * (1.0 + reach / 1e4) } else { touch * (1.0 - reach / 1e4) };
            let size = size.clamp(SIZE_BOUNDS.0, SIZE_BOUNDS.1);
            let order = Order { flags: flags::TF_IMMEDIATE_OR_CANCEL, ..Order::plain(side, limit, size) };
            office.at_desk(Role::Informed, nth, FEE_DROPS, |desk| {
                desk.place(order);
            });
        }
    }
}
