//! The best that a book step has: the tip of the book or the pool's offer, as a quality and as a curve. Never takes
//! anything.

use units::stamount::StAmount;

use super::book::BookStep;
use super::curve::Curve;
use super::offers;
use super::quality::{Pair, Quality};
use super::strand::Debt;
use crate::pool::liquidity::{Liquidity, PoolOffer};
use crate::state::View;
use crate::state::money::{self, PARITY};

impl BookStep {
    /// The best quality of the book and, where it is better, the pool's offer.
    fn tip(&self, view: &View) -> (Option<Quality>, Option<PoolOffer>) {
        let book = offers::best_quality(view, &self.paid, &self.got);
        let Some(pool) = &self.pool else {
            return (book, None);
        };
        let offer = self.balances(view, pool).and_then(|held| pool.offer(held, self.pool_target(book)));
        let offer = offer.filter(|offer| book.is_none_or(|book| book.is_worse_than(offer.quality)));
        (book, offer)
    }

    /// The quality that the pool's offer is sized to. A book beyond a crossing offer's limit does not cut it: then the
    /// limit itself does.
    pub(super) fn pool_target(&self, book: Option<Quality>) -> Option<Quality> {
        let alone = self.pool.as_ref().is_some_and(|pool| !pool.multi_path);
        let limit = self.threshold.filter(|_| self.purpose.is_crossing() && alone);
        book.filter(|book| limit.is_none_or(|limit| !book.is_worse_than(limit)))
    }

    pub(super) fn balances(&self, view: &View, pool: &Liquidity) -> Option<Pair> {
        money::pool_holds(view, pool.account, &self.paid, &self.got)
    }

    /// The quality of the best offer, transfer fees of a payment included; and with a crossing offer alone with a pool.
    pub fn quality_bound(&self, view: &View, before: Debt) -> Option<Quality> {
        let (book, pool) = self.tip(view);
        let quality = pool.map(|offer| offer.quality).or(book)?;
        let at_curve = pool.is_some() && self.pool.is_some_and(|pool| !pool.multi_path);
        if self.purpose.is_crossing() && !at_curve {
            return Some(quality);
        }
        self.with_fee(view, quality, before)
    }

    fn with_fee(&self, view: &View, quality: Quality, before: Debt) -> Option<Quality> {
        let rate_in = if before == Debt::Redeems { self.rate_of(view, &self.paid) } else { PARITY };
        let parts =
            |rate: u32| units::IssuedValue::from_parts_rounded(rate.into(), 0, units::Rounding::HalfEven);
        let fee =
            Pair { paid: StAmount::Issued(parts(rate_in).ok()?), got: StAmount::Issued(parts(PARITY).ok()?) };
        Quality::of(fee).composed(quality).ok()
    }

    /// How the quality falls with what is taken.
    pub fn curve(&self, view: &View, before: Debt) -> Option<Curve> {
        let line = self.tip(view).1.and_then(|offer| offer.curve().ok().flatten());
        let Some((slope, height)) = line else {
            return Curve::flat(self.quality_bound(view, before)?).ok();
        };
        let falling = Curve::falling(slope, height);
        match self.with_fee(view, Quality::ONE, before)? {
            Quality::ONE => Some(falling),
            fee => Some(Curve::flat(fee).ok()?.then(falling)),
        }
    }
}
