//! A part of the long run (`cargo run --release -p properties -- storm 1000000`), and proof that each law can fail: ledgers
//! of a storm are forged, and the law that the forgery breaks must say so.

use ledger::{
    AccountId, AffectedNode, Amount, EntryType, FieldId, Hash256, NodeAction, Object, Value, fields as f,
};
use properties::laws::State;
use properties::storm::{self, Tally};
use sim::world::ClosedLedger;
use units::{Drops, IssuedValue};

/// Transactions in the ledgers of the storms run here.
const TRANSACTIONS: u64 = 20_000;

#[test]
fn twenty_thousand_transactions() {
    let mut tally = Tally::default();
    for seed in 1.. {
        match storm::run(seed) {
            Ok(one) => tally.add(&one),
            Err(what) => {
                panic!("seed {seed}: {what}\nagain: cargo run --release -p properties -- storm 1 {seed}")
            }
        }
        if tally.transactions >= TRANSACTIONS {
            break;
        }
    }
    println!("{} transactions in {} ledgers of {} storms", tally.transactions, tally.ledgers, tally.storms);
    let succeeded =
        |kind: u32| tally.kinds.iter().any(|((of, result), _)| *of == kind && result.is_success());
    for kind in [0, 3, 7, 8, 10, 20, 30, 31, 35, 36, 37, 38, 39] {
        assert!(succeeded(kind), "no transaction of type {kind} succeeded");
    }
    assert_eq!(storm::run(3).unwrap().kinds, storm::run(3).unwrap().kinds, "a storm follows from its seed");
}

type Forgery = fn(&mut ClosedLedger, &mut State) -> bool;

/// What is forged, how, and the law that must notice.
const FORGERIES: [(&str, Forgery, &str); 13] = [
    (
        "a drop more in the state alone",
        |_, state| change(state, EntryType::ACCOUNT_ROOT, f::BALANCE, a_drop_more),
        "metadata deltas",
    ),
    (
        "a drop more, metadata too",
        |closed, state| both(closed, state, EntryType::ACCOUNT_ROOT, f::BALANCE, a_drop_more),
        "drops are conserved",
    ),
    (
        "a thousandth more on a line",
        |closed, state| both(closed, state, EntryType::RIPPLE_STATE, f::BALANCE, a_thousandth_more),
        "issued amounts|nobody's money",
    ),
    (
        "an owner count",
        |closed, state| both(closed, state, EntryType::ACCOUNT_ROOT, f::OWNER_COUNT, one_more),
        "OwnerCount",
    ),
    ("a coin burned without a fee", |closed, _| coin_gone(closed), "fees alone"),
    (
        "an entry left out of a directory",
        |_, state| change(state, EntryType::DIRECTORY_NODE, f::INDEXES, one_less),
        "directories",
    ),
    (
        "an entry listed twice",
        |_, state| change(state, EntryType::DIRECTORY_NODE, f::INDEXES, listed_twice),
        "directories",
    ),
    ("a page that points nowhere", |_, state| change_or_add_next(state), "metadata deltas|directories"),
    ("an offer in a better directory", |closed, state| better_quality(closed, state), "quality|directories"),
    ("a deletion left out of metadata", |closed, _| forget(closed, NodeAction::Deleted), "metadata deltas"),
    ("a new entry left out of metadata", |closed, _| forget(closed, NodeAction::Created), "metadata deltas"),
    ("a delivered amount", |closed, _| deliver_more(closed), "a payment delivers"),
    (
        "a pool's supply",
        |closed, state| both(closed, state, EntryType::AMM, f::LP_TOKEN_BALANCE, a_thousandth_more),
        "a pool's tokens",
    ),
];

#[test]
fn every_law_can_fail() {
    for (name, forgery, law) in FORGERIES {
        let mut forged = false;
        let mut found = Ok(Tally::default());
        for seed in 1..20 {
            found = storm::run_forged(seed, &mut |closed, state| {
                forged = forged || (closed.header.ledger_index.0 > 20 && forgery(closed, state));
            });
            if forged {
                break;
            }
        }
        assert!(forged, "{name}: nothing to forge");
        let Err(what) = found else { panic!("{name}: no law notices") };
        assert!(law.split('|').any(|law| what.contains(law)), "{name}: {what}");
    }
}

type Twist = fn(&Value) -> Option<Value>;

/// Twists a field of the first entry of a type in the state.
fn change(state: &mut State, kind: EntryType, field: FieldId, twist: Twist) -> bool {
    let of_kind = |entry: &&mut ledger::Object| entry.u32(f::LEDGER_ENTRY_TYPE) == Some(kind.0.into());
    state.values_mut().filter(of_kind).any(|entry| {
        let twisted = entry.get(field).and_then(twist);
        twisted.map(|value| entry.insert(field, value)).is_some()
    })
}

