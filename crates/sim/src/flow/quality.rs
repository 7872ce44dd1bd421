//! The quality of an offer or a path: what must be paid for one unit got, as the ledger stores it. A lower number is a
//! better quality. Never compares qualities as decimals.

use units::UnitsError;
use units::stamount::{self, Kind, StAmount, Strictness, div_round, mul_round};

use crate::amount;

/// A stored rate: exponent plus 100 in the top byte, mantissa below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality(pub u64);

/// Amounts of an offer as its taker sees them: `paid` goes in, `got` comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// What the taker pays.
    pub paid: StAmount,
    /// What the taker gets.
    pub got: StAmount,
}

impl Quality {
    /// Rate 1.
    pub const ONE: Quality = Quality(85 << 56 | 1_000_000_000_000_000);
    /// The number of significant digits of a quality.
    pub const DIGITS_MAX: u8 = 16;

    /// The quality of a trade.
    pub fn of(pair: Pair) -> Quality {
        Quality(stamount::rate(pair.got, pair.paid))
    }

    /// The rate as an amount.
    pub fn rate(self) -> Result<StAmount, UnitsError> {
        stamount::rate_amount(self.0)
    }

    /// Whether it is worse than the other.
    pub fn is_worse_than(self, other: Quality) -> bool {
        self.0 > other.0
    }

    /// The next better quality.
    #[must_use]
    pub fn next_better(self) -> Quality {
        Quality(self.0.saturating_sub(1))
    }

    /// Rounded up to so many significant digits (a tick size).
    #[must_use]
    pub fn rounded_to(self, digits: u8) -> Quality {
        let modulus = 10_u64.pow(u32::from(Self::DIGITS_MAX.saturating_sub(digits)));
        let exponent = self.0 >> 56;
        let mantissa = self.0 & 0x00FF_FFFF_FFFF_FFFF;
        let raised = mantissa + (modulus - 1);
        Quality(exponent << 56 | (raised - raised % modulus))
    }

    /// One after the other.
    pub fn composed(self, other: Quality) -> Result<Quality, UnitsError> {
        let product = mul_round(self.rate()?, other.rate()?, Kind::Issued, true, Strictness::Loose)?;
        let StAmount::Issued(rate) = product else {
            return Err(UnitsError::Overflow);
        };
        let exponent = u64::try_from(rate.exponent() + 100).map_err(|_| UnitsError::Overflow)?;
        Ok(Quality(exponent << 56 | rate.mantissa().unsigned_abs()))
    }

    /// The offer cut down so that at most `limit` is paid.
    pub fn limit_paid(self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        if amount::compare(pair.paid, limit).is_le() {
            return Ok(pair);
        }
        let got = div_round(limit, self.rate()?, pair.got.kind(), up, Strictness::Strict)?;
        Ok(Pair { paid: limit, got: amount::least(got, pair.got) })
    }

    /// The offer cut down so that at most `limit` is got.
    pub fn limit_got(self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        if amount::compare(pair.got, limit).is_le() {
            return Ok(pair);
        }
        let paid = mul_round(limit, self.rate()?, pair.paid.kind(), up, Strictness::Strict)?;
        Ok(Pair { paid: amount::least(paid, pair.paid), got: limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_neutral_and_rounding_goes_up() {
        let quality = Quality(0x5A0E_8039_2863_AC69);
        assert_eq!(Quality::ONE.composed(quality), Ok(quality));
        assert_eq!(quality.composed(Quality::ONE), Ok(quality));
        let rounded = quality.rounded_to(3).0 & 0x00FF_FFFF_FFFF_FFFF;
        assert_eq!(rounded % 10_000_000_000_000, 0);
        assert!(quality.rounded_to(3).is_worse_than(quality));
        assert_eq!(quality.rounded_to(16), quality);
    }
}
