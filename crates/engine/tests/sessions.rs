//! Sessions: how they open, end, are recovered, and hand their books on.

mod support;

use engine::{HaltReason, Input, Mode, OrderStatus, Record, Side, StopInput};
use support::{Rig, World, drops};
use units::Exact;

fn status(rig: &Rig, sequence: u32) -> OrderStatus {
    rig.orders()[&sequence].status
}

#[test]
fn a_crash_is_recovered_and_the_fills_meanwhile_are_found() {
    let mut rig = Rig::started();
    rig.tick();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    // The process dies. The ledger goes on.
    rig.world.take(sell, 4_000_000);
    let _ = rig.world.close();
    rig.world.take(buy, i64::MAX);
    let _ = rig.world.close();
    // The next start replays the journal, which gives the same chain, and resumes.
    let mut again = Rig::new();
    for input in rig.journal.clone() {
        let bytes = engine::journal::encode_input(&input).unwrap();
        let step = again.engine.step(&input);
        again.digest = engine::journal::link(&again.digest, &bytes, &step).unwrap();
    }
    assert_eq!(again.digest, rig.digest);
    again.world = rig.world.clone();
    again.records = rig.records.clone();
    let backfill = again.world.backfill(again.engine.cursor().plus(1));
    again.feed(Input::Resume(Box::new(engine::ResumeInput { backfill })));
    let closed = again.run_out();
    assert_eq!((closed.halt_reason, closed.verified), (HaltReason::RecoveredAfterCrash, true));
    assert_eq!(closed.figures.fills, 2);
    assert!(again.world.offers.is_empty());
    again.audit();
}

#[test]
fn the_next_session_starts_from_the_closing_books() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    // A hasty stop: the cancels are sent, nothing is seen.
    rig.feed(Input::Stop(StopInput {
        reason: HaltReason::InterruptedConsoleClose,
        detail: String::new(),
        verify: false,
    }));
    let closed = rig.closed().unwrap();
    assert!(!closed.verified && closed.unverified.len() == 2 && closed.carried.pending.len() == 2);
    // While nobody looks, one offer is filled before its cancel comes.
    rig.world.take(sell, i64::MAX);
    rig.world.validate_all();
    let _ = rig.world.close();
    let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
    next.records = rig.records.clone();
    let start = next.world.start(Some(closed.carried), None);
    next.feed(start);
    assert_eq!(next.engine.mode(), Mode::Active, "{:?}", next.engine.halt());
    let fills = next.fills();
    assert!(fills.len() == 1 && fills[0].of_earlier_session);
    assert_eq!(next.engine.figures().fills, 0, "credited to the session that placed it");
    assert_eq!(next.orders()[&sell].status, OrderStatus::Filled);
    next.audit();
    next.tick();
    assert!(next.stop().verified);
    next.audit();
}

#[test]
fn a_start_on_books_that_differ_is_refused_and_writes_nothing() {
    let mut rig = Rig::started();
    rig.tick();
    let mut carried = rig.stop().carried;
    carried.xrp = carried.xrp.checked_add(drops(1)).unwrap();
    let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
    let start = next.world.start(Some(carried.clone()), None);
    let step = next.feed(start);
    assert!(step.records.is_empty() && next.engine.is_closed());
    assert!(
        matches!(&step.effects[..], [engine::Effect::StartRefused { detail }] if detail.contains("0.000001"))
    );
    // Accepted: opens DEGRADED, quotes nothing, and the difference is on the books as what it is.
    let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
    next.records = rig.records.clone();
    let Input::Start(mut start) = next.world.start(Some(carried), None) else { unreachable!() };
    start.accept_divergence = true;
    next.feed(Input::Start(start));
    assert_eq!(next.engine.mode(), Mode::Degraded);
    assert!(next.world.queue.is_empty());
    for _ in 0..80 {
        next.tick();
    }
    assert_eq!(next.closed().map(|row| row.halt_reason), Some(HaltReason::DegradedTimeoutHalt));
}

#[test]
fn the_session_ends_by_ledger_time() {
    let mut rig = Rig::new();
    let start = rig.world.start(None, Some(60));
    rig.feed(start);
    for _ in 0..40 {
        if rig.engine.is_closed() {
            break;
        }
        rig.tick();
    }
    let closed = rig.closed().unwrap();
    assert_eq!((closed.halt_reason, closed.verified), (HaltReason::DurationElapsed, true));
    assert!((60..80).contains(&closed.figures.seconds));
    assert_eq!(closed.figures.truth_delta_xrp, drops(0));
    assert!(closed.figures.truth_delta_rlusd.is_zero() && closed.figures.unexplained_rlusd.is_zero());
    rig.audit();
}

