//! Golden stories: what happens to orders, books and session when the ledger does this or that.

mod support;

use engine::{HaltReason, Input, Mode, OrderStatus, Purpose, Record, Side, StopInput};
use ledger::ResultCode;
use support::{Rig, drops};
use units::LedgerIndex;

fn status(rig: &Rig, sequence: u32) -> OrderStatus {
    rig.orders()[&sequence].status
}

#[test]
fn both_sides_are_placed_around_the_mid_and_rest() {
    let mut rig = Rig::started();
    assert_eq!(rig.world.queue.len(), 2);
    rig.tick();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    assert_eq!((buy, sell), (1000, 1001));
    assert_eq!(status(&rig, buy), OrderStatus::Open);
    let orders = rig.orders();
    assert!(orders[&buy].price <= "1.41858".parse().unwrap(), "{}", orders[&buy].price);
    assert!(orders[&sell].price >= "1.421988".parse().unwrap(), "{}", orders[&sell].price);
    assert_eq!(rig.engine.mode(), Mode::Active);
    // Nothing changes: nothing is sent.
    let step = rig.tick();
    assert!(step.effects.is_empty() && step.decision.wanted.len() == 2, "{}", step.decision);
    rig.audit();
}

#[test]
fn place_fill_partially_then_cancel_keeps_the_part() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    assert!(rig.world.take(sell, 3_000_000));
    let step = rig.tick();
    assert_eq!(step.decision.fills, 1);
    assert_eq!(status(&rig, sell), OrderStatus::PartiallyFilled);
    let fill = &rig.fills()[0];
    assert_eq!((fill.side, fill.quantity_xrp), (Side::Sell, drops(3_000_000)));
    assert_eq!(fill.mid_price_at_fill, Some("1.42".parse().unwrap()));
    assert!(fill.realized_spread_bps.is_some_and(|s| s.get() > 0));
    let closed = rig.stop();
    assert_eq!(status(&rig, sell), OrderStatus::Cancelled);
    assert_eq!((closed.halt_reason, closed.verified), (HaltReason::OperatorStop, true));
    assert_eq!((closed.figures.fills, closed.figures.sells), (1, 1));
    assert!(rig.world.offers.is_empty());
    assert!(closed.carried.orders.is_empty() && closed.carried.pending.is_empty());
    rig.audit();
}

#[test]
fn a_cancel_is_lost_and_the_fill_arrives() {
    let mut rig = Rig::started();
    rig.tick();
    let buy = rig.offer(Side::Buy);
    rig.feed(Input::Stop(StopInput {
        reason: HaltReason::OperatorStop,
        detail: String::new(),
        verify: true,
    }));
    assert_eq!(rig.world.queue.len(), 2);
    rig.world.queue.clear();
    rig.world.take(buy, i64::MAX);
    let ledger = rig.world.close();
    rig.feed(ledger);
    assert_eq!(status(&rig, buy), OrderStatus::Filled);
    assert!(!rig.engine.is_closed(), "the lost cancels are not proved lost yet");
    for _ in 0..3 {
        let ledger = rig.world.close();
        rig.feed(ledger);
    }
    assert_eq!(rig.world.queue.len(), 1, "one offer is left, its cancel is sent again");
    let closed = rig.run_out();
    assert!(closed.verified);
    assert_eq!(closed.figures.fills, 1);
    rig.audit();
}

#[test]
fn the_old_offer_fills_in_the_ledger_of_its_replacement() {
    let mut rig = Rig::started();
    rig.tick();
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
    let step = rig.tick();
    let replaces: Vec<_> = step.decision.actions.iter().filter_map(|a| a.ends).collect();
    assert!(replaces.contains(&buy), "{}", step.decision);
    rig.world.take(buy, i64::MAX);
    rig.tick();
    assert_eq!(status(&rig, buy), OrderStatus::Filled);
    assert_ne!(rig.offer(Side::Buy), buy, "the replacement rests none the less");
    assert_eq!(rig.fills().len(), 1);
    let _ = sell;
    rig.tick();
    rig.audit();
    assert!(rig.stop().verified);
    rig.audit();
}

#[test]
fn a_replacement_ends_the_old_order_as_replaced() {
    let mut rig = Rig::started();
    rig.tick();
    let buy = rig.offer(Side::Buy);
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
    rig.tick();
    rig.tick();
    assert_eq!(status(&rig, buy), OrderStatus::Replaced);
    let orders = rig.orders();
    let new = &orders[&rig.offer(Side::Buy)];
    assert_eq!(new.replaces, Some(orders[&buy].order_id));
    assert_eq!(orders[&buy].cancel_reason.as_deref(), Some("too_aggressive"));
    assert!(orders[&buy].cancel_tx_hash.is_some() && orders[&buy].closed_at.is_some());
}

