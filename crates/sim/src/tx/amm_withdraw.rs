//! AMMWithdraw: gives tokens back for one or both assets, in each of its seven forms (XRP Ledger documentation,
//! "AMMWithdraw"). The last token closes the pool. Never takes one side of a pool to nothing alone.

use ledger::{AccountId, Amount, Asset, fields as f};
use units::stamount::{Kind, StAmount, divide};
use units::{Drops, IssuedValue};

use super::Tx;
use super::amm::{self, Sides, checked, number};
use super::amm_deposit::{LIMIT_LP_TOKEN, LP_TOKEN, ONE_ASSET_LP_TOKEN, SINGLE_ASSET, TWO_ASSET};
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::amount;
use crate::number::NEAREST;
use crate::pool::tokens::{self, Way};
use crate::state::{View, money};
use crate::ter::*;

/// All tokens, both assets.
const ALL: u32 = 0x0002_0000;
/// All tokens, one asset.
const ALL_FOR_ONE: u32 = 0x0004_0000;
const MODES: u32 =
    LP_TOKEN | ALL | ALL_FOR_ONE | SINGLE_ASSET | TWO_ASSET | ONE_ASSET_LP_TOKEN | LIMIT_LP_TOKEN;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !(UNIVERSAL | MODES) != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let [one, other, price, tokens] =
        [f::AMOUNT, f::AMOUNT2, f::E_PRICE, f::LP_TOKEN_IN].map(|field| tx.object.contains(field));
    let mode = tx.flags & MODES;
    let fits = match mode {
        LP_TOKEN => tokens && !one && !other && !price,
        ALL => !tokens && !one && !other && !price,
        ALL_FOR_ONE | SINGLE_ASSET => one && !tokens && !other && !price,
        TWO_ASSET => one && other && !tokens && !price,
        ONE_ASSET_LP_TOKEN => one && tokens && !other && !price,
        LIMIT_LP_TOKEN => one && price && !tokens && !other,
        _ => false,
    };
    if !fits {
        return Err(TEM_MALFORMED);
    }
    let pair = amm::checked_pair(tx)?;
    let (one, other) = (tx.amount(f::AMOUNT), tx.amount(f::AMOUNT2));
    if one.is_some_and(|one| other.is_some_and(|other| one.asset() == other.asset())) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    if tx.amount(f::LP_TOKEN_IN).is_some_and(|tokens| tokens.signum() <= 0) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    amm::check_amount(one, Some(pair), mode & (ALL_FOR_ONE | ONE_ASSET_LP_TOKEN) != 0 || price)?;
    amm::check_amount(other, Some(pair), false)?;
    amm::check_amount(tx.amount(f::E_PRICE), None, false)
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let pool = amm::of(view, tx)?;
    let asset = |field| tx.amount(field).map(|amount| amount.asset());
    let sides = amm::sides(view, pool, asset(f::AMOUNT), asset(f::AMOUNT2), true)?;
    if pool.supply.is_zero() {
        return Err(TEC_AMM_EMPTY);
    }
    if !amount::is_positive(sides.one_held) || !amount::is_positive(sides.other_held) {
        return Err(TEC_INTERNAL);
    }
    let check = |asset: &Asset| -> Outcome<()> {
        amm::check_authorized(view, tx.account, asset)?;
        let frozen = amm::is_frozen(view, pool.account, asset) || amm::is_frozen(view, tx.account, asset);
        if frozen { Err(TEC_FROZEN) } else { Ok(()) }
    };
    for (amount, held) in [(tx.amount(f::AMOUNT), sides.one_held), (tx.amount(f::AMOUNT2), sides.other_held)]
    {
        let Some(amount) = amount else { continue };
        if amount::compare(number(&amount)?, held).is_gt() {
            return Err(TEC_AMM_BALANCE);
        }
        check(&amount.asset())?;
    }
    let held = amm::tokens_of(view, pool, tx.account);
    if !held.is_positive() {
        return Err(TEC_AMM_BALANCE);
    }
    check_tokens(tx, pool.token_asset(), held)?;
    if tx.has(LP_TOKEN | ALL) {
        check(&sides.one)?;
        check(&sides.other)?;
    }
    Ok(())
}

