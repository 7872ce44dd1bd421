//! Measures a market from outside: what closed ledgers, the book and the fair value show. It is how the built-in market is
//! compared with the real one (docs/market.md). Never changes a world and decides nothing.

mod fills;
mod flow;
mod looks;
mod stats;

use ledger::Object;
use serde::Serialize;

use crate::world::{ClosedLedger, World};

pub use fills::{Fills, Markout};
pub use flow::Flow;
pub use looks::{Depth, Look};
pub use stats::{Moments, Quantiles};

use fills::FillWatch;
use flow::FlowWatch;
use looks::LookWatch;

/// Everything measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measures {
    /// Ledgers watched.
    pub ledgers: usize,
    /// Orders and payments.
    pub flow: Flow,
    /// What was traded.
    pub fills: Fills,
    /// Best ask over best bid, in bps of their middle, after each ledger that had both.
    pub spread_bps: Quantiles,
    /// RLUSD resting near the middle.
    pub depth: Vec<Depth>,
    /// Returns of the fair value over a minute, in bps.
    pub minute_returns_bps: Moments,
    /// The pool's price over the fair value, in bps.
    pub pool_off_bps: Quantiles,
}

/// Values for pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Spreads in bps, a value a ledger.
    pub spreads_bps: Vec<f64>,
    /// Sizes of orders in RLUSD.
    pub sizes: Vec<f64>,
    /// One look a ledger.
    pub looks: Vec<Look>,
    /// Mean RLUSD per bps of distance from the middle, bids and asks, from 0 up.
    pub profile: Vec<(f64, f64)>,
}

/// Watches a world ledger by ledger.
pub struct Watch {
    flow: FlowWatch,
    fills: FillWatch,
    looks: LookWatch,
}

impl Watch {
    /// Before the first ledger.
    ///
    /// # Errors
    /// [`crate::WorldError::Key`], which the fixed names rule out.
    pub fn new() -> Result<Watch, crate::WorldError> {
        let rlusd = crate::identity::rlusd()?;
        Ok(Watch { flow: FlowWatch::new(rlusd), fills: FillWatch::new(rlusd), looks: LookWatch::new(rlusd) })
    }

    /// After a close: what it contained, and how the world looks now.
    pub fn ledger(&mut self, world: &World, closed: &ClosedLedger) {
        let fair = world.fair_value().map_or(0.0, super::fair::to_float);
        let read = |blob: &[u8]| Object::from_bytes(blob).unwrap_or_default();
        let transactions: Vec<Object> = closed.transactions.iter().map(|tx| read(&tx.blob)).collect();
        self.flow.ledger(closed, &transactions);
        let pool = self.looks.ledger(world, fair);
        self.fills.ledger(closed, &transactions, fair, pool);
    }

    /// The figures, and the values behind them.
    #[must_use]
    pub fn finish(self) -> (Measures, Samples) {
        let flow = self.flow.finish();
        let looks = self.looks.finish();
        let measures = Measures {
            ledgers: looks.looks.len(),
            fills: self.fills.finish(),
            spread_bps: Quantiles::of(looks.spreads.clone()),
            depth: looks.depth,
            minute_returns_bps: looks.minutes,
            pool_off_bps: looks.pool_off,
            flow,
        };
        let samples = Samples {
            spreads_bps: looks.spreads,
            sizes: self.flow.sizes(),
            looks: looks.looks,
            profile: looks.profile,
        };
        (measures, samples)
    }
}
