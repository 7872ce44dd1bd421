//! Both legs of every trade: what an order has left, what it was filled by, how it ended, and what stands beside it in the
//! rows when another transaction had a hand in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use crafted::{Told, legs, put};
use engine::{
    AnomalyRow, BookChange, HaltReason, Input, IntentBody, Legs, OrderStatus, Record, Side, StopInput,
    TruthSource,
};
use ledger::{Hash256, NodeAction, TxType};
use support::{OTHER, Offer, Rig, US, drops, value};
use units::{Drops, Exact, IssuedValue};

fn quoting() -> Rig {
    let mut rig = Rig::started();
    rig.tick();
    rig
}

fn anomalies(rig: &Rig) -> Vec<AnomalyRow> {
    let rows = rig.records.iter().filter_map(|record| match record {
        Record::Anomaly(row) => Some(row.clone()),
        _ => None,
    });
    rows.collect()
}

fn ending(rig: &Rig, sequence: u32) -> engine::OfferEndingRow {
    let row = rig.records.iter().rev().find_map(|record| match record {
        Record::OfferEnding(row) if row.offer_sequence == sequence => Some((**row).clone()),
        _ => None,
    });
    row.unwrap()
}

/// The first submission is a bid of these legs; it takes at once, and this much of both is left of it.
fn takes_at_once(left: impl Fn(Legs) -> Legs) -> (Rig, u32, Legs) {
    let mut rig = Rig::started();
    let (intent, signed) = rig.world.queue.remove(0);
    let IntentBody::Offer { side: Side::Buy, legs: placed, .. } = intent.body else { unreachable!() };
    let left = left(placed);
    let base = placed.base.checked_sub(left.base).unwrap();
    let quote = placed.quote.checked_sub(left.quote).unwrap();
    let told = Told::of(&signed.blob);
    let xrp = base.checked_sub(intent.fee_drops).unwrap();
    put(&mut rig.world, told, xrp.get(), &quote.negate().to_string(), true);
    rig.tick();
    (rig, intent.sequence.number(), left)
}

#[test]
fn a_placement_that_has_all_of_one_leg_is_filled_whatever_is_left_of_the_other() {
    // All the XRP for less RLUSD; all the RLUSD for less XRP (the ledger's rounding of a small rest).
    let cheaper: fn(Legs) -> Legs = |_| Legs { quote: value("0.5"), base: Drops::ZERO };
    let dearer: fn(Legs) -> Legs = |_| Legs { quote: IssuedValue::ZERO, base: drops(3) };
    for left in [cheaper, dearer] {
        let (rig, sequence, left) = takes_at_once(left);
        let order = &rig.orders()[&sequence];
        assert_eq!((order.status, order.remaining), (OrderStatus::Filled, left));
        assert_eq!(rig.endings()[&sequence], ("filled", None, true, false));
        rig.audit();
    }
    let (rig, sequence, left) = takes_at_once(|_| legs("0.5", 3));
    let order = &rig.orders()[&sequence];
    assert_eq!((order.status, order.remaining), (OrderStatus::Unfunded, left));
    assert_eq!(rig.endings()[&sequence].0, "partly_filled_then_removed");
    rig.audit();
}

#[test]
fn what_an_order_was_filled_by_is_the_sum_of_its_fills() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let sell = rig.offer(Side::Sell);
    let placed = rig.orders()[&sell].placed;
    for part in [1_234_567, 2_000_001, i64::MAX] {
        rig.world.queue.clear();
        assert!(rig.world.take(sell, part));
        let ledger = rig.world.close();
        rig.feed(ledger);
    }
    let fills = rig.fills();
    assert_eq!(fills.len(), 3);
    let quote = fills.iter().fold(Exact::zero(), |sum, fill| &sum + &fill.quantity_rlusd);
    let base = fills.iter().fold(Drops::ZERO, |sum, fill| sum.checked_add(fill.quantity_xrp).unwrap());
    assert_eq!((quote.clone(), base), (Exact::from(placed.quote), placed.base));
    let row = ending(&rig, sell);
    assert_eq!((row.ending.as_str(), row.filled_rlusd, row.filled_xrp), ("filled", quote, base));
    rig.audit();
}

#[test]
fn an_order_names_the_transaction_that_cancelled_it_and_no_other() {
    // Taken in part, taken whole, swept by a stranger: nobody cancelled it.
    type Story = fn(&mut Rig, u32);
    let stories: [(&str, Story); 3] = [
        ("part", |rig, sell| assert!(rig.world.take(sell, 1_000_000))),
        ("whole", |rig, sell| assert!(rig.world.take(sell, i64::MAX))),
        ("swept", |rig, sell| rig.world.sweep(sell)),
    ];
    for (what, story) in stories {
        let mut rig = quoting();
        let sell = rig.offer(Side::Sell);
        story(&mut rig, sell);
        let ledger = rig.world.close();
        rig.feed(ledger);
        assert_eq!(rig.orders()[&sell].cancel_tx_hash, None, "{what}");
    }
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    let stop = StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: true };
    rig.feed(Input::Stop(stop));
    let cancels = |intent: &engine::Intent| matches!(intent.body, IntentBody::Cancel { offer_sequence, .. } if offer_sequence == sell);
    let hash = rig.world.queue.iter().find(|(intent, _)| cancels(intent)).unwrap().1.hash;
    rig.tick();
    assert_eq!(rig.orders()[&sell].cancel_tx_hash, Some(hash));
}