fn check_tokens(tx: &Tx, token: Asset, held: IssuedValue) -> Outcome<()> {
    if let Some(asked) = tx.amount(f::LP_TOKEN_IN) {
        if asked.asset() != token {
            return Err(TEM_BAD_AMM_TOKENS);
        }
        if matches!(asked, Amount::Issued { value, .. } if value > held) {
            return Err(TEC_AMM_INVALID_TOKENS);
        }
    }
    if tx.amount(f::E_PRICE).is_some_and(|price| price.asset() != token) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    Ok(())
}

/// Withdraws.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match withdraw(view, context) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

/// What will be withdrawn, and for how many tokens.
#[derive(Debug, Clone, Copy)]
pub struct Withdrawal {
    /// Of the first side.
    pub one: StAmount,
    /// Of the other side.
    pub other: Option<StAmount>,
    /// For these tokens.
    pub tokens: StAmount,
}

fn withdraw(view: &mut View, context: &Context) -> Outcome<()> {
    let tx = context.tx;
    let pair = amm::pair(tx)?;
    amm::settle_last_holder(view, pair, tx.account)?;
    let pool = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    let asset = |field| tx.amount(field).map(|amount| amount.asset());
    let sides = amm::sides(view, pool, asset(f::AMOUNT), asset(f::AMOUNT2), false)?;
    let supply = StAmount::Issued(pool.supply);
    let held = StAmount::Issued(amm::tokens_of(view, pool, tx.account));
    let fee = pool.fee_of(tx.account, view.rules.parent_close_time);
    let plan = plan(tx, &sides, supply, held, fee)?;
    pay_out(view, pair, tx.account, &sides, plan, context.balance_before)
}

fn plan(tx: &Tx, sides: &Sides, supply: StAmount, held: StAmount, fee: u16) -> Outcome<Withdrawal> {
    let need = |field| number(&tx.amount(field).ok_or(TEC_INTERNAL)?);
    let balance = sides.one_held;
    match tx.flags & MODES {
        TWO_ASSET => proportional(sides, supply, need(f::AMOUNT)?, need(f::AMOUNT2)?),
        mode @ (ONE_ASSET_LP_TOKEN | ALL_FOR_ONE) => {
            let all = mode == ALL_FOR_ONE;
            let tokens = if all { held } else { fitted(supply, need(f::LP_TOKEN_IN)?)? };
            let one = checked(tokens::withdrawal_for_tokens(balance, supply, tokens, fee))?;
            at_least(Withdrawal { one, other: None, tokens }, need(f::AMOUNT)?)
        }
        LIMIT_LP_TOKEN => {
            let price = need(f::E_PRICE)?;
            let (tokens, one) = checked(tokens::withdrawal_at_price(balance, supply, price, fee))?;
            if !amount::is_positive(tokens) {
                return Err(TEC_AMM_INVALID_TOKENS);
            }
            at_least(Withdrawal { one, other: None, tokens }, need(f::AMOUNT)?)
        }
        SINGLE_ASSET => {
            let one = need(f::AMOUNT)?;
            let tokens = checked(tokens::tokens_for_withdrawal(balance, one, supply, fee))?;
            let tokens = fitted(supply, tokens)?;
            let (tokens, one) = checked(tokens::matched_withdrawal(balance, one, supply, tokens, fee))?;
            some(Withdrawal { one, other: None, tokens })
        }
        LP_TOKEN => amm::expected(by_tokens(sides, supply, need(f::LP_TOKEN_IN)?, false)),
        ALL => amm::expected(by_tokens(sides, supply, held, true)),
        _ => Err(TEC_INTERNAL),
    }
}

fn fitted(supply: StAmount, tokens: StAmount) -> Outcome<StAmount> {
    let tokens = checked(tokens::fitted(supply, tokens, Way::Withdraw))?;
    if tokens.is_zero() { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(tokens) }
}

fn some(plan: Withdrawal) -> Outcome<Withdrawal> {
    if plan.tokens.is_zero() { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(plan) }
}

fn at_least(plan: Withdrawal, least: StAmount) -> Outcome<Withdrawal> {
    let enough = least.is_zero() || amount::compare(plan.one, least).is_ge();
    if enough { Ok(plan) } else { Err(TEC_AMM_FAILED) }
}

