//! Prices: RLUSD per XRP, fixed point with twelve decimals.

use crate::{Drops, Exact, IssuedValue, MicroBps, Rounding, UnitsError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Quote units per base unit (RLUSD per XRP) in steps of 10^-12; above zero, below 18.4 million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(u64);

impl Price {
    /// Steps in a price of one.
    pub const PER_ONE: u64 = 1_000_000_000_000;

    /// From steps of 10^-12.
    ///
    /// # Errors
    /// [`UnitsError::Underflow`] for zero.
    pub const fn from_pico(pico: u64) -> Result<Price, UnitsError> {
        if pico == 0 { Err(UnitsError::Underflow) } else { Ok(Price(pico)) }
    }

    /// In steps of 10^-12.
    #[must_use]
    pub const fn pico(self) -> u64 {
        self.0
    }

    /// The price of an offer: `quote` RLUSD against `base` drops, rounded as named.
    ///
    /// # Errors
    /// [`UnitsError`] unless both legs are positive and the price is in range.
    pub fn from_legs(quote: IssuedValue, base: Drops, rounding: Rounding) -> Result<Price, UnitsError> {
        if !quote.is_positive() || base.get() <= 0 {
            return Err(UnitsError::DivisionByZero);
        }
        // quote * 10^e RLUSD / (drops * 10^-6 XRP) in steps of 10^-12
        let shift = quote.exponent() + 18;
        let mantissa = i128::from(quote.mantissa());
        let drops = i128::from(base.get());
        let steps = if shift >= 0 {
            let factor = power_of_ten(shift)?;
            rounding.divide(mantissa.checked_mul(factor).ok_or(UnitsError::Overflow)?, drops)?
        } else {
            match power_of_ten(-shift).ok().and_then(|factor| drops.checked_mul(factor)) {
                Some(denominator) => rounding.divide(mantissa, denominator)?,
                None => i128::from(rounding == Rounding::Up),
            }
        };
        Price::from_pico(u64::try_from(steps).map_err(|_| UnitsError::Overflow)?)
    }

    /// The price of any offer that the ledger can hold, which may be out of the range of prices: then the nearest there is.
    /// `None` unless both legs are positive.
    #[must_use]
    pub fn nearest(quote: IssuedValue, base: Drops, rounding: Rounding) -> Option<Price> {
        match Price::from_legs(quote, base, rounding) {
            Ok(price) => Some(price),
            Err(UnitsError::Overflow) => Some(Price(u64::MAX)),
            Err(UnitsError::Underflow) => Some(Price(1)),
            Err(_) => None,
        }
    }

    /// This price times `1 + offset`, rounded as named.
    ///
    /// # Errors
    /// [`UnitsError`] when the result is not a price.
    pub fn offset_by(self, offset: MicroBps, rounding: Rounding) -> Result<Price, UnitsError> {
        let one = i128::from(MicroBps::PER_ONE);
        let factor = one + i128::from(offset.get());
        if factor <= 0 {
            return Err(UnitsError::Underflow);
        }
        let steps = i128::from(self.0).checked_mul(factor).ok_or(UnitsError::Overflow)?;
        Price::from_pico(u64::try_from(rounding.divide(steps, one)?).map_err(|_| UnitsError::Overflow)?)
    }

    /// The middle of two prices, rounded down to a step.
    #[must_use]
    pub const fn midpoint(self, other: Price) -> Price {
        Price(self.0.midpoint(other.0))
    }

    /// `(self - reference) / reference`, towards zero.
    #[must_use]
    pub fn relative_to(self, reference: Price) -> MicroBps {
        let difference = i128::from(self.0) - i128::from(reference.0);
        let units = difference * i128::from(MicroBps::PER_ONE) / i128::from(reference.0);
        MicroBps(i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX }))
    }

    /// What `base` is worth in RLUSD at this price, rounded as named to 16 digits.
    ///
    /// # Errors
    /// Never for real amounts; [`UnitsError::Overflow`] beyond the ledger's range.
    pub fn value_of(self, base: Drops, rounding: Rounding) -> Result<IssuedValue, UnitsError> {
        IssuedValue::from_parts_rounded(i128::from(self.0) * i128::from(base.get()), -18, rounding)
    }

    /// How many drops `quote` RLUSD buys at this price, rounded as named.
    ///
    /// # Errors
    /// [`UnitsError::Overflow`] above all XRP there is.
    pub fn base_for(self, quote: IssuedValue, rounding: Rounding) -> Result<Drops, UnitsError> {
        let shift = quote.exponent() + 18;
        let mantissa = i128::from(quote.mantissa());
        let price = i128::from(self.0);
        let drops = if shift >= 0 {
            rounding.divide(mantissa.checked_mul(power_of_ten(shift)?).ok_or(UnitsError::Overflow)?, price)?
        } else {
            match power_of_ten(-shift).ok().and_then(|factor| price.checked_mul(factor)) {
                Some(denominator) => rounding.divide(mantissa, denominator)?,
                None => i128::from(rounding == Rounding::Up && mantissa > 0),
            }
        };
        Drops::new(i64::try_from(drops).map_err(|_| UnitsError::Overflow)?)
    }

    /// As an exact decimal.
    #[must_use]
    pub fn to_exact(self) -> Exact {
        Exact::from_parts(self.0.into(), -12)
    }
}

fn power_of_ten(exponent: i32) -> Result<i128, UnitsError> {
    u32::try_from(exponent).ok().and_then(|e| 10_i128.checked_pow(e)).ok_or(UnitsError::Overflow)
}

/// Plain decimal text: `1.41815`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_exact().fmt(f)
    }
}

impl std::str::FromStr for Price {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        let exact: Exact = text.parse()?;
        let steps = exact.scaled(12).to_i128().ok_or_else(|| UnitsError::too_precise(text))?;
        Price::from_pico(u64::try_from(steps).map_err(|_| UnitsError::Overflow)?)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            Price::from_pico(u64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn legs_offsets_and_sizes() {
        let quote: IssuedValue = "15".parse().unwrap();
        let base = Drops::new(10_577_162).unwrap();
        assert_eq!(Price::from_legs(quote, base, Rounding::Down), Ok(price("1.418149783467")));
        assert_eq!(price("2").offset_by(MicroBps::from_bps(-10), Rounding::Down), Ok(price("1.998")));
        assert_eq!(price("1.998").relative_to(price("2")), MicroBps::from_bps(-10));
        assert_eq!(price("1.5").value_of(Drops::from_xrp(3), Rounding::Down).unwrap().to_string(), "4.5");
        assert_eq!(price("3").base_for(IssuedValue::from_int(1), Rounding::Up), Drops::new(333_334));
        assert!(Price::from_legs(IssuedValue::ZERO, base, Rounding::Up).is_err());
        assert!("0".parse::<Price>().is_err());
        assert!("-1".parse::<Price>().is_err());
    }
}
