//! Quantiles and moments of plain lists. Never estimates anything: they are those of the list itself.

use serde::Serialize;

/// Where a list's values lie. All zero for an empty list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Quantiles {
    /// How many values.
    pub count: usize,
    /// The value that 5 % do not exceed.
    pub p5: f64,
    /// The median.
    pub p50: f64,
    /// The value that 95 % do not exceed.
    pub p95: f64,
    /// The mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Quantiles {
    /// Of these values.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Quantiles {
        values.sort_by(f64::total_cmp);
        let count = values.len();
        // Nearest rank, as spreadsheets call it.
        let at = |share: f64| {
            let rank = libm::ceil(share * count as f64) as usize;
            values.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        let mean = if count == 0 { 0.0 } else { values.iter().sum::<f64>() / count as f64 };
        Quantiles { count, p5: at(0.05), p50: at(0.5), p95: at(0.95), mean, min: at(0.0), max: at(1.0) }
    }
}

/// Deviation and kurtosis around zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Moments {
    /// How many values.
    pub count: usize,
    /// Root of the mean square.
    pub deviation: f64,
    /// Fourth moment over the square of the second: 3 for a normal distribution.
    pub kurtosis: f64,
}

impl Moments {
    /// Of these values.
    #[must_use]
    pub fn of(values: &[f64]) -> Moments {
        let count = values.len();
        if count == 0 {
            return Moments::default();
        }
        let mean = |power: &dyn Fn(f64) -> f64| values.iter().map(|v| power(*v)).sum::<f64>() / count as f64;
        let second = mean(&|v| v * v);
        let fourth = mean(&|v| v * v * v * v);
        let kurtosis = if second > 0.0 { fourth / (second * second) } else { 0.0 };
        Moments { count, deviation: libm::sqrt(second), kurtosis }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_list() {
        let q = Quantiles::of((1..=100).rev().map(f64::from).collect());
        let shown = [q.min, q.p5, q.p50, q.p95, q.max, q.mean].map(|v| v.to_string());
        assert_eq!(shown, ["1", "5", "50", "95", "100", "50.5"]);
        assert_eq!(Quantiles::of(Vec::new()), Quantiles::default());
        let moments = Moments::of(&[1.0, -1.0, 1.0, -1.0]);
        assert_eq!((moments.deviation.to_string(), moments.kurtosis.to_string()), ("1".into(), "1".into()));
    }
}
