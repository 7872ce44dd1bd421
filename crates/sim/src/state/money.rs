//! What an account can spend, and moving it. Moves between an account and the issuer only: everything else is made of
//! these. Never charges a transfer fee: the caller says what moves.

use ledger::{AccountId, Asset, Currency, flags};
use units::stamount::StAmount;
use units::{Drops, IssuedValue};

use super::{View, trust};
use crate::amount;
use crate::flow::Pair;
use crate::ter::{Outcome, TEC_FAILED_PROCESSING, TEF_INTERNAL};

/// Parts of 10^9: no fee, no quality.
pub const PARITY: u32 = 1_000_000_000;

/// XRP the account can spend: what lies above its reserve, `extra_objects` counted in.
pub fn xrp_liquid(view: &View, account: AccountId, extra_objects: i32) -> Drops {
    let Some(root) = view.account(account) else {
        return Drops::ZERO;
    };
    let owned = view.reserve_owner_count(root).saturating_add_signed(extra_objects);
    let reserve = if root.amm_id.is_some() { Drops::ZERO } else { view.rules.fees.reserve(owned) };
    let balance = view.usable(account, AccountId::ZERO, Currency::XRP, StAmount::Native(root.balance));
    match balance {
        StAmount::Native(balance) if balance > reserve => balance.saturating_sub(reserve),
        _ => Drops::ZERO,
    }
}

/// What the account holds of an issued currency (negative: what it owes), frozen or not.
pub fn issued_balance(view: &View, account: AccountId, issuer: AccountId, currency: Currency) -> IssuedValue {
    let Some(line) = view.line(account, issuer, currency) else {
        return IssuedValue::ZERO;
    };
    let balance = if account == line.low { line.balance } else { line.balance.negate() };
    match view.usable(account, issuer, currency, StAmount::Issued(balance)) {
        StAmount::Issued(usable) => usable,
        StAmount::Native(_) => balance,
    }
}

/// Whether the issuer has frozen everything, or this line, or either side has deep-frozen it.
pub fn is_frozen(view: &View, account: AccountId, issuer: AccountId, currency: Currency) -> bool {
    if is_globally_frozen(view, issuer) {
        return true;
    }
    let Some(line) = view.line(account, issuer, currency) else {
        return false;
    };
    let by_issuer = if issuer == line.high { flags::LSF_HIGH_FREEZE } else { flags::LSF_LOW_FREEZE };
    account != issuer && line.flags & by_issuer != 0
}

/// Whether either side has deep-frozen the line: the account can neither send nor receive.
pub fn is_deep_frozen(view: &View, account: AccountId, issuer: AccountId, currency: Currency) -> bool {
    let deep = flags::LSF_LOW_DEEP_FREEZE | flags::LSF_HIGH_DEEP_FREEZE;
    account != issuer && view.line(account, issuer, currency).is_some_and(|line| line.flags & deep != 0)
}

/// Whether the issuer has frozen everything it issues.
pub fn is_globally_frozen(view: &View, issuer: AccountId) -> bool {
    view.account(issuer).is_some_and(|root| root.flags & flags::LSF_GLOBAL_FREEZE != 0)
}

/// What the account can spend of an asset, frozen funds counting as none. `None`: the account issues it, without limit.
pub fn spendable(view: &View, account: AccountId, asset: &Asset) -> Option<StAmount> {
    match *asset {
        Asset::Xrp => Some(StAmount::Native(xrp_liquid(view, account, 0))),
        Asset::Issued { issuer, .. } if issuer == account => None,
        Asset::Issued { currency, issuer } => {
            let blocked = is_blocked(view, account, issuer, currency);
            let held =
                if blocked { IssuedValue::ZERO } else { issued_balance(view, account, issuer, currency) };
            Some(StAmount::Issued(held))
        }
        Asset::Mpt(_) => Some(amount::zero(units::stamount::Kind::Issued)),
    }
}

/// Whether nothing can be spent: frozen, deep-frozen, or a pool's tokens while one of its assets is frozen.
fn is_blocked(view: &View, account: AccountId, issuer: AccountId, currency: Currency) -> bool {
    let root = view.account(issuer);
    if root.is_some_and(|root| root.flags & flags::LSF_GLOBAL_FREEZE != 0) {
        return true;
    }
    let Some(line) = view.line(account, issuer, currency) else {
        return false;
    };
    let by_issuer = if issuer == line.high { flags::LSF_HIGH_FREEZE } else { flags::LSF_LOW_FREEZE };
    let deep = flags::LSF_LOW_DEEP_FREEZE | flags::LSF_HIGH_DEEP_FREEZE;
    line.flags & (by_issuer | deep) != 0
        || root.and_then(|root| root.amm_id).is_some_and(|pool| is_pool_frozen(view, account, &pool))
}

