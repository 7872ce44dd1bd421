//! The market: what XRP is worth at each ledger, and who trades because of it. The only place of the crate where
//! floating point may live (`libm` alone, so that every machine computes the same); every amount is rounded to drops or
//! six decimals before it leaves. Agents see the ledger and submit signed transactions like anybody else.

pub mod candles;
mod draw;
mod fair;
mod maker;
mod orders;
mod taker;

use ledger::SignedTx;
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue, LedgerTime, Price};

use crate::state::Entries;
use crate::world::{MarketSpec, WorldError, WorldSpec};

use draw::Draws;
use fair::FairValue;
use maker::Maker;
use orders::Desk;
use taker::Taker;

/// XRP of each agent: deep enough for years of one-sided flow.
pub(crate) const AGENT_XRP: Drops = Drops::from_xrp(50_000_000);

/// RLUSD of each agent.
pub(crate) fn agent_rlusd() -> IssuedValue {
    IssuedValue::from_int(70_000_000)
}

/// The fair value and the agents.
#[derive(Clone, Serialize, Deserialize)]
pub struct Market {
    fair: FairValue,
    maker: Maker,
    taker: Taker,
    network_id: Option<u32>,
    fee: Drops,
}

impl Market {
    /// The market of a spec, its fair value beginning at `now`.
    ///
    /// # Errors
    /// [`WorldError`] when the spec has none.
    pub(crate) fn new(spec: &WorldSpec, now: LedgerTime) -> Result<Market, WorldError> {
        Ok(Market {
            fair: FairValue::new(spec, now)?,
            maker: Maker::new(Draws::new(spec.seed, 2)),
            taker: Taker::new(Draws::new(spec.seed, 3)),
            network_id: (spec.network_id > 1024).then_some(spec.network_id),
            fee: spec.fees.base_fee,
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
        self.fair.advance(now, market);
        let fair = self.fair.value();
        let mut sent = Vec::new();
        if let Some(mut desk) = Desk::open(crate::identity::MAKER, entries, self.network_id, self.fee) {
            self.maker.act(fair, &mut desk);
            sent.extend(desk.sent());
        }
        if let Some(mut desk) = Desk::open(crate::identity::TAKER, entries, self.network_id, self.fee) {
            self.taker.act(fair, &mut desk);
            sent.extend(desk.sent());
        }
        sent
    }
}