#[test]
fn a_part_that_trades_in_the_transaction_that_removes_the_rest_is_kept() {
    let mut rig = quoting();
    let sell = rig.offer(Side::Sell);
    let before = rig.world.offers.remove(&sell).unwrap().legs;
    let traded = legs("2.5", 1_500_000);
    let after = Legs {
        quote: before.quote.checked_sub(traded.quote).unwrap(),
        base: before.base.checked_sub(traded.base).unwrap(),
    };
    let told = Told::new(TxType::OFFER_CREATE, OTHER, 77, 10);
    let told = told.offer(NodeAction::Deleted, sell, Side::Sell, Some(before), after);
    rig.world.book.push(BookChange::Deleted { id: support::world::offer_id(sell) });
    put(&mut rig.world, told, -traded.base.get(), "2.5", false);
    rig.tick();
    let fills = rig.fills();
    assert_eq!(fills.len(), 1);
    assert_eq!(
        (fills[0].quantity_xrp, fills[0].quantity_rlusd.clone()),
        (traded.base, "2.5".parse().unwrap())
    );
    assert_eq!(
        rig.endings()[&sell],
        ("partly_filled_then_removed", Some("unfunded"), true, true),
        "its funds were gone after the part"
    );
    assert_eq!(rig.orders()[&sell].status, OrderStatus::Unfunded);
    rig.audit();
}

#[test]
fn a_trade_with_an_empty_leg_is_held_back_and_quoting_stops() {
    // What is left of our ask, and what moved: drops for nothing, RLUSD for nothing; it rests on, or goes with it.
    for (base, quote, is_gone) in [(1, "0", false), (0, "0.0000001", false), (1, "0", true)] {
        let what = format!("{base} drops for {quote}, gone {is_gone}");
        let mut rig = quoting();
        let sell = rig.offer(Side::Sell);
        let before = rig.world.offers[&sell].legs;
        let after = Legs {
            quote: before.quote.checked_sub(value(quote)).unwrap(),
            base: before.base.checked_sub(drops(base)).unwrap(),
        };
        let action = if is_gone { NodeAction::Deleted } else { NodeAction::Modified };
        let told = Told::new(TxType::OFFER_CREATE, OTHER, 77, 10);
        let told = told.offer(action, sell, Side::Sell, Some(before), after);
        if is_gone {
            rig.world.offers.remove(&sell);
        } else if let Some(offer) = rig.world.offers.get_mut(&sell) {
            offer.legs = after;
        }
        put(&mut rig.world, told, -base, quote, false);
        rig.tick();
        assert!(rig.fills().is_empty(), "{what}");
        let actions: Vec<_> = anomalies(&rig).into_iter().map(|row| row.action_taken).collect();
        assert_eq!(actions[..2], ["searching", "fill_with_an_empty_leg"], "{what}");
        assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ReconcilerHalt), "{what}");
        if is_gone {
            let wanted = ("partly_filled_then_removed", Some("unfunded"), true, true);
            assert_eq!(rig.endings()[&sell], wanted, "{what}");
        }
        assert!(rig.run_out().verified, "{what}");
        rig.audit();
    }
}

#[test]
fn an_order_that_was_carried_over_with_one_leg_less_had_traded() {
    for (quote, base) in [("0", 1), ("0.0000001", 0), ("0", 0)] {
        let mut first = quoting();
        let sell = first.offer(Side::Sell);
        let stop = StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: false };
        first.feed(Input::Stop(stop));
        let mut carried = first.closed().unwrap().carried;
        carried.pending.clear();
        first.world.queue.clear();
        for order in carried.orders.iter_mut().filter(|order| order.order_id.sequence == sell) {
            order.remaining.quote = order.placed.quote.checked_sub(value(quote)).unwrap();
            order.remaining.base = order.placed.base.checked_sub(drops(base)).unwrap();
            first.world.offers.get_mut(&sell).unwrap().legs = order.remaining;
        }
        let mut rig = Rig::with(first.engine.config().clone(), first.world.clone());
        let start = rig.world.start(Some(carried), None);
        rig.feed(start);
        rig.world.queue.clear();
        rig.world.sweep(sell);
        let ledger = rig.world.close();
        rig.feed(ledger);
        let word = if (quote, base) == ("0", 0) { "unfunded" } else { "partly_filled_then_removed" };
        assert_eq!(rig.endings()[&sell].0, word, "{quote} {base}");
    }
}

