//! Many seeds in a row, on all processors: counts what held and lists what did not. A campaign goes on where another
//! ended, at its next seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::place::Place;
use crate::points::{Crash, Failure, Point, Walk, points};
use crate::recording::Recording;

/// Failures that are kept; the rest are counted.
const KEPT: usize = 20;

/// What was tried and what came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Kills.
    pub kills: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Scripts recorded.
    pub seeds: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Points that did not hold.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
    /// Where the next campaign begins.
    pub next_seed: u64,
}

impl Outcome {
    /// All points.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.kills + self.cuts
    }

    fn count(&mut self, point: Point, result: Result<()>) {
        match point.crash {
            Crash::Kill => self.kills += 1,
            Crash::Power => self.cuts += 1,
        }
        if let Err(what) = result {
            self.failed += 1;
            if self.failures.len() < KEPT {
                self.failures.push(Failure { point, what });
            }
        }
    }

    fn add(&mut self, other: Outcome) {
        self.kills += other.kills;
        self.cuts += other.cuts;
        self.seeds += other.seeds;
        self.transactions += other.transactions;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.failures.sort_by_key(|failure| failure.point);
        self.failures.truncate(KEPT);
    }
}

/// Whole seeds from `first` on, until at least so many points were tried. `tell` hears of every few hundred points.
///
/// # Errors
/// A script that fails although nothing is wrong with its disk, or no place for a lock.
pub fn run(wanted: u64, first: u64, threads: usize, tell: impl Fn(u64) + Sync) -> Result<Outcome> {
    let (next, tried) = (AtomicU64::new(first), AtomicU64::new(0));
    let total: Mutex<Result<Outcome>> = Mutex::new(Ok(Outcome::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while tried.load(Ordering::Relaxed) < wanted {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let result = one_seed(seed, |n| {
                        tried.fetch_add(n, Ordering::Relaxed);
                        tell(n);
                    });
                    let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                    match (result, total.as_mut()) {
                        (Ok(outcome), Ok(total)) => total.add(outcome),
                        (Err(error), Ok(_)) => *total = Err(error),
                        (_, Err(_)) => {}
                    }
                    if total.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let mut outcome = total.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    outcome.next_seed = next.into_inner();
    Ok(outcome)
}

fn one_seed(seed: u64, tell: impl Fn(u64)) -> Result<Outcome> {
    let recording = Recording::make(seed)?;
    let mut outcome = Outcome { seeds: 1, transactions: recording.ends.len() as u64, ..Outcome::default() };
    let (mut place, mut walk, mut untold) = (Place::new()?, Walk::new(&recording, false), 0);
    for (at, crash) in points(&recording) {
        let result = walk.point(&mut place, at, crash);
        outcome.count(Point { seed, at, crash }, result);
        untold += 1;
        if untold == 200 {
            tell(untold);
            untold = 0;
        }
    }
    tell(untold);
    Ok(outcome)
}
