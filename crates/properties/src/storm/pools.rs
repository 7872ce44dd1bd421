//! Random transactions about pools: opening, every form of deposit and withdrawal, votes, bids, and taking back what is in
//! one. Never looks at what a pool would give.

use ledger::object::ArrayItem;
use ledger::{AccountId, Amount, Asset, Object, TxType, fields as f};
use sim::world::At;
use units::{Drops, IssuedValue, Rounding};

use super::acts::{Act, account, count, size};
use super::draw::Draw;
use super::scene::Scene;

const AMM_CLAWBACK: TxType = TxType(31);
const AMM_CREATE: TxType = TxType(35);
const AMM_DEPOSIT: TxType = TxType(36);
const AMM_WITHDRAW: TxType = TxType(37);
const AMM_VOTE: TxType = TxType(38);
const AMM_BID: TxType = TxType(39);
const AMM_DELETE: TxType = TxType(40);
/// Modes (XRP Ledger documentation, "AMMDeposit Flags", "AMMWithdraw Flags").
const LP_TOKEN: u32 = 0x0001_0000;
const ALL: u32 = 0x0002_0000;
const ALL_FOR_ONE: u32 = 0x0004_0000;
const SINGLE: u32 = 0x0008_0000;
const TWO: u32 = 0x0010_0000;
const ONE_FOR_TOKENS: u32 = 0x0020_0000;
const AT_PRICE: u32 = 0x0040_0000;
const IF_EMPTY: u32 = 0x0080_0000;

/// A pool transaction.
pub fn act(scene: &Scene, draw: &mut Draw, who: usize) -> Act {
    let (one, other) = pair(scene, draw);
    match draw.below(14) {
        0..=2 => create(scene, draw, who, one, other),
        3..=6 => deposit(scene, draw, who, one, other),
        7..=9 => withdraw(scene, draw, who, one, other),
        10..=11 => {
            let fee = u16::try_from(draw.below(1_001)).unwrap_or(0);
            (who, AMM_VOTE, named(one, other).with(f::TRADING_FEE, fee))
        }
        12 => bid(scene, draw, who, one, other),
        _ => (who, AMM_DELETE, named(one, other)),
    }
}

/// An issuer takes back what a holder has in a pool.
pub fn claw_back(scene: &Scene, draw: &mut Draw, issuer: usize, holder: AccountId, asset: Asset) -> Act {
    let other = if draw.once_in(2) { Asset::Xrp } else { pair(scene, draw).1 };
    let mut body = named(asset, other).with(f::HOLDER, holder);
    if draw.once_in(2) {
        body.insert(f::AMOUNT, scene.worth(size(draw), &asset, 1000, 16));
    }
    (issuer, AMM_CLAWBACK, body)
}

fn pair(scene: &Scene, draw: &mut Draw) -> (Asset, Asset) {
    let (one, other) = draw.one_of(&[(0, 1), (0, 1), (0, 2), (1, 3), (2, 3)]);
    let asset = |at: usize| scene.assets.get(at).copied().unwrap_or(Asset::Xrp);
    if draw.once_in(2) { (asset(one), asset(other)) } else { (asset(other), asset(one)) }
}

fn named(one: Asset, other: Asset) -> Object {
    Object::new().with(f::ASSET, one).with(f::ASSET2, other)
}

fn create(scene: &Scene, draw: &mut Draw, who: usize, one: Asset, other: Asset) -> Act {
    let drops = draw.drops(10).max(100);
    let per_mille = draw.between(980, 1_020);
    let fee = u16::try_from(draw.below(1_001)).unwrap_or(0);
    let body = Object::new()
        .with(f::AMOUNT, scene.worth(drops, &one, 1000, 16))
        .with(f::AMOUNT2, scene.worth(drops, &other, per_mille, 16))
        .with(f::TRADING_FEE, fee)
        .with(f::FEE, Drops::new(200_000).unwrap_or_default());
    (who, AMM_CREATE, body)
}

