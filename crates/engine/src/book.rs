//! The order book as validated ledgers show it: a snapshot, kept by typed changes. Never a guess: without a valid
//! touch there is no price.

mod owners;
mod price;

use crate::input::{BookChange, BookOffer, BookSnapshot, OwnerFunds};
use crate::side::Side;
use ledger::AccountId;
use ledger::Hash256;
use owners::{Funds, Owner, Owners};
use price::price_of;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, IssuedValue, LedgerTime, MicroBps, Price};

/// Offers within this distance of the best price count as depth.
const DEPTH_BAND_BPS: u32 = 100;

/// RLUSD in steps of 10^-12: depth is a matter of size, not of the last digit.
pub(crate) type Pico = i128;

/// One side's offers, by price; those of one price by id.
type Offers = BTreeMap<(Price, Hash256), Resting>;

/// An offer, and whose it is among the owners.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Resting {
    offer: BookOffer,
    owner: Owner,
}

/// The book.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    /// Where each offer is.
    places: BTreeMap<Hash256, (Side, Price)>,
    /// Worst price first.
    bids: Offers,
    /// Best price first.
    asks: Offers,
    owners: Owners,
}

/// A funded offer of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FundedOffer {
    pub price: Price,
    pub rlusd: Pico,
}

impl Book {
    /// The book of a snapshot.
    pub fn from_snapshot(snapshot: &BookSnapshot) -> Book {
        let mut book = Book::default();
        for line in snapshot.bids.iter().chain(&snapshot.asks) {
            book.insert(line.offer);
            if line.owner_rlusd.is_some() || line.owner_xrp.is_some() {
                book.set_funds(&OwnerFunds {
                    account: line.offer.owner,
                    xrp: line.owner_xrp,
                    rlusd: line.owner_rlusd,
                });
            }
        }
        book
    }

    /// Applies a change. A change to an offer never seen is taken as it is; an offer without a price is left out.
    pub fn apply(&mut self, change: &BookChange) {
        match change {
            BookChange::Created(offer) => self.insert(*offer),
            BookChange::Modified(offer) => {
                // An offer keeps the price it was placed at, whatever rounding did to what is left.
                let kept = self.places.get(&offer.id).map(|(_, price)| *price);
                match price_of(offer) {
                    Some(price) => self.insert_at(kept.unwrap_or(price), *offer),
                    None => self.remove(offer.id),
                }
            }
            BookChange::Deleted { id } => self.remove(*id),
        }
    }

    /// What an owner can spend now.
    pub fn set_funds(&mut self, funds: &OwnerFunds) {
        self.owners.set_funds(funds);
    }

    fn insert(&mut self, offer: BookOffer) {
        match price_of(&offer) {
            Some(price) => self.insert_at(price, offer),
            None => self.remove(offer.id),
        }
    }

    fn insert_at(&mut self, price: Price, offer: BookOffer) {
        if self.places.get(&offer.id) == Some(&(offer.side, price))
            && let Some(resting) = self.side_mut(offer.side).get_mut(&(price, offer.id))
            && resting.offer.owner == offer.owner
        {
            // It stays where it is.
            resting.offer = offer;
            return;
        }
        self.remove(offer.id);
        let owner = self.owners.add_offer(offer.owner, offer.side);
        self.places.insert(offer.id, (offer.side, price));
        self.side_mut(offer.side).insert((price, offer.id), Resting { offer, owner });
    }

