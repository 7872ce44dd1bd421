//! A script done once, with every change that reached the disk, and the state of all rows at the end of every
//! transaction. A crash is told against these states: the one that was committed last, or the one that was being
//! committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use store::Identity;

use crate::books::identity;
use crate::drive::{self, Driver, look};
use crate::examine::{Found, examine};
use crate::folder::{Change, Image};
use crate::past::Past;
use crate::place::{DATABASE, Place};
use crate::script::{Action, Before, Script, Shape, script};
use crate::seed::Chance;
use crate::{sums, vfs};

/// One state in so many, and the last, is made once more from its journal.
const DERIVED: usize = 5;

/// The tables of version 1, as that version made them.
pub(crate) const VERSION_1: &str = include_str!("../../store/src/schema.sql");
const APPLICATION_ID: i64 = 0x4E45_4F31;

/// A script and what it did.
#[derive(Debug)]
pub struct Recording {
    /// What it was made from.
    pub seed: u64,
    /// Its steps are large.
    pub heavy: bool,
    /// What was asked.
    pub script: Vec<Action>,
    /// The files before.
    pub base: Image,
    /// Everything that reached the disk, in order.
    pub changes: Vec<Change>,
    /// How many changes had happened at the end of each transaction.
    pub ends: Vec<usize>,
    /// What is there at the beginning and after each transaction, as a recovery finds it.
    pub states: Vec<State>,
    /// How many transactions had ended when each action was acknowledged.
    pub acknowledged: Vec<usize>,
}

/// A committed state, examined once.
#[derive(Debug, Clone)]
pub struct State {
    /// All its rows.
    pub found: Found,
    /// The database file once a recovery has moved the whole log into it.
    pub file: Arc<Vec<u8>>,
}

impl Recording {
    /// Records the script of a seed.
    ///
    /// # Errors
    /// A store that fails although nothing is wrong with its disk.
    pub fn make(seed: u64) -> Result<Recording> {
        Recording::of(seed, Shape::of(seed))
    }

    /// Records the script of a seed in a given shape.
    ///
    /// # Errors
    /// As [`Recording::make`].
    pub fn of(seed: u64, shape: Shape) -> Result<Recording> {
        Recording::of_script(seed, shape, script(seed, shape), &identity())
    }

    /// Records a script that was made elsewhere, for the database of `whose`.
    ///
    /// # Errors
    /// As [`Recording::make`].
    pub fn of_script(seed: u64, shape: Shape, script: Script, whose: &Identity) -> Result<Recording> {
        let Script { before, actions: script } = script;
        let mut place = Place::new()?;
        place.whose.clone_from(whose);
        let mut acknowledged = Vec::new();
        let (base, changes, ends) = {
            let _alone = drive::alone();
            warm_up()?;
            vfs::seed_sqlite(seed);
            if shape.before == Before::Version1 {
                make_version_1(&place)?;
            }
            let mut driver = Driver::of_one_alone(&place);
            before.iter().try_for_each(|action| driver.act(action))?;
            drop(driver);
            let base = place.folder().image();
            place.load(&base);
            place.folder().record();
            let mut driver = Driver::of_one_alone(&place);
            for (at, action) in script.iter().enumerate() {
                driver.act(action).with_context(|| format!("seed {seed}: action {at}"))?;
                acknowledged.push(place.folder().ended());
            }
            drop(driver);
            let (changes, ends) = place.folder().recorded();
            (base, changes, ends)
        };
        let mut recording = Recording {
            seed,
            heavy: shape.heavy,
            script,
            base,
            changes,
            ends,
            states: Vec::new(),
            acknowledged,
        };
        recording.tell_states(&mut place)?;
        Ok(recording)
    }

    /// The states that a crash at a change may leave: the one that was committed, and the one under way.
    #[must_use]
    pub fn allowed(&self, at: usize) -> (usize, Option<usize>) {
        let last = self.ends.partition_point(|end| *end <= at);
        let found = self.states.get(last).map(|state| state.found);
        let other = |state: &State| Some(state.found) != found;
        (last, self.states.iter().skip(last).position(other).map(|n| n + last))
    }

