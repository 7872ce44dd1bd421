//! What is known of a submission: a preliminary answer is a hint and no more, a lapse is proved by the ledger, and what was
//! never signed was never sent. And what keeps a placement back: the reserve to the drop, our own offers, a refusal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use engine::{
    Effect, HaltReason, Input, IntentBody, Level, OrderStatus, Purpose, Record, ResumeInput, Side, SideHold,
    Step, SubmissionVerdict, SubmitOutcome, TruthSource,
};
use ledger::ResultCode;
use support::{Rig, drops};
use units::{Drops, LedgerIndex};

type Outcome = (Option<u64>, bool, SubmissionVerdict, Option<String>, LedgerIndex);

fn outcomes<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Outcome> {
    let rows = records.into_iter().filter_map(|record| match record {
        Record::SubmissionOutcome { intent_id, hash, verdict, result, ledger_index } => {
            Some((*intent_id, hash.is_some(), *verdict, result.clone(), *ledger_index))
        }
        _ => None,
    });
    rows.collect()
}

fn reads(step: &Step) -> Vec<TruthSource> {
    let asked = step.effects.iter().filter_map(|effect| match effect {
        Effect::ReadTruth { reason } => Some(*reason),
        _ => None,
    });
    asked.collect()
}

#[test]
fn a_preliminary_answer_is_written_down_and_moves_nothing() {
    for (word, level, asks) in [
        (Some("tesSUCCESS"), Level::Debug, false),
        (Some("terQUEUED"), Level::Debug, false),
        (Some("terPRE_SEQ"), Level::Warn, false),
        (Some("telINSUF_FEE_P"), Level::Warn, false),
        (Some("tecKILLED"), Level::Warn, false),
        (Some("tefPAST_SEQ"), Level::Warn, true),
        (None, Level::Warn, false),
    ] {
        let mut rig = Rig::started();
        rig.answers_truth = false;
        let intent_id = rig.world.queue[0].0.intent_id;
        let before = rig.orders();
        let step = rig.feed(Input::Submitted(SubmitOutcome {
            intent_id,
            engine_result: word.map(str::to_owned),
            detail: "timed out".to_owned(),
        }));
        let told = word.unwrap_or("no answer: timed out");
        let hints: Vec<_> = step
            .records
            .iter()
            .filter_map(|record| match record {
                Record::SubmissionHint { intent_id, engine_result } => {
                    Some((*intent_id, engine_result.as_str()))
                }
                _ => None,
            })
            .collect();
        assert_eq!(hints, [(intent_id, told)]);
        let line = step.logs.iter().find(|line| line.event == "submitted").unwrap();
        assert_eq!((line.level, line.text.contains(told)), (level, true), "{word:?}");
        // A sequence that is used up may be somebody else's work: the ledger is asked, nothing is guessed.
        assert_eq!(reads(&step), if asks { vec![TruthSource::Periodic] } else { vec![] }, "{word:?}");
        assert_eq!(rig.orders(), before, "{word:?}");
        assert!(outcomes(&step.records).is_empty(), "{word:?}");
    }
}

#[test]
fn a_lapsed_submission_is_expired_or_superseded_by_what_the_ledger_says_of_its_sequence() {
    let mut rig = Rig::started();
    let sent: Vec<_> = rig.world.queue.drain(..).map(|(intent, _)| intent).collect();
    assert_eq!(sent.len(), 2);
    // Somebody else uses the first sequence; the second stays free.
    rig.world.foreign_payment(1);
    rig.answers_truth = false;
    let last = sent[0].last_ledger_sequence;
    while rig.engine.cursor() < last {
        rig.world.queue.clear();
        let ledger = rig.world.close();
        let step = rig.feed(ledger);
        assert_eq!(
            outcomes(&step.records).is_empty(),
            rig.engine.cursor() < last,
            "not before its last ledger"
        );
    }
    let wanted = [
        (Some(sent[0].intent_id), true, SubmissionVerdict::SupersededProved, None, last),
        (Some(sent[1].intent_id), true, SubmissionVerdict::ExpiredProved, None, last),
    ];
    assert_eq!(outcomes(&rig.records)[..2], wanted);
    for intent in &sent {
        let order = &rig.orders()[&intent.sequence.number()];
        assert_eq!(order.status, OrderStatus::Failed);
        assert_eq!(order.cancel_reason.as_deref(), Some("never_validated"));
    }
    rig.audit();
}

#[test]
fn what_was_never_signed_was_never_sent() {
    let mut rig = Rig::new();
    let start = rig.world.start(None, None);
    let step = rig.engine.step(&start);
    let wanted = step.effects.iter().filter(|effect| matches!(effect, Effect::Submit(_))).count();
    assert_eq!(wanted, 2, "two are wanted, and the process dies before it signs them");
    let backfill = rig.world.backfill(rig.engine.cursor().plus(1));
    let step = rig.engine.step(&Input::Resume(Box::new(ResumeInput { backfill })));
    let ended = outcomes(&step.records);
    let all = ended.iter().map(|(_, signed, verdict, ..)| (*signed, *verdict)).collect::<Vec<_>>();
    assert_eq!(all, [(false, SubmissionVerdict::ExpiredProved), (false, SubmissionVerdict::ExpiredProved)]);
    let failed = step
        .records
        .iter()
        .filter(|record| matches!(record, Record::OrderUpsert(order) if order.status == OrderStatus::Failed));
    assert_eq!(failed.count(), 2);
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::RecoveredAfterCrash));
}

