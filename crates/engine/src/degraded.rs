//! DEGRADED: why quoting stopped, and when it may begin again or must end. A set of causes, each ended by its own evaluator
//! alone; it counts entries and judged time. Never looks at the ledger and never changes a mode: the machine does.

use crate::halt::HaltReason;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use units::{LedgerIndex, LedgerTime};

/// Entries of one source within [`EPISODE_SECONDS`] at which the session ends (system page, section 5).
const EPISODES_MAX: usize = 3;
/// Entries of one source within [`EPISODE_SECONDS`] at which the way back is barred for a while.
const EPISODES_COOL: usize = 2;
/// How long an entry counts.
const EPISODE_SECONDS: u32 = 2 * 60 * 60;
/// For how many ledgers the way back is barred after the second entry.
const COOL_LEDGERS: u32 = 120;

/// What puts the engine into DEGRADED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Source {
    /// A divergence that the operator accepted at the start; it ends with the session.
    StartupGate,
    /// Books and ledger differ; ended by a full read without a difference.
    InventoryTruth,
    /// Full reads that could not be compared, in a row; ended by one that could.
    TruthUnverified,
    /// An own offer whose fate is not proven; ended when no order is held any more.
    Reconciler,
}

impl Source {
    /// All of them.
    #[cfg(test)]
    const ALL: [Source; 4] =
        [Source::StartupGate, Source::InventoryTruth, Source::TruthUnverified, Source::Reconciler];

    /// The word in events and in the keys of `engine_state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Source::StartupGate => "startup_gate",
            Source::InventoryTruth => "inventory_truth",
            Source::TruthUnverified => "truth_unverified",
            Source::Reconciler => "reconciler",
        }
    }

    /// The reason under which the same finding refuses a start or colours a stop that is on its way.
    pub const fn halt_reason(self) -> HaltReason {
        match self {
            Source::StartupGate | Source::InventoryTruth | Source::TruthUnverified => {
                HaltReason::InventoryTruthHalt
            }
            Source::Reconciler => HaltReason::ReconcilerHalt,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It was known.
    Known,
    /// One cause more; the engine was in DEGRADED or no quoting mode already.
    Added,
    /// DEGRADED begins; so many entries by this source within two hours.
    Entered(usize),
    /// DEGRADED begins once too often.
    TooOften(usize),
}

/// What a ledger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: not in DEGRADED, or it goes on.
    Stays,
    /// No cause is left and no cool-down runs.
    Recovered,
    /// A cause was judged and stood for longer than allowed.
    TimedOut(Source, u32),
}

/// A cause that stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cause {
    detail: String,
    judged_seconds: u32,
}

/// Why quoting stopped, and how often it did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Degraded {
    causes: BTreeMap<Source, Cause>,
    entries: BTreeMap<Source, VecDeque<LedgerTime>>,
    since: Option<LedgerTime>,
    cool_until: Option<LedgerIndex>,
    /// The last ledger that was looked at.
    last: Option<(LedgerIndex, LedgerTime)>,
}

impl Degraded {
    /// A finding. `is_quoting`: the engine is in a mode that quotes.
    pub fn add(
        &mut self,
        source: Source,
        is_quoting: bool,
        (index, at): (LedgerIndex, LedgerTime),
        detail: &str,
    ) -> Entry {
        if let Some(cause) = self.causes.get_mut(&source) {
            detail.clone_into(&mut cause.detail);
            return Entry::Known;
        }
        self.causes.insert(source, Cause { detail: detail.to_owned(), judged_seconds: 0 });
        if self.since.is_some() || !is_quoting {
            self.since.get_or_insert(at);
            return Entry::Added;
        }
        self.since = Some(at);
        let entries = self.entries.entry(source).or_default();
        entries.push_back(at);
        while entries.front().is_some_and(|first| at.seconds_since(*first) > EPISODE_SECONDS) {
            entries.pop_front();
        }
        match entries.len() {
            n if n >= EPISODES_MAX => Entry::TooOften(n),
            n => {
                if n >= EPISODES_COOL {
                    self.cool_until = Some(index.plus(COOL_LEDGERS));
                }
                Entry::Entered(n)
            }
        }
    }

    /// The cause's own evaluator found it gone; whether it stood.
    pub fn clear(&mut self, source: Source) -> bool {
        self.causes.remove(&source).is_some()
    }

    /// Whether this cause stands.
    pub fn has(&self, source: Source) -> bool {
        self.causes.contains_key(&source)
    }

    /// Since when the engine is in DEGRADED.
    pub fn since(&self) -> Option<LedgerTime> {
        self.since
    }

    /// The ledger before which there is no way back.
    pub fn cool_until(&self) -> Option<LedgerIndex> {
        self.cool_until
    }

    /// Entries by a source that still count.
    pub fn entries(&self, source: Source) -> usize {
        self.entries.get(&source).map_or(0, VecDeque::len)
    }

    /// Every standing cause with its numbers.
    pub fn reason(&self) -> String {
        let each = self.causes.iter().map(|(source, cause)| format!("{source}: {}", cause.detail));
        each.collect::<Vec<_>>().join("; ")
    }

