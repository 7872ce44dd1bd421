//! Works without a peer: the engine, the journal, the embedded ledger, and the program as a process. Each gives figures;
//! where the machine lacks something, it says `SKIPPED` and why.

mod database;
mod engine_step;
mod exchange;
mod floor;
mod journal;
mod ledger;
mod outside;
mod process;
mod recovery;
mod store;
mod tick;

use std::time::Duration;

use anyhow::Result;

use crate::figures::Figure;
use crate::program::Program;
use crate::session::Recorded;

/// How much of each.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How often a recorded session is decided again.
    pub passes: usize,
    /// How long each side of a comparison works, each of `passes` times.
    pub round: Duration,
    /// Ledgers closed by the embedded ledger.
    pub ledgers: usize,
    /// Offers that rest in a book while it is measured.
    pub books: &'static [u32],
    /// Journal rows of the databases that are opened.
    pub rows: &'static [usize],
    /// Journal rows of the sessions that a kill left open.
    pub left_open: &'static [usize],
    /// Duration of the whole session, as `--duration` takes it.
    pub session: &'static str,
}

impl Effort {
    /// For figures.
    pub const FULL: Self = Self {
        passes: 5,
        round: Duration::from_millis(1_500),
        ledgers: 600,
        books: &[100, 10_000, 1_000_000],
        rows: &[10_000, 1_000_000],
        left_open: &[10_000, 100_000],
        session: "2h",
    };
    /// For figures of what takes minutes and gigabytes too (`--large`).
    pub const LARGE: Self = Self {
        rows: &[10_000, 1_000_000, 10_000_000],
        left_open: &[10_000, 100_000, 1_000_000],
        ..Self::FULL
    };
    /// To see that it works.
    pub const QUICK: Self = Self {
        passes: 1,
        round: Duration::from_millis(100),
        ledgers: 40,
        books: &[100, 1_000],
        rows: &[10_000],
        left_open: &[2_000],
        session: "10m",
    };
}

/// What every work may use.
pub struct Bench<'a> {
    /// The program.
    pub program: &'a Program,
    /// A recorded session.
    pub recorded: &'a Recorded,
    /// How much.
    pub effort: Effort,
}

type Measure = fn(&Bench<'_>) -> Result<Vec<Figure>>;

/// Name and measurement of each.
const WORKS: [(&str, Measure); 8] = [
    ("engine-step", engine_step::measure),
    ("tick-stages", tick::measure),
    ("journal", journal::measure),
    ("store", store::measure),
    ("recovery", recovery::measure),
    ("embedded-ledger", exchange::measure),
    ("ledger-apply", ledger::measure),
    ("process", process::measure),
];

/// The works whose name contains one of the filters.
pub fn wanted(filters: &[String]) -> Vec<(&'static str, Measure)> {
    let is_wanted =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    WORKS.into_iter().filter(|(name, _)| is_wanted(name)).collect()
}

/// Measures them, one after the other.
pub fn measure(works: &[(&'static str, Measure)], bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (name, measure) in works {
        eprintln!("measuring: {name}");
        figures.extend(measure(bench)?);
    }
    Ok(figures)
}