    /// The first thing to be done again from a state, if anything is left: an action that writes and was not yet
    /// acknowledged; with the state that it leads to.
    #[must_use]
    pub fn next_action(&self, state: usize) -> Option<(&Action, &Found)> {
        let found = self.states.get(state)?.found;
        let same = self.states.iter().skip(state).take_while(|other| other.found == found).count();
        let last = state + same.checked_sub(1)?;
        let actions = self.script.iter().zip(&self.acknowledged);
        let (action, end) = actions.filter(|(action, _)| action.writes()).find(|(_, end)| **end > last)?;
        Some((action, &self.states.get(*end)?.found))
    }

    /// Recovers the files at the end of each transaction, as a kill there leaves them.
    fn tell_states(&mut self, place: &mut Place) -> Result<()> {
        let (mut past, mut done) = (Past::of(&self.base), 0);
        let mut chance = Chance::of(&[self.seed]);
        let mut last: Option<State> = None;
        for (n, end) in std::iter::once(0).chain(self.ends.iter().copied()).enumerate() {
            if let (true, Some(state)) = (done == end, &last) {
                self.states.push(state.clone());
                continue;
            }
            for change in self.changes.get(done..end).unwrap_or_default() {
                past.advance(change, &mut chance);
            }
            done = end;
            place.load(&past.kill(None, &mut chance));
            let driver = recover(place)?;
            sums::agree(place).with_context(|| format!("seed {}: state {n}", self.seed))?;
            if n % DERIVED == 0 || n == self.ends.len() {
                sums::derived(place).with_context(|| format!("seed {}: state {n}", self.seed))?;
            }
            let state = State { found: examine(&look(place)?)?, file: database(place) };
            drop(driver);
            self.states.push(state.clone());
            last = Some(state);
        }
        self.every_row_is_there()
    }

    /// The states themselves are held against the script: each acknowledged step has its journal row.
    fn every_row_is_there(&self) -> Result<()> {
        let mut wanted = self.states.first().map_or(0, |state| state.found.journal_rows);
        for (action, end) in self.script.iter().zip(&self.acknowledged) {
            wanted += action.rows();
            let found = self.states.get(*end).context("no such state")?.found.journal_rows;
            ensure!(found == wanted, "seed {}: {found} journal rows, {wanted} acknowledged", self.seed);
        }
        Ok(())
    }
}

/// Opens the store as after a crash, and goes on with what is open.
///
/// # Errors
/// What is wrong, in words.
pub fn recover(place: &Place) -> Result<Driver<'_>> {
    let mut driver = Driver::new(place);
    driver.act(&Action::Open)?;
    Ok(driver)
}

/// The bytes of the database file.
#[must_use]
pub fn database(place: &Place) -> Arc<Vec<u8>> {
    place.folder().image().remove(DATABASE).unwrap_or_default()
}

/// The store makes each version's tables in memory once in a process, which draws random numbers: before, and not amidst,
/// the first script.
fn warm_up() -> Result<()> {
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let place = Place::new()?;
    make_version_1(&place)?;
    for _ in 0..2 {
        Driver::of_one_alone(&place).act(&Action::Open)?;
    }
    Ok(())
}

fn make_version_1(place: &Place) -> Result<()> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags_and_vfs(place.database(), flags, vfs::NAME)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(VERSION_1)?;
    let identity = identity();
    transaction.execute(
        "INSERT INTO database_identity (id, db_uuid, network, network_id, account, currency, issuer)
         VALUES (1, lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5)",
        (
            &identity.network,
            identity.network_id,
            identity.account.to_string(),
            identity.currency.to_string(),
            identity.issuer.to_string(),
        ),
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", 1)?;
    transaction.commit()?;
    Ok(())
}
