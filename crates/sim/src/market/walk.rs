//! The built-in path of XRP's value: a random walk whose volatility clusters. It is drawn ahead of the present, so that
//! an agent can be told what comes. Never looks at the book.
//!
//! The logarithm of the volatility is the sum of three processes that return to their mean with half-lives of about three
//! hours, three minutes and fifteen seconds. Their variances are set by the minute candles of spring 2025 and spring 2026
//! (docs/market.md, "The fair value"): kurtosis of minute returns 14 to 19, autocorrelation of their size 0.27 after one
//! minute, 0.13 to 0.21 after a quarter of an hour, 0.09 to 0.17 after an hour.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::draw::Draws;

/// Deviation of the logarithm of a day: 2.9 %, between those of the candles of 2026 (2.4 %) and of 2025 (3.5 %).
const DAILY_DEVIATION: f64 = 0.029;
const DAY_SECONDS: f64 = 86_400.0;
/// Seconds from one drawn point to the next.
const GRID_SECONDS: u32 = 4;
/// Time constant in seconds and variance of each part of the logarithm of the volatility.
const MOODS: [(f64, f64); 3] = [(15_700.0, 0.20), (300.0, 0.12), (20.0, 0.12)];
/// Between a tenth of a cent and a thousand: a path that leaves this is no market.
const LOG_BOUNDS: (f64, f64) = (-6.9, 6.9);

/// The path, drawn as far as it was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Walk {
    draws: Draws,
    moods: [f64; 3],
    /// Which point of the grid the first one kept is.
    first: u32,
    /// Logarithms of the value.
    points: VecDeque<f64>,
}

impl Walk {
    /// A path that begins at a value.
    pub fn new(mut draws: Draws, value: f64) -> Walk {
        // Calm or wild from the start, as often as the walk is in the long run.
        let moods = MOODS.map(|(_, variance)| libm::sqrt(variance) * draws.normal());
        Walk { draws, moods, first: 0, points: VecDeque::from([libm::log(value)]) }
    }

    /// The value so many seconds after the beginning. Never asked for what [`Walk::forget`] let go.
    pub fn at(&mut self, second: u32) -> f64 {
        let (at, within) = (second / GRID_SECONDS, second % GRID_SECONDS);
        let place = at.saturating_sub(self.first) as usize;
        while self.points.len() < place + 2 {
            self.draw();
        }
        let point = |place: usize| self.points.get(place).copied().unwrap_or(0.0);
        let share = f64::from(within) / f64::from(GRID_SECONDS);
        libm::exp(point(place) + share * (point(place + 1) - point(place)))
    }

    /// Lets go of what lies before a second.
    pub fn forget(&mut self, second: u32) {
        while self.first < second / GRID_SECONDS && self.points.len() > 1 {
            self.points.pop_front();
            self.first += 1;
        }
    }

    fn draw(&mut self) {
        let step = f64::from(GRID_SECONDS);
        let mut mood = 0.0;
        let mut variance = 0.0;
        for (state, (seconds, part)) in self.moods.iter_mut().zip(MOODS) {
            let kept = libm::exp(-step / seconds);
            *state = kept * *state + libm::sqrt(part * (1.0 - kept * kept)) * self.draws.normal();
            mood += *state;
            variance += part;
        }
        // The mean of exp(2 (mood - variance)) is 1: the daily deviation is what it says.
        let deviation = DAILY_DEVIATION * libm::sqrt(step / DAY_SECONDS) * libm::exp(mood - variance);
        let last = self.points.back().copied().unwrap_or(0.0);
        let next = (last + deviation * self.draws.normal()).clamp(LOG_BOUNDS.0, LOG_BOUNDS.1);
        self.points.push_back(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same figures as docs/market.md gives for the candle files, over twenty days of a fixed seed.
    #[test]
    fn minutes_cluster_as_the_candles_do() {
        let mut walk = Walk::new(Draws::new(3, 1), 1.4);
        let minutes = 20 * 1_440;
        let mut values = Vec::new();
        for minute in 0..=minutes {
            values.push(libm::log(walk.at(minute * 60)));
            walk.forget(minute * 60);
        }
        let returns: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let variance = mean(&returns.iter().map(|r| r * r).collect::<Vec<_>>());
        let kurtosis =
            mean(&returns.iter().map(|r| r * r * r * r).collect::<Vec<_>>()) / (variance * variance);
        let sizes: Vec<f64> = returns.iter().map(|r| r.abs()).collect();
        let middle = mean(&sizes);
        let spread = mean(&sizes.iter().map(|s| (s - middle) * (s - middle)).collect::<Vec<_>>());
        let lagged = |lag: usize| {
            let pairs: Vec<f64> =
                sizes.iter().zip(&sizes[lag..]).map(|(a, b)| (a - middle) * (b - middle)).collect();
            mean(&pairs) / spread
        };
        let daily = libm::sqrt(variance * 1_440.0);
        eprintln!(
            "daily {daily:.4}, kurtosis {kurtosis:.1}, sizes after 1, 15, 60 minutes {:.2} {:.2} {:.2}",
            lagged(1),
            lagged(15),
            lagged(60)
        );
        assert!((0.018..0.045).contains(&daily), "{daily}");
        assert!((7.0..40.0).contains(&kurtosis), "{kurtosis}");
        assert!((0.15..0.45).contains(&lagged(1)) && (0.06..0.30).contains(&lagged(15)));
        assert!((0.03..0.25).contains(&lagged(60)));
    }

    #[test]
    fn asking_ahead_does_not_change_what_comes() {
        let (mut a, mut b) = (Walk::new(Draws::new(7, 1), 1.4), Walk::new(Draws::new(7, 1), 1.4));
        for second in 0..2_000 {
            let ahead = a.at(second + 60);
            a.forget(second);
            assert!(
                ahead.to_bits() == b.at(second + 60).to_bits()
                    && a.at(second).to_bits() == b.at(second).to_bits()
            );
        }
    }
}
