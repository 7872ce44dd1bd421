//! The pool's offer next to a book: as large as brings either the pool's price after it, or its own average price, to a
//! given quality, whichever is less. The side in XRP is sized first and cut down, so that whole drops make the offer no
//! worse. Never gives an offer worse than the quality asked.

use units::UnitsError;
use units::stamount::{Kind, StAmount};

use super::swap::{swap_in, swap_out};
use super::{after_fee, rate};
use crate::flow::{Pair, Quality};
use crate::number::{DOWN, NEAREST, Number, TOWARDS_ZERO};

/// The offer, or `None` where there is none of that quality.
pub fn offer_to_quality(
    balances: Pair,
    quality: Quality,
    fee_units: u16,
) -> Result<Option<Pair>, UnitsError> {
    if quality.rate()?.is_zero() {
        return Ok(None);
    }
    let gives_xrp = balances.got.kind() == Kind::Native;
    let size = if gives_xrp {
        size_got(balances, quality, fee_units)?
    } else {
        size_paid(balances, quality, fee_units)?
    };
    let Some(size) = size else { return Ok(None) };
    let whole = |size: Number| -> Result<Pair, UnitsError> {
        if gives_xrp {
            let got = DOWN.amount(size, balances.got.kind())?;
            Ok(Pair { paid: swap_out(balances, got, fee_units)?, got })
        } else {
            let paid = DOWN.amount(size, balances.paid.kind())?;
            Ok(Pair { paid, got: swap_in(balances, paid, fee_units)? })
        }
    };
    let mut offer = whole(size)?;
    if Quality::of(offer).is_worse_than(quality) {
        offer = whole(a_little_less(if gives_xrp { offer.got } else { offer.paid }))?;
    }
    Ok((!Quality::of(offer).is_worse_than(quality)).then_some(offer))
}

/// A ten-thousandth less.
fn a_little_less(amount: StAmount) -> Number {
    TOWARDS_ZERO.mul(TOWARDS_ZERO.of(amount), Number::new(9_999, -4))
}

/// How much of the XRP side can be got. With `r` the rate, `f` what the fee leaves, `I` and `O` the balances: the price
/// after is `r` at the smaller root of `o^2 + o (I (1 - 1/f) / r - 2 O) + O^2 - I O / r`, the average price is `r` at
/// `O - I / (r f)`.
fn size_got(balances: Pair, quality: Quality, fee_units: u16) -> Result<Option<Number>, UnitsError> {
    let calc = NEAREST;
    let (held_in, held_out) = (calc.of(balances.paid), calc.of(balances.got));
    let (left, rate) = (after_fee(calc, fee_units)?, rate(quality)?);
    let fee_part = calc.sub(Number::ONE, calc.div(Number::ONE, left)?);
    let b = calc.sub(calc.div(calc.mul(held_in, fee_part), rate)?, calc.mul(Number::new(2, 0), held_out));
    let c = calc.sub(calc.mul(held_out, held_out), calc.div(calc.mul(held_in, held_out), rate)?);
    let by_average = calc.sub(held_out, calc.div(held_in, calc.mul(rate, left))?);
    Ok(least_positive(smaller_root(Number::ONE, b, c)?, by_average))
}

/// How much can be paid. The price after is `r` at the smaller root of `f i^2 + i I (1 + f) + I^2 - I O r`, the average
/// price is `r` at `O r - I / f`.
fn size_paid(balances: Pair, quality: Quality, fee_units: u16) -> Result<Option<Number>, UnitsError> {
    let calc = NEAREST;
    let (held_in, held_out) = (calc.of(balances.paid), calc.of(balances.got));
    let (left, rate) = (after_fee(calc, fee_units)?, rate(quality)?);
    let b = calc.mul(held_in, calc.add(Number::ONE, left));
    let c = calc.sub(calc.mul(held_in, held_in), calc.mul(calc.mul(held_in, held_out), rate));
    let by_average = calc.sub(calc.mul(held_out, rate), calc.div(held_in, left)?);
    Ok(least_positive(smaller_root(left, b, c)?, by_average))
}

fn least_positive(by_price: Option<Number>, by_average: Number) -> Option<Number> {
    let by_price = by_price.filter(|size| size.is_positive())?;
    by_average.is_positive().then_some(by_price.min(by_average))
}

/// The root nearer to zero, in the form that loses no digits; `None` without a real one.
fn smaller_root(a: Number, b: Number, c: Number) -> Result<Option<Number>, UnitsError> {
    let calc = NEAREST;
    let four_a_c = calc.mul(calc.mul(Number::new(4, 0), a), c);
    let discriminant = calc.sub(calc.mul(b, b), four_a_c);
    if discriminant.signum() < 0 {
        return Ok(None);
    }
    let root = calc.root2(discriminant)?;
    let below = if b.is_positive() { calc.sub(b.negate(), root) } else { calc.add(b.negate(), root) };
    calc.div(calc.mul(Number::new(2, 0), c), below).map(Some)
}