/// Both sides in proportion to tokens.
pub fn by_tokens(sides: &Sides, supply: StAmount, tokens: StAmount, all: bool) -> Outcome<Withdrawal> {
    if tokens == supply {
        return Ok(Withdrawal { one: sides.one_held, other: Some(sides.other_held), tokens });
    }
    let tokens = if all { tokens } else { fitted(supply, tokens)? };
    if tokens.is_zero() {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    let part = NEAREST.of(checked(divide(tokens, supply, Kind::Issued))?);
    let side = |held| checked(tokens::asset_share(held, part, Way::Withdraw));
    let (one, other) = (side(sides.one_held)?, side(sides.other_held)?);
    if one.is_zero() || other.is_zero() {
        return Err(TEC_AMM_FAILED);
    }
    Ok(Withdrawal { one, other: Some(other), tokens })
}

/// All of one amount and what goes with it of the other, whichever fits.
fn proportional(sides: &Sides, supply: StAmount, one: StAmount, other: StAmount) -> Outcome<Withdrawal> {
    let matching = |part: StAmount, of: StAmount, held: StAmount| -> Outcome<(StAmount, StAmount)> {
        let fraction = checked(tokens::fraction(part, of))?;
        let tokens = checked(tokens::token_share(supply, fraction, Way::Withdraw))?;
        if tokens.is_zero() {
            return Err(TEC_AMM_INVALID_TOKENS);
        }
        let fraction = checked(tokens::fraction(tokens, supply))?;
        Ok((checked(tokens::asset_share(held, fraction, Way::Withdraw))?, tokens))
    };
    let (given, tokens) = matching(one, sides.one_held, sides.other_held)?;
    if amount::compare(given, other).is_le() {
        return Ok(Withdrawal { one, other: Some(given), tokens });
    }
    let (given, tokens) = matching(other, sides.other_held, sides.one_held)?;
    if amount::compare(given, one).is_gt() {
        return Err(TEC_AMM_FAILED);
    }
    Ok(Withdrawal { one: given, other: Some(other), tokens })
}

/// Checks that the pool survives it (or ends whole), pays, and takes the tokens.
pub fn pay_out(
    view: &mut View,
    pair: (Asset, Asset),
    holder: AccountId,
    sides: &Sides,
    plan: Withdrawal,
    balance_before: Drops,
) -> Outcome<()> {
    let pool = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    let supply = StAmount::Issued(pool.supply);
    let held = StAmount::Issued(amm::tokens_of(view, pool, holder));
    let (account, token) = (pool.account, pool.token_asset());
    let Withdrawal { one, other, tokens } = plan;
    if !amount::is_positive(tokens) || amount::compare(tokens, held).is_gt() {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    if amount::compare(tokens, supply).is_gt() {
        return Err(TEC_INTERNAL);
    }
    let (all_one, all_other) = (one == sides.one_held, other == Some(sides.other_held));
    let too_much = amount::compare(one, sides.one_held).is_gt()
        || other.is_some_and(|other| amount::compare(other, sides.other_held).is_gt());
    if all_one != all_other || (tokens == supply && !(all_one && all_other)) || too_much {
        return Err(TEC_AMM_BALANCE);
    }
    for (asset, number) in [(sides.one, Some(one)), (sides.other, other)] {
        let Some(number) = number else { continue };
        check_line_reserve(view, holder, &asset, balance_before)?;
        amm::send(view, account, holder, &asset, number)?;
    }
    money::send(view, holder, account, &token, tokens)?;
    let left = checked(amount::sub(supply, tokens))?;
    if left.is_zero() {
        match amm::delete(view, pair) {
            Err(TEC_INCOMPLETE) => amm::set_supply(view, pair, left),
            done => done,
        }
    } else {
        amm::set_supply(view, pair, left)
    }
}

/// Who gets an asset without a line for it needs the reserve of one more object, once it owns two.
fn check_line_reserve(view: &View, holder: AccountId, asset: &Asset, balance_before: Drops) -> Outcome<()> {
    let Asset::Issued { currency, issuer } = *asset else {
        return Ok(());
    };
    if issuer == holder || view.line(holder, issuer, currency).is_some() {
        return Ok(());
    }
    let root = view.account(holder).ok_or(TEC_INTERNAL)?;
    let reserve = view.rules.fees.reserve(root.owner_count.saturating_add(1));
    let short = root.owner_count >= 2 && root.balance.max(balance_before) < reserve;
    if short { Err(TEC_INSUFFICIENT_RESERVE) } else { Ok(()) }
}
