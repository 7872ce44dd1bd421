//! A disk that fails while the store works: an error at one operation or from it on, or no space left; in the midst of
//! a session or of a recovery. Afterwards the process starts again on what is there.

use anyhow::{Context, Result, bail, ensure};

use crate::drive::{Driver, look};
use crate::examine::examine;
use crate::folder::{Change, Image};
use crate::past::Past;
use crate::place::Place;
use crate::points::{Crash, Walk};
use crate::recording::{Recording, State, recover};
use crate::seed::Chance;
use crate::trouble::{Fault, Trouble};

/// What came of one trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Nothing failed any more: the script was over before.
    Nothing,
    /// Something failed, and nobody noticed or had to: the script went on to its end.
    Unnoticed,
    /// The store stopped, and nothing of what it was doing was there.
    Undone,
    /// The store stopped, and what it was doing was there all the same.
    Done,
}

/// How many operations of the whole script could fail.
///
/// # Errors
/// A store that fails on a disk that does not.
pub fn operations(recording: &Recording) -> Result<u64> {
    let mut place = Place::new()?;
    let troubled = troubled(recording, &mut place, Trouble::default())?;
    ensure!(troubled.acknowledged == recording.script.len(), "the script fails without trouble");
    Ok(troubled.seen)
}

/// Does the script on a disk in trouble until the store stops, ends the process, lets the power fail too if asked, and
/// starts again on a disk without trouble: nothing acknowledged may be missing, what was under way is there whole or
/// not at all, and done again it is there once.
///
/// # Errors
/// What did not hold.
pub fn session(recording: &Recording, trouble: &Trouble, power_fails: bool) -> Result<Came> {
    let mut place = Place::new()?;
    let troubled = troubled(recording, &mut place, trouble.clone())?;
    if !troubled.met {
        return Ok(Came::Nothing);
    }
    let mut chance = Chance::of(&[recording.seed, troubled.seen, 6]);
    let image = if power_fails { cut(recording, &troubled.changes, &mut chance) } else { troubled.left };
    let done = troubled.acknowledged;
    let low = done.checked_sub(1).and_then(|at| recording.acknowledged.get(at)).copied().unwrap_or(0);
    let high = recording.acknowledged.get(done).copied().unwrap_or(low);
    let state = one_of(recording, &mut place, &image, low..=high)?;
    Ok(match (done == recording.script.len(), same(recording, state, low)) {
        (true, _) => Came::Unnoticed,
        (false, true) => Came::Undone,
        (false, false) => Came::Done,
    })
}

/// A crash, then a recovery on a disk in trouble, then a recovery on one without.
///
/// # Errors
/// What did not hold.
pub fn recovery(recording: &Recording, at: usize, crash: Crash, trouble: &Trouble) -> Result<Came> {
    let mut place = Place::new()?;
    let image = Walk::new(recording, false).image(at, crash);
    place.load(&image);
    place.folder().record();
    place.folder().trouble = trouble.clone();
    let opened = recover(&place).map(drop);
    let met = place.folder().trouble.met_any();
    if !met {
        opened.context("a recovery without trouble")?;
        return Ok(Came::Nothing);
    }
    let left = place.folder().image();
    let (changes, _) = place.folder().recorded();
    let mut chance = Chance::of(&[recording.seed, at as u64, crash as u64, changes.len() as u64]);
    let left = if chance.once_in(2) { after(&image, &changes).cut(None, &mut chance) } else { left };
    let (last, next) = recording.allowed(at);
    one_of(recording, &mut place, &left, last..=next.unwrap_or(last))?;
    Ok(if opened.is_ok() { Came::Unnoticed } else { Came::Undone })
}

/// A crash, and another at each change that the recovery from it makes. Gives how many there were.
///
/// # Errors
/// What did not hold.
pub fn crash_in_recovery(recording: &Recording, at: usize, crash: Crash) -> Result<usize> {
    let mut place = Place::new()?;
    let image = Walk::new(recording, false).image(at, crash);
    place.load(&image);
    place.folder().record();
    drop(recover(&place)?);
    let (changes, _) = place.folder().recorded();
    let (last, next) = recording.allowed(at);
    for second in 0..=changes.len() {
        let done = changes.get(..second).unwrap_or_default();
        let mut chance = Chance::of(&[recording.seed, at as u64, crash as u64, second as u64]);
        let past = after(&image, done);
        let under_way = changes.get(second);
        let left = if second % 2 == 0 {
            past.kill(under_way, &mut chance)
        } else {
            past.cut(under_way, &mut chance)
        };
        one_of(recording, &mut place, &left, last..=next.unwrap_or(last))
            .with_context(|| format!("a second crash at change {second} of the recovery"))?;
    }
    Ok(changes.len() + 1)
}

/// What a script did on a disk in trouble.
struct Troubled {
    acknowledged: usize,
    met: bool,
    seen: u64,
    left: Image,
    changes: Vec<Change>,
}

fn troubled(recording: &Recording, place: &mut Place, trouble: Trouble) -> Result<Troubled> {
    place.load(&recording.base);
    place.folder().record();
    place.folder().trouble = trouble;
    let mut driver = Driver::new(place);
    let mut acknowledged = 0;
    for action in &recording.script {
        if driver.act(action).is_err() {
            if action.writes() && driver.act(action).is_ok() {
                bail!("a store that failed went on writing");
            }
            break;
        }
        acknowledged += 1;
    }
    drop(driver);
    let mut folder = place.folder();
    let (met, seen, left) = (folder.trouble.met_any(), folder.trouble.seen(), folder.image());
    let (changes, _) = folder.recorded();
    Ok(Troubled { acknowledged, met, seen, left, changes })
}

/// Starts on these files and finds one of these states; does again what is missing.
fn one_of(
    recording: &Recording,
    place: &mut Place,
    image: &Image,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize> {
    place.load(image);
    let mut driver = recover(place)?;
    let found = examine(&look(place)?)?;
    let is = |at: &usize| recording.states.get(*at).is_some_and(|state: &State| state.found == found);
    let (low, high) = (*range.start(), *range.end());
    let Some(state) = range.rev().find(is) else {
        bail!("{} journal rows are there, of none of the states {low} to {high}", found.journal_rows);
    };
    if let Some((action, wanted)) = recording.next_action(state) {
        driver.act(action).context("what was lost cannot be done again")?;
        ensure!(examine(&look(place)?)? == *wanted, "what was lost, done again, gives other rows");
    }
    Ok(state)
}

fn same(recording: &Recording, a: usize, b: usize) -> bool {
    let found = |at: usize| recording.states.get(at).map(|state| state.found);
    found(a) == found(b)
}

fn cut(recording: &Recording, changes: &[Change], chance: &mut Chance) -> Image {
    after(&recording.base, changes).cut(None, chance)
}

fn after(base: &Image, changes: &[Change]) -> Past {
    let mut past = Past::of(base);
    let mut chance = Chance::of(&[changes.len() as u64]);
    changes.iter().for_each(|change| past.advance(change, &mut chance));
    past
}

/// The four ways in which an operation fails, and the process with it or after it.
#[must_use]
pub fn faults(at: u64) -> [Trouble; 4] {
    let one = |sticky, full| Trouble::fault(Fault { at, sticky, full, dies: at.is_multiple_of(3) });
    [one(false, false), one(true, false), one(false, true), one(true, true)]
}
