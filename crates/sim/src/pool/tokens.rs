//! Liquidity tokens for deposits and withdrawals (XLS-30, equations 1 to 8). Tokens given out are rounded down and tokens
//! taken back up, assets the other way round, so that a pool never has less behind a token than before. Never checks who
//! owns what.

use units::UnitsError;
use units::stamount::{Kind, StAmount};

use super::{after_fee, after_half_fee, fee};
use crate::amount;
use crate::number::{Calc, DOWN, NEAREST, Number, UP};

/// Which way liquidity goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In: tokens are given out.
    Deposit,
    /// Out: tokens are taken back.
    Withdraw,
}

impl Way {
    fn tokens(self) -> Calc {
        if self == Way::Deposit { DOWN } else { UP }
    }

    fn assets(self) -> Calc {
        if self == Way::Deposit { UP } else { DOWN }
    }
}

const ISSUED: Kind = Kind::Issued;

fn of(amount: StAmount) -> Number {
    NEAREST.of(amount)
}

fn int(value: i64) -> Number {
    Number::new(value, 0)
}

/// An amount times a fraction, rounded in one mode throughout.
pub fn share(calc: Calc, amount: StAmount, fraction: Number) -> Result<StAmount, UnitsError> {
    calc.amount(calc.mul(calc.of(amount), fraction), amount.kind())
}

/// The tokens of a new pool: the root of the product.
pub fn first_tokens(one: StAmount, other: StAmount) -> Result<StAmount, UnitsError> {
    let product = DOWN.mul(DOWN.of(one), DOWN.of(other));
    DOWN.amount(DOWN.root2(product)?, ISSUED)
}

/// The tokens as they come out when a balance of 16 digits takes them up.
pub fn fitted(supply: StAmount, tokens: StAmount, way: Way) -> Result<StAmount, UnitsError> {
    let (supply, tokens) = (DOWN.of(supply), DOWN.of(tokens));
    let fitted = match way {
        Way::Deposit => DOWN.sub(DOWN.add(supply, tokens), supply),
        Way::Withdraw => DOWN.add(DOWN.sub(tokens, supply), supply),
    };
    DOWN.amount(fitted, ISSUED)
}

/// Part of a balance that goes with a fraction of the pool.
pub fn asset_share(balance: StAmount, fraction: Number, way: Way) -> Result<StAmount, UnitsError> {
    share(way.assets(), balance, fraction)
}

/// Tokens that go with a fraction of the pool.
pub fn token_share(supply: StAmount, fraction: Number, way: Way) -> Result<StAmount, UnitsError> {
    fitted(supply, share(way.tokens(), supply, fraction)?, way)
}

/// `part / whole`, to the nearest.
pub fn fraction(part: StAmount, whole: StAmount) -> Result<Number, UnitsError> {
    NEAREST.div(of(part), of(whole))
}

/// Equation 3: tokens for depositing one asset.
pub fn tokens_for_deposit(
    balance: StAmount,
    deposit: StAmount,
    supply: StAmount,
    fee_units: u16,
) -> Result<StAmount, UnitsError> {
    let calc = NEAREST;
    let f1 = after_fee(calc, fee_units)?;
    let f2 = calc.div(after_half_fee(calc, fee_units)?, f1)?;
    let r = fraction(deposit, balance)?;
    let c = calc.sub(calc.root2(calc.add(calc.mul(f2, f2), calc.div(r, f1)?))?, f2);
    let fraction = calc.div(calc.sub(r, c), calc.add(Number::ONE, c))?;
    share(DOWN, supply, fraction)
}

/// Equation 4: the deposit of one asset for tokens.
pub fn deposit_for_tokens(
    balance: StAmount,
    supply: StAmount,
    tokens: StAmount,
    fee_units: u16,
) -> Result<StAmount, UnitsError> {
    let calc = NEAREST;
    let f1 = after_fee(calc, fee_units)?;
    let f2 = calc.div(after_half_fee(calc, fee_units)?, f1)?;
    let t1 = fraction(tokens, supply)?;
    let t2 = calc.add(Number::ONE, t1);
    let d = calc.sub(f2, calc.div(t1, t2)?);
    let a = calc.div(Number::ONE, calc.mul(t2, t2))?;
    let b = calc.sub(calc.div(calc.mul(int(2), d), t2)?, calc.div(Number::ONE, f1)?);
    let c = calc.sub(calc.mul(d, d), calc.mul(f2, f2));
    share(UP, balance, greater_root(calc, a, b, c)?)
}

/// Equation 7: tokens for withdrawing one asset.
pub fn tokens_for_withdrawal(
    balance: StAmount,
    withdrawal: StAmount,
    supply: StAmount,
    fee_units: u16,
) -> Result<StAmount, UnitsError> {
    let calc = NEAREST;
    let r = fraction(withdrawal, balance)?;
    let f = fee(calc, fee_units)?;
    let c = calc.sub(calc.add(calc.mul(r, f), int(2)), f);
    let root = calc.root2(calc.sub(calc.mul(c, c), calc.mul(int(4), r)))?;
    share(UP, supply, calc.div(calc.sub(c, root), int(2))?)
}

