//! The price that quotes are measured from: the middle of the order book, the pool's price, or the pool's price held
//! near the middle of the book. Never a blend, and never a price that nobody saw.

use crate::config::{AnchorMode, Config};
use serde::{Deserialize, Serialize};
use std::fmt;
use units::{MicroBps, Price, Rounding};

/// The reference at a ledger and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    /// What quotes are measured from.
    pub price: Price,
    /// Which price that is.
    pub source: ReferenceSource,
    /// How far the book's middle is above the pool's price, where a pool was seen; not capped.
    pub divergence: Option<MicroBps>,
}

/// Which price the reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferenceSource {
    /// The middle of the order book.
    ClobMid,
    /// The pool's price, capped or not as configured.
    Amm,
}

impl ReferenceSource {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ReferenceSource::ClobMid => "clob_mid",
            ReferenceSource::Amm => "amm",
        }
    }
}

impl fmt::Display for ReferenceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The reference for a middle of the book and a pool's price; `None` when the mode wants a pool and there is none.
pub(crate) fn reference(config: &Config, mid: Price, pool: Option<Price>) -> Option<Reference> {
    let divergence = pool.map(|pool| mid.relative_to(pool));
    let (price, source) = match (config.anchor_mode, pool) {
        (AnchorMode::ClobMid, _) | (AnchorMode::CappedAmm, None) => (mid, ReferenceSource::ClobMid),
        (AnchorMode::Amm, pool) => (pool?, ReferenceSource::Amm),
        (AnchorMode::CappedAmm, Some(pool)) => {
            let anchor = capped(mid, pool, config.anchor_max_divergence_bps);
            let error = anchor.relative_to(mid);
            let switches = error.get().unsigned_abs() > config.clob_switch_threshold_bps.get().unsigned_abs();
            if switches { (mid, ReferenceSource::ClobMid) } else { (anchor, ReferenceSource::Amm) }
        }
    };
    Some(Reference { price, source, divergence })
}

/// The pool's price, held within so many bps of the middle of the book.
fn capped(mid: Price, pool: Price, cap: MicroBps) -> Price {
    let low = mid.offset_by(MicroBps(-cap.get()), Rounding::Up).unwrap_or(mid);
    let high = mid.offset_by(cap, Rounding::Down).unwrap_or(mid);
    pool.max(low).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mode | cap | switch | mid | pool | reference | source | divergence
    const TABLE: &str = "
        clob_mid   10 3  1.4    1.5     1.4      clob_mid  -666.666666
        clob_mid   10 3  1.4    -       1.4      clob_mid  -
        amm        10 3  1.4    1.5     1.5      amm       -666.666666
        capped_amm 10 3  1.4    -       1.4      clob_mid  -
        capped_amm 10 3  1      1       1        amm       0
        capped_amm 10 3  1      1.0003  1.0003   amm       -2.9991
        capped_amm 10 3  1      1.00031 1        clob_mid  -3.099039
        capped_amm 10 3  1      0.9997  0.9997   amm       3.0009
        capped_amm 10 3  1      0.9996  1        clob_mid  4.0016
        capped_amm 10 10 1      1.005   1.001    amm       -49.751243
        capped_amm 10 10 1      0.995   0.999    amm       50.251256
        capped_amm 10 20 1      1.005   1.001    amm       -49.751243
        capped_amm 10 20 1      0.995   0.999    amm       50.251256
    ";

    #[test]
    fn by_table() {
        for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
            let cells: Vec<&str> = row.split_whitespace().collect();
            let pairs = [
                ("anchor_mode", cells[0]),
                ("anchor_max_divergence_bps", cells[1]),
                ("clob_switch_threshold_bps", cells[2]),
            ];
            let config = Config::from_pairs(pairs).unwrap();
            let found = reference(&config, cells[3].parse().unwrap(), cells[4].parse().ok()).unwrap();
            let divergence = found.divergence.map_or_else(|| "-".to_owned(), |bps| bps.to_string());
            let shown = [found.price.to_string(), found.source.to_string(), divergence];
            assert_eq!(shown, [cells[5], cells[6], cells[7]], "{row}");
        }
        let config = Config::from_pairs([("anchor_mode", "amm")]).unwrap();
        assert_eq!(reference(&config, "1".parse().unwrap(), None), None);
    }
}
