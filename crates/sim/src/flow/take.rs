//! One offer as it is taken, cut down to what is wanted or paid, with the transfer fees on both sides. Never moves money.

use units::stamount::{StAmount, mul_ratio, mul_ratio_drops};

use super::quality::Pair;
use super::supply::Supply;
use crate::amount;
use crate::state::money::PARITY;
use crate::ter::{Outcome, TEC_INTERNAL};

/// One offer as it will be taken.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// What the owner gets and gives up of the offer.
    pub offer: Pair,
    /// What the step pays (with the fee on what goes in) and gets.
    pub step: Pair,
    /// What the owner gives (with the fee on what comes out).
    pub owner_gives: StAmount,
    /// Rates of those fees, in parts of 10^9.
    pub rates: (u32, u32),
}

/// The offer cut down so that the step gets no more than `limit`.
pub fn limit_got(supply: Supply, take: Take, limit: StAmount) -> Outcome<Take> {
    if amount::compare(limit, take.step.got).is_ge() {
        return Ok(take);
    }
    let (rate_in, rate_out) = take.rates;
    let offer = checked(supply.limit_got(take.offer, limit, true))?;
    Ok(Take {
        offer,
        step: Pair { paid: ratio(offer.paid, rate_in, PARITY, true)?, got: limit },
        owner_gives: ratio(limit, rate_out, PARITY, false)?,
        rates: take.rates,
    })
}

/// The offer cut down so that the step pays no more than `limit`.
pub fn limit_paid(supply: Supply, take: Take, limit: StAmount) -> Outcome<Take> {
    if amount::compare(limit, take.step.paid).is_ge() {
        return Ok(take);
    }
    let (rate_in, rate_out) = take.rates;
    let to_owner = ratio(limit, PARITY, rate_in, false)?;
    let offer = checked(supply.limit_paid(take.offer, to_owner, false))?;
    Ok(Take {
        offer,
        step: Pair { paid: limit, got: offer.got },
        owner_gives: ratio(offer.got, rate_out, PARITY, false)?,
        rates: take.rates,
    })
}

/// A number times `numerator / denominator`, rounded up or not.
pub fn ratio(number: StAmount, numerator: u32, denominator: u32, up: bool) -> Outcome<StAmount> {
    match number {
        _ if numerator == denominator => Ok(number),
        StAmount::Issued(value) => {
            checked(mul_ratio(value, numerator, denominator, up)).map(StAmount::Issued)
        }
        StAmount::Native(drops) => {
            checked(mul_ratio_drops(drops, numerator, denominator, up)).map(StAmount::Native)
        }
    }
}

/// The sum, smallest first, of amounts of the kind of `like`.
pub fn sum(amounts: &[StAmount], like: StAmount) -> Outcome<StAmount> {
    let mut sorted = amounts.to_vec();
    sorted.sort_by(|a, b| amount::compare(*a, *b));
    let mut all = sorted.into_iter();
    let first = all.next().unwrap_or(amount::zero(like.kind()));
    all.try_fold(first, |total, next| checked(amount::add(total, next)))
}

/// Arithmetic that cannot be carried out ends the flow.
pub fn checked<T>(result: Result<T, units::UnitsError>) -> Outcome<T> {
    result.map_err(|_| TEC_INTERNAL)
}
