//! A strand: steps from the payer to the receiver, and one run of it. Never chooses between strands.

use std::collections::BTreeSet;

use ledger::{AccountId, Currency, Hash256};
use units::Drops;
use units::stamount::StAmount;

use super::book::BookStep;
use super::curve::Curve;
use super::quality::Quality;
use crate::amount;
use crate::state::{View, money};
use crate::ter::{Outcome, TEC_INTERNAL};

/// In which direction a strand is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the receiver to the payer.
    Reverse,
    /// From the payer to the receiver.
    Forward,
}

/// Whether a step gives back what the next account issued, or issues itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debt {
    /// Gives back.
    Redeems,
    /// Issues.
    Issues,
}

/// What a step took and gave in its last run.
#[derive(Debug, Clone, Copy)]
pub struct Cache {
    /// What went in.
    pub paid: StAmount,
    /// What moved between the two accounts (direct steps).
    pub moved: StAmount,
    /// What came out.
    pub got: StAmount,
    /// How the source stood (direct steps).
    pub debt: Debt,
}

/// A way between two accounts over their trust line.
#[derive(Debug, Clone)]
pub struct DirectStep {
    /// From.
    pub source: AccountId,
    /// To.
    pub destination: AccountId,
    /// In this currency.
    pub currency: Currency,
    /// The strand ends here.
    pub is_last: bool,
    /// Line qualities and limits do not count (offers).
    pub crossing: bool,
    /// The last run.
    pub cache: Option<Cache>,
}

/// XRP at one end of the strand.
#[derive(Debug, Clone)]
pub struct XrpStep {
    /// Whose.
    pub account: AccountId,
    /// The strand ends here.
    pub is_last: bool,
    /// Added to the owner count when the reserve is reckoned.
    pub reserve_change: i32,
    /// The last run.
    pub cache: Option<StAmount>,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Over a trust line.
    Direct(DirectStep),
    /// Through a book.
    Book(BookStep),
    /// XRP in or out.
    Xrp(XrpStep),
}

/// A whole way.
#[derive(Debug, Clone)]
pub struct Strand {
    /// Its steps in order.
    pub steps: Vec<Step>,
}

/// What one run of a strand gave.
pub struct StrandRun<'a> {
    /// Taken and given, with the state after; `None` when it is dry.
    pub moved: Option<(StAmount, StAmount, View<'a>)>,
    /// Offers found dead.
    pub dead: BTreeSet<Hash256>,
    /// Offers met.
    pub met: u32,
    /// Nothing more to be had here.
    pub inactive: bool,
    /// A pool was taken from.
    pub pool_used: bool,
}

impl Strand {
    /// Whether it goes the same way as another one.
    pub fn goes_as(&self, other: &Strand) -> bool {
        let mut pairs = self.steps.iter().zip(&other.steps);
        self.steps.len() == other.steps.len()
            && pairs.all(|(one, other)| match (one, other) {
                (Step::Direct(one), Step::Direct(other)) => {
                    (one.source, one.destination, one.currency)
                        == (other.source, other.destination, other.currency)
                }
                (Step::Book(one), Step::Book(other)) => (one.paid, one.got) == (other.paid, other.got),
                (Step::Xrp(one), Step::Xrp(other)) => one.account == other.account,
                _ => false,
            })
    }

