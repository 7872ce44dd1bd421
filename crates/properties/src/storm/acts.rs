//! One random transaction: offers with every flag, cancels, payments of every kind, lines, settings, tickets, and what an
//! issuer may do. Many are meant to fail. Never looks at what the ledger would say.

use ledger::{AccountId, Amount, Asset, EntryType, KeyPair, Object, TxType, fields as f, flags};
use sim::world::At;
use units::{Drops, IssuedValue};

use super::draw::Draw;
use super::paths;
use super::pools;
use super::scene::Scene;

/// Published codes of types that have no name in the ledger crate.
const CLAWBACK: TxType = TxType(30);
/// `tfLimitQuality`, `tfPartialPayment`, both, none.
const PAYMENT_FLAGS: [u32; 6] = [
    0,
    0,
    flags::TF_PARTIAL_PAYMENT,
    flags::TF_PARTIAL_PAYMENT,
    flags::TF_LIMIT_QUALITY,
    flags::TF_LIMIT_QUALITY | flags::TF_PARTIAL_PAYMENT,
];
const OFFER_FLAGS: [u32; 12] = [
    0,
    0,
    0,
    0,
    flags::TF_PASSIVE,
    flags::TF_IMMEDIATE_OR_CANCEL,
    flags::TF_FILL_OR_KILL,
    flags::TF_SELL,
    flags::TF_SELL | flags::TF_PASSIVE,
    flags::TF_SELL | flags::TF_IMMEDIATE_OR_CANCEL,
    flags::TF_SELL | flags::TF_FILL_OR_KILL,
    flags::TF_PASSIVE | flags::TF_IMMEDIATE_OR_CANCEL,
];

/// A transaction: whose, of what type, and its own fields.
pub type Act = (usize, TxType, Object);

/// The next transaction of a storm.
pub fn next(scene: &Scene, draw: &mut Draw) -> Act {
    let who = person(scene, draw);
    let (who, tx_type, mut body) = match draw.below(100) {
        0..=47 => offer(scene, draw, who),
        48..=53 => cancel(scene, draw, who),
        54..=59 => direct(scene, draw, who),
        60..=73 => through(scene, draw, who),
        74..=77 => line(scene, draw, who),
        78..=79 => freeze(scene, draw),
        80..=81 => claw_back(scene, draw),
        82..=83 => settings(draw, who),
        84..=85 => (who, TxType(10), Object::new().with(f::TICKET_COUNT, count(draw, 1, 4))),
        _ => pools::act(scene, draw, who),
    };
    common(scene, draw, who, &mut body);
    (who, tx_type, body)
}

/// A player; once in fifteen an issuer.
pub fn person(scene: &Scene, draw: &mut Draw) -> usize {
    if draw.once_in(15) { draw.at(2) } else { 2 + draw.at(scene.players().len()) }
}

/// Fees, tickets, last ledgers: now and then unusual or wrong.
fn common(scene: &Scene, draw: &mut Draw, who: usize, body: &mut Object) {
    let fee = match draw.below(40) {
        0 => 9,
        1 => draw.drops(6),
        _ => 10,
    };
    if !body.contains(f::FEE) {
        body.insert(f::FEE, Drops::new(fee).unwrap_or_default());
    }
    if draw.once_in(30) {
        let next = scene.world.header().ledger_index.0.saturating_add(count(draw, 0, 3));
        body.insert(f::LAST_LEDGER_SEQUENCE, next);
    }
    if draw.once_in(8)
        && let Some(ticket) = a_ticket(scene, draw, who)
    {
        body.insert(f::SEQUENCE, 0_u32);
        body.insert(f::TICKET_SEQUENCE, ticket);
    }
}

fn a_ticket(scene: &Scene, draw: &mut Draw, who: usize) -> Option<u32> {
    let owned = scene.world.account_objects(At::Current, account(scene, who));
    let is_ticket = |entry: &Object| entry.u32(f::LEDGER_ENTRY_TYPE) == Some(EntryType::TICKET.0.into());
    let tickets: Vec<u32> = owned
        .iter()
        .filter(|(_, entry)| is_ticket(entry))
        .filter_map(|(_, entry)| entry.u32(f::TICKET_SEQUENCE))
        .collect();
    (!tickets.is_empty()).then(|| draw.one_of(&tickets))
}

/// A whole number from `first` to `last`.
pub fn count(draw: &mut Draw, first: u32, last: u32) -> u32 {
    u32::try_from(draw.between(first.into(), last.into())).unwrap_or(first)
}

/// The address of a person.
pub fn account(scene: &Scene, who: usize) -> AccountId {
    scene.people.get(who).map_or(AccountId::ONE, KeyPair::account)
}

