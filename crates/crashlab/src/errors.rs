//! Every trouble in turn: each operation of a script fails in each way, each crash's recovery fails or is cut short in
//! turn, and the disk is full at each size. Counts what came of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::faults::{self, Came};
use crate::points::Crash;
use crate::recording::Recording;
use crate::trouble::Trouble;

/// A step of a disk's size, in bytes.
const SIZE_STEP: u64 = 2048;

/// How often each thing came of a trouble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Script or recovery over before.
    pub nothing: u64,
    /// Something failed, and nobody had to notice.
    pub unnoticed: u64,
    /// Stopped; what was under way was not there.
    pub undone: u64,
    /// Stopped; what was under way was there.
    pub done: u64,
    /// What did not hold, and the numbers that repeat it.
    pub failures: Vec<String>,
}

impl Tally {
    /// All that were tried.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.nothing + self.unnoticed + self.undone + self.done + self.failures.len() as u64
    }

    fn count(&mut self, came: Result<Came>) {
        match came {
            Ok(Came::Nothing) => self.nothing += 1,
            Ok(Came::Unnoticed) => self.unnoticed += 1,
            Ok(Came::Undone) => self.undone += 1,
            Ok(Came::Done) => self.done += 1,
            Err(error) => self.failures.push(format!("{error:#}")),
        }
    }
}

/// Each operation of the script fails: once and for good, broken and full, the process dying with it or closing what it
/// has; and each time once more with the power failing then. Every `stride`-th of these.
///
/// # Errors
/// A store that fails on a disk that does not.
pub fn in_session(recording: &Recording, stride: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut n = recording.seed;
    for at in 0..faults::operations(recording)? {
        for (way, trouble) in faults::faults(at).iter().enumerate() {
            for power in [false, true] {
                n += 1;
                if n.is_multiple_of(stride) {
                    let came = faults::session(recording, trouble, power);
                    tally.count(came.with_context(|| {
                        format!("seed {}, operation {at}, way {way}, power {power}", recording.seed)
                    }));
                }
            }
        }
    }
    Ok(tally)
}

/// Every `stride`-th crash of the script, and at each an error at every operation of the recovery, in each way in turn.
pub fn in_recovery(recording: &Recording, stride: usize) -> Tally {
    let mut tally = Tally::default();
    for (point, crash) in crashes(recording, stride) {
        for way in 0..4 {
            for at in 0.. {
                let trouble = &faults::faults(at)[way];
                let came = faults::recovery(recording, point, crash, trouble);
                let over = matches!(came, Ok(Came::Nothing));
                tally.count(came.with_context(|| {
                    format!("seed {}, {crash:?} at {point}, operation {at}, way {way}", recording.seed)
                }));
                if over {
                    break;
                }
            }
        }
    }
    tally
}

/// Every `stride`-th crash of the script, and at each a second crash at every change of the recovery. How many there
/// were, and what did not hold.
#[must_use]
pub fn crash_in_recovery(recording: &Recording, stride: usize) -> (usize, Vec<String>) {
    let (mut tried, mut failures) = (0, Vec::new());
    for (point, crash) in crashes(recording, stride) {
        match faults::crash_in_recovery(recording, point, crash) {
            Ok(n) => tried += n,
            Err(error) => {
                failures.push(format!("seed {}, {crash:?} at {point}: {error:#}", recording.seed));
            }
        }
    }
    (tried, failures)
}

/// The script on disks of every size from what is there at first to more than it needs.
#[must_use]
pub fn full_disks(recording: &Recording, stride: u64) -> Tally {
    let mut tally = Tally::default();
    let base: u64 = recording.base.values().map(|bytes| bytes.len() as u64).sum();
    for step in 0.. {
        let bytes = base + step * stride * SIZE_STEP;
        let came = faults::session(recording, &Trouble::budget(bytes), step % 2 == 0);
        let over = matches!(came, Ok(Came::Nothing));
        tally.count(came.with_context(|| format!("seed {}, a disk of {bytes} bytes", recording.seed)));
        if over {
            break;
        }
    }
    tally
}

/// How often it was met, by name: for one line.
#[must_use]
pub fn line(tally: &Tally) -> String {
    let parts: BTreeMap<&str, u64> = [
        ("over before", tally.nothing),
        ("without consequence", tally.unnoticed),
        ("stopped and undone", tally.undone),
        ("stopped and done", tally.done),
        ("FAILED", tally.failures.len() as u64),
    ]
    .into();
    let parts: Vec<String> = parts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    format!("{} tried: {}", tally.tried(), parts.join(", "))
}

fn crashes(recording: &Recording, stride: usize) -> impl Iterator<Item = (usize, Crash)> {
    let ends = (0..=recording.changes.len()).step_by(stride.max(1)).enumerate();
    ends.map(|(n, at)| (at, if n % 2 == 0 { Crash::Power } else { Crash::Kill }))
}
