//! Between numbers and amounts. XRP is whole drops, so a mode decides which; an issued value has the number's own digits.
//! Never changes the kind of an amount by itself.

use units::stamount::{Kind, StAmount};
use units::{Drops, IssuedValue, Rounding, UnitsError};

use super::guard::Guard;
use super::{Calc, Number};

impl Calc {
    /// The number of an amount, in drops for XRP.
    pub fn of(self, amount: StAmount) -> Number {
        match amount {
            StAmount::Native(drops) => self.normal(drops.get() < 0, drops.get().unsigned_abs().into(), 0),
            StAmount::Issued(value) => Number::of_value(value),
        }
    }

    /// The amount of a kind; drops are rounded in this mode.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the kind's range.
    pub fn amount(self, number: Number, kind: Kind) -> Result<StAmount, UnitsError> {
        match kind {
            Kind::Native => {
                let drops = self.whole(number)?;
                Drops::new(drops).map(StAmount::Native)
            }
            Kind::Issued => number.value().map(StAmount::Issued),
        }
    }

    /// The whole number, rounded in this mode.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] outside 64 bits.
    pub fn whole(self, number: Number) -> Result<i64, UnitsError> {
        let (negative, mut mantissa, mut exponent) = number.parts();
        let mut guard = Guard::new(negative);
        guard.align(&mut mantissa, &mut exponent, 0);
        while exponent > 0 && mantissa != 0 {
            mantissa = mantissa.checked_mul(10).ok_or(UnitsError::Overflow)?;
            exponent -= 1;
        }
        if guard.says_one_more(self.0, mantissa) {
            mantissa += 1;
        }
        let magnitude = i64::try_from(mantissa).map_err(|_| UnitsError::Overflow)?;
        Ok(if negative { -magnitude } else { magnitude })
    }
}

impl Number {
    /// The number of an issued value: the same digits.
    pub fn of_value(value: IssuedValue) -> Number {
        if value.is_zero() {
            return Number::ZERO;
        }
        Number { mantissa: value.mantissa(), exponent: value.exponent() }
    }

    /// The issued value: the same digits, zero below the smallest one.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the range.
    pub fn value(self) -> Result<IssuedValue, UnitsError> {
        IssuedValue::from_parts_rounded(self.mantissa.into(), self.exponent, Rounding::HalfEven)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DOWN, NEAREST, UP};
    use super::*;

    #[test]
    fn drops_are_rounded_in_the_named_mode() {
        for (mantissa, down, nearest, up) in
            [(25, 2, 2, 3), (35, 3, 4, 4), (24, 2, 2, 3), (26, 2, 3, 3), (-25, -3, -2, -2), (20, 2, 2, 2)]
        {
            let number = Number::new(mantissa, -1);
            assert_eq!(DOWN.whole(number), Ok(down), "{mantissa} down");
            assert_eq!(NEAREST.whole(number), Ok(nearest), "{mantissa} nearest");
            assert_eq!(UP.whole(number), Ok(up), "{mantissa} up");
        }
        assert!(UP.whole(Number::new(1, 30)).is_err());
        assert_eq!(DOWN.whole(Number::new(1, -500)), Ok(0));
    }
}
