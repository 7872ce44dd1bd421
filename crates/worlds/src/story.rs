//! What happened in a world, ledger by ledger: told when something did not hold.

use crate::careless::Spoiler;
use engine::{Engine, Input, Level, Step};
use session::View;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Lines that are kept.
const KEPT: usize = 4_000;
/// Ledgers that a story tells of.
const LEDGERS: usize = 60;
/// Ledgers after the last one that the process spoke of.
const LEDGERS_AFTER: u32 = 20;

/// The lines, shared by all who have something to tell.
#[derive(Debug, Clone, Default)]
pub struct Story(Arc<Mutex<VecDeque<(u32, String)>>>);

impl Story {
    /// Something happened while this ledger was the newest one known.
    pub fn tell(&self, ledger: u32, what: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back((ledger, what.into()));
    }

    /// The last ledgers of it in which the process did anything, with what else is known of them (`more`: ledger and
    /// line), in the ledgers' order.
    pub fn last(&self, more: Vec<(u32, String)>) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told: BTreeSet<u32> = lines.iter().map(|(ledger, _)| *ledger).collect();
        let first = told.iter().rev().nth(LEDGERS).copied().unwrap_or(0);
        let after = told.last().map_or(u32::MAX, |last| last.saturating_add(LEDGERS_AFTER));
        let mut all: Vec<(u32, String)> = more.into_iter().chain(lines.iter().cloned()).collect();
        all.sort_by_key(|(ledger, _)| *ledger);
        let last = all.into_iter().filter(|(ledger, _)| (first..=after).contains(ledger));
        last.map(|(ledger, line)| format!("{ledger:>6}  {line}")).collect()
    }
}

/// Tells what the engine does.
pub(crate) struct Teller {
    pub(crate) story: Story,
    pub(crate) ledger: u32,
    pub(crate) spoiler: Option<Spoiler>,
}

impl View for Teller {
    fn step(&mut self, engine: &Engine, step: &Step) {
        self.ledger = engine.cursor().get();
        for line in step.logs.iter().filter(|line| line.level >= Level::Info) {
            self.story.tell(self.ledger, format!("engine   {} {}", line.event, line.text));
        }
    }

    fn spoil(&mut self, input: &Input, step: &mut Step) {
        if let Some(spoiler) = &mut self.spoiler {
            spoiler.spoil(input, step);
        }
    }

    fn note(&mut self, text: &str) {
        self.story.tell(self.ledger, format!("session  {text}"));
    }

    fn finish(&mut self) {}
}
