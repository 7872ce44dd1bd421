//! A step through a book of offers at one quality a run. Takes the best offers, pays their owners, and charges transfer
//! fees. Never goes on to a second quality in one run.

use std::collections::BTreeSet;

use ledger::{AccountId, Asset, Hash256, flags};
use units::stamount::StAmount;

use super::Purpose;
use super::offers::{self, Stream};
use super::quality::{Pair, Quality};
use super::strand::{Cache, Debt};
use super::supply::Supply;
use super::take::{Take, checked, limit_got, limit_paid, ratio, sum};
use crate::amount;
use crate::pool::liquidity::Liquidity;
use crate::state::{View, money};
use crate::ter::{Outcome, TEC_INTERNAL};

use money::PARITY;

/// What the step before says: its debt, its source where it is a direct step, and whether it is a book.
pub type Before = (Debt, Option<AccountId>, bool);

/// A book within a strand.
#[derive(Debug, Clone)]
pub struct BookStep {
    /// What goes in.
    pub paid: Asset,
    /// What comes out.
    pub got: Asset,
    /// Who pays at the strand's beginning.
    pub source: AccountId,
    /// Who gets at its end.
    pub destination: AccountId,
    /// Why.
    pub purpose: Purpose,
    /// The strand's first and only way (own offers are deleted and the limit counts on it alone).
    pub is_default_path: bool,
    /// The worst quality a crossing offer takes.
    pub threshold: Option<Quality>,
    /// Offers met in the last run.
    pub met: u32,
    /// Too many offers were met.
    pub inactive: bool,
    /// The last run.
    pub cache: Option<Cache>,
    /// The pool of the pair.
    pub pool: Option<Liquidity>,
    /// The pool was taken from in this run of the strand.
    pub pool_used: bool,
}

/// What the step still wants, kept exactly as the server sums it: smallest first.
struct Sums {
    paid: Vec<StAmount>,
    got: Vec<StAmount>,
}

impl BookStep {
    /// Who pays an offer's transfer fee: its owner when an offer crosses, the payer in a payment.
    fn owner_pays_fee(&self) -> bool {
        self.purpose.is_crossing()
    }

    /// How the step stands towards the next.
    pub fn debt(&self) -> Debt {
        if self.owner_pays_fee() { Debt::Issues } else { Debt::Redeems }
    }

    pub(super) fn rate_of(&self, view: &View, asset: &Asset) -> u32 {
        match asset.issuer() {
            Some(issuer) if issuer != self.destination => money::transfer_rate(view, issuer),
            _ => PARITY,
        }
    }

    /// What must go in so that `wanted` comes out.
    pub fn reverse(
        &mut self,
        view: &mut View,
        pristine: &View,
        dead: &mut BTreeSet<Hash256>,
        wanted: StAmount,
        before: Before,
    ) -> Outcome<(StAmount, StAmount)> {
        self.cache = None;
        let mut remaining = wanted;
        let mut result = (amount::zero(kind(&self.paid)), amount::zero(kind(&self.got)));
        let mut sums = Sums { paid: Vec::new(), got: Vec::new() };
        let this = self.clone();
        let mut each = |view: &mut View, supply: Supply, take: Take| -> Outcome<bool> {
            if !amount::is_positive(remaining) {
                return Ok(false);
            }
            if amount::compare(take.step.got, remaining).is_le() {
                sums.paid.push(take.step.paid);
                sums.got.push(take.step.got);
                result = (sum(&sums.paid, result.0)?, sum(&sums.got, result.1)?);
                remaining = checked(amount::sub(wanted, result.1))?;
                this.consume(view, supply, take)?;
                return Ok(true);
            }
            let take = limit_got(supply, take, remaining)?;
            remaining = amount::zero(kind(&this.got));
            sums.paid.push(take.step.paid);
            result = (sum(&sums.paid, result.0)?, wanted);
            this.consume(view, supply, take)
        };
        let walked = this.walk(view, pristine, before, &mut each)?;
        self.after_walk(walked, dead);
        match amount::signum(remaining) {
            0 => result.1 = wanted,
            1 => {}
            _ => result = (amount::zero(kind(&self.paid)), amount::zero(kind(&self.got))),
        }
        Ok(self.remember(result))
    }

