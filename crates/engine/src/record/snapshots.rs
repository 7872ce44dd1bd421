//! Rows of what was seen at a ledger, of anomalies and of changes of mode. `None` is "no observation", never zero.

use crate::halt::HaltReason;
use crate::reference::ReferenceSource;
use crate::side::{OrderId, OrderStatus, Side};
use crate::step::Mode;
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, MicroBps, Price};

/// The market at a ledger. `None` is "no observation".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Best bid of others.
    pub best_bid: Option<Price>,
    /// Best ask of others.
    pub best_ask: Option<Price>,
    /// Middle of the two.
    pub mid: Option<Price>,
    /// Distance of the two against the mid.
    pub spread_bps: Option<MicroBps>,
    /// The reference of our quotes.
    pub reference: Option<Price>,
    /// Which price the reference is.
    pub reference_source: Option<ReferenceSource>,
    /// The pool's price without its fee; `None` where no pool is.
    pub pool_price: Option<Price>,
    /// The pool's trading fee, in 1/100,000.
    pub pool_fee: Option<u16>,
    /// How far the book's mid is above the pool's price; not capped.
    pub anchor_divergence_bps: Option<MicroBps>,
    /// Funded RLUSD bid within the depth band.
    pub bid_depth_rlusd: Option<Exact>,
    /// RLUSD worth of funded XRP asked within the depth band.
    pub ask_depth_rlusd: Option<Exact>,
    /// Our bid, when one rests.
    pub own_bid: Option<Price>,
    /// Our ask, when one rests.
    pub own_ask: Option<Price>,
    /// How far our bid is from the best bid (above zero: behind it).
    pub bid_distance_bps: Option<MicroBps>,
    /// How far our ask is from the best ask.
    pub ask_distance_bps: Option<MicroBps>,
    /// RLUSD at better prices than our bid.
    pub bid_ahead_rlusd: Option<Exact>,
    /// RLUSD worth at better prices than our ask.
    pub ask_ahead_rlusd: Option<Exact>,
}

/// The inventory at a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// XRP by accounting.
    pub xrp_balance: Drops,
    /// RLUSD by accounting.
    pub rlusd_balance: Exact,
    /// Worth of the XRP; `None` without a mid.
    pub xrp_value_in_rlusd: Option<Exact>,
    /// Worth of both.
    pub total_value_in_rlusd: Option<Exact>,
    /// Share of XRP, in percent.
    pub xrp_pct: Option<Exact>,
    /// `xrp_pct - 50`, in points.
    pub drift_pct: Option<Exact>,
    /// `flat`, `mild` or `strong`; empty without a mid.
    pub skew_tier: String,
    /// Change of the drift in points a minute, over the last minute.
    pub drift_velocity_pct_per_min: Option<Exact>,
}

/// The value at a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuationRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Worth of both balances.
    pub total_value_rlusd: Exact,
    /// Deposits less withdrawals so far.
    pub net_deposits_rlusd_cum: Exact,
}

/// An anomaly of the reconciler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyRow {
    /// When it was seen.
    pub detected_at: LedgerTime,
    /// The order.
    pub order_id: Option<OrderId>,
    /// Its side.
    pub side: Option<Side>,
    /// What was left of it.
    pub quantity_rlusd: Option<IssuedValue>,
    /// The same in XRP at the mid; `None` without one.
    pub xrp_equivalent: Option<Drops>,
    /// Age of the order.
    pub age_seconds: Option<u32>,
    /// Where it stood.
    pub last_status: Option<OrderStatus>,
    /// Its number on the ledger.
    pub offer_sequence: Option<u32>,
    /// A cancel of ours that was on its way.
    pub cancel_tx_hash: Option<Hash256>,
    /// `searching`, then the outcome (open text).
    pub action_taken: String,
    /// Mid when it was seen.
    pub mid_price: Option<Price>,
}

/// A change of mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitBreakerRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Which guard.
    pub source: String,
    /// Mode before.
    pub from: Mode,
    /// Mode after.
    pub to: Mode,
    /// The halt reason, when it halts.
    pub halt: Option<HaltReason>,
    /// Its numbers.
    pub detail: String,
}
