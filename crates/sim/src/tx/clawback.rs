//! Clawback and AMMClawback: an issuer takes back what it issued, from a holder or from a holder's share of a pool (XRP
//! Ledger documentation, "Clawback", "AMMClawback"). Never from an issuer that did not keep the right.

use ledger::{AccountId, Amount, Asset, fields as f, flags};
use units::IssuedValue;
use units::stamount::StAmount;

use super::Tx;
use super::amm::{self, Sides, checked, number};
use super::amm_withdraw::{Withdrawal, by_tokens, pay_out};
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::amount;
use crate::pool::tokens::{self, Way};
use crate::state::{View, money};
use crate::ter::*;

/// AMMClawback: take the other asset too, where the same account issues it.
const TWO_ASSETS: u32 = 0x0000_0001;

/// Clawback: what is taken back, and from whom (the amount's issuer field names the holder).
fn asked(tx: &Tx) -> Outcome<(IssuedValue, ledger::Currency, AccountId)> {
    match tx.amount(f::AMOUNT).ok_or(TEM_MALFORMED)? {
        Amount::Issued { value, currency, issuer } => Ok((value, currency, issuer)),
        Amount::Xrp(_) => Err(TEM_BAD_AMOUNT),
        Amount::Mpt { .. } => Err(TEM_DISABLED),
    }
}

/// Clawback: checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    if tx.object.contains(f::HOLDER) {
        return Err(TEM_MALFORMED);
    }
    let (value, _, holder) = asked(tx)?;
    if holder == tx.account || !value.is_positive() { Err(TEM_BAD_AMOUNT) } else { Ok(()) }
}

/// Clawback: checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let (_, currency, holder) = asked(tx)?;
    let root = view.account(holder).ok_or(TER_NO_ACCOUNT)?;
    if root.amm_id.is_some() {
        return Err(TEC_AMM_ACCOUNT);
    }
    check_right(view, tx.account)?;
    let line = view.line(holder, tx.account, currency).ok_or(TEC_NO_LINE)?;
    // Who holds the positive balance is the holder.
    let held = if holder == line.low { line.balance } else { line.balance.negate() };
    if held.is_negative() {
        return Err(TEC_NO_PERMISSION);
    }
    if held.is_positive() { Ok(()) } else { Err(TEC_INSUFFICIENT_FUNDS) }
}

fn check_right(view: &View, issuer: AccountId) -> Outcome<()> {
    let root = view.account(issuer).ok_or(TER_NO_ACCOUNT)?;
    let may =
        root.flags & flags::LSF_ALLOW_TRUST_LINE_CLAWBACK != 0 && root.flags & flags::LSF_NO_FREEZE == 0;
    if may { Ok(()) } else { Err(TEC_NO_PERMISSION) }
}

/// Clawback: takes what is asked, or all there is.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let tx = context.tx;
    let done = asked(tx).and_then(|(value, currency, holder)| {
        let held = money::held(view, holder, tx.account, currency);
        money::send_issued(view, holder, tx.account, currency, value.min(held))
    });
    Done::with(done.err().unwrap_or(TES_SUCCESS))
}

/// AMMClawback: checks that need no state.
pub fn preflight_pool(tx: &Tx) -> Outcome<()> {
    if tx.flags & !(UNIVERSAL | TWO_ASSETS) != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let holder = tx.object.account(f::HOLDER).ok_or(TEM_MALFORMED)?;
    let (asset, other) = amm::pair(tx)?;
    if holder == tx.account || asset.is_xrp() {
        return Err(TEM_MALFORMED);
    }
    if tx.has(TWO_ASSETS) && asset.issuer() != other.issuer() {
        return Err(TEM_INVALID_FLAG);
    }
    if asset.issuer() != Some(tx.account) {
        return Err(TEM_MALFORMED);
    }
    let bad = tx.amount(f::AMOUNT).is_some_and(|amount| amount.asset() != asset || amount.signum() <= 0);
    if bad { Err(TEM_BAD_AMOUNT) } else { Ok(()) }
}

/// AMMClawback: checks against the state before the fee.
pub fn preclaim_pool(view: &View, tx: &Tx) -> Outcome<()> {
    let holder = tx.object.account(f::HOLDER).ok_or(TEM_MALFORMED)?;
    view.account(holder).ok_or(TER_NO_ACCOUNT)?;
    amm::of(view, tx)?;
    check_right(view, tx.account)
}

/// AMMClawback: withdraws a holder's share and takes the asset back.
pub fn effect_pool(view: &mut View, context: &Context) -> Done {
    Done::with(claw_from_pool(view, context).err().unwrap_or(TES_SUCCESS))
}

fn claw_from_pool(view: &mut View, context: &Context) -> Outcome<()> {
    let tx = context.tx;
    let (asset, other) = amm::pair(tx)?;
    let holder = tx.object.account(f::HOLDER).ok_or(TEC_INTERNAL)?;
    let held = |view: &View| -> Outcome<IssuedValue> {
        Ok(amm::tokens_of(view, view.amm(&asset, &other).ok_or(TEC_INTERNAL)?, holder))
    };
    if held(view)?.is_zero() {
        return Err(TEC_AMM_BALANCE);
    }
    amm::settle_last_holder(view, (asset, other), holder)?;
    let pool = view.amm(&asset, &other).ok_or(TEC_INTERNAL)?;
    let sides = amm::sides(view, pool, Some(asset), Some(other), true)?;
    let supply = StAmount::Issued(pool.supply);
    let tokens = StAmount::Issued(held(view)?);
    let plan = match tx.amount(f::AMOUNT) {
        None => amm::expected(by_tokens(&sides, supply, tokens, true))?,
        Some(wanted) => share(&sides, supply, tokens, number(&wanted)?)?,
    };
    pay_out(view, (asset, other), holder, &sides, plan, context.balance_before)?;
    take_back(view, tx.account, holder, &asset, plan.one)?;
    match plan.other {
        Some(number) if tx.has(TWO_ASSETS) => take_back(view, tx.account, holder, &other, number),
        Some(_) => Ok(()),
        None => Err(TEC_INTERNAL),
    }
}

/// The share that holds the wanted amount, or all the holder has.
fn share(sides: &Sides, supply: StAmount, held: StAmount, wanted: StAmount) -> Outcome<Withdrawal> {
    let fraction = checked(tokens::fraction(wanted, sides.one_held))?;
    let needed = checked(tokens::share(crate::number::NEAREST, supply, fraction))?;
    if amount::compare(needed, held).is_gt() {
        return amm::expected(by_tokens(sides, supply, held, true));
    }
    let tokens = checked(tokens::token_share(supply, fraction, Way::Withdraw))?;
    if tokens.is_zero() {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    let fraction = checked(tokens::fraction(tokens, supply))?;
    let side = |held| checked(tokens::asset_share(held, fraction, Way::Withdraw));
    Ok(Withdrawal { one: side(sides.one_held)?, other: Some(side(sides.other_held)?), tokens })
}

fn take_back(
    view: &mut View,
    issuer: AccountId,
    holder: AccountId,
    asset: &Asset,
    number: StAmount,
) -> Outcome<()> {
    money::send(view, holder, issuer, asset, number)
}
