//! Two hours of paper (1,800 ledgers) must cost well under ten seconds in release. Run with
//! `cargo test --release -p sim --test speed -- --ignored --nocapture`.
#![expect(clippy::disallowed_types, reason = "a test may look at the clock")]

use sim::world::{MarketSpec, World, WorldSpec};
use units::LedgerTime;

#[test]
#[ignore = "a measurement, meaningful in release only"]
fn two_hours() {
    let mut world =
        World::genesis(WorldSpec::paper(1, MarketSpec::Synthetic, LedgerTime(825_638_400))).unwrap();
    let start = std::time::Instant::now();
    let mut transactions = 0;
    for _ in 0..1_800 {
        transactions += world.close().transactions.len();
    }
    let elapsed = start.elapsed();
    let bytes = world.snapshot().unwrap().len();
    eprintln!("1800 ledgers, {transactions} transactions: {elapsed:?}; snapshot {bytes} bytes");
    assert!(elapsed.as_secs_f64() < 10.0);
}
