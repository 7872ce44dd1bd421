//! History: what is missing is asked for, taken once, in its place and whole; what is in question is searched from where it
//! was decided; and nothing is asked for for ever.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{
    AnomalyRow, BackfillInput, Effect, HaltReason, Input, Mode, OrderStatus, Record, Side, Step, StopInput,
    TruthRead, TruthSource,
};
use support::{Rig, drops};
use units::LedgerIndex;

fn quoting() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    rig.answers_truth = false;
    rig
}

fn asked(step: &Step) -> Option<LedgerIndex> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::RequestBackfill { from } => Some(*from),
        _ => None,
    })
}

fn final_reads(step: &Step) -> usize {
    let is_one = |effect: &&Effect| matches!(effect, Effect::ReadTruth { reason: TruthSource::Final });
    step.effects.iter().filter(is_one).count()
}

fn anomalies<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<AnomalyRow> {
    let rows = records.into_iter().filter_map(|record| match record {
        Record::Anomaly(row) => Some(row.clone()),
        _ => None,
    });
    rows.collect()
}

fn read(rig: &mut Rig, bend: impl Fn(&mut TruthRead)) -> Step {
    let mut truth = rig.world.truth(TruthSource::Periodic);
    bend(&mut truth);
    rig.feed(Input::Truth(Box::new(truth)))
}

/// A read without these offers.
fn without(rig: &mut Rig, lost: &[u32]) -> Step {
    read(rig, |truth| truth.offers.retain(|offer| !lost.contains(&offer.sequence)))
}

fn history(rig: &mut Rig, backfill: BackfillInput) -> Step {
    rig.feed(Input::Backfill(Box::new(backfill)))
}

fn stop(rig: &mut Rig, verify: bool) -> Step {
    rig.feed(Input::Stop(StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify }))
}

/// The ledger in which an order was decided.
fn decided(rig: &Rig, sequence: u32) -> LedgerIndex {
    LedgerIndex(rig.orders()[&sequence].order_id.ledger_index)
}

#[test]
fn ledgers_that_came_while_history_was_missing_follow_it_each_once() {
    // The history ends where nothing was kept, or at a ledger that was.
    for ends_late in [false, true] {
        let mut rig = quoting();
        let sell = rig.offer(Side::Sell);
        let from = rig.engine.cursor().plus(1);
        assert!(rig.world.take(sell, 1_000_000));
        let _lost = rig.world.close();
        let early = rig.world.backfill(from);
        assert!(rig.world.take(sell, 1_000_000));
        let next = rig.world.close();
        assert_eq!(asked(&rig.feed(next)), Some(from));
        let late = rig.world.backfill(from);
        assert!(rig.world.take(sell, 1_000_000));
        let after = rig.world.close();
        rig.feed(after);
        assert_eq!(rig.engine.cursor().plus(1), from);
        let step = history(&mut rig, if ends_late { late } else { early });
        assert_eq!(rig.engine.cursor(), from.plus(2));
        assert!(step.logs.iter().all(|line| line.event != "duplicate_ledger"), "nothing is taken twice");
        assert_eq!(rig.fills().len(), 3);
        rig.audit();
    }
}

#[test]
fn of_a_range_only_the_first_ledger_has_a_mid_before_it() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    let from = rig.engine.cursor().plus(1);
    for _ in 0..2 {
        assert!(rig.world.take(sell, 1_000_000));
        let _lost = rig.world.close();
    }
    let next = rig.world.close();
    rig.feed(next);
    let backfill = rig.world.backfill(from);
    history(&mut rig, backfill);
    let mids: Vec<_> = rig.fills().iter().map(|fill| fill.mid_price_at_fill).collect();
    assert_eq!(mids, ["1.42".parse().ok(), None]);
}

#[test]
fn what_an_answer_has_beyond_its_range_is_not_taken() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    // A fill that is in the books, one that is missing, and one after the end of the answer.
    assert!(rig.world.take(sell, 1_000_000));
    let known = rig.world.close();
    rig.feed(known);
    let from = rig.engine.cursor().plus(1);
    assert!(rig.world.take(sell, 1_100_000));
    let _lost = rig.world.close();
    let mut answer = rig.world.backfill(LedgerIndex(100));
    assert!(rig.world.take(sell, 1_200_000));
    let next = rig.world.close();
    rig.feed(next);
    answer.ledgers = rig.world.backfill(LedgerIndex(100)).ledgers;
    history(&mut rig, answer);
    assert_eq!(rig.engine.cursor(), from.plus(1));
    let taken: Vec<_> = rig.fills().iter().map(|fill| fill.quantity_xrp).collect();
    assert_eq!(taken, [drops(1_000_000), drops(1_100_000), drops(1_200_000)]);
    rig.audit();
}

