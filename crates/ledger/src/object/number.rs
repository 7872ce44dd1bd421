//! The ledger's `Number`: a signed mantissa and a decimal exponent, 12 bytes. Never calculates.

use std::fmt;
use std::str::FromStr;

/// A number of a vault or loan. Zero has its own exponent on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Signed mantissa.
    pub mantissa: i64,
    /// Power of ten.
    pub exponent: i32,
}

const MANTISSA_MIN: i128 = 1_000_000_000_000_000_000;
const MANTISSA_MAX: i128 = 9_999_999_999_999_999_999;
/// Mantissas of sixteen digits.
const SHORT_MANTISSA: std::ops::RangeInclusive<u64> = 1_000_000_000_000_000..=9_999_999_999_999_999;
const EXPONENT_MIN: i32 = -32_768;
const EXPONENT_MAX: i32 = 32_768;
/// The exponent zero is written with.
const ZERO_EXPONENT: i32 = i32::MIN;
const TEXT_MAX: usize = 64;

impl Number {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, exponent: ZERO_EXPONENT };

    /// The number of a mantissa and an exponent as they stand in bytes: nineteen digits where they fit 63 bits, else
    /// eighteen, or the sixteen that servers wrote before version 3.1; zero has its own exponent. `None` for any other
    /// pair: no server writes it.
    pub fn from_parts(mantissa: i64, exponent: i32) -> Option<Self> {
        let number = Self { mantissa, exponent };
        if number == Self::ZERO {
            return Some(number);
        }
        let normal = Self::normal(mantissa.into(), exponent)?;
        (normal == number || SHORT_MANTISSA.contains(&mantissa.unsigned_abs())).then_some(number)
    }

    /// Nineteen digits where they fit 63 bits, else eighteen; the first digit cut off rounds. `None` outside the
    /// range of exponents.
    fn normal(mantissa: i128, mut exponent: i32) -> Option<Self> {
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        let mut magnitude = mantissa.abs();
        let mut cut = 0;
        while magnitude < MANTISSA_MIN && exponent > EXPONENT_MIN {
            magnitude *= 10;
            exponent = exponent.checked_sub(1)?;
        }
        while magnitude > i128::from(i64::MAX) {
            cut = magnitude % 10;
            magnitude /= 10;
            exponent = exponent.checked_add(1)?;
        }
        magnitude += i128::from(cut >= 5);
        let fits = (EXPONENT_MIN..=EXPONENT_MAX).contains(&exponent) && magnitude >= MANTISSA_MIN / 10;
        if !fits {
            return None;
        }
        let mantissa = i64::try_from(if mantissa < 0 { -magnitude } else { magnitude }).ok()?;
        Some(Self { mantissa, exponent })
    }
}

impl FromStr for Number {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        parse(text).ok_or(())
    }
}

fn parse(text: &str) -> Option<Number> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let (number, power) = match text.split_once(['e', 'E']) {
        Some((number, power)) => (number, signed(power)?),
        None => (text, 0),
    };
    let (negative, digits) = match number.as_bytes().first()? {
        b'-' => (true, &number[1..]),
        b'+' => (false, &number[1..]),
        _ => (false, number),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (digits, ""),
    };
    let both = format!("{whole}{fraction}");
    if whole.is_empty() || both.len() > 36 || !both.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let magnitude: i128 = both.parse().ok()?;
    let exponent = power.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    Number::normal(if negative { -magnitude } else { magnitude }, exponent)
}

fn signed(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl fmt::Display for Number {
    /// As the server prints it: with a mantissa of nineteen digits, plain for exponents -28..=-8 and 0, else mantissa
    /// and exponent without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut magnitude = i128::from(self.mantissa).abs();
        let mut exponent = i64::from(self.exponent);
        if magnitude == 0 {
            return f.write_str("0");
        }
        while magnitude < MANTISSA_MIN {
            magnitude *= 10;
            exponent -= 1;
        }
        while magnitude > MANTISSA_MAX {
            magnitude /= 10;
            exponent += 1;
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if (-28..=-8).contains(&exponent) {
            let places = usize::try_from(-exponent).unwrap_or(0);
            let digits = format!("{magnitude:0>width$}", width = places + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            return write!(f, "{sign}{whole}{point}{fraction}");
        }
        while exponent != 0 && magnitude % 10 == 0 {
            magnitude /= 10;
            exponent += 1;
        }
        if exponent == 0 { write!(f, "{sign}{magnitude}") } else { write!(f, "{sign}{magnitude}e{exponent}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trip() {
        for (text, printed) in [
            ("0", "0"),
            ("0.0", "0"),
            ("123", "123"),
            ("-00123.45", "-123.45"),
            ("+7.1e2", "710"),
            ("1e100", "1e100"),
            ("9223372036854775900", "9223372036854775900"),
            ("12347865.746832746", "12347865.746832746"),
            ("-1e-40", "-1e-40"),
            ("0.00000001", "0.00000001"),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), printed, "{text}");
        }
        for text in ["1e32786", "-9999999999999999999e32767", "1e-32750", "9223372036854775808e32767"] {
            let number: Number = text.parse().unwrap();
            assert_eq!(number.to_string().parse::<Number>().unwrap(), number, "{text}");
            assert_eq!(Number::from_parts(number.mantissa, number.exponent), Some(number), "{text}");
        }
        for (mantissa, exponent) in [(0, 0), (1, 0), (0, -5), (i64::MIN, 603_983_886), (12_345, i32::MIN)] {
            assert_eq!(Number::from_parts(mantissa, exponent), None, "{mantissa}e{exponent}");
        }
        assert!(Number::from_parts(1_000_000_000_000_000, -15).is_some());
        // The smallest power of ten is refused, not read as zero: what is written is what was said.
        for bad in
            ["1e32787", "1e-32787", "1e-32768", "", "-", ".5", "5.", "1e", "1e99999", "x", "1 ", "é", "1e+"]
        {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }
}
