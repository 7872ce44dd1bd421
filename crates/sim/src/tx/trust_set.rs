//! TrustSet: makes a trust line, changes this account's side of it, or gives it up. Never moves its balance.

use ledger::{AccountId, Amount, Currency, fields as f, flags};
use units::IssuedValue;

use super::Tx;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use super::offer_create::is_xrp_look_alike;
use crate::state::trust::{self, NewLine, side_flags};
use crate::state::{Entry, TrustLine, View, index, money};
use crate::ter::*;

const FREEZES: u32 = flags::TF_SET_FREEZE | flags::TF_SET_DEEP_FREEZE;
/// `lsfDisallowIncomingTrustline`: no new line of somebody else's.
const DISALLOWS_LINES: u32 = 0x2000_0000;
const THAWS: u32 = flags::TF_CLEAR_FREEZE | flags::TF_CLEAR_DEEP_FREEZE;
const ALLOWED: u32 =
    UNIVERSAL | flags::TF_SETF_AUTH | flags::TF_SET_NO_RIPPLE | flags::TF_CLEAR_NO_RIPPLE | FREEZES | THAWS;

fn limit_of(tx: &Tx) -> Outcome<(IssuedValue, Currency, AccountId)> {
    match tx.amount(f::LIMIT_AMOUNT) {
        Some(Amount::Issued { value, currency, issuer }) => Ok((value, currency, issuer)),
        // The field is optional, and a limit that is not given reads as no XRP.
        None | Some(Amount::Xrp(_) | Amount::Mpt { .. }) => Err(TEM_BAD_LIMIT),
    }
}

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !ALLOWED != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let (limit, currency, peer) = limit_of(tx)?;
    if is_xrp_look_alike(currency) {
        return Err(TEM_BAD_CURRENCY);
    }
    if limit.is_negative() {
        return Err(TEM_BAD_LIMIT);
    }
    if peer == AccountId::ZERO || peer == AccountId::ONE { Err(TEM_DST_NEEDED) } else { Ok(()) }
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let root = view.account(tx.account).ok_or(TER_NO_ACCOUNT)?;
    let peer = limit_of(tx)?.2;
    if tx.has(flags::TF_SETF_AUTH) && root.flags & flags::LSF_REQUIRE_AUTH == 0 {
        return Err(TEF_NO_AUTH_REQUIRED);
    }
    if peer == tx.account {
        return Err(TEM_DST_IS_SRC);
    }
    let refuses = view.account(peer).ok_or(TEC_NO_DST)?.flags & DISALLOWS_LINES != 0;
    if refuses && view.line(tx.account, peer, limit_of(tx)?.1).is_none() {
        return Err(TEC_NO_PERMISSION);
    }
    check_pool(view, tx, peer)?;
    check_freezes(view, tx, root.flags)
}

/// "Deep Freeze" in the XRP Ledger documentation: not from an account that gave freezing up, not set and cleared at once,
/// and no line is deep-frozen without being frozen, whatever the order it came to be so.
fn check_freezes(view: &View, tx: &Tx, root_flags: u32) -> Outcome<()> {
    let (_, currency, peer) = limit_of(tx)?;
    let cannot_freeze = root_flags & flags::LSF_NO_FREEZE != 0;
    let both_ways = tx.has(FREEZES) && tx.has(THAWS);
    let line = view.line(tx.account, peer, currency).map_or(0, |line| line.flags);
    let [_, _, _, freeze, deep] = side_flags(tx.account < peer);
    let after = freezes_after(tx, line, freeze, deep);
    let only_deep = after & deep != 0 && after & freeze == 0;
    let refused = (cannot_freeze && tx.has(FREEZES)) || both_ways || only_deep;
    if refused { Err(TEC_NO_PERMISSION) } else { Ok(()) }
}

/// The line's flags with its freezes as the transaction leaves them.
fn freezes_after(tx: &Tx, mut line_flags: u32, freeze: u32, deep: u32) -> u32 {
    for (set, clear, flag) in [
        (flags::TF_SET_FREEZE, flags::TF_CLEAR_FREEZE, freeze),
        (flags::TF_SET_DEEP_FREEZE, flags::TF_CLEAR_DEEP_FREEZE, deep),
    ] {
        match (tx.has(set), tx.has(clear)) {
            (true, false) => line_flags |= flag,
            (false, true) => line_flags &= !flag,
            _ => {}
        }
    }
    line_flags
}

/// A new line to a pool's account can only be for the pool's tokens, while there are any.
fn check_pool(view: &View, tx: &Tx, peer: AccountId) -> Outcome<()> {
    let Some(pool) = view.account(peer).and_then(|root| root.amm_id) else {
        return Ok(());
    };
    let currency = limit_of(tx)?.1;
    if view.line(tx.account, peer, currency).is_some() {
        return Ok(());
    }
    match view.get(&pool) {
        Some(Entry::Amm(pool)) if pool.supply.is_zero() => Err(TEC_AMM_EMPTY),
        Some(Entry::Amm(pool)) if pool.token != currency => Err(TEC_NO_PERMISSION),
        Some(Entry::Amm(_)) => Ok(()),
        _ => Err(TEC_INTERNAL),
    }
}

/// Makes, changes or gives up the line.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match set(view, context) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

