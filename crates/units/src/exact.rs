//! Decimals without rounding, for sums that must balance to the last digit.
//!
//! The ledger rounds a trust-line balance to 16 digits at each step; books that are to prove that
//! every digit is explained must add the recorded changes without rounding again.

mod mantissa;

use crate::{Drops, IssuedValue, Rounding, UnitsError};
use mantissa::{Mantissa, power_of_ten};
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
    mantissa: Mantissa,
    exponent: i32,
}

impl Exact {
    /// The value `mantissa * 10^exponent`.
    #[must_use]
    pub fn new(mantissa: BigInt, exponent: i32) -> Exact {
        Exact::lowest(Mantissa::from(mantissa), exponent)
    }

    /// The value `mantissa * 10^exponent`, of a mantissa that 128 bits hold.
    #[must_use]
    pub fn from_parts(mantissa: i128, exponent: i32) -> Exact {
        Exact::lowest(Mantissa::Small(mantissa), exponent)
    }

    fn lowest(mantissa: Mantissa, exponent: i32) -> Exact {
        if mantissa.is_zero() {
            return Exact::default();
        }
        let (mantissa, taken) = mantissa.lowest();
        Exact { mantissa, exponent: exponent + taken }
    }

    /// Mantissa without trailing zeros, and exponent.
    #[must_use]
    pub fn parts(&self) -> (BigInt, i32) {
        (self.mantissa.to_big(), self.exponent)
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
        Exact::lowest(self.mantissa.clone(), self.exponent.saturating_add(places))
    }

    /// The value as an integer, if it is one of at most 127 bits.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        if self.exponent < 0 || self.exponent > 40 {
            return None;
        }
        self.mantissa.shifted(self.exponent.unsigned_abs())
    }

    /// An amount of XRP, in XRP.
    #[must_use]
    pub fn from_drops(drops: Drops) -> Exact {
        Exact::from_parts(drops.get().into(), -6)
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
        let (up, down) = (shift.max(0).unsigned_abs(), shift.min(0).unsigned_abs());
        let places = -i32::from(places);
        if let (Some(numerator), Some(denominator)) =
            (self.mantissa.shifted(up), divisor.mantissa.shifted(down).filter(|value| *value > 0))
        {
            return Ok(Exact::from_parts(rounding.divide(numerator, denominator)?, places));
        }
        let (mut numerator, mut denominator) =
            (self.mantissa.shifted_big(up), divisor.mantissa.shifted_big(down));
        if denominator.is_negative() {
            (numerator, denominator) = (-numerator, -denominator);
        }
        Ok(Exact::new(rounding.divide_big(&numerator, &denominator), places))
    }

    /// The value with at most `places` decimals, rounded as named.
    #[must_use]
    pub fn rounded(&self, places: u16, rounding: Rounding) -> Exact {
        if -self.exponent <= i32::from(places) {
            return self.clone();
        }
        let (cut, places) = ((-self.exponent - i32::from(places)).unsigned_abs(), -i32::from(places));
        let small = self.mantissa.shifted(0).zip(power_of_ten(cut));
        match small.and_then(|(mantissa, factor)| rounding.divide(mantissa, factor).ok()) {
            Some(rounded) => Exact::from_parts(rounded, places),
            None => {
                let factor = BigInt::from(10).pow(cut);
                Exact::new(rounding.divide_big(&self.mantissa.to_big(), &factor), places)
            }
        }
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
        let drop =
            i32::try_from(self.mantissa.digits().saturating_sub(30)).map_err(|_| UnitsError::Overflow)?;
        if drop == 0 {
            let mantissa = self.mantissa.shifted(0).ok_or(UnitsError::Overflow)?;
            return IssuedValue::from_parts_rounded(mantissa, self.exponent, rounding);
        }
        // More than 30 digits: keep 30 and one that stands for what was cut off, so that the
        // second rounding sees on which side of a tie the value lies.
        let factor = BigInt::from(10).pow(drop.unsigned_abs());
        let whole = self.mantissa.to_big();
        let (quotient, remainder) = whole.div_rem(&factor);
        let sticky = if remainder.is_zero() { BigInt::zero() } else { whole.signum() };
        let mantissa = (quotient * BigInt::from(10) + sticky).to_i128().ok_or(UnitsError::Overflow)?;
        IssuedValue::from_parts_rounded(mantissa, self.exponent + drop - 1, rounding)
    }

    /// Both mantissas for the lower of the two exponents, where 128 bits do; and that exponent.
    fn aligned(&self, other: &Exact) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let scale = |x: &Exact| x.mantissa.shifted((x.exponent - exponent).unsigned_abs());
        Some((scale(self)?, scale(other)?, exponent))
    }

    /// The same of any size.
    fn aligned_big(&self, other: &Exact) -> (BigInt, BigInt, i32) {
        let exponent = self.exponent.min(other.exponent);
        let scale = |x: &Exact| x.mantissa.shifted_big((x.exponent - exponent).unsigned_abs());
        (scale(self), scale(other), exponent)
    }
}