#[test]
fn what_the_ledger_refuses_by_its_code() {
    for (code, expected) in [
        (150, OrderStatus::Killed),
        (148, OrderStatus::Expired),
        (103, OrderStatus::Unfunded),
        (123, OrderStatus::Failed),
    ] {
        let mut rig = Rig::started();
        let (intent, signed) = rig.world.queue.remove(0);
        rig.world.validate_as(&intent, &signed, ResultCode(code));
        rig.tick();
        assert_eq!(status(&rig, intent.sequence.number()), expected, "code {code}");
        assert_eq!(rig.world.offers.len(), 1, "the refused side waits before it tries again");
        rig.audit();
        assert!(rig.stop().verified);
        rig.audit();
    }
}

#[test]
fn an_expired_and_an_unfunded_offer_are_swept_by_a_stranger() {
    for (later, expected) in [(4, OrderStatus::Unfunded), (200, OrderStatus::Expired)] {
        let mut rig = Rig::started();
        rig.tick();
        let buy = rig.offer(Side::Buy);
        rig.world.queue.clear();
        let ledger = rig.world.close_after(later);
        rig.feed(ledger);
        rig.world.queue.clear();
        rig.world.sweep(buy);
        let ledger = rig.world.close();
        rig.feed(ledger);
        assert_eq!(status(&rig, buy), expected);
        assert!(rig.fills().is_empty());
        rig.audit();
    }
}

#[test]
fn the_same_ledger_again_changes_nothing() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.take(sell, 1_234_567);
    rig.world.validate_all();
    let ledger = rig.world.close();
    rig.feed(ledger.clone());
    let before = (rig.records.len(), rig.engine.figures());
    let step = rig.feed(ledger);
    assert!(step.records.is_empty() && step.effects.is_empty());
    assert_eq!((rig.records.len(), rig.engine.figures()), before);
}

#[test]
fn a_transaction_signed_elsewhere_halts_and_the_books_still_close() {
    let mut rig = Rig::started();
    rig.tick();
    rig.world.foreign_payment(5_000_000);
    rig.tick();
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    let closed = rig.run_out();
    assert_eq!((closed.halt_reason, closed.verified), (HaltReason::ForeignTransaction, true));
    assert!(rig.world.offers.is_empty());
    assert!(closed.figures.truth_delta_xrp.is_zero());
    rig.audit();
}

#[test]
fn a_deposit_is_booked_and_trading_goes_on() {
    let mut rig = Rig::started();
    rig.tick();
    rig.world.pay_us(7_000_000, "3.25");
    rig.tick();
    assert_eq!(rig.engine.mode(), Mode::Active);
    let deposits =
        rig.records.iter().filter(|r| matches!(r, Record::CapitalEvent(row) if row.tx_hash.is_some()));
    assert_eq!(deposits.count(), 2);
    let pnl = rig.engine.figures().pnl_rlusd.unwrap();
    assert!(pnl.abs() < "0.001".parse().unwrap(), "a deposit is no profit: {pnl}");
    rig.audit();
    assert!(rig.stop().verified);
}

#[test]
fn money_that_comes_otherwise_than_by_a_payment_is_a_deposit_too() {
    for (what, tx_type, entry) in
        [("AccountDelete", 21, None), ("EscrowFinish", 2, Some(117)), ("PaymentChannelClaim", 15, Some(120))]
    {
        let mut rig = Rig::started();
        rig.tick();
        rig.world.comes_to_us(7_000_000, tx_type, entry);
        rig.tick();
        assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Active, None), "{what}");
        let deposits =
            rig.records.iter().filter(|r| matches!(r, Record::CapitalEvent(row) if row.tx_hash.is_some()));
        assert_eq!(deposits.count(), 1, "{what}");
        rig.audit();
        // What such a transaction takes away is no deposit.
        rig.world.comes_to_us(-1, tx_type, entry);
        rig.tick();
        assert_eq!(rig.engine.mode(), Mode::Degraded, "{what}");
    }
}

