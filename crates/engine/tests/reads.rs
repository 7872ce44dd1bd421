//! Full reads of the account: when they count and when not, in which order they are judged, and what follows from what they
//! show. A read of a ledger that has not come waits for it; one that nobody could compare is counted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use engine::{
    Effect, Engine, HaltReason, Input, Level, LogLine, Mode, Pool, Record, Side, Step, TruthRead, TruthRow,
    TruthSource, TruthStatus,
};
use support::{Rig, drops, identity, value};
use units::{Drops, Price};

fn quoting() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    rig.answers_truth = false;
    rig
}

fn rows(step: &Step) -> Vec<TruthRow> {
    let rows = step.records.iter().filter_map(|record| match record {
        Record::TruthCheck(row) => Some(row.clone()),
        _ => None,
    });
    rows.collect()
}

fn unverified(step: &Step) -> usize {
    rows(step).iter().filter(|row| row.status == TruthStatus::Unverified).count()
}

fn asks(step: &Step) -> bool {
    step.effects.iter().any(|effect| matches!(effect, Effect::ReadTruth { .. }))
}

fn searches(step: &Step) -> bool {
    step.effects.iter().any(|effect| matches!(effect, Effect::RequestBackfill { .. }))
}

fn read(rig: &mut Rig, bend: impl Fn(&mut TruthRead)) -> Step {
    let mut truth = rig.world.truth(TruthSource::Periodic);
    bend(&mut truth);
    rig.feed(Input::Truth(Box::new(truth)))
}

fn line<'a>(step: &'a Step, event: &str) -> Option<&'a LogLine> {
    step.logs.iter().find(|line| line.event == event)
}

/// Ledgers until a read is asked for.
fn until_asked(rig: &mut Rig) {
    for _ in 0..100 {
        if asks(&rig.tick()) {
            return;
        }
    }
    panic!("a read is asked for");
}

#[test]
fn a_read_that_does_not_come_within_ten_ledgers_is_unverified_and_the_third_stops_quoting() {
    let mut rig = quoting();
    for count in 1..=3 {
        until_asked(&mut rig);
        for ledger in 1..=10 {
            assert_eq!(unverified(&rig.tick()), 0, "{ledger} ledgers after it was asked for");
        }
        assert_eq!(rig.engine.mode(), Mode::Active, "{count}");
        assert_eq!(unverified(&rig.tick()), 1);
        assert_eq!(rig.engine.mode() == Mode::Degraded, count == 3, "{count}");
    }
}

#[test]
fn a_read_that_fails_before_another_ledger_came_is_not_counted() {
    let mut rig = quoting();
    for _ in 0..6 {
        until_asked(&mut rig);
        let step = rig.feed(Input::TruthFailed { detail: "no answer".to_owned() });
        assert_eq!(unverified(&step), 0);
    }
    assert_eq!(rig.engine.mode(), Mode::Active);
    until_asked(&mut rig);
    rig.tick();
    let step = rig.feed(Input::TruthFailed { detail: "no answer".to_owned() });
    assert_eq!(unverified(&step), 1, "a ledger came, and it could not be judged");
}

#[test]
fn a_read_of_a_ledger_that_has_not_come_waits_for_it_and_keeps_its_reason() {
    for ahead in [1, 2] {
        let mut rig = quoting();
        until_asked(&mut rig);
        let ledgers: Vec<Input> = (0..ahead).map(|_| rig.world.close()).collect();
        let early = rig.world.truth(TruthSource::Final);
        let step = rig.feed(Input::Truth(Box::new(early.clone())));
        assert!(rows(&step).is_empty() && step.effects.is_empty());
        for (at, ledger) in ledgers.into_iter().enumerate() {
            let step = rig.feed(ledger);
            let seen: Vec<_> = rows(&step)
                .iter()
                .filter(|row| row.source != TruthSource::Metadata)
                .map(|row| (row.ledger_index, row.source, row.status))
                .collect();
            let is_last = at + 1 == ahead;
            let wanted =
                if is_last { vec![(early.index, TruthSource::Periodic, TruthStatus::Ok)] } else { vec![] };
            assert_eq!(seen, wanted, "{ahead} ahead");
        }
    }
}

#[test]
fn a_read_of_an_earlier_ledger_is_compared_with_what_we_had_then() {
    let mut rig = quoting();
    let early = rig.world.truth(TruthSource::Periodic);
    rig.world.pay_us(5_000_000, "0");
    rig.tick();
    let step = rig.feed(Input::Truth(Box::new(early.clone())));
    let seen: Vec<_> = rows(&step).iter().map(|row| (row.ledger_index, row.status)).collect();
    assert_eq!(seen, [(early.index, TruthStatus::Ok)]);
    assert_eq!(rig.engine.mode(), Mode::Active);
}