    /// Runs the strand for `wanted`, putting in at most `paid_max`.
    pub fn run<'a>(
        &mut self,
        base: &View<'a>,
        paid_max: Option<StAmount>,
        wanted: StAmount,
    ) -> StrandRun<'a> {
        let mut dead = BTreeSet::new();
        for book in self.books_mut() {
            book.pool_used = false;
        }
        let moved = self.try_run(base, paid_max, wanted, &mut dead).ok().flatten();
        let books = self.steps.iter().filter_map(|step| match step {
            Step::Book(book) => Some(book),
            _ => None,
        });
        let (mut met, mut inactive, mut pool_used) = (0, false, false);
        for book in books {
            met += book.met;
            inactive |= book.inactive;
            pool_used |= book.pool_used;
        }
        StrandRun { moved, dead, met, inactive, pool_used }
    }

    fn try_run<'a>(
        &mut self,
        base: &View<'a>,
        paid_max: Option<StAmount>,
        wanted: StAmount,
        dead: &mut BTreeSet<Hash256>,
    ) -> Outcome<Option<(StAmount, StAmount, View<'a>)>> {
        let (mut view, mut pristine) = (base.clone(), base.clone());
        let mut limiting = self.steps.len();
        let (mut step_got, mut limited) = (wanted, wanted);
        for at in (0..self.steps.len()).rev() {
            let (mut paid, got) = self.reverse(at, &mut view, &pristine, dead, step_got)?;
            if got.is_zero() {
                return Ok(None);
            }
            let over = paid_max.filter(|max| at == 0 && amount::compare(*max, paid).is_lt());
            if let Some(max) = over {
                view = base.clone();
                limiting = at;
                let (again, got) = self.forward(at, &mut view, &pristine, dead, max)?;
                limited = got;
                if got.is_zero() || again != max {
                    return Ok(None);
                }
                paid = again;
            } else if got != step_got {
                (view, pristine) = (base.clone(), base.clone());
                limiting = at;
                step_got = got;
                let (again, got) = self.reverse(at, &mut view, &pristine, dead, step_got)?;
                limited = got;
                if got.is_zero() || got != step_got {
                    return Ok(None);
                }
                paid = again;
            }
            step_got = paid;
        }
        let mut step_paid = limited;
        for at in limiting.saturating_add(1)..self.steps.len() {
            let (paid, got) = self.forward(at, &mut view, &pristine, dead, step_paid)?;
            if got.is_zero() || paid != step_paid {
                return Ok(None);
            }
            step_paid = got;
        }
        let paid = self.steps.first().and_then(Step::paid).ok_or(TEC_INTERNAL)?;
        let got = self.steps.last().and_then(Step::got).ok_or(TEC_INTERNAL)?;
        Ok(Some((paid, got, view)))
    }

    fn reverse(
        &mut self,
        at: usize,
        view: &mut View,
        pristine: &View,
        dead: &mut BTreeSet<Hash256>,
        wanted: StAmount,
    ) -> Outcome<(StAmount, StAmount)> {
        let before = self.debt_before(at, view, Direction::Reverse);
        let quality_in = self.quality_in_before(at, view);
        let previous_source = self.direct_source_before(at);
        let follows_book = self.follows_book(at);
        match self.steps.get_mut(at).ok_or(TEC_INTERNAL)? {
            Step::Direct(step) => step.reverse(view, wanted, before, quality_in),
            Step::Book(step) => {
                step.reverse(view, pristine, dead, wanted, (before, previous_source, follows_book))
            }
            Step::Xrp(step) => step.run(view, wanted),
        }
    }

    fn forward(
        &mut self,
        at: usize,
        view: &mut View,
        pristine: &View,
        dead: &mut BTreeSet<Hash256>,
        paid: StAmount,
    ) -> Outcome<(StAmount, StAmount)> {
        let before = self.debt_before(at, view, Direction::Forward);
        let quality_in = self.quality_in_before(at, view);
        let previous_source = self.direct_source_before(at);
        let follows_book = self.follows_book(at);
        match self.steps.get_mut(at).ok_or(TEC_INTERNAL)? {
            Step::Direct(step) => step.forward(view, paid, before, quality_in),
            Step::Book(step) => {
                step.forward(view, pristine, dead, paid, (before, previous_source, follows_book))
            }
            Step::Xrp(step) => step.run(view, paid),
        }
    }

    fn books_mut(&mut self) -> impl Iterator<Item = &mut BookStep> {
        self.steps.iter_mut().filter_map(|step| match step {
            Step::Book(book) => Some(book),
            _ => None,
        })
    }

    /// Tells the pools of the strand whether there are other ways, and how many pieces this payment has taken.
    pub fn tell_pools(&mut self, multi_path: bool, pieces: u16) {
        for pool in self.books_mut().filter_map(|book| book.pool.as_mut()) {
            pool.multi_path = multi_path;
            pool.pieces = pieces;
        }
    }

    /// How much of `wanted` a strand with a pool may give before its average quality falls below `limit`.
    pub fn limited(&self, view: &View, wanted: StAmount, limit: Quality) -> StAmount {
        let has_pool = self.steps.iter().any(|step| matches!(step, Step::Book(book) if book.pool.is_some()));
        let curve = if has_pool { self.curve(view) } else { None };
        curve.and_then(|curve| curve.limited(wanted, limit).ok()).unwrap_or(wanted)
    }

    fn curve(&self, view: &View) -> Option<Curve> {
        let mut whole: Option<Curve> = None;
        let mut debt = Debt::Issues;
        for (at, step) in self.steps.iter().enumerate() {
            let (own, after) = match step {
                Step::Xrp(_) => (Curve::flat(Quality::ONE).ok()?, Debt::Issues),
                Step::Direct(step) => {
                    let (quality, after) = step.quality(view, debt, self.quality_in_before(at, view));
                    (Curve::flat(quality).ok()?, after)
                }
                Step::Book(step) => (step.curve(view, debt)?, step.debt()),
            };
            whole = Some(whole.map_or(own, |whole| whole.then(own)));
            debt = after;
        }
        whole
    }

    /// The best quality the strand can have now; `None` when a book is empty.
    pub fn quality_bound(&self, view: &View) -> Option<Quality> {
        let mut quality = Quality::ONE;
        let mut debt = Debt::Issues;
        for (at, step) in self.steps.iter().enumerate() {
            let (own, after) = match step {
                Step::Xrp(_) => (Quality::ONE, Debt::Issues),
                Step::Direct(step) => step.quality(view, debt, self.quality_in_before(at, view)),
                Step::Book(step) => (step.quality_bound(view, debt)?, step.debt()),
            };
            quality = quality.composed(own).ok()?;
            debt = after;
        }
        Some(quality)
    }

    fn before(&self, at: usize) -> Option<&Step> {
        at.checked_sub(1).and_then(|before| self.steps.get(before))
    }

    fn debt_before(&self, at: usize, view: &View, direction: Direction) -> Debt {
        match self.before(at) {
            None | Some(Step::Xrp(_)) => Debt::Issues,
            Some(Step::Book(step)) => step.debt(),
            Some(Step::Direct(step)) => step.debt(view, direction),
        }
    }

    fn quality_in_before(&self, at: usize, view: &View) -> Option<u32> {
        match self.before(at) {
            None => None,
            Some(Step::Direct(step)) => Some(step.line_quality_in(view)),
            Some(Step::Book(_) | Step::Xrp(_)) => Some(money::PARITY),
        }
    }

    fn direct_source_before(&self, at: usize) -> Option<AccountId> {
        match self.before(at) {
            Some(Step::Direct(step)) => Some(step.source),
            _ => None,
        }
    }

    fn follows_book(&self, at: usize) -> bool {
        matches!(self.before(at), Some(Step::Book(_)))
    }
}

