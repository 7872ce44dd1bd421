//! Transactions told field by field, in the published shape of metadata, for what the ledger of the tests does not do by
//! itself. Knows nothing of the engine but the type that carries the bytes.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test helper: a wrong value is a failed test")]

use crate::support::{ISSUER, US, World, drops, value};
use engine::{Legs, OwnTx, Side};
use ledger::{
    AccountId, AffectedNode, Amount, Currency, EntryType, Hash256, NodeAction, Object, ResultCode, TxMeta,
    TxType, fields as f, tx_hash,
};
use units::{Drops, IssuedValue};

/// A trust line: who is low, who is high, of which currency, and its flags.
#[derive(Clone, Copy)]
pub struct Line {
    pub low: AccountId,
    pub high: AccountId,
    pub currency: Currency,
    pub flags: u32,
}

impl Line {
    /// Ours with the issuer: our number is the smaller one.
    pub const OURS: Line = Line { low: US, high: ISSUER, currency: Currency::RLUSD, flags: 65_536 };
}

/// A transaction in the making.
#[derive(Clone)]
pub struct Told {
    tx: Object,
    pub nodes: Vec<AffectedNode>,
    pub result: ResultCode,
}

impl Told {
    pub fn new(tx_type: TxType, signer: AccountId, sequence: u32, fee: i64) -> Told {
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, tx_type)
            .with(f::ACCOUNT, signer)
            .with(f::SEQUENCE, sequence)
            .with(f::FEE, Amount::Xrp(drops(fee)));
        Told { tx, nodes: vec![], result: ResultCode::TES_SUCCESS }
    }

    /// A transaction as it was signed.
    pub fn of(blob: &[u8]) -> Told {
        Told { tx: Object::from_bytes(blob).unwrap(), nodes: vec![], result: ResultCode::TES_SUCCESS }
    }

    pub fn to(self, destination: AccountId) -> Told {
        Told { tx: self.tx.with(f::DESTINATION, destination), ..self }
    }

    pub fn with_result(self, code: i16) -> Told {
        Told { result: ResultCode(code), ..self }
    }

    fn node(
        mut self,
        entry_type: EntryType,
        action: NodeAction,
        index: Hash256,
        fields: Object,
        previous: Option<Object>,
    ) -> Told {
        self.nodes.push(AffectedNode {
            action,
            entry_type,
            index,
            fields: Some(fields),
            previous,
            previous_txn_id: None,
            previous_txn_lgr_seq: None,
        });
        self
    }

    /// An entry of any type; `previous` where the node says what it was.
    pub fn entry(
        self,
        entry_type: EntryType,
        action: NodeAction,
        fields: Object,
        previous: Option<Object>,
    ) -> Told {
        let index = Hash256([u8::try_from(10 + self.nodes.len()).unwrap(); 32]);
        self.node(entry_type, action, index, fields, previous)
    }

    /// The AccountRoot of an account, its balance before and after.
    pub fn root(self, account: AccountId, before: Drops, after: Drops, sequence: u32, owns: u32) -> Told {
        let fields = Object::new()
            .with(f::ACCOUNT, account)
            .with(f::BALANCE, Amount::Xrp(after))
            .with(f::SEQUENCE, sequence)
            .with(f::OWNER_COUNT, owns)
            .with(f::FLAGS, 0_u32);
        let previous = Object::new().with(f::BALANCE, Amount::Xrp(before));
        self.node(EntryType::ACCOUNT_ROOT, NodeAction::Modified, Hash256([2; 32]), fields, Some(previous))
    }

    /// A trust line, its balance before and after as the low account sees it.
    pub fn line(self, line: Line, action: NodeAction, before: &str, after: &str) -> Told {
        let amount =
            |text: &str, issuer| Amount::Issued { value: value(text), currency: line.currency, issuer };
        let fields = Object::new()
            .with(f::BALANCE, amount(after, AccountId::ONE))
            .with(f::LOW_LIMIT, amount("1000000", line.low))
            .with(f::HIGH_LIMIT, amount("0", line.high))
            .with(f::FLAGS, line.flags);
        let previous = (action == NodeAction::Modified && before != after)
            .then(|| Object::new().with(f::BALANCE, amount(before, AccountId::ONE)));
        self.node(EntryType::RIPPLE_STATE, action, Hash256([3; 32]), fields, previous)
    }

    /// An offer of ours with these legs before (`None`: unchanged, or it was not there) and after.
    pub fn offer(
        self,
        action: NodeAction,
        sequence: u32,
        side: Side,
        before: Option<Legs>,
        after: Legs,
    ) -> Told {
        self.offer_of((US, Currency::RLUSD, ISSUER), action, sequence, side, before, after)
    }

    /// The same of any owner, for any issued currency.
    pub fn offer_of(
        self,
        (owner, currency, issuer): (AccountId, Currency, AccountId),
        action: NodeAction,
        sequence: u32,
        side: Side,
        before: Option<Legs>,
        after: Legs,
    ) -> Told {
        let sides = |legs: Legs| {
            let issued = Amount::Issued { value: legs.quote, currency, issuer };
            match side {
                Side::Buy => (issued, Amount::Xrp(legs.base)),
                Side::Sell => (Amount::Xrp(legs.base), issued),
            }
        };
        let both = |object: Object, legs: Legs| {
            let (gets, pays) = sides(legs);
            object.with(f::TAKER_GETS, gets).with(f::TAKER_PAYS, pays)
        };
        let fields = both(Object::new().with(f::ACCOUNT, owner).with(f::SEQUENCE, sequence), after);
        let previous = before.map(|legs| both(Object::new(), legs));
        let index = crate::support::world::offer_id(sequence);
        self.node(EntryType::OFFER, action, index, fields, previous)
    }

    pub fn hash(&self) -> Hash256 {
        tx_hash(&self.tx.to_bytes().unwrap())
    }

    pub fn own(self, index: u32) -> OwnTx {
        let tx_blob = self.tx.to_bytes().unwrap();
        let meta = TxMeta {
            result: self.result,
            index,
            nodes: self.nodes,
            delivered_amount: None,
            other: Object::new(),
        };
        OwnTx { hash: tx_hash(&tx_blob), index, tx_blob, meta_blob: meta.to_bytes().unwrap() }
    }
}

/// Puts a transaction into the ledger being made: our balances end at what it says, and our account is threaded.
pub fn put(world: &mut World, told: Told, xrp: i64, rlusd: &str, uses_sequence: bool) -> Hash256 {
    let old = (world.xrp, world.rlusd);
    world.xrp = world.xrp.checked_add(drops(xrp)).unwrap();
    world.rlusd = world.rlusd.checked_add(value(rlusd)).unwrap();
    world.sequence += u32::from(uses_sequence);
    let owns = 1 + u32::try_from(world.offers.len()).unwrap();
    let mut told = told.root(US, old.0, world.xrp, world.sequence, owns);
    if let Some(root) = told.nodes.last_mut() {
        root.previous_txn_id = Some(world.last_txn);
    }
    if world.rlusd != old.1 {
        let (before, after) = (old.1.to_string(), world.rlusd.to_string());
        told = told.line(Line::OURS, NodeAction::Modified, &before, &after);
    }
    let hash = told.hash();
    world.own.push(told.own(u32::try_from(world.own.len()).unwrap()));
    world.last_txn = hash;
    hash
}

pub fn legs(quote: &str, base: i64) -> Legs {
    Legs { quote: value(quote), base: drops(base) }
}

pub const NOTHING: Legs = Legs { quote: IssuedValue::ZERO, base: Drops::ZERO };