#[test]
fn a_read_is_logged_by_what_it_says_and_told_to_the_operator() {
    let mut rig = quoting();
    let told = |step: &Step| {
        let is_status =
            |r: &Record| matches!(r, Record::State { key, .. } if key == "inventory_truth.status");
        step.records.iter().filter(|r| is_status(r)).count()
    };
    let step = read(&mut rig, |_| {});
    assert_eq!((line(&step, "truth_check").unwrap().level, told(&step)), (Level::Debug, 1));
    let step = read(&mut rig, |truth| truth.account.xrp = truth.account.xrp.checked_add(drops(1)).unwrap());
    assert_eq!((line(&step, "truth_check").unwrap().level, told(&step)), (Level::Error, 1));
    // What metadata says is checked with every ledger and is no read.
    let mut rig = quoting();
    rig.world.pay_us(5_000_000, "0");
    let step = rig.tick();
    let sources: Vec<_> = rows(&step).iter().map(|row| row.source).collect();
    assert_eq!((sources, told(&step)), (vec![TruthSource::Metadata], 0));
}

#[test]
fn only_a_read_of_the_ledger_that_differed_or_of_a_later_one_is_the_way_back() {
    let mut rig = quoting();
    let early = rig.world.truth(TruthSource::Periodic);
    rig.tick();
    read(&mut rig, |truth| truth.account.xrp = truth.account.xrp.checked_add(drops(1)).unwrap());
    assert_eq!(rig.engine.mode(), Mode::Degraded);
    // The cancels are validated, and their metadata agrees with the books.
    let mut agreed = 0;
    for _ in 0..5 {
        let step = rig.tick();
        let is_one = |row: &&TruthRow| row.source == TruthSource::Metadata && row.status == TruthStatus::Ok;
        agreed += rows(&step).iter().filter(is_one).count();
        assert_eq!(rig.engine.mode(), Mode::Degraded, "metadata alone is no proof");
    }
    assert!(agreed > 0);
    rig.feed(Input::Truth(Box::new(early)));
    rig.tick();
    assert_eq!(rig.engine.mode(), Mode::Degraded, "that was before the difference");
    read(&mut rig, |_| {});
    rig.tick();
    assert_eq!(rig.engine.mode(), Mode::Active);
}

#[test]
fn a_sequence_that_a_submission_of_ours_may_have_used_is_looked_up() {
    let mut rig = quoting();
    // One thing is on its way: the replacement of an ask that is too near.
    rig.world.touch = ("1.4190".to_owned(), "1.4240".to_owned());
    let ledger = rig.world.close();
    rig.feed(ledger);
    assert_eq!(rig.world.queue.len(), 1);
    let step = read(&mut rig, |truth| truth.account.sequence += 1);
    assert!(searches(&step));
    assert_eq!(rig.engine.halt(), None);
    // Two sequences are more than one submission can have used.
    let step = read(&mut rig, |truth| truth.account.sequence += 2);
    assert!(!searches(&step));
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
}

#[test]
fn a_sequence_that_only_an_unsigned_submission_wanted_was_used_by_somebody_else() {
    let world = support::World::new();
    let mut engine = Engine::new(engine::Config::default(), identity());
    let step = engine.step(&world.start(None, None));
    assert!(step.effects.iter().any(|effect| matches!(effect, Effect::Submit(_))));
    let mut truth = world.truth(TruthSource::Periodic);
    truth.account.sequence += 1;
    let step = engine.step(&Input::Truth(Box::new(truth)));
    assert!(!searches(&step));
    assert_eq!(engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
}

#[test]
fn a_book_that_a_read_shows_otherwise_is_rebuilt_and_named() {
    let mut rig = quoting();
    let step = read(&mut rig, |_| {});
    assert_eq!((line(&step, "book_rebuilt"), line(&step, "pool_reread")), (None, None));
    // The market moved, and no ledger told us.
    rig.world.touch = ("1.4150".to_owned(), "1.4170".to_owned());
    rig.world.last_touch = Some(rig.world.touch.clone());
    let (xrp, rlusd) = (Drops::from_xrp(1_000), value("1416"));
    rig.world.pool = Some(Pool { xrp, rlusd, trading_fee: 300 });
    let step = read(&mut rig, |_| {});
    assert_eq!(line(&step, "book_rebuilt").map(|line| line.level), Some(Level::Warn));
    assert_eq!(line(&step, "pool_reread").map(|line| line.level), Some(Level::Warn));
    rig.tick();
    assert_eq!(rig.engine.mid(), Some("1.416".parse::<Price>().unwrap()));
    assert_eq!(rig.engine.own_quotes().iter().filter(|(side, _)| *side == Side::Buy).count(), 1);
}
