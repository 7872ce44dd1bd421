//! The text of an issued amount, read strictly and written as the server writes it.

use crate::{Exact, IssuedValue, UnitsError};
use num_traits::ToPrimitive;
use std::fmt;

/// As the server writes it: plain decimals, or all 16 digits and an exponent when that lies below
/// -25 or above -5 (`STAmount::getText`). `1` is `1`, 10^20 is `1000000000000000e5`.
impl fmt::Display for IssuedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.exponent();
        if exponent != 0 && !(-25..=-5).contains(&exponent) {
            return write!(f, "{}e{exponent}", self.mantissa());
        }
        Exact::from(*self).fmt(f)
    }
}

impl IssuedValue {
    /// Plain decimal text, never an exponent.
    #[must_use]
    pub fn to_plain_string(self) -> String {
        Exact::from(self).to_string()
    }
}

/// From decimal text with an optional exponent.
///
/// At most 16 significant digits: the reference clients refuse more rather than round.
impl std::str::FromStr for IssuedValue {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        if let Some(value) = short(text) {
            return Ok(value);
        }
        let exact: Exact = text.parse()?;
        let (mantissa, exponent) = exact.parts();
        let mantissa = mantissa.to_i128().ok_or_else(|| UnitsError::too_precise(text))?;
        IssuedValue::from_parts(mantissa, exponent)
    }
}

/// Digits that fit a mantissa of 64 bits whatever they are.
const SHORT_DIGITS: u32 = 18;

/// The value of a text of few digits without an exponent, which nearly all are: read without a big number in between.
/// `None` leaves the text, right or wrong, to the reader of any number.
fn short(text: &str) -> Option<IssuedValue> {
    let (is_negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (mut mantissa, mut digits, mut point) = (0_i64, 0_u32, None);
    for byte in unsigned {
        match byte {
            b'0'..=b'9' if digits < SHORT_DIGITS => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                digits += 1;
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    let mut exponent = i32::try_from(point.unwrap_or(digits)).ok()? - i32::try_from(digits).ok()?;
    if mantissa == 0 {
        return Some(IssuedValue::ZERO);
    }
    while mantissa < IssuedValue::MANTISSA_MIN {
        mantissa *= 10;
        exponent -= 1;
    }
    while mantissa > IssuedValue::MANTISSA_MAX {
        if mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        exponent += 1;
    }
    IssuedValue::of_normal(if is_negative { -mantissa } else { mantissa }, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_by_table() {
        for (text, shown) in [
            ("0", "0"),
            ("-0", "0"),
            ("1", "1"),
            ("1.0", "1"),
            ("100", "100"),
            ("0.00001", "0.00001"),
            ("1e-81", "1000000000000000e-96"),
            ("1e20", "1000000000000000e5"),
            ("9999999999999999e80", "9999999999999999e80"),
            ("1234567890123456", "1234567890123456"),
            ("-85.12345678901234", "-85.12345678901234"),
        ] {
            let value: IssuedValue = text.parse().unwrap();
            assert_eq!(value.to_string(), shown);
            assert_eq!(shown.parse(), Ok(value), "round trip of {shown}");
        }
    }

    #[test]
    fn short_texts_are_read_as_any_number_is() {
        for text in [
            "0",
            "-0",
            "+5",
            ".5",
            "5.",
            "-.25",
            "00012.3400",
            "1234567890123456",
            "123456789012345600",
            "1234567890123456.00",
            "0.00000000000000001",
            "-0.012345678901234567",
            "12345678901234567",
            "999999999999999999",
            "99999999999999990",
            ".",
            "-",
            "+-1",
            "1.2.3",
            "1 ",
            "",
        ] {
            let exact = text.parse::<Exact>().ok();
            let slow = exact.and_then(|exact| {
                let (mantissa, exponent) = exact.parts();
                IssuedValue::from_parts(mantissa.to_i128()?, exponent).ok()
            });
            assert_eq!(text.parse::<IssuedValue>().ok(), slow, "{text}");
        }
    }

    #[test]
    fn refusals_by_table() {
        for text in ["12345678901234567", "1e97", "1e-82", "", "x", "1e400000", "1,5", " 1"] {
            assert!(text.parse::<IssuedValue>().is_err(), "{text:?}");
        }
    }
}
