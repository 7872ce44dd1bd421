//! DEGRADED and review, as stories: what stops quoting, what the history answers, what brings quoting back, and what ends
//! the session. Every story ends with books that hold to the last digit wherever the ledger's own balances allow it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{
    Effect, HaltReason, Hold, Input, Mode, OrderStatus, Purpose, Record, Side, TruthRead, TruthSource,
};
use support::{Rig, drops, value};
use units::LedgerIndex;

fn quoting() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    rig
}

/// What the anomaly log ends up with, by offer: the last word on each row.
fn rows(rig: &Rig) -> Vec<(Option<u32>, String)> {
    let mut last: Vec<((u32, Option<u32>), String)> = vec![];
    for record in &rig.records {
        if let Record::Anomaly(row) = record {
            let key = (row.detected_at.get(), row.offer_sequence);
            match last.iter_mut().find(|(known, _)| *known == key) {
                Some((_, action)) => action.clone_from(&row.action_taken),
                None => last.push((key, row.action_taken.clone())),
            }
        }
    }
    last.into_iter().map(|((_, offer), action)| (offer, action)).collect()
}

fn submissions(rig: &Rig, purpose: Purpose, ends: Option<u32>) -> usize {
    let is_one = |record: &&Record| {
        matches!(record, Record::SubmissionIntent(row)
            if row.purpose == purpose && (ends.is_none() || row.ends_offer == ends))
    };
    rig.records.iter().filter(is_one).count()
}

/// The last value under a key of the engine's state.
fn state(rig: &Rig, name: &str) -> Option<String> {
    rig.records.iter().rev().find_map(|record| match record {
        Record::State { key, value } if key == name => Some(value.clone()),
        _ => None,
    })
}

/// A ledger that comes without what it has of us, though it says that it is complete.
fn silent(rig: &mut Rig) {
    let Input::Ledger(mut cut) = rig.world.close() else { unreachable!() };
    (cut.own, cut.book) = (vec![], vec![]);
    rig.feed(Input::Ledger(cut));
}

/// A full read as the world is, bent.
fn read(rig: &mut Rig, bend: impl Fn(&mut TruthRead)) -> Vec<Effect> {
    let mut truth = rig.world.truth(TruthSource::Periodic);
    bend(&mut truth);
    rig.feed(Input::Truth(Box::new(truth))).effects
}

fn history(rig: &mut Rig) {
    let backfill = rig.world.backfill(LedgerIndex(100));
    rig.feed(Input::Backfill(Box::new(backfill)));
}

#[test]
fn what_the_history_says_of_a_lost_offer_by_table() {
    type Story = fn(&mut Rig, u32);
    let rows_of: [(&str, Story, &str, OrderStatus, usize); 6] = [
        (
            "filled",
            |rig, sell| assert!(rig.world.take(sell, i64::MAX)),
            "filled_from_metadata",
            OrderStatus::Filled,
            1,
        ),
        (
            "a part of it",
            |rig, sell| assert!(rig.world.take(sell, 2_000_000)),
            "filled_from_metadata",
            OrderStatus::PartiallyFilled,
            1,
        ),
        (
            "in two parts",
            |rig, sell| {
                assert!(rig.world.take(sell, 2_000_000));
                assert!(rig.world.take(sell, i64::MAX));
            },
            "filled_from_metadata",
            OrderStatus::Filled,
            2,
        ),
        ("unfunded", |rig, sell| rig.world.sweep(sell), "unfunded", OrderStatus::Unfunded, 0),
        (
            "a part, then unfunded",
            |rig, sell| {
                assert!(rig.world.take(sell, 2_000_000));
                rig.world.sweep(sell);
            },
            "unfunded",
            OrderStatus::Unfunded,
            1,
        ),
        (
            "replaced",
            |rig, _| {
                // The replacement that was sent is in the ledger that nobody told us of.
                rig.world.validate_all();
            },
            "cancelled_from_metadata",
            OrderStatus::Replaced,
            0,
        ),
    ];
    for (what, story, action, status, fills) in rows_of {
        let mut rig = quoting();
        rig.answers_truth = false;
        let sell = rig.offer(Side::Sell);
        if status == OrderStatus::Replaced {
            rig.world.touch = ("1.4250".to_owned(), "1.4260".to_owned());
            let ledger = rig.world.close();
            rig.feed(ledger);
            assert!(submissions(&rig, Purpose::Replace, Some(sell)) == 1, "{what}");
        }
        story(&mut rig, sell);
        silent(&mut rig);
        let effects = read(&mut rig, |_| {});
        assert!(rows(&rig).contains(&(Some(sell), "searching".to_owned())), "{what}: {:?}", rows(&rig));
        assert!(effects.iter().any(|e| matches!(e, Effect::RequestBackfill { .. })), "{what}: {effects:?}");
        assert!(rig.fills().is_empty(), "{what}: absence is no fill");
        history(&mut rig);
        assert!(rows(&rig).contains(&(Some(sell), action.to_owned())), "{what}: {:?}", rows(&rig));
        assert_eq!((rig.orders()[&sell].status, rig.fills().len()), (status, fills), "{what}");
        assert_eq!(rig.engine.halt(), None, "{what}");
        rig.audit();
        // The same history once more changes nothing.
        let before = rig.fills().len();
        history(&mut rig);
        assert_eq!(rig.fills().len(), before, "{what}");
        rig.answers_truth = true;
        for _ in 0..5 {
            rig.tick();
        }
        assert_eq!((rig.engine.mode(), rig.world.offers.len()), (Mode::Active, 2), "{what}");
        rig.audit();
        assert!(rig.stop().verified, "{what}");
        rig.audit();
    }
}

