//! Stories of the ticket pool: it is filled and filled up again, a cancel goes past a stuck sequence, and what another
//! program does with a ticket is noticed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{HaltReason, Input, Intent, Mode, OrderStatus, Purpose, Record, Side, SubmissionVerdict};
use ledger::{ResultCode, SeqProxy};
use support::{Config, Rig, World, drops};
use units::Drops;

fn with_pool(world: World) -> Rig {
    // Moves of the market replace what is too near, and nothing else.
    let pairs = [("momentum_threshold_bps", "10000"), ("requote_tolerance_passive_bps", "1000")];
    let mut rig = Rig::with(Config::from_pairs(pairs).unwrap(), world);
    let start = rig.world.start(None, None);
    rig.feed(start);
    rig
}

/// Both sides rest and two tickets are there.
fn filled() -> Rig {
    let mut rig = with_pool(World::new());
    rig.tick();
    assert_eq!(rig.world.tickets.iter().copied().collect::<Vec<_>>(), [1003, 1004]);
    assert_eq!((rig.offer(Side::Buy), rig.offer(Side::Sell)), (1000, 1001));
    rig
}

/// A ledger in which nothing of ours is.
fn empty_ledger(rig: &mut Rig) -> engine::Step {
    let ledger = rig.world.close();
    rig.feed(ledger)
}

fn sent(rig: &Rig) -> Vec<(Purpose, SeqProxy)> {
    rig.world.queue.iter().map(|(intent, _)| (intent.purpose, intent.sequence)).collect()
}

fn submissions(rig: &Rig, purpose: Purpose) -> Vec<SeqProxy> {
    let rows = rig.records.iter().filter_map(|record| match record {
        Record::SubmissionIntent(row) if row.purpose == purpose => Some(row.sequence),
        _ => None,
    });
    rows.collect()
}

fn outcomes(rig: &Rig) -> Vec<SubmissionVerdict> {
    let ends = rig.records.iter().filter_map(|record| match record {
        Record::SubmissionOutcome { verdict, .. } => Some(*verdict),
        _ => None,
    });
    ends.collect()
}

/// What waits in the queue for this purpose.
fn waiting(rig: &Rig, purpose: Purpose) -> Vec<Intent> {
    let found = rig.world.queue.iter().filter(|(intent, _)| intent.purpose == purpose);
    found.map(|(intent, _)| intent.clone()).collect()
}

/// The market falls: the bid is too near and is to be replaced; the replacement never reaches the ledger.
fn replacement_is_stuck(rig: &mut Rig) {
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
    rig.tick();
    assert_eq!(waiting(rig, Purpose::Replace).len(), 1);
    assert_eq!(waiting(rig, Purpose::Replace)[0].sequence, SeqProxy::Sequence(1005));
    rig.world.queue.clear();
}

#[test]
fn the_pool_is_filled_behind_the_first_quotes_and_costs_a_fee() {
    let mut rig = with_pool(World::new());
    let sequences = [1000, 1001, 1002].map(SeqProxy::Sequence);
    let purposes = [Purpose::Place, Purpose::Place, Purpose::TicketCreate];
    assert_eq!(sent(&rig), purposes.into_iter().zip(sequences).collect::<Vec<_>>());
    rig.tick();
    assert_eq!(rig.world.tickets.len(), 2);
    assert_eq!(rig.world.sequence, 1005);
    for _ in 0..20 {
        assert!(rig.tick().effects.iter().all(|e| !matches!(e, engine::Effect::Submit(_))));
    }
    assert_eq!(submissions(&rig, Purpose::TicketCreate).len(), 1);
    rig.audit();
    let closed = rig.stop();
    assert!(closed.verified && rig.world.offers.is_empty());
    assert_eq!(rig.world.tickets.len(), 2, "tickets outlive the session");
    rig.audit();
}

