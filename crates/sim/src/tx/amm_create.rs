//! AMMCreate: opens a pool of two assets. Its creator gets the first tokens, the vote on the fee and the auction slot.
//! Never opens a second pool of a pair.

use ledger::{Amount, Asset, fields as f, flags};
use units::stamount::StAmount;
use units::{Drops, LedgerIndex};

use super::Tx;
use super::amm::{self, DISCOUNT, SLOT_SECONDS, WEIGHT_UNITS, checked};
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::amount;
use crate::pool::tokens;
use crate::state::amm::{free_address, ordered, token_currency};
use crate::state::{
    AccountRoot, Amm, AuctionSlot, DirectoryKind, Entry, Thread, View, Vote, directory, index, money,
};
use crate::ter::*;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    let (one, other) = amounts(tx)?;
    if one.asset() == other.asset() {
        return Err(TEM_BAD_AMM_TOKENS);
    }
    amm::check_amount(Some(one), None, false)?;
    amm::check_amount(Some(other), None, false)?;
    if tx.number(f::TRADING_FEE).ok_or(TEM_MALFORMED)? > amm::FEE_UNITS_MAX {
        return Err(TEM_BAD_FEE);
    }
    Ok(())
}

fn amounts(tx: &Tx) -> Outcome<(Amount, Amount)> {
    let one = tx.amount(f::AMOUNT).ok_or(TEM_MALFORMED)?;
    let other = tx.amount(f::AMOUNT2).ok_or(TEM_MALFORMED)?;
    Ok((one, other))
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let (one, other) = amounts(tx)?;
    let assets = [one.asset(), other.asset()];
    if view.amm(&assets[0], &assets[1]).is_some() {
        return Err(TEC_DUPLICATE);
    }
    for asset in &assets {
        amm::check_authorized(view, tx.account, asset)?;
    }
    if assets.iter().any(|asset| amm::is_frozen(view, tx.account, asset)) {
        return Err(TEC_FROZEN);
    }
    let issuers = || assets.iter().filter_map(Asset::issuer).filter_map(|issuer| view.account(issuer));
    if issuers().any(|root| root.flags & flags::LSF_DEFAULT_RIPPLE == 0) {
        return Err(TER_NO_RIPPLE);
    }
    let liquid = money::xrp_liquid(view, tx.account, 1);
    if liquid <= Drops::ZERO {
        return Err(TEC_INSUF_RESERVE_LINE);
    }
    for amount in [one, other] {
        let needed = amm::number(&amount)?;
        let has = match amount {
            Amount::Xrp(_) => Some(StAmount::Native(liquid)),
            _ => money::spendable(view, tx.account, &amount.asset()),
        };
        if has.is_some_and(|has| amount::compare(has, needed).is_lt()) {
            return Err(TEC_UNFUNDED_AMM);
        }
    }
    if issuers().any(|root| root.amm_id.is_some()) { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(()) }
}

/// Opens the pool.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match open(view, context.tx) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

fn open(view: &mut View, tx: &Tx) -> Outcome<()> {
    let (one, other) = amounts(tx)?;
    let (one_asset, other_asset) = (one.asset(), other.asset());
    let key = index::amm(&one_asset, &other_asset);
    let account = free_address(view, key).ok_or(TEC_DUPLICATE)?;
    let LedgerIndex(sequence) = view.rules.ledger_index;
    let root = AccountRoot {
        flags: flags::LSF_DISABLE_MASTER | flags::LSF_DEFAULT_RIPPLE | flags::LSF_DEPOSIT_AUTH,
        amm_id: Some(key),
        ..AccountRoot::new(account, sequence)
    };
    view.insert(index::account(account), Entry::Account(root));
    let supply = checked(tokens::first_tokens(amm::number(&one)?, amm::number(&other)?))?;
    let fee_units = fee_units(tx)?;
    let owner_node =
        directory::add(view, index::owner_directory(account), key, DirectoryKind::Owner(account));
    let mut pool = Amm {
        account,
        assets: ordered(one_asset, other_asset),
        supply: amm::value(supply)?,
        token: token_currency(&one_asset, &other_asset),
        fee_units: 0,
        votes: Vec::new(),
        slot: AuctionSlot {
            account: tx.account,
            expiration: 0,
            fee_units: 0,
            price: units::IssuedValue::ZERO,
            others: Vec::new(),
        },
        owner_node,
        thread: Thread::default(),
    };
    give_vote_and_slot(&mut pool, view, tx, fee_units);
    let token = pool.token_asset();
    view.insert(key, Entry::Amm(Box::new(pool)));
    amm::send(view, account, tx.account, &token, supply)?;
    for amount in [one, other] {
        amm::send(view, tx.account, account, &amount.asset(), amm::number(&amount)?)?;
        if let Asset::Issued { currency, issuer } = amount.asset() {
            let line = view.line_mut(&index::line(account, issuer, currency)).ok_or(TEC_INTERNAL)?;
            line.flags |= flags::LSF_AMM_NODE;
        }
    }
    Ok(())
}

/// The trading fee a transaction names; none is none.
pub fn fee_units(tx: &Tx) -> Outcome<u16> {
    u16::try_from(tx.number(f::TRADING_FEE).unwrap_or(0)).map_err(|_| TEM_BAD_FEE)
}

/// Who fills an empty pool sets its fee, and holds the only vote and the slot for a day.
pub fn give_vote_and_slot(pool: &mut Amm, view: &View, tx: &Tx, fee_units: u16) {
    pool.fee_units = fee_units;
    pool.votes = vec![Vote {
        account: tx.account,
        fee_units,
        weight: u32::try_from(WEIGHT_UNITS).unwrap_or(u32::MAX),
    }];
    pool.slot.account = tx.account;
    pool.slot.expiration = view.rules.parent_close_time.saturating_add(SLOT_SECONDS);
    pool.slot.price = units::IssuedValue::ZERO;
    pool.slot.fee_units = fee_units / DISCOUNT;
}
