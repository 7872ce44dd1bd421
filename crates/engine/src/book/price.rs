//! The price an offer was placed at. Never that of what is left of it, which rounding moves.

use crate::input::BookOffer;
use crate::side::Side;
use units::stamount::{StAmount, rate_amount};
use units::{Exact, IssuedValue, Price, Rounding};

/// The price an offer was placed at: from its quality where known (TakerPays per TakerGets, in drops and RLUSD), else
/// from its amounts.
pub(super) fn price_of(offer: &BookOffer) -> Option<Price> {
    if !offer.legs.is_positive() {
        return None;
    }
    let rate = offer.quality.and_then(|rate| rate_amount(rate).ok()).and_then(|amount| match amount {
        StAmount::Issued(value) if value.is_positive() => Some(value),
        StAmount::Issued(_) | StAmount::Native(_) => None,
    });
    let pico = rate.and_then(|rate| narrow_pico(offer.side, rate).or_else(|| wide_pico(offer.side, rate)));
    match pico.and_then(|p| u64::try_from(p).ok()).and_then(|p| Price::from_pico(p).ok()) {
        Some(price) => Some(price),
        None => offer.legs.price(Rounding::HalfEven).ok(),
    }
}

/// The price of a rate in steps of 10^-12, half to even, where 128 bits do: no number is made on the heap. A seller's rate
/// is RLUSD for a drop, a buyer's drops for one RLUSD.
fn narrow_pico(side: Side, rate: IssuedValue) -> Option<i128> {
    let mantissa = i128::from(rate.mantissa());
    let power = |exponent: i32| 10_i128.checked_pow(u32::try_from(exponent).ok()?);
    match side {
        Side::Sell if rate.exponent() >= -18 => mantissa.checked_mul(power(rate.exponent() + 18)?),
        Side::Sell => Rounding::HalfEven.divide(mantissa, power(-18 - rate.exponent())?).ok(),
        Side::Buy => Rounding::HalfEven.divide(power(18 - rate.exponent())?, mantissa).ok(),
    }
}

/// The same for any rate; `None` where the price is beyond 128 bits.
fn wide_pico(side: Side, rate: IssuedValue) -> Option<i128> {
    let rate = Exact::from(rate);
    let price = match side {
        Side::Sell => rate.scaled(6),
        Side::Buy => Exact::new(1.into(), 6).divide(&rate, 12, Rounding::HalfEven).ok()?,
    };
    price.rounded(12, Rounding::HalfEven).scaled(12).to_i128()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, rng_seed: RngSeed::Fixed(3), failure_persistence: None,
            ..ProptestConfig::default() })]

        #[test]
        fn a_narrow_price_is_the_wide_one(
            mantissa in IssuedValue::MANTISSA_MIN..=IssuedValue::MANTISSA_MAX, zeros in 0..16_u32, exponent in -60..30_i32,
        ) {
            let mantissa = mantissa / 10_i64.pow(zeros) * 10_i64.pow(zeros);
            let rate = IssuedValue::from_parts(mantissa.into(), exponent).unwrap();
            for side in [Side::Buy, Side::Sell] {
                if let Some(narrow) = narrow_pico(side, rate) {
                    prop_assert_eq!(Some(narrow), wide_pico(side, rate));
                }
            }
        }
    }

    #[test]
    fn rates_of_the_market_are_narrow() {
        let sell: IssuedValue = "0.0000023".parse().unwrap();
        let buy: IssuedValue = "434782.6086956522".parse().unwrap();
        assert_eq!(narrow_pico(Side::Sell, sell), Some(2_300_000_000_000));
        assert_eq!(narrow_pico(Side::Buy, buy), Some(2_300_000_000_000));
    }
}