#[test]
fn holds_take_the_offers_down_and_end_by_themselves() {
    let mut rig = Rig::started();
    rig.tick();
    rig.world.touch = ("1.4300".to_owned(), "1.4210".to_owned());
    let step = rig.tick();
    assert!(matches!(step.decision.hold, Some(engine::Hold::BookCrossed { .. })));
    rig.tick();
    assert!(rig.world.offers.is_empty());
    let market = rig.records.iter().rev().find_map(|r| match r {
        Record::MarketSnapshot(row) => Some(row.clone()),
        _ => None,
    });
    assert!(market.is_some_and(|row| row.mid.is_none() && row.bid_depth_rlusd.is_none()));
    rig.world.touch = ("1.4190".to_owned(), "1.4210".to_owned());
    rig.tick();
    rig.tick();
    assert_eq!(rig.world.offers.len(), 2);
    rig.feed(Input::Stale { wall_seconds: 25 });
    assert!(matches!(rig.engine.hold(), Some(engine::Hold::LedgerStale { wall_seconds: 25 })));
    rig.tick();
    assert!(rig.world.offers.is_empty());
    assert_eq!(rig.engine.hold(), None);
    rig.tick();
    assert_eq!(rig.world.offers.len(), 2);
}

#[test]
fn a_deadline_names_what_is_left_with_its_expiry() {
    let mut rig = Rig::started();
    rig.tick();
    rig.answers_truth = false;
    rig.feed(Input::Stop(StopInput {
        reason: HaltReason::OperatorStop,
        detail: String::new(),
        verify: true,
    }));
    rig.feed(Input::StopDeadline);
    let closed = rig.closed().unwrap();
    assert!(!closed.verified);
    assert_eq!(closed.unverified.len(), 2);
    assert!(closed.unverified.iter().all(|left| left.expires_at.is_some()));
    let after = rig.feed(Input::StopDeadline);
    assert!(after.records.is_empty() && after.effects.is_empty());
}

#[test]
fn offers_that_no_order_explains_are_taken_down_at_the_first_start() {
    let mut world = World::new();
    world.offers.insert(
        7,
        support::Offer {
            side: Side::Buy,
            legs: engine::Legs { quote: support::value("2"), base: drops(2_000_000) },
            expiration: 900_000_000,
        },
    );
    let mut rig = Rig::with(support::no_pool(), world);
    let start = rig.world.start(None, None);
    rig.feed(start);
    rig.tick();
    assert_eq!(status(&rig, 7), OrderStatus::Replaced);
    assert_eq!(rig.world.offers.len(), 2);
    assert!(rig.stop().verified);
    rig.audit();
}

#[test]
fn a_wallet_all_in_one_asset_only_restores() {
    let mut world = World::new();
    world.xrp = drops(100_000_000);
    world.rlusd = support::value("20");
    let mut rig = Rig::with(support::no_pool(), world);
    let start = rig.world.start(None, None);
    rig.feed(start);
    assert_eq!(rig.engine.mode(), Mode::ReduceOnly);
    rig.tick();
    assert_eq!(rig.world.offers.values().map(|o| o.side).collect::<Vec<_>>(), [Side::Sell]);
    assert_eq!(rig.fills().iter().map(|f| f.quantity_rlusd.clone()).sum_exact(), Exact::zero());
}

trait SumExact {
    fn sum_exact(self) -> Exact;
}

impl<I: Iterator<Item = Exact>> SumExact for I {
    fn sum_exact(self) -> Exact {
        self.fold(Exact::zero(), |sum, next| &sum + &next)
    }
}

#[test]
fn a_read_from_before_the_cancels_is_not_the_final_one() {
    let mut rig = Rig::started();
    rig.tick();
    let early = rig.world.truth(engine::TruthSource::Final);
    rig.answers_truth = false;
    rig.feed(Input::Stop(StopInput {
        reason: HaltReason::OperatorStop,
        detail: String::new(),
        verify: true,
    }));
    rig.tick();
    assert!(rig.world.offers.is_empty());
    rig.feed(Input::Truth(Box::new(early)));
    assert!(!rig.engine.is_closed(), "it still shows our offers");
    let late = rig.world.truth(engine::TruthSource::Final);
    rig.feed(Input::Truth(Box::new(late)));
    assert!(rig.closed().is_some_and(|row| row.verified));
}

