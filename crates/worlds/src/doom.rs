//! How a process ends: killed at an await, at a moment or at an operation of its disk; by a power cut; by a disk that
//! fails; by a signal; or by itself.

use crashlab::seed::Chance;
use crashlab::trouble::{Fault, Kind, Trouble};
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
    /// It is not run for a while: after so long, for so long.
    pub suspended: Option<(Duration, Duration)>,
    /// From then on the disk takes so long over each sync.
    pub slow: Option<(Duration, Duration)>,
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
        /// Only what is to do this fails, and only that is counted.
        only: Option<Kind>,
    },
    /// A signal after so long; perhaps another one a moment later.
    Signal(Signal, Duration, bool),
}

impl Doom {
    /// A life of the seed.
    pub fn draw(chance: &mut Chance) -> Doom {
        let moment = |chance: &mut Chance| Duration::from_millis(chance.below(400_000));
        let how = match chance.below(24) {
            0..=5 => How::KillAtPoll(few_or_many(chance, 13)),
            6..=8 => How::KillAfter(moment(chance)),
            9..=12 => How::KillAtOperation(few_or_many(chance, 14)),
            13..=16 => disk(chance),
            17 | 18 => {
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
        let away = match chance.below(200) {
            0..=119 => chance.below(4_000),
            120..=159 => chance.below(20_000),
            160..=179 => chance.below(120_000),
            180..=197 => chance.below(600_000),
            _ => {
                let more = if chance.once_in(4) { AWAY_MAX_MS - HOURS_MS } else { HOURS_MS };
                HOURS_MS + chance.below(more)
            }
        };
        let session_seconds = u32::try_from(60 + chance.below(600)).unwrap_or(60);
        let suspended = match chance.below(100) {
            0..=6 => Some((moment(chance), Duration::from_secs(60 + chance.below(540)))),
            7 | 8 => {
                let most = if chance.once_in(4) { 7 } else { 1 };
                Some((moment(chance), Duration::from_secs(3_600 + chance.below(most * 3_600))))
            }
            _ => None,
        };
        let slow =
            chance.once_in(12).then(|| (moment(chance), Duration::from_millis(100 + chance.below(1_900))));
        let away = Duration::from_millis(away);
        Doom { how, power, away, session_seconds, suspended, slow }
    }

    /// A life that ends in one of the first operations of its disk: while the tables are made, if it is the first one.
    pub fn early(chance: &mut Chance) -> Doom {
        Doom { how: How::KillAtOperation(chance.below(120)), power: chance.once_in(3), ..Doom::none() }
    }

    /// The last life of a world: nothing befalls it.
    pub fn none() -> Doom {
        Doom {
            how: How::ByItself,
            power: false,
            away: Duration::ZERO,
            session_seconds: 90,
            suspended: None,
            slow: None,
        }
    }

    /// What the disk does meanwhile.
    pub(crate) fn trouble(&self) -> Trouble {
        match self.how {
            How::KillAtOperation(at) => Trouble::fault(Fault { at, sticky: true, full: false, dies: true }),
            How::Disk { at, sticky, full, only } => {
                let trouble = Trouble::fault(Fault { at, sticky, full, dies: false });
                only.map_or(trouble.clone(), |kind| trouble.only(kind))
            }
            _ => Trouble::default(),
        }
    }

    /// The word by which it is counted; `met` is what the disk was asked for when it failed.
    pub fn word(&self, met: Option<Kind>) -> &'static str {
        match (self.how, self.power) {
            (How::ByItself, _) => "process: ended by itself",
            (How::KillAtPoll(_) | How::KillAfter(_), false) => "process: killed between two steps",
            (How::KillAtOperation(_), false) => "process: killed in a write",
            (How::KillAtPoll(_) | How::KillAfter(_), true) => "power cut between two steps",
            (How::KillAtOperation(_), true) => "power cut in a write",
            (How::Disk { full: true, .. }, _) => "disk: full",
            (How::Disk { sticky, .. }, _) => match (met, sticky) {
                (Some(Kind::Sync), false) => "disk: a sync fails once",
                (Some(Kind::Sync), true) => "disk: every sync fails from then on",
                (Some(Kind::Read), _) => "disk: a read fails",
                (_, false) => "disk: a write fails",
                (_, true) => "disk: writes fail from then on",
            },
            (How::Signal(.., true), _) => "process: two signals",
            (How::Signal(..), _) => "process: a signal",
        }
    }
}

/// When nobody starts the process again for hours: so long at least.
const HOURS_MS: u64 = 2 * 3_600_000;
/// The longest that nobody starts the process again: a day and two hours.
const AWAY_MAX_MS: u64 = 26 * 3_600_000;

/// What becomes of the disk: any operation fails, or those of one kind.
fn disk(chance: &mut Chance) -> How {
    let full = chance.once_in(4);
    let only = match chance.below(4) {
        _ if full => None,
        0 => None,
        1 => Some(Kind::Sync),
        2 => Some(Kind::Read),
        _ => Some(Kind::Write),
    };
    let bits = if only.is_some() { 10 } else { 12 };
    How::Disk { at: few_or_many(chance, bits), sticky: full || chance.once_in(2), full, only }
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
