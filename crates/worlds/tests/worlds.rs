//! Some worlds in which everything goes wrong and nothing may be lost; and the controls, which must be noticed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use worlds::campaign::seeds;
use worlds::careless::Careless;
use worlds::plan::Shape;
use worlds::world::run;

/// Seeds within which a control must be noticed.
const WITHIN: u64 = 1_000;

#[test]
fn nothing_is_lost_in_any_world() {
    let total = seeds(1, 8, Shape::FULL, 2, 3, |_, _| {}).unwrap();
    let wrong: Vec<String> = total
        .failed
        .iter()
        .flat_map(|(seed, outcome)| {
            outcome
                .violations
                .iter()
                .map(move |what| format!("seed {seed}: {what}"))
                .chain(outcome.story.clone())
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let [ledgers, sessions, fills, submissions] = total.figures;
    assert!(ledgers >= 8 * 450 && sessions >= 16, "{:?}", total.figures);
    assert!(
        fills > 100 && submissions > 500,
        "a world in which nothing happens proves nothing: {:?}",
        total.figures
    );
}

#[test]
fn a_seed_is_a_world() {
    let shape = Shape { minutes: 10, ..Shape::FULL };
    let (first, again, other) = (run(3, shape).unwrap(), run(3, shape).unwrap(), run(4, shape).unwrap());
    assert_eq!((first.digest, &first.counts, first.figures), (again.digest, &again.counts, again.figures));
    assert_ne!(first.digest, other.digest);
}

/// How many seeds it took, by the invariant that noticed.
fn noticed(shape: Shape) -> (u64, &'static str) {
    for seed in 1..=WITHIN {
        if let Some(violation) = run(seed, shape).unwrap().violations.first() {
            return (seed, violation.invariant);
        }
    }
    panic!("{shape:?} is not noticed within {WITHIN} seeds");
}

#[test]
fn every_mistake_is_noticed() {
    for mistake in Careless::ALL {
        let (seed, invariant) = noticed(Shape { minutes: 10, careless: Some(mistake), ..Shape::FULL });
        println!("{mistake:?}: {invariant}, at seed {seed}");
        let expected: &[&str] = match mistake {
            Careless::AbsenceIsFill | Careless::OneFillALedger => &["I21"],
            Careless::TesMeansDone => &["I32"],
            Careless::SignedAnewOnRetry => &["I30"],
            Careless::CursorApart => &["I20", "I21", "I28", "I32"],
            Careless::FeeForgotten => &["I20"],
            Careless::TruthFirst => &["I27"],
            Careless::ToldTwice => &[],
        };
        assert!(expected.contains(&invariant), "{mistake:?} is noticed by {invariant}");
    }
}

#[test]
fn a_disk_that_lies_is_noticed() {
    let (seed, invariant) = noticed(Shape { minutes: 10, lying_disk: true, ..Shape::FULL });
    println!("a lying disk: {invariant}, at seed {seed}");
}

/// The key alone stops a fill that is told twice: without it the auditor sees the second row, with it there is none.
#[test]
fn a_dropped_key_is_noticed_and_the_key_holds() {
    let told_twice = Shape { minutes: 10, careless: Some(Careless::ToldTwice), ..Shape::FULL };
    let (seed, invariant) = noticed(Shape { keyless: true, ..told_twice });
    println!("without the key: {invariant}, at seed {seed}");
    assert_eq!(invariant, "I21");
    let with_key = run(seed, told_twice).unwrap();
    assert_eq!(with_key.violations, [], "the same world with the key");
    assert!(with_key.figures[2] > 0, "it has fills: {:?}", with_key.figures);
}