#[test]
fn while_the_history_is_searched_nothing_is_quoted() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    read(&mut rig, |truth| truth.offers.retain(|offer| offer.sequence != sell));
    let step = rig.tick();
    assert_eq!(step.decision.hold, Some(Hold::OrderSearched { offer: sell }));
    assert!(step.decision.wanted.is_empty(), "{}", step.decision);
}

#[test]
fn an_offer_that_nothing_explains_is_held_and_quoting_comes_back_when_it_is_seen_again() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    read(&mut rig, |truth| truth.offers.retain(|offer| offer.sequence != sell));
    let mut backfill = rig.world.backfill(LedgerIndex(100));
    backfill.truth.offers.retain(|offer| offer.sequence != sell);
    rig.feed(Input::Backfill(Box::new(backfill)));
    assert_eq!(rows(&rig), [(Some(sell), "held_pending_review".to_owned())]);
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    assert_eq!(state(&rig, "degraded_recovery.reconciler.state").as_deref(), Some("standing"));
    assert!(state(&rig, "inventory_truth.degraded_reason").unwrap().contains("is not on the ledger"));
    assert!(rig.fills().is_empty());
    // The server was wrong.
    read(&mut rig, |_| {});
    assert_eq!(rows(&rig), [(Some(sell), "seen_again".to_owned())]);
    rig.answers_truth = true;
    for _ in 0..4 {
        rig.tick();
    }
    assert_eq!((rig.engine.mode(), rig.world.offers.len()), (Mode::Active, 2));
    assert_eq!(state(&rig, "degraded_recovery.reconciler.state").as_deref(), Some("gone"));
    assert_eq!(state(&rig, "inventory_truth.mode").as_deref(), Some("active"));
    assert!(rig.stop().verified);
    rig.audit();
}

#[test]
fn an_offer_that_stays_away_is_cancelled_once_and_the_session_ends_in_time() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    // It is really gone, and no history has it.
    rig.world.offers.remove(&sell);
    let mut ledgers = 0;
    while rig.engine.halt().is_none() {
        let effects = rig.tick().effects;
        if effects.iter().any(|effect| matches!(effect, Effect::ReadTruth { .. })) || ledgers % 3 == 0 {
            read(&mut rig, |_| {});
        }
        ledgers += 1;
        assert!(ledgers < 200, "it ends");
    }
    assert_eq!(rows(&rig), [(Some(sell), "held_pending_review".to_owned())]);
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::DegradedTimeoutHalt));
    assert_eq!(submissions(&rig, Purpose::Cancel, Some(sell)), 1, "a fee a ledger buys nothing");
    assert!((76..120).contains(&ledgers), "{ledgers}");
    rig.answers_truth = true;
    let closed = rig.run_out();
    assert!(closed.verified && closed.carried.orders.is_empty(), "{closed:?}");
    assert!(rig.fills().is_empty());
    rig.audit();
}

