//! What a pool offers to one step of a flow. Alone on the only way it offers its whole curve, cut where the book is better;
//! beside other ways it offers pieces that grow like Fibonacci numbers, each at one price. Never moves money.

use ledger::AccountId;
use units::UnitsError;
use units::stamount::StAmount;

use super::spot::offer_to_quality;
use super::swap::{swap_in, swap_out};
use super::{are_near, numbers_are_near};
use crate::amount;
use crate::flow::{Pair, Quality};
use crate::number::{DOWN, NEAREST, Number, UP};

/// Pieces at most that one payment takes from pools (the server's limit on iterations).
pub const PIECES_MAX: u16 = 30;

/// The pool behind a book step, as it was when the step was made.
#[derive(Debug, Clone, Copy)]
pub struct Liquidity {
    /// The pool's account.
    pub account: AccountId,
    /// The trading fee this taker pays, in parts of 100,000.
    pub fee_units: u16,
    /// What it held.
    pub initial: Pair,
    /// There are other ways beside this one.
    pub multi_path: bool,
    /// Pieces taken by this payment so far.
    pub pieces: u16,
}

/// The offer a pool makes.
#[derive(Debug, Clone, Copy)]
pub struct PoolOffer {
    /// The pool's account.
    pub account: AccountId,
    /// What it asks and gives at most.
    pub amounts: Pair,
    /// What the pool holds.
    pub balances: Pair,
    /// Its quality: on the only way and without a book, the pool's present price.
    pub quality: Quality,
    multi_path: bool,
    fee_units: u16,
}

impl Liquidity {
    /// The offer next to a book whose best quality is `book`. `None`: the book is better, or so near that it makes no
    /// difference, or the pool is too small, or frozen.
    pub fn offer(&self, balances: Pair, book: Option<Quality>) -> Option<PoolOffer> {
        if self.pieces >= PIECES_MAX || balances.paid.is_zero() || balances.got.is_zero() {
            return None;
        }
        let price = Quality::of(balances);
        if let Some(book) = book {
            let near = are_near(price, book, Number::new(1, -7)).ok()?;
            if near || !book.is_worse_than(price) {
                return None;
            }
        }
        // Arithmetic that cannot be carried out means no offer, as on a server.
        let offer = self.sized(balances, book, price).ok().flatten()?;
        let both = amount::is_positive(offer.amounts.paid) && amount::is_positive(offer.amounts.got);
        both.then_some(offer)
    }

    fn sized(
        &self,
        balances: Pair,
        book: Option<Quality>,
        price: Quality,
    ) -> Result<Option<PoolOffer>, UnitsError> {
        if self.multi_path {
            let Some(piece) = self.piece(balances)? else { return Ok(None) };
            let quality = Quality::of(piece);
            let worse = book.is_some_and(|book| quality.is_worse_than(book));
            return Ok((!worse).then(|| self.made(balances, piece, quality)));
        }
        let Some(book) = book else {
            return Ok(self.largest(balances)?.map(|amounts| self.made(balances, amounts, price)));
        };
        if let Some(amounts) = offer_to_quality(balances, book, self.fee_units)? {
            return Ok(Some(self.made(balances, amounts, Quality::of(amounts))));
        }
        let better = |amounts: &Pair| book.is_worse_than(Quality::of(*amounts));
        let largest = self.largest(balances)?.filter(better);
        Ok(largest.map(|amounts| self.made(balances, amounts, price)))
    }

    fn made(&self, balances: Pair, amounts: Pair, quality: Quality) -> PoolOffer {
        let Liquidity { account, fee_units, multi_path, .. } = *self;
        PoolOffer { account, amounts, balances, quality, multi_path, fee_units }
    }

    /// 99 % of what the pool holds.
    fn largest(&self, balances: Pair) -> Result<Option<Pair>, UnitsError> {
        let part = NEAREST.mul(NEAREST.of(balances.got), Number::new(99, -2));
        let got = DOWN.amount(part, balances.got.kind())?;
        if !amount::is_positive(got) || amount::compare(got, balances.got).is_ge() {
            return Ok(None);
        }
        Ok(Some(Pair { paid: swap_out(balances, got, self.fee_units)?, got }))
    }

    /// The next piece: the first is 0.025 % of what the pool held in the beginning, the others are Fibonacci multiples.
    fn piece(&self, balances: Pair) -> Result<Option<Pair>, UnitsError> {
        let part = NEAREST.mul(Number::new(25, -5), NEAREST.of(self.initial.paid));
        let paid = UP.amount(part, balances.paid.kind())?;
        let got = swap_in(self.initial, paid, self.fee_units)?;
        if self.pieces == 0 {
            return Ok(Some(Pair { paid, got }));
        }
        let times = Number::new(fibonacci(self.pieces), 0);
        let got = DOWN.amount(NEAREST.mul(NEAREST.of(got), times), balances.got.kind())?;
        if amount::compare(got, balances.got).is_ge() {
            return Ok(None);
        }
        Ok(Some(Pair { paid: swap_out(balances, got, self.fee_units)?, got }))
    }
}

/// 1, 2, 3, 5, 8, ...
fn fibonacci(nth: u16) -> i64 {
    let (mut last, mut now) = (1, 1);
    for _ in 1..nth {
        (last, now) = (now, last + now);
    }
    now
}

impl PoolOffer {
    /// Cut down so that at most `limit` is got: along the curve when alone, else at its own quality.
    pub fn limit_got(&self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        if self.multi_path {
            return self.quality.limit_got(pair, limit, up);
        }
        Ok(Pair { paid: swap_out(self.balances, limit, self.fee_units)?, got: limit })
    }

    /// Cut down so that at most `limit` is paid.
    pub fn limit_paid(&self, pair: Pair, limit: StAmount, up: bool) -> Result<Pair, UnitsError> {
        if self.multi_path {
            return self.quality.limit_paid(pair, limit, up);
        }
        Ok(Pair { paid: limit, got: swap_in(self.balances, limit, self.fee_units)? })
    }

    /// Whether taking `taken` is within the offer and leaves the product of the balances no smaller, but for the last
    /// digits.
    pub fn allows(&self, taken: Pair) -> Result<bool, UnitsError> {
        let within = amount::compare(taken.paid, self.amounts.paid).is_le()
            && amount::compare(taken.got, self.amounts.got).is_le();
        if !within {
            return Ok(false);
        }
        let product = |pair: Pair| NEAREST.mul(NEAREST.of(pair.paid), NEAREST.of(pair.got));
        let before = product(self.balances);
        let after = product(Pair {
            paid: amount::add(self.balances.paid, taken.paid)?,
            got: amount::sub(self.balances.got, taken.got)?,
        });
        Ok(after >= before || numbers_are_near(before, after, Number::new(1, -7))?)
    }

    /// The average quality as a line over what is got: slope and height at nothing. `None` for a piece at one price.
    pub fn curve(&self) -> Result<Option<(Number, Number)>, UnitsError> {
        if self.multi_path {
            return Ok(None);
        }
        let left = super::after_fee(NEAREST, self.fee_units)?;
        let (held_in, held_out) = (NEAREST.of(self.balances.paid), NEAREST.of(self.balances.got));
        let slope = NEAREST.div(left.negate(), held_in)?;
        let height = NEAREST.div(NEAREST.mul(held_out, left), held_in)?;
        Ok(Some((slope, height)))
    }
}