#[test]
fn submissions_that_outlived_their_session_and_lapsed_are_closed_by_the_next_start() {
    let mut rig = Rig::started();
    rig.tick();
    rig.feed(Input::Stop(StopInput {
        reason: HaltReason::InterruptedLogoff,
        detail: String::new(),
        verify: false,
    }));
    let carried = rig.closed().expect("closed at once").carried;
    assert_eq!((carried.orders.len(), carried.pending.len()), (2, 2));
    rig.world.queue.clear();
    for _ in 0..6 {
        let _ = rig.world.close();
    }
    let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
    let start = next.world.start(Some(carried), None);
    let step = next.feed(start);
    let proved = step.records.iter().filter(|r| {
        matches!(r, Record::SubmissionOutcome { intent_id: None, verdict, .. }
            if *verdict == engine::SubmissionVerdict::ExpiredProved)
    });
    assert_eq!(proved.count(), 2);
    assert!(matches!(step.records[0], Record::SessionOpened(_)));
    assert_eq!(next.engine.own_quotes().len(), 2, "the offers themselves go on in the new session");
    assert!(next.stop().verified);
}

#[test]
fn a_full_read_that_contradicts_us_degrades_or_halts_by_what_it_says() {
    type Bend = fn(&mut engine::TruthRead);
    // Mode after the read, mode after the history since the start, and the reason when it is over at once.
    let rows: [(&str, Bend, Mode, Mode, Option<HaltReason>); 8] = [
        ("the truth", |_| {}, Mode::Active, Mode::Active, None),
        (
            "sequence",
            |t| t.account.sequence += 1,
            Mode::Halted,
            Mode::Halted,
            Some(HaltReason::ForeignTransaction),
        ),
        (
            "hash",
            |t| t.hash = ledger::Hash256([3; 32]),
            Mode::Halted,
            Mode::Halted,
            Some(HaltReason::NodeDisagreement),
        ),
        ("freeze", |t| t.account.frozen = true, Mode::Halted, Mode::Halted, Some(HaltReason::IssuerFreeze)),
        ("one drop", |t| t.account.xrp = drops(59_999_979), Mode::Degraded, Mode::Degraded, None),
        (
            "a digit",
            |t| t.account.rlusd = support::value("85.20000000000001"),
            Mode::Degraded,
            Mode::Degraded,
            None,
        ),
        ("an offer less", |t| t.offers.truncate(1), Mode::Active, Mode::Degraded, None),
        ("other amounts", |t| t.offers[0].legs.base = drops(1), Mode::Active, Mode::Degraded, None),
    ];
    for (what, bend, at_once, searched, expected) in rows {
        let mut rig = Rig::started();
        rig.tick();
        rig.answers_truth = false;
        let mut truth = rig.world.truth(engine::TruthSource::Periodic);
        bend(&mut truth);
        rig.feed(Input::Truth(Box::new(truth.clone())));
        assert_eq!(rig.engine.halt().map(|(reason, _)| reason), expected, "{what}");
        assert_eq!(rig.engine.mode(), at_once, "{what}");
        let backfill = rig.world.backfill(units::LedgerIndex(100));
        rig.feed(Input::Backfill(Box::new(engine::BackfillInput { truth, ..backfill })));
        assert_eq!(rig.engine.mode(), searched, "{what}");
    }
}

#[test]
fn every_ledger_with_own_transactions_is_checked_by_its_metadata() {
    let mut rig = Rig::started();
    rig.tick();
    rig.tick();
    let checks: Vec<_> = rig
        .records
        .iter()
        .filter_map(|r| {
            if let Record::TruthCheck(row) = r { Some((row.ledger_index.get(), row.source)) } else { None }
        })
        .collect();
    assert_eq!(checks, [(100, engine::TruthSource::Start), (101, engine::TruthSource::Metadata)]);
}

/// A session whose process dies, rebuilt from its journal on the world given.
fn rebuilt(rig: &Rig, world: World) -> Rig {
    let mut again = Rig::with(rig.engine.config().clone(), world);
    for input in &rig.journal {
        again.engine.step(input);
    }
    again
}

fn requests(step: &engine::Step) -> usize {
    step.effects.iter().filter(|effect| matches!(effect, engine::Effect::RequestBackfill { .. })).count()
}

