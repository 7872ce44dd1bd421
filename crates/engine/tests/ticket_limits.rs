//! Limits of the ticket pool: what the wallet must have to the drop, how many submissions may be on their way, how long a
//! refusal lasts; and when a cancel goes by ticket: blind, behind tickets being made, and never while nothing is stuck.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use engine::{
    CarriedBooks, CarriedOrder, HaltReason, Input, Legs, OrderId, OrderStatus, Purpose, Record, Side,
    StopInput, TruthSource,
};
use ledger::{ResultCode, SeqProxy};
use support::{Config, Offer, Rig, World, drops, value};
use units::{Exact, LedgerIndex, LedgerTime};

fn config() -> Config {
    // Moves of the market replace what is too near, and nothing else.
    let pairs = [("momentum_threshold_bps", "10000"), ("requote_tolerance_passive_bps", "1000")];
    Config::from_pairs(pairs).unwrap()
}

fn started(world: World, carried: Option<CarriedBooks>) -> Rig {
    let mut rig = Rig::with(config(), world);
    let start = rig.world.start(carried, None);
    rig.feed(start);
    rig
}

/// Both sides rest, at 1000 and 1001, and two tickets are there, 1003 and 1004.
fn filled() -> Rig {
    let mut rig = started(World::new(), None);
    rig.tick();
    assert_eq!((rig.offer(Side::Buy), rig.offer(Side::Sell)), (1000, 1001));
    assert_eq!(rig.world.tickets.iter().copied().collect::<Vec<_>>(), [1003, 1004]);
    rig
}

/// The market falls: the bid is too near, and its replacement never reaches the ledger.
fn replacement_is_lost(rig: &mut Rig) {
    market_falls(rig);
    rig.tick();
    assert_eq!(sent(rig), [(Purpose::Replace, SeqProxy::Sequence(1005))]);
    rig.world.queue.clear();
}

fn market_falls(rig: &mut Rig) {
    rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned());
}

fn empty_ledger(rig: &mut Rig) {
    let ledger = rig.world.close();
    rig.feed(ledger);
}

fn sent(rig: &Rig) -> Vec<(Purpose, SeqProxy)> {
    rig.world.queue.iter().map(|(intent, _)| (intent.purpose, intent.sequence)).collect()
}

fn makes_tickets(rig: &Rig) -> usize {
    let is_one =
        |r: &&Record| matches!(r, Record::SubmissionIntent(row) if row.purpose == Purpose::TicketCreate);
    rig.records.iter().filter(is_one).count()
}

fn stop(rig: &mut Rig, verify: bool) {
    let reason = if verify { HaltReason::OperatorStop } else { HaltReason::InterruptedConsoleClose };
    rig.feed(Input::Stop(StopInput { reason, detail: String::new(), verify }));
}

/// These offers rest, and an earlier session knows of them.
fn carried(mut world: World, offers: &[(u32, Side, Legs)]) -> (World, CarriedBooks) {
    let expiration = world.close_time + 10_000;
    let of = |(sequence, side, legs): &(u32, Side, Legs)| CarriedOrder {
        order_id: OrderId { ledger_index: 90, sequence: *sequence },
        side: *side,
        placed: *legs,
        remaining: *legs,
        status: OrderStatus::Open,
        tx_hash: None,
        last_ledger_sequence: LedgerIndex(94),
        expiration: Some(LedgerTime(expiration)),
        created_at: LedgerTime(world.close_time - 40),
    };
    let books = CarriedBooks {
        at: LedgerIndex(world.index),
        xrp: world.xrp,
        rlusd: Exact::from(world.rlusd),
        account_txn_id: Some(world.last_txn),
        orders: offers.iter().map(of).collect(),
        pending: vec![],
        net_deposits_rlusd: Exact::zero(),
    };
    for (sequence, side, legs) in offers {
        world.offers.insert(*sequence, Offer { side: *side, legs: *legs, expiration });
    }
    (world, books)
}

