//! What was done: a line for each fault that struck, and the counts by kind. Never decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// Faults remembered one by one; the counts go on.
const KEPT: usize = 10_000;

/// One fault that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredFault {
    /// Its name in the script.
    pub kind: &'static str,
    /// Which connection, numbered from 1 as they came; 0 is everybody over HTTP or the whole network.
    pub connection: u64,
    /// The newest closed ledger then.
    pub ledger: u32,
    /// What it struck, in words.
    pub detail: String,
}

impl fmt::Display for FiredFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, connection, ledger, detail } = self;
        write!(f, "fault {kind}: ledger {ledger}, ")?;
        match connection {
            0 => write!(f, "all: {detail}"),
            connection => write!(f, "connection {connection}: {detail}"),
        }
    }
}

/// How often each kind struck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultSummary {
    /// Kind, times, first and last ledger; sorted by kind.
    pub kinds: Vec<(&'static str, u64, u32, u32)>,
}

impl fmt::Display for FaultSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kinds.is_empty() {
            return write!(f, "faults: none struck");
        }
        write!(f, "faults by kind:")?;
        for (kind, times, first, last) in &self.kinds {
            write!(f, "\n  {kind:<27}{times:>7}  ledgers {first} to {last}")?;
        }
        Ok(())
    }
}

/// The faults that struck.
#[derive(Debug, Default)]
pub(crate) struct FaultLog {
    lines: VecDeque<FiredFault>,
    counts: BTreeMap<&'static str, (u64, u32, u32)>,
    /// Conditions that were told of already: fault, connection, ledger.
    told: BTreeSet<(usize, u64, u32)>,
}

impl FaultLog {
    /// A fault struck. A condition is told once a ledger and connection, and counted every time.
    pub(crate) fn note(&mut self, fired: FiredFault, condition: Option<usize>) {
        let (times, first, last) = self.counts.entry(fired.kind).or_insert((0, fired.ledger, fired.ledger));
        (*times, *first, *last) = (*times + 1, (*first).min(fired.ledger), (*last).max(fired.ledger));
        if let Some(rule) = condition {
            let ledger = fired.ledger;
            self.told.retain(|(_, _, told)| *told == ledger);
            if !self.told.insert((rule, fired.connection, ledger)) {
                return;
            }
        }
        tracing::warn!("{fired}");
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(fired);
    }

    /// The newest ones, oldest first.
    pub(crate) fn lines(&self) -> Vec<FiredFault> {
        self.lines.iter().cloned().collect()
    }

    /// The counts.
    pub(crate) fn summary(&self) -> FaultSummary {
        let kinds = self.counts.iter().map(|(kind, (times, first, last))| (*kind, *times, *first, *last));
        FaultSummary { kinds: kinds.collect() }
    }
}
