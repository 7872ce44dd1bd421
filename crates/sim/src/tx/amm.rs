//! What the pool transactions share: reading the pair, the checks of amounts, who may hold what, and moving money in and
//! out of a pool. Never decides how much.

use ledger::{AccountId, Amount, Asset, Value, fields as f, flags};
use units::IssuedValue;
use units::stamount::StAmount;

use super::Tx;
use super::offer_create::is_xrp_look_alike;
use crate::amount;
use crate::number::Number;
use crate::pool;
use crate::state::{Amm, Entry, View, directory, index, money, trust};
use crate::ter::*;

/// The highest trading fee, in parts of 100,000.
pub const FEE_UNITS_MAX: u32 = 1_000;
/// A share of all tokens in votes is in parts of this.
pub const WEIGHT_UNITS: i64 = 100_000;
/// The discounted fee is the trading fee divided by this.
pub const DISCOUNT: u16 = 10;
/// Seconds an auction slot lasts.
pub const SLOT_SECONDS: u32 = 86_400;
/// Token lines that one transaction deletes at most.
const LINES_DELETED_MAX: usize = 512;

/// The pair a transaction names.
pub fn pair(tx: &Tx) -> Outcome<(Asset, Asset)> {
    let asset = |field| match tx.object.get(field) {
        Some(Value::Issue(asset)) => Ok(*asset),
        _ => Err(TEM_MALFORMED),
    };
    Ok((asset(f::ASSET)?, asset(f::ASSET2)?))
}

/// The pair a transaction names, when it can be a pool's.
pub fn checked_pair(tx: &Tx) -> Outcome<(Asset, Asset)> {
    let (one, other) = pair(tx)?;
    if one == other {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    check_asset(&one)?;
    check_asset(&other)?;
    Ok((one, other))
}

fn check_asset(asset: &Asset) -> Outcome<()> {
    match asset {
        Asset::Mpt(_) => Err(TEM_DISABLED),
        Asset::Issued { currency, .. } if is_xrp_look_alike(*currency) => Err(TEM_BAD_CURRENCY),
        Asset::Issued { .. } | Asset::Xrp => Ok(()),
    }
}

/// Whether an amount is above zero (or zero, where that means "any") and of the pair.
pub fn check_amount(amount: Option<Amount>, pair: Option<(Asset, Asset)>, zero_is_fine: bool) -> Outcome<()> {
    let Some(amount) = amount else { return Ok(()) };
    let asset = amount.asset();
    check_asset(&asset)?;
    if pair.is_some_and(|(one, other)| asset != one && asset != other) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    let fits = amount.signum() > 0 || (zero_is_fine && amount.is_zero());
    if fits { Ok(()) } else { Err(TEM_BAD_AMOUNT) }
}

/// The pool of the pair a transaction names.
pub fn of<'v>(view: &'v View, tx: &Tx) -> Outcome<&'v Amm> {
    let (one, other) = pair(tx)?;
    view.amm(&one, &other).ok_or(TER_NO_AMM)
}

/// The number of an amount.
pub fn number(amount: &Amount) -> Outcome<StAmount> {
    amount::number(amount).map_err(|_| TEM_BAD_AMOUNT)
}

/// Arithmetic that cannot be carried out, such as more XRP than there is to go with a deposit into a pool that holds next
/// to nothing of the other asset. In the reference server it is an exception that nobody expects, and the transaction
/// comes to nothing: no fee, no place in the ledger ("tefEXCEPTION" in the XRP Ledger documentation).
pub fn checked<T>(result: Result<T, units::UnitsError>) -> Outcome<T> {
    result.map_err(|_| TEF_EXCEPTION)
}

/// The same where the reference server does expect it: deposits and withdrawals that are told by their tokens, in
/// proportion, are in the ledger with an error of its own.
pub fn expected<T>(outcome: Outcome<T>) -> Outcome<T> {
    outcome.map_err(|result| if result == TEF_EXCEPTION { TEC_INTERNAL } else { result })
}

/// Tokens as an issued value.
pub fn value(tokens: StAmount) -> Outcome<IssuedValue> {
    match tokens {
        StAmount::Issued(value) => Ok(value),
        StAmount::Native(_) => Err(TEC_INTERNAL),
    }
}

/// A pool's sides: first the asset named first, with what the pool holds of each.
#[derive(Debug, Clone, Copy)]
pub struct Sides {
    /// First asset.
    pub one: Asset,
    /// Second asset.
    pub other: Asset,
    /// Held of the first.
    pub one_held: StAmount,
    /// Held of the second.
    pub other_held: StAmount,
}

/// The sides of a pool in the order of the assets a transaction names (or the pool's own). Frozen funds count as none
/// unless freezes are to be ignored.
pub fn sides(
    view: &View,
    amm: &Amm,
    first: Option<Asset>,
    second: Option<Asset>,
    ignore_freeze: bool,
) -> Outcome<Sides> {
    let (low, high) = amm.assets;
    let (one, other) = match (first, second) {
        (Some(one), Some(other)) if (one, other) == (low, high) || (one, other) == (high, low) => {
            (one, other)
        }
        (Some(one), None) | (None, Some(one)) if one == low => (low, high),
        (Some(one), None) | (None, Some(one)) if one == high => (high, low),
        (None, None) => (low, high),
        _ => return Err(TEC_AMM_INVALID_TOKENS),
    };
    let held = |asset: &Asset| match *asset {
        Asset::Issued { currency, issuer } if ignore_freeze => {
            Ok(StAmount::Issued(money::held(view, amm.account, issuer, currency)))
        }
        _ => money::pool_side(view, amm.account, asset).ok_or(TEC_INTERNAL),
    };
    Ok(Sides { one, other, one_held: held(&one)?, other_held: held(&other)? })
}