fn legs(quote: &str, base: i64) -> Legs {
    Legs { quote: value(quote), base: drops(base) }
}

#[test]
fn tickets_are_made_when_what_the_asks_give_stays_funded_to_the_drop() {
    // 1 XRP and 0.2 each for line, ask, bid on its way, two tickets and one more; fees of 0.101; the ask gives 30.
    for (xrp, makes) in [(32_301_000, 1), (32_300_999, 0)] {
        let world = World { xrp: drops(xrp), rlusd: value("45"), ..World::new() };
        let (world, books) = carried(world, &[(900, Side::Sell, legs("43.5", 30_000_000))]);
        let rig = started(world, Some(books));
        let wanted = [(Purpose::Place, SeqProxy::Sequence(1000))];
        assert_eq!(sent(&rig)[..1], wanted, "the bid, and the ask rests on");
        assert_eq!((makes_tickets(&rig), sent(&rig).len()), (makes, 1 + makes), "{xrp}");
    }
}

#[test]
fn no_tickets_are_made_while_eight_submissions_are_on_their_way() {
    for (bids, sent_already) in [(6, 7), (7, 8)] {
        let mut world = World::new();
        for sequence in 900..900 + bids {
            let legs = legs("1.3", 1_000_000);
            world.offers.insert(sequence, Offer { side: Side::Buy, legs, expiration: 800_010_000 });
        }
        // Offers that nobody knows go at once; beside them an ask is placed.
        let mut rig = started(world, None);
        let others = rig.world.queue.len() - makes_tickets(&rig);
        assert_eq!((others, makes_tickets(&rig)), (sent_already, usize::from(sent_already < 8)));
        rig.tick();
        rig.tick();
        assert_eq!(rig.world.tickets.len(), 2);
        rig.audit();
    }
}

#[test]
fn a_refused_ticket_create_is_tried_again_fifty_ledgers_later() {
    let mut rig = started(World::new(), None);
    while !rig.world.queue.is_empty() {
        let (intent, signed) = rig.world.queue.remove(0);
        let is_one = intent.purpose == Purpose::TicketCreate;
        let result = if is_one { ResultCode(121) } else { ResultCode::TES_SUCCESS }; // tecDIR_FULL
        rig.world.validate_as(&intent, &signed, result);
    }
    empty_ledger(&mut rig);
    for _ in 0..49 {
        rig.tick();
    }
    assert_eq!(makes_tickets(&rig), 1);
    rig.tick();
    assert_eq!(makes_tickets(&rig), 2);
}

#[test]
fn tickets_on_their_way_are_not_asked_for_again_by_the_next_session() {
    let mut rig = started(World::new(), None);
    stop(&mut rig, false);
    let books = rig.closed().unwrap().carried;
    assert_eq!(books.pending.iter().filter(|pending| pending.makes_tickets == 2).count(), 1);
    // It opens before another ledger came.
    let mut next = started(rig.world.clone(), Some(books));
    assert_eq!(makes_tickets(&next), 0);
    next.tick();
    next.tick();
    assert_eq!((makes_tickets(&next), next.world.tickets.len()), (0, 2));
}

#[test]
fn a_cancel_goes_past_a_ticket_create_that_is_on_its_way() {
    let at = [(900, Side::Buy, legs("14", 10_000_000)), (901, Side::Sell, legs("14.4", 10_000_000))];
    let (world, books) = carried(World { tickets: [950].into(), ..World::new() }, &at);
    let mut rig = started(world, Some(books));
    assert_eq!(sent(&rig), [(Purpose::TicketCreate, SeqProxy::Sequence(1000))]);
    stop(&mut rig, true);
    // The one ticket there is, and then the sequence behind the one that is being made.
    let wanted = [SeqProxy::Ticket(950), SeqProxy::Sequence(1002)];
    assert_eq!(sent(&rig)[1..], wanted.map(|number| (Purpose::Cancel, number)));
    assert!(rig.run_out().verified);
    assert!(rig.world.offers.is_empty());
}

