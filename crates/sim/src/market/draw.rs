//! Seeded draws. Equal seeds give equal draws on every machine: integers from ChaCha8, everything else through `libm`.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

/// A stream of draws.
#[derive(Clone, Serialize, Deserialize)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// Stream `stream` of a seed; streams do not influence each other.
    pub fn new(seed: u64, stream: u64) -> Draws {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Draws(rng)
    }

    /// Uniform in 0..1, in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        let bits = self.0.next_u64() >> 11;
        // Both numbers have at most 53 bits: the division is exact.
        bits as f64 / 9_007_199_254_740_992.0
    }

    /// Uniform in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this chance.
    pub fn chance(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// Log-normal: its median and the deviation of its logarithm.
    pub fn log_normal(&mut self, median: f64, deviation: f64) -> f64 {
        median * libm::exp(deviation * self.normal())
    }

    /// Normal with mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(2.0 * core::f64::consts::PI * self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_are_distributed_as_they_say() {
        let (mut a, mut b) = (Draws::new(7, 1), Draws::new(7, 1));
        let mut other = Draws::new(7, 2);
        let draws: Vec<f64> = (0..10_000).map(|_| a.normal()).collect();
        assert!(draws.iter().all(|draw| draw.to_bits() == b.normal().to_bits()));
        assert!(draws.iter().take(8).any(|draw| draw.to_bits() != other.normal().to_bits()));
        let mean = draws.iter().sum::<f64>() / 10_000.0;
        let variance = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.06, "{mean} {variance}");
    }
}