impl From<IssuedValue> for Exact {
    fn from(value: IssuedValue) -> Exact {
        Exact::from_parts(value.mantissa().into(), value.exponent())
    }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: &Exact) -> Exact {
        let small = self.aligned(other).and_then(|(a, b, exponent)| Some((a.checked_add(b)?, exponent)));
        if let Some((sum, exponent)) = small {
            return Exact::from_parts(sum, exponent);
        }
        let (a, b, exponent) = self.aligned_big(other);
        Exact::new(a + b, exponent)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        let small = self.aligned(other).and_then(|(a, b, exponent)| Some((a.checked_sub(b)?, exponent)));
        if let Some((sum, exponent)) = small {
            return Exact::from_parts(sum, exponent);
        }
        let (a, b, exponent) = self.aligned_big(other);
        Exact::new(a - b, exponent)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        let exponent = self.exponent + other.exponent;
        let small = self.mantissa.shifted(0).zip(other.mantissa.shifted(0));
        match small.and_then(|(a, b)| a.checked_mul(b)) {
            Some(product) => Exact::from_parts(product, exponent),
            None => Exact::new(self.mantissa.to_big() * other.mantissa.to_big(), exponent),
        }
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        Exact { mantissa: self.mantissa.negated(), exponent: self.exponent }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((a, b, _)) = self.aligned(other) {
            return a.cmp(&b);
        }
        let (a, b, _) = self.aligned_big(other);
        a.cmp(&b)
    }
}

/// Plain decimal text without exponent: `-0.000012`, `1234.5`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa.is_negative() {
            f.write_str("-")?;
        }
        let zeros = |f: &mut fmt::Formatter<'_>, count: usize| (0..count).try_for_each(|_| f.write_str("0"));
        let shift = self.exponent.unsigned_abs() as usize;
        self.mantissa.with_digits(|digits| {
            if self.exponent >= 0 {
                f.write_str(digits)?;
                return zeros(f, shift);
            }
            match digits.len().checked_sub(shift).filter(|whole| *whole > 0) {
                Some(whole) => {
                    let (whole, fraction) = digits.split_at(whole);
                    f.write_str(whole)?;
                    f.write_str(".")?;
                    f.write_str(fraction)
                }
                None => {
                    f.write_str("0.")?;
                    zeros(f, shift - digits.len())?;
                    f.write_str(digits)
                }
            }
        })
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
        let mut mantissa = match digits(whole, fraction) {
            Some(small) => Mantissa::Small(small),
            None => Mantissa::from(format!("{whole}{fraction}").parse::<BigInt>().map_err(|_| malformed())?),
        };
        if number.starts_with('-') {
            mantissa = mantissa.negated();
        }
        let exponent = exponent - i32::try_from(fraction.len()).map_err(|_| malformed())?;
        let exact = Exact::lowest(mantissa, exponent);
        let is_long = matches!(&exact.mantissa, Mantissa::Big(value) if value.bits() > BITS_MAX);
        if is_long || exact.exponent.unsigned_abs() > SHIFT_MAX {
            return Err(UnitsError::too_precise(text));
        }
        Ok(exact)
    }
}