#[test]
fn what_nobody_explains_stops_quoting_and_halts_in_the_end() {
    for (xrp, rlusd, reason) in [
        (1, "0", HaltReason::DegradedTimeoutHalt),
        (0, "0.00000000000001", HaltReason::DegradedTimeoutHalt),
        (-1, "0", HaltReason::DegradedTimeoutHalt),
        (3, "-2", HaltReason::DegradedTimeoutHalt),
        // Of halt level, and a full read confirms it.
        (5_000_000, "0", HaltReason::InventoryTruthHalt),
        (0, "-10", HaltReason::InventoryTruthHalt),
    ] {
        let mut rig = Rig::started();
        rig.tick();
        rig.world.mystery(xrp, rlusd);
        rig.tick();
        if reason == HaltReason::DegradedTimeoutHalt {
            assert_eq!(rig.engine.mode(), Mode::Degraded, "{xrp} drops {rlusd} RLUSD");
            rig.tick();
            assert!(rig.world.offers.is_empty(), "everything is taken down");
            for _ in 0..80 {
                rig.tick();
            }
        }
        let closed = rig.run_out();
        assert_eq!(closed.halt_reason, reason, "{xrp} drops {rlusd} RLUSD");
        assert!(!closed.figures.truth_delta_xrp.is_zero() || !closed.figures.truth_delta_rlusd.is_zero());
        assert!(rig.world.offers.is_empty());
    }
}

#[test]
fn a_gap_is_filled_before_anything_is_accounted_for() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.take(sell, 2_000_000);
    let _lost = rig.world.close();
    let next = rig.world.close();
    let step = rig.feed(next);
    let from = step.effects.iter().find_map(|e| match e {
        engine::Effect::RequestBackfill { from } => Some(*from),
        _ => None,
    });
    assert_eq!(from, Some(LedgerIndex(102)));
    assert!(rig.fills().is_empty());
    let after = rig.world.close();
    assert!(rig.feed(after).effects.is_empty(), "kept until the history came");
    let backfill = rig.world.backfill(LedgerIndex(102));
    rig.feed(Input::Backfill(Box::new(backfill)));
    assert_eq!(rig.fills().len(), 1);
    assert_eq!(rig.engine.cursor(), LedgerIndex(104));
    rig.audit();
    rig.tick();
    assert!(rig.stop().verified);
    rig.audit();
}

#[test]
fn a_missing_own_transaction_is_found_by_the_chain() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.take(sell, 2_000_000);
    let Input::Ledger(mut cut) = rig.world.close() else { unreachable!() };
    cut.own.clear();
    cut.book.clear();
    rig.feed(Input::Ledger(cut));
    rig.world.take(sell, 1_000_000);
    let ledger = rig.world.close();
    let step = rig.feed(ledger);
    assert!(step.effects.iter().any(|e| matches!(e, engine::Effect::RequestBackfill { .. })), "{step:?}");
    assert!(rig.fills().is_empty(), "no accounting beyond a hole");
}

#[test]
fn a_side_with_something_on_its_way_is_left_alone() {
    let mut rig = Rig::started();
    assert_eq!(rig.world.queue.len(), 2);
    rig.world.touch = ("1.4100".to_owned(), "1.4110".to_owned());
    let ledger = rig.world.close();
    let step = rig.feed(ledger);
    assert!(step.decision.actions.is_empty(), "{}", step.decision);
    assert_eq!(step.decision.wanted.len(), 2, "{}", step.decision);
}

#[test]
fn a_range_of_history_that_breaks_off_is_not_applied_in_part() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    let mut missed = vec![];
    for _ in 0..3 {
        rig.world.take(sell, 1_000_000);
        missed.push(rig.world.close());
    }
    rig.feed(missed.pop().expect("the last of the three"));
    let from = rig.engine.cursor().plus(1);
    let before = rig.engine.balances();
    let mut broken = rig.world.backfill(from);
    assert_eq!(broken.ledgers.len(), 3);
    broken.ledgers.remove(1);
    let step = rig.feed(Input::Backfill(Box::new(broken)));
    assert!(step.records.is_empty() && step.decision.fills == 0, "{step:?}");
    assert_eq!((rig.engine.balances(), rig.engine.cursor().plus(1)), (before, from));
    let whole = rig.world.backfill(from);
    rig.feed(Input::Backfill(Box::new(whole)));
    assert_eq!(rig.fills().len(), 3);
    rig.audit();
}

#[test]
fn an_accidental_take_is_a_fill_and_is_counted() {
    for (base, rests, expected) in [
        (i64::MAX, false, OrderStatus::Filled),
        (4_000_000, true, OrderStatus::PartiallyFilled),
        (4_000_000, false, OrderStatus::Unfunded),
    ] {
        let mut rig = Rig::started();
        let sequence = rig.world.queue[0].0.sequence.number();
        rig.world.validate_taking(0, base, rests);
        rig.tick();
        assert_eq!(status(&rig, sequence), expected, "{base} drops, the rest rests: {rests}");
        let fills = rig.fills();
        assert_eq!((fills.len(), fills[0].liquidity), (1, engine::Liquidity::Taker));
        assert_eq!(rig.engine.figures().accidental_takes, 1);
        rig.audit();
        assert!(rig.stop().verified);
        rig.audit();
    }
}

