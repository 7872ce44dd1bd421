//! Figures of the real XRP/RLUSD market, from main-network ledgers of May to July 2026. Counted once by a script over the
//! project's shared data (docs/market.md says how); the data themselves are not in the repository. Never estimated: what
//! the ledgers do not show is missing here.

use serde_json::{Value, json};

/// Quantiles of a list: 5 %, 50 %, 95 %, mean.
pub type Spread = [f64; 4];

/// XRP/RLUSD transactions of each of 14 ledgers: 217 in all, 2 to 35 a ledger. `facts/xrp_rlusd_order_flow.csv`.
pub const PER_LEDGER: Spread = [2.0, 13.0, 35.0, 15.5];
/// Lowest ask placed over highest bid placed, in bps, in the eleven of those ledgers that placed both. The touch itself can
/// only be nearer: what rested before is not shown.
pub const SPREADS_BPS: [f64; 11] = [5.9, 8.2, 8.8, 11.2, 11.9, 12.5, 15.3, 16.1, 16.4, 19.8, 20.9];
/// Of [`SPREADS_BPS`].
pub const SPREAD_BPS: Spread = [5.9, 12.5, 20.9, 13.4];
/// Sizes in RLUSD of 195 OfferCreates.
pub const SIZES: Spread = [0.68, 1_525.3, 12_187.9, 3_300.2];
/// How many of the 195 have sizes of 10^(n/2) to 10^((n+1)/2) RLUSD, n from -2 to 9; the first and the last take the rest.
pub const SIZE_BINS: [u32; 12] = [2, 11, 15, 24, 9, 7, 3, 17, 56, 35, 14, 2];
/// Ledgers from when an offer was last touched to its end: 64 deleted offers of four ledgers with whole metadata.
pub const LIFETIMES: Spread = [1.0, 6.0, 130.0, 34.3];
/// RLUSD placed within 10, 25 and 50 bps of the middle (bids, asks) in the seven ledgers in which the large maker placed
/// all its levels, mean. What rested besides is not shown.
pub const DEPTH: [(f64, f64, f64); 3] =
    [(10.0, 4_047.0, 4_273.0), (25.0, 8_866.0, 13_878.0), (50.0, 17_323.0, 26_745.0)];
/// Of 217 transactions: kind and count.
pub const KINDS: [(&str, u32); 9] = [
    ("offers", 195),
    ("payments", 22),
    ("passive", 109),
    ("immediate", 17),
    ("fill_or_kill", 1),
    ("sell", 26),
    ("tickets", 80),
    ("expirations", 99),
    ("replacing", 134),
];
/// Of 217 transactions: result and count.
pub const RESULTS: [(&str, u32); 7] = [
    ("tesSUCCESS", 191),
    ("tecKILLED", 15),
    ("tecINSUF_RESERVE_OFFER", 5),
    ("tecUNFUNDED_OFFER", 4),
    ("tecPATH_DRY", 1),
    ("tecPATH_PARTIAL", 1),
    ("tecEXPIRED", 0),
];
/// Transactions counted.
pub const TRANSACTIONS: u32 = 217;
/// Sizes in RLUSD of 20 fills of resting offers in four ledgers; two of the four had fills.
pub const FILL_SIZES: Spread = [0.11, 0.36, 14.5, 7.3];
/// Fills a ledger, mean, and share of ledgers with any.
pub const FILLS: (f64, f64) = (5.0, 0.5);
/// Deviation of a minute in bps and its kurtosis, least and greatest of two candle files (spot March-April 2026, futures
/// May-June 2025).
pub const MINUTE: [(f64, f64); 2] = [(6.3, 9.2), (14.1, 19.0)];
/// The pool's price over the middle of the book in bps, ledger 104540000.
pub const POOL_OFF_BPS: f64 = 25.0;

/// The same for programs.
pub fn json() -> Value {
    let spread = |[p5, p50, p95, mean]: Spread| json!({"p5": p5, "p50": p50, "p95": p95, "mean": mean});
    let counts = |list: &[(&str, u32)]| {
        list.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect::<serde_json::Map<_, _>>()
    };
    json!({
        "transactions": TRANSACTIONS,
        "per_ledger": spread(PER_LEDGER),
        "spread_bps": spread(SPREAD_BPS),
        "sizes": spread(SIZES),
        "lifetimes": spread(LIFETIMES),
        "kinds": counts(&KINDS),
        "results": counts(&RESULTS),
        "fill_sizes": spread(FILL_SIZES),
    })
}
