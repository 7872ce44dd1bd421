//! Crashes of a recording: at each change one kill and one power cut, recovered by the store itself and held against
//! what was committed.

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::drive::look;
use crate::examine::examine;
use crate::folder::{Change, Image};
use crate::past::Past;
use crate::place::Place;
use crate::recording::{Recording, database, recover};
use crate::seed::Chance;

/// After how many recoveries, on average, what was lost is done again.
const AGAIN: u64 = 12;
/// After how many, on average, a file that is known is examined all the same.
const LOOK: u64 = 16;

/// Of the changes of a script with large steps, one in so many; odd, so that headers and pages of the log take turns.
const HEAVY_STRIDE: usize = 9;

/// How a crash happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crash {
    /// The process is killed: what it has written is there.
    Kill,
    /// The power fails: what was not synced is there or not.
    Power,
}

/// One crash: repeated by its three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Of the script.
    pub seed: u64,
    /// How many changes had happened.
    pub at: usize,
    /// How.
    pub crash: Crash,
}

/// A point that did not hold.
#[derive(Debug)]
pub struct Failure {
    /// Where.
    pub point: Point,
    /// What was wrong.
    pub what: anyhow::Error,
}

/// What a crash is tried with: the recording, walked forward.
#[derive(Debug)]
pub struct Walk<'a> {
    recording: &'a Recording,
    past: Past,
    done: usize,
    chance: Chance,
}

impl<'a> Walk<'a> {
    /// At the beginning of a recording; on a disk that lies, no sync does anything.
    #[must_use]
    pub fn new(recording: &'a Recording, lies: bool) -> Walk<'a> {
        let mut past = Past::of(&recording.base);
        past.lies = lies;
        Walk { recording, past, done: 0, chance: Chance::of(&[recording.seed, 4]) }
    }

    /// The files that a crash at a change leaves. Goes forward only.
    #[must_use]
    pub fn image(&mut self, at: usize, crash: Crash) -> Image {
        let changes = &self.recording.changes;
        for change in changes.get(self.done..at).unwrap_or_default() {
            self.past.advance(change, &mut self.chance);
        }
        self.done = self.done.max(at);
        let mut chance = Chance::of(&[self.recording.seed, at as u64, crash as u64]);
        match crash {
            Crash::Kill => self.past.kill(changes.get(at), &mut chance),
            Crash::Power => self.past.cut(changes.get(at), &mut chance),
        }
    }

    /// One crash and its recovery.
    ///
    /// # Errors
    /// What did not hold.
    pub fn point(&mut self, place: &mut Place, at: usize, crash: Crash) -> Result<()> {
        place.load(&self.image(at, crash));
        let mut driver = recover(place)?;
        let mut chance = Chance::of(&[self.recording.seed, at as u64, crash as u64, 5]);
        let state = self.state(place, at, &mut chance)?;
        if chance.once_in(AGAIN)
            && let Some((action, wanted)) = self.recording.next_action(state)
        {
            driver.act(action).context("what was lost cannot be done again")?;
            let again = examine(&look(place)?).context("done again")?;
            ensure!(again == *wanted, "what was lost, done again, gives other rows");
        }
        Ok(())
    }

    /// Which of the states that may be there is there. A file that is byte for byte one that was examined needs no
    /// second look; now and then it gets one.
    fn state(&self, place: &Place, at: usize, chance: &mut Chance) -> Result<usize> {
        let states = &self.recording.states;
        let (last, next) = self.recording.allowed(at);
        let candidates = || [Some(last), next].into_iter().flatten();
        let file = database(place);
        let same = |at: &usize| states.get(*at).is_some_and(|state| state.file == file);
        let known = candidates().find(same);
        if let (Some(state), false) = (known, chance.once_in(LOOK)) {
            return Ok(state);
        }
        let found = examine(&look(place)?)?;
        let same = |at: &usize| states.get(*at).is_some_and(|state| state.found == found);
        candidates().find(same).ok_or_else(|| self.unlike(last, found.journal_rows))
    }

    fn unlike(&self, last: usize, found: usize) -> anyhow::Error {
        let committed = self.recording.states.get(last).map_or(0, |state| state.found.journal_rows);
        let known =
            if found < committed { "an acknowledged commit is lost" } else { "a commit is half there" };
        anyhow!("{known}: {committed} journal rows were committed, {found} are there")
    }
}

/// The crashes of a recording, in order: a kill wherever something changes, a power cut everywhere. A script with large
/// steps has ten times the changes, most of them the next page of the same blob: one in so many of these.
pub fn points(recording: &Recording) -> impl Iterator<Item = (usize, Crash)> + '_ {
    let stride = if recording.heavy { HEAVY_STRIDE } else { 1 };
    (0..=recording.changes.len()).step_by(stride).flat_map(|at| {
        let kill = match recording.changes.get(at) {
            // What a process has written is there, synced or not: the same files as one change before.
            Some(Change::Sync { .. } | Change::SyncNames | Change::SyncFailed { .. }) => None,
            _ => Some((at, Crash::Kill)),
        };
        kill.into_iter().chain([(at, Crash::Power)])
    })
}

/// One point by its numbers, from scratch.
///
/// # Errors
/// What did not hold.
pub fn repeat(point: Point) -> Result<()> {
    let recording = Recording::make(point.seed)?;
    if point.at > recording.changes.len() {
        bail!("seed {} has {} changes", point.seed, recording.changes.len());
    }
    Walk::new(&recording, false).point(&mut Place::new()?, point.at, point.crash)
}
