//! How long to wait before the next connection: doubling, capped, with jitter from the caller's seed.
//! Never sleeps and never reads a clock.

use std::time::Duration;

use crate::limits::{BACKOFF_FIRST, BACKOFF_MAX};

/// The state of a series of failed connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    failures: u32,
    state: u64,
}

impl Backoff {
    /// 5 s, doubled at each failure, at most 80 s, jitter drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        Self::with(BACKOFF_FIRST, BACKOFF_MAX, seed)
    }

    /// The same with other bounds.
    pub fn with(first: Duration, max: Duration, seed: u64) -> Self {
        Self { first, max: max.max(first), failures: 0, state: seed }
    }

    /// How long to wait after one more failure: between 75 % and 100 % of the doubled time.
    pub fn failed(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(self.failures.min(31)).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        let full = doubled.min(self.max);
        let thousandths = u32::try_from(self.draw() % 251).unwrap_or(0);
        full - full / 1000 * thousandths
    }

    /// The connection works again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// One step of the SplitMix64 sequence.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_the_cap_within_a_quarter() {
        for seed in 0..50 {
            let mut backoff = Backoff::new(seed);
            for expected_s in [5_u64, 10, 20, 40, 80, 80, 80] {
                let full = Duration::from_secs(expected_s);
                let waited = backoff.failed();
                assert!(waited <= full && waited >= full * 3 / 4, "seed {seed}: {waited:?} of {full:?}");
            }
            backoff.succeeded();
            assert!(backoff.failed() <= BACKOFF_FIRST);
        }
    }

    #[test]
    fn one_seed_one_series() {
        let series = |seed| {
            let mut backoff = Backoff::new(seed);
            (0..40).map(|_| backoff.failed()).collect::<Vec<_>>()
        };
        assert_eq!(series(7), series(7));
        assert_ne!(series(7), series(8));
    }
}
