//! A step over a trust line: limits, line qualities and the issuer's transfer rate. Never meets an offer.

use units::stamount::{StAmount, mul_ratio};
use units::{IssuedValue, stamount};

use super::quality::{Pair, Quality};
use super::strand::{Cache, Debt, DirectStep, Direction};
use crate::amount;
use crate::state::{View, money};
use crate::ter::{Outcome, TEC_INTERNAL};

use money::PARITY;

impl DirectStep {
    /// How much can flow at the best quality, and how the source stands.
    fn flow_max(&self, view: &View, wanted: IssuedValue) -> Outcome<(IssuedValue, Debt)> {
        if self.crossing && self.is_last {
            return Ok((wanted, Debt::Issues));
        }
        let held = money::issued_balance(view, self.source, self.destination, self.currency);
        if held.is_positive() {
            return Ok((held, Debt::Redeems));
        }
        let line = view.line(self.source, self.destination, self.currency);
        let limit = line.map_or(IssuedValue::ZERO, |line| {
            if self.destination == line.low { line.low_limit } else { line.high_limit }
        });
        Ok((limit.checked_add(held).map_err(|_| TEC_INTERNAL)?, Debt::Issues))
    }

    /// How the source stands towards the destination.
    pub fn debt(&self, view: &View, direction: Direction) -> Debt {
        if let (Direction::Forward, Some(cache)) = (direction, self.cache) {
            return cache.debt;
        }
        if money::issued_balance(view, self.source, self.destination, self.currency).is_positive() {
            Debt::Redeems
        } else {
            Debt::Issues
        }
    }

    /// The quality the destination sets on what comes in over the line.
    pub fn line_quality_in(&self, view: &View) -> u32 {
        self.line_quality(view, true)
    }

    fn line_quality(&self, view: &View, incoming: bool) -> u32 {
        if self.crossing {
            return PARITY;
        }
        let Some(line) = view.line(self.source, self.destination, self.currency) else {
            return PARITY;
        };
        let side = if incoming { self.destination } else { self.source };
        let (quality_in, quality_out) = if side == line.low { line.low_quality } else { line.high_quality };
        let set = if incoming { quality_in } else { quality_out };
        set.filter(|quality| *quality != 0).unwrap_or(PARITY)
    }

    /// Qualities of the source (out) and the destination (in).
    fn qualities(&self, view: &View, own: Debt, before: Debt, quality_in_before: Option<u32>) -> (u32, u32) {
        if own == Debt::Redeems {
            let Some(quality_in_before) = quality_in_before else {
                return (PARITY, PARITY);
            };
            return (self.line_quality(view, false).max(quality_in_before), PARITY);
        }
        let out = if before == Debt::Redeems { money::transfer_rate(view, self.source) } else { PARITY };
        let quality_in = self.line_quality(view, true);
        (out, if self.is_last { quality_in.min(PARITY) } else { quality_in })
    }

    /// The quality of the step as a whole.
    pub fn quality(&self, view: &View, before: Debt, quality_in_before: Option<u32>) -> (Quality, Debt) {
        let own = self.debt(view, Direction::Forward);
        let (out, quality_in) = self.qualities(view, own, before, quality_in_before);
        let whole =
            |parts: u32| StAmount::Issued(IssuedValue::from_int(i32::try_from(parts).unwrap_or(i32::MAX)));
        (Quality::of(Pair { paid: whole(out), got: whole(quality_in) }), own)
    }

    /// What must go in so that `wanted` comes out.
    pub fn reverse(
        &mut self,
        view: &mut View,
        wanted: StAmount,
        before: Debt,
        quality_in_before: Option<u32>,
    ) -> Outcome<(StAmount, StAmount)> {
        let wanted = issued(wanted)?;
        self.cache = None;
        let (most, debt) = self.flow_max(view, wanted)?;
        let (out, quality_in) = self.qualities(view, debt, before, quality_in_before);
        if !most.is_positive() {
            return Ok(self.remember(IssuedValue::ZERO, IssuedValue::ZERO, IssuedValue::ZERO, debt));
        }
        let needed = ratio(wanted, PARITY, quality_in, true)?;
        let (moved, got) =
            if needed <= most { (needed, wanted) } else { (most, ratio(most, quality_in, PARITY, false)?) };
        let paid = ratio(moved, out, PARITY, true)?;
        let result = self.remember(paid, moved, got, debt);
        money::send_issued(view, self.source, self.destination, self.currency, moved)?;
        Ok(result)
    }

    /// What comes out when `paid` goes in: never more than the reverse run found.
    pub fn forward(
        &mut self,
        view: &mut View,
        paid: StAmount,
        before: Debt,
        quality_in_before: Option<u32>,
    ) -> Outcome<(StAmount, StAmount)> {
        let paid = issued(paid)?;
        let cache = self.cache.ok_or(TEC_INTERNAL)?;
        let (most, debt) = self.flow_max(view, issued(cache.moved)?)?;
        let (out, quality_in) = self.qualities(view, debt, before, quality_in_before);
        if !most.is_positive() {
            return Ok(self.remember(IssuedValue::ZERO, IssuedValue::ZERO, IssuedValue::ZERO, debt));
        }
        let possible = ratio(paid, PARITY, out, false)?;
        let (paid, moved) =
            if possible <= most { (paid, possible) } else { (ratio(most, out, PARITY, true)?, most) };
        let got = ratio(moved, quality_in, PARITY, false)?;
        let moved = amount::least(StAmount::Issued(moved), cache.moved);
        let got = amount::least(StAmount::Issued(got), cache.got);
        let result = self.remember(paid, issued(moved)?, issued(got)?, debt);
        money::send_issued(view, self.source, self.destination, self.currency, issued(moved)?)?;
        Ok(result)
    }

    fn remember(
        &mut self,
        paid: IssuedValue,
        moved: IssuedValue,
        got: IssuedValue,
        debt: Debt,
    ) -> (StAmount, StAmount) {
        let [paid, moved, got] = [paid, moved, got].map(StAmount::Issued);
        self.cache = Some(Cache { paid, moved, got, debt });
        (paid, got)
    }
}

fn ratio(value: IssuedValue, numerator: u32, denominator: u32, up: bool) -> Outcome<IssuedValue> {
    if numerator == denominator {
        return Ok(value);
    }
    mul_ratio(value, numerator, denominator, up).map_err(|_| TEC_INTERNAL)
}

fn issued(number: stamount::StAmount) -> Outcome<IssuedValue> {
    match number {
        StAmount::Issued(value) => Ok(value),
        StAmount::Native(_) => Err(TEC_INTERNAL),
    }
}