fn set(view: &mut View, context: &Context) -> Outcome<()> {
    let tx = context.tx;
    let (limit, currency, peer) = limit_of(tx)?;
    let owned = view.account(tx.account).ok_or(TEF_INTERNAL)?.owner_count;
    // An account that owns fewer than two objects may add a line without the reserve for it.
    let affordable = owned < 2 || context.balance_before >= view.rules.fees.reserve(owned.saturating_add(1));
    view.account(peer).ok_or(TEC_NO_DST)?;
    let quality =
        (tx.number(f::QUALITY_IN), tx.number(f::QUALITY_OUT).map(|q| if q == money::PARITY { 0 } else { q }));
    if view.line(tx.account, peer, currency).is_some() {
        return change(view, tx, (limit, currency, peer), quality, affordable);
    }
    let nothing_set = |quality: Option<u32>| quality.unwrap_or(0) == 0;
    if limit.is_zero() && nothing_set(quality.0) && nothing_set(quality.1) && !tx.has(flags::TF_SETF_AUTH) {
        return Err(TEC_NO_LINE_REDUNDANT);
    }
    if !affordable {
        return Err(TEC_NO_LINE_INSUF_RESERVE);
    }
    let some = |quality: Option<u32>| quality.filter(|quality| *quality != 0);
    let only = |set: u32, clear: u32| tx.has(set) && !tx.has(clear);
    trust::create(
        view,
        NewLine {
            owner: tx.account,
            peer,
            currency,
            limit,
            balance: IssuedValue::ZERO,
            quality: (some(quality.0), some(quality.1)),
            authorized: tx.has(flags::TF_SETF_AUTH),
            no_ripple: only(flags::TF_SET_NO_RIPPLE, flags::TF_CLEAR_NO_RIPPLE),
            freeze: only(flags::TF_SET_FREEZE, flags::TF_CLEAR_FREEZE),
            deep_freeze: tx.has(flags::TF_SET_DEEP_FREEZE),
        },
    )
}

fn change(
    view: &mut View,
    tx: &Tx,
    (limit, currency, peer): (IssuedValue, Currency, AccountId),
    quality: (Option<u32>, Option<u32>),
    affordable: bool,
) -> Outcome<()> {
    let key = index::line(tx.account, peer, currency);
    let is_low = tx.account < peer;
    let mut line = view.line(tx.account, peer, currency).ok_or(TEF_INTERNAL)?.clone();
    let (own_limit, own_quality) = if is_low {
        (&mut line.low_limit, &mut line.low_quality)
    } else {
        (&mut line.high_limit, &mut line.high_quality)
    };
    *own_limit = limit;
    for (own, asked) in [(&mut own_quality.0, quality.0), (&mut own_quality.1, quality.1)] {
        if let Some(asked) = asked {
            *own = (asked != 0).then_some(asked);
        }
    }
    change_flags(tx, &mut line, is_low)?;
    let mut reserve_added = false;
    for low_side in [true, false] {
        let [reserve, ..] = side_flags(low_side);
        let side = if low_side { line.low } else { line.high };
        let needed = needs_line(view, &line, low_side);
        match (needed, line.flags & reserve != 0) {
            (true, false) => {
                view.adjust_owner_count(side, 1);
                line.flags |= reserve;
                reserve_added |= low_side == is_low;
            }
            (false, true) => {
                view.adjust_owner_count(side, -1);
                line.flags &= !reserve;
            }
            _ => {}
        }
    }
    let unneeded = !needs_line(view, &line, true) && !needs_line(view, &line, false);
    *view.line_mut(&key).ok_or(TEF_INTERNAL)? = line;
    if unneeded {
        trust::delete(view, &key);
    } else if reserve_added && !affordable {
        return Err(TEC_INSUF_RESERVE_LINE);
    }
    Ok(())
}

fn change_flags(tx: &Tx, line: &mut TrustLine, is_low: bool) -> Outcome<()> {
    let [_, auth, no_ripple, freeze, deep] = side_flags(is_low);
    let held = if is_low { line.balance } else { line.balance.negate() };
    let sets_no_ripple = tx.has(flags::TF_SET_NO_RIPPLE) && !tx.has(flags::TF_CLEAR_NO_RIPPLE);
    if sets_no_ripple && held.is_negative() {
        return Err(TEC_NO_PERMISSION);
    }
    match (tx.has(flags::TF_SET_NO_RIPPLE), tx.has(flags::TF_CLEAR_NO_RIPPLE)) {
        (true, false) => line.flags |= no_ripple,
        (false, true) => line.flags &= !no_ripple,
        _ => {}
    }
    line.flags = freezes_after(tx, line.flags, freeze, deep);
    if tx.has(flags::TF_SETF_AUTH) {
        line.flags |= auth;
    }
    Ok(())
}

/// Whether one side has a reason to keep the line.
fn needs_line(view: &View, line: &TrustLine, low_side: bool) -> bool {
    let [_, _, no_ripple, freeze, _] = side_flags(low_side);
    let (side, limit, quality, held) = if low_side {
        (line.low, line.low_limit, line.low_quality, line.balance)
    } else {
        (line.high, line.high_limit, line.high_quality, line.balance.negate())
    };
    let default_ripple = view.account(side).is_some_and(|root| root.flags & flags::LSF_DEFAULT_RIPPLE != 0);
    let set = |quality: Option<u32>| quality.is_some_and(|quality| quality != 0 && quality != money::PARITY);
    set(quality.0)
        || set(quality.1)
        || (line.flags & no_ripple == 0) != default_ripple
        || line.flags & freeze != 0
        || !limit.is_zero()
        || held.is_positive()
}
