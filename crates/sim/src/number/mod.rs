//! The decimal arithmetic of pools: 16 digits, a rounding mode at every step, and guard digits, as the server's `Number`
//! has them with its small mantissa (XRP Ledger documentation, "Currency Formats"; the public description of the
//! server's number type). Never rounds in a way the caller did not name, and never touches floating point.

mod convert;
mod guard;
mod root;

use std::cmp::Ordering;

use units::{Rounding, UnitsError};

use guard::Guard;

/// Smallest mantissa of a number that is not zero.
const MIN: u128 = 1_000_000_000_000_000;
/// Largest mantissa.
const MAX: u128 = 9_999_999_999_999_999;
/// Exponents beyond are zero (below) or stop here (above). No amount of the ledger leads near it.
const EXPONENT_LIMIT: i32 = 32_768;

/// Zero, or a mantissa of exactly 16 digits times a power of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    mantissa: i64,
    exponent: i32,
}

/// Arithmetic with one rounding mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calc(pub Rounding);

/// To the nearest, ties to even: the server's mode where none is named.
pub const NEAREST: Calc = Calc(Rounding::HalfEven);
/// Towards plus infinity.
pub const UP: Calc = Calc(Rounding::Up);
/// Towards minus infinity.
pub const DOWN: Calc = Calc(Rounding::Down);
/// Towards zero.
pub const TOWARDS_ZERO: Calc = Calc(Rounding::TowardsZero);

impl Number {
    /// Zero.
    pub const ZERO: Number = Number { mantissa: 0, exponent: 0 };
    /// One.
    pub const ONE: Number = Number { mantissa: 1_000_000_000_000_000, exponent: -15 };

    /// `mantissa * 10^exponent`, for constants of at most 16 digits.
    pub fn new(mantissa: i64, exponent: i32) -> Number {
        NEAREST.normal(mantissa < 0, mantissa.unsigned_abs().into(), exponent)
    }

    /// The opposite number.
    pub const fn negate(self) -> Number {
        Number { mantissa: -self.mantissa, exponent: self.exponent }
    }

    /// -1, 0 or 1.
    pub const fn signum(self) -> i64 {
        self.mantissa.signum()
    }

    /// Whether it is above zero.
    pub const fn is_positive(self) -> bool {
        self.mantissa > 0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    const fn parts(self) -> (bool, u128, i32) {
        (self.mantissa < 0, self.mantissa.unsigned_abs() as u128, self.exponent)
    }

    /// From a mantissa that is zero or has 16 digits.
    fn from_parts(negative: bool, mantissa: u128, exponent: i32) -> Number {
        if mantissa == 0 || exponent < -EXPONENT_LIMIT {
            return Self::ZERO;
        }
        // At most 16 digits: it fits.
        let magnitude = i64::try_from(mantissa).unwrap_or(i64::MAX);
        Number {
            mantissa: if negative { -magnitude } else { magnitude },
            exponent: exponent.min(EXPONENT_LIMIT),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.signum(), other.signum()) {
            (a, b) if a != b => a.cmp(&b),
            (0, _) => Ordering::Equal,
            (1, _) => (self.exponent, self.mantissa).cmp(&(other.exponent, other.mantissa)),
            _ => (other.exponent, self.mantissa).cmp(&(self.exponent, other.mantissa)),
        }
    }
}

impl Calc {
    /// The number nearest to `mantissa * 10^exponent` in this mode.
    fn normal(self, negative: bool, mantissa: u128, exponent: i32) -> Number {
        if mantissa == 0 {
            return Number::ZERO;
        }
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        while mantissa < MIN {
            mantissa *= 10;
            exponent = exponent.saturating_sub(1);
        }
        let mut guard = Guard::new(negative);
        while mantissa > MAX {
            guard.drop_digit(&mut mantissa, &mut exponent);
        }
        self.away(negative, mantissa, exponent, &guard)
    }

    /// The last step of an operation whose guard digits lie beyond the mantissa.
    fn away(self, negative: bool, mantissa: u128, exponent: i32, guard: &Guard) -> Number {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        if guard.says_one_more(self.0, mantissa) {
            mantissa += 1;
            if mantissa > MAX {
                mantissa /= 10;
                exponent = exponent.saturating_add(1);
            }
        }
        Number::from_parts(negative, mantissa, exponent)
    }

