//! How a strand's average quality falls with what it gives, and how much it may give before it falls to a limit. Only a
//! pool's curve falls; a strand of fixed qualities alone is never cut. Never runs a strand.

use units::UnitsError;
use units::stamount::StAmount;

use super::quality::Quality;
use crate::amount;
use crate::number::{NEAREST, Number, UP};
use crate::pool;

/// Average quality (got / paid) as a line over what is got.
#[derive(Debug, Clone, Copy)]
pub struct Curve {
    slope: Number,
    height: Number,
}

impl Curve {
    /// One quality for any amount.
    pub fn flat(quality: Quality) -> Result<Curve, UnitsError> {
        let height = NEAREST.div(Number::ONE, pool::rate(quality)?)?;
        Ok(Curve { slope: Number::ZERO, height })
    }

    /// A pool's.
    pub const fn falling(slope: Number, height: Number) -> Curve {
        Curve { slope, height }
    }

    /// This one, then the other.
    #[must_use]
    pub fn then(self, next: Curve) -> Curve {
        Curve {
            slope: NEAREST.add(self.slope, NEAREST.mul(self.height, next.slope)),
            height: NEAREST.mul(self.height, next.height),
        }
    }

    /// What may be got so that the average quality is `limit`, where that is less than `wanted`.
    pub fn limited(self, wanted: StAmount, limit: Quality) -> Result<StAmount, UnitsError> {
        if self.slope.is_zero() || limit.rate()?.is_zero() {
            return Ok(wanted);
        }
        let above = UP.sub(UP.div(Number::ONE, UP.of(limit.rate()?))?, self.height);
        let got = UP.div(above, self.slope)?;
        if !got.is_positive() {
            return Ok(wanted);
        }
        let got = NEAREST.amount(got, wanted.kind())?;
        if pool::amounts_are_near(got, wanted, Number::new(1, -9))? {
            return Ok(wanted);
        }
        Ok(amount::least(got, wanted))
    }
}