#[test]
fn a_wallet_that_needs_its_xrp_to_quote_makes_no_tickets() {
    // Reserve of line, two offers, two tickets and one more, fees, and 19.5 RLUSD of XRP at 1.42: 16.1 XRP.
    for (xrp, makes) in [(15_000_000, false), (17_000_000, true)] {
        let rig = with_pool(World { xrp: drops(xrp), ..World::new() });
        assert_eq!(submissions(&rig, Purpose::TicketCreate).len(), usize::from(makes), "{xrp}");
        assert_eq!(submissions(&rig, Purpose::Place).len(), 2, "{xrp}");
    }
}

#[test]
fn a_stuck_sequence_blocks_no_cancel() {
    let mut rig = filled();
    let bid = rig.offer(Side::Buy);
    replacement_is_stuck(&mut rig);
    // One ledger without it may be chance, two are not.
    assert!(empty_ledger(&mut rig).effects.is_empty());
    empty_ledger(&mut rig);
    let cancels = waiting(&rig, Purpose::Cancel);
    assert_eq!(cancels.len(), 1, "{:?}", sent(&rig));
    assert_eq!(cancels[0].sequence, SeqProxy::Ticket(1003));
    rig.tick();
    let order = &rig.orders()[&bid];
    assert_eq!(
        (order.status, order.cancel_reason.as_deref()),
        (OrderStatus::Cancelled, Some("too_aggressive"))
    );
    assert_eq!(rig.world.tickets.len(), 1);
    assert_eq!(rig.engine.mode(), Mode::Active);
    // The replacement is proved lost, the bid is placed again with its sequence, and the pool is filled up.
    for _ in 0..3 {
        rig.tick();
    }
    assert!(outcomes(&rig).contains(&SubmissionVerdict::ExpiredProved));
    assert_eq!(rig.offer(Side::Buy), 1005);
    for _ in 0..3 {
        rig.tick();
    }
    assert_eq!(rig.world.tickets.len(), 2);
    rig.audit();
    assert!(rig.stop().verified);
}

#[test]
fn stopping_takes_everything_down_past_a_stuck_sequence() {
    let mut rig = filled();
    replacement_is_stuck(&mut rig);
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    rig.feed(Input::Stop(engine::StopInput {
        reason: HaltReason::OperatorStop,
        detail: String::new(),
        verify: true,
    }));
    let cancels: Vec<SeqProxy> =
        waiting(&rig, Purpose::Cancel).iter().map(|intent| intent.sequence).collect();
    assert_eq!(cancels, [SeqProxy::Ticket(1003), SeqProxy::Ticket(1004)]);
    rig.tick();
    assert!(rig.world.offers.is_empty());
    let closed = rig.run_out();
    assert!(closed.verified && closed.unverified.is_empty());
    assert!(rig.world.tickets.is_empty(), "nothing is made while stopping");
    rig.audit();
}

#[test]
fn a_ticket_whose_cancel_never_came_is_given_back_and_used_again() {
    let mut rig = filled();
    replacement_is_stuck(&mut rig);
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    rig.world.queue.clear();
    // The cancel is lost as well. Nobody knows, so its ticket is not given to another until its last ledger went by.
    for _ in 0..3 {
        empty_ledger(&mut rig);
        assert!(!sent(&rig).contains(&(Purpose::Cancel, SeqProxy::Ticket(1003))));
    }
    let before = submissions(&rig, Purpose::Cancel);
    assert_eq!(before, [SeqProxy::Ticket(1003)]);
    rig.world.queue.clear();
    for _ in 0..12 {
        empty_ledger(&mut rig);
    }
    assert_eq!(rig.engine.mode(), Mode::Active);
    let given = submissions(&rig, Purpose::Cancel);
    assert!(given.len() > 1 && given[1..].contains(&SeqProxy::Ticket(1003)), "{given:?}");
    assert!(outcomes(&rig).iter().all(|verdict| *verdict != SubmissionVerdict::SupersededProved));
    rig.audit();
}

