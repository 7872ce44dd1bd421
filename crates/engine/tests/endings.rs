//! Every way in which an own offer ends, played on the ledger of the tests: the word, what took the rest of one that was
//! partly filled, and what proves it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{HaltReason, Input, Side, StopInput, TruthSource};
use ledger::ResultCode;
use support::Rig;
use units::LedgerIndex;

fn quoting() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    rig
}

fn stop(rig: &mut Rig) {
    let stop = StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: true };
    rig.feed(Input::Stop(stop));
}

/// A part of it is taken, if the story wants that, and then the story goes on.
fn part(rig: &mut Rig, sequence: u32, has_traded: bool) {
    if has_traded {
        assert!(rig.world.take(sequence, 2_000_000));
        rig.tick();
    }
}

type Told = (&'static str, Option<&'static str>, bool, bool);

#[test]
fn of_an_offer_that_rested() {
    type Story = fn(&mut Rig, u32);
    let stories: [(&'static str, Story); 5] = [
        ("cancelled", |rig, _| {
            stop(rig);
            rig.tick();
        }),
        ("replaced", |rig, _| {
            // Its time is nearly over: it is renewed.
            let ledger = rig.world.close_after(130);
            rig.feed(ledger);
            for _ in 0..3 {
                rig.tick();
            }
        }),
        ("expired", |rig, sell| {
            let ledger = rig.world.close_after(200);
            rig.feed(ledger);
            rig.world.queue.clear();
            rig.world.sweep(sell);
            let ledger = rig.world.close();
            rig.feed(ledger);
        }),
        ("unfunded", |rig, sell| {
            rig.world.sweep(sell);
            rig.tick();
        }),
        ("frozen", |rig, sell| {
            let mut truth = rig.world.truth(TruthSource::Periodic);
            truth.account.frozen = true;
            rig.feed(Input::Truth(Box::new(truth)));
            rig.world.queue.clear();
            rig.world.sweep(sell);
            let ledger = rig.world.close();
            rig.feed(ledger);
        }),
    ];
    for (word, story) in stories {
        for has_traded in [false, true] {
            let mut rig = quoting();
            rig.answers_truth = false;
            let sell = rig.offer(Side::Sell);
            part(&mut rig, sell, has_traded);
            story(&mut rig, sell);
            let wanted: Told = if has_traded {
                ("partly_filled_then_removed", Some(word), true, true)
            } else {
                (word, None, true, true)
            };
            assert_eq!(rig.endings().get(&sell), Some(&wanted), "{word}, traded {has_traded}");
        }
    }
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    part(&mut rig, sell, true);
    assert_eq!(rig.endings().get(&sell), None, "it rests");
    assert!(rig.world.take(sell, i64::MAX));
    rig.tick();
    assert_eq!(rig.endings()[&sell], ("filled", None, true, true));
}

#[test]
fn of_a_placement() {
    type Story = fn(&mut Rig);
    let refused: Story = |rig| {
        let (intent, signed) = rig.world.queue.remove(0);
        rig.world.validate_as(&intent, &signed, ResultCode(103));
    };
    let stories: [(&str, Story, u32, Told); 5] = [
        ("a tec code", refused, 1, ("never_placed", None, true, false)),
        ("in no ledger", |rig| rig.world.queue.clear(), 5, ("never_placed", None, true, false)),
        (
            "taken whole at once",
            |rig| rig.world.validate_taking(0, i64::MAX, false),
            1,
            ("filled", None, true, false),
        ),
        (
            "taken in part, the rest made no offer",
            |rig| rig.world.validate_taking(0, 4_000_000, false),
            1,
            ("partly_filled_then_removed", Some("never_placed"), true, false),
        ),
        (
            "taken in part, the rest replaced",
            |rig| {
                rig.world.validate_taking(0, 4_000_000, true);
                rig.tick();
            },
            1,
            ("partly_filled_then_removed", Some("replaced"), true, true),
        ),
    ];
    for (what, story, ledgers, wanted) in stories {
        let mut rig = Rig::started();
        let sequence = rig.world.queue[0].0.sequence.number();
        story(&mut rig);
        for _ in 0..ledgers {
            rig.tick();
        }
        assert_eq!(rig.endings().get(&sequence), Some(&wanted), "{what}");
    }
}

#[test]
fn of_one_that_nothing_proves_until_something_does() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    let mut truth = rig.world.truth(TruthSource::Periodic);
    truth.offers.retain(|offer| offer.sequence != sell);
    rig.feed(Input::Truth(Box::new(truth.clone())));
    let backfill = rig.world.backfill(LedgerIndex(100));
    rig.feed(Input::Backfill(Box::new(engine::BackfillInput { truth, ..backfill })));
    assert_eq!(rig.endings()[&sell], ("not_yet_provable", None, false, false));
    // DEGRADED takes it down, and the metadata of the cancel says that it was there.
    rig.tick();
    rig.tick();
    assert_eq!(rig.endings()[&sell], ("cancelled", None, true, true));
}

#[test]
fn an_issuer_that_froze_all_lines_is_known_by_the_refusal() {
    let mut rig = Rig::started();
    let (intent, signed) = rig.world.queue.remove(0);
    rig.world.validate_as(&intent, &signed, ResultCode(137));
    rig.tick();
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::IssuerFreeze));
    assert!(rig.run_out().verified);
    rig.audit();
}
