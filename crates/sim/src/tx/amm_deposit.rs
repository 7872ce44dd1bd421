//! AMMDeposit: puts one or both assets into a pool for tokens, in each of its six forms (XRP Ledger documentation,
//! "AMMDeposit"). Never gives tokens worth more than what came in.

use ledger::{Amount, Asset, fields as f};
use units::stamount::{Kind, StAmount, divide};

use super::Tx;
use super::amm::{self, Sides, checked, number};
use super::amm_create::{fee_units, give_vote_and_slot};
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::amount;
use crate::number::{NEAREST, Number};
use crate::pool::tokens::{self, Way};
use crate::state::{View, money};
use crate::ter::*;

/// Tokens wanted, both assets in proportion.
pub const LP_TOKEN: u32 = 0x0001_0000;
/// One asset.
pub const SINGLE_ASSET: u32 = 0x0008_0000;
/// Both assets, no more than named.
pub const TWO_ASSET: u32 = 0x0010_0000;
/// Tokens wanted, for one asset.
pub const ONE_ASSET_LP_TOKEN: u32 = 0x0020_0000;
/// One asset, at a limited price a token.
pub const LIMIT_LP_TOKEN: u32 = 0x0040_0000;
/// Both assets, into a pool without tokens.
const TWO_ASSET_IF_EMPTY: u32 = 0x0080_0000;
const MODES: u32 =
    LP_TOKEN | SINGLE_ASSET | TWO_ASSET | ONE_ASSET_LP_TOKEN | LIMIT_LP_TOKEN | TWO_ASSET_IF_EMPTY;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !(UNIVERSAL | MODES) != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let has =
        [f::AMOUNT, f::AMOUNT2, f::E_PRICE, f::LP_TOKEN_OUT, f::TRADING_FEE].map(|x| tx.object.contains(x));
    let [one, other, price, tokens, fee] = has;
    let fits = match tx.flags & MODES {
        LP_TOKEN => tokens && !price && one == other && !fee,
        SINGLE_ASSET => one && !other && !price && !fee,
        TWO_ASSET => one && other && !price && !fee,
        ONE_ASSET_LP_TOKEN => one && tokens && !other && !price && !fee,
        LIMIT_LP_TOKEN => one && price && !tokens && !other && !fee,
        TWO_ASSET_IF_EMPTY => one && other && !price && !tokens,
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
    if tx.amount(f::LP_TOKEN_OUT).is_some_and(|tokens| tokens.signum() <= 0) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    amm::check_amount(one, Some(pair), price)?;
    amm::check_amount(other, Some(pair), false)?;
    if let Some(one) = one {
        amm::check_amount(tx.amount(f::E_PRICE), Some((one.asset(), one.asset())), false)?;
    }
    if tx.number(f::TRADING_FEE).is_some_and(|fee| fee > amm::FEE_UNITS_MAX) {
        return Err(TEM_BAD_FEE);
    }
    Ok(())
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let pool = amm::of(view, tx)?;
    let sides = amm::sides(view, pool, None, None, true)?;
    let is_empty = pool.supply.is_zero();
    if tx.has(TWO_ASSET_IF_EMPTY) {
        if !is_empty {
            return Err(TEC_AMM_NOT_EMPTY);
        }
        if !sides.one_held.is_zero() || !sides.other_held.is_zero() {
            return Err(TEC_INTERNAL);
        }
    } else if is_empty {
        return Err(TEC_AMM_EMPTY);
    } else if !amount::is_positive(sides.one_held) || !amount::is_positive(sides.other_held) {
        return Err(TEC_INTERNAL);
    }
    let (one, other) = amm::pair(tx)?;
    for asset in [one, other] {
        amm::check_authorized(view, tx.account, &asset)?;
        if amm::is_frozen(view, tx.account, &asset) {
            return Err(TEC_FROZEN);
        }
    }
    let named = [tx.amount(f::AMOUNT), tx.amount(f::AMOUNT2)];
    let deposits = if tx.has(LP_TOKEN) { [None, None] } else { named };
    let concerned = if tx.has(LP_TOKEN) {
        [Some(sides.one), Some(sides.other)]
    } else {
        named.map(|amount| amount.map(|amount| amount.asset()))
    };
    for (asset, amount) in concerned.into_iter().zip(deposits) {
        let Some(asset) = asset else { continue };
        if amm::is_frozen(view, pool.account, &asset) {
            return Err(TEC_FROZEN);
        }
        if let Some(amount) = amount {
            check_funds(view, tx, &amount)?;
        }
    }
    if tx.amount(f::LP_TOKEN_OUT).is_some_and(|tokens| tokens.asset() != pool.token_asset()) {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    let is_new = amm::tokens_of(view, pool, tx.account).is_zero();
    if is_new && money::xrp_liquid(view, tx.account, 1).is_zero() {
        return Err(TEC_INSUF_RESERVE_LINE);
    }
    Ok(())
}

/// A depositor without a line for the tokens needs the reserve for it too.
fn check_funds(view: &View, tx: &Tx, deposit: &Amount) -> Outcome<()> {
    let pool = amm::of(view, tx)?;
    let has_line = view.line(tx.account, pool.account, pool.token).is_some();
    let asset = deposit.asset();
    let extra = i32::from(!has_line);
    if amm::has(view, tx.account, &asset, number(deposit)?, extra) {
        return Ok(());
    }
    Err(if asset.is_xrp() && !has_line { TEC_INSUF_RESERVE_LINE } else { TEC_UNFUNDED_AMM })
}

/// Deposits.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let done = deposit(view, context.tx);
    match if context.tx.has(LP_TOKEN) { amm::expected(done) } else { done } {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

/// What will be deposited, and for how many tokens.
struct Deposit {
    one: StAmount,
    other: Option<StAmount>,
    tokens: StAmount,
}

fn deposit(view: &mut View, tx: &Tx) -> Outcome<()> {
    let pair = amm::pair(tx)?;
    let pool = amm::of(view, tx).map_err(|_| TEC_INTERNAL)?;
    let asset = |field| tx.amount(field).map(|amount| amount.asset());
    let sides = amm::sides(view, pool, asset(f::AMOUNT), asset(f::AMOUNT2), false)?;
    let supply = StAmount::Issued(pool.supply);
    let (account, token) = (pool.account, pool.token_asset());
    let fee =
        if supply.is_zero() { fee_units(tx)? } else { pool.fee_of(tx.account, view.rules.parent_close_time) };
    let plan = plan(tx, &sides, supply, fee)?;
    if !amount::is_positive(plan.tokens) {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    check_least(tx, &plan)?;
    pay_in(view, tx, account, token, (sides.one, plan.one))?;
    if let Some(other) = plan.other {
        pay_in(view, tx, account, token, (sides.other, other))?;
    }
    amm::send(view, account, tx.account, &token, plan.tokens)?;
    amm::set_supply(view, pair, checked(amount::add(supply, plan.tokens))?)?;
    if supply.is_zero() {
        let mut pool = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?.clone();
        give_vote_and_slot(&mut pool, view, tx, fee);
        *view.amm_mut(&pair.0, &pair.1).ok_or(TEC_INTERNAL)? = pool;
    }
    Ok(())
}

/// The least amounts and tokens a deposit of its kind allows for.
fn check_least(tx: &Tx, plan: &Deposit) -> Outcome<()> {
    let below = |got: Option<StAmount>, field| -> Outcome<bool> {
        let least = tx.amount(field).map(|least| number(&least)).transpose()?;
        Ok(match (got, least) {
            (Some(got), Some(least)) => amount::compare(got, least).is_lt(),
            _ => false,
        })
    };
    let fails = match tx.flags & MODES {
        LP_TOKEN => below(Some(plan.one), f::AMOUNT)? || below(plan.other, f::AMOUNT2)?,
        SINGLE_ASSET | TWO_ASSET => below(Some(plan.tokens), f::LP_TOKEN_OUT)?,
        _ => false,
    };
    if fails { Err(TEC_AMM_FAILED) } else { Ok(()) }
}

fn pay_in(
    view: &mut View,
    tx: &Tx,
    pool: ledger::AccountId,
    token: Asset,
    (asset, number): (Asset, StAmount),
) -> Outcome<()> {
    if !amount::is_positive(number) {
        return Err(TEM_BAD_AMOUNT);
    }
    let has_line = token.currency().is_some_and(|code| view.line(tx.account, pool, code).is_some());
    if !amm::has(view, tx.account, &asset, number, i32::from(!has_line)) {
        return Err(TEC_UNFUNDED_AMM);
    }
    amm::send(view, tx.account, pool, &asset, number)
}

fn plan(tx: &Tx, sides: &Sides, supply: StAmount, fee: u16) -> Outcome<Deposit> {
    let asked = |field| tx.amount(field).map(|amount| number(&amount)).transpose();
    let need = |field| asked(field)?.ok_or(TEC_INTERNAL);
    match tx.flags & MODES {
        TWO_ASSET => proportional(sides, supply, need(f::AMOUNT)?, need(f::AMOUNT2)?),
        ONE_ASSET_LP_TOKEN => {
            let tokens = some_tokens(tokens::fitted(supply, need(f::LP_TOKEN_OUT)?, Way::Deposit))?;
            let one = checked(tokens::deposit_for_tokens(sides.one_held, supply, tokens, fee))?;
            let too_much = amount::compare(one, need(f::AMOUNT)?).is_gt();
            if too_much { Err(TEC_AMM_FAILED) } else { Ok(Deposit { one, other: None, tokens }) }
        }
        LIMIT_LP_TOKEN => at_price(sides, supply, need(f::AMOUNT)?, need(f::E_PRICE)?, fee),
        SINGLE_ASSET => single(sides, supply, need(f::AMOUNT)?, fee),
        LP_TOKEN => {
            let tokens = some_tokens(tokens::fitted(supply, need(f::LP_TOKEN_OUT)?, Way::Deposit))?;
            let part = NEAREST.of(checked(divide(tokens, supply, Kind::Issued))?);
            let side = |held| checked(tokens::asset_share(held, part, Way::Deposit));
            Ok(Deposit { one: side(sides.one_held)?, other: Some(side(sides.other_held)?), tokens })
        }
        TWO_ASSET_IF_EMPTY => {
            let (one, other) = (need(f::AMOUNT)?, need(f::AMOUNT2)?);
            Ok(Deposit { one, other: Some(other), tokens: checked(tokens::first_tokens(one, other))? })
        }
        _ => Err(TEC_INTERNAL),
    }
}

fn some_tokens(tokens: Result<StAmount, units::UnitsError>) -> Outcome<StAmount> {
    let tokens = checked(tokens)?;
    if tokens.is_zero() { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(tokens) }
}

/// All of one amount and what goes with it of the other, whichever fits.
fn proportional(sides: &Sides, supply: StAmount, one: StAmount, other: StAmount) -> Outcome<Deposit> {
    let matching = |part: StAmount, of: StAmount, held: StAmount| -> Outcome<(StAmount, StAmount)> {
        let fraction = checked(tokens::fraction(part, of))?;
        let tokens = some_tokens(tokens::token_share(supply, fraction, Way::Deposit))?;
        let fraction = checked(tokens::fraction(tokens, supply))?;
        Ok((checked(tokens::asset_share(held, fraction, Way::Deposit))?, tokens))
    };
    let (needed, tokens) = matching(one, sides.one_held, sides.other_held)?;
    if amount::compare(needed, other).is_le() {
        return Ok(Deposit { one, other: Some(needed), tokens });
    }
    let (needed, tokens) = matching(other, sides.other_held, sides.one_held)?;
    if amount::compare(needed, one).is_le() {
        return Ok(Deposit { one: needed, other: Some(other), tokens });
    }
    Err(TEC_AMM_FAILED)
}

fn single(sides: &Sides, supply: StAmount, one: StAmount, fee: u16) -> Outcome<Deposit> {
    let held = sides.one_held;
    let tokens = checked(tokens::tokens_for_deposit(held, one, supply, fee))?;
    let tokens = some_tokens(tokens::fitted(supply, tokens, Way::Deposit))?;
    matched(held, one, supply, tokens, fee)
}

fn matched(held: StAmount, one: StAmount, supply: StAmount, tokens: StAmount, fee: u16) -> Outcome<Deposit> {
    let (tokens, one) = checked(tokens::matched_deposit(held, one, supply, tokens, fee))?;
    if tokens.is_zero() { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(Deposit { one, other: None, tokens }) }
}

/// The whole amount when its tokens are cheap enough, else as much as is.
fn at_price(sides: &Sides, supply: StAmount, one: StAmount, price: StAmount, fee: u16) -> Outcome<Deposit> {
    if !one.is_zero() {
        let plan = single(sides, supply, one, fee)?;
        let paid: Number = checked(tokens::fraction(plan.one, plan.tokens))?;
        if paid <= NEAREST.of(price) {
            return Ok(plan);
        }
    }
    let (one, tokens) = checked(tokens::deposit_at_price(sides.one_held, supply, price, fee))?;
    if !amount::is_positive(one) {
        return Err(TEC_AMM_FAILED);
    }
    matched(sides.one_held, one, supply, tokens, fee)
}
