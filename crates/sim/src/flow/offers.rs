//! Offers in the order a taker meets them: best quality first, then order of arrival, the dead ones deleted on the way.
//! Never moves money.

use std::collections::BTreeSet;

use ledger::{Asset, Hash256};
use units::stamount::{Kind, StAmount};
use units::{Drops, IssuedValue};

use super::quality::{Pair, Quality};
use crate::amount;
use crate::state::{Offer, View, directory, index, money};
use crate::ter::{Outcome, TEC_INTERNAL};

/// Offers one step may look at in one run, dead ones counted.
pub const OFFERS_MAX: u32 = 1000;

/// Deletes an offer: from the book, from its owner's directory, and from the reserve.
pub fn delete(view: &mut View, key: &Hash256) {
    let Some(offer) = view.offer(key) else { return };
    let (owner, owner_node) = (offer.account, offer.owner_node);
    let (book, book_node) = (offer.book_directory, offer.book_node);
    directory::remove(view, index::owner_directory(owner), owner_node, *key);
    directory::remove(view, book, book_node, *key);
    view.adjust_owner_count(owner, -1);
    view.erase(key);
}

/// The numbers of an offer as its taker sees them.
pub fn pair_of(offer: &Offer) -> Outcome<Pair> {
    let paid = amount::number(&offer.taker_pays).map_err(|_| TEC_INTERNAL)?;
    let got = amount::number(&offer.taker_gets).map_err(|_| TEC_INTERNAL)?;
    Ok(Pair { paid, got })
}

/// The offer at the tip of the book.
#[derive(Debug, Clone)]
pub struct Tip {
    /// Its index.
    pub key: Hash256,
    /// The quality of its directory.
    pub quality: Quality,
    /// The entry as it was when met.
    pub offer: Offer,
    /// What its owner can give. `None`: without limit.
    pub funds: Option<StAmount>,
}

/// Walks a book.
pub struct Stream {
    paid: Asset,
    got: Asset,
    at: Hash256,
    end: Hash256,
    current: Option<Hash256>,
    /// Offers met so far.
    pub met: u32,
    /// Offers found dead, not made so by this flow.
    pub dead: BTreeSet<Hash256>,
}

impl Stream {
    /// A walk that begins at the best quality.
    pub fn new(paid: Asset, got: Asset) -> Self {
        let at = index::book_base(&paid, &got);
        Self { paid, got, at, end: index::book_end(at), current: None, met: 0, dead: BTreeSet::new() }
    }

    /// The next live offer. The one before is deleted from `view`; `pristine` is the state before the flow.
    pub fn step(&mut self, view: &mut View, pristine: &View) -> Outcome<Option<Tip>> {
        loop {
            if let Some(done) = self.current.take() {
                delete(view, &done);
            }
            let Some((key, quality)) = self.advance(view) else {
                return Ok(None);
            };
            self.current = Some(key);
            if self.met >= OFFERS_MAX {
                return Ok(None);
            }
            self.met += 1;
            let Some(offer) = view.offer(&key).cloned() else {
                return Err(TEC_INTERNAL);
            };
            if offer.expiration.is_some_and(|at| at <= view.rules.parent_close_time) {
                self.dead.insert(key);
                continue;
            }
            let pair = pair_of(&offer)?;
            let is_empty = !amount::is_positive(pair.paid) || !amount::is_positive(pair.got);
            if is_empty || self.is_deep_frozen(view, &offer) {
                self.dead.insert(key);
                continue;
            }
            let funds = money::spendable(view, offer.account, &self.got);
            let unfunded = funds.is_some_and(|funds| !amount::is_positive(funds));
            if unfunded || would_worsen(pair, funds, quality)? {
                // Dead before this flow, or made so by it: only the former goes whatever becomes of the flow.
                if money::spendable(pristine, offer.account, &self.got) == funds {
                    self.dead.insert(key);
                }
                continue;
            }
            return Ok(Some(Tip { key, quality, offer, funds }));
        }
    }

    fn advance(&mut self, view: &View) -> Option<(Hash256, Quality)> {
        loop {
            let first = view.successor(self.at, self.end)?;
            if let Some(key) = directory::first(view, first) {
                self.at = before(first);
                return Some((key, Quality(index::quality_of(first))));
            }
            self.at = first;
        }
    }

    fn is_deep_frozen(&self, view: &View, offer: &Offer) -> bool {
        match self.paid {
            Asset::Issued { currency, issuer } => {
                money::is_deep_frozen(view, offer.account, issuer, currency)
            }
            Asset::Xrp | Asset::Mpt(_) => false,
        }
    }
}

/// The best quality of a book, whatever state its offers are in.
pub fn best_quality(view: &View, paid: &Asset, got: &Asset) -> Option<Quality> {
    let base = index::book_base(paid, got);
    let end = index::book_end(base);
    let mut at = base;
    loop {
        at = view.successor(at, end)?;
        if directory::first(view, at).is_some() {
            return Some(Quality(index::quality_of(at)));
        }
    }
}

fn before(key: Hash256) -> Hash256 {
    let mut bytes = key.0;
    for byte in bytes.iter_mut().rev() {
        let (next, borrowed) = byte.overflowing_sub(1);
        *byte = next;
        if !borrowed {
            break;
        }
    }
    Hash256(bytes)
}

/// Whether so little is left (in funds or in drops) that the quality would be worse than the offer's own. Only where
/// XRP is paid, or little of one currency for much of another.
fn would_worsen(pair: Pair, funds: Option<StAmount>, quality: Quality) -> Outcome<bool> {
    if pair.got.kind() == Kind::Native
        || (pair.paid.kind() == Kind::Issued && amount::compare(pair.paid, pair.got).is_ge())
    {
        return Ok(false);
    }
    let effective = match funds {
        Some(funds) if amount::compare(funds, pair.got).is_lt() => {
            quality.limit_got(pair, funds, false).map_err(|_| TEC_INTERNAL)?
        }
        _ => pair,
    };
    if !amount::is_positive(effective.paid) || !amount::is_positive(effective.got) {
        return Ok(true);
    }
    let least = match effective.paid.kind() {
        Kind::Native => StAmount::Native(Drops::new(1).map_err(|_| TEC_INTERNAL)?),
        Kind::Issued => StAmount::Issued(IssuedValue::MIN_POSITIVE),
    };
    if amount::compare(effective.paid, least).is_gt() {
        return Ok(false);
    }
    Ok(Quality::of(effective).is_worse_than(quality))
}
