//! Laws of the assembler: what comes out depends on which messages came in, not on their order or number.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use client::{
    Assembler, AssemblerEvent, ClosedLedger, Contradiction, Gap, LedgerHeader, StreamMessage, ValidatedTx,
};
use ledger::{AccountId, Hash256, Object, TxMeta};
use proptest::prelude::*;
use serde_json::json;
use units::{Drops, LedgerIndex, LedgerTime};

fn hash(kind: u8, a: u32, b: u32) -> Hash256 {
    let mut bytes = [kind; 32];
    bytes[..4].copy_from_slice(&a.to_be_bytes());
    bytes[4..8].copy_from_slice(&b.to_be_bytes());
    Hash256(bytes)
}

fn header(index: u32, txn_count: u32) -> StreamMessage {
    StreamMessage::LedgerClosed(LedgerHeader {
        index: LedgerIndex(index),
        hash: hash(1, index, 0),
        close_time: LedgerTime(1_000 + index * 4),
        fees: client::Fees {
            fee_base: Drops::new(10).unwrap(),
            reserve_base: Drops::from_xrp(1),
            reserve_inc: Drops::new(200_000).unwrap(),
        },
        txn_count,
        network_id: None,
    })
}

fn tx(index: u32, place: u32) -> StreamMessage {
    StreamMessage::Transaction(Box::new(ValidatedTx {
        hash: hash(2, index, place),
        ledger_index: LedgerIndex(index),
        ledger_hash: Some(hash(1, index, 0)),
        close_time: None,
        transaction_index: place,
        result: "tesSUCCESS".into(),
        account: AccountId::ONE,
        tx: Ok(Object::new()),
        meta: TxMeta::from_json(
            &json!({"TransactionIndex": place, "TransactionResult": "tesSUCCESS", "AffectedNodes": []}),
        ),
        owner_funds: None,
    }))
}

/// The messages of ledgers 11, 12, ... with these many transactions each.
fn messages(counts: &[u32]) -> Vec<StreamMessage> {
    let ledgers = (11_u32..).zip(counts);
    ledgers
        .flat_map(|(index, count)| {
            std::iter::once(header(index, *count)).chain((0..*count).map(move |place| tx(index, place)))
        })
        .collect()
}

fn ledgers_of(assembler: &mut Assembler) -> Vec<ClosedLedger> {
    std::iter::from_fn(|| assembler.next_event())
        .map(|event| match event {
            AssemblerEvent::Ledger(ledger) => ledger,
            AssemblerEvent::Gap(gap) => panic!("no gap expected: {gap:?}"),
        })
        .collect()
}