#[test]
fn a_fill_of_a_replaced_offer_and_a_partial_fill_before_a_sweep_keep_the_part() {
    let mut rig = Rig::started();
    rig.tick();
    let sell = rig.offer(Side::Sell);
    rig.world.take(sell, 2_000_000);
    rig.world.sweep(sell);
    rig.tick();
    assert_eq!(status(&rig, sell), OrderStatus::Unfunded);
    assert_eq!(rig.fills().len(), 1);
    assert_eq!(rig.fills()[0].quantity_xrp, drops(2_000_000));
    rig.audit();
}

#[test]
fn three_reads_that_fail_while_ledgers_come_stop_quoting_and_a_loss_of_ledgers_does_not() {
    let mut rig = Rig::started();
    rig.answers_truth = false;
    let fail = || Input::TruthFailed { detail: "no answer".to_owned() };
    for _ in 0..5 {
        rig.feed(fail());
    }
    assert_eq!(rig.engine.mode(), Mode::Active, "no ledger came between: nothing could be judged");
    for _ in 0..60 {
        let step = rig.tick();
        if step.effects.iter().any(|e| matches!(e, engine::Effect::ReadTruth { .. })) {
            rig.tick();
            rig.feed(fail());
        }
    }
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    assert!(rig.world.offers.is_empty());
    // What is not known is no evidence: it lasts as long as the reads fail, and one that comes ends it.
    for _ in 0..200 {
        rig.tick();
    }
    assert_eq!((rig.engine.mode(), rig.engine.halt()), (Mode::Degraded, None));
    let truth = rig.world.truth(engine::TruthSource::Periodic);
    rig.feed(Input::Truth(Box::new(truth)));
    rig.answers_truth = true;
    for _ in 0..3 {
        rig.tick();
    }
    assert_eq!((rig.engine.mode(), rig.world.offers.len()), (Mode::Active, 2));
}

#[test]
fn a_thousandfold_fee_pauses_the_quotes_and_cancels_still_pay_it() {
    let mut rig = Rig::started();
    rig.tick();
    rig.world.queue.clear();
    let mut ledger = rig.world.close();
    if let Input::Ledger(ledger) = &mut ledger {
        ledger.header.fee_base_drops = drops(10_000);
    }
    let step = rig.feed(ledger);
    assert_eq!(
        step.decision.hold.as_ref().map(ToString::to_string).as_deref(),
        Some("fee_above_cap fee_drops=10000 cap_drops=1000")
    );
    let sent: Vec<_> = rig.world.queue.iter().map(|(intent, _)| (intent.purpose, intent.fee_drops)).collect();
    assert_eq!(sent, [(Purpose::Cancel, drops(10_000)); 2], "a tenth of fee_buffer_drops each");
    // More than that no cancel burns: it is sent at the cap, and the offers expire by themselves.
    let mut rig = Rig::started();
    rig.tick();
    rig.world.queue.clear();
    let mut ledger = rig.world.close();
    if let Input::Ledger(ledger) = &mut ledger {
        ledger.header.fee_base_drops = drops(10_001);
    }
    rig.feed(ledger);
    assert!(rig.world.queue.iter().all(|(intent, _)| intent.fee_drops == drops(10_000)));
}

/// A server that is restarting refuses at once: asked again at once, each refusal would be a commit, thousands a second.
#[test]
fn a_final_read_that_is_refused_is_asked_for_again_with_the_next_ledger() {
    let mut rig = Rig::started();
    rig.answers_truth = false;
    let asks =
        |step: &engine::Step| step.effects.iter().any(|e| matches!(e, engine::Effect::ReadTruth { .. }));
    let mut step = rig.feed(Input::Stop(engine::StopInput {
        reason: HaltReason::OperatorStop,
        detail: "asked".to_owned(),
        verify: true,
    }));
    for _ in 0..10 {
        if asks(&step) {
            break;
        }
        step = rig.tick();
    }
    assert!(asks(&step), "nothing is left to cancel: the final read");
    for _ in 0..3 {
        let refused = rig.feed(Input::TruthFailed { detail: "noNetwork".to_owned() });
        assert!(!asks(&refused), "nothing closed since it was refused");
        let next = rig.tick();
        assert!(asks(&next), "a ledger closed: it may be answered now");
    }
}