#[test]
fn history_that_does_not_come_is_asked_for_four_times() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    let asks =
        |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::RequestBackfill { .. })).count();
    let mut asked = asks(&read(&mut rig, |truth| truth.offers.retain(|offer| offer.sequence != sell)));
    let mut ledgers = 0;
    while rig.engine.mode() == Mode::Active {
        rig.world.queue.clear();
        let ledger = rig.world.close();
        asked += asks(&rig.feed(ledger).effects);
        // Short history is no history.
        let mut short = rig.world.backfill(LedgerIndex(101));
        short.from = rig.engine.cursor();
        short.truth.offers.retain(|offer| offer.sequence != sell);
        rig.feed(Input::Backfill(Box::new(short)));
        ledgers += 1;
        assert!(ledgers < 50, "it ends");
    }
    assert_eq!((asked, ledgers), (4, 12));
    assert_eq!(rows(&rig), [(Some(sell), "held_pending_review".to_owned())]);
}

#[test]
fn a_read_that_differs_once_costs_a_pause_and_no_session() {
    for (what, xrp, rlusd) in
        [("a drop", -1, "0"), ("halt level", 6_000_000, "0"), ("a digit", 0, "0.0000000000001")]
    {
        let mut rig = quoting();
        let effects = read(&mut rig, |truth| {
            truth.account.xrp = truth.account.xrp.checked_add(drops(xrp)).unwrap();
            truth.account.rlusd = truth.account.rlusd.checked_add(value(rlusd)).unwrap();
        });
        assert!(
            effects.iter().any(|e| matches!(e, Effect::ReadTruth { .. })),
            "{what}: it is read again at once"
        );
        let events: Vec<_> = rig
            .records
            .iter()
            .filter_map(|r| if let Record::CircuitBreakerEvent(row) = r { Some(row) } else { None })
            .map(|row| (row.source.as_str(), row.from, row.to))
            .collect();
        assert_eq!(events.last(), Some(&("inventory_truth", Mode::Active, Mode::Degraded)), "{what}");
        // The read that was asked for did not confirm it.
        rig.tick();
        assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Active, None), "{what}");
        assert!(rig.stop().verified, "{what}");
        rig.audit();
    }
}

/// Fault 65 of the reliability page: metadata that the account contradicts is false evidence, and no pause mends that.
#[test]
fn metadata_that_the_account_contradicts_ends_the_session() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let (xrp, rlusd) = (rig.world.xrp, rig.world.rlusd);
    rig.world.mystery(1_000_000, "0");
    (rig.world.xrp, rig.world.rlusd) = (xrp, rlusd);
    rig.tick();
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    read(&mut rig, |_| {});
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::InventoryTruthHalt));
}

#[test]
fn entries_are_counted_and_the_third_within_two_hours_ends_the_session() {
    let mut rig = quoting();
    let bad = |truth: &mut TruthRead| truth.account.xrp = drops(1);
    read(&mut rig, bad);
    rig.tick();
    assert_eq!(rig.engine.mode(), Mode::Active);
    read(&mut rig, bad);
    assert_eq!(state(&rig, "degraded_recovery.inventory_truth.entries").as_deref(), Some("2"));
    let until: u32 =
        state(&rig, "degraded_recovery.inventory_truth.cool_until_ledger").unwrap().parse().unwrap();
    assert_eq!(until, rig.engine.cursor().get() + 120);
    while rig.engine.cursor().get() + 1 < until {
        rig.tick();
        assert_eq!(rig.engine.mode(), Mode::Degraded, "the cause is gone, the way back is barred");
    }
    rig.tick();
    assert_eq!(rig.engine.mode(), Mode::Active);
    read(&mut rig, bad);
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::DegradedEpisodeLimitHalt));
    assert!(rig.run_out().verified);
    rig.audit();
}

#[test]
fn an_offer_that_no_order_explains_is_taken_down_in_mid_session() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let legs = engine::Legs { quote: value("2"), base: drops(1_500_000) };
    rig.world.offers.insert(7, support::Offer { side: Side::Buy, legs, expiration: 900_000_000 });
    read(&mut rig, |_| {});
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    assert_eq!(rows(&rig), [(Some(7), "adopted_unknown_offer".to_owned())]);
    rig.tick();
    rig.tick();
    assert!(rig.world.offers.is_empty());
    rig.answers_truth = true;
    read(&mut rig, |_| {});
    for _ in 0..3 {
        rig.tick();
    }
    assert_eq!((rig.engine.mode(), rig.world.offers.len()), (Mode::Active, 2));
    assert!(rig.stop().verified);
}
