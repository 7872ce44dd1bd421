//! Crash points: kills and power cuts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use crashlab::campaign;
use crashlab::recording::Recording;

/// How many points every change of the house is held against.
const POINTS: u64 = 50_000;

#[test]
fn nothing_acknowledged_is_lost_at_any_crash() {
    let start = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let outcome = campaign::run(POINTS, 1, threads, |_| ()).unwrap();
    eprintln!(
        "{} points, {} seeds, {} transactions, {} failed, {:?}",
        outcome.points(),
        outcome.seeds,
        outcome.transactions,
        outcome.failed,
        start.elapsed()
    );
    assert!(outcome.points() >= POINTS);
    assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
}

/// But for scripts that make checkpoints in a session, whose row says how long they took.
#[test]
fn a_seed_is_the_same_bytes_each_time() {
    for seed in [7, 11] {
        let (one, other) = (Recording::make(seed).unwrap(), Recording::make(seed).unwrap());
        assert!(one.changes.len() > 100);
        assert_eq!(one.changes.len(), other.changes.len());
        let unlike = one.changes.iter().zip(&other.changes).position(|(one, other)| one != other);
        assert_eq!(unlike, None, "seed {seed}");
    }
}
