//! Figures of works that have no peer: a name, a number with its unit, and how it was come by. Never a ratio.

use std::time::Duration;

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The work.
    pub work: &'static str,
    /// What of it.
    pub what: String,
    /// The number, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What is to be known to read it.
    pub note: String,
}

/// The figures of one work as they come.
pub struct Figures {
    work: &'static str,
    all: Vec<Figure>,
}

impl Figures {
    /// None yet.
    pub fn of(work: &'static str) -> Self {
        Self { work, all: Vec::new() }
    }

    /// Adds one.
    pub fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str, note: impl Into<String>) {
        self.all.push(Figure { work: self.work, what: what.into(), value, unit, note: note.into() });
    }

    /// Adds median and 99th percentile of some times, in microseconds.
    pub fn times(&mut self, what: &str, times: Vec<Duration>, note: &str) {
        let sorted = Sorted::of(times);
        self.add(
            format!("{what}, median"),
            sorted.at(0.5),
            "us",
            format!("{} of them{note}", sorted.0.len()),
        );
        self.add(format!("{what}, 99th percentile"), sorted.at(0.99), "us", String::new());
    }

    /// All of them.
    pub fn into_all(self) -> Vec<Figure> {
        self.all
    }
}

/// Times in order, in microseconds.
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// In order.
    pub fn of(times: Vec<Duration>) -> Self {
        let mut micros: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64() * 1e6).collect();
        micros.sort_by(f64::total_cmp);
        Self(micros)
    }

    /// The value that this part of all does not exceed; 0 of none.
    pub fn at(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((part * last as f64).round() as usize).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        let sorted = Sorted::of((1..=101).rev().map(Duration::from_micros).collect());
        assert_eq!((sorted.at(0.5), sorted.at(0.99), sorted.at(1.0)), (51.0, 100.0, 101.0));
        assert_eq!(Sorted::of(Vec::new()).at(0.5), 0.0);
    }
}
