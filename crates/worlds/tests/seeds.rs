//! Worlds by their seeds, as many as the variable `WORLDS` says: a few by default, 500 before a change lands (`.ci/run`),
//! each of thirty virtual minutes. More of them, and on another day: `cargo xtask seeds`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use worlds::campaign::seeds;
use worlds::coverage;
use worlds::plan::Shape;

/// Worlds when nothing is said.
const FEW: u64 = 16;
/// The first seed: others than those of the tests beside this one.
const FROM: u64 = 101;
/// Worlds between two lines of progress.
const LINE_EVERY: u64 = 50;

#[test]
fn nothing_is_lost_in_so_many_worlds() {
    let count = std::env::var("WORLDS").map_or(FEW, |text| text.parse().expect("WORLDS is a number"));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (began, done) = (Instant::now(), AtomicU64::new(0));
    let total = seeds(FROM, count, Shape::FULL, threads, 3, |seed, outcome| {
        for violation in &outcome.violations {
            eprintln!("seed {seed}: {violation}; again: cargo xtask seeds --from {seed} --count 1 --story");
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(LINE_EVERY) {
            eprintln!("{done} of {count} worlds in {} s", began.elapsed().as_secs());
        }
    })
    .unwrap();
    println!("{}", coverage::table(&total.counts, total.worlds));
    let wrong: Vec<String> = total
        .failed
        .iter()
        .flat_map(|(seed, outcome)| outcome.violations.iter().map(move |what| format!("seed {seed}: {what}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(total.worlds, count);
    assert_eq!(total.twice, (FROM..FROM + count).filter(|seed| seed.is_multiple_of(100)).count() as u64);
    let [ledgers, ..] = total.figures;
    assert!(ledgers >= count * 450, "thirty minutes each: {ledgers} ledgers");
}

/// Seeds that once found something which the first five hundred do not.
const FOUND: [u64; 1] = [
    // Two nodes, and a process that sleeps for hours: after more than 256 ledgers no node was believed any more.
    20_154,
];

#[test]
fn what_a_rare_seed_found_stays_mended() {
    for seed in FOUND {
        let total = seeds(seed, 1, Shape::FULL, 1, 1, |_, _| {}).unwrap();
        let wrong: Vec<_> = total.failed.iter().flat_map(|(_, outcome)| &outcome.violations).collect();
        assert!(wrong.is_empty(), "cargo xtask seeds --from {seed} --count 1 --story: {wrong:?}");
    }
}