fn shuffled(messages: Vec<StreamMessage>) -> impl Strategy<Value = Vec<StreamMessage>> {
    let copies = prop::collection::vec(1..=4_usize, messages.len());
    copies.prop_flat_map(move |copies| {
        let repeated = messages.iter().zip(copies).flat_map(|(message, times)| vec![message.clone(); times]);
        Just(repeated.collect::<Vec<_>>()).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_number_gives_the_same_ledgers(
        (counts, mixed) in prop::collection::vec(0..6_u32, 1..5).prop_flat_map(|counts| {
            let mixed = shuffled(messages(&counts));
            (Just(counts), mixed)
        })
    ) {
        let mut straight = Assembler::new(Some(LedgerIndex(10)));
        for message in messages(&counts) {
            straight.accept(message).unwrap();
        }
        let expected = ledgers_of(&mut straight);
        prop_assert_eq!(expected.len(), counts.len());
        let mut assembler = Assembler::new(Some(LedgerIndex(10)));
        let mut got = Vec::new();
        for message in mixed {
            assembler.accept(message).unwrap();
            got.extend(ledgers_of(&mut assembler));
        }
        prop_assert!(!assembler.is_waiting());
        for ledger in &got {
            prop_assert!(ledger.complete);
            let places: Vec<u32> = ledger.transactions.iter().map(|tx| tx.transaction_index).collect();
            prop_assert_eq!(places, (0..ledger.txn_count.unwrap()).collect::<Vec<_>>());
        }
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn a_missing_message_never_gives_a_ledger_as_complete(
        counts in prop::collection::vec(1..5_u32, 1..4), pick in any::<prop::sample::Index>(),
    ) {
        let mut all = messages(&counts);
        let lost = all.remove(pick.index(all.len()));
        let lost_in = match &lost {
            StreamMessage::LedgerClosed(header) => header.index,
            StreamMessage::Transaction(tx) => tx.ledger_index,
            other => panic!("not made here: {other:?}"),
        };
        let last = LedgerIndex(10 + u32::try_from(counts.len()).unwrap());
        let mut assembler = Assembler::new(Some(LedgerIndex(10)));
        for message in all {
            assembler.accept(message).unwrap();
        }
        let mut events: Vec<AssemblerEvent> = std::iter::from_fn(|| assembler.next_event()).collect();
        assembler.give_up();
        events.extend(std::iter::from_fn(|| assembler.next_event()));
        let gap = AssemblerEvent::Gap(Gap { from: lost_in, to: lost_in });
        prop_assert_eq!(events.iter().filter(|event| **event == gap).count(), 1);
        prop_assert_eq!(events.len(), counts.len());
        prop_assert_eq!(assembler.last(), Some(last));
        prop_assert_eq!(assembler.stats().ledgers_missing, 1);
    }
}

#[test]
fn ledgers_skipped_by_the_stream_are_one_gap() {
    let mut assembler = Assembler::new(Some(LedgerIndex(10)));
    assembler.accept(header(14, 0)).unwrap();
    assert_eq!(assembler.next_event(), None, "first it waits: messages may be out of order");
    assembler.give_up();
    let gap = Gap { from: LedgerIndex(11), to: LedgerIndex(13) };
    assert_eq!(assembler.next_event(), Some(AssemblerEvent::Gap(gap)));
    assert!(
        matches!(assembler.next_event(), Some(AssemblerEvent::Ledger(ledger)) if ledger.index == LedgerIndex(14))
    );
    assert_eq!(assembler.next_event(), None);
}

#[test]
fn what_lies_before_the_subscription_is_a_gap_at_once() {
    let mut assembler = Assembler::new(Some(LedgerIndex(10)));
    assembler.subscribed_at(LedgerIndex(15));
    let gap = Gap { from: LedgerIndex(11), to: LedgerIndex(15) };
    assert_eq!(assembler.next_event(), Some(AssemblerEvent::Gap(gap)));
    assert_eq!(assembler.next_event(), None);
    assembler.accept(header(16, 0)).unwrap();
    assert!(matches!(assembler.next_event(), Some(AssemblerEvent::Ledger(_))));
    let mut fresh = Assembler::new(None);
    fresh.subscribed_at(LedgerIndex(15));
    assert_eq!((fresh.next_event(), fresh.last()), (None, Some(LedgerIndex(15))));
}

#[test]
fn old_ledgers_and_backward_steps_are_ignored() {
    let mut assembler = Assembler::new(Some(LedgerIndex(10)));
    for message in [header(9, 0), tx(10, 0), header(11, 0), header(10, 3)] {
        assembler.accept(message).unwrap();
    }
    assert_eq!(ledgers_of(&mut assembler).len(), 1);
    assembler.accept(header(11, 7)).unwrap();
    assert_eq!((assembler.stats().late, assembler.is_waiting()), (4, false));
}

#[test]
fn contradictions_are_refused() {
    let other = |edit: fn(&mut ValidatedTx)| match tx(11, 0) {
        StreamMessage::Transaction(mut tx) => {
            edit(&mut tx);
            StreamMessage::Transaction(tx)
        }
        message => message,
    };
    let cases: Vec<(&str, Vec<StreamMessage>)> = vec![
        ("two hashes of a ledger", vec![header(11, 2), other(|tx| tx.ledger_hash = Some(Hash256::ZERO))]),
        ("two headers", vec![header(11, 2), header(11, 3)]),
        ("two transactions at a place", vec![tx(11, 0), other(|tx| tx.hash = Hash256::ZERO)]),
        ("two contents", vec![tx(11, 0), other(|tx| tx.meta = TxMeta::from_json(&json!({})))]),
        ("two places", vec![tx(11, 0), other(|tx| tx.transaction_index = 1)]),
        ("too many", vec![header(11, 1), tx(11, 0), tx(11, 1)]),
        ("too many, header last", vec![tx(11, 0), tx(11, 1), header(11, 1)]),
    ];
    for (name, messages) in cases {
        let mut assembler = Assembler::new(Some(LedgerIndex(10)));
        let results: Vec<_> = messages.into_iter().map(|message| assembler.accept(message)).collect();
        let (last, before) = results.split_last().unwrap();
        assert!(last.is_err() && before.iter().all(Result::is_ok), "{name}: {results:?}");
    }
}

#[test]
fn what_is_held_back_is_bounded() {
    let mut assembler = Assembler::new(Some(LedgerIndex(10)));
    let refused = (12_u32..100_000).map(|index| assembler.accept(header(index, 0))).find(Result::is_err);
    assert_eq!(refused, Some(Err(Contradiction::Overflow)));
}

/// A ledger that is not whole when two later ones closed is a gap, up to the first whole one, whoever says that they closed.
#[test]
fn what_stays_incomplete_while_ledgers_close_is_a_gap() {
    let mut assembler = Assembler::new(Some(LedgerIndex(10)));
    let all = messages(&[2, 1, 1, 0]);
    // Ledger 11 lacks its last transaction.
    for message in all.iter().take(2).chain(all.iter().skip(3)) {
        assembler.accept(message.clone()).unwrap();
    }
    for closed in [11, 12] {
        assembler.closed(LedgerIndex(closed));
        assert_eq!(assembler.next_event(), None, "it may still come");
    }
    assembler.closed(LedgerIndex(13));
    let gap = Gap { from: LedgerIndex(11), to: LedgerIndex(11) };
    assert_eq!(assembler.next_event(), Some(AssemblerEvent::Gap(gap)));
    assert_eq!(ledgers_of(&mut assembler).len(), 3);
    // Nothing at all comes of 15 to 17.
    for closed in [15, 16] {
        assembler.closed(LedgerIndex(closed));
        assert_eq!(assembler.next_event(), None);
    }
    assembler.closed(LedgerIndex(17));
    let gap = Gap { from: LedgerIndex(15), to: LedgerIndex(17) };
    assert_eq!(assembler.next_event(), Some(AssemblerEvent::Gap(gap)));
    assert_eq!((assembler.next_event(), assembler.last()), (None, Some(LedgerIndex(17))));
}
