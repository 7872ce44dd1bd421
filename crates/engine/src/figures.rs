//! What a session did, in exact numbers. Never decides anything.

use serde::{Deserialize, Serialize};
use units::{Drops, Exact, MicroBps};

/// Balances and their worth.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Balances {
    /// XRP.
    pub xrp: Drops,
    /// RLUSD.
    pub rlusd: Exact,
    /// Worth of both in RLUSD; `None` without a mid.
    pub value: Option<Exact>,
}

/// The price against us some ledgers after a fill: above zero is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markout {
    /// How many ledgers after.
    pub ledgers: u32,
    /// Fills that could be judged.
    pub fills: u32,
    /// Mean weighted by RLUSD; `None` without fills.
    pub mean_bps: Option<MicroBps>,
}

/// Seconds of ledger time in each mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ModeSeconds {
    /// ACTIVE and quoting.
    pub active: u32,
    /// REDUCE_ONLY.
    pub reduce_only: u32,
    /// DEGRADED.
    pub degraded: u32,
    /// HALTED (ending).
    pub halted: u32,
    /// Any of them, while a hold kept it from quoting.
    pub held: u32,
}

/// The figures of a session so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Validated ledgers seen.
    pub ledgers: u32,
    /// Seconds of ledger time.
    pub seconds: u32,
    /// Orders placed.
    pub orders: u32,
    /// Fills.
    pub fills: u32,
    /// Of them bought.
    pub buys: u32,
    /// Of them sold.
    pub sells: u32,
    /// Of them taken by accident.
    pub accidental_takes: u32,
    /// Cancels and replaces sent.
    pub requotes: u32,
    /// Sides suppressed by momentum (side-ticks).
    pub momentum_suppressions: u32,
    /// RLUSD traded.
    pub volume_rlusd: Exact,
    /// Mean realised spread of the fills of resting offers, weighted by RLUSD.
    pub vw_spread_bps: Option<MicroBps>,
    /// The same of accidental takes alone.
    pub take_spread_bps: Option<MicroBps>,
    /// After 5 and 20 ledgers, of the fills of resting offers.
    pub markouts: Vec<Markout>,
    /// Share of judged fills whose markout after 5 ledgers is below zero, in bps of one (10000 = all).
    pub toxic_share: Option<MicroBps>,
    /// Fills a minute of ledger time, in thousandths.
    pub fills_per_minute_milli: u32,
    /// Distance of our quotes from the best price of others: median.
    pub distance_p50_bps: Option<MicroBps>,
    /// The same: 95th percentile.
    pub distance_p95_bps: Option<MicroBps>,
    /// Time in each mode.
    pub mode_seconds: ModeSeconds,
    /// Opening balances.
    pub start: Balances,
    /// Balances now.
    pub end: Balances,
    /// Network fees burned.
    pub fees_drops: Drops,
    /// Value now less opening value less net deposits; `None` without mids.
    pub pnl_rlusd: Option<Exact>,
    /// Value now against holding the opening balances and deposits.
    pub pnl_against_holding_rlusd: Option<Exact>,
    /// Last full truth read: internal - ledger XRP.
    pub truth_delta_xrp: Drops,
    /// Last full truth read: internal - ledger RLUSD.
    pub truth_delta_rlusd: Exact,
    /// Sum of what metadata did not explain, XRP in drops (absolute).
    pub unexplained_xrp: Drops,
    /// The same in RLUSD.
    pub unexplained_rlusd: Exact,
    /// Truth checks made.
    pub truth_checks: u32,
    /// Anomalies found.
    pub anomalies: u32,
}
