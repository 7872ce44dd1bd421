//! A ledger with a small queue and a few accounts, for tests of the queue. Reserves of 1 XRP and 0.2 XRP an object, ten
//! drops a transaction.
#![allow(dead_code, reason = "each test uses a part of it")]

use ledger::{AccountId, Amount, Hash256, KeyKind, KeyPair, Object, Seed, SeqProxy, TxType, fields as f};
use sim::amendments;
use sim::world::{At, MarketSpec, QueueSettings, SubmitResult, World, WorldSpec};
use units::{Drops, LedgerTime};

/// XRP of each account.
pub const FUNDS: u32 = 20;

pub const PAYMENT: TxType = TxType(0);
pub const ACCOUNT_SET: TxType = TxType(3);
pub const TICKET_CREATE: TxType = TxType(10);

/// A transaction to be signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub number: SeqProxy,
    pub fee: i64,
    pub last_ledger: Option<u32>,
    pub kind: TxType,
    pub body: Object,
}

impl Draft {
    /// An AccountSet that sets nothing.
    pub fn new(number: SeqProxy, fee: i64) -> Draft {
        Draft { number, fee, last_ledger: None, kind: ACCOUNT_SET, body: Object::new() }
    }

    pub fn signed(&self, keys: &KeyPair) -> (Hash256, Vec<u8>) {
        let (sequence, ticket) = match self.number {
            SeqProxy::Sequence(number) => (number, None),
            SeqProxy::Ticket(number) => (0, Some(number)),
        };
        let mut fields = self
            .body
            .clone()
            .with(f::TRANSACTION_TYPE, self.kind)
            .with(f::ACCOUNT, keys.account())
            .with(f::SEQUENCE, sequence)
            .with(f::FEE, Drops::new(self.fee).unwrap());
        fields.insert_some(f::TICKET_SEQUENCE, ticket);
        fields.insert_some(f::LAST_LEDGER_SEQUENCE, self.last_ledger);
        let (_, signed) = ledger::sign_object(&fields, keys).unwrap();
        (ledger::tx_hash(&signed.blob), signed.blob)
    }
}

/// The keys of a named account.
pub fn keys(name: &str) -> KeyPair {
    let mut entropy = [7; 16];
    for (to, from) in entropy.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    KeyPair::from_seed(&Seed::from_entropy(entropy, KeyKind::Ed25519)).unwrap()
}

/// A world whose accounts are funded, with so many tickets each.
pub fn world(settings: QueueSettings, names: &[&str], tickets: u32) -> World {
    let mut spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
    spec.network_id = 0;
    let mut world = World::bare_with(spec, amendments::in_force(), settings).unwrap();
    let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
    for name in names {
        let body = Object::new()
            .with(f::DESTINATION, keys(name).account())
            .with(f::AMOUNT, Amount::Xrp(Drops::from_xrp(FUNDS)));
        let number = next(&world, genesis.account());
        let draft = Draft { kind: PAYMENT, body, ..Draft::new(number, 10) };
        settle(&mut world, &genesis, &draft);
        if tickets > 0 {
            let number = next(&world, keys(name).account());
            let body = Object::new().with(f::TICKET_COUNT, tickets);
            settle(&mut world, &keys(name), &Draft { kind: TICKET_CREATE, body, ..Draft::new(number, 10) });
        }
    }
    world
}

fn settle(world: &mut World, keys: &KeyPair, draft: &Draft) {
    let answer = submit(world, keys, draft);
    assert_eq!(answer.engine_result.to_string(), "tesSUCCESS");
    let _ = world.close();
}

pub fn submit(world: &mut World, keys: &KeyPair, draft: &Draft) -> SubmitResult {
    world.submit(&draft.signed(keys).1).unwrap()
}

/// The account's next sequence in the open ledger.
pub fn next(world: &World, account: AccountId) -> SeqProxy {
    SeqProxy::Sequence(world.sequence(At::Current, account).unwrap())
}

/// Index of the open ledger.
pub fn open_index(world: &World) -> u32 {
    world.header().ledger_index.get() + 1
}
