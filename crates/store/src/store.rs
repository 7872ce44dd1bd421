//! The store's handle: opens, writes, closes. Every call blocks until the writer thread has answered.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::{Effect, Input, Step};
use ledger::Hash256;

use crate::backup::{Backup, BackupError, BackupKind, Timer};
use crate::beside::{Finding, LARGE_BYTES};
use crate::checkpoint::CheckpointAggregate;
use crate::commit;
use crate::disk::{Disk, SystemDisk};
use crate::error::{Kept, OpenError, StoreError};
use crate::identity::Identity;
use crate::journal_checkpoint;
use crate::open::{self, First, OpenMode};
use crate::session::{self, SessionStart};
use crate::writer::{Desk, Writer, failure};

/// A value that is true on disk: made only after COMMIT has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "what is durable is to be acted on"]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    pub(crate) fn new(value: T) -> Durable<T> {
        Durable(value)
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// A look at the value.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// An open database, held for writing by this process alone.
pub struct Store {
    // Before the writer: backups end before the database is closed.
    backups: Timer,
    writer: Writer,
    path: PathBuf,
    db_uuid: String,
    before: Option<Backup>,
}

impl Store {
    /// Opens the database at `path`, or makes it (with its folder) where `mode` allows.
    ///
    /// # Errors
    /// [`OpenError::Refused`] with nothing written; [`OpenError::Io`] and [`OpenError::Sqlite`] when the disk or SQLite
    /// fails.
    pub fn open(path: &Path, identity: &Identity, mode: OpenMode) -> Result<Store, OpenError> {
        Store::open_on(&SystemDisk, path, identity, mode)
    }

    /// The same for a session: what is there is backed up before anything of it is changed ([`Store::backup_before`]).
    ///
    /// # Errors
    /// As [`Store::open`]. A database of which no sound copy can be made is refused as damaged; one whose tables are to
    /// be changed is refused without a backup. Any other failure of the backup is an ERROR in the log, and the store
    /// opens.
    pub fn open_for_session(path: &Path, identity: &Identity, mode: OpenMode) -> Result<Store, OpenError> {
        Store::open_for_session_of(path, identity, mode, LARGE_BYTES)
    }

    /// The same, with another size in bytes from which on a database counts as large: its check and its backup are made
    /// beside the session, from a snapshot taken before the session writes; damage found then fails the store.
    ///
    /// # Errors
    /// As [`Store::open_for_session`].
    pub fn open_for_session_of(
        path: &Path,
        identity: &Identity,
        mode: OpenMode,
        large_from: u64,
    ) -> Result<Store, OpenError> {
        Store::open_after(&SystemDisk, First::Backup { large_from }, path, identity, mode)
    }