    fn remove(&mut self, id: Hash256) {
        if let Some((side, price)) = self.places.remove(&id)
            && let Some(resting) = self.side_mut(side).remove(&(price, id))
        {
            self.owners.take_offer(resting.owner, side);
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Offers {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    fn offer(&self, id: Hash256) -> Option<&BookOffer> {
        let (side, price) = self.places.get(&id)?;
        let resting = match side {
            Side::Buy => self.bids.get(&(*price, id)),
            Side::Sell => self.asks.get(&(*price, id)),
        };
        resting.map(|resting| &resting.offer)
    }

    /// All offers of one side, best first.
    fn all_best_first(&self, side: Side) -> impl Iterator<Item = (&Resting, Price)> {
        let (bids, asks) = match side {
            Side::Buy => (Some(self.bids.iter().rev()), None),
            Side::Sell => (None, Some(self.asks.iter())),
        };
        let offers = bids.into_iter().flatten().chain(asks.into_iter().flatten());
        offers.map(|((price, _), resting)| (resting, *price))
    }

    /// Live offers of one side but ours, best first.
    fn best_first(
        &self,
        side: Side,
        us: AccountId,
        now: LedgerTime,
    ) -> impl Iterator<Item = (&Resting, Price)> {
        let us = self.owners.find(us);
        self.all_best_first(side).filter(move |(resting, _)| {
            Some(resting.owner) != us && resting.offer.expiration.is_none_or(|end| end > now)
        })
    }

    /// Funded offers of others, best first: an owner's funds are shared over his offers, the best one first.
    pub fn funded(&self, side: Side, us: AccountId, now: LedgerTime) -> impl Iterator<Item = FundedOffer> {
        // Of owners with several offers on this side; they are few.
        let mut left: Vec<(Owner, Funds)> = Vec::new();
        self.best_first(side, us, now).filter_map(move |(resting, price)| {
            let (offer, owner) = (&resting.offer, resting.owner);
            let shared = left.iter_mut().find(|(one, _)| *one == owner).map(|(_, funds)| funds);
            let funds = shared.as_ref().map_or_else(|| self.owners.funds(owner), |funds| **funds);
            let (rlusd, rest) = match (side, funds) {
                (Side::Buy, Funds { rlusd: Some(has), .. }) => {
                    let used = offer.legs.quote.min(has);
                    let rest = has.checked_sub(used).unwrap_or(IssuedValue::ZERO);
                    (pico(used), Some(Funds { xrp: None, rlusd: Some(rest) }))
                }
                (Side::Sell, Funds { xrp: Some(has), .. }) => {
                    let used = offer.legs.base.min(has);
                    (worth(used, price), Some(Funds { xrp: Some(has.saturating_sub(used)), rlusd: None }))
                }
                (Side::Buy, _) => (pico(offer.legs.quote), None),
                (Side::Sell, _) => (worth(offer.legs.base, price), None),
            };
            match (shared, rest) {
                (Some(shared), Some(rest)) => *shared = rest,
                (None, Some(rest)) if self.owners.has_several(owner, side) => left.push((owner, rest)),
                (_, None) | (None, Some(_)) => {}
            }
            (rlusd > 0).then_some(FundedOffer { price, rlusd })
        })
    }

    /// The price at which at least `depth` RLUSD of others is funded.
    pub fn touch(&self, side: Side, us: AccountId, depth: IssuedValue, now: LedgerTime) -> Option<Price> {
        let wanted = pico(depth);
        let mut sum = 0_i128;
        self.funded(side, us, now).find_map(|offer| {
            sum = sum.saturating_add(offer.rlusd);
            (sum >= wanted).then_some(offer.price)
        })
    }

    /// The best price of others, funded or not: what an offer of ours could meet.
    pub fn nearest(&self, side: Side, us: AccountId, now: LedgerTime) -> Option<Price> {
        self.best_first(side, us, now).next().map(|(_, price)| price)
    }

    /// Funded RLUSD of others within the depth band of the best price.
    pub fn depth(&self, side: Side, us: AccountId, now: LedgerTime) -> Pico {
        let mut best: Option<Price> = None;
        self.funded(side, us, now)
            .take_while(|offer| is_within_band(*best.get_or_insert(offer.price), offer.price))
            .fold(0_i128, |sum, offer| sum.saturating_add(offer.rlusd))
    }

    /// Funded RLUSD of others at strictly better prices than ours.
    pub fn ahead(&self, side: Side, ours: Price, us: AccountId, now: LedgerTime) -> Pico {
        let is_better = |price: Price| match side {
            Side::Buy => price > ours,
            Side::Sell => price < ours,
        };
        self.funded(side, us, now)
            .take_while(|offer| is_better(offer.price))
            .fold(0_i128, |sum, offer| sum.saturating_add(offer.rlusd))
    }

    /// Numbers of our own offers in the book.
    pub fn own_sequences(&self, us: AccountId) -> BTreeSet<u32> {
        let Some(us) = self.owners.find(us) else { return BTreeSet::new() };
        let of = |side| {
            let ours = self.all_best_first(side).filter(move |(resting, _)| resting.owner == us);
            // The far end of the book need not be looked at.
            ours.take(self.owners.offers(us, side)).map(|(resting, _)| resting.offer.sequence)
        };
        of(Side::Buy).chain(of(Side::Sell)).collect()
    }

    /// How this book differs from a snapshot of the same ledger, in words; `None` when it does not. Offers worse than
    /// the snapshot's last one are not compared: a server gives only so many.
    pub fn difference(&self, snapshot: &BookSnapshot) -> Option<String> {
        for (side, lines) in [(Side::Buy, &snapshot.bids), (Side::Sell, &snapshot.asks)] {
            let shown: BTreeMap<_, _> = lines.iter().map(|line| (line.offer.id, line.offer)).collect();
            for offer in shown.values().filter(|offer| price_of(offer).is_some()) {
                match self.offer(offer.id) {
                    None => return Some(format!("{side} offer {} is missing", offer.id)),
                    Some(ours) if ours.legs != offer.legs => {
                        return Some(format!("{side} offer {} has other amounts", offer.id));
                    }
                    Some(_) => {}
                }
            }
            let worst = lines.iter().filter_map(|line| price_of(&line.offer)).reduce(|a, b| match side {
                Side::Buy => a.min(b),
                Side::Sell => a.max(b),
            });
            let extra = self.places.iter().find(|(id, (place, price))| {
                let within = worst.is_some_and(|worst| match side {
                    Side::Buy => *price > worst,
                    Side::Sell => *price < worst,
                });
                *place == side && within && !shown.contains_key(*id)
            });
            if let Some((id, _)) = extra {
                return Some(format!("{side} offer {id} should be gone"));
            }
        }
        None
    }
}

/// An issued value in steps of 10^-12, cut off; stops at the ends of a sensible range.
pub(crate) fn pico(value: IssuedValue) -> Pico {
    const MOST: i128 = i128::MAX / 4;
    let shift = value.exponent() + 12;
    if (-18..0).contains(&shift) {
        // As nearly every amount is: 64 bits do.
        return i128::from(value.mantissa() / 10_i64.pow(shift.unsigned_abs()));
    }
    let mantissa = i128::from(value.mantissa());
    let factor = 10_i128.checked_pow(shift.unsigned_abs());
    match (shift >= 0, factor) {
        (true, Some(factor)) => mantissa.checked_mul(factor).map_or(MOST, |v| v.min(MOST)),
        (true, None) => MOST * mantissa.signum(),
        (false, Some(factor)) => mantissa / factor,
        (false, None) => 0,
    }
}

/// What drops are worth at a price.
pub(crate) fn worth(base: Drops, price: Price) -> Pico {
    const ONE: u64 = 1_000_000;
    let (whole, rest) = (price.pico() / ONE, price.pico() % ONE);
    match u64::try_from(base.get()).ok().and_then(|drops| drops.checked_mul(rest)) {
        // Without a division of 128 bits.
        Some(part) => i128::from(base.get()) * i128::from(whole) + i128::from(part / ONE),
        None => i128::from(base.get()) * i128::from(price.pico()) / i128::from(ONE),
    }
}

/// Whether two prices are no more than the depth band apart, in whole bps of the first: the same as
/// `to.relative_to(from) / 1_000_000 <= DEPTH_BAND_BPS`, without a division.
fn is_within_band(from: Price, to: Price) -> bool {
    let beyond = u128::from(DEPTH_BAND_BPS + 1) * 1_000_000 * u128::from(from.pico());
    u128::from(from.pico().abs_diff(to.pico())) * u128::from(MicroBps::PER_ONE.unsigned_abs()) < beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, rng_seed: RngSeed::Fixed(9), failure_persistence: None,
            ..ProptestConfig::default() })]

