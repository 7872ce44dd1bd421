//! The table of keys: the one place that says what a key is called, what it means, its default and its bounds. The
//! typed [`Config`], the commented file and the explanations are all made from it.

use super::value::{AnchorMode, ConfigValue, DriftGuard, Interval, Millionths};
use units::{Drops, IssuedValue, MicroBps};

/// What there is to know about one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its default, as text.
    pub default: &'static str,
    /// Smallest allowed value; empty when it is no number.
    pub min: &'static str,
    /// Largest allowed value; empty when it is no number.
    pub max: &'static str,
    /// What its text must look like.
    pub expected: &'static str,
    /// Where its effect is seen.
    pub seen_in: &'static str,
    /// What it means.
    pub explanation: &'static str,
}

macro_rules! keys {
    ($($name:ident : $type:ty = $default:literal $unit:literal [$min:literal, $max:literal] $seen:literal $text:literal;)*) => {
        /// The configuration in force. Built only by [`Config::from_pairs`] and [`Config::default`], so every value
        /// is within its bounds and the relations between them hold.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Config {
            $(#[doc = $text] pub $name: $type,)*
        }

        /// Every key, in the order in which a person would read them.
        pub const KEYS: &[Key] = &[
            $(Key {
                name: stringify!($name), unit: $unit, default: $default, min: $min, max: $max,
                expected: <$type as ConfigValue>::EXPECTED, seen_in: $seen, explanation: $text,
            },)*
        ];

        impl Config {
            /// Every value by its key's name, in the order of [`KEYS`].
            #[must_use]
            pub fn texts(&self) -> Vec<(&'static str, String)> {
                vec![$((stringify!($name), ConfigValue::write(&self.$name)),)*]
            }

            /// Reads each key's text by `lookup`; tells `refuse` what does not read and stands in the default for it.
            pub(super) fn read(
                mut lookup: impl FnMut(&'static Key) -> Option<String>,
                mut refuse: impl FnMut(&'static Key, String),
            ) -> Option<Config> {
                let mut table = KEYS.iter();
                Some(Config {
                    $($name: {
                        let key = table.next()?;
                        let default = <$type as ConfigValue>::read(key.default);
                        match lookup(key).map(|text| <$type as ConfigValue>::read(text.trim())) {
                            None => default.ok()?,
                            Some(Ok(value)) => {
                                if let Some(message) = super::parse::out_of_bounds(key, &value) {
                                    refuse(key, message);
                                }
                                value
                            }
                            Some(Err(message)) => {
                                let text = lookup(key).unwrap_or_default();
                                refuse(key, super::parse::beyond_bounds(key, text.trim()).unwrap_or(message));
                                default.ok()?
                            }
                        }
                    },)*
                })
            }
        }
    };
}

keys! {
    anchor_mode: AnchorMode = "capped_amm" "name" ["", ""] "the reference price of every quote; `reference_source` of market snapshots"
        "Which price quotes are measured from: `clob_mid`, the middle of the order book without our own offers; `amm`, the pool's price; `capped_amm`, the pool's price held near the middle of the book, and the middle itself when the two are further apart than clob_switch_threshold_bps.";
    anchor_max_divergence_bps: MicroBps = "10.0" "bps" ["0", "1000"] "the reference price with `capped_amm`"
        "The pool's price is held within this distance of the middle of the book. With clob_switch_threshold_bps below it the middle is taken before the cap is reached.";
    clob_switch_threshold_bps: MicroBps = "3.0" "bps" ["0", "1000"] "the reference price with `capped_amm`; `reference_source` of market snapshots"
        "When the capped price of the pool is further than this from the middle of the book, the middle is the reference.";
    bid_offset_bps: MicroBps = "10.0" "bps" ["0.1", "1000"] "bid price; fills bought"
        "How far below the reference the bid stands before skew.";
    ask_offset_bps: MicroBps = "14.0" "bps" ["0.1", "1000"] "ask price; fills sold"
        "How far above the reference the ask stands before skew.";
    min_offset_bps: MicroBps = "2.0" "bps" ["0.1", "1000"] "bid and ask price under strong skew"
        "No skew brings a quote nearer to the reference than this.";
    skew_bps_per_drift_pct: MicroBps = "0.65" "bps per point" ["0", "100"] "bid and ask price when one asset is too heavy"
        "How far both prices move against the heavier asset, for each point of drift (XRP share less 50 %).";
    max_skew_bps: MicroBps = "10.0" "bps" ["0", "500"] "bid and ask price when one asset is much too heavy"
        "Skew is held within plus and minus this.";
    base_size_rlusd: IssuedValue = "15.0" "RLUSD" ["0.1", "1000000"] "size of every offer"
        "Size of an offer at no drift.";
    min_size_rlusd: IssuedValue = "1.0" "RLUSD" ["0.01", "1000000"] "missing offers when funds run low"
        "An offer smaller than this is not placed.";
    size_skew_per_drift_pct: Millionths = "0.03" "factor per point" ["0", "1"] "size of offers when one asset is too heavy"
        "For each point of drift the side that makes it worse shrinks and the other grows by this factor.";
    size_skew_min: Millionths = "0.7" "factor" ["0.01", "1"] "size of offers at strong drift"
        "Smallest factor that size skew can reach.";
    size_skew_max: Millionths = "1.3" "factor" ["1", "10"] "size of offers at strong drift"
        "Largest factor that size skew can reach.";
    momentum_lookback_ticks: u32 = "3" "ledgers" ["1", "100"] "`momentum` among the side holds"
        "Over how many ledgers the move of the mid is measured.";
    momentum_threshold_bps: MicroBps = "4.0" "bps" ["0.1", "10000"] "`momentum` among the side holds"
        "A move of at least this much upwards suppresses the ask, downwards the bid.";
    requote_tolerance_aggressive_bps: MicroBps = "2.0" "bps" ["0.1", "1000"] "number of requotes; network fees"
        "An offer too near to the reference by this much is replaced.";
    requote_tolerance_passive_bps: MicroBps = "4.0" "bps" ["0.1", "1000"] "number of requotes; network fees"
        "An offer too far from the reference by this much is replaced.";
    offer_ttl_seconds: u32 = "180" "s" ["60", "86400"] "expiration of every offer"
        "After this time the ledger stops filling an offer, whatever has become of us.";
    offer_refresh_seconds: u32 = "60" "s" ["10", "86000"] "number of requotes"
        "With this much time left an offer is replaced by a fresh one.";
    min_touch_depth_rlusd: IssuedValue = "1.0" "RLUSD" ["0", "1000000"] "best bid, best ask and mid"
        "The best price is the one at which this much is on offer: dust in front of it does not count.";
    max_spread_bps: MicroBps = "200" "bps" ["1", "10000"] "hold `spread_too_wide`"
        "With a wider touch the middle says nothing and nothing is quoted.";
    max_xrp_exposure: IssuedValue = "150" "RLUSD" ["1", "1000000000"] "missing bids; halt `risk_xrp_exposure`"
        "XRP worth more than this, counting everything in flight, is not bought; 110 % of it in hand halts.";
    max_rlusd_exposure: IssuedValue = "150" "RLUSD" ["1", "1000000000"] "missing asks; halt `risk_rlusd_exposure`"
        "RLUSD above this, counting everything in flight, is not bought; 110 % of it in hand halts.";
    max_drawdown_pct: Millionths = "3.0" "%" ["0.1", "100"] "halt `risk_drawdown`"
        "Loss against holding the opening balances and deposits, in percent of their worth, that halts.";
    corridor_min_xrp_pct: Millionths = "25" "%" ["0", "49"] "mode REDUCE_ONLY"
        "Below this share of XRP only the bid is quoted.";
    corridor_max_xrp_pct: Millionths = "75" "%" ["51", "100"] "mode REDUCE_ONLY"
        "Above this share of XRP only the ask is quoted.";
    corridor_min_rlusd: IssuedValue = "30" "RLUSD" ["0", "1000000"] "mode REDUCE_ONLY"
        "With less RLUSD than this only the ask is quoted, at once.";
    corridor_ticks: u32 = "3" "ledgers" ["1", "1000"] "mode REDUCE_ONLY"
        "For how many ledgers the share must be outside to enter REDUCE_ONLY, and inside to leave it.";
    corridor_min_portfolio_rlusd: IssuedValue = "50" "RLUSD" ["0", "1000000"] "mode REDUCE_ONLY"
        "A wallet worth less is not judged by its share of XRP.";
    drift_guard: DriftGuard = "off" "name" ["", ""] "halt `degraded_timeout_halt`"
        "What one-sided fills do: `off`, or `halt`. To halt is all that this guard can do so far: it has no way back out of DEGRADED of its own. That would end healthy sessions, so it is off.";
    drift_a_fills: u32 = "3" "fills" ["2", "100"] "drift guard A"
        "So many fills of one side, each by another transaction, within the window fire the guard.";
    drift_a_window_seconds: u32 = "30" "s" ["1", "3600"] "drift guard A"
        "The window of guard A.";
    drift_b_notional_rlusd: IssuedValue = "50" "RLUSD" ["1", "1000000"] "drift guard B"
        "So much bought less sold (or the reverse) within the window fires the guard.";
    drift_b_window_seconds: u32 = "120" "s" ["1", "86400"] "drift guard B"
        "The window of guard B.";
    truth_read_interval_seconds: u32 = "60" "s" ["5", "3600"] "truth checks"
        "How often account, trust line, offers and book are read in full and compared.";
    truth_unverified_limit: u32 = "3" "reads" ["1", "100"] "mode DEGRADED"
        "So many full reads in a row that could not be compared stop quoting until one can.";
    truth_warn_xrp: Millionths = "1.0" "XRP" ["0", "1000000"] "status of truth checks"
        "An unexplained difference from here on is a warning.";
    truth_warn_rlusd: Millionths = "2.0" "RLUSD" ["0", "1000000"] "status of truth checks"
        "The same in RLUSD.";
    truth_halt_xrp: Millionths = "5.0" "XRP" ["0", "1000000"] "status of truth checks; the start gate"
        "An unexplained difference from here on is of halt level.";
    truth_halt_rlusd: Millionths = "10.0" "RLUSD" ["0", "1000000"] "status of truth checks; the start gate"
        "The same in RLUSD.";
    stale_ledger_seconds: u32 = "20" "s" ["5", "3600"] "hold `ledger_stale`"
        "Without a validated ledger for this long offers are cancelled and nothing is quoted.";
    degraded_timeout_s: u32 = "300" "s" ["10", "86400"] "halt `degraded_timeout_halt`"
        "DEGRADED for longer than this halts. Time in which its cause could not be judged does not count.";
    last_ledger_offset: u32 = "4" "ledgers" ["2", "20"] "last_ledger_sequence of every submission"
        "A transaction may be validated at most so many ledgers after the one it was decided on.";
    ticket_pool: u32 = "2" "tickets" ["0", "16"] "submissions with the intent `ticket_create`, and cancels with a ticket"
        "So many tickets are kept: a cancel takes one when a transaction before it is stuck. Each holds an owner's reserve (0.2 XRP by the ledger's vote of December 2024) and is made only when quoting can spare that; what a session leaves is the next one's. 0 makes none.";
    max_fee_drops: Drops = "1000" "drops" ["10", "1000000"] "fee of every submission; hold `fee_above_cap`"
        "The most one offer may burn; above it nothing is quoted. Cancels may burn a tenth of `fee_buffer_drops` where that is more.";
    fee_buffer_drops: Drops = "100000" "drops" ["0", "100000000"] "size of asks when XRP runs low"
        "XRP kept above the reserve so that cancels can always be paid, also when the network asks a thousand times the usual: one may burn a tenth of it.";
    wal_checkpoint_interval_seconds: Interval = "60" "s" ["0", "4294967295"] "`wal_checkpoint` log lines"
        "How often the database's log is folded in; zero switches the timer off, and a negative number is read as zero.";
    backup_interval_minutes: Interval = "60" "min" ["0", "4294967295"] "`backup` log lines; files named `.timed.` beside the database"
        "How often the database is backed up while a session runs; zero switches it off, and a negative number is read as zero. One backup before and one after each session are made all the same.";
    min_free_disk_mib: u32 = "256" "MiB" ["0", "1048576"] "refusal to start; halt `disk_space`"
        "With less room than this on the disk of the database no session starts, and one that runs cancels its offers and closes; 0 switches it off.";
}
