//! Decimals without rounding, for sums that must balance to the last digit.
//!
//! The ledger rounds a trust-line balance to 16 digits at each step; books that are to prove that
//! every digit is explained must add the recorded changes without rounding again.

use crate::{Drops, IssuedValue, Rounding, UnitsError};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

/// Largest magnitude of the exponent that text gives: bounds the memory that one number can take.
const EXPONENT_MAX: i32 = 400;
/// Most bits of the mantissa of a number from text: 200 digits fit but for the largest.
const BITS_MAX: u64 = 664;
/// Largest magnitude of the exponent of a number from text: the given one, and 200 digits of a fraction.
const SHIFT_MAX: u32 = 600;
/// Longest text: a mantissa of [`BITS_MAX`] shifted by [`SHIFT_MAX`] and written out fits well.
const TEXT_MAX: usize = 1_000;

/// `mantissa * 10^exponent`, kept in lowest terms (no trailing decimal zero; zero is 0 * 10^0), so
/// that equal values are equal structures.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Exact {
    mantissa: BigInt,
    exponent: i32,
}

impl Exact {
    /// The value `mantissa * 10^exponent`.
    #[must_use]
    pub fn new(mantissa: BigInt, exponent: i32) -> Exact {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        if mantissa.is_zero() {
            return Exact::default();
        }
        let ten = BigInt::from(10);
        loop {
            let (quotient, remainder) = mantissa.div_rem(&ten);
            if !remainder.is_zero() {
                return Exact { mantissa, exponent };
            }
            mantissa = quotient;
            exponent += 1;
        }
    }

    /// Mantissa without trailing zeros, and exponent.
    #[must_use]
    pub fn parts(&self) -> (&BigInt, i32) {
        (&self.mantissa, self.exponent)
    }

    /// Zero.
    #[must_use]
    pub fn zero() -> Exact {
        Exact::default()
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa.is_negative()
    }

    /// The distance from zero.
    #[must_use]
    pub fn abs(&self) -> Exact {
        Exact { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    /// The value times `10^places`.
    #[must_use]
    pub fn scaled(&self, places: i32) -> Exact {
        Exact::new(self.mantissa.clone(), self.exponent.saturating_add(places))
    }

    /// The value as an integer, if it is one of at most 127 bits.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        if self.exponent < 0 || self.exponent > 40 {
            return None;
        }
        (&self.mantissa * BigInt::from(10).pow(self.exponent.unsigned_abs())).to_i128()
    }

    /// An amount of XRP, in XRP.
    #[must_use]
    pub fn from_drops(drops: Drops) -> Exact {
        Exact::new(drops.get().into(), -6)
    }

    /// The quotient with `places` decimals, rounded as named.
    ///
    /// # Errors
    /// [`UnitsError::DivisionByZero`].
    pub fn divide(&self, divisor: &Exact, places: u16, rounding: Rounding) -> Result<Exact, UnitsError> {
        if divisor.is_zero() {
            return Err(UnitsError::DivisionByZero);
        }
        let shift = self.exponent - divisor.exponent + i32::from(places);
        let (mut numerator, mut denominator) = (self.mantissa.clone(), divisor.mantissa.clone());
        if denominator.is_negative() {
            (numerator, denominator) = (-numerator, -denominator);
        }
        let factor = BigInt::from(10).pow(shift.unsigned_abs());
        if shift >= 0 {
            numerator *= factor
        } else {
            denominator *= factor
        }
        Ok(Exact::new(rounding.divide_big(&numerator, &denominator), -i32::from(places)))
    }

    /// The value with at most `places` decimals, rounded as named.
    #[must_use]
    pub fn rounded(&self, places: u16, rounding: Rounding) -> Exact {
        if -self.exponent <= i32::from(places) {
            return self.clone();
        }
        let factor = BigInt::from(10).pow((-self.exponent - i32::from(places)).unsigned_abs());
        Exact::new(rounding.divide_big(&self.mantissa, &factor), -i32::from(places))
    }

    /// Decimal text with exactly `places` decimals, for tables that people read (half even).
    #[must_use]
    pub fn to_fixed(&self, places: u16) -> String {
        let rounded = self.rounded(places, Rounding::HalfEven);
        let text = rounded.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
        let sign = if rounded.is_negative() { "-" } else { "" };
        let width = usize::from(places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction:0<width$}") }
    }

    /// As a ledger amount, rounded as named to 16 digits.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the ledger's range.
    pub fn to_issued(&self, rounding: Rounding) -> Result<IssuedValue, UnitsError> {
        let digits = self.mantissa.abs().to_string().len();
        let drop = i32::try_from(digits.saturating_sub(30)).map_err(|_| UnitsError::Overflow)?;
        if drop == 0 {
            let mantissa = self.mantissa.to_i128().ok_or(UnitsError::Overflow)?;
            return IssuedValue::from_parts_rounded(mantissa, self.exponent, rounding);
        }
        // More than 30 digits: keep 30 and one that stands for what was cut off, so that the
        // second rounding sees on which side of a tie the value lies.
        let factor = BigInt::from(10).pow(drop.unsigned_abs());
        let (quotient, remainder) = self.mantissa.div_rem(&factor);
        let sticky = if remainder.is_zero() { BigInt::zero() } else { self.mantissa.signum() };
        let mantissa = (quotient * BigInt::from(10) + sticky).to_i128().ok_or(UnitsError::Overflow)?;
        IssuedValue::from_parts_rounded(mantissa, self.exponent + drop - 1, rounding)
    }

