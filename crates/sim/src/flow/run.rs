//! The flow as a whole: run after run over the strands, best quality first, until enough has come, nothing more can go
//! in, or all are dry. Never keeps what a failed request moved.

use std::collections::BTreeSet;

use ledger::{Hash256, ResultCode};
use units::stamount::StAmount;

use super::offers;
use super::quality::{Pair, Quality};
use super::strand::Strand;
use super::take::sum;
use super::{Flowed, Purpose, Request, build};
use crate::amount;
use crate::number::Number;
use crate::pool;
use crate::state::View;
use crate::ter::{
    Outcome, TEC_PATH_DRY, TEC_PATH_PARTIAL, TEF_EXCEPTION, TEL_FAILED_PROCESSING, TES_SUCCESS,
};

/// Runs at most.
const RUNS_MAX: u32 = 1000;
/// Offers met at most, over all runs.
const OFFERS_CONSIDERED_MAX: u32 = 1500;

/// Moves what the request asks for. `view` takes the movements over only when the result is a success.
pub fn flow(view: &mut View, request: &Request) -> Flowed {
    let none =
        (amount::zero(amount::kind_of(&request.send)), amount::zero(amount::kind_of(&request.deliver)));
    let failed =
        |result: ResultCode| Flowed { result, paid: none.0, got: none.1, dead_offers: BTreeSet::new() };
    let strands = match build::strands(view, request) {
        Ok(strands) => strands,
        Err(result) => return failed(result),
    };
    let mut run = Run {
        view: view.clone(),
        request,
        strands: strands.into_iter().map(Some).collect(),
        paid: Vec::new(),
        got: Vec::new(),
        dead: BTreeSet::new(),
        considered: 0,
        multi_path: false,
        pieces: 0,
    };
    run.multi_path = run.strands.len() > 1;
    let (result, totals) = match run.all(none) {
        Ok((totals, result)) => (result, totals),
        Err(result) => (result, none),
    };
    if result == TES_SUCCESS {
        *view = run.view;
    }
    Flowed { result, paid: totals.0, got: totals.1, dead_offers: run.dead }
}

struct Run<'a, 'r> {
    view: View<'a>,
    request: &'r Request,
    strands: Vec<Option<Strand>>,
    paid: Vec<StAmount>,
    got: Vec<StAmount>,
    dead: BTreeSet<Hash256>,
    considered: u32,
    /// There is more than one way.
    multi_path: bool,
    /// Runs that took from a pool.
    pieces: u16,
}

type Totals = (StAmount, StAmount);

impl Run<'_, '_> {
    fn all(&mut self, none: Totals) -> Outcome<(Totals, ResultCode)> {
        let wanted = self.request.amount;
        let (mut remaining, mut budget) = (wanted, self.request.send_max);
        let mut runs = 0;
        while amount::is_positive(remaining) && budget.is_none_or(amount::is_positive) {
            runs += 1;
            if runs >= RUNS_MAX {
                return Err(TEL_FAILED_PROCESSING);
            }
            let found = self.once(budget, remaining);
            if found {
                let total = sum(&self.got, none.1)?;
                remaining = amount::sub(wanted, total).map_err(|_| TEF_EXCEPTION)?;
                if let Some(max) = self.request.send_max {
                    let spent = sum(&self.paid, none.0)?;
                    budget = Some(amount::sub(max, spent).map_err(|_| TEF_EXCEPTION)?);
                }
            }
            if !found || self.considered >= OFFERS_CONSIDERED_MAX {
                break;
            }
        }
        let totals = (sum(&self.paid, none.0)?, sum(&self.got, none.1)?);
        Ok((totals, self.verdict(totals.1, budget)))
    }

    fn verdict(&self, got: StAmount, budget: Option<StAmount>) -> ResultCode {
        let request = self.request;
        match amount::compare(got, request.amount) {
            std::cmp::Ordering::Greater => return TEF_EXCEPTION,
            std::cmp::Ordering::Less if !request.partial && request.purpose != Purpose::CrossingSell => {
                return TEC_PATH_PARTIAL;
            }
            std::cmp::Ordering::Less if request.partial && got.is_zero() => return TEC_PATH_DRY,
            _ => {}
        }
        let must_spend_all = request.purpose == Purpose::CrossingSell && !request.partial;
        if must_spend_all && budget.is_some_and(|left| !left.is_zero()) {
            TEC_PATH_PARTIAL
        } else {
            TES_SUCCESS
        }
    }

    /// One run of the best strand that gives anything.
    fn once(&mut self, budget: Option<StAmount>, remaining: StAmount) -> bool {
        self.tell_pools();
        self.order_strands();
        self.multi_path = self.strands.len() > 1;
        self.tell_pools();
        let wanted = self.limited(remaining);
        let mut dead = BTreeSet::new();
        let mut found = false;
        for at in 0..self.strands.len() {
            let Some(mut strand) = self.strands.get_mut(at).and_then(Option::take) else {
                continue;
            };
            let bound = strand.quality_bound(&self.view);
            let limit = self.request.limit.filter(|_| self.request.purpose.is_crossing());
            if limit.is_some_and(|limit| bound.is_none_or(|bound| bound.is_worse_than(limit))) {
                continue;
            }
            let result = strand.run(&self.view, budget, wanted);
            dead.extend(result.dead);
            self.considered += result.met;
            let Some((paid, got, view)) = result.moved.filter(|(_, got, _)| !got.is_zero()) else {
                continue;
            };
            let quality = Quality::of(Pair { paid, got });
            if self.is_too_bad(quality, wanted != remaining) {
                continue;
            }
            self.pieces += u16::from(result.pool_used);
            self.paid.push(paid);
            self.got.push(got);
            self.view = view;
            found = true;
            if let Some(slot) = self.strands.get_mut(at).filter(|_| !result.inactive) {
                *slot = Some(strand);
            }
            break;
        }
        self.strands.retain(Option::is_some);
        for key in &dead {
            offers::delete(&mut self.view, key);
        }
        self.dead.extend(dead);
        found
    }

    fn tell_pools(&mut self) {
        for strand in self.strands.iter_mut().flatten() {
            strand.tell_pools(self.multi_path, self.pieces);
        }
    }

    /// What is asked of the one way left, so that a pool's average price keeps to the limit.
    fn limited(&self, remaining: StAmount) -> StAmount {
        match (self.strands.as_slice(), self.request.limit) {
            ([Some(strand)], Some(limit)) => strand.limited(&self.view, remaining, limit),
            _ => remaining,
        }
    }

    /// A way cut to the limit may miss it by the last digits.
    fn is_too_bad(&self, quality: Quality, cut: bool) -> bool {
        let Some(limit) = self.request.limit.filter(|limit| quality.is_worse_than(*limit)) else {
            return false;
        };
        !(cut && pool::are_near(quality, limit, Number::new(1, -7)).unwrap_or(false))
    }

    /// Best bound first; strands without one, or beyond the limit, are dropped. A single strand is left alone.
    fn order_strands(&mut self) {
        if self.strands.len() < 2 {
            return;
        }
        let view = &self.view;
        let limit = self.request.limit;
        let mut bounded: Vec<(Quality, Strand)> = self
            .strands
            .drain(..)
            .flatten()
            .filter_map(|strand| Some((strand.quality_bound(view)?, strand)))
            .filter(|(bound, _)| limit.is_none_or(|limit| !bound.is_worse_than(limit)))
            .collect();
        bounded.sort_by_key(|(bound, _)| bound.0);
        self.strands = bounded.into_iter().map(|(_, strand)| Some(strand)).collect();
    }
}
