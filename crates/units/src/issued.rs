//! Issued amounts as the ledger holds them: 16-digit mantissa, decimal exponent, the ledger's
//! rounding (XRP Ledger documentation, "Currency Formats: Token Precision"; the server's `Number`).

use crate::{Rounding, UnitsError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;

/// The value of an issued amount, in units of its currency.
///
/// Either zero or `mantissa * 10^exponent` with a mantissa of exactly 16 digits and an exponent of
/// -96..=80. Sums round half to even at the 16th digit and fall to zero below the smallest
/// magnitude, as the server's do since `fixUniversalNumber`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct IssuedValue {
    mantissa: i64,
    exponent: i8,
}

impl IssuedValue {
    /// Smallest mantissa of a value that is not zero.
    pub const MANTISSA_MIN: i64 = 1_000_000_000_000_000;
    /// Largest mantissa.
    pub const MANTISSA_MAX: i64 = 9_999_999_999_999_999;
    /// Smallest exponent.
    pub const EXPONENT_MIN: i32 = -96;
    /// Largest exponent.
    pub const EXPONENT_MAX: i32 = 80;
    /// Zero.
    pub const ZERO: IssuedValue = IssuedValue { mantissa: 0, exponent: 0 };
    /// The smallest positive value, 10^-81.
    pub const MIN_POSITIVE: IssuedValue = IssuedValue { mantissa: Self::MANTISSA_MIN, exponent: -96 };

    /// The exact value `mantissa * 10^exponent`.
    ///
    /// # Errors
    /// [`UnitsError::TooPrecise`] above 16 significant digits, [`UnitsError::Overflow`] and
    /// [`UnitsError::Underflow`] outside the range.
    pub fn from_parts(mantissa: i128, exponent: i32) -> Result<IssuedValue, UnitsError> {
        let (mut digits, mut power) = (mantissa, exponent);
        while digits != 0 && digits % 10 == 0 {
            digits /= 10;
            power = power.saturating_add(1);
        }
        if digits.unsigned_abs() > Self::MANTISSA_MAX.unsigned_abs().into() {
            return Err(UnitsError::TooPrecise(format!("{mantissa}e{exponent}")));
        }
        let value = Self::from_parts_rounded(digits, power, Rounding::HalfEven)?;
        if value.is_zero() && mantissa != 0 { Err(UnitsError::Underflow) } else { Ok(value) }
    }

    /// `mantissa * 10^exponent` rounded to 16 digits as named; zero below the smallest magnitude.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the range.
    pub fn from_parts_rounded(
        mantissa: i128,
        exponent: i32,
        rounding: Rounding,
    ) -> Result<IssuedValue, UnitsError> {
        const MIN: u128 = IssuedValue::MANTISSA_MIN.unsigned_abs() as u128;
        const MAX: u128 = IssuedValue::MANTISSA_MAX.unsigned_abs() as u128;
        if mantissa == 0 {
            return Ok(Self::ZERO);
        }
        let (mut magnitude, mut power) = (mantissa.unsigned_abs(), exponent);
        while magnitude < MIN {
            magnitude *= 10;
            power = power.saturating_sub(1);
        }
        if magnitude > MAX {
            let shift = decimal_digits(magnitude) - 16;
            let factor = 10_i128.pow(shift);
            let signed = rounding.divide(
                mantissa.signum() * i128::try_from(magnitude).map_err(|_| UnitsError::Overflow)?,
                factor,
            )?;
            power = power.saturating_add_unsigned(shift);
            magnitude = signed.unsigned_abs();
            if magnitude > MAX {
                magnitude /= 10;
                power = power.saturating_add(1);
            }
        }
        if power < Self::EXPONENT_MIN {
            return Ok(Self::ZERO);
        }
        if power > Self::EXPONENT_MAX {
            return Err(UnitsError::Overflow);
        }
        let magnitude = i64::try_from(magnitude).map_err(|_| UnitsError::Overflow)?;
        let exponent = i8::try_from(power).map_err(|_| UnitsError::Overflow)?;
        Ok(IssuedValue { mantissa: if mantissa < 0 { -magnitude } else { magnitude }, exponent })
    }

