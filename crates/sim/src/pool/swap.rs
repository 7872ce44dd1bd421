//! The two swaps. `balances.paid` is the side a taker pays into, `balances.got` the side it gets from; their product never
//! falls. Never asks whether a swap is worth it.

use units::stamount::{Kind, StAmount};
use units::{Drops, IssuedValue, UnitsError};

use super::fee;
use crate::amount;
use crate::flow::Pair;
use crate::number::{DOWN, NEAREST, Number, UP};

/// What comes out when `paid` goes in: `O - I * O / (I + paid * (1 - fee))`, rounded down.
pub fn swap_in(balances: Pair, paid: StAmount, fee_units: u16) -> Result<StAmount, UnitsError> {
    let kind = balances.got.kind();
    let (held_in, held_out) = (NEAREST.of(balances.paid), NEAREST.of(balances.got));
    let product = UP.mul(held_in, held_out);
    let part = DOWN.sub(Number::ONE, fee(UP, fee_units)?);
    let after = DOWN.add(held_in, DOWN.mul(DOWN.of(paid), part));
    if !after.is_positive() {
        return Ok(amount::zero(kind));
    }
    let left = UP.div(product, after)?;
    let out = DOWN.sub(held_out, left);
    if out.signum() < 0 { Ok(amount::zero(kind)) } else { DOWN.amount(out, kind) }
}

/// What must go in so that `got` comes out: `(I * O / (O - got) - I) / (1 - fee)`, rounded up; the most there can be when
/// the pool does not hold that much.
pub fn swap_out(balances: Pair, got: StAmount, fee_units: u16) -> Result<StAmount, UnitsError> {
    let kind = balances.paid.kind();
    let (held_in, held_out) = (NEAREST.of(balances.paid), NEAREST.of(balances.got));
    let product = UP.mul(held_in, held_out);
    let after = DOWN.sub(held_out, DOWN.of(got));
    if !after.is_positive() {
        return most(kind);
    }
    let grown = UP.sub(UP.div(product, after)?, held_in);
    let part = DOWN.sub(Number::ONE, fee(UP, fee_units)?);
    let paid = UP.div(grown, part)?;
    if paid.signum() < 0 { Ok(amount::zero(kind)) } else { UP.amount(paid, kind) }
}

fn most(kind: Kind) -> Result<StAmount, UnitsError> {
    match kind {
        Kind::Native => Ok(StAmount::Native(Drops::MAX)),
        Kind::Issued => {
            let digits = i128::from(IssuedValue::MANTISSA_MAX);
            IssuedValue::from_parts(digits, IssuedValue::EXPONENT_MAX).map(StAmount::Issued)
        }
    }
}