/// Equation 8: the withdrawal of one asset for tokens.
pub fn withdrawal_for_tokens(
    balance: StAmount,
    supply: StAmount,
    tokens: StAmount,
    fee_units: u16,
) -> Result<StAmount, UnitsError> {
    let calc = NEAREST;
    let f = fee(calc, fee_units)?;
    let t1 = fraction(tokens, supply)?;
    let above = calc.sub(calc.mul(t1, t1), calc.mul(t1, calc.sub(int(2), f)));
    let below = calc.sub(calc.mul(t1, f), Number::ONE);
    share(DOWN, balance, calc.div(above, below)?)
}

/// Tokens and the deposit that goes with them, once the tokens are fitted: never more than `deposit`.
pub fn matched_deposit(
    balance: StAmount,
    deposit: StAmount,
    supply: StAmount,
    tokens: StAmount,
    fee_units: u16,
) -> Result<(StAmount, StAmount), UnitsError> {
    let mut tokens = tokens;
    let mut needed = deposit_for_tokens(balance, supply, tokens, fee_units)?;
    if amount::compare(needed, deposit).is_gt() {
        let less = amount::sub(deposit, amount::sub(needed, deposit)?)?;
        tokens = fitted(supply, tokens_for_deposit(balance, less, supply, fee_units)?, Way::Deposit)?;
        needed = deposit_for_tokens(balance, supply, tokens, fee_units)?;
    }
    Ok((tokens, amount::least(deposit, needed)))
}

/// Tokens and the withdrawal that goes with them, once the tokens are fitted: never more than `withdrawal`.
pub fn matched_withdrawal(
    balance: StAmount,
    withdrawal: StAmount,
    supply: StAmount,
    tokens: StAmount,
    fee_units: u16,
) -> Result<(StAmount, StAmount), UnitsError> {
    let mut tokens = tokens;
    let mut given = withdrawal_for_tokens(balance, supply, tokens, fee_units)?;
    if amount::compare(given, withdrawal).is_gt() {
        let less = amount::sub(withdrawal, amount::sub(given, withdrawal)?)?;
        tokens = fitted(supply, tokens_for_withdrawal(balance, less, supply, fee_units)?, Way::Withdraw)?;
        given = withdrawal_for_tokens(balance, supply, tokens, fee_units)?;
    }
    Ok((tokens, amount::least(withdrawal, given)))
}

/// A deposit of one asset at a price of at most `price` (asset a token): equation 3 solved for it.
pub fn deposit_at_price(
    balance: StAmount,
    supply: StAmount,
    price: StAmount,
    fee_units: u16,
) -> Result<(StAmount, StAmount), UnitsError> {
    let calc = NEAREST;
    let f1 = after_fee(calc, fee_units)?;
    let f2 = calc.div(after_half_fee(calc, fee_units)?, f1)?;
    let (two, square_f2) = (int(2), |x: Number| calc.mul(calc.mul(x, f2), f2));
    let c = calc.div(calc.mul(f1, of(balance)), calc.mul(of(price), of(supply)))?;
    let d = calc.sub(calc.add(f1, calc.mul(c, f2)), c);
    let a1 = calc.mul(c, c);
    let b1 = calc.sub(calc.add(square_f2(a1), calc.mul(two, c)), calc.mul(d, d));
    let c1 = calc.sub(calc.add(square_f2(calc.mul(two, c)), Number::ONE), calc.mul(calc.mul(two, d), f2));
    let fraction = calc.mul(f1, greater_root(calc, a1, b1, c1)?);
    let deposit = share(UP, balance, fraction)?;
    let tokens = DOWN.amount(DOWN.div(DOWN.of(deposit), DOWN.of(price))?, ISSUED)?;
    Ok((deposit, fitted(supply, tokens, Way::Deposit)?))
}

/// A withdrawal of one asset at a price of at least `price` (tokens an asset): tokens, then the asset.
pub fn withdrawal_at_price(
    balance: StAmount,
    supply: StAmount,
    price: StAmount,
    fee_units: u16,
) -> Result<(StAmount, StAmount), UnitsError> {
    let worth = NEAREST.mul(of(balance), of(price));
    let f = fee(NEAREST, fee_units)?;
    let calc = NEAREST;
    let above = calc.add(of(supply), calc.mul(worth, calc.sub(f, int(2))));
    let below = calc.sub(calc.mul(of(supply), f), worth);
    let tokens = fitted(supply, share(UP, supply, calc.div(above, below)?)?, Way::Withdraw)?;
    let asset = DOWN.amount(DOWN.div(DOWN.of(tokens), DOWN.of(price))?, balance.kind())?;
    Ok((tokens, asset))
}

fn greater_root(calc: Calc, a: Number, b: Number, c: Number) -> Result<Number, UnitsError> {
    let four_a_c = calc.mul(calc.mul(int(4), a), c);
    let root = calc.root2(calc.sub(calc.mul(b, b), four_a_c))?;
    calc.div(calc.add(b.negate(), root), calc.mul(int(2), a))
}