/// So many thousandths of the tokens that an account holds (of any number where it holds none); `None` without a pool.
fn tokens(scene: &Scene, who: usize, one: &Asset, other: &Asset, per_mille: u64) -> Option<Amount> {
    let info = scene.world.amm_info(At::Current, one, other, None)?;
    let Amount::Issued { currency, issuer, value: supply } = info.lp_token else { return None };
    let lines = scene.world.account_lines(At::Current, account(scene, who));
    let held = lines.iter().find(|line| line.peer == issuer).map(|line| line.balance);
    let base = held.filter(|held| held.is_positive()).unwrap_or(supply);
    let mantissa = i128::from(base.mantissa()) * i128::from(per_mille);
    let value = IssuedValue::from_parts_rounded(mantissa.max(1), base.exponent() - 3, Rounding::Down).ok()?;
    Some(Amount::Issued { value, currency, issuer })
}

fn deposit(scene: &Scene, draw: &mut Draw, who: usize, one: Asset, other: Asset) -> Act {
    let drops = size(draw);
    let mode = draw.one_of(&[TWO, TWO, SINGLE, SINGLE, LP_TOKEN, ONE_FOR_TOKENS, AT_PRICE, IF_EMPTY]);
    let mut body = named(one, other).with(f::FLAGS, mode);
    if mode != LP_TOKEN {
        body.insert(f::AMOUNT, scene.worth(drops, &one, 1000, 16));
    }
    if mode == TWO || mode == IF_EMPTY {
        body.insert(f::AMOUNT2, scene.worth(drops, &other, draw.between(900, 1_100), 16));
    }
    if mode == LP_TOKEN || mode == ONE_FOR_TOKENS {
        body.insert_some(f::LP_TOKEN_OUT, tokens(scene, who, &one, &other, draw.between(1, 300)));
    }
    if mode == AT_PRICE {
        body.insert(f::E_PRICE, scene.worth(draw.drops(4), &one, 1000, 16));
    }
    (who, AMM_DEPOSIT, body)
}

fn withdraw(scene: &Scene, draw: &mut Draw, who: usize, one: Asset, other: Asset) -> Act {
    let drops = size(draw);
    let mode =
        draw.one_of(&[TWO, SINGLE, LP_TOKEN, LP_TOKEN, ALL, ALL, ALL_FOR_ONE, ONE_FOR_TOKENS, AT_PRICE]);
    let mut body = named(one, other).with(f::FLAGS, mode);
    if !matches!(mode, LP_TOKEN | ALL) {
        body.insert(f::AMOUNT, scene.worth(drops, &one, 1000, 16));
    }
    if mode == TWO {
        body.insert(f::AMOUNT2, scene.worth(drops, &other, draw.between(900, 1_100), 16));
    }
    if mode == LP_TOKEN || mode == ONE_FOR_TOKENS {
        body.insert_some(f::LP_TOKEN_IN, tokens(scene, who, &one, &other, draw.between(1, 1_000)));
    }
    if mode == AT_PRICE {
        body.insert_some(f::E_PRICE, tokens(scene, who, &one, &other, draw.between(1, 300)));
    }
    (who, AMM_WITHDRAW, body)
}

fn bid(scene: &Scene, draw: &mut Draw, who: usize, one: Asset, other: Asset) -> Act {
    let mut body = named(one, other);
    if draw.once_in(2) {
        body.insert_some(f::BID_MIN, tokens(scene, who, &one, &other, draw.between(1, 30)));
    }
    if draw.once_in(2) {
        body.insert_some(f::BID_MAX, tokens(scene, who, &one, &other, draw.between(10, 100)));
    }
    if draw.once_in(3) {
        let friends = count(draw, 1, 2);
        let players = scene.players().len();
        let item = |n: u32| ArrayItem {
            name: f::AUTH_ACCOUNT,
            fields: Object::new()
                .with(f::ACCOUNT, account(scene, 2 + usize::try_from(n).unwrap_or(0) % players)),
        };
        body.insert(f::AUTH_ACCOUNTS, (0..friends).map(item).collect::<Vec<_>>());
    }
    (who, AMM_BID, body)
}