#[test]
fn a_cancel_goes_by_ticket_when_no_ledger_can_be_seen_to_go_by() {
    let wanted = [1003, 1004].map(|ticket| (Purpose::Cancel, SeqProxy::Ticket(ticket)));
    // The replacement is only just sent; then no ledger comes at all.
    let mut rig = filled();
    replacement_is_lost(&mut rig);
    rig.feed(Input::Stale { wall_seconds: 20 });
    assert_eq!(sent(&rig), wanted);
    // Or one is missing, and the session ends.
    let mut rig = filled();
    replacement_is_lost(&mut rig);
    let _missing = rig.world.close();
    empty_ledger(&mut rig);
    stop(&mut rig, true);
    assert_eq!(sent(&rig), wanted);
    // While they are seen, what is too near waits for its replacement.
    let mut rig = filled();
    replacement_is_lost(&mut rig);
    stop(&mut rig, true);
    assert_eq!(sent(&rig), [(Purpose::Cancel, SeqProxy::Sequence(1006))], "the ask");
}

#[test]
fn beside_a_cancel_that_is_not_stuck_nothing_goes_on_its_side() {
    let bid = legs("14.17", 10_000_000);
    let at = [(900, Side::Buy, bid), (901, Side::Buy, bid), (902, Side::Sell, legs("14.4", 10_000_000))];
    let (world, books) = carried(World { tickets: [950, 951].into(), ..World::new() }, &at);
    let mut rig = started(world, Some(books));
    assert_eq!(sent(&rig), [(Purpose::Cancel, SeqProxy::Sequence(1000))], "one offer a side");
    rig.world.queue.clear();
    market_falls(&mut rig);
    empty_ledger(&mut rig);
    assert_eq!(sent(&rig), [], "one ledger without it may be chance");
    empty_ledger(&mut rig);
    let by_ticket = [950, 951].map(|ticket| (Purpose::Cancel, SeqProxy::Ticket(ticket)));
    assert_eq!(sent(&rig), by_ticket, "both bids are too near");
}

#[test]
fn a_stuck_cancel_of_the_last_session_is_overtaken_too() {
    let mut rig = filled();
    stop(&mut rig, false);
    let books = rig.closed().unwrap().carried;
    assert_eq!(books.pending.len(), 2);
    rig.world.queue.clear();
    let mut next = started(rig.world.clone(), Some(books));
    market_falls(&mut next);
    empty_ledger(&mut next);
    assert_eq!(sent(&next), []);
    empty_ledger(&mut next);
    assert_eq!(sent(&next), [(Purpose::Cancel, SeqProxy::Ticket(1003))], "the bid is too near");
}

#[test]
fn a_read_names_the_tickets_that_nobody_knows() {
    for (more, line) in [(None, None), (Some(3), Some("unknown=[3]"))] {
        let mut rig = filled();
        let mut truth = rig.world.truth(TruthSource::Periodic);
        truth.tickets.extend(more);
        let step = rig.feed(Input::Truth(Box::new(truth)));
        let told = step.logs.iter().find(|line| line.event == "tickets").map(|line| line.text.as_str());
        assert_eq!(told, line);
        assert_eq!(rig.engine.halt(), None);
    }
}

#[test]
fn a_ticket_that_another_program_used_is_not_used_again() {
    let mut rig = filled();
    replacement_is_lost(&mut rig);
    rig.answers_truth = false;
    let mut truth = rig.world.truth(TruthSource::Periodic);
    truth.tickets.retain(|ticket| *ticket != 1003);
    rig.feed(Input::Truth(Box::new(truth)));
    assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    rig.world.queue.clear();
    empty_ledger(&mut rig);
    empty_ledger(&mut rig);
    let numbers: Vec<SeqProxy> = sent(&rig).iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [SeqProxy::Ticket(1004)]);
}
