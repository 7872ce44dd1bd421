//! Signals in millionths of a basis point: integers, so that no signal that decides is a float.

use crate::{Exact, UnitsError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Millionths of a basis point: 1 bps = 10^-4 = 1,000,000 of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroBps(pub i64);

impl MicroBps {
    /// Units in one basis point.
    pub const PER_BPS: i64 = 1_000_000;
    /// Units in one whole (100 %).
    pub const PER_ONE: i64 = 10_000 * Self::PER_BPS;
    /// Nothing.
    pub const ZERO: MicroBps = MicroBps(0);

    /// Whole basis points.
    #[must_use]
    pub const fn from_bps(bps: i32) -> MicroBps {
        MicroBps(bps as i64 * Self::PER_BPS)
    }

    /// The number of units.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum that stops at the ends of the range.
    #[must_use]
    pub const fn saturating_add(self, other: MicroBps) -> MicroBps {
        MicroBps(self.0.saturating_add(other.0))
    }

    /// Difference that stops at the ends of the range.
    #[must_use]
    pub const fn saturating_sub(self, other: MicroBps) -> MicroBps {
        MicroBps(self.0.saturating_sub(other.0))
    }

    /// From decimal text in bps with at most six places (`10.0`, `-0.65`).
    ///
    /// # Errors
    /// [`UnitsError`] for text that is no decimal, too precise or out of range.
    pub fn from_bps_str(text: &str) -> Result<MicroBps, UnitsError> {
        let exact: Exact = text.parse()?;
        let units = exact.scaled(6).to_i128().ok_or_else(|| UnitsError::too_precise(text))?;
        i64::try_from(units).map(MicroBps).map_err(|_| UnitsError::Overflow)
    }
}

/// Decimal text in bps: `10`, `-0.65`, `3.4`.
impl fmt::Display for MicroBps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Exact::new(self.0.into(), -6).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms() {
        for (units, text) in [(10_000_000, "10"), (-650_000, "-0.65"), (1, "0.000001"), (0, "0")] {
            assert_eq!(MicroBps(units).to_string(), text);
            assert_eq!(MicroBps::from_bps_str(text), Ok(MicroBps(units)));
        }
        assert!(MicroBps::from_bps_str("0.0000001").is_err());
        assert!(MicroBps::from_bps_str("NaN").is_err());
    }
}