#[test]
fn a_ledger_behind_the_books_is_asked_three_times_and_no_more() {
    let mut rig = Rig::started();
    let early = rig.world.clone();
    for _ in 0..40 {
        rig.tick();
    }
    let mut again = rebuilt(&rig, early);
    let resume = |again: &Rig| again.world.backfill(again.engine.cursor().plus(1));
    let backfill = resume(&again);
    let first = again.feed(Input::Resume(Box::new(engine::ResumeInput { backfill })));
    assert_eq!(requests(&first), 0, "never in the step of the answer");
    let mut asked = 0;
    while !again.engine.is_closed() {
        let ledger = again.world.close();
        let step = again.feed(ledger);
        assert!(requests(&step) == 1 || again.engine.is_closed(), "{step:?}");
        asked += requests(&step);
        let backfill = resume(&again);
        let step = again.feed(Input::Backfill(Box::new(backfill)));
        assert_eq!(requests(&step), 0);
        assert!(asked <= 3, "it ends");
    }
    let closed = again.closed().unwrap();
    assert_eq!((asked, closed.halt_reason, closed.verified), (2, HaltReason::InventoryTruthHalt, false));
    assert!(closed.halt_detail.contains("the ledger ends at"), "{}", closed.halt_detail);
}

#[test]
fn history_that_stays_incomplete_is_asked_for_once_a_ledger_and_not_for_ever() {
    for answers in [true, false] {
        let mut rig = Rig::started();
        rig.tick();
        let _lost = rig.world.close();
        let next = rig.world.close();
        let mut asked = requests(&rig.feed(next));
        assert_eq!(asked, 1);
        let mut ledgers = 0;
        while !rig.engine.is_closed() {
            if answers {
                let mut backfill = rig.world.backfill(rig.engine.cursor().plus(1));
                backfill.complete = false;
                assert_eq!(requests(&rig.feed(Input::Backfill(Box::new(backfill)))), 0);
            }
            let ledger = rig.world.close();
            let step = rig.feed(ledger);
            assert!(requests(&step) <= 1);
            asked += requests(&step);
            ledgers += 1;
            assert!(ledgers < 1_000, "it ends");
        }
        let closed = rig.closed().unwrap();
        assert_eq!((asked, closed.halt_reason), (30, HaltReason::RiskGatewayUnhealthy), "{answers}");
        assert!(closed.halt_detail.contains("cannot be had"), "{}", closed.halt_detail);
    }
}

#[test]
fn history_that_comes_late_is_taken() {
    let mut rig = Rig::started();
    rig.tick();
    let _lost = rig.world.close();
    let next = rig.world.close();
    rig.feed(next);
    let mut backfill = rig.world.backfill(rig.engine.cursor().plus(1));
    backfill.complete = false;
    rig.feed(Input::Backfill(Box::new(backfill)));
    assert_eq!(requests(&rig.feed(Input::Stale { wall_seconds: 1 })), 1);
    let backfill = rig.world.backfill(rig.engine.cursor().plus(1));
    rig.feed(Input::Backfill(Box::new(backfill)));
    rig.tick();
    assert!(rig.engine.halt().is_none());
    assert!(rig.stop().verified);
    rig.audit();
}

#[test]
fn a_ledger_known_by_another_hash_is_not_resumed_on() {
    for is_in_truth in [false, true] {
        let mut rig = Rig::started();
        rig.tick();
        assert_eq!(rig.engine.cursor_hash(), Some(rig.world.header().hash));
        let mut again = rebuilt(&rig, rig.world.clone());
        let mut backfill = again.world.backfill(again.engine.cursor().plus(1));
        let told = if is_in_truth { &mut backfill.truth.hash } else { &mut backfill.header.hash };
        *told = engine_hash(77);
        again.feed(Input::Resume(Box::new(engine::ResumeInput { backfill })));
        let closed = again.closed().expect("it closes without waiting for that ledger");
        assert_eq!((closed.halt_reason, closed.verified), (HaltReason::NodeDisagreement, false));
        assert!(closed.halt_detail.contains("this is another ledger"), "{}", closed.halt_detail);
        assert_eq!(closed.carried.orders.len(), 2, "what rests on the real one is not forgotten");
    }
}

fn engine_hash(byte: u8) -> ledger::Hash256 {
    ledger::Hash256([byte; 32])
}