#[test]
fn while_tickets_are_being_made_a_cancel_goes_behind_them_and_nothing_is_placed() {
    let mut rig = with_pool(World::new());
    rig.feed(Input::Stop(engine::StopInput {
        reason: HaltReason::OperatorStop,
        detail: String::new(),
        verify: true,
    }));
    rig.tick();
    assert_eq!(rig.world.offers.len(), 2, "they rest before they can be cancelled");
    assert!(rig.run_out().verified);
    assert!(rig.world.offers.is_empty());
    rig.audit();
    // The pool is empty and being filled as the market falls and rises: nothing is placed before it is certain which
    // sequence is next, and what is too near goes.
    let mut rig = with_pool(World::new());
    let tickets = rig.world.queue.pop().unwrap();
    rig.tick();
    let bid = rig.offer(Side::Buy);
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
    empty_ledger(&mut rig);
    assert_eq!(sent(&rig), [(Purpose::Cancel, SeqProxy::Sequence(1005))], "behind the tickets");
    rig.world.queue.insert(0, tickets);
    rig.tick();
    assert_eq!(rig.orders()[&bid].status, OrderStatus::Cancelled);
    assert_eq!(sent(&rig), [(Purpose::Place, SeqProxy::Sequence(1006))]);
    rig.tick();
    assert_eq!(rig.world.tickets.len(), 2);
    rig.audit();
}

#[test]
fn a_refused_ticket_create_costs_its_fee_and_is_not_tried_again_at_once() {
    let mut rig = with_pool(World::new());
    while let Some((intent, signed)) = (!rig.world.queue.is_empty()).then(|| rig.world.queue.remove(0)) {
        let result = match intent.purpose {
            Purpose::TicketCreate => ResultCode(121), // tecDIR_FULL
            _ => ResultCode::TES_SUCCESS,
        };
        rig.world.validate_as(&intent, &signed, result);
    }
    rig.tick();
    for _ in 0..40 {
        rig.tick();
    }
    assert_eq!(submissions(&rig, Purpose::TicketCreate), [SeqProxy::Sequence(1002)]);
    for _ in 0..12 {
        rig.tick();
    }
    assert_eq!(submissions(&rig, Purpose::TicketCreate).len(), 2);
    rig.tick();
    assert_eq!(rig.world.tickets.len(), 2);
    rig.audit();
}

#[test]
fn the_next_session_knows_the_tickets_and_uses_them() {
    let mut rig = filled();
    let closed = rig.stop();
    let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
    let start = next.world.start(Some(closed.carried), None);
    next.feed(start);
    next.tick();
    assert_eq!(submissions(&next, Purpose::TicketCreate), [], "they are there already");
    replacement_is_stuck_at(&mut next);
    empty_ledger(&mut next);
    empty_ledger(&mut next);
    assert_eq!(waiting(&next, Purpose::Cancel)[0].sequence, SeqProxy::Ticket(1003));
    next.tick();
    assert!(next.run_out_of(6).is_none(), "it goes on");
    assert!(next.stop().verified);
}

/// The same at any sequence.
fn replacement_is_stuck_at(rig: &mut Rig) {
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
    rig.tick();
    assert_eq!(waiting(rig, Purpose::Replace).len(), 1);
    rig.world.queue.clear();
}

#[test]
fn a_ticket_used_by_another_program_is_noticed() {
    // In the ledgers themselves, and where they did not show it by the next full read.
    let mut rig = filled();
    rig.world.foreign_by_ticket(1004);
    rig.tick();
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    assert!(rig.run_out().verified);
    rig.audit();

    let mut rig = filled();
    rig.answers_truth = false;
    let mut truth = rig.world.truth(engine::TruthSource::Periodic);
    truth.tickets.pop();
    rig.feed(Input::Truth(Box::new(truth)));
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
}

#[test]
fn a_ticket_nobody_made_is_not_used() {
    let mut rig = filled();
    rig.answers_truth = false;
    let mut truth = rig.world.truth(engine::TruthSource::Periodic);
    truth.tickets.insert(0, 3);
    rig.feed(Input::Truth(Box::new(truth)));
    assert_eq!(rig.engine.mode(), Mode::Active);
    replacement_is_stuck(&mut rig);
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    assert_eq!(waiting(&rig, Purpose::Cancel)[0].sequence, SeqProxy::Ticket(1003));
}