    fn aligned(&self, other: &Exact) -> (BigInt, BigInt, i32) {
        let exponent = self.exponent.min(other.exponent);
        let scale = |x: &Exact| &x.mantissa * BigInt::from(10).pow((x.exponent - exponent).unsigned_abs());
        (scale(self), scale(other), exponent)
    }
}

impl From<IssuedValue> for Exact {
    fn from(value: IssuedValue) -> Exact {
        Exact::new(value.mantissa().into(), value.exponent())
    }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: &Exact) -> Exact {
        let (a, b, exponent) = self.aligned(other);
        Exact::new(a + b, exponent)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        let (a, b, exponent) = self.aligned(other);
        Exact::new(a - b, exponent)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        Exact::new(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        Exact { mantissa: -&self.mantissa, exponent: self.exponent }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b, _) = self.aligned(other);
        a.cmp(&b)
    }
}

/// Plain decimal text without exponent: `-0.000012`, `1234.5`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.abs().to_string();
        let sign = if self.mantissa.is_negative() { "-" } else { "" };
        if self.exponent >= 0 {
            return write!(f, "{sign}{digits}{}", "0".repeat(self.exponent.unsigned_abs() as usize));
        }
        let places = self.exponent.unsigned_abs() as usize;
        if digits.len() > places {
            let (whole, fraction) = digits.split_at(digits.len() - places);
            write!(f, "{sign}{whole}.{fraction}")
        } else {
            write!(f, "{sign}0.{digits:0>places$}")
        }
    }
}

/// From decimal text: optional sign, digits, optional fraction, optional exponent. At most 200 significant digits; the
/// exponent at most 400 in magnitude. What is read so is read again from its `Display` form.
impl std::str::FromStr for Exact {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        let malformed = || UnitsError::malformed(text);
        if text.len() > TEXT_MAX {
            return Err(malformed());
        }
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| malformed())?),
            None => (text, 0),
        };
        let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return Err(malformed());
        }
        if exponent.unsigned_abs() > EXPONENT_MAX.unsigned_abs() {
            return Err(if exponent > 0 { UnitsError::Overflow } else { UnitsError::Underflow });
        }
        let mut mantissa: BigInt = format!("{whole}{fraction}").parse().map_err(|_| malformed())?;
        if number.starts_with('-') {
            mantissa = -mantissa;
        }
        let exact = Exact::new(mantissa, exponent - i32::try_from(fraction.len()).map_err(|_| malformed())?);
        if exact.mantissa.bits() > BITS_MAX || exact.exponent.unsigned_abs() > SHIFT_MAX {
            return Err(UnitsError::too_precise(text));
        }
        Ok(exact)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn text_and_arithmetic_by_table() {
        assert_eq!(&exact("0.1") + &exact("0.2"), exact("0.3"));
        assert_eq!(
            &exact("1e30") - &exact("1e-30"),
            exact("999999999999999999999999999999.999999999999999999999999999999")
        );
        assert_eq!((&exact("-1.50") * &exact("2")).to_string(), "-3");
        assert_eq!(exact("100").divide(&exact("3"), 4, Rounding::HalfEven), Ok(exact("33.3333")));
        assert_eq!(exact("-0.000012").to_string(), "-0.000012");
        assert_eq!(exact("2.5").to_fixed(0), "2");
        assert_eq!(exact("2.5").to_fixed(3), "2.500");
        assert_eq!(exact("-0.004").to_fixed(2), "0.00");
        for bad in ["", ".", "NaN", "1.2.3", "--1", "1e", "inf", "0x1", "1_000"] {
            assert!(bad.parse::<Exact>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_read_is_read_again() {
        let nines = "9".repeat(190);
        for text in ["1e222", "1e-400", "-1.5e400", &format!("0.{nines}e-400"), &format!("{nines}e400")] {
            let value = exact(text);
            assert_eq!(exact(&value.to_string()), value, "{text}");
        }
        for bad in
            ["1e401", "9".repeat(201).as_str(), "9".repeat(1_001).as_str(), &format!("0.{nines}1{nines}")]
        {
            assert!(bad.parse::<Exact>().unwrap_err().to_string().len() < 100, "{bad}");
        }
    }

    #[test]
    fn a_long_value_rounds_once_to_the_ledger() {
        let tie_and_a_bit = exact("1.00000000000000050000000000000000000000000000001");
        assert_eq!(tie_and_a_bit.to_issued(Rounding::HalfEven).unwrap().to_string(), "1.000000000000001");
        let tie = exact("1.0000000000000005");
        assert_eq!(tie.to_issued(Rounding::HalfEven).unwrap().to_string(), "1");
    }
}
