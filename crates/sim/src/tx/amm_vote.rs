//! AMMVote: a holder's vote on the trading fee, which becomes the average of eight votes weighted by tokens (XRP Ledger
//! documentation, "AMMVote"). Never moves money.

use ledger::fields as f;
use units::IssuedValue;
use units::stamount::StAmount;

use super::Tx;
use super::amm::{self, DISCOUNT, WEIGHT_UNITS, checked};
use super::amm_create::fee_units;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::number::{NEAREST, Number};
use crate::state::{Amm, View, Vote};
use crate::ter::*;

/// Votes a pool keeps.
const VOTES_MAX: usize = 8;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    amm::checked_pair(tx)?;
    let fee = tx.number(f::TRADING_FEE).ok_or(TEM_MALFORMED)?;
    if fee > amm::FEE_UNITS_MAX { Err(TEM_BAD_FEE) } else { Ok(()) }
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let pool = amm::of(view, tx)?;
    if pool.supply.is_zero() {
        return Err(TEC_AMM_EMPTY);
    }
    if amm::tokens_of(view, pool, tx.account).is_zero() { Err(TEC_AMM_INVALID_TOKENS) } else { Ok(()) }
}

/// Votes.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match vote(view, context.tx) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}

/// Votes with what backs them.
struct Poll {
    kept: Vec<(Vote, IssuedValue)>,
    weighted: Number,
    total: Number,
    supply: Number,
}

impl Poll {
    fn count(&mut self, fee_units: u16, tokens: IssuedValue) {
        let calc = NEAREST;
        let tokens = Number::of_value(tokens);
        self.weighted = calc.add(self.weighted, calc.mul(Number::new(fee_units.into(), 0), tokens));
        self.total = calc.add(self.total, tokens);
    }

    fn entry(
        &self,
        account: ledger::AccountId,
        fee_units: u16,
        tokens: IssuedValue,
    ) -> Outcome<(Vote, IssuedValue)> {
        let share = NEAREST.mul(Number::of_value(tokens), Number::new(WEIGHT_UNITS, 0));
        let weight = checked(NEAREST.div(share, self.supply).and_then(|share| NEAREST.whole(share)))?;
        let weight = u32::try_from(weight).map_err(|_| TEC_INTERNAL)?;
        Ok((Vote { account, fee_units, weight }, tokens))
    }

    /// Place of the vote with the fewest tokens, then the lowest fee, then the lowest account.
    fn least(&self) -> Option<usize> {
        let rank = |(vote, tokens): &(Vote, IssuedValue)| (*tokens, vote.fee_units, vote.account);
        (0..self.kept.len()).min_by_key(|at| self.kept.get(*at).map(rank))
    }
}

fn vote(view: &mut View, tx: &Tx) -> Outcome<()> {
    let pair = amm::pair(tx)?;
    let pool = view.amm(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    let own = amm::tokens_of(view, pool, tx.account);
    let fee_units = fee_units(tx)?;
    let mut poll = Poll {
        kept: Vec::new(),
        weighted: Number::ZERO,
        total: Number::ZERO,
        supply: NEAREST.of(StAmount::Issued(pool.supply)),
    };
    let mut found = false;
    for vote in &pool.votes {
        let tokens = amm::tokens_of(view, pool, vote.account);
        if tokens.is_zero() {
            continue;
        }
        let is_own = vote.account == tx.account;
        found |= is_own;
        let fee = if is_own { fee_units } else { vote.fee_units };
        poll.count(fee, tokens);
        let entry = poll.entry(vote.account, fee, tokens)?;
        poll.kept.push(entry);
    }
    if !found {
        add(&mut poll, tx.account, fee_units, own)?;
    }
    let fee = checked(NEAREST.div(poll.weighted, poll.total).and_then(|fee| NEAREST.whole(fee)))?;
    let fee = u16::try_from(fee).map_err(|_| TEC_INTERNAL)?;
    let votes = poll.kept.into_iter().map(|(vote, _)| vote).collect();
    let pool: &mut Amm = view.amm_mut(&pair.0, &pair.1).ok_or(TEC_INTERNAL)?;
    pool.votes = votes;
    pool.fee_units = fee;
    pool.slot.fee_units = fee / DISCOUNT;
    Ok(())
}

/// A new voter takes a free place, or that of the vote with the fewest tokens when it has more.
fn add(poll: &mut Poll, account: ledger::AccountId, fee_units: u16, tokens: IssuedValue) -> Outcome<()> {
    let entry = poll.entry(account, fee_units, tokens)?;
    if poll.kept.len() < VOTES_MAX {
        poll.count(fee_units, tokens);
        poll.kept.push(entry);
        return Ok(());
    }
    let Some(least) = poll.least() else { return Ok(()) };
    let Some((vote, backed)) = poll.kept.get(least).copied() else { return Ok(()) };
    if tokens > backed || (tokens == backed && fee_units > vote.fee_units) {
        let calc = NEAREST;
        let lost = Number::of_value(backed);
        poll.weighted = calc.sub(poll.weighted, calc.mul(Number::new(vote.fee_units.into(), 0), lost));
        poll.total = calc.sub(poll.total, lost);
        poll.count(fee_units, tokens);
        if let Some(place) = poll.kept.get_mut(least) {
            *place = entry;
        }
    }
    Ok(())
}