#[test]
fn a_used_ticket_that_the_ledgers_did_not_show_is_looked_up_first() {
    let mut rig = filled();
    replacement_is_stuck(&mut rig);
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    rig.answers_truth = false;
    // Validated, and the server left it out of the ledger it sent.
    let at = rig.world.queue.iter().position(|(intent, _)| intent.purpose == Purpose::Cancel).unwrap();
    rig.world.validate(at);
    let ledger = rig.world.close();
    let Input::Ledger(mut short) = ledger else { unreachable!() };
    short.own.clear();
    rig.feed(Input::Ledger(short));
    let truth = rig.world.truth(engine::TruthSource::Periodic);
    let step = rig.feed(Input::Truth(Box::new(truth)));
    assert!(step.effects.iter().any(|e| matches!(e, engine::Effect::RequestBackfill { .. })), "{step:?}");
    assert_eq!(rig.engine.halt(), None, "nobody else used it");
    let backfill = rig.world.backfill(units::LedgerIndex(100));
    rig.feed(Input::Backfill(Box::new(backfill)));
    assert_eq!(rig.engine.halt(), None);
    assert!(outcomes(&rig).contains(&SubmissionVerdict::ValidatedTes));
    rig.audit();
}

#[test]
fn fees_of_tickets_are_those_of_any_transaction() {
    let rig = with_pool(World::new());
    let fees: Vec<Drops> =
        waiting(&rig, Purpose::TicketCreate).iter().map(|intent| intent.fee_drops).collect();
    assert_eq!(fees, [drops(10)]);
}

#[test]
fn a_cancel_whose_ticket_another_program_used_is_proved_superseded() {
    let mut rig = filled();
    replacement_is_stuck(&mut rig);
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    assert_eq!(waiting(&rig, Purpose::Cancel)[0].sequence, SeqProxy::Ticket(1003));
    rig.world.queue.clear();
    rig.world.foreign_by_ticket(1003);
    rig.tick();
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    assert!(rig.run_out().verified);
    assert!(outcomes(&rig).contains(&SubmissionVerdict::SupersededProved), "{:?}", outcomes(&rig));
    rig.audit();
}

#[test]
fn a_session_that_ends_in_haste_leaves_its_ticket_promised() {
    for arrives in [true, false] {
        let mut rig = filled();
        replacement_is_stuck(&mut rig);
        empty_ledger(&mut rig);
        empty_ledger(&mut rig);
        rig.feed(Input::Stop(engine::StopInput {
            reason: HaltReason::InterruptedConsoleClose,
            detail: String::new(),
            verify: false,
        }));
        let carried = rig.closed().unwrap().carried;
        let promised: Vec<SeqProxy> = carried.pending.iter().map(|pending| pending.sequence).collect();
        let by_ticket = [1003, 1004].map(SeqProxy::Ticket);
        assert!(by_ticket.iter().all(|ticket| promised.contains(ticket)), "{promised:?}");
        if !arrives {
            rig.world.queue.clear();
        }
        for _ in 0..6 {
            rig.world.validate_all();
            rig.world.close();
        }
        assert_eq!((rig.world.tickets.len(), rig.world.offers.len()), if arrives { (0, 0) } else { (2, 2) });
        let mut next = Rig::with(rig.engine.config().clone(), rig.world.clone());
        let start = next.world.start(Some(carried), None);
        next.feed(start);
        let expected =
            if arrives { SubmissionVerdict::ValidatedTes } else { SubmissionVerdict::ExpiredProved };
        assert_eq!(
            outcomes(&next).iter().filter(|verdict| **verdict == expected).count(),
            2 + usize::from(!arrives)
        );
        next.tick();
        next.tick();
        assert_eq!(next.world.tickets.len(), 2, "arrives={arrives}");
        assert_eq!(submissions(&next, Purpose::TicketCreate).len(), usize::from(arrives));
        assert!(next.stop().verified);
    }
}
