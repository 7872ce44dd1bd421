//! The provider of the pool, who puts a little in and takes a little out, and plain payments between others: what comes to
//! a merchant is sent on, in XRP or RLUSD. None of it is trade; it is what else moves balances on a real ledger.

use serde::{Deserialize, Serialize};

use super::Office;
use crate::identity;
use crate::market::cast::Role;
use crate::market::desk::Money;
use crate::market::draw::Draws;
use crate::market::scene::Scene;

const FEE_DROPS: i64 = 12;
/// Chance of a movement of the pool, and of a payment, in a ledger.
const MOVES: f64 = 0.006;
const PAYS: f64 = 0.03;
/// Value in RLUSD: median and deviation of the logarithm, and bounds.
const VALUE: (f64, f64) = (900.0, 1.0);
const VALUE_BOUNDS: (f64, f64) = (20.0, 9_000.0);

/// The agents' memory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Provider {
    draws: Draws,
}

impl Provider {
    /// Before its first movement.
    pub fn new(draws: Draws) -> Provider {
        Provider { draws }
    }

    /// Perhaps moves something.
    pub fn act(&mut self, scene: &Scene, office: &mut Office) {
        let (moves, pays) = (self.draws.chance(MOVES), self.draws.chance(PAYS));
        let (deposits, in_xrp) = (self.draws.chance(0.5), self.draws.chance(0.5));
        let value = self.draws.log_normal(VALUE.0, VALUE.1).clamp(VALUE_BOUNDS.0, VALUE_BOUNDS.1);
        let money = if in_xrp { Money::Xrp(value / scene.seen) } else { Money::Rlusd(value) };
        if moves {
            office.at_desk(Role::Provider, 0, FEE_DROPS, |desk| {
                desk.pool(deposits, money);
            });
        }
        let to = identity::account(&Role::Provider.identity(0));
        if let (true, Ok(to)) = (pays, to) {
            office.at_desk(Role::Merchant, 0, FEE_DROPS, |desk| {
                desk.pay(to, money);
            });
        }
    }
}