#[test]
fn a_server_that_is_no_further_than_we_are_contradicts_nothing() {
    let mut rig = quoting();
    let same = rig.world.backfill(rig.engine.cursor().plus(1));
    let _lost = rig.world.close();
    for _ in 0..4 {
        let next = rig.world.close();
        rig.feed(next);
        history(&mut rig, same.clone());
    }
    assert_eq!(rig.engine.halt(), None);
    let whole = rig.world.backfill(rig.engine.cursor().plus(1));
    history(&mut rig, whole);
    assert_eq!(rig.engine.cursor(), LedgerIndex(rig.world.index));
}

#[test]
fn an_answer_is_waited_for_during_ten_inputs() {
    let mut rig = quoting();
    let _lost = rig.world.close();
    let mut asks = vec![];
    for at in 0..25 {
        let next = rig.world.close();
        if asked(&rig.feed(next)).is_some() {
            asks.push(at);
        }
    }
    // The input that asked is the first of the ten; the next finds that nothing came, and the one after it asks.
    assert_eq!(asks[..2], [0, 11]);
}

#[test]
fn history_that_ends_the_session_is_not_asked_for_again() {
    // It ends before the books do, three times; it is not complete, thirty times.
    for (is_older, times, reason) in
        [(true, 3, HaltReason::InventoryTruthHalt), (false, 30, HaltReason::RiskGatewayUnhealthy)]
    {
        let mut rig = quoting();
        let older = rig.world.backfill(rig.engine.cursor().plus(1));
        rig.tick();
        let _lost = rig.world.close();
        for count in 1..=times {
            let next = rig.world.close();
            assert!(asked(&rig.engine.step(&next)).is_some(), "{count}");
            let cut = BackfillInput { complete: false, ..rig.world.backfill(rig.engine.cursor().plus(1)) };
            let answer = if is_older { older.clone() } else { cut };
            rig.engine.step(&Input::Backfill(Box::new(answer)));
            assert_eq!(rig.engine.halt().is_some(), count == times, "{count}");
        }
        assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(reason));
        // The cancels are not signed yet: the session is still there, and asks no more.
        assert!(!rig.engine.is_closed());
        for _ in 0..3 {
            let next = rig.world.close();
            assert_eq!(asked(&rig.engine.step(&next)), None);
        }
    }
}

#[test]
fn a_search_begins_where_the_oldest_order_in_question_was_decided() {
    // The market moves towards our ask, which is replaced; our bid is the older one then.
    let younger = || {
        let mut rig = quoting();
        rig.world.touch = ("1.4190".to_owned(), "1.4240".to_owned());
        rig.tick();
        rig.tick();
        let mut both = [rig.offer(Side::Buy), rig.offer(Side::Sell)];
        both.sort_by_key(|sequence| decided(&rig, *sequence));
        assert!(decided(&rig, both[0]) < decided(&rig, both[1]));
        (rig, both)
    };
    let (mut rig, [old, young]) = younger();
    let step = without(&mut rig, &[young]);
    assert_eq!(asked(&step), Some(decided(&rig, young)));
    let step = without(&mut rig, &[old, young]);
    // What the start itself knew needs no search.
    assert_eq!(asked(&step), Some(decided(&rig, old).max(LedgerIndex(101))), "from further back");
    let (mut rig, [old, young]) = younger();
    assert!(asked(&without(&mut rig, &[old])).is_some());
    assert_eq!(asked(&without(&mut rig, &[old, young])), None, "that is on its way already");
}

#[test]
fn only_history_of_the_whole_search_answers_it() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    let early = rig.world.backfill(LedgerIndex(100));
    rig.tick();
    let from = asked(&without(&mut rig, &[sell])).unwrap();
    let is_held =
        |step: &Step| anomalies(&step.records).iter().any(|row| row.action_taken == "held_pending_review");
    let bend = |mut backfill: BackfillInput| {
        backfill.truth.offers.retain(|offer| offer.sequence != sell);
        backfill
    };
    assert!(!is_held(&history(&mut rig, bend(early))), "it ends before the read that raised the question");
    let short = bend(rig.world.backfill(from.plus(1)));
    assert!(!is_held(&history(&mut rig, short)), "it begins too late");
    let cut = BackfillInput { complete: false, ..bend(rig.world.backfill(from)) };
    assert!(!is_held(&history(&mut rig, cut)), "it is not all there");
    let exact = bend(rig.world.backfill(from));
    assert!(is_held(&history(&mut rig, exact)), "that is all of it");
}

#[test]
fn an_answer_that_is_ahead_of_us_moves_the_books_on_and_each_transaction_counts_once() {
    let mut rig = quoting();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    rig.tick();
    let from = asked(&without(&mut rig, &[sell])).unwrap();
    // Meanwhile a ledger closes, in which our bid trades.
    assert!(rig.world.take(buy, 1_000_000));
    let _late = rig.world.close();
    let ahead = rig.world.backfill(from);
    history(&mut rig, ahead);
    assert_eq!(rig.engine.cursor(), LedgerIndex(rig.world.index));
    assert_eq!((rig.fills().len(), rig.engine.halt()), (1, None));
    rig.audit();
}

