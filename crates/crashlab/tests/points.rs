//! Crash points: kills and power cuts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use crashlab::campaign;

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
