//! A short session on a book written by hand, which a crash left open.

use super::{header, identity, start, start_input};
use engine::{
    BookChange, BookOffer, BookSnapshot, Config, Effect, Engine, Input, LedgerInput, Legs, Side,
    SignedIntent, SnapshotOffer, Step,
};
use ledger::{AccountId, Hash256};
use std::path::Path;
use store::{OpenMode, Store};
use units::{Drops, IssuedValue};

pub fn offer(id: u8, side: Side, rlusd: &str) -> BookOffer {
    BookOffer {
        id: Hash256([id; 32]),
        owner: AccountId([id; 20]),
        sequence: u32::from(id),
        side,
        legs: Legs { quote: rlusd.parse().unwrap(), base: Drops::from_xrp(100) },
        quality: None,
        expiration: None,
    }
}

pub fn snapshot(offer: BookOffer) -> SnapshotOffer {
    let owner_rlusd = (offer.side == Side::Buy).then(|| IssuedValue::from_int(1000));
    let owner_xrp = (offer.side == Side::Sell).then(|| Drops::from_xrp(1000));
    SnapshotOffer { offer, owner_rlusd, owner_xrp }
}

/// The mid is 2.000, and 2.002 from ledger 103 on: ten basis points up.
pub fn inputs() -> Vec<Input> {
    let mut opening = start_input(100, 60_000_000, "120", None, Vec::new());
    opening.truth.book = BookSnapshot {
        bids: vec![snapshot(offer(1, Side::Buy, "199.9"))],
        asks: vec![snapshot(offer(2, Side::Sell, "200.1"))],
    };
    let mut inputs = vec![Input::Start(Box::new(opening))];
    for at in 101..108 {
        let book = if at == 103 {
            vec![
                BookChange::Deleted { id: Hash256([1; 32]) },
                BookChange::Deleted { id: Hash256([2; 32]) },
                BookChange::Created(offer(3, Side::Buy, "200.1")),
                BookChange::Created(offer(4, Side::Sell, "200.3")),
            ]
        } else {
            Vec::new()
        };
        let (owner_funds, own) = (Vec::new(), Vec::new());
        inputs.push(Input::Ledger(Box::new(LedgerInput {
            header: header(at),
            complete: true,
            book,
            owner_funds,
            pool: None,
            own,
        })));
    }
    inputs
}

/// As the program does it: what a step wants sent is signed and journalled with it.
pub fn batch(engine: &mut Engine, input: Input) -> Vec<(Input, Step)> {
    let step = engine.step(&input);
    let sign = |effect: &Effect| match effect {
        Effect::Submit(intent) => Some(SignedIntent {
            intent_id: intent.intent_id,
            hash: Hash256([intent.intent_id as u8; 32]),
            blob: vec![1, 2, 3],
        }),
        _ => None,
    };
    let signed: Vec<_> = step.effects.iter().filter_map(sign).collect();
    let mut batch = vec![(input, step)];
    if !signed.is_empty() {
        let input = Input::Signed(signed);
        let step = engine.step(&input);
        batch.push((input, step));
    }
    batch
}

/// A session that a crash left open; gives the engine as it was then.
pub fn crashed(path: &Path) -> Engine {
    crashed_with(path, &[])
}

/// The same, with checkpoints after these of its batches, from 1.
pub fn crashed_with(path: &Path, checkpoints: &[usize]) -> Engine {
    let store = Store::open(path, &identity(), OpenMode::CreateIfMissing).unwrap();
    let mut engine = Engine::new(Config::default(), identity().to_engine());
    let text =
        Config::default().texts().iter().map(|(key, value)| format!("{key}: {value}\n")).collect::<String>();
    let mut inputs = inputs().into_iter();
    let first = batch(&mut engine, inputs.next().unwrap());
    store.open_session(start(&text), first).unwrap().1.into_inner();
    for (at, input) in (1..).zip(inputs) {
        let batch = batch(&mut engine, input);
        let durable = match checkpoints.contains(&at) {
            true => store.commit_with_state(batch, engine.checkpoint().unwrap()).unwrap(),
            false => store.commit(batch).unwrap(),
        };
        durable.into_inner();
    }
    store.close();
    engine
}