/// Tokens an account holds.
pub fn tokens_of(view: &View, amm: &Amm, account: AccountId) -> IssuedValue {
    money::held(view, account, amm.account, amm.token)
}

/// Whether an account may hold an asset (issuers that authorise).
pub fn check_authorized(view: &View, account: AccountId, asset: &Asset) -> Outcome<()> {
    let Asset::Issued { currency, issuer } = *asset else {
        return Ok(());
    };
    let authorizes = view.account(issuer).is_some_and(|root| root.flags & flags::LSF_REQUIRE_AUTH != 0);
    if account == issuer || !authorizes {
        return Ok(());
    }
    let by_issuer = if issuer > account { flags::LSF_HIGH_AUTH } else { flags::LSF_LOW_AUTH };
    match view.line(account, issuer, currency) {
        None => Err(TEC_NO_LINE),
        Some(line) if line.flags & by_issuer == 0 => Err(TEC_NO_AUTH),
        Some(_) => Ok(()),
    }
}

/// Whether the issuer has frozen an asset for an account, or for all.
pub fn is_frozen(view: &View, account: AccountId, asset: &Asset) -> bool {
    match *asset {
        Asset::Issued { currency, issuer } => money::is_frozen(view, account, issuer, currency),
        Asset::Xrp | Asset::Mpt(_) => false,
    }
}

/// Whether an account has at least `needed` of an asset; freezes do not count, `extra_objects` add to its reserve.
pub fn has(view: &View, account: AccountId, asset: &Asset, needed: StAmount, extra_objects: i32) -> bool {
    let has = match *asset {
        Asset::Xrp => StAmount::Native(money::xrp_liquid(view, account, extra_objects)),
        Asset::Issued { issuer, .. } if issuer == account => return true,
        Asset::Issued { currency, issuer } => StAmount::Issued(money::held(view, account, issuer, currency)),
        Asset::Mpt(_) => return false,
    };
    amount::compare(has, needed).is_ge()
}

/// Moves an amount between an account and a pool; no transfer fee.
pub fn send(view: &mut View, from: AccountId, to: AccountId, asset: &Asset, number: StAmount) -> Outcome<()> {
    if from == to || number.is_zero() {
        return Ok(());
    }
    match *asset {
        Asset::Issued { issuer, .. } if issuer != from && issuer != to => {
            money::send(view, issuer, to, asset, number)?;
            money::send(view, from, issuer, asset, number)
        }
        _ => money::send(view, from, to, asset, number),
    }
}

/// Sets the tokens outstanding.
pub fn set_supply(view: &mut View, pair: (Asset, Asset), supply: StAmount) -> Outcome<()> {
    let supply = value(supply)?;
    view.amm_mut(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?.supply = supply;
    Ok(())
}

/// The last holder's line counts, where it and the tokens outstanding differ by the last digits alone.
pub fn settle_last_holder(view: &mut View, pair: (Asset, Asset), account: AccountId) -> Outcome<()> {
    let amm = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    let held = tokens_of(view, amm, account);
    if !is_only_holder(view, amm, account) {
        return Ok(());
    }
    let (held, supply) = (StAmount::Issued(held), StAmount::Issued(amm.supply));
    if !checked(pool::amounts_are_near(held, supply, Number::new(1, -3)))? {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    set_supply(view, pair, held)
}

fn is_only_holder(view: &View, amm: &Amm, account: AccountId) -> bool {
    let owned = directory::listed(view, index::owner_directory(amm.account));
    owned.iter().all(|key| match view.get(key) {
        Some(Entry::Line(line)) if line.currency == amm.token => line.low == account || line.high == account,
        _ => true,
    })
}

/// Deletes a pool without tokens: its lines, its directory, its entry and its account.
pub fn delete(view: &mut View, pair: (Asset, Asset)) -> Outcome<()> {
    let key = index::amm(&pair.0, &pair.1);
    let amm = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    let (account, owner_node) = (amm.account, amm.owner_node);
    let root = index::owner_directory(account);
    let lines: Vec<_> = directory::listed(view, root).into_iter().filter(|listed| *listed != key).collect();
    for line_key in lines.iter().take(LINES_DELETED_MAX) {
        delete_line(view, line_key, account)?;
    }
    if lines.len() > LINES_DELETED_MAX {
        return Err(TEC_INCOMPLETE);
    }
    directory::remove(view, root, owner_node, key);
    view.erase(&key);
    view.erase(&index::account(account));
    Ok(())
}

fn delete_line(view: &mut View, key: &ledger::Hash256, pool: AccountId) -> Outcome<()> {
    let Some(Entry::Line(line)) = view.get(key) else {
        return Err(TEC_INTERNAL);
    };
    if !line.balance.is_zero() {
        return Err(TEC_INTERNAL);
    }
    let holder = if line.low == pool { line.high } else { line.low };
    let [reserve, ..] = trust::side_flags(holder == line.low);
    if line.flags & reserve == 0 {
        return Err(TEC_INTERNAL);
    }
    trust::delete(view, key);
    view.adjust_owner_count(holder, -1);
    Ok(())
}
