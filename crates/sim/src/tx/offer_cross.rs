//! The crossing half of an OfferCreate: rounding to the tick size, taking what the book gives, and what is left at the
//! rate the offer was made with. Never places anything.

use ledger::{AccountId, Asset, flags};
use units::stamount::{self, Kind, StAmount, Strictness, div_round, mul_round};
use units::{Drops, IssuedValue, UnitsError};

use super::Tx;
use crate::amount;
use crate::flow::{self, Pair, Purpose, Quality, Request, offers};
use crate::state::{View, money};
use crate::ter::*;

/// What the offer gives and wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// What the sender gives.
    pub gives: Asset,
    /// What the sender wants.
    pub wants: Asset,
    /// `paid` is what the sender gives, `got` what the sender gets: the sender is the taker while crossing.
    pub amounts: Pair,
}

/// The amounts on the grid of the issuers' tick sizes; `None` when nothing is left of one of them.
pub fn to_tick_size(view: &View, terms: &Terms, sells: bool) -> Result<Option<Pair>, UnitsError> {
    let tick_of = |asset: &Asset| {
        asset.issuer().and_then(|issuer| view.account(issuer)).and_then(|root| root.tick_size)
    };
    let digits = [tick_of(&terms.wants), tick_of(&terms.gives)].into_iter().flatten().min();
    let Some(digits) = digits.filter(|digits| *digits < Quality::DIGITS_MAX) else {
        return Ok(Some(terms.amounts));
    };
    let Pair { paid: gives, got: wants } = terms.amounts;
    let rate = Quality(stamount::rate(gives, wants)).rounded_to(digits).rate()?;
    let rounded = if sells {
        Pair { paid: gives, got: stamount::multiply(gives, rate, wants.kind())? }
    } else {
        Pair { paid: stamount::divide(wants, rate, gives.kind())?, got: wants }
    };
    let empty = rounded.paid.is_zero() || rounded.got.is_zero();
    Ok((!empty).then_some(rounded))
}

/// Takes what the book gives. What is left of the offer; unchanged when nothing was taken.
pub fn cross(view: &mut View, killed: &mut View, tx: &Tx, terms: &Terms) -> Outcome<Pair> {
    let internal = |_: UnitsError| TEC_INTERNAL;
    let funds = money::spendable(view, tx.account, &terms.gives).unwrap_or(terms.amounts.paid);
    if !amount::is_positive(funds) {
        return Err(TEC_UNFUNDED_OFFER);
    }
    let fee_rate = match terms.gives.issuer() {
        Some(issuer) if issuer != tx.account => money::transfer_rate(view, issuer),
        _ => money::PARITY,
    };
    let with_fee = if fee_rate == money::PARITY {
        terms.amounts.paid
    } else {
        mul_round(
            terms.amounts.paid,
            rate_number(fee_rate)?,
            terms.amounts.paid.kind(),
            true,
            Strictness::Loose,
        )
        .map_err(internal)?
    };
    let mut limit = Quality::of(Pair { paid: with_fee, got: terms.amounts.got });
    if tx.has(flags::TF_PASSIVE) {
        limit = limit.next_better();
    }
    let sells = tx.has(flags::TF_SELL);
    let request = Request {
        source: tx.account,
        destination: tx.account,
        send: terms.gives,
        deliver: terms.wants,
        amount: if sells { everything(view, tx.account, terms.wants)? } else { terms.amounts.got },
        send_max: Some(amount::least(with_fee, funds)),
        limit: Some(limit),
        partial: !tx.has(flags::TF_FILL_OR_KILL),
        purpose: if sells { Purpose::CrossingSell } else { Purpose::Crossing },
        paths: Vec::new(),
        no_default: false,
    };
    let mut sandbox = view.payment_sandbox();
    let flowed = flow::flow(&mut sandbox, &request);
    if flowed.result != TES_SUCCESS {
        for key in &flowed.dead_offers {
            offers::delete(&mut sandbox, key);
            offers::delete(killed, key);
        }
    }
    let funds_after = money::spendable(&sandbox, tx.account, &terms.gives).unwrap_or(terms.amounts.paid);
    view.accept_payment(sandbox);
    if flowed.result != TES_SUCCESS {
        return Ok(terms.amounts);
    }
    if !amount::is_positive(funds_after) {
        return Ok(Pair { paid: amount::zero(funds.kind()), got: amount::zero(terms.amounts.got.kind()) });
    }
    remainder(terms.amounts, (flowed.paid, flowed.got), sells, fee_rate)
}

/// What is left of an offer after a trade, at the rate it was made with.
fn remainder(whole: Pair, (paid, got): (StAmount, StAmount), sells: bool, fee_rate: u32) -> Outcome<Pair> {
    let internal = |_: UnitsError| TEC_INTERNAL;
    let rate = stamount::rate_amount(stamount::rate(whole.got, whole.paid)).map_err(internal)?;
    let at_least_zero = |number: StAmount| {
        if amount::signum(number) < 0 { amount::zero(number.kind()) } else { number }
    };
    if sells {
        let without_fee = if fee_rate == money::PARITY {
            paid
        } else {
            div_round(paid, rate_number(fee_rate)?, paid.kind(), true, Strictness::Loose).map_err(internal)?
        };
        let left = at_least_zero(amount::sub(whole.paid, without_fee).map_err(internal)?);
        let wanted = div_round(left, rate, whole.got.kind(), false, Strictness::Strict).map_err(internal)?;
        return Ok(Pair { paid: left, got: wanted });
    }
    let wanted = at_least_zero(amount::sub(whole.got, got).map_err(internal)?);
    let left = mul_round(wanted, rate, whole.paid.kind(), true, Strictness::Loose).map_err(internal)?;
    Ok(Pair { paid: left, got: wanted })
}

/// A rate in parts of 10^9 as a number.
fn rate_number(rate: u32) -> Outcome<StAmount> {
    IssuedValue::from_parts(rate.into(), -9).map(StAmount::Issued).map_err(|_| TEC_INTERNAL)
}

/// More than any book can give: what a selling offer accepts. Of XRP, all that others can have.
fn everything(view: &View, account: AccountId, asset: Asset) -> Outcome<StAmount> {
    match amount::kind_of(&asset) {
        Kind::Native => {
            let own = view.account(account).ok_or(TEF_INTERNAL)?.balance;
            Ok(StAmount::Native(Drops::MAX.saturating_sub(own)))
        }
        Kind::Issued => {
            let half = i128::from(IssuedValue::MANTISSA_MAX) / 2;
            let value = IssuedValue::from_parts(half, IssuedValue::EXPONENT_MAX).map_err(|_| TEC_INTERNAL)?;
            Ok(StAmount::Issued(value))
        }
    }
}