        /// By the definitions, in 128 bits.
        #[test]
        fn short_ways_give_the_same(
            mantissa in IssuedValue::MANTISSA_MIN..=IssuedValue::MANTISSA_MAX, exponent in -40..10_i32,
            price in prop_oneof![1..u64::MAX, 1..3_000_000_000_000_u64], drops in prop_oneof![0..i64::MAX, 0..9_999_999_999_i64],
            step in prop_oneof![-200_000_000..200_000_000_i64, any::<i64>()],
        ) {
            let value = IssuedValue::from_parts(mantissa.into(), exponent).unwrap();
            let shifted = units::Exact::from(value).scaled(12).rounded(0, units::Rounding::Down);
            prop_assert_eq!(Some(pico(value)), shifted.to_i128());
            let price = Price::from_pico(price).unwrap();
            if let Ok(drops) = Drops::new(drops % 100_000_000_000_000_000) {
                let product = i128::from(drops.get()) * i128::from(price.pico());
                prop_assert_eq!(worth(drops, price), product / 1_000_000);
            }
            let near = price.pico().saturating_add_signed(step).max(1);
            for to in [near, (price.pico() / 10_000).saturating_mul(10_100), (price.pico() / 10_000).saturating_mul(10_101).max(1)] {
                let Ok(to) = Price::from_pico(to) else { continue };
                let bps = to.relative_to(price).get().unsigned_abs() / 1_000_000;
                prop_assert_eq!(is_within_band(price, to), bps <= u64::from(DEPTH_BAND_BPS));
            }
        }
    }
}
