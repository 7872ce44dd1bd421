//! XRP in whole drops: 1 XRP = 1,000,000 drops (XRP Ledger documentation, "Currency Formats").

use crate::{Exact, UnitsError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount or a change of XRP, in drops. Range: -10^17..=10^17 (all XRP there is).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Drops(i64);

impl Drops {
    /// The most drops there can be: 100 billion XRP.
    pub const MAX: Drops = Drops(100_000_000_000_000_000);
    /// No drops.
    pub const ZERO: Drops = Drops(0);
    /// Drops in one XRP.
    pub const PER_XRP: i64 = 1_000_000;

    /// Checked construction.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] outside -10^17..=10^17.
    pub const fn new(drops: i64) -> Result<Self, UnitsError> {
        if drops < -Self::MAX.0 || drops > Self::MAX.0 { Err(UnitsError::Overflow) } else { Ok(Drops(drops)) }
    }

    /// Whole XRP, for constants that fit by inspection; saturates at [`Drops::MAX`].
    #[must_use]
    pub const fn from_xrp(xrp: u32) -> Self {
        let drops = xrp as i64 * Self::PER_XRP;
        if drops > Self::MAX.0 { Self::MAX } else { Drops(drops) }
    }

    /// The number of drops.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] outside the range.
    pub fn checked_add(self, other: Drops) -> Result<Drops, UnitsError> {
        Drops::new(self.0 + other.0)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] outside the range.
    pub fn checked_sub(self, other: Drops) -> Result<Drops, UnitsError> {
        Drops::new(self.0 - other.0)
    }

    /// Sum that stops at the ends of the range.
    #[must_use]
    pub fn saturating_add(self, other: Drops) -> Drops {
        Drops((self.0 + other.0).clamp(-Self::MAX.0, Self::MAX.0))
    }

    /// Difference that stops at the ends of the range.
    #[must_use]
    pub fn saturating_sub(self, other: Drops) -> Drops {
        Drops((self.0 - other.0).clamp(-Self::MAX.0, Self::MAX.0))
    }

    /// The opposite change.
    #[must_use]
    pub const fn negate(self) -> Drops {
        Drops(-self.0)
    }

    /// The distance from zero.
    #[must_use]
    pub const fn abs(self) -> Drops {
        Drops(self.0.abs())
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// In XRP with six places, as the database holds it: `60.000000`, `-0.000012`.
    #[must_use]
    pub fn to_xrp_string(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        format!("{sign}{}.{:06}", magnitude / 1_000_000, magnitude % 1_000_000)
    }

    /// From XRP text with at most six places (`60`, `60.000001`).
    ///
    /// # Errors
    /// [`UnitsError`] for text that is no decimal, has more than six places, or is out of range.
    pub fn from_xrp_str(text: &str) -> Result<Drops, UnitsError> {
        let exact: Exact = text.parse()?;
        let drops = exact.scaled(6).to_i128().ok_or_else(|| UnitsError::too_precise(text))?;
        Drops::new(i64::try_from(drops).map_err(|_| UnitsError::Overflow)?)
    }
}

/// The integer number of drops, the ledger's own JSON form.
impl fmt::Display for Drops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// From the ledger's own form: an integer of drops without sign, exponent or point.
impl std::str::FromStr for Drops {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(UnitsError::malformed(text));
        }
        Drops::new(text.parse().map_err(|_| UnitsError::Overflow)?)
    }
}

impl<'de> Deserialize<'de> for Drops {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Drops::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms() {
        assert_eq!(Drops::from_xrp(60).to_xrp_string(), "60.000000");
        assert_eq!(Drops(-12).to_xrp_string(), "-0.000012");
        assert_eq!(Drops::from_xrp_str("0.000001"), Ok(Drops(1)));
        assert!(Drops::from_xrp_str("0.0000001").is_err());
        assert!("1e5".parse::<Drops>().is_err());
        assert!("100000000000000001".parse::<Drops>().is_err());
        assert_eq!("100000000000000000".parse(), Ok(Drops::MAX));
    }
}
