//! The order book as validated ledgers show it: a snapshot, kept by typed changes. Never a guess: without a valid
//! touch there is no price.

mod price;

use crate::input::{BookChange, BookOffer, BookSnapshot, OwnerFunds};
use crate::side::Side;
use ledger::AccountId;
use ledger::Hash256;
use price::price_of;
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, IssuedValue, LedgerTime, Price};

/// Offers within this distance of the best price count as depth.
const DEPTH_BAND_BPS: i128 = 100;

/// RLUSD in steps of 10^-12: depth is a matter of size, not of the last digit.
pub(crate) type Pico = i128;

/// One side's offers, by price; those of one price by id.
type Offers = BTreeMap<(Price, Hash256), BookOffer>;

/// The book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    /// Where each offer is.
    places: BTreeMap<Hash256, (Side, Price)>,
    /// Worst price first.
    bids: Offers,
    /// Best price first.
    asks: Offers,
    funds: BTreeMap<AccountId, OwnerFunds>,
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
        let entry =
            self.funds.entry(funds.account).or_insert(OwnerFunds { xrp: None, rlusd: None, ..*funds });
        entry.xrp = funds.xrp.or(entry.xrp);
        entry.rlusd = funds.rlusd.or(entry.rlusd);
    }

    fn insert(&mut self, offer: BookOffer) {
        match price_of(&offer) {
            Some(price) => self.insert_at(price, offer),
            None => self.remove(offer.id),
        }
    }

    fn insert_at(&mut self, price: Price, offer: BookOffer) {
        self.remove(offer.id);
        self.places.insert(offer.id, (offer.side, price));
        self.side_mut(offer.side).insert((price, offer.id), offer);
    }

    fn remove(&mut self, id: Hash256) {
        if let Some((side, price)) = self.places.remove(&id) {
            self.side_mut(side).remove(&(price, id));
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
        match side {
            Side::Buy => self.bids.get(&(*price, id)),
            Side::Sell => self.asks.get(&(*price, id)),
        }
    }

    /// Live offers of one side, best first.
    fn best_first(&self, side: Side, now: LedgerTime) -> impl Iterator<Item = (&BookOffer, Price)> {
        let (bids, asks) = match side {
            Side::Buy => (Some(self.bids.iter().rev()), None),
            Side::Sell => (None, Some(self.asks.iter())),
        };
        let offers = bids.into_iter().flatten().chain(asks.into_iter().flatten());
        offers
            .map(|((price, _), offer)| (offer, *price))
            .filter(move |(offer, _)| offer.expiration.is_none_or(|end| end > now))
    }

    /// Funded offers of others, best first: an owner's funds are shared over his offers, the best one first.
    pub fn funded(&self, side: Side, us: AccountId, now: LedgerTime) -> impl Iterator<Item = FundedOffer> {
        let mut left: BTreeMap<AccountId, OwnerFunds> = BTreeMap::new();
        self.best_first(side, now).filter(move |(offer, _)| offer.owner != us).filter_map(
            move |(offer, price)| {
                let funds = match left.get(&offer.owner) {
                    Some(funds) => Some(*funds),
                    None => self.funds.get(&offer.owner).copied(),
                };
                let rlusd = match (side, funds) {
                    (Side::Buy, Some(OwnerFunds { rlusd: Some(has), .. })) => {
                        let used = offer.legs.quote.min(has);
                        let rest = has.checked_sub(used).unwrap_or(IssuedValue::ZERO);
                        left.insert(
                            offer.owner,
                            OwnerFunds { account: offer.owner, xrp: None, rlusd: Some(rest) },
                        );
                        pico(used)
                    }
                    (Side::Sell, Some(OwnerFunds { xrp: Some(has), .. })) => {
                        let used = offer.legs.base.min(has);
                        let rest = OwnerFunds {
                            account: offer.owner,
                            xrp: Some(has.saturating_sub(used)),
                            rlusd: None,
                        };
                        left.insert(offer.owner, rest);
                        worth(used, price)
                    }
                    (Side::Buy, _) => pico(offer.legs.quote),
                    (Side::Sell, _) => worth(offer.legs.base, price),
                };
                (rlusd > 0).then_some(FundedOffer { price, rlusd })
            },
        )
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
        self.best_first(side, now).find(|(offer, _)| offer.owner != us).map(|(_, price)| price)
    }

    /// Funded RLUSD of others within the depth band of the best price.
    pub fn depth(&self, side: Side, us: AccountId, now: LedgerTime) -> Pico {
        let mut best: Option<Price> = None;
        let mut sum = 0_i128;
        for offer in self.funded(side, us, now) {
            let from = *best.get_or_insert(offer.price);
            if distance_bps(from, offer.price) > DEPTH_BAND_BPS {
                break;
            }
            sum = sum.saturating_add(offer.rlusd);
        }
        sum
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
        self.bids.values().chain(self.asks.values()).filter(|o| o.owner == us).map(|o| o.sequence).collect()
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
    i128::from(base.get()) * i128::from(price.pico()) / 1_000_000
}

fn distance_bps(from: Price, to: Price) -> i128 {
    i128::from(to.relative_to(from).get().unsigned_abs()) / 1_000_000
}
