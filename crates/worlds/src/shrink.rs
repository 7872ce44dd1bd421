//! Makes the story of a failing seed shorter: leaves out what it fails without, and ends it as early as it fails.

use crate::plan::{Less, Plan, Shape};
use crate::world::{Outcome, run};
use anyhow::Result;

/// Minutes that a shorter world may have.
const MINUTES: [u32; 5] = [3, 6, 10, 15, 20];

/// The smallest world of the seed that was found to break the same invariant, and what came of it.
///
/// # Errors
/// What kept the simulation itself from working.
pub fn shrink(seed: u64, shape: Shape, outcome: &Outcome) -> Result<(Shape, Outcome)> {
    let Some(invariant) = outcome.violations.first().map(|violation| violation.invariant) else {
        return Ok((shape, outcome.clone()));
    };
    let mut least = (shape, outcome.clone());
    let attempt = |shape: Shape, least: &mut (Shape, Outcome)| -> Result<()> {
        let outcome = run(seed, shape)?;
        if outcome.violations.first().is_some_and(|violation| violation.invariant == invariant) {
            *least = (shape, outcome);
        }
        Ok(())
    };
    let with = |shape: Shape, change: fn(&mut Less)| {
        let mut shape = shape;
        change(&mut shape.less);
        shape
    };
    let changes: [fn(&mut Less); 3] =
        [|less| less.server = true, |less| less.outside = true, |less| less.process = true];
    for change in changes {
        attempt(with(least.0, change), &mut least)?;
    }
    let rules = if least.0.less.server { 0 } else { crate::script::rules(&Plan::of(seed, shape).script) };
    for number in 0..rules.min(64) {
        let mut shape = least.0;
        shape.less.rules |= 1 << number;
        attempt(shape, &mut least)?;
    }
    for minutes in MINUTES {
        if minutes < least.0.minutes {
            attempt(Shape { minutes, ..least.0 }, &mut least)?;
        }
    }
    Ok(least)
}
