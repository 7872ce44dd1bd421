//! OfferCreate: cancels what it replaces, takes what the book gives at its price or better, and rests with what is left
//! at the rate it asked for. Never rests at another rate.

use ledger::{Amount, Asset, fields as f, flags};
use units::{UnitsError, stamount};

use super::Tx;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use super::offer_cross::{Terms, cross, to_tick_size};
use crate::amount;
use crate::flow::{Pair, offers};
use crate::state::{DirectoryKind, Entry, Offer, Thread, View, directory, index, money};
use crate::ter::*;

const ALLOWED: u32 =
    UNIVERSAL | flags::TF_PASSIVE | flags::TF_IMMEDIATE_OR_CANCEL | flags::TF_FILL_OR_KILL | flags::TF_SELL;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !ALLOWED != 0 || (tx.has(flags::TF_IMMEDIATE_OR_CANCEL) && tx.has(flags::TF_FILL_OR_KILL)) {
        return Err(TEM_INVALID_FLAG);
    }
    if tx.number(f::EXPIRATION) == Some(0) {
        return Err(TEM_BAD_EXPIRATION);
    }
    if tx.number(f::OFFER_SEQUENCE) == Some(0) {
        return Err(TEM_BAD_SEQUENCE);
    }
    let pays = tx.amount(f::TAKER_PAYS).ok_or(TEM_MALFORMED)?;
    let gets = tx.amount(f::TAKER_GETS).ok_or(TEM_MALFORMED)?;
    if matches!(pays, Amount::Mpt { .. }) || matches!(gets, Amount::Mpt { .. }) {
        return Err(TEM_DISABLED);
    }
    let (pays_asset, gets_asset) = (pays.asset(), gets.asset());
    if (pays_asset.is_xrp() && gets_asset.is_xrp()) || pays.signum() <= 0 || gets.signum() <= 0 {
        return Err(TEM_BAD_OFFER);
    }
    if pays_asset == gets_asset {
        return Err(TEM_REDUNDANT);
    }
    let bad = |asset: &Asset| asset.currency().is_some_and(is_xrp_look_alike);
    if bad(&pays_asset) || bad(&gets_asset) { Err(TEM_BAD_CURRENCY) } else { Ok(()) }
}

/// An issued currency must not be spelt `XRP`.
pub fn is_xrp_look_alike(currency: ledger::Currency) -> bool {
    let mut spelt = [0; 20];
    spelt[12..15].copy_from_slice(b"XRP");
    currency.0 == spelt
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let terms = terms(tx)?;
    let root = view.account(tx.account).ok_or(TER_NO_ACCOUNT)?;
    let frozen = |asset: &Asset| asset.issuer().is_some_and(|issuer| money::is_globally_frozen(view, issuer));
    if frozen(&terms.wants) || frozen(&terms.gives) {
        return Err(TEC_FROZEN);
    }
    let funds = money::spendable(view, tx.account, &terms.gives);
    if funds.is_some_and(|funds| !amount::is_positive(funds)) {
        return Err(TEC_UNFUNDED_OFFER);
    }
    if tx.number(f::OFFER_SEQUENCE).is_some_and(|old| root.sequence <= old) {
        return Err(TEM_BAD_SEQUENCE);
    }
    if has_expired(view, tx) {
        return Err(TEC_EXPIRED);
    }
    check_may_receive(view, tx, &terms.wants)
}

fn check_may_receive(view: &View, tx: &Tx, wants: &Asset) -> Outcome<()> {
    let Asset::Issued { currency, issuer } = *wants else {
        return Ok(());
    };
    let retry = view.rules.retry;
    let root = view.account(issuer).ok_or(if retry { TER_NO_ACCOUNT } else { TEC_NO_ISSUER })?;
    if issuer == tx.account {
        return Ok(());
    }
    let line = view.line(tx.account, issuer, currency);
    if root.flags & flags::LSF_REQUIRE_AUTH != 0 {
        let line = line.ok_or(if retry { TER_NO_LINE } else { TEC_NO_LINE })?;
        let by_issuer = if tx.account > issuer { flags::LSF_LOW_AUTH } else { flags::LSF_HIGH_AUTH };
        if line.flags & by_issuer == 0 {
            return Err(if retry { TER_NO_AUTH } else { TEC_NO_AUTH });
        }
    }
    if money::is_deep_frozen(view, tx.account, issuer, currency) { Err(TEC_FROZEN) } else { Ok(()) }
}