    /// What comes out when `paid` goes in.
    pub fn forward(
        &mut self,
        view: &mut View,
        pristine: &View,
        dead: &mut BTreeSet<Hash256>,
        paid: StAmount,
        before: Before,
    ) -> Outcome<(StAmount, StAmount)> {
        let cache = self.cache.ok_or(TEC_INTERNAL)?;
        let mut remaining = paid;
        let mut result = (amount::zero(kind(&self.paid)), amount::zero(kind(&self.got)));
        let mut sums = Sums { paid: Vec::new(), got: Vec::new() };
        let this = self.clone();
        let mut each = |view: &mut View, supply: Supply, take: Take| -> Outcome<bool> {
            if !amount::is_positive(remaining) {
                return Ok(false);
            }
            let whole = amount::compare(take.step.paid, remaining).is_le();
            let mut taken = if whole { take } else { limit_paid(supply, take, remaining)? };
            if whole {
                sums.paid.push(taken.step.paid);
                sums.got.push(taken.step.got);
                result = (sum(&sums.paid, result.0)?, sum(&sums.got, result.1)?);
            } else {
                sums.paid.push(remaining);
                sums.got.push(taken.step.got);
                result = (paid, sum(&sums.got, result.1)?);
            }
            let more_for_as_little =
                amount::compare(result.1, cache.got).is_gt() && amount::compare(result.0, cache.paid).is_le();
            if more_for_as_little {
                // More than the reverse run found for the same money: keep to what that run found, if it fits.
                let last = sums.got.pop().ok_or(TEC_INTERNAL)?;
                let others = sum(&sums.got, amount::zero(kind(&this.got)))?;
                let left = checked(amount::sub(cache.got, others))?;
                let limited = limit_got(supply, take, left)?;
                if limited.step.paid == remaining {
                    result = (paid, cache.got);
                    sums = Sums { paid: vec![result.0], got: vec![result.1] };
                    taken = Take { step: Pair { paid: remaining, got: left }, ..limited };
                } else {
                    sums.got.push(last);
                }
            }
            remaining = checked(amount::sub(paid, result.0))?;
            let consumed = this.consume(view, supply, taken)?;
            Ok(whole || consumed)
        };
        let walked = this.walk(view, pristine, before, &mut each)?;
        self.after_walk(walked, dead);
        match amount::signum(remaining) {
            0 => result.0 = paid,
            1 => {}
            _ => result = (amount::zero(kind(&self.paid)), amount::zero(kind(&self.got))),
        }
        Ok(self.remember(result))
    }

    fn remember(&mut self, (paid, got): (StAmount, StAmount)) -> (StAmount, StAmount) {
        self.cache = Some(Cache { paid, moved: got, got, debt: Debt::Issues });
        (paid, got)
    }

    fn after_walk(&mut self, walked: Walked, dead: &mut BTreeSet<Hash256>) {
        dead.extend(walked.dead);
        self.met = walked.met;
        self.inactive |= walked.met >= offers::OFFERS_MAX;
        self.pool_used |= walked.pool_used;
    }

    /// Shows the pool's offer, where it is better than the book, and each offer of the best quality to `each`, which says
    /// whether to go on.
    fn walk(
        &self,
        view: &mut View,
        pristine: &View,
        before: Before,
        each: &mut dyn FnMut(&mut View, Supply, Take) -> Outcome<bool>,
    ) -> Outcome<Walked> {
        let mut stream = Stream::new(self.paid, self.got);
        let mut at = At { chosen: None, attempted: false, pool_used: false };
        let mut next = stream.step(view, pristine)?;
        let mut go_on = true;
        if let Some(pool) = &self.pool {
            let target = self.pool_target(next.as_ref().map(|tip| tip.quality));
            let offer = self.balances(view, pool).and_then(|held| pool.offer(held, target));
            if let Some(offer) = offer {
                go_on = self.show(view, pristine, before, Supply::Pool(&offer), &mut at, each)?.goes_on;
            }
        }
        while let Some(tip) = next.filter(|_| go_on) {
            let shown = self.show(view, pristine, before, Supply::Book(&tip), &mut at, each)?;
            if shown.is_dead {
                stream.dead.insert(tip.key);
            }
            go_on = shown.goes_on;
            next = if go_on { stream.step(view, pristine)? } else { None };
        }
        Ok(Walked { dead: stream.dead, met: stream.met, pool_used: at.pool_used })
    }

    fn show(
        &self,
        view: &mut View,
        pristine: &View,
        before: Before,
        supply: Supply,
        at: &mut At,
        each: &mut dyn FnMut(&mut View, Supply, Take) -> Outcome<bool>,
    ) -> Outcome<Shown> {
        if *at.chosen.get_or_insert(supply.quality()) != supply.quality() {
            return Ok(Shown { goes_on: false, is_dead: false });
        }
        if self.is_own(&supply) || !self.may_hold(pristine, supply.owner()) {
            if !at.attempted {
                at.chosen = None;
            }
            return Ok(Shown { goes_on: true, is_dead: true });
        }
        if self.is_too_bad(supply.quality()) {
            return Ok(Shown { goes_on: false, is_dead: false });
        }
        let take = self.whole(view, supply, before)?;
        at.attempted = true;
        at.pool_used |= matches!(supply, Supply::Pool(_));
        let goes_on = each(view, supply, take)?;
        Ok(Shown { goes_on, is_dead: false })
    }

