//! The direction of a rounding, always named by the caller.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

/// How a quotient or a number with too many digits becomes a shorter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; a tie goes to the even digit (the ledger's default).
    HalfEven,
    /// Towards zero.
    TowardsZero,
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
}

impl Rounding {
    /// `numerator / denominator`, rounded as named. `denominator` must be positive.
    ///
    /// # Errors
    /// [`crate::UnitsError::DivisionByZero`] for a denominator that is not positive.
    pub fn divide(self, numerator: i128, denominator: i128) -> Result<i128, crate::UnitsError> {
        if denominator <= 0 {
            return Err(crate::UnitsError::DivisionByZero);
        }
        let (quotient, remainder) = numerator.div_mod_floor(&denominator);
        if remainder == 0 {
            return Ok(quotient);
        }
        let up = match self {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::TowardsZero => numerator < 0,
            // `remainder` against what is missing to the next one, without doubling.
            Rounding::HalfEven => match remainder.cmp(&(denominator - remainder)) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => quotient % 2 != 0,
            },
        };
        Ok(quotient + i128::from(up))
    }

    /// The same for big integers.
    pub(crate) fn divide_big(self, numerator: &BigInt, denominator: &BigInt) -> BigInt {
        let (quotient, remainder) = numerator.div_mod_floor(denominator);
        if remainder.is_zero() {
            return quotient;
        }
        let up = match self {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::TowardsZero => numerator.is_negative(),
            Rounding::HalfEven => match remainder.cmp(&(denominator - &remainder)) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => quotient.is_odd(),
            },
        };
        if up { quotient + 1 } else { quotient }
    }
}

#[cfg(test)]
mod tests {
    use super::Rounding::{Down, HalfEven, TowardsZero, Up};

    #[test]
    fn each_direction_by_table() {
        for (numerator, half_even, towards_zero, down, up) in [
            (7, 4, 3, 3, 4),
            (5, 2, 2, 2, 3),
            (-7, -4, -3, -4, -3),
            (-5, -2, -2, -3, -2),
            (4, 2, 2, 2, 2),
            (3, 2, 1, 1, 2),
        ] {
            assert_eq!(HalfEven.divide(numerator, 2), Ok(half_even), "{numerator}/2 half even");
            assert_eq!(TowardsZero.divide(numerator, 2), Ok(towards_zero), "{numerator}/2 towards zero");
            assert_eq!(Down.divide(numerator, 2), Ok(down), "{numerator}/2 down");
            assert_eq!(Up.divide(numerator, 2), Ok(up), "{numerator}/2 up");
        }
        assert!(Up.divide(1, 0).is_err());
    }
}
