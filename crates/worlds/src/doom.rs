//! How a process ends: killed at an await, at a moment or at an operation of its disk; by a power cut; by a disk that
//! fails; by a signal; or by itself.

use crashlab::seed::Chance;
use crashlab::trouble::{Fault, Trouble};
use platform::signals::Signal;
use std::time::Duration;

/// What is to become of one life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doom {
    /// How it ends.
    pub how: How,
    /// The power fails with it: of what was not synced anything may be lost.
    pub power: bool,
    /// How long nobody starts it again.
    pub away: Duration,
    /// Ledger time after which the session ends by itself.
    pub session_seconds: u32,
}

/// The end of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It ends when its session is over.
    ByItself,
    /// Killed when it has been woken so many times.
    KillAtPoll(u64),
    /// Killed after so long.
    KillAfter(Duration),
    /// Killed at this operation of the disk.
    KillAtOperation(u64),
    /// The disk fails at this operation, once or from then on, or is full from then on.
    Disk {
        /// Which operation.
        at: u64,
        /// All later ones fail too.
        sticky: bool,
        /// No space is left, instead of a broken disk.
        full: bool,
    },
    /// A signal after so long; perhaps another one a moment later.
    Signal(Signal, Duration, bool),
}

impl Doom {
    /// A life of the seed.
    pub fn draw(chance: &mut Chance) -> Doom {
        let moment = |chance: &mut Chance| Duration::from_millis(chance.below(400_000));
        let how = match chance.below(20) {
            0..=5 => How::KillAtPoll(few_or_many(chance, 13)),
            6..=8 => How::KillAfter(moment(chance)),
            9..=12 => How::KillAtOperation(few_or_many(chance, 14)),
            13 => How::Disk { at: few_or_many(chance, 13), sticky: chance.once_in(2), full: false },
            14 => How::Disk { at: few_or_many(chance, 13), sticky: true, full: true },
            15 | 16 => {
                let signals = [
                    Signal::Interrupt,
                    Signal::Terminate,
                    Signal::HangUp,
                    Signal::ConsoleClose,
                    Signal::Shutdown,
                ];
                let signal = signals.get(chance.index(signals.len())).copied().unwrap_or(Signal::Terminate);
                How::Signal(signal, moment(chance), chance.once_in(3))
            }
            _ => How::ByItself,
        };
        let power = !matches!(how, How::ByItself | How::Signal(..)) && chance.once_in(2);
        let away = match chance.below(10) {
            0..=5 => chance.below(4_000),
            6 | 7 => chance.below(20_000),
            8 => chance.below(120_000),
            _ => chance.below(600_000),
        };
        let session_seconds = u32::try_from(60 + chance.below(600)).unwrap_or(60);
        Doom { how, power, away: Duration::from_millis(away), session_seconds }
    }

    /// The last life of a world: nothing befalls it.
    pub fn none() -> Doom {
        Doom { how: How::ByItself, power: false, away: Duration::ZERO, session_seconds: 90 }
    }

    /// What the disk does meanwhile.
    pub(crate) fn trouble(&self) -> Trouble {
        match self.how {
            How::KillAtOperation(at) => Trouble::fault(Fault { at, sticky: true, full: false, dies: true }),
            How::Disk { at, sticky, full } => Trouble::fault(Fault { at, sticky, full, dies: false }),
            _ => Trouble::default(),
        }
    }

    /// The word by which it is counted.
    pub fn word(&self) -> &'static str {
        match (self.how, self.power) {
            (How::ByItself, _) => "process: ended by itself",
            (How::KillAtPoll(_) | How::KillAfter(_), false) => "process: killed between two steps",
            (How::KillAtOperation(_), false) => "process: killed in a write",
            (How::KillAtPoll(_) | How::KillAfter(_), true) => "power cut between two steps",
            (How::KillAtOperation(_), true) => "power cut in a write",
            (How::Disk { full: true, .. }, _) => "disk: full",
            (How::Disk { sticky: true, .. }, _) => "disk: broken for good",
            (How::Disk { .. }, _) => "disk: broken once",
            (How::Signal(.., true), _) => "process: two signals",
            (How::Signal(..), _) => "process: a signal",
        }
    }
}

/// Nothing works on a disk any more: what a dead process still tries.
pub(crate) fn dead() -> Trouble {
    Trouble::fault(Fault { at: 0, sticky: true, full: false, dies: true })
}

/// A number whose size in bits is drawn first: small ones are as likely as large ones.
fn few_or_many(chance: &mut Chance, bits: u64) -> u64 {
    let bit = chance.below(bits);
    (1 << bit) + chance.below(1 << bit)
}