    /// A crossing offer's own older offers at its price or better are deleted, not crossed.
    fn is_own(&self, supply: &Supply) -> bool {
        let owner = supply.owner();
        self.is_default_path
            && self
                .threshold
                .is_some_and(|limit| self.purpose.is_crossing() && !supply.quality().is_worse_than(limit))
            && owner == self.source
            && owner == self.destination
    }

    fn is_too_bad(&self, quality: Quality) -> bool {
        self.purpose.is_crossing()
            && self.is_default_path
            && self.threshold.is_some_and(|limit| quality.is_worse_than(limit))
    }

    /// Whether an owner may hold what the offer pays (issuers that authorise).
    fn may_hold(&self, view: &View, owner: AccountId) -> bool {
        let Asset::Issued { currency, issuer } = self.paid else {
            return true;
        };
        let must_authorise =
            view.account(issuer).is_some_and(|root| root.flags & flags::LSF_REQUIRE_AUTH != 0);
        if owner == issuer || !must_authorise {
            return true;
        }
        let by_issuer = if issuer > owner { flags::LSF_HIGH_AUTH } else { flags::LSF_LOW_AUTH };
        view.line(owner, issuer, currency).is_some_and(|line| line.flags & by_issuer != 0)
    }

    /// The whole offer, as far as its owner's funds go.
    fn whole(
        &self,
        view: &View,
        supply: Supply,
        (debt, previous_source, follows_book): Before,
    ) -> Outcome<Take> {
        let owner = supply.owner();
        let rate_in = if debt == Debt::Redeems { self.rate_of(view, &self.paid) } else { PARITY };
        let rate_out = if self.owner_pays_fee() { self.rate_of(view, &self.got) } else { PARITY };
        let crossing = self.purpose.is_crossing();
        let rate_in = if crossing && previous_source == Some(owner) { PARITY } else { rate_in };
        let rate_out = if crossing && follows_book && owner == self.destination { PARITY } else { rate_out };
        // A pool pays no transfer fee on what it gives.
        let (offer, funds, rate_out) = match supply {
            Supply::Book(tip) => (offers::pair_of(&tip.offer)?, tip.funds, rate_out),
            Supply::Pool(pool) => (pool.amounts, None, PARITY),
        };
        let mut take = Take {
            offer,
            step: Pair { paid: ratio(offer.paid, rate_in, PARITY, true)?, got: offer.got },
            owner_gives: ratio(offer.got, rate_out, PARITY, false)?,
            rates: (rate_in, rate_out),
        };
        if let Some(funds) = funds.filter(|funds| amount::compare(*funds, take.owner_gives).is_lt()) {
            take.owner_gives = funds;
            take.step.got = ratio(funds, PARITY, rate_out, false)?;
            take.offer = checked(supply.limit_got(offer, take.step.got, false))?;
            take.step.paid = ratio(take.offer.paid, rate_in, PARITY, true)?;
        }
        Ok(take)
    }

    /// Pays the owner, takes what the owner gives, and reduces the offer. Gives whether nothing of it is left; a pool's
    /// offer is used up at once.
    fn consume(&self, view: &mut View, supply: Supply, take: Take) -> Outcome<bool> {
        if let Supply::Pool(offer) = supply
            && !checked(offer.allows(take.offer))?
        {
            return Err(TEC_INTERNAL);
        }
        let owner = supply.owner();
        let issuer = |asset: &Asset| asset.issuer().unwrap_or(AccountId::ZERO);
        money::send(view, issuer(&self.paid), owner, &self.paid, take.offer.paid)?;
        money::send(view, owner, issuer(&self.got), &self.got, take.owner_gives)?;
        let Supply::Book(tip) = supply else {
            return Ok(true);
        };
        let whole = offers::pair_of(&tip.offer)?;
        let left_paid = checked(amount::sub(whole.paid, take.offer.paid))?;
        let left_got = checked(amount::sub(whole.got, take.offer.got))?;
        if amount::signum(left_paid) < 0 || amount::signum(left_got) < 0 {
            return Err(TEC_INTERNAL);
        }
        let offer = view.offer_mut(&tip.key).ok_or(TEC_INTERNAL)?;
        offer.taker_pays = checked(amount::of_asset(left_paid, &self.paid))?;
        offer.taker_gets = checked(amount::of_asset(left_got, &self.got))?;
        Ok(left_paid.is_zero() || left_got.is_zero())
    }
}

/// What a walk found.
struct Walked {
    dead: BTreeSet<Hash256>,
    met: u32,
    pool_used: bool,
}

/// How far a walk is.
struct At {
    chosen: Option<Quality>,
    attempted: bool,
    pool_used: bool,
}

/// What became of one offer shown.
struct Shown {
    goes_on: bool,
    is_dead: bool,
}

fn kind(asset: &Asset) -> units::stamount::Kind {
    amount::kind_of(asset)
}