#[test]
fn an_ask_on_a_frozen_line_was_unfunded_when_no_xrp_above_the_reserve_was_left() {
    // 1 XRP and 0.2 for each of the line and the bid that is left (ledger documentation, "Reserves").
    for (above, word) in [(0, "unfunded"), (1, "frozen")] {
        let mut rig = quoting();
        rig.answers_truth = false;
        let sell = rig.offer(Side::Sell);
        let mut truth = rig.world.truth(TruthSource::Periodic);
        truth.account.frozen = true;
        rig.feed(Input::Truth(Box::new(truth)));
        rig.world.queue.clear();
        let left = 1_400_000 + above;
        rig.world.foreign_payment(rig.world.xrp.get() - 10 - left);
        rig.world.sweep(sell);
        let ledger = rig.world.close();
        rig.feed(ledger);
        assert_eq!(rig.world.xrp, drops(left));
        assert_eq!(rig.endings()[&sell].0, word, "{above} drops above the reserve");
    }
}

#[test]
fn an_offer_that_our_key_placed_elsewhere_is_taken_in_and_taken_down() {
    let mut rig = quoting();
    let sequence = rig.world.sequence;
    let placed = legs("2", 1_500_000);
    let told = Told::new(TxType::OFFER_CREATE, US, sequence, 10);
    let told = told.offer(NodeAction::Created, sequence, Side::Buy, None, placed);
    let offer = Offer { side: Side::Buy, legs: placed, expiration: 900_000_000 };
    rig.world.offers.insert(sequence, offer);
    put(&mut rig.world, told, -10, "0", true);
    let ledger = rig.world.close();
    rig.answers_truth = false;
    rig.feed(ledger);
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    let rows = anomalies(&rig);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].offer_sequence, rows[0].action_taken.as_str()),
        (Some(sequence), "adopted_unknown_offer")
    );
    let order = &rig.orders()[&sequence];
    assert_eq!((order.status, order.placed), (OrderStatus::Open, placed));
    rig.answers_truth = true;
    assert!(rig.run_out().verified && rig.world.offers.is_empty());
    rig.audit();
}

#[test]
fn an_offer_that_nobody_knows_goes_with_one_row_and_its_trade_with_another() {
    let actions = |rig: &Rig| anomalies(rig).into_iter().map(|row| row.action_taken).collect::<Vec<_>>();
    let unknown = || {
        let mut rig = quoting();
        rig.answers_truth = false;
        let offer = Offer { side: Side::Sell, legs: legs("3", 2_000_000), expiration: 900_000_000 };
        rig.world.offers.insert(7, offer);
        rig
    };
    let mut rig = unknown();
    rig.world.sweep(7);
    rig.tick();
    assert_eq!(actions(&rig), ["unknown_offer_removed"]);
    assert_eq!(rig.engine.figures().anomalies, 1);
    assert_eq!(rig.engine.halt(), None);
    let mut rig = unknown();
    assert!(rig.world.take(7, i64::MAX));
    rig.tick();
    assert_eq!(actions(&rig), ["searching", "fill_of_unknown_offer"]);
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ReconcilerHalt));
    assert!(rig.fills().is_empty());
    rig.audit();
}

#[test]
fn the_row_of_a_lost_offer_names_the_cancel_that_is_on_its_way_to_it() {
    let mut rig = quoting();
    rig.answers_truth = false;
    let (buy, sell) = (rig.offer(Side::Buy), rig.offer(Side::Sell));
    // The market moves towards our ask alone.
    rig.world.touch = ("1.4190".to_owned(), "1.4240".to_owned());
    let ledger = rig.world.close();
    rig.feed(ledger);
    let ends = |intent: &engine::Intent| match intent.body {
        IntentBody::Offer { replaces, .. } => replaces,
        IntentBody::Cancel { offer_sequence, .. } => Some(offer_sequence),
        IntentBody::TicketCreate { .. } => None,
    };
    let on_its_way: Vec<(Option<u32>, Hash256)> =
        rig.world.queue.iter().map(|(intent, signed)| (ends(intent), signed.hash)).collect();
    assert_eq!(on_its_way.len(), 1, "{on_its_way:?}");
    let mut truth = rig.world.truth(TruthSource::Periodic);
    truth.offers.clear();
    rig.feed(Input::Truth(Box::new(truth)));
    let rows = anomalies(&rig);
    assert_eq!(rows.len(), 2);
    for sequence in [buy, sell] {
        let row = rows.iter().find(|row| row.offer_sequence == Some(sequence)).unwrap();
        let wanted = on_its_way.iter().find(|(ends, _)| *ends == Some(sequence)).map(|(_, hash)| *hash);
        assert_eq!((row.cancel_tx_hash, row.action_taken.as_str()), (wanted, "searching"));
    }
}
