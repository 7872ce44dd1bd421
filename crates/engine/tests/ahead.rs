//! What is read of an input before its turn: only ledgers with transactions of ours have something to read, and whether
//! it was read before, rightly or of something else, changes no answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{Engine, Input, ReadAhead, Side};
use support::{Rig, identity};
use units::{LedgerIndex, LedgerTime};

/// A session with fills, empty ledgers and a stop.
fn story() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    assert!(rig.world.take(sell, 2_000_000));
    rig.tick();
    rig.tick();
    rig.stop();
    rig
}

#[test]
fn only_ledgers_with_transactions_of_ours_are_read_ahead() {
    let (mut with, mut without, mut others) = (0, 0, 0);
    for input in &story().journal {
        let is_read = ReadAhead::of(input, &identity(), LedgerTime(800_000_000)).is_some();
        match input {
            Input::Ledger(ledger) if ledger.own.is_empty() => without += usize::from(!is_read),
            Input::Ledger(_) => with += usize::from(is_read),
            _ => others += usize::from(!is_read),
        }
    }
    let journal = story().journal;
    let ledgers = journal.iter().filter(|input| matches!(input, Input::Ledger(_))).count();
    assert!(with > 2 && without > 0, "{with} {without}");
    assert_eq!((with + without, others), (ledgers, journal.len() - ledgers));
}

#[test]
fn what_was_read_ahead_changes_no_answer() {
    let rig = story();
    // Read with the close time that the engine knows, with another one, and of another ledger.
    for (late, shift) in [(0, 0), (7, 0), (0, 1)] {
        let mut engine = Engine::new(rig.engine.config().clone(), identity());
        for (input, wanted) in rig.journal.iter().zip(&rig.steps) {
            let mut read = input.clone();
            if let Input::Ledger(ledger) = &mut read {
                ledger.header.index = LedgerIndex(ledger.header.index.get() + shift);
                if shift > 0 {
                    ledger.own.truncate(1);
                }
            }
            let closed = LedgerTime(engine.now().get() + late);
            let ahead = ReadAhead::of(&read, &identity(), closed);
            assert_eq!(&engine.step_with(input, ahead), wanted, "{late} {shift}");
        }
    }
}