    /// [`Store::open`] on another disk than the operating system's.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(
        disk: &dyn Disk,
        path: &Path,
        identity: &Identity,
        mode: OpenMode,
    ) -> Result<Store, OpenError> {
        Store::open_after(disk, First::Nothing, path, identity, mode)
    }

    fn open_after(
        disk: &dyn Disk,
        first: First,
        path: &Path,
        identity: &Identity,
        mode: OpenMode,
    ) -> Result<Store, OpenError> {
        let path = open::literal(path)?;
        let mut opened = open::open_writable(disk, &path, identity, mode, first)?;
        let (before, beside) = (opened.before.take(), opened.beside.take());
        let io = |error| OpenError::Io { path: path.clone(), error };
        let (found, backups) = (Finding::default(), Timer::new(&path));
        let (writer, db_uuid) = Writer::start(opened, &path, Finding::clone(&found)).map_err(io)?;
        if let Some(source) = beside {
            backups.begin_beside(source, found).map_err(io)?;
        }
        Ok(Store { backups, writer, path, db_uuid, before })
    }

    /// The backup made when the store was opened for a session.
    pub fn backup_before(&self) -> Option<&Backup> {
        self.before.as_ref()
    }

    /// Starts backups by the clock, every `interval_minutes` of wall time, in a thread of their own; zero: none. A
    /// second start changes nothing and warns.
    ///
    /// # Errors
    /// [`BackupError::Io`] when the system gives no thread.
    pub fn start_backups(&self, interval_minutes: u32) -> Result<(), BackupError> {
        let interval = Duration::from_secs(u64::from(interval_minutes) * 60);
        self.backups.start(interval).map_err(|error| BackupError::Io { path: self.path.clone(), error })
    }

    /// Makes a backup now, in the caller's thread and beside the writer, which goes on. A failure is an ERROR in the log
    /// as well; earlier backups are as they were.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn backup(&self, kind: BackupKind) -> Result<Backup, BackupError> {
        self.backups.now(kind)
    }

    /// Where the database is: an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database's own name, made with it.
    pub fn db_uuid(&self) -> &str {
        &self.db_uuid
    }

    /// The same in a thread of its own, for a caller that must stay awake for a signal.
    ///
    /// # Errors
    /// The system's, when it gives no thread.
    pub fn begin_backup(&self, kind: BackupKind) -> std::io::Result<JoinHandle<Result<Backup, BackupError>>> {
        self.backups.begin(kind)
    }

    /// Gives up the backup that is being made; it ends as [`BackupError::Stopped`], and none is made after it.
    pub fn give_up_backups(&self) {
        self.backups.give_up();
    }

    /// Starts the checkpoint timer: PASSIVE every `interval_seconds`. Zero or less disables it; a second start changes
    /// nothing and warns. Logs are also moved by size, timer or not.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] after a failure.
    pub fn start_checkpoints(&self, interval_seconds: i64) -> Result<(), StoreError> {
        self.writer.write(move |desk| {
            desk.checkpoints.start(interval_seconds);
            Ok(())
        })
    }

    /// Stops the checkpoint timer; it can start again.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] after a failure.
    pub fn stop_checkpoints(&self) -> Result<(), StoreError> {
        self.writer.write(|desk| {
            desk.checkpoints.stop();
            Ok(())
        })
    }

    /// Figures of the last 512 checkpoints of this run; `None` when there was none.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] after a failure.
    pub fn checkpoint_aggregate(&self) -> Result<Option<CheckpointAggregate>, StoreError> {
        self.writer.write(|desk| Ok(desk.checkpoints.aggregate()))
    }

    /// Opens a session together with its first inputs: its row is born of the `SessionOpened` record among them, in the
    /// same transaction as their journal rows. Gives the session's number and the effects that may now be performed.
    ///
    /// # Errors
    /// [`StoreError::Misuse`] when a session is open already or the first steps open none (a refused start writes
    /// nothing); else as [`Store::commit`].
    pub fn open_session(
        &self,
        start: SessionStart,
        first: Vec<(Input, Step)>,
    ) -> Result<(i64, Durable<Vec<Effect>>), StoreError> {
        self.writer.write(move |desk| {
            let effects = commit::open_session(desk, &start, first)?;
            let session = desk.last_session.unwrap_or_default();
            Ok((session, Durable::new(effects)))
        })
    }

    /// Journals inputs and their steps and writes their records, in one transaction; anomalies that begin a search are
    /// committed alone before it. The effects come back only once they may be performed.
    ///
    /// # Errors
    /// [`StoreError::Busy`] with nothing written; [`StoreError::Failed`] says what was kept, and ends the store;
    /// [`StoreError::Misuse`] without an open session.
    pub fn commit(&self, batch: Vec<(Input, Step)>) -> Result<Durable<Vec<Effect>>, StoreError> {
        self.writer.write(move |desk| commit::commit(desk, batch, None).map(Durable::new))
    }

    /// [`Store::commit`] of at least one input, and with it `state`: what the engine knows after the last of them
    /// (`engine::Engine::checkpoint`). A restart begins there. The last two of a session are kept, and none once it is
    /// closed.
    ///
    /// # Errors
    /// As [`Store::commit`]; [`StoreError::Misuse`] for no input.
    pub fn commit_with_state(
        &self,
        batch: Vec<(Input, Step)>,
        state: Vec<u8>,
    ) -> Result<Durable<Vec<Effect>>, StoreError> {
        if batch.is_empty() {
            return Err(StoreError::Misuse("a checkpoint stands after an input".to_owned()));
        }
        self.writer.write(move |desk| commit::commit(desk, batch, Some(state)).map(Durable::new))
    }

    /// Goes on with the journal of an unclosed session. `head` is the last link of the chain as the caller has verified
    /// it by replay; `seq` the number of journal rows.
    ///
    /// # Errors
    /// [`StoreError::Misuse`] when the session is closed or its journal ends elsewhere.
    pub fn resume_session(&self, session_id: i64, head: Hash256, rows: i64) -> Result<(), StoreError> {
        self.writer.write(move |desk| {
            let found =
                session::load_open(&desk.connection, session_id).map_err(|e| failure(Kept::Nothing, &e))?;
            let Some(open) = found else {
                return Err(StoreError::Misuse(format!("session {session_id} is not open")));
            };
            if open.head != head || open.next_seq != rows {
                return Err(StoreError::Misuse(format!(
                    "the journal of session {session_id} ends elsewhere"
                )));
            }
            desk.last_session = Some(session_id);
            desk.session = Some(open);
            Ok(())
        })
    }

    /// Closes, as `recovery`, an unclosed session of which no engine can be made any more (its journal is damaged, or
    /// this version decides otherwise). Its ending figures stay NULL.
    ///
    /// # Errors
    /// [`StoreError::Misuse`] when it is not open.
    pub fn abandon_session(
        &self,
        session_id: i64,
        reason: &str,
        detail: &str,
    ) -> Result<Durable<()>, StoreError> {
        let (reason, detail) = (reason.to_owned(), detail.to_owned());
        self.writer.write(move |desk| {
            let changed = session::abandon(&desk.connection, session_id, &reason, &detail)
                .map_err(|e| failure(Kept::Unknown, &e))?;
            if changed == 0 {
                return Err(StoreError::Misuse(format!("session {session_id} is not open")));
            }
            journal_checkpoint::forget(&desk.connection, session_id)
                .map_err(|e| failure(Kept::Unknown, &e))?;
            desk.session = None;
            Ok(Durable::new(()))
        })
    }

    /// Does `job` in the writer thread.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(job)
    }

    /// Ends the backups and the writer thread: last aggregate, TRUNCATE, close, whatever failed before. What does not
    /// end within 5 s is an ERROR in the log, and is left behind.
    pub fn close(mut self) -> Option<CheckpointAggregate> {
        self.backups.close();
        self.writer.close()
    }
}
