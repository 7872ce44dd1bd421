//! Everything that a world follows from, drawn from its seed.

use crate::careless::Careless;
use crate::outside::{Deed, draw_deeds};
use crashlab::seed::Chance;
use engine::config::Config;
use sim::WorldSpec;
use sim::world::MarketSpec;
use std::time::Duration;
use units::{Drops, LedgerTime};

/// When every market begins: 2026-01-01T00:00:00Z.
const START_UNIX: i64 = 1_767_225_600;
/// The ledger that is newest when the paper network's market is handed over.
const PAPER_HANDED_OVER: u32 = 35;
/// One world in so many has the paper network's market, with all its agents; the others a small one of their own.
pub(crate) const PAPER_EVERY: u64 = 40;
/// What the wallet begins with.
pub(crate) const FUNDS: Drops = Drops::from_xrp(60);

/// One world in so many has two nodes; in a third of these they part.
const TWO_NODES_EVERY: u64 = 4;

/// What a world is to be, beside its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Virtual minutes that it lasts at least.
    pub minutes: u32,
    /// How much of what could go wrong does: all of it, or less when a story is being shortened.
    pub less: Less,
    /// The disk answers every sync and does nothing: a control, which the auditor must notice.
    pub lying_disk: bool,
    /// A mistake that the engine makes: a control.
    pub careless: Option<Careless>,
    /// The table of fills lacks its key: a control, with a mistake that only the key would stop.
    pub keyless: bool,
}

/// What is left out of a world, to shorten its story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Less {
    /// The server makes no mistakes.
    pub server: bool,
    /// Nothing befalls the process or its disk.
    pub process: bool,
    /// Nobody else touches the wallet.
    pub outside: bool,
    /// Faults of the script that are left out: bit n stands for the n-th.
    pub rules: u64,
}

impl Shape {
    /// Thirty minutes of everything.
    pub const FULL: Shape = Shape {
        minutes: 30,
        less: Less { server: false, process: false, outside: false, rules: 0 },
        lying_disk: false,
        careless: None,
        keyless: false,
    };
}

/// A world to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its seed.
    pub seed: u64,
    /// What it is to be.
    pub shape: Shape,
    /// The ledger.
    pub spec: WorldSpec,
    /// How we trade.
    pub config: Config,
    /// The faults of the server, as a fault file; empty for none.
    pub script: String,
    /// What others do to the wallet, in order.
    pub(crate) deeds: Vec<(Duration, Deed)>,
    /// Draws the lives of the process.
    pub(crate) lives: Chance,
    /// Draws the small market; none where the paper network's is.
    pub(crate) small: Option<Chance>,
    /// Sessions keep what the engine knows each time so many rows were written: some often, some never.
    pub(crate) checkpoint_rows: usize,
    /// Sessions listen to a second node.
    pub(crate) has_second_node: bool,
}

impl Plan {
    /// The world of a seed.
    pub fn of(seed: u64, shape: Shape) -> Plan {
        let chance = |part: u64| Chance::of(&[seed, part]);
        let start = LedgerTime::from_unix(START_UNIX).unwrap_or_default();
        let is_small = !chance(6).once_in(PAPER_EVERY);
        let paper = WorldSpec::paper(seed, MarketSpec::Synthetic, start);
        let spec = match is_small {
            true => WorldSpec { market: MarketSpec::None, wallet_funds: Drops::ZERO, ..paper },
            false => paper,
        };
        let first = if is_small { crate::small::HANDED_OVER } else { PAPER_HANDED_OVER };
        // A shorter world of the same seed is the beginning of the longer one.
        let minutes = shape.minutes.max(Shape::FULL.minutes);
        let ledgers = minutes * 60 / spec.ledger_interval_seconds.max(1);
        let script = crate::script::draw(&mut chance(1), seed, first, ledgers);
        let has_second_node = chance(7).once_in(TWO_NODES_EVERY);
        let script = match has_second_node {
            true => crate::script::of_two_nodes(&script, &mut chance(8), first, ledgers),
            false => script,
        };
        let script = crate::script::without(&script, shape.less.rules);
        let mut deeds = draw_deeds(&mut chance(2), minutes, is_small);
        let program = crate::program::draw(&mut chance(9), minutes).into_iter();
        deeds.extend(program.map(|(at, act)| (at, Deed::Program(act))));
        deeds.sort_by_key(|(at, _)| *at);
        Plan {
            seed,
            shape,
            spec,
            config: config(&mut chance(3)),
            script: if shape.less.server { String::new() } else { script },
            deeds: if shape.less.outside { Vec::new() } else { deeds },
            lives: chance(4),
            small: is_small.then(|| chance(5)),
            checkpoint_rows: checkpoint_rows(&mut chance(9)),
            has_second_node,
        }
    }
}

/// So often that restarts begin at one soon after it was written and long after, or never.
fn checkpoint_rows(chance: &mut Chance) -> usize {
    match chance.below(4) {
        0 => 1,
        1 => 7,
        2 => 64,
        _ => usize::MAX,
    }
}

/// As usual, or nearer to the middle so that much is filled.
fn config(chance: &mut Chance) -> Config {
    let pairs: &[(&str, &str)] = match chance.below(3) {
        0 => &[],
        1 => &[("bid_offset_bps", "4"), ("ask_offset_bps", "4")],
        _ => &[("bid_offset_bps", "2.5"), ("ask_offset_bps", "3"), ("min_offset_bps", "1.0")],
    };
    Config::from_pairs(pairs.iter().copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_is_one_that_is_taken() {
        let seen: std::collections::BTreeSet<String> =
            (0..50).map(|seed| format!("{:?}", config(&mut Chance::of(&[seed, 3])).bid_offset_bps)).collect();
        assert_eq!(seen.len(), 3, "{seen:?}");
    }
}