/// Digits before and after the point as one number, where they are few enough for 128 bits.
fn digits(whole: &str, fraction: &str) -> Option<i128> {
    let all = whole.bytes().chain(fraction.bytes());
    (whole.len() + fraction.len() <= 38)
        .then(|| all.fold(0, |number, digit| number * 10 + i128::from(digit - b'0')))
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A binary form wants the length first: written once here, or twice there.
        serializer.serialize_str(&self.to_string())
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

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    /// The value as the integer that it is of 10^-80, and back: arithmetic that has no small form.
    fn wide(value: &Exact) -> BigInt {
        let (mantissa, exponent) = value.parts();
        mantissa * BigInt::from(10).pow((exponent + 80).unsigned_abs())
    }

    fn anyone() -> impl Strategy<Value = Exact> {
        let mantissa = prop_oneof![
            any::<i64>().prop_map(BigInt::from),
            any::<i128>().prop_map(BigInt::from),
            (any::<i128>(), any::<i64>()).prop_map(|(a, b)| BigInt::from(a) * BigInt::from(b)),
            (-2..3_i128).prop_map(|a| BigInt::from(i128::MAX) + a),
            (-2..3_i128).prop_map(|a| BigInt::from(i128::MIN) + a),
            (-9..10_i128, 0..45_u32).prop_map(|(a, zeros)| BigInt::from(a) * BigInt::from(10).pow(zeros)),
        ];
        (mantissa, -40..20_i32).prop_map(|(mantissa, exponent)| Exact::new(mantissa, exponent))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, rng_seed: RngSeed::Fixed(5), failure_persistence: None,
            ..ProptestConfig::default() })]

        #[test]
        fn small_arithmetic_is_the_wide_one(a in anyone(), b in anyone(), places in 0..30_u16) {
            let of = |value: BigInt, exponent: i32| Exact::new(value, exponent);
            prop_assert_eq!(&a + &b, of(wide(&a) + wide(&b), -80));
            prop_assert_eq!(&a - &b, of(wide(&a) - wide(&b), -80));
            prop_assert_eq!(&a * &b, of(wide(&a) * wide(&b), -160));
            prop_assert_eq!(-&a, of(-wide(&a), -80));
            prop_assert_eq!(a.abs(), of(wide(&a).abs(), -80));
            prop_assert_eq!(a.cmp(&b), wide(&a).cmp(&wide(&b)));
            prop_assert_eq!(a.is_negative(), wide(&a).is_negative());
            let text = a.to_string();
            prop_assert_eq!(exact(&text), a.clone());
            prop_assert!(!text.starts_with('.'), "{}", text);
            prop_assert!(!text.contains('.') || !text.ends_with('0'), "{}", text);
            let cut = BigInt::from(10).pow(u32::from(80 - places));
            for rounding in [Rounding::HalfEven, Rounding::TowardsZero, Rounding::Down, Rounding::Up] {
                prop_assert_eq!(
                    a.rounded(places, rounding), of(rounding.divide_big(&wide(&a), &cut), -i32::from(places))
                );
                if !b.is_zero() {
                    let sign = if b.is_negative() { -1 } else { 1 };
                    let numerator = wide(&a) * BigInt::from(10).pow(places.into()) * sign;
                    let quotient = rounding.divide_big(&numerator, &(wide(&b) * sign));
                    prop_assert_eq!(a.divide(&b, places, rounding), Ok(of(quotient, -i32::from(places))));
                }
            }
            let is_whole = (&wide(&a) % BigInt::from(10).pow(80)).is_zero();
            let integer = (is_whole && a.parts().1 <= 40).then(|| wide(&a) / BigInt::from(10).pow(80));
            prop_assert_eq!(a.to_i128(), integer.and_then(|value| value.to_i128()));
        }
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
