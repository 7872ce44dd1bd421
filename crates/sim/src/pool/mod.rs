//! The arithmetic of a pool (automated market maker): swaps, the offer it makes to a taker, and liquidity tokens. XRP
//! Ledger documentation, "Automated Market Makers" and XLS-30; every rounding is in the pool's favour. Never moves money
//! and never reads the ledger.

pub mod liquidity;
pub mod spot;
pub mod swap;
#[cfg(test)]
mod tests;
pub mod tokens;

use units::UnitsError;
use units::stamount::StAmount;

use crate::flow::Quality;
use crate::number::{Calc, NEAREST, Number};

/// Trading fees are in parts of this many.
pub const FEE_UNITS: u32 = 100_000;

/// The trading fee as a fraction.
pub fn fee(calc: Calc, units: u16) -> Result<Number, UnitsError> {
    calc.div(Number::new(units.into(), 0), Number::new(FEE_UNITS.into(), 0))
}

/// What is left after the fee, as a fraction.
pub fn after_fee(calc: Calc, units: u16) -> Result<Number, UnitsError> {
    Ok(calc.sub(Number::ONE, fee(calc, units)?))
}

/// What is left after half the fee, as a fraction.
pub fn after_half_fee(calc: Calc, units: u16) -> Result<Number, UnitsError> {
    let half = calc.div(fee(calc, units)?, Number::new(2, 0))?;
    Ok(calc.sub(Number::ONE, half))
}

/// A quality's rate as a number.
pub fn rate(quality: Quality) -> Result<Number, UnitsError> {
    Ok(NEAREST.of(quality.rate()?))
}

/// Whether two qualities lie nearer to each other than `distance`, relative to the worse one's rate.
pub fn are_near(a: Quality, b: Quality, distance: Number) -> Result<bool, UnitsError> {
    if a == b {
        return Ok(true);
    }
    let (better, worse) = if a.is_worse_than(b) { (rate(b)?, rate(a)?) } else { (rate(a)?, rate(b)?) };
    Ok(NEAREST.div(NEAREST.sub(worse, better), worse)? < distance)
}

/// Whether two numbers lie nearer to each other than `distance`, relative to the greater one.
pub fn numbers_are_near(a: Number, b: Number, distance: Number) -> Result<bool, UnitsError> {
    if a == b {
        return Ok(true);
    }
    let (least, most) = (a.min(b), a.max(b));
    Ok(NEAREST.div(NEAREST.sub(most, least), most)? < distance)
}

/// The same of two amounts of one kind.
pub fn amounts_are_near(a: StAmount, b: StAmount, distance: Number) -> Result<bool, UnitsError> {
    numbers_are_near(NEAREST.of(a), NEAREST.of(b), distance)
}
