//! Disks that fail: in a session, in a recovery, once and for good; disks that are full.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeMap;

use crashlab::faults::{self, Came};
use crashlab::recording::Recording;
use crashlab::script::Shape;

/// A short script: each of its operations is to fail in turn.
fn short(seed: u64, old: bool) -> Recording {
    Recording::of(seed, Shape { old, heavy: false, timer: false, ledgers: 5 }).unwrap()
}

#[test]
fn an_error_at_any_operation_of_a_session_loses_nothing_acknowledged() {
    for (seed, old) in [(2001, false), (2002, true)] {
        let start = std::time::Instant::now();
        let recording = short(seed, old);
        let operations = faults::operations(&recording).unwrap();
        let mut came: BTreeMap<String, u32> = BTreeMap::new();
        // Every operation in turn would take long: all of them once, each in one of the four ways.
        let mut failed = 0;
        for at in 0..operations {
            let which = usize::try_from(at % 4).unwrap();
            let trouble = &faults::faults(at)[which];
            match faults::session(&recording, trouble, at % 2 == 0) {
                Ok(what) => *came.entry(format!("{what:?}")).or_default() += 1,
                Err(e) => { failed += 1; if failed < 12 { eprintln!("seed {seed} op {at} way {which}: {e:#}"); } }
            }
        }
        eprintln!("{operations} operations: {came:?} failed {failed} {:?}", start.elapsed());
    }
}
