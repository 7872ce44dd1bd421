//! The queue by itself: who is given up, and who suffers for it. Rules of the reference server.

use ledger::{AccountId, Hash256, SeqProxy};
use units::Drops;

use super::queued::{Effect, Queued, RETRIES};
use super::{DropReason, Place, Queue, QueueSettings};
use crate::ter::{TEF_PAST_SEQ, TEL_INSUF_FEE_P, TER_INSUF_FEE_B};

const A: AccountId = AccountId([1; 20]);
const B: AccountId = AccountId([2; 20]);

fn queue(most: u32) -> Queue {
    let settings = QueueSettings {
        ledgers_in_queue: 1,
        minimum_queue_size: most,
        minimum_txn_in_ledger: 1,
        ..QueueSettings::networked()
    };
    let mut queue = Queue::new(settings);
    queue.closed(&[], false, 1);
    queue
}

fn add(queue: &mut Queue, account: AccountId, number: u32, level: u64) {
    let sequence = SeqProxy::Sequence(number);
    let effect = Effect {
        fee: Drops::ZERO,
        spend: Drops::ZERO,
        is_blocker: false,
        following: SeqProxy::Sequence(number + 1),
    };
    let hash = Hash256([u8::try_from(number).unwrap() + account.0[0] * 16; 32]);
    let queued = Queued {
        blob: Vec::new(),
        hash,
        level,
        last_ledger: None,
        retries: RETRIES,
        last_result: None,
        effect,
    };
    queue.insert(account, sequence, queued);
}

fn place(queue: &Queue, account: AccountId, number: u32) -> Place {
    let wanted = (account, SeqProxy::Sequence(number));
    *queue.places().iter().find(|place| (place.account, place.sequence) == wanted).unwrap()
}

fn numbers(queue: &Queue, account: AccountId) -> Vec<u32> {
    queue.live(account, 0).map(|(sequence, _)| sequence.number()).collect()
}

#[test]
fn ten_failures_are_forgiven_and_then_the_others_have_one() {
    let mut queue = queue(100);
    for number in [1, 2] {
        add(&mut queue, A, number, 256);
    }
    for failures in 1..=RETRIES {
        let first = place(&queue, A, 1);
        assert!(!queue.note_failure(&first, TER_INSUF_FEE_B));
        assert_eq!(queue.get(A, SeqProxy::Sequence(1)).unwrap().retries, RETRIES - failures);
    }
    // A local failure is no reason to give up either.
    assert_eq!(queue.get(A, SeqProxy::Sequence(1)).unwrap().last_result, Some(TER_INSUF_FEE_B));
    let first = place(&queue, A, 1);
    assert!(queue.note_failure(&first, TEL_INSUF_FEE_P));
    assert_eq!(queue.dropped.last().unwrap().reason, DropReason::Failed(TEL_INSUF_FEE_P));
    let second = place(&queue, A, 2);
    for left in [1, 0] {
        assert!(!queue.note_failure(&second, TER_INSUF_FEE_B));
        assert_eq!(queue.get(A, SeqProxy::Sequence(2)).unwrap().retries, left);
    }
    assert!(queue.note_failure(&second, TER_INSUF_FEE_B));
    assert_eq!((queue.len(), queue.dropped.len()), (0, 2));
}

#[test]
fn when_it_is_nearly_full_an_account_that_failed_loses_its_last() {
    for (most, wanted) in [(4, vec![2]), (100, vec![2, 3])] {
        let mut queue = queue(most);
        for number in [1, 2, 3] {
            add(&mut queue, A, number, 256);
        }
        for number in [1, 2] {
            add(&mut queue, B, number, 256);
        }
        let first = place(&queue, A, 1);
        assert!(queue.note_failure(&first, TEF_PAST_SEQ), "that is for good");
        let second = place(&queue, A, 2);
        assert!(!queue.note_failure(&second, TER_INSUF_FEE_B));
        assert_eq!((numbers(&queue, A), numbers(&queue, B)), (wanted, vec![1, 2]), "{most}");
    }
}

#[test]
fn places_are_by_level_and_then_by_mixed_id() {
    let mut queue = queue(100);
    for (account, number, level) in [(A, 1, 300), (A, 2, 256), (B, 1, 256), (B, 2, 900)] {
        add(&mut queue, account, number, level);
    }
    let order = |queue: &Queue| -> Vec<(u8, u32)> {
        queue.places().iter().map(|place| (place.account.0[0], place.sequence.number())).collect()
    };
    assert_eq!(order(&queue), [(2, 2), (1, 1), (1, 2), (2, 1)]);
    queue.adopt(Hash256([0xff; 32]));
    assert_eq!(order(&queue), [(2, 2), (1, 1), (2, 1), (1, 2)]);
}

#[test]
fn the_first_gap_is_next() {
    let mut queue = queue(100);
    for (present, next) in [(vec![], 5), (vec![5, 6], 7), (vec![5, 8], 6), (vec![6], 5), (vec![3, 5], 6)] {
        queue.lines.clear();
        for number in &present {
            add(&mut queue, A, *number, 256);
        }
        assert_eq!(queue.next_queueable(A, 5), SeqProxy::Sequence(next), "{present:?}");
    }
}