#[test]
fn an_answer_says_what_the_order_is_now() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    assert!(rig.world.take(sell, i64::MAX));
    let Input::Ledger(mut cut) = rig.world.close() else { unreachable!() };
    (cut.own, cut.book) = (vec![], vec![]);
    rig.feed(Input::Ledger(cut));
    let asking = without(&mut rig, &[sell]);
    let statuses = |step: &Step| {
        let rows = anomalies(&step.records);
        rows.into_iter().map(|row| (row.action_taken, row.last_status)).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&asking), [("searching".to_owned(), Some(OrderStatus::Open))]);
    let answer = rig.world.backfill(LedgerIndex(100));
    let step = history(&mut rig, answer);
    assert_eq!(statuses(&step), [("filled_from_metadata".to_owned(), Some(OrderStatus::Filled))]);
    assert_eq!(rig.engine.figures().anomalies, 1, "one order, one anomaly");
}

/// Our ask has other amounts on the ledger than in the books, and no history says why.
fn bent() -> (Rig, u32) {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    let bend = move |truth: &mut TruthRead| {
        for offer in truth.offers.iter_mut().filter(|offer| offer.sequence == sell) {
            offer.legs.base = drops(1_000_000);
        }
    };
    let from = asked(&read(&mut rig, bend)).unwrap();
    let mut answer = rig.world.backfill(from);
    bend(&mut answer.truth);
    history(&mut rig, answer);
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    (rig, sell)
}

#[test]
fn an_order_with_other_amounts_is_cancelled_until_it_is_gone() {
    let (mut rig, sell) = bent();
    let mut cancels = 0;
    for _ in 0..12 {
        // Every cancel is lost.
        rig.world.queue.clear();
        let ledger = rig.world.close();
        let step = rig.feed(ledger);
        cancels += step.decision.actions.iter().filter(|action| action.ends == Some(sell)).count();
    }
    assert!(cancels >= 2, "{cancels}");
}

#[test]
fn a_stop_waits_for_what_rests_and_for_what_is_on_its_way() {
    // With other amounts it is none the less on the ledger.
    let (mut rig, _) = bent();
    stop(&mut rig, true);
    for _ in 0..3 {
        rig.world.queue.clear();
        let ledger = rig.world.close();
        assert_eq!(final_reads(&rig.feed(ledger)), 0);
    }
    // An order in question is not known to be gone, though its cancel is through.
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    rig.world.offers.remove(&sell);
    without(&mut rig, &[]);
    stop(&mut rig, true);
    for _ in 0..2 {
        assert_eq!(final_reads(&rig.tick()), 0);
    }
    // Both offers are taken while their cancels are on their way: these may still burn a fee.
    let mut rig = quoting();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    assert_eq!(final_reads(&stop(&mut rig, true)), 0);
    rig.world.queue.clear();
    assert!(rig.world.take(buy, i64::MAX) && rig.world.take(sell, i64::MAX));
    let ledger = rig.world.close();
    assert_eq!(final_reads(&rig.feed(ledger)), 0, "the cancels are not proved lost");
    rig.answers_truth = true;
    let closed = rig.run_out();
    assert!(closed.verified && closed.carried.pending.is_empty());
    rig.audit();
}

#[test]
fn a_session_that_ends_in_the_middle_of_a_search_says_that_it_stays_open() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    without(&mut rig, &[sell]);
    let step = stop(&mut rig, false);
    let closing: Vec<_> = anomalies(&rig.records).into_iter().map(|row| row.action_taken).collect();
    assert!(rig.engine.is_closed(), "{step:?}");
    assert_eq!(closing, ["searching", "held_pending_review"]);
    // What was held before has its row already.
    let (mut rig, _) = bent();
    let before = anomalies(&rig.records).len();
    stop(&mut rig, false);
    assert_eq!(anomalies(&rig.records).len(), before);
}

#[test]
fn what_no_live_order_can_need_is_not_searched_again() {
    let mut rig = Rig::started();
    for _ in 0..60 {
        rig.tick();
    }
    rig.answers_truth = false;
    let oldest =
        rig.orders().values().filter(|o| !o.status.is_final()).map(|o| o.order_id.ledger_index).min();
    let oldest = LedgerIndex(oldest.unwrap());
    assert!(oldest > LedgerIndex(110), "the offers were renewed since the start");
    rig.world.touch = ("1.4190".to_owned(), "1.4240".to_owned());
    let ledger = rig.world.close();
    rig.feed(ledger);
    assert!(!rig.world.queue.is_empty());
    let step = read(&mut rig, |truth| truth.account.sequence += 1);
    assert_eq!(asked(&step), Some(oldest));
}
