//! Where one take of a book step comes from: a resting offer or the pool of the pair. Never moves money.

use ledger::AccountId;
use units::UnitsError;
use units::stamount::StAmount;

use super::offers::Tip;
use super::quality::{Pair, Quality};
use crate::pool::liquidity::PoolOffer;

/// An offer as a step takes it.
#[derive(Debug, Clone, Copy)]
pub enum Supply<'t> {
    /// A resting offer.
    Book(&'t Tip),
    /// The pool.
    Pool(&'t PoolOffer),
}

impl Supply<'_> {
    /// Its quality.
    pub fn quality(&self) -> Quality {
        match self {
            Supply::Book(tip) => tip.quality,
            Supply::Pool(offer) => offer.quality,
        }
    }

    /// Whose it is.
    pub fn owner(&self) -> AccountId {
        match self {
            Supply::Book(tip) => tip.offer.account,
            Supply::Pool(offer) => offer.account,
        }
    }

    /// Cut down so that at most `limit` is got.
    pub fn limit_got(&self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        match self {
            Supply::Book(tip) => tip.quality.limit_got(pair, limit, up),
            Supply::Pool(offer) => offer.limit_got(pair, limit, up),
        }
    }

    /// Cut down so that at most `limit` is paid.
    pub fn limit_paid(&self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        match self {
            Supply::Book(tip) => tip.quality.limit_paid(pair, limit, up),
            Supply::Pool(offer) => offer.limit_paid(pair, limit, up),
        }
    }
}
