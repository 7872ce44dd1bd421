//! Golden stories: what happens to orders, books and session when the ledger does this or that.

mod support;

use engine::{HaltReason, Input, Mode, OrderStatus, Record, Side, StopInput};
use ledger::ResultCode;
use support::{Rig, World, drops};
use units::{Exact, LedgerIndex};

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
    assert!(
        orders[&buy].price <= "1.41858".parse().unwrap(),
        "{}",
        orders[&buy].price
    );
    assert!(
        orders[&sell].price >= "1.421988".parse().unwrap(),
        "{}",
        orders[&sell].price
    );
    assert_eq!(rig.engine.mode(), Mode::Active);
    // Nothing changes: nothing is sent.
    let step = rig.tick();
    assert!(
        step.effects.is_empty() && step.decision.wanted.len() == 2,
        "{}",
        step.decision
    );
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
    assert_eq!(
        (closed.halt_reason, closed.verified),
        (HaltReason::OperatorStop, true)
    );
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
    assert!(
        !rig.engine.is_closed(),
        "the lost cancels are not proved lost yet"
    );
    for _ in 0..3 {
        let ledger = rig.world.close();
        rig.feed(ledger);
    }
    assert_eq!(
        rig.world.queue.len(),
        1,
        "one offer is left, its cancel is sent again"
    );
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
        assert_eq!(status(&rig, intent.sequence), expected, "code {code}");
        assert_eq!(
            rig.world.offers.len(),
            1,
            "the refused side waits before it tries again"
        );
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
    assert_eq!(
        rig.engine.halt().map(|(reason, _)| reason),
        Some(HaltReason::ForeignTransaction)
    );
    let closed = rig.run_out();
    assert_eq!(
        (closed.halt_reason, closed.verified),
        (HaltReason::ForeignTransaction, true)
    );
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
    let deposits = rig
        .records
        .iter()
        .filter(|r| matches!(r, Record::CapitalEvent(row) if row.tx_hash.is_some()));
    assert_eq!(deposits.count(), 2);
    let pnl = rig.engine.figures().pnl_rlusd.unwrap();
    assert!(
        pnl.abs() < "0.001".parse().unwrap(),
        "a deposit is no profit: {pnl}"
    );
    rig.audit();
    assert!(rig.stop().verified);
}

#[test]
fn what_nobody_explains_halts() {
    for (xrp, rlusd) in [(1, "0"), (0, "0.00000000000001"), (-1, "0"), (3, "-2")] {
        let mut rig = Rig::started();
        rig.tick();
        rig.world.mystery(xrp, rlusd);
        rig.tick();
        let closed = rig.run_out();
        assert_eq!(
            closed.halt_reason,
            HaltReason::InventoryTruthHalt,
            "{xrp} drops {rlusd} RLUSD"
        );
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
    let Input::Ledger(mut cut) = rig.world.close() else {
        unreachable!()
    };
    cut.own.clear();
    cut.book.clear();
    rig.feed(Input::Ledger(cut));
    rig.world.take(sell, 1_000_000);
    let ledger = rig.world.close();
    let step = rig.feed(ledger);
    assert!(
        step.effects
            .iter()
            .any(|e| matches!(e, engine::Effect::RequestBackfill { .. })),
        "{step:?}"
    );
    assert!(rig.fills().is_empty(), "no accounting beyond a hole");
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
    assert_eq!(
        (closed.halt_reason, closed.verified),
        (HaltReason::RecoveredAfterCrash, true)
    );
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
    assert_eq!(
        next.engine.figures().fills,
        0,
        "credited to the session that placed it"
    );
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
    let Input::Start(mut start) = next.world.start(Some(carried), None) else {
        unreachable!()
    };
    start.accept_divergence = true;
    next.feed(Input::Start(start));
    assert_eq!(next.engine.mode(), Mode::Degraded);
    assert!(next.world.queue.is_empty());
    for _ in 0..80 {
        next.tick();
    }
    assert_eq!(
        next.closed().map(|row| row.halt_reason),
        Some(HaltReason::DegradedTimeoutHalt)
    );
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
    assert_eq!(
        (closed.halt_reason, closed.verified),
        (HaltReason::DurationElapsed, true)
    );
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
    assert!(matches!(
        step.decision.hold,
        Some(engine::Hold::BookCrossed { .. })
    ));
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
    assert!(matches!(
        rig.engine.hold(),
        Some(engine::Hold::LedgerStale { wall_seconds: 25 })
    ));
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
            legs: engine::Legs {
                quote: support::value("2"),
                base: drops(2_000_000),
            },
            expiration: 900_000_000,
        },
    );
    let mut rig = Rig::with(engine::Config::default(), world);
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
    let mut rig = Rig::with(engine::Config::default(), world);
    let start = rig.world.start(None, None);
    rig.feed(start);
    assert_eq!(rig.engine.mode(), Mode::ReduceOnly);
    rig.tick();
    assert_eq!(
        rig.world.offers.values().map(|o| o.side).collect::<Vec<_>>(),
        [Side::Sell]
    );
    assert_eq!(
        rig.fills().iter().map(|f| f.quantity_rlusd.clone()).sum_exact(),
        Exact::zero()
    );
}

trait SumExact {
    fn sum_exact(self) -> Exact;
}

impl<I: Iterator<Item = Exact>> SumExact for I {
    fn sum_exact(self) -> Exact {
        self.fold(Exact::zero(), |sum, next| &sum + &next)
    }
}