    /// `a + b`. The digits of the smaller number that do not fit are guard digits of its sign.
    pub fn add(self, a: Number, b: Number) -> Number {
        if b.is_zero() {
            return a;
        }
        if a.is_zero() {
            return b;
        }
        if a == b.negate() {
            return Number::ZERO;
        }
        let ((an, mut am, mut ae), (bn, mut bm, mut be)) = (a.parts(), b.parts());
        let mut guard = Guard::new(if ae < be { an } else { ae > be && bn });
        guard.align(&mut am, &mut ae, be);
        guard.align(&mut bm, &mut be, ae);
        if an == bn {
            let mut sum = am + bm;
            if sum > MAX {
                guard.drop_digit(&mut sum, &mut ae);
            }
            return self.away(an, sum, ae, &guard);
        }
        let (negative, mut mantissa, mut exponent) =
            if am > bm { (an, am - bm, ae) } else { (bn, bm - am, be) };
        if mantissa == 0 {
            return Number::ZERO;
        }
        while mantissa < MIN {
            mantissa = mantissa * 10 - u128::from(guard.pop());
            exponent = exponent.saturating_sub(1);
        }
        if guard.says_one_more(self.0, mantissa) {
            mantissa -= 1;
            if mantissa < MIN {
                mantissa *= 10;
                exponent = exponent.saturating_sub(1);
            }
        }
        Number::from_parts(negative, mantissa, exponent)
    }

    /// `a - b`.
    pub fn sub(self, a: Number, b: Number) -> Number {
        self.add(a, b.negate())
    }

    /// `a * b`.
    pub fn mul(self, a: Number, b: Number) -> Number {
        let ((an, am, ae), (bn, bm, be)) = (a.parts(), b.parts());
        self.normal(an != bn, am * bm, ae.saturating_add(be))
    }

    /// `a / b`: the quotient to 17 or 18 digits, the rest cut, then rounded.
    ///
    /// # Errors
    /// [`UnitsError::DivisionByZero`].
    pub fn div(self, a: Number, b: Number) -> Result<Number, UnitsError> {
        if b.is_zero() {
            return Err(UnitsError::DivisionByZero);
        }
        let ((an, am, ae), (bn, bm, be)) = (a.parts(), b.parts());
        let quotient = am * 100_000_000_000_000_000 / bm;
        Ok(self.normal(an != bn, quotient, ae.saturating_sub(be).saturating_sub(17)))
    }

    /// `base^exponent`, by halving the exponent.
    pub fn power(self, base: Number, exponent: u32) -> Number {
        match exponent {
            0 => Number::ONE,
            1 => base,
            _ => {
                let half = self.power(base, exponent / 2);
                let square = self.mul(half, half);
                if exponent.is_multiple_of(2) { square } else { self.mul(square, base) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_by_table() {
        let third = |calc: Calc| calc.div(Number::ONE, Number::new(3, 0)).unwrap();
        assert_eq!(third(NEAREST), Number::new(3_333_333_333_333_333, -16));
        assert_eq!(third(UP), Number::new(3_333_333_333_333_334, -16));
        assert_eq!(third(DOWN), Number::new(3_333_333_333_333_333, -16));
        let two_thirds = NEAREST.div(Number::new(2, 0), Number::new(-3, 0)).unwrap();
        assert_eq!(two_thirds, Number::new(-6_666_666_666_666_667, -16));
        // As on a server: one less at 16 digits, and the digit that opens up is zero.
        assert_eq!(DOWN.sub(Number::ONE, Number::new(1, -30)), Number::new(9_999_999_999_999_990, -16));
        assert_eq!(UP.sub(Number::ONE, Number::new(1, -30)), Number::ONE);
        assert_eq!(UP.add(Number::ONE, Number::new(1, -300)), Number::new(1_000_000_000_000_001, -15));
        assert!(UP.div(Number::ONE, Number::ZERO).is_err());
    }

    #[test]
    fn order_is_that_of_the_values() {
        let sorted = [Number::new(-5, 3), Number::new(-7, 0), Number::ZERO, Number::new(1, -9), Number::ONE];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn powers() {
        assert_eq!(NEAREST.power(Number::new(2, 0), 10), Number::new(1024, 0));
        assert_eq!(NEAREST.power(Number::new(3, 0), 0), Number::ONE);
    }
}