/// Twists a field that the ledger's last change of an entry shows, in metadata and state alike. A line is taken where its
/// issuer is a bystander: an issuer who sends or receives makes and takes back money, and no law of one ledger forbids it.
fn both(closed: &mut ClosedLedger, state: &mut State, kind: EntryType, field: FieldId, twist: Twist) -> bool {
    let ends: Vec<[Option<AccountId>; 2]> = closed
        .transactions
        .iter()
        .rev()
        .flat_map(|tx| {
            let object = Object::from_bytes(&tx.blob).unwrap_or_default();
            let ends = [f::ACCOUNT, f::DESTINATION].map(|field| object.account(field));
            std::iter::repeat_n(ends, tx.meta.nodes.len())
        })
        .collect();
    let mut nodes: Vec<&mut AffectedNode> =
        closed.transactions.iter_mut().rev().flat_map(|tx| tx.meta.nodes.iter_mut()).collect();
    let of_bystander = |at: usize, node: &AffectedNode| {
        issuer_of_line(node).is_none_or(|issuer| !ends[at].contains(&Some(issuer)))
    };
    let at =
        nodes.iter().enumerate().position(|(at, node)| fits(node, kind, field) && of_bystander(at, node));
    let Some(at) = at else { return false };
    let index = nodes[at].index;
    if nodes[..at].iter().any(|node| node.index == index) {
        return false;
    }
    let (Some(fields), Some(entry)) = (nodes[at].fields.as_mut(), state.get_mut(&index)) else {
        return false;
    };
    let Some(value) = fields.get(field).and_then(twist) else { return false };
    fields.insert(field, value.clone());
    entry.insert(field, value);
    true
}

/// A changed entry whose field is among the changed ones.
fn fits(node: &AffectedNode, kind: EntryType, field: FieldId) -> bool {
    node.action == NodeAction::Modified && node.entry_type == kind && node.before(field).is_some()
}

/// Who owes what a line holds: the high side where the low one has it (its balance is above zero), else the low side.
fn issuer_of_line(node: &AffectedNode) -> Option<AccountId> {
    let fields = node.fields.as_ref().filter(|_| node.is(EntryType::RIPPLE_STATE))?;
    let Some(Amount::Issued { value, .. }) = fields.amount(f::BALANCE) else { return None };
    let side = if value.is_negative() { f::LOW_LIMIT } else { f::HIGH_LIMIT };
    fields.amount(side).and_then(|limit| limit.asset().issuer())
}

fn a_drop_more(value: &Value) -> Option<Value> {
    let Value::Amount(Amount::Xrp(drops)) = value else { return None };
    Some(Amount::Xrp(Drops::new(drops.get() + 1).ok()?).into())
}

fn a_thousandth_more(value: &Value) -> Option<Value> {
    let Value::Amount(Amount::Issued { value, currency, issuer }) = *value else { return None };
    let thousandth = IssuedValue::from_parts(value.mantissa().into(), value.exponent() - 3).ok();
    let value = value.checked_add(thousandth.filter(|part| !part.is_zero())?).ok()?;
    Some(Amount::Issued { value, currency, issuer }.into())
}

fn one_more(value: &Value) -> Option<Value> {
    let Value::UInt32(n) = value else { return None };
    Some((n + 1).into())
}

fn one_less(value: &Value) -> Option<Value> {
    let Value::Vector256(indexes) = value else { return None };
    Some(indexes[1..].to_vec().into())
}

fn listed_twice(value: &Value) -> Option<Value> {
    let Value::Vector256(indexes) = value else { return None };
    Some([&indexes[..], &indexes[..1]].concat().into())
}

fn change_or_add_next(state: &mut State) -> bool {
    let page = state.values_mut().find(|entry| entry.contains(f::ROOT_INDEX));
    page.is_some_and(|page| page.insert(f::INDEX_NEXT, 7_u64).is_none_or(|old| old != Value::UInt64(7)))
}

fn coin_gone(closed: &mut ClosedLedger) -> bool {
    closed.header.total_coins = closed.header.total_coins.saturating_sub(Drops::new(1).unwrap_or_default());
    true
}

/// A new offer says that it lies at the next better rate.
fn better_quality(closed: &mut ClosedLedger, state: &mut State) -> bool {
    let mut nodes = closed.transactions.iter_mut().flat_map(|tx| tx.meta.nodes.iter_mut());
    let new = nodes.find(|node| {
        node.action == NodeAction::Created && node.is(EntryType::OFFER) && state.contains_key(&node.index)
    });
    let Some(node) = new else { return false };
    let (Some(fields), Some(entry)) = (node.fields.as_mut(), state.get_mut(&node.index)) else {
        return false;
    };
    let Some(mut directory) = fields.hash256(f::BOOK_DIRECTORY) else { return false };
    directory.0[31] = directory.0[31].wrapping_sub(1);
    fields.insert(f::BOOK_DIRECTORY, Hash256(directory.0));
    entry.insert(f::BOOK_DIRECTORY, directory);
    true
}

fn forget(closed: &mut ClosedLedger, action: NodeAction) -> bool {
    closed.transactions.iter_mut().any(|tx| {
        let at = tx.meta.nodes.iter().position(|node| node.action == action && node.is(EntryType::OFFER));
        at.map(|at| tx.meta.nodes.remove(at)).is_some()
    })
}

fn deliver_more(closed: &mut ClosedLedger) -> bool {
    closed.transactions.iter_mut().any(|tx| {
        let more = tx.meta.delivered_amount.map(Value::from);
        let more = more.and_then(|amount| a_drop_more(&amount).or_else(|| a_thousandth_more(&amount)));
        let Some(Value::Amount(more)) = more else { return false };
        tx.meta.delivered_amount = Some(more);
        true
    })
}
