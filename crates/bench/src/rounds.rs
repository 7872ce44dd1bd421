//! Interleaved rounds: in each, everybody does the work once, and who begins changes. The ratio is taken within a
//! round, so that what slows the machine for a while slows both sides of it.

use std::time::Duration;

use anyhow::Result;

use crate::ours::Ours;
use crate::peer::Peer;
use crate::work::Job;

/// How many rounds of what length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    rounds: usize,
    round: Duration,
    warm_up: Duration,
}

impl Pace {
    /// For figures.
    pub const FULL: Self =
        Self { rounds: 7, round: Duration::from_millis(300), warm_up: Duration::from_millis(600) };
    /// To see that it works.
    pub const QUICK: Self =
        Self { rounds: 3, round: Duration::from_millis(40), warm_up: Duration::from_millis(40) };
}

/// The figures of one job.
pub struct Row {
    /// The job's name.
    pub name: String,
    /// Ours, nanoseconds each.
    pub ours: Spread,
    /// Each peer's, in the order of peers.
    pub peers: Vec<PeerRow>,
}

/// A peer's figures.
pub struct PeerRow {
    /// Its name.
    pub name: String,
    /// Nanoseconds each.
    pub ns: Spread,
    /// How many times as long as ours it took, round by round.
    pub ratio: Spread,
}

/// Median, least and greatest of the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
}

impl Spread {
    /// Of at least one value; zero of none.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |i: usize| values.get(i).copied().unwrap_or(0.0);
        let last = values.len().saturating_sub(1);
        let median = (at(last / 2) + at(last.div_ceil(2))) / 2.0;
        Self { median, min: at(0), max: at(last) }
    }
}

/// Measures every job, one after the other.
pub fn measure(jobs: &[Job], ours: &mut Ours<'_>, peers: &mut [Peer], pace: Pace) -> Result<Vec<Row>> {
    jobs.iter().map(|job| row(job, ours, peers, pace)).collect()
}

fn row(job: &Job, ours: &mut Ours<'_>, peers: &mut [Peer], pace: Pace) -> Result<Row> {
    eprintln!("measuring: {}", job.name());
    ours.run(job, pace.warm_up)?;
    for peer in peers.iter_mut() {
        peer.run(job, pace.warm_up)?;
    }
    let sides = peers.len() + 1;
    let mut times = vec![Vec::with_capacity(pace.rounds); sides];
    for round in 0..pace.rounds {
        for turn in 0..sides {
            let side = (round + turn) % sides;
            let sample = match side.checked_sub(1).and_then(|i| peers.get_mut(i)) {
                Some(peer) => peer.run(job, pace.round)?,
                None => ours.run(job, pace.round)?,
            };
            times[side].push(sample.ns_each());
        }
    }
    let own = times.remove(0);
    let figures = peers.iter().zip(times).map(|(peer, ns)| {
        let ratios = ns.iter().zip(&own).map(|(theirs, ours)| theirs / ours).collect();
        PeerRow { name: peer.name.clone(), ratio: Spread::of(ratios), ns: Spread::of(ns) }
    });
    Ok(Row { name: job.name(), peers: figures.collect(), ours: Spread::of(own) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_ends() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 8.0]), Spread { median: 3.0, min: 1.0, max: 8.0 });
        assert_eq!(Spread::of(vec![4.0, 2.0]), Spread { median: 3.0, min: 2.0, max: 4.0 });
        assert_eq!(Spread::of(Vec::new()), Spread { median: 0.0, min: 0.0, max: 0.0 });
    }
}