/// A ledger on which the reserve is so much for an account and 10 XRP for each thing that it owns.
fn started_with(reserve_base: i64) -> Step {
    let mut rig = Rig::new();
    let Input::Start(mut start) = rig.world.start(None, None) else { unreachable!() };
    start.header.reserve_base_drops = drops(reserve_base);
    start.header.reserve_inc_drops = Drops::from_xrp(10);
    rig.engine.step(&Input::Start(start))
}

#[test]
fn the_reserve_of_what_is_on_its_way_is_kept_to_the_drop() {
    // 60 XRP; one trust line is owned, a first placement makes two things and a second three: 30 XRP, and its fee.
    let enough = 60_000_000 - 30_000_000 - 10;
    let step = started_with(enough);
    assert_eq!(step.decision.actions.len(), 2, "{}", step.decision);
    let step = started_with(enough + 1);
    assert_eq!(step.decision.actions.len(), 1, "{}", step.decision);
    assert!(step.decision.side_holds.iter().any(|(_, hold)| *hold == SideHold::Reserve), "{}", step.decision);
}

#[test]
fn a_side_that_the_ledger_refused_waits_five_ledgers() {
    let mut rig = Rig::started();
    let (intent, signed) = rig.world.queue.remove(0);
    let IntentBody::Offer { side, .. } = intent.body else { unreachable!() };
    rig.world.validate_as(&intent, &signed, ResultCode(150));
    let step = rig.tick();
    let refused_at = rig.engine.cursor();
    let placed = |step: &Step| step.decision.actions.iter().any(|action| action.side == Some(side));
    assert!(!placed(&step), "{}", step.decision);
    for _ in 0..4 {
        let step = rig.tick();
        assert!(!placed(&step), "{}", step.decision);
    }
    let step = rig.tick();
    assert_eq!(rig.engine.cursor(), refused_at.plus(5));
    assert!(placed(&step), "{}", step.decision);
}

/// Our ask rests; the market moves and its replacement is refused, so that nothing may be placed on this side for a while.
fn refused_replacement(touch: (&str, &str), why: &str) -> (Rig, u32, Step) {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.touch = (touch.0.to_owned(), touch.1.to_owned());
    // The sides take turns when nothing presses.
    for _ in 0..8 {
        let step = rig.tick();
        if step.decision.actions.iter().any(|action| action.ends == Some(sell)) {
            assert!(
                step.decision.actions.iter().any(|a| a.ends == Some(sell) && a.why == why),
                "{}",
                step.decision
            );
            break;
        }
    }
    assert!(!rig.world.queue.is_empty(), "a replacement is on its way");
    while let Some(at) =
        rig.world.queue.iter().position(|(intent, _)| intent.sequence.number() == rig.world.sequence)
    {
        let (intent, signed) = rig.world.queue.remove(at);
        let is_ours =
            matches!(&intent.body, IntentBody::Offer { replaces: Some(replaced), .. } if *replaced == sell);
        let result = if is_ours { ResultCode(150) } else { ResultCode::TES_SUCCESS };
        rig.world.validate_as(&intent, &signed, result);
    }
    let ledger = rig.world.close();
    let step = rig.feed(ledger);
    (rig, sell, step)
}

#[test]
fn while_a_side_waits_an_offer_that_is_too_near_is_cancelled_and_another_rests_on() {
    let cancels = |step: &Step, sell: u32| {
        let is_one = |a: &&engine::ActionLine| a.purpose == Purpose::Cancel && a.ends == Some(sell);
        step.decision.actions.iter().filter(is_one).count()
    };
    let (rig, sell, step) = refused_replacement(("1.4250", "1.4260"), "too_aggressive");
    assert_eq!(cancels(&step, sell), 1, "{}", step.decision);
    assert!(rig.world.offers.contains_key(&sell));
    let (rig, sell, step) = refused_replacement(("1.4110", "1.4120"), "too_passive");
    assert_eq!(cancels(&step, sell), 0, "{}", step.decision);
    assert!(rig.world.offers.contains_key(&sell));
}

#[test]
fn a_bid_waits_until_our_own_ask_is_out_of_its_way() {
    let mut rig = Rig::started();
    rig.tick();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    // The market jumps over our ask: a bid around the new mid would meet it.
    rig.world.touch = ("1.4400".to_owned(), "1.4420".to_owned());
    assert!(rig.world.take(buy, i64::MAX));
    let step = rig.tick();
    let held: Vec<_> = step.decision.side_holds.iter().collect();
    assert!(
        held.iter().any(|(side, hold)| *side == Side::Buy && matches!(hold, SideHold::WouldMeetOwn { .. })),
        "{}",
        step.decision
    );
    assert!(step.decision.actions.iter().any(|action| action.ends == Some(sell)), "{}", step.decision);
    // Once the old ask is gone the bid is placed.
    let step = rig.tick();
    assert!(step.decision.actions.iter().any(|action| action.side == Some(Side::Buy)), "{}", step.decision);
}

#[test]
fn fees_are_counted_to_the_drop() {
    let mut rig = Rig::started();
    for (bid, ask) in [("1.4190", "1.4210"), ("1.4250", "1.4270"), ("1.4150", "1.4170"), ("1.4230", "1.4250")]
    {
        rig.world.touch = (bid.to_owned(), ask.to_owned());
        rig.tick();
        rig.tick();
    }
    let closed = rig.stop();
    let burned = outcomes(&rig.records)
        .iter()
        .filter(|(_, _, verdict, ..)| {
            matches!(verdict, SubmissionVerdict::ValidatedTes | SubmissionVerdict::ValidatedTec)
        })
        .count();
    assert!(burned > 4, "{burned}");
    assert_eq!(closed.figures.fees_drops, drops(10 * i64::try_from(burned).unwrap()));
}