fn has_expired(view: &View, tx: &Tx) -> bool {
    tx.number(f::EXPIRATION).is_some_and(|at| view.rules.parent_close_time >= at)
}

fn terms(tx: &Tx) -> Outcome<Terms> {
    let gives = tx.amount(f::TAKER_GETS).ok_or(TEM_MALFORMED)?;
    let wants = tx.amount(f::TAKER_PAYS).ok_or(TEM_MALFORMED)?;
    let number = |amount: &Amount| amount::number(amount).map_err(|_| TEM_BAD_AMOUNT);
    let amounts = Pair { paid: number(&gives)?, got: number(&wants)? };
    Ok(Terms { gives: gives.asset(), wants: wants.asset(), amounts })
}

/// Replaces, crosses and rests. A view that is to be dropped after a kill has the dead offers deleted, nothing else.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let mut killed = view.clone();
    match place(view, &mut killed, context) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => {
            if result == TEC_KILLED {
                *view = killed;
            }
            Done::with(result)
        }
    }
}

fn place(view: &mut View, killed: &mut View, context: &Context) -> Outcome<()> {
    let tx = context.tx;
    let mut terms = terms(tx)?;
    if let Some(old) = tx.number(f::OFFER_SEQUENCE) {
        offers::delete(view, &index::offer(tx.account, old));
    }
    if has_expired(view, tx) {
        return Err(TEC_EXPIRED);
    }
    // An amount that is too large on the grid is an exception nobody expects; one while crossing is `tecINTERNAL`.
    let Some(rounded) = to_tick_size(view, &terms, tx.has(flags::TF_SELL)).map_err(|_| TEF_EXCEPTION)? else {
        return Ok(());
    };
    terms.amounts = rounded;
    let rate = stamount::rate(terms.amounts.paid, terms.amounts.got);
    let left = cross(view, killed, tx, &terms)?;
    if amount::signum(left.paid) < 0 || amount::signum(left.got) < 0 {
        return Err(TEF_INTERNAL);
    }
    if left.paid.is_zero() || left.got.is_zero() {
        return Ok(());
    }
    let crossed = left != terms.amounts;
    if tx.has(flags::TF_FILL_OR_KILL) {
        return Err(TEC_KILLED);
    }
    if tx.has(flags::TF_IMMEDIATE_OR_CANCEL) {
        return if crossed { Ok(()) } else { Err(TEC_KILLED) };
    }
    let owned = view.account(tx.account).ok_or(TEF_INTERNAL)?.owner_count;
    if context.balance_before < view.rules.fees.reserve(owned.saturating_add(1)) {
        return if crossed { Ok(()) } else { Err(TEC_INSUF_RESERVE_OFFER) };
    }
    terms.amounts = left;
    rest(view, tx, &terms, rate)
}

fn rest(view: &mut View, tx: &Tx, terms: &Terms, rate: u64) -> Outcome<()> {
    let sequence = tx.sequence.number();
    let key = index::offer(tx.account, sequence);
    let owner_root = index::owner_directory(tx.account);
    let owner_node = directory::add(view, owner_root, key, DirectoryKind::Owner(tx.account));
    view.adjust_owner_count(tx.account, 1);
    let book_directory = index::with_quality(index::book_base(&terms.wants, &terms.gives), rate);
    let kind = DirectoryKind::Book { taker_pays: terms.wants, taker_gets: terms.gives, rate };
    let book_node = directory::add(view, book_directory, key, kind);
    let internal = |_: UnitsError| TEC_INTERNAL;
    let marks = [(flags::TF_PASSIVE, flags::LSF_PASSIVE), (flags::TF_SELL, flags::LSF_SELL)];
    let offer = Offer {
        account: tx.account,
        sequence,
        taker_pays: amount::of_asset(terms.amounts.got, &terms.wants).map_err(internal)?,
        taker_gets: amount::of_asset(terms.amounts.paid, &terms.gives).map_err(internal)?,
        book_directory,
        book_node,
        owner_node,
        expiration: tx.number(f::EXPIRATION),
        flags: marks.iter().filter(|(asked, _)| tx.has(*asked)).fold(0, |all, (_, mark)| all | mark),
        thread: Thread::default(),
    };
    view.insert(key, Entry::Offer(offer));
    Ok(())
}
