//! How many transactions a ledger is expected to take, and what one more costs: the escalation of the open ledger's
//! cost (XRP Ledger documentation, "Transaction Cost", open ledger cost; "Transaction Queue"). Knows no transaction.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::QueueSettings;
use super::level::{BASE_LEVEL, scaled};

/// From here on the sum of squares is taken for too large, as the reference server does.
const SERIES_MAX: u64 = 1 << 21;

/// What the closed ledgers say of the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Load {
    /// Transactions the next ledger takes at the base cost, less one.
    expected: u64,
    /// What full ledgers allowed, newest last.
    recent: VecDeque<u64>,
    /// The median level of the last ledger, or the least one allowed.
    multiplier: u64,
}

impl Load {
    /// Before the first ledger.
    pub(super) fn new(settings: &QueueSettings) -> Load {
        Load {
            expected: settings.least(),
            recent: VecDeque::new(),
            multiplier: settings.minimum_escalation_multiplier,
        }
    }

    pub(super) fn expected(&self) -> u64 {
        self.expected
    }

    pub(super) fn multiplier(&self) -> u64 {
        self.multiplier
    }

    /// The level a transaction needs to enter an open ledger of `count` transactions: the base level up to one more than
    /// expected, then `multiplier * count² / expected²`.
    pub(super) fn level(&self, count: u64) -> u64 {
        if count <= self.expected {
            return BASE_LEVEL;
        }
        let square = count.saturating_mul(count);
        scaled(self.multiplier, square, self.expected.saturating_mul(self.expected)).unwrap_or(u64::MAX)
    }

    /// What `series` transactions need together to enter one after the other after `count` others, or `None` when that is
    /// too much to count.
    pub(super) fn series_level(&self, count: u64, series: u64) -> Option<u64> {
        let last = count.saturating_add(series).saturating_sub(1);
        if last >= SERIES_MAX {
            return None;
        }
        let squares = sum_of_squares(last) - sum_of_squares(count.saturating_sub(1));
        scaled(self.multiplier, squares, self.expected.saturating_mul(self.expected))
    }

    /// A ledger closed with transactions of these levels.
    pub(super) fn closed(&mut self, mut levels: Vec<u64>, is_slow: bool, settings: &QueueSettings) {
        levels.sort_unstable();
        let size = u64::try_from(levels.len()).unwrap_or(u64::MAX);
        if is_slow {
            self.shrink(size, settings);
        } else if size > self.expected || size > settings.target() {
            self.grow(size, settings);
        }
        let middle = |at: usize| levels.get(at).copied().unwrap_or(0);
        let (upper, lower) = (middle(levels.len() / 2), middle(levels.len().saturating_sub(1) / 2));
        let median = u64::try_from((u128::from(upper) + u128::from(lower)).div_ceil(2)).unwrap_or(u64::MAX);
        self.multiplier = median.max(settings.minimum_escalation_multiplier);
    }

    /// At once up to what the fullest recent ledger allows; down a tenth of the way at a time.
    fn grow(&mut self, size: u64, settings: &QueueSettings) {
        let kept = usize::try_from(settings.ledgers_in_queue).unwrap_or(usize::MAX);
        self.recent.push_back(scaled(size, settings.growth_percent(), 100).unwrap_or(u64::MAX));
        while self.recent.len() > kept.max(1) {
            self.recent.pop_front();
        }
        let fullest = self.recent.iter().copied().max().unwrap_or(0);
        let slowly = self.expected.saturating_mul(9).saturating_add(fullest) / 10;
        self.expected = if fullest >= self.expected { fullest } else { slowly }.min(settings.most());
    }

    /// Down to what a slow ledger allows, and never up.
    fn shrink(&mut self, size: u64, settings: &QueueSettings) {
        let part = |count| scaled(count, settings.slow_percent(), 100).unwrap_or(u64::MAX);
        let highest = part(self.expected).max(settings.least());
        self.expected = part(size).clamp(settings.least(), highest);
        self.recent.clear();
    }
}

/// 1 + 4 + 9 + ... + n², for n below [`SERIES_MAX`].
fn sum_of_squares(n: u64) -> u64 {
    n * (n + 1) * (2 * n + 1) / 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(least: u32) -> QueueSettings {
        QueueSettings { minimum_txn_in_ledger: least, ..QueueSettings::standalone() }
    }

    /// Expected size after each ledger of `size` transactions that pay the base cost (negative: a slow one).
    fn sizes(settings: &QueueSettings, ledgers: &[i32]) -> Vec<u64> {
        let mut load = Load::new(settings);
        let closed = |size: &i32| {
            let levels = vec![BASE_LEVEL; usize::try_from(size.unsigned_abs()).unwrap()];
            load.closed(levels, *size < 0, settings);
            load.expected()
        };
        ledgers.iter().map(closed).collect()
    }

    #[test]
    fn the_expected_size_follows_the_ledgers() {
        // The rules in numbers (reference server's documentation of the queue, and its settings' descriptions).
        let calm = QueueSettings { normal_consensus_increase_percent: 0, ..settings(5) };
        let bounded =
            QueueSettings { maximum_txn_in_ledger: Some(8), target_txn_in_ledger: 5, ..settings(5) };
        let aimed = QueueSettings { target_txn_in_ledger: 8, ..settings(5) };
        let forgetful = QueueSettings { ledgers_in_queue: 1, ..aimed.clone() };
        for (settings, ledgers, expected) in [
            (&settings(5), vec![5, 6, 7, 8], vec![5, 7, 7, 9]),
            (&calm, vec![7, 8, 3], vec![7, 8, 8]),
            (&bounded, vec![6, 20, 20], vec![7, 8, 8]),
            (&settings(32), vec![500, 501, 600, 601], vec![600, 601, 720, 721]),
            (&settings(5), vec![-6, -1, 20, -15_000, -6], vec![5, 5, 24, 12, 5]),
            (&aimed, vec![40, 9, 9], vec![48, 48, 48]),
            (&forgetful, vec![40, 9, 9, 8], vec![48, 44, 40, 40]),
        ] {
            let got = sizes(settings, &ledgers);
            assert_eq!(got, expected, "{ledgers:?}");
        }
    }

    #[test]
    fn the_multiplier_is_the_median_but_never_too_low() {
        for (levels, least, multiplier) in [
            (vec![], 500, 500),
            (vec![256, 300, 100_000], 500, 500),
            (vec![900, 256, 600], 500, 600),
            (vec![600, 700, 256, 9_000], 500, 650),
            (vec![600, 701], 500, 651),
            (vec![u64::MAX, u64::MAX], 500, u64::MAX),
        ] {
            let settings =
                QueueSettings { minimum_escalation_multiplier: least, ..QueueSettings::networked() };
            let mut load = Load::new(&settings);
            load.closed(levels.clone(), false, &settings);
            assert_eq!(load.multiplier(), multiplier, "{levels:?}");
        }
    }

    #[test]
    fn the_cost_of_one_more_and_of_a_series() {
        let load = Load::new(&settings(5));
        let costs: Vec<u64> = [0, 5, 6, 7, 8].into_iter().map(|count| load.level(count)).collect();
        assert_eq!(costs, [256, 256, 184_320, 250_880, 327_680]);
        assert_eq!(load.series_level(6, 3), Some(184_320 + 250_880 + 327_680));
        assert_eq!(load.series_level(6, 1), Some(184_320));
        assert_eq!((load.series_level(6, SERIES_MAX), load.level(u64::MAX)), (None, u64::MAX));
    }
}