/// Two different assets.
fn two_assets(scene: &Scene, draw: &mut Draw) -> (Asset, Asset) {
    let (mut one, mut other) = match draw.below(10) {
        0..=6 => (0, 1),
        7 => (0, 2),
        8 => (1, 3),
        _ => (2, 3),
    };
    if draw.once_in(2) {
        (one, other) = (other, one);
    }
    let asset = |at: usize| scene.assets.get(at).copied().unwrap_or(Asset::Xrp);
    (asset(one), asset(other))
}

fn digits(draw: &mut Draw) -> u32 {
    draw.one_of(&[1, 2, 3, 4, 6, 9, 15, 16, 16, 16])
}

/// A size in drops: mostly of some XRP, now and then of a few drops.
pub fn size(draw: &mut Draw) -> i64 {
    if draw.once_in(6) { draw.drops(4) } else { draw.drops(9).max(10_000) }
}

fn offer(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let (gives, wants) = two_assets(scene, draw);
    let drops = size(draw);
    let per_mille = if draw.once_in(10) { draw.between(500, 2_000) } else { draw.between(985, 1_020) };
    let (exact, other) = (digits(draw), digits(draw));
    let taker_gets = scene.worth(drops, &gives, 1000, exact);
    let taker_pays = match wants {
        Asset::Xrp => Amount::Xrp(
            Drops::new((i128::from(drops) * i128::from(per_mille) / 1000).max(1).try_into().unwrap_or(1))
                .unwrap_or_default(),
        ),
        _ => scene.worth(drops, &wants, per_mille, other),
    };
    let mut body = Object::new()
        .with(f::TAKER_GETS, taker_gets)
        .with(f::TAKER_PAYS, taker_pays)
        .with(f::FLAGS, draw.one_of(&OFFER_FLAGS));
    if draw.once_in(6) {
        let close = scene.world.header().close_time.0;
        body.insert(f::EXPIRATION, (close + count(draw, 0, 60)).saturating_sub(8));
    }
    if draw.once_in(4) {
        body.insert(f::OFFER_SEQUENCE, some_offer(scene, draw, who));
    }
    (who, TxType::OFFER_CREATE, body)
}

/// Mostly a live offer of the account's, else any number.
fn some_offer(scene: &Scene, draw: &mut Draw, who: usize) -> u32 {
    let offers = scene.world.account_offers(At::Current, account(scene, who));
    match offers.get(draw.at(offers.len().max(1))) {
        Some(offer) if !draw.once_in(6) => offer.sequence,
        _ => count(draw, 0, scene.world.header().ledger_index.0.saturating_mul(3)),
    }
}

fn cancel(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let sequence = some_offer(scene, draw, who);
    (who, TxType::OFFER_CANCEL, Object::new().with(f::OFFER_SEQUENCE, sequence))
}

/// A payment of one asset, from holder to holder, to or from the issuer.
fn direct(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let asset = scene.assets.get(draw.at(scene.assets.len())).copied().unwrap_or(Asset::Xrp);
    let to = account(scene, person(scene, draw));
    let amount = scene.worth(size(draw), &asset, 1000, digits(draw));
    let mut body = Object::new().with(f::DESTINATION, to).with(f::AMOUNT, amount);
    if !asset.is_xrp() {
        body.insert(f::FLAGS, draw.one_of(&PAYMENT_FLAGS));
        if draw.once_in(2) {
            let more = draw.between(900, 1_300);
            let send_max = scene.worth(size(draw), &asset, more, 16);
            body.insert(f::SEND_MAX, send_max);
        }
    }
    (who, TxType::PAYMENT, body)
}

/// A payment through the books and pools.
fn through(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let (gives, wants) = two_assets(scene, draw);
    let to = if draw.once_in(3) { who } else { person(scene, draw) };
    let drops = size(draw);
    let per_mille = draw.between(950, 1_200);
    let mut body = Object::new()
        .with(f::DESTINATION, account(scene, to))
        .with(f::AMOUNT, scene.worth(drops, &wants, 1000, digits(draw)))
        .with(
            f::SEND_MAX,
            scene.worth(drops.max(2) * i64::try_from(per_mille).unwrap_or(1000) / 1000, &gives, 1000, 16),
        )
        .with(f::FLAGS, draw.one_of(&PAYMENT_FLAGS));
    if draw.once_in(4) && body.u32(f::FLAGS).unwrap_or(0) & flags::TF_PARTIAL_PAYMENT != 0 {
        body.insert(f::DELIVER_MIN, scene.worth((drops / 2).max(1), &wants, 1000, 16));
    }
    if draw.once_in(3) {
        body.insert(f::PATHS, paths::some(scene, draw));
        if draw.once_in(3) {
            let no_direct = body.u32(f::FLAGS).unwrap_or(0) | flags::TF_NO_RIPPLE_DIRECT;
            body.insert(f::FLAGS, no_direct);
        }
    }
    (who, TxType::PAYMENT, body)
}