impl Step {
    fn paid(&self) -> Option<StAmount> {
        match self {
            Step::Direct(step) => step.cache.map(|cache| cache.paid),
            Step::Book(step) => step.cache.map(|cache| cache.paid),
            Step::Xrp(step) => step.cache,
        }
    }

    fn got(&self) -> Option<StAmount> {
        match self {
            Step::Direct(step) => step.cache.map(|cache| cache.got),
            Step::Book(step) => step.cache.map(|cache| cache.got),
            Step::Xrp(step) => step.cache,
        }
    }
}

impl XrpStep {
    /// XRP goes out of the account (as much as it has above its reserve) or comes in.
    fn run(&mut self, view: &mut View, number: StAmount) -> Outcome<(StAmount, StAmount)> {
        let StAmount::Native(drops) = number else {
            return Err(TEC_INTERNAL);
        };
        let none = AccountId::ZERO;
        let (from, to, moved) = if self.is_last {
            (none, self.account, drops)
        } else {
            (self.account, none, drops.min(money::xrp_liquid(view, self.account, self.reserve_change)))
        };
        let moved = StAmount::Native(moved);
        if money::send(view, from, to, &ledger::Asset::Xrp, moved).is_err() {
            let nothing = StAmount::Native(Drops::ZERO);
            return Ok((nothing, nothing));
        }
        self.cache = Some(moved);
        Ok((moved, moved))
    }
}