    /// One ledger: time goes by for the causes that could be judged on it, and only from one ledger to the next: ledgers
    /// that were caught up with in one go were not watched. Leaves DEGRADED when nothing holds it.
    pub fn tick(
        &mut self,
        (index, at): (LedgerIndex, LedgerTime),
        could_judge: impl Fn(Source) -> bool,
        timeout_seconds: u32,
    ) -> Verdict {
        let last = self.last.replace((index, at));
        if self.since.is_none() {
            return Verdict::Stays;
        }
        let watched = last.filter(|(before, _)| before.plus(1) == index);
        let seconds = watched.map_or(0, |(_, before)| at.seconds_since(before));
        for (source, cause) in &mut self.causes {
            if could_judge(*source) {
                cause.judged_seconds = cause.judged_seconds.saturating_add(seconds);
            }
            if cause.judged_seconds > timeout_seconds {
                return Verdict::TimedOut(*source, cause.judged_seconds);
            }
        }
        if !self.causes.is_empty() || self.cool_until.is_some_and(|until| index < until) {
            return Verdict::Stays;
        }
        (self.since, self.cool_until) = (None, None);
        Verdict::Recovered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session of its own: a ledger every four seconds; `+x` finds a cause, `-x` ends it, `!x` says that it cannot be
    /// judged from here on, a number lets so many ledgers go by; then what the last word led to.
    fn play(script: &str) -> String {
        let source = |name: &str| {
            let found = Source::ALL.into_iter().find(|source| source.as_str().starts_with(name));
            found.unwrap_or_else(|| panic!("no source {name}"))
        };
        let mut degraded = Degraded::default();
        let (mut index, mut blind, mut told) = (100_u32, Vec::new(), String::new());
        for word in script.split_whitespace() {
            let at = (LedgerIndex(index), LedgerTime(index * 4));
            told = match word.split_at(1) {
                ("+", name) => {
                    let is_quoting = degraded.since().is_none();
                    format!("{:?}", degraded.add(source(name), is_quoting, at, "x"))
                }
                ("-", name) => degraded.clear(source(name)).to_string(),
                ("!", name) => {
                    blind.push(source(name));
                    String::new()
                }
                _ => {
                    let ledgers: u32 = word.parse().unwrap();
                    let mut verdict = Verdict::Stays;
                    for _ in 0..ledgers {
                        index += 1;
                        let at = (LedgerIndex(index), LedgerTime(index * 4));
                        verdict = degraded.tick(at, |source| !blind.contains(&source), 300);
                        if verdict != Verdict::Stays {
                            break;
                        }
                    }
                    format!("{verdict:?}@{}", index - 100)
                }
            };
        }
        told
    }

    #[test]
    fn by_table() {
        for (script, expected) in [
            // Nothing happens without a cause.
            ("10", "Stays@10"),
            // Entry is idempotent, and a second cause is no second entry.
            ("+inv", "Entered(1)"),
            ("+inv +inv", "Known"),
            ("+inv +rec", "Added"),
            // It is over when its own evaluator says so, at the next ledger.
            ("+inv -inv 5", "Recovered@1"),
            ("+inv -rec", "false"),
            ("+inv -rec 5", "Stays@5"),
            // Both causes must go.
            ("+inv +rec -inv 5", "Stays@5"),
            ("+inv +rec -inv -rec 5", "Recovered@1"),
            // Three hundred seconds of ledgers every four: the 76th is past them, for the first one saw no time go by.
            ("1 +inv 75", "Stays@76"),
            ("1 +inv 76", "TimedOut(InventoryTruth, 304)@77"),
            // Time that could not be judged does not count; the time of another cause does.
            ("1 +truth !truth 500", "Stays@501"),
            ("1 +truth !truth +rec 100", "TimedOut(Reconciler, 304)@77"),
            // A cause that ended and came back begins anew.
            ("1 +inv 70 -inv 1 +inv 70", "Stays@142"),
            // The second entry bars the way back for 120 ledgers; its cause gone, no time counts.
            ("+inv -inv 1 +inv", "Entered(2)"),
            ("+inv -inv 1 +inv -inv 119", "Stays@120"),
            ("+inv -inv 1 +inv -inv 121", "Recovered@121"),
            ("1 +inv -inv 1 +inv 80", "TimedOut(InventoryTruth, 304)@78"),
            // The third is one too many.
            ("+inv -inv 1 +inv -inv 121 +inv", "TooOften(3)"),
            // Each source counts for itself.
            ("+inv -inv 1 +rec -rec 1 +truth", "Entered(1)"),
            // After two hours an entry counts no more: 1801 ledgers are 7204 seconds.
            ("+inv -inv 1 +inv -inv 121 1801 +inv", "Entered(1)"),
            ("+inv -inv 1 1700 +inv -inv 121 +inv", "Entered(2)"),
        ] {
            assert_eq!(play(script), expected, "{script}");
        }
    }

    #[test]
    fn ledgers_caught_up_with_in_one_go_are_no_time() {
        let mut degraded = Degraded::default();
        let at = |n: u32| (LedgerIndex(n), LedgerTime(n * 4));
        assert_eq!(degraded.tick(at(100), |_| true, 300), Verdict::Stays);
        degraded.add(Source::InventoryTruth, true, at(100), "x");
        assert_eq!(degraded.tick(at(1000), |_| true, 300), Verdict::Stays);
        assert_eq!(degraded.tick(at(1001), |_| true, 300), Verdict::Stays);
    }
}
