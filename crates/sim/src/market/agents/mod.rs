//! The agents, one file each. Each is modelled on an account (or a kind of account) of the recorded XRP/RLUSD order flow
//! of May to July 2026; docs/market.md says which figures come from where. An agent sees the last closed ledger and what
//! it knows of XRP's value, and sends signed transactions like anybody else; the canonical order decides who comes first.

mod arbitrageur;
mod crowd;
mod informed;
mod ladder;
mod pair;
mod payer;
mod planter;
mod provider;
mod racers;
mod takers;
mod tickets;
mod touch;

pub use arbitrageur::Arbitrageur;
pub use crowd::Crowd;
pub use informed::Informed;
pub use ladder::Ladder;
pub use pair::Pair;
pub use payer::Payer;
pub use planter::Planter;
pub use provider::Provider;
pub use racers::Racers;
pub use takers::Takers;
pub use touch::Touch;

use ledger::SignedTx;

use super::cast::Role;
use super::desk::{Desk, Floor, Keyring};

/// How an agent gets at its desks.
pub struct Office<'e, 'k> {
    /// What all desks share.
    pub floor: Floor<'e>,
    /// The keys.
    pub keyring: &'k mut Keyring,
    /// Everything sent in this ledger, in order.
    pub sent: Vec<SignedTx>,
}

impl<'e> Office<'e, '_> {
    /// Lets player `nth` of a role do something at its desk, with its usual fee.
    pub fn at_desk(&mut self, role: Role, nth: usize, fee_drops: i64, act: impl FnOnce(&mut Desk<'e>)) {
        if let Some(mut desk) = Desk::open(&role.identity(nth), self.keyring, self.floor, fee_drops) {
            act(&mut desk);
            self.sent.extend(desk.sent());
        }
    }
}
