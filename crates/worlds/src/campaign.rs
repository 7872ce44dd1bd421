//! Many seeds on all processors: counts what happened, lists what did not hold, and remembers in a small file what was
//! done, so that it can go on another day.

use crate::plan::Shape;
use crate::world::{Outcome, run};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Every so many seeds one is run twice, and must give the same rows, the journal's digests among them, and the same
/// counts of what befell it.
const TWICE_EVERY: u64 = 100;

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub struct Total {
    /// Worlds.
    pub worlds: u64,
    /// Of these, run twice.
    pub twice: u64,
    /// How often what happened.
    pub counts: BTreeMap<String, u64>,
    /// Ledgers, sessions, fills, submissions.
    pub figures: [u64; 4],
    /// Worlds in which something did not hold.
    pub failed: Vec<(u64, Outcome)>,
}

/// Runs `count` seeds from `from` on; stops early after `failures_max` that did not hold.
///
/// # Errors
/// What kept the simulation itself from working.
pub fn seeds(
    from: u64,
    count: u64,
    shape: Shape,
    threads: usize,
    failures_max: usize,
    done: impl Fn(u64, &Outcome) + Sync,
) -> Result<Total> {
    let next = AtomicU64::new(from);
    let total: Mutex<Result<Total>> = Mutex::new(Ok(Total::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from.saturating_add(count) {
                        return;
                    }
                    let outcome = one(seed, shape);
                    if let Ok(outcome) = &outcome {
                        done(seed, outcome);
                    }
                    let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                    let Ok(sum) = total.as_mut() else { return };
                    match outcome {
                        Ok(outcome) => sum.add(seed, outcome),
                        Err(error) => *total = Err(error.context(format!("seed {seed}"))),
                    }
                    if total.as_ref().map_or(true, |sum| sum.failed.len() >= failures_max) {
                        return;
                    }
                }
            });
        }
    });
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    total.failed.sort_by_key(|(seed, _)| *seed);
    Ok(total)
}

/// A world; now and then the same again (I45).
///
/// # Errors
/// As [`run`].
fn one(seed: u64, shape: Shape) -> Result<Outcome> {
    let mut outcome = run(seed, shape)?;
    if seed.is_multiple_of(TWICE_EVERY) {
        let again = run(seed, shape)?;
        if (again.digest, again.figures, &again.counts) != (outcome.digest, outcome.figures, &outcome.counts)
        {
            let what = format!("{:?} and {:?}", outcome.figures, again.figures);
            outcome.violations.push(crate::audit::Violation { invariant: "I45", what });
        }
        *outcome.counts.entry("twice, and the same".to_owned()).or_default() += 1;
    }
    Ok(outcome)
}

impl Total {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.worlds += 1;
        self.twice += u64::from(outcome.counts.contains_key("twice, and the same"));
        for (word, times) in &outcome.counts {
            *self.counts.entry(word.clone()).or_default() += times;
        }
        for (sum, figure) in self.figures.iter_mut().zip(outcome.figures) {
            *sum += figure;
        }
        if !outcome.violations.is_empty() {
            self.failed.push((seed, outcome));
        }
    }

    /// Adds what an earlier run has written down.
    ///
    /// # Errors
    /// A file that cannot be read, or is none of these.
    pub fn read(path: &Path) -> Result<(u64, Total)> {
        let mut total = Total::default();
        if !path.exists() {
            return Ok((0, total));
        }
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut next = 0;
        for line in text.lines() {
            let (number, word) = line.split_once(' ').context("not a file of this campaign")?;
            let number: u64 = number.parse().context("not a file of this campaign")?;
            match word {
                "next seed" => next = number,
                "worlds" => total.worlds = number,
                "twice" => total.twice = number,
                "ledgers" => total.figures[0] = number,
                "sessions" => total.figures[1] = number,
                "fills" => total.figures[2] = number,
                "submissions" => total.figures[3] = number,
                other => drop(total.counts.insert(other.to_owned(), number)),
            }
        }
        Ok((next, total))
    }

    /// Writes down what was done.
    ///
    /// # Errors
    /// The system's.
    pub fn write(&self, path: &Path, next: u64) -> Result<()> {
        let [ledgers, sessions, fills, submissions] = self.figures;
        let mut text = format!(
            "{next} next seed\n{} worlds\n{} twice\n{ledgers} ledgers\n{sessions} sessions\n{fills} fills\n{submissions} submissions\n",
            self.worlds, self.twice
        );
        for (word, times) in &self.counts {
            text.push_str(&format!("{times} {word}\n"));
        }
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path))?;
        Ok(())
    }

    /// The sum of two runs.
    #[must_use]
    pub fn plus(mut self, other: Total) -> Total {
        self.worlds += other.worlds;
        self.twice += other.twice;
        for (word, times) in other.counts {
            *self.counts.entry(word).or_default() += times;
        }
        for (sum, figure) in self.figures.iter_mut().zip(other.figures) {
            *sum += figure;
        }
        self.failed.extend(other.failed);
        self
    }
}
