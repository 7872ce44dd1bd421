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
        let exact: Exact = text.parse()?;
        let (mantissa, exponent) = exact.parts();
        let mantissa = mantissa.to_i128().ok_or_else(|| UnitsError::too_precise(text))?;
        IssuedValue::from_parts(mantissa, exponent)
    }
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
    fn refusals_by_table() {
        for text in ["12345678901234567", "1e97", "1e-82", "", "x", "1e400000", "1,5", " 1"] {
            assert!(text.parse::<IssuedValue>().is_err(), "{text:?}");
        }
    }
}
