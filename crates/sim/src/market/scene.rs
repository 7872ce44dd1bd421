//! What agents look at before they act: the last closed ledger's best offers and pool, and what XRP is worth. Never
//! changes anything.

use std::ops::Bound;

use ledger::{Amount, Asset, Hash256};
use units::stamount::{self, StAmount};
use units::{IssuedValue, LedgerTime};

use super::desk::Side;
use crate::state::{Entries, Entry, index};

/// One ledger as agents see it. Prices are RLUSD per XRP.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Close time of this ledger, before rounding.
    pub now: LedgerTime,
    /// What XRP was worth when the last ledger closed: what makers quote around.
    pub seen: f64,
    /// What it is worth now: what the quick ones know.
    pub fair: f64,
    /// What it will be worth in a minute: what the informed know.
    pub ahead: f64,
    /// The best bid of the last closed ledger.
    pub bid: Option<f64>,
    /// The best ask of the last closed ledger.
    pub ask: Option<f64>,
    /// The pool, where there is one.
    pub pool: Option<Pool>,
}

/// A pool's two sides.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// XRP in it.
    pub xrp: f64,
    /// RLUSD in it.
    pub rlusd: f64,
    /// Its fee, as a fraction.
    pub fee: f64,
}

impl Pool {
    /// RLUSD per XRP before the fee.
    pub fn price(&self) -> f64 {
        self.rlusd / self.xrp
    }

    /// How much XRP goes in (or comes out) until its marginal price, fee included, is `limit`; 0 when it already is
    /// beyond. The square root is the constant-product formula's.
    pub fn until(&self, side: Side, limit: f64) -> f64 {
        let ratio = match side {
            Side::Sell => self.price() * (1.0 - self.fee) / limit,
            Side::Buy => limit * (1.0 - self.fee) / self.price(),
        };
        let depth = self.xrp * (libm::sqrt(ratio.max(0.0)) - 1.0);
        depth.max(0.0)
    }
}

impl Scene {
    /// The best price a taker of that side meets in the book.
    pub fn touch(&self, side: Side) -> Option<f64> {
        match side {
            Side::Buy => self.ask,
            Side::Sell => self.bid,
        }
    }
}

/// The best price at which the book sells (for [`Side::Buy`]) or buys XRP; expired offers do not count.
pub fn best(entries: &Entries, rlusd: &Asset, taker: Side, now: LedgerTime) -> Option<f64> {
    let (pays, gets) = match taker {
        Side::Buy => (*rlusd, Asset::Xrp),
        Side::Sell => (Asset::Xrp, *rlusd),
    };
    let base = index::book_base(&pays, &gets);
    let range = (Bound::Excluded(base), Bound::Excluded(index::book_end(base)));
    let alive = |key: &Hash256| match entries.get(key) {
        Some(Entry::Offer(offer)) => offer.expiration.is_none_or(|at| at > now.0),
        _ => false,
    };
    let mut directories = entries.range(range);
    let found = directories.find(|(_, entry)| match entry {
        Entry::Directory(page) => page.indexes.iter().any(alive),
        _ => false,
    });
    let StAmount::Issued(rate) = stamount::rate_amount(index::quality_of(*found?.0)).ok()? else {
        return None;
    };
    let rate = number(rate);
    Some(match taker {
        Side::Buy => rate * 1e6,
        Side::Sell => 1e6 / rate,
    })
}

/// The pool of XRP and RLUSD.
pub fn pool(entries: &Entries, rlusd: &Asset) -> Option<Pool> {
    let Some(Entry::Amm(amm)) = entries.get(&index::amm(&Asset::Xrp, rlusd)) else {
        return None;
    };
    let Some(Entry::Account(root)) = entries.get(&index::account(amm.account)) else {
        return None;
    };
    let key = index::line(amm.account, rlusd.issuer()?, rlusd.currency()?);
    let Some(Entry::Line(line)) = entries.get(&key) else {
        return None;
    };
    let (xrp, rlusd) = (root.balance.get() as f64 / 1e6, libm::fabs(number(line.balance)));
    (xrp > 0.0 && rlusd > 0.0).then(|| Pool { xrp, rlusd, fee: f64::from(amm.fee_units) / 1e5 })
}

/// As a float.
pub fn number(value: IssuedValue) -> f64 {
    value.mantissa() as f64 * libm::pow(10.0, f64::from(value.exponent()))
}

/// XRP and RLUSD of two amounts that are one each, in either order.
pub fn sides(one: Amount, other: Amount) -> Option<(f64, f64)> {
    match (one, other) {
        (Amount::Xrp(drops), Amount::Issued { value, .. })
        | (Amount::Issued { value, .. }, Amount::Xrp(drops)) => {
            Some((drops.get() as f64 / 1e6, number(value)))
        }
        _ => None,
    }
}
