//! Does what a script says to a real store, and knows what has been acknowledged.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ledger::Hash256;
use rusqlite::{Connection, OpenFlags};
use store::{OpenMode, ReadError, Reader, Store, decode_step};

use crate::place::Place;
use crate::script::Action;
use crate::vfs;

/// How long the timer may take to fire: it is set to one second.
const TIMER_TRIES: u32 = 200;
const TIMER_PAUSE: Duration = Duration::from_millis(25);

/// SQLite has one source of random numbers in a process. While a script is recorded nobody else draws from it, so that
/// a seed gives the same bytes each time.
static RANDOM: RwLock<()> = RwLock::new(());

/// Waits until no store is driven, and keeps others from it.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    RANDOM.write().unwrap_or_else(PoisonError::into_inner)
}

/// A store that is driven.
pub struct Driver<'a> {
    place: &'a Place,
    store: Option<Store>,
    reader: Option<Connection>,
    // After the store, which may draw when it closes.
    _among_others: Option<RwLockReadGuard<'static, ()>>,
}

impl<'a> Driver<'a> {
    /// Nothing is open yet. A thread has one of these at a time.
    #[must_use]
    pub fn new(place: &'a Place) -> Driver<'a> {
        let among = RANDOM.read().unwrap_or_else(PoisonError::into_inner);
        Driver { place, store: None, reader: None, _among_others: Some(among) }
    }

    /// The same for one who is [`alone`].
    pub(crate) fn of_one_alone(place: &'a Place) -> Driver<'a> {
        Driver { place, store: None, reader: None, _among_others: None }
    }

    /// Does one thing. It is acknowledged when this is `Ok`.
    ///
    /// # Errors
    /// The store's; or a reader's, which acknowledges nothing.
    pub fn act(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::Open => self.open(),
            Action::Begin(start, first) => {
                let first = first.clone();
                let (_, effects) = self.store()?.open_session((**start).clone(), first)?;
                drop(effects.into_inner());
                self.settle()
            }
            Action::Commit(batch) => {
                drop(self.store()?.commit(batch.clone())?.into_inner());
                self.settle()
            }
            Action::Abandon => {
                let open = Reader::open_on(self.place, &self.place.database())?.unclosed_session()?;
                let id = open.context("no session is open")?.session_id;
                self.store()?.abandon_session(id, "rebuild_failed", "by the script")?.into_inner();
                self.settle()
            }
            Action::Timer => self.timer(),
            Action::Pin => {
                let reader = look(self.place)?;
                reader.execute_batch("BEGIN; SELECT count(*) FROM journal")?;
                self.reader = Some(reader);
                Ok(())
            }
            Action::Unpin => {
                self.reader = None;
                Ok(())
            }
            Action::Close => {
                self.reader = None;
                self.store.take().map(Store::close);
                Ok(())
            }
        }
    }

    fn open(&mut self) -> Result<()> {
        let path = self.place.database();
        let store = Store::open_on(self.place, &path, &self.place.whose, OpenMode::CreateIfMissing)?;
        let reader = Reader::open_on(self.place, &path)?;
        if let Some(open) = reader.unclosed_session()? {
            let (head, rows) = end_of_journal(&reader, open.session_id, open.genesis_digest.parse()?)?;
            store.resume_session(open.session_id, head, rows)?;
        }
        drop(reader);
        self.store = Some(store);
        self.settle()
    }

    /// The writer thread has done what it does after its answer: a checkpoint by size.
    fn settle(&self) -> Result<()> {
        self.store()?.checkpoint_aggregate()?;
        Ok(())
    }

    fn timer(&self) -> Result<()> {
        let store = self.store()?;
        let count = || -> Result<usize> { Ok(store.checkpoint_aggregate()?.map_or(0, |figures| figures.n)) };
        let before = count()?;
        store.start_checkpoints(1)?;
        for _ in 0..TIMER_TRIES {
            std::thread::sleep(TIMER_PAUSE);
            if count()? > before {
                store.stop_checkpoints()?;
                return Ok(());
            }
        }
        bail!("the checkpoint timer did not fire")
    }

    fn store(&self) -> Result<&Store> {
        self.store.as_ref().context("no store is open")
    }
}

/// A connection that only looks.
///
/// # Errors
/// SQLite's.
pub fn look(place: &Place) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags_and_vfs(place.database(), flags, vfs::NAME)
}

/// The last link of a session's journal and the number of its rows, every link verified.
fn end_of_journal(reader: &Reader, session_id: i64, genesis: Hash256) -> Result<(Hash256, i64)> {
    let (mut head, mut rows) = (genesis, 0);
    let mut broken = false;
    reader.journal::<ReadError>(session_id, |row| {
        let link =
            decode_step(&row.step).ok().and_then(|step| engine::journal::link(&head, &row.input, &step).ok());
        broken |= row.prev_digest != Some(head) || row.digest != link || link.is_none() || row.seq != rows;
        head = link.unwrap_or(head);
        rows += 1;
        Ok(())
    })?;
    if broken {
        bail!("the journal of session {session_id} is broken");
    }
    Ok((head, rows))
}