    /// A value whose mantissa has its 16 digits already; `None` where it has not, or the exponent is out of range.
    pub(crate) fn of_normal(mantissa: i64, exponent: i32) -> Option<IssuedValue> {
        let is_normal = (Self::MANTISSA_MIN..=Self::MANTISSA_MAX).contains(&mantissa.checked_abs()?)
            && (Self::EXPONENT_MIN..=Self::EXPONENT_MAX).contains(&exponent);
        let exponent = i8::try_from(exponent).ok()?;
        is_normal.then_some(IssuedValue { mantissa, exponent })
    }

    /// A whole number of units, for constants and tests.
    #[must_use]
    pub fn from_int(units: i32) -> IssuedValue {
        Self::from_parts_rounded(units.into(), 0, Rounding::HalfEven).unwrap_or(Self::ZERO)
    }

    /// The signed mantissa: 0, or 16 digits.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The exponent; 0 for zero.
    #[must_use]
    pub const fn exponent(self) -> i32 {
        self.exponent as i32
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.mantissa > 0
    }

    /// The opposite value.
    #[must_use]
    pub const fn negate(self) -> IssuedValue {
        IssuedValue { mantissa: -self.mantissa, exponent: self.exponent }
    }

    /// The distance from zero.
    #[must_use]
    pub const fn abs(self) -> IssuedValue {
        IssuedValue { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    /// Sum, rounded half to even to 16 digits as on the ledger.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the range.
    pub fn checked_add(self, other: IssuedValue) -> Result<IssuedValue, UnitsError> {
        if self.is_zero() {
            return Ok(other);
        }
        if other.is_zero() {
            return Ok(self);
        }
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let shift = large.exponent().abs_diff(small.exponent());
        if shift > 21 {
            // Less than a 10^5th of half a unit in the last place: it cannot change the sum.
            return Ok(large);
        }
        let sum = i128::from(large.mantissa) * 10_i128.pow(shift) + i128::from(small.mantissa);
        Self::from_parts_rounded(sum, small.exponent(), Rounding::HalfEven)
    }

    /// Difference, rounded half to even to 16 digits as on the ledger.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above the range.
    pub fn checked_sub(self, other: IssuedValue) -> Result<IssuedValue, UnitsError> {
        self.checked_add(other.negate())
    }
}

fn decimal_digits(value: u128) -> u32 {
    value.checked_ilog10().map_or(1, |log| log + 1)
}

impl PartialOrd for IssuedValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for IssuedValue {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = self.mantissa.signum().cmp(&other.mantissa.signum());
        if sign != Ordering::Equal || self.is_zero() {
            return sign;
        }
        let magnitude = (self.exponent, self.mantissa.abs()).cmp(&(other.exponent, other.mantissa.abs()));
        if self.is_negative() { magnitude.reverse() } else { magnitude }
    }
}

impl Serialize for IssuedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.mantissa, self.exponent).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for IssuedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let (mantissa, exponent) = <(i64, i8)>::deserialize(deserializer)?;
        IssuedValue::from_parts(mantissa.into(), exponent.into()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> IssuedValue {
        text.parse().unwrap()
    }

    #[test]
    fn sums_round_as_the_ledger() {
        for (a, b, sum) in [
            ("1", "0.000000000000001", "1.000000000000001"),
            ("1", "0.0000000000000005", "1"),
            ("1.000000000000001", "0.0000000000000005", "1.000000000000002"),
            ("9999999999999999", "1", "10000000000000000"),
            ("1", "-0.00000000000000001", "1"),
            ("1e-81", "-1e-81", "0"),
            ("1.5e-81", "-1e-81", "0"),
            ("100", "-99.99999999999999", "0.00000000000001"),
        ] {
            assert_eq!(value(a).checked_add(value(b)), Ok(value(sum)), "{a} + {b}");
        }
        let top = value("9999999999999999e80");
        assert_eq!(top.checked_add(top), Err(UnitsError::Overflow));
    }

    #[test]
    fn order_agrees_with_value() {
        let sorted =
            ["-1e20", "-2", "-1", "-1e-81", "0", "1e-81", "0.5", "1", "9", "10", "9999999999999999e80"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(value(a).cmp(&value(b)), i.cmp(&j), "{a} ? {b}");
            }
        }
    }
}
