//! Disks that fail: in a session, in a recovery, once and for good; disks that are full.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use crashlab::errors;
use crashlab::recording::Recording;
use crashlab::script::{Before, Shape};

/// A short script: each of its operations is to fail in turn.
fn short(seed: u64, before: Before) -> Recording {
    Recording::of(seed, Shape { before, heavy: false, timer: false, ledgers: 4 }).unwrap()
}

#[test]
fn an_error_at_every_operation_of_a_session_loses_nothing_acknowledged() {
    for (seed, before) in [(2001, Before::Made), (2002, Before::Nothing)] {
        let tally = errors::in_session(&short(seed, before), 3).unwrap();
        eprintln!("seed {seed}: {}", errors::line(&tally));
        assert_eq!(tally.failures, Vec::<String>::new());
        assert!(tally.undone > 100 && tally.done > 0, "{tally:?}");
    }
}

#[test]
fn an_error_at_every_operation_of_a_recovery_loses_nothing_acknowledged() {
    let tally = errors::in_recovery(&short(2003, Before::Made), 61);
    eprintln!("{}", errors::line(&tally));
    assert_eq!(tally.failures, Vec::<String>::new());
    assert!(tally.undone > 100, "{tally:?}");
}

#[test]
fn a_second_crash_at_every_change_of_a_recovery_loses_nothing_acknowledged() {
    let (tried, failures) = errors::crash_in_recovery(&short(2004, Before::Version1), 11);
    eprintln!("{tried} second crashes");
    assert_eq!(failures, Vec::<String>::new());
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_full_disk_stops_the_store_and_space_lets_it_go_on() {
    let tally = errors::full_disks(&short(2005, Before::Made), 1);
    eprintln!("{}", errors::line(&tally));
    assert_eq!(tally.failures, Vec::<String>::new());
    assert!(tally.undone > 20, "{tally:?}");
}
