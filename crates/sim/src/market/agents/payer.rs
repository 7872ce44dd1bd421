//! The payers: they pay a merchant who wants the other currency, XRP for RLUSD or back, and so take from book and pool
//! without an offer of their own. Modelled on the 8 recorded payments without flags, a fee of 20 drops.

use serde::{Deserialize, Serialize};

use super::Office;
use crate::identity;
use crate::market::cast::Role;
use crate::market::desk::Money;
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 20;
/// Chance of a payment of each of them in a ledger.
const ARRIVAL: f64 = 0.28;
/// Value in RLUSD: median and deviation of the logarithm, and bounds.
const VALUE: (f64, f64) = (18.0, 1.5);
const VALUE_BOUNDS: (f64, f64) = (0.2, 3_000.0);
/// What it may cost more than it is worth: some allow too little and fail.
const ALLOWS_BPS: (f64, f64) = (3.0, 150.0);
/// This share wants RLUSD delivered.
const WANTS_RLUSD: f64 = 0.6;

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Payer {
    draws: Draws,
}

impl Payer {
    /// Before their first payment.
    pub fn new(draws: Draws) -> Payer {
        Payer { draws }
    }

    /// Each perhaps pays.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        let Ok(merchant) = identity::account(&Role::Merchant.identity(0)) else {
            return;
        };
        for nth in 0..Role::Payer.players() {
            let (comes, wants_rlusd) = (self.draws.chance(ARRIVAL), self.draws.chance(WANTS_RLUSD));
            let value = self.draws.log_normal(VALUE.0, VALUE.1).clamp(VALUE_BOUNDS.0, VALUE_BOUNDS.1);
            let allows = 1.0 + self.draws.between(ALLOWS_BPS.0, ALLOWS_BPS.1) / 1e4;
            if !comes {
                continue;
            }
            let xrp = value / scene.seen;
            let (deliver, spend) = if wants_rlusd {
                (Money::Rlusd(value), Money::Xrp(xrp * allows))
            } else {
                (Money::Xrp(xrp), Money::Rlusd(value * allows))
            };
            office.at_desk(Role::Payer, nth, FEE_DROPS, |desk| {
                desk.exchange(merchant, deliver, spend, 0);
            });
        }
    }
}