/// A line: another limit, none, qualities, rippling.
fn line(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let asset = scene.assets.get(1 + draw.at(scene.assets.len() - 1)).copied().unwrap_or(Asset::Xrp);
    let limit = match draw.below(4) {
        0 => scene.amount(&asset, IssuedValue::ZERO),
        1 => scene.worth(draw.drops(12), &asset, 1000, 16),
        _ => scene.worth(1_000_000_000_000, &asset, 1000, 16),
    };
    let choice = [
        0,
        0,
        0,
        flags::TF_SET_NO_RIPPLE,
        flags::TF_CLEAR_NO_RIPPLE,
        flags::TF_CLEAR_FREEZE,
        flags::TF_SET_FREEZE,
        flags::TF_CLEAR_FREEZE,
    ];
    let mut body = Object::new().with(f::LIMIT_AMOUNT, limit).with(f::FLAGS, draw.one_of(&choice));
    if draw.once_in(10) {
        body.insert(f::QUALITY_OUT, draw.one_of(&[0_u32, 1_000_000_000, 1_000_000_000]));
    }
    (who, TxType::TRUST_SET, body)
}

/// An issuer freezes or thaws a line, or everything.
fn freeze(scene: &Scene, draw: &mut Draw) -> Act {
    let asset = scene.assets.get(1 + draw.at(scene.assets.len() - 1)).copied().unwrap_or(Asset::Xrp);
    let issuer = scene.issuer_of(&asset);
    if draw.once_in(3) {
        let field = if draw.once_in(9) { f::SET_FLAG } else { f::CLEAR_FLAG };
        return (issuer, TxType::ACCOUNT_SET, Object::new().with(field, flags::ASF_GLOBAL_FREEZE));
    }
    let choice = [
        flags::TF_SET_FREEZE,
        flags::TF_CLEAR_FREEZE,
        flags::TF_CLEAR_FREEZE,
        flags::TF_CLEAR_FREEZE,
        flags::TF_SET_FREEZE | flags::TF_SET_DEEP_FREEZE,
        flags::TF_CLEAR_FREEZE | flags::TF_CLEAR_DEEP_FREEZE,
        flags::TF_CLEAR_FREEZE | flags::TF_CLEAR_DEEP_FREEZE,
        flags::TF_SETF_AUTH,
    ];
    let Asset::Issued { currency, .. } = asset else { return cancel(scene, draw, issuer) };
    let holder = account(scene, 2 + draw.at(scene.players().len()));
    let side = Amount::Issued { value: IssuedValue::ZERO, currency, issuer: holder };
    (
        issuer,
        TxType::TRUST_SET,
        Object::new().with(f::LIMIT_AMOUNT, side).with(f::FLAGS, draw.one_of(&choice)),
    )
}

fn claw_back(scene: &Scene, draw: &mut Draw) -> Act {
    let asset = scene.assets.get(1 + draw.at(scene.assets.len() - 1)).copied().unwrap_or(Asset::Xrp);
    let issuer = scene.issuer_of(&asset);
    let holder = account(scene, 2 + draw.at(scene.players().len()));
    if draw.once_in(3) {
        return pools::claw_back(scene, draw, issuer, holder, asset);
    }
    let amount = match scene.worth(size(draw), &asset, 1000, 16) {
        Amount::Issued { value, currency, .. } => Amount::Issued { value, currency, issuer: holder },
        other => other,
    };
    (issuer, CLAWBACK, Object::new().with(f::AMOUNT, amount))
}

/// Settings. An issuer's fee on transfers and tick size may change at any time.
fn settings(draw: &mut Draw, who: usize) -> Act {
    let mut body = Object::new();
    match draw.below(5) {
        0 => body.insert_some(f::TRANSFER_RATE, Some(draw.one_of(&[0_u32, 1_000_000_000, 1_005_000_000]))),
        1 => body.insert_some(f::TICK_SIZE, Some(draw.one_of(&[0_u8, 3, 5, 15]))),
        2 => body.insert_some(f::SET_FLAG, Some(draw.one_of(&[5_u32, 3, 8]))),
        3 => body.insert_some(f::CLEAR_FLAG, Some(draw.one_of(&[5_u32, 3]))),
        _ => body.insert_some(f::DOMAIN, Some(b"example.org".to_vec())),
    }
    (who, TxType::ACCOUNT_SET, body)
}
