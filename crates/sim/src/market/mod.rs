//! The market: what XRP is worth at each ledger, and who trades because of it. The only place of the crate where
//! floating point may live (`libm` alone, so that every machine computes the same); every amount is rounded to drops or
//! six decimals before it leaves. Agents see the ledger and submit signed transactions like anybody else.

mod agents;
pub mod candles;
pub mod cast;
mod desk;
mod draw;
mod fair;
pub mod measure;
mod scene;
mod walk;

use ledger::SignedTx;
use serde::{Deserialize, Serialize};
use units::{Drops, LedgerTime, Price};

use crate::identity;
use crate::state::Entries;
use crate::world::{MarketSpec, WorldError, WorldSpec};

use agents::{
    Arbitrageur, Crowd, Informed, Ladder, Office, Pair, Payer, Planter, Provider, Racers, Takers, Touch,
};
use desk::{Floor, Keyring, Side};
use draw::Draws;
use fair::FairValue;
use scene::Scene;

/// The fair value and the agents.
#[derive(Clone, Serialize, Deserialize)]
pub struct Market {
    fair: FairValue,
    ladder: Ladder,
    touch: Touch,
    pair: Pair,
    planter: Planter,
    crowd: Crowd,
    racers: Racers,
    informed: Informed,
    takers: Takers,
    arbitrageur: Arbitrageur,
    payer: Payer,
    provider: Provider,
    network_id: Option<u32>,
    fee: Drops,
    /// Derived from the names when missing.
    #[serde(skip)]
    keyring: Keyring,
}

impl Market {
    /// The market of a spec, its fair value beginning at `now`.
    ///
    /// # Errors
    /// [`WorldError`] when the spec has none.
    pub(crate) fn new(spec: &WorldSpec, now: LedgerTime) -> Result<Market, WorldError> {
        // Stream 1 is the fair value's. Streams do not influence each other.
        let draws = |stream| Draws::new(spec.seed, stream);
        Ok(Market {
            fair: FairValue::new(spec, now)?,
            ladder: Ladder::new(draws(2)),
            touch: Touch::new(draws(3)),
            pair: Pair::new(draws(4)),
            planter: Planter::new(draws(5)),
            crowd: Crowd::new(draws(6)),
            racers: Racers::new(draws(7)),
            informed: Informed::new(draws(8)),
            takers: Takers::new(draws(9)),
            arbitrageur: Arbitrageur::new(draws(10)),
            payer: Payer::new(draws(11)),
            provider: Provider::new(draws(12)),
            network_id: (spec.network_id > 1024).then_some(spec.network_id),
            fee: spec.fees.base_fee,
            keyring: Keyring::default(),
        })
    }

    /// What one XRP is worth now.
    #[must_use]
    pub fn fair_value(&self) -> Price {
        self.fair.price()
    }

    /// Whether the candles have run out.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.fair.is_exhausted()
    }

    /// Moves the fair value on to `now` and gives the agents' transactions, signed, in the order they are sent.
    pub(crate) fn act(&mut self, now: LedgerTime, entries: &Entries, market: &MarketSpec) -> Vec<SignedTx> {
        let seen = self.fair.value();
        self.fair.advance(now, market);
        let Ok(rlusd) = identity::rlusd() else {
            return Vec::new();
        };
        let floor = Floor { entries, rlusd, network_id: self.network_id, base_fee: self.fee };
        let scene = Scene {
            now,
            seen,
            fair: self.fair.value(),
            ahead: self.fair.ahead(),
            bid: scene::best(entries, &rlusd, Side::Sell, now),
            ask: scene::best(entries, &rlusd, Side::Buy, now),
            pool: scene::pool(entries, &rlusd),
        };
        let mut office = Office { floor, keyring: &mut self.keyring, sent: Vec::new() };
        self.ladder.act(&scene, &mut office);
        self.touch.act(&scene, &mut office);
        self.pair.act(&scene, &mut office);
        self.planter.act(&scene, &mut office);
        self.crowd.act(&scene, &mut office);
        self.racers.act(&scene, &mut office);
        self.informed.act(&scene, &mut office);
        self.takers.act(&scene, &mut office);
        self.arbitrageur.act(&scene, &mut office);
        self.payer.act(&scene, &mut office);
        self.provider.act(&scene, &mut office);
        office.sent
    }
}