/// Whether an account may not move a pool's tokens, because one of the pool's assets is frozen for it.
pub fn is_pool_frozen(view: &View, account: AccountId, pool: &ledger::Hash256) -> bool {
    let Some(super::Entry::Amm(pool)) = view.get(pool) else {
        return true;
    };
    let frozen = |asset: Asset| match asset {
        Asset::Issued { currency, issuer } => is_frozen(view, account, issuer, currency),
        Asset::Xrp | Asset::Mpt(_) => false,
    };
    frozen(pool.assets.0) || frozen(pool.assets.1)
}

/// What a pool holds of two assets: nothing of one that is frozen, and everything else, reserve or not.
pub fn pool_holds(view: &View, pool: AccountId, paid: &Asset, got: &Asset) -> Option<Pair> {
    Some(Pair { paid: pool_side(view, pool, paid)?, got: pool_side(view, pool, got)? })
}

/// What a pool holds of one asset, as [`pool_holds`] counts it.
pub fn pool_side(view: &View, pool: AccountId, asset: &Asset) -> Option<StAmount> {
    match *asset {
        Asset::Xrp => view.account(pool).map(|root| StAmount::Native(root.balance)),
        Asset::Issued { currency, issuer } if is_frozen(view, pool, issuer, currency) => {
            Some(StAmount::Issued(IssuedValue::ZERO))
        }
        Asset::Issued { currency, issuer } => Some(StAmount::Issued(held(view, pool, issuer, currency))),
        Asset::Mpt(_) => None,
    }
}

/// What the account holds over its line, whatever else holds.
pub fn held(view: &View, account: AccountId, issuer: AccountId, currency: Currency) -> IssuedValue {
    view.line(account, issuer, currency).map_or(IssuedValue::ZERO, |line| {
        if account == line.low { line.balance } else { line.balance.negate() }
    })
}

/// The issuer's transfer rate, in parts of 10^9.
pub fn transfer_rate(view: &View, issuer: AccountId) -> u32 {
    view.account(issuer).and_then(|root| root.transfer_rate).unwrap_or(PARITY)
}

/// Moves an amount between the issuer (for XRP: [`AccountId::ZERO`]) and an account. To oneself, or nothing, is no move.
pub fn send(view: &mut View, from: AccountId, to: AccountId, asset: &Asset, number: StAmount) -> Outcome<()> {
    if number.is_zero() || from == to {
        return Ok(());
    }
    match (*asset, number) {
        (Asset::Xrp, StAmount::Native(drops)) => send_xrp(view, from, to, drops),
        (Asset::Issued { currency, .. }, StAmount::Issued(value)) => {
            send_issued(view, from, to, currency, value)
        }
        _ => Err(TEF_INTERNAL),
    }
}

fn send_xrp(view: &mut View, from: AccountId, to: AccountId, drops: Drops) -> Outcome<()> {
    let moved = StAmount::Native(drops);
    let none = AccountId::ZERO;
    if from != none {
        let balance = view.account(from).ok_or(TEF_INTERNAL)?.balance;
        if balance < drops {
            return Err(TEC_FAILED_PROCESSING);
        }
        view.note_credit((from, none, Currency::XRP), moved, StAmount::Native(balance));
        view.account_mut(from).ok_or(TEF_INTERNAL)?.balance = balance.saturating_sub(drops);
    }
    if to != none {
        let balance = view.account(to).ok_or(TEF_INTERNAL)?.balance;
        view.account_mut(to).ok_or(TEF_INTERNAL)?.balance =
            balance.checked_add(drops).map_err(|_| TEF_INTERNAL)?;
        view.note_credit((none, to, Currency::XRP), moved, StAmount::Native(balance.negate()));
    }
    Ok(())
}

/// Moves a value over the line of two accounts. The line is made when it is not there, and goes when nothing needs it.
pub fn send_issued(
    view: &mut View,
    from: AccountId,
    to: AccountId,
    currency: Currency,
    value: IssuedValue,
) -> Outcome<()> {
    let key = view.keys().line(from, to, currency);
    let Some(line) = view.line(from, to, currency) else {
        return trust::open_for_credit(view, from, to, currency, value);
    };
    let from_low = from == line.low;
    let before = if from_low { line.balance } else { line.balance.negate() };
    view.note_credit((from, to, currency), StAmount::Issued(value), StAmount::Issued(before));
    let after = before.checked_sub(value).map_err(|_| TEF_INTERNAL)?;
    let (reserve, receiver_reserve) = if from_low {
        (flags::LSF_LOW_RESERVE, flags::LSF_HIGH_RESERVE)
    } else {
        (flags::LSF_HIGH_RESERVE, flags::LSF_LOW_RESERVE)
    };
    let ends_need = before.is_positive()
        && !after.is_positive()
        && trust::is_default_side(view, &key, from)
        && view.line(from, to, currency).is_some_and(|line| line.flags & reserve != 0);
    if ends_need {
        view.adjust_owner_count(from, -1);
    }
    let line = view.line_mut(&key).ok_or(TEF_INTERNAL)?;
    line.balance = if from_low { after } else { after.negate() };
    if ends_need {
        line.flags &= !reserve;
        if after.is_zero() && line.flags & receiver_reserve == 0 {
            trust::delete(view, &key);
        }
    }
    Ok(())
}
