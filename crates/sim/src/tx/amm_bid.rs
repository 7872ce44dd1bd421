//! AMMBid: buys the auction slot, a day at a tenth of the trading fee, for tokens. The holder before gets back the part of
//! its price that is not used up; the rest is burned (XRP Ledger documentation, "AMMBid"). Never lends tokens.

use std::collections::BTreeSet;

use ledger::{AccountId, Amount, fields as f};
use units::stamount::{Kind, StAmount};

use super::Tx;
use super::amm::{self, DISCOUNT, SLOT_SECONDS, checked, number};
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::amount;
use crate::number::{NEAREST, Number};
use crate::pool::fee;
use crate::pool::tokens::{Way, fitted};
use crate::state::{Amm, AuctionSlot, View, money};
use crate::ter::*;

/// Accounts that a slot holder may name.
const OTHERS_MAX: usize = 4;
/// Parts of a slot's day.
const INTERVALS: u32 = 20;
/// The lowest price is the fee times all tokens, divided by this.
const LEAST_PRICE_PART: i64 = 25;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    amm::checked_pair(tx)?;
    amm::check_amount(tx.amount(f::BID_MIN), None, false)?;
    amm::check_amount(tx.amount(f::BID_MAX), None, false)?;
    let others = others(tx);
    let mut seen = BTreeSet::from([tx.account]);
    let repeated = others.iter().any(|other| !seen.insert(*other));
    if others.len() > OTHERS_MAX || repeated { Err(TEM_MALFORMED) } else { Ok(()) }
}

fn others(tx: &Tx) -> Vec<AccountId> {
    let items = tx.object.array(f::AUTH_ACCOUNTS).unwrap_or_default();
    items.iter().filter_map(|item| item.fields.account(f::ACCOUNT)).collect()
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let pool = amm::of(view, tx)?;
    if pool.supply.is_zero() {
        return Err(TEC_AMM_EMPTY);
    }
    if others(tx).iter().any(|other| view.account(*other).is_none()) {
        return Err(TER_NO_ACCOUNT);
    }
    let held = amm::tokens_of(view, pool, tx.account);
    if held.is_zero() {
        return Err(TEC_AMM_INVALID_TOKENS);
    }
    let (least, most) = (tx.amount(f::BID_MIN), tx.amount(f::BID_MAX));
    for bid in [least, most].into_iter().flatten() {
        let Amount::Issued { value, .. } = bid else {
            return Err(TEM_BAD_AMM_TOKENS);
        };
        if bid.asset() != pool.token_asset() {
            return Err(TEM_BAD_AMM_TOKENS);
        }
        if value > held || value >= pool.supply {
            return Err(TEC_AMM_INVALID_TOKENS);
        }
    }
    let crossed = least.is_some_and(|least| {
        most.is_some_and(|most| least.compare(&most).is_some_and(|order| order.is_gt()))
    });
    if crossed { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(()) }
}

/// Bids.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match bid(view, context.tx) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

fn bid(view: &mut View, tx: &Tx) -> Outcome<()> {
    let pair = amm::pair(tx)?;
    let pool = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?.clone();
    let held = Number::of_value(amm::tokens_of(view, &pool, tx.account));
    let least = least_price(&pool)?;
    let interval = interval_of(&pool.slot, view.rules.parent_close_time)
        .filter(|interval| *interval < INTERVALS - 1 && view.account(pool.slot.account).is_some());
    let calc = NEAREST;
    let Some(interval) = interval else {
        let pays = price_to_pay(tx, least, held)?;
        return take_slot(view, tx, &pool, pays, pays);
    };
    let bought_at = Number::of_value(pool.slot.price);
    let used = checked(calc.div(Number::new(i64::from(interval) + 1, 0), Number::new(INTERVALS.into(), 0)))?;
    let raised = calc.mul(bought_at, Number::new(105, -2));
    let decayed =
        if interval == 0 { raised } else { calc.mul(raised, calc.sub(Number::ONE, calc.power(used, 60))) };
    let pays = price_to_pay(tx, calc.add(decayed, least), held)?;
    let refund = calc.mul(calc.sub(Number::ONE, used), bought_at);
    if refund > pays {
        return Err(TEC_INTERNAL);
    }
    let refunded = checked(calc.amount(refund, Kind::Issued))?;
    amm::send(view, tx.account, pool.slot.account, &pool.token_asset(), refunded)?;
    take_slot(view, tx, &pool, pays, calc.sub(pays, refund))
}

fn least_price(pool: &Amm) -> Outcome<Number> {
    let fee = checked(fee(NEAREST, pool.fee_units))?;
    let all = NEAREST.mul(Number::of_value(pool.supply), fee);
    checked(NEAREST.div(all, Number::new(LEAST_PRICE_PART, 0)))
}

/// Which twentieth of its day a slot is in; `None` when it is over.
pub fn interval_of(slot: &AuctionSlot, now: u32) -> Option<u32> {
    let start = slot.expiration.checked_sub(SLOT_SECONDS)?;
    let passed = now.checked_sub(start)?;
    (passed < SLOT_SECONDS).then_some(passed / (SLOT_SECONDS / INTERVALS))
}

/// The computed price, raised to the lowest bid; it must lie within the highest one and what the bidder has.
fn price_to_pay(tx: &Tx, computed: Number, held: Number) -> Outcome<Number> {
    let bid = |field| -> Outcome<Option<Number>> {
        let bid = tx.amount(field).map(|bid| number(&bid)).transpose()?;
        Ok(bid.map(|bid| NEAREST.of(bid)))
    };
    if bid(f::BID_MAX)?.is_some_and(|most| computed > most) {
        return Err(TEC_AMM_FAILED);
    }
    let pays = bid(f::BID_MIN)?.map_or(computed, |least| computed.max(least));
    if pays > held { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(pays) }
}

fn take_slot(view: &mut View, tx: &Tx, pool: &Amm, price: Number, burn: Number) -> Outcome<()> {
    let supply = StAmount::Issued(pool.supply);
    let burn = checked(NEAREST.amount(burn, Kind::Issued))?;
    let burn = checked(fitted(supply, burn, Way::Withdraw))?;
    if amount::compare(burn, supply).is_ge() {
        return Err(TEC_INTERNAL);
    }
    money::send(view, tx.account, pool.account, &pool.token_asset(), burn)?;
    let price = checked(price.value())?;
    let left = amm::value(checked(amount::sub(supply, burn))?)?;
    let expiration = view.rules.parent_close_time.saturating_add(SLOT_SECONDS);
    let entry = view.amm_mut(&pool.assets.0, &pool.assets.1).ok_or(TEC_INTERNAL)?;
    entry.supply = left;
    entry.slot = AuctionSlot {
        account: tx.account,
        expiration,
        fee_units: pool.fee_units / DISCOUNT,
        price,
        others: others(tx),
    };
    Ok(())
}
