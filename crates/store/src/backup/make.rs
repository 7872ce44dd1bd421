//! One backup: copied by SQLite's backup API in one step, looked at whole, compared with what lives, made durable, and
//! only then given its name. Whatever fails or is killed on the way leaves at most a `.tmp`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use platform::files as platform;
use rusqlite::backup::{Backup as Copy, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::list::{self, Backup};
use super::name::{BackupKind, BackupName, Part, stamp};
use super::{checksum, prune};
use crate::chain::{self, ChainError};
use crate::lock;
use crate::log_name;
use crate::verify::{self, Doubt};

/// How often a copy is begun again while another process holds the database, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// Numbers within one second before it is given up.
const NUMBERS_MAX: u32 = 1_000_000;
/// Pages of a part of a copy.
const PART_PAGES: std::ffi::c_int = 4_096;
/// SQLite's virtual machine steps between two looks at the wish to stop.
const STEPS: std::ffi::c_int = 100_000;

/// Why there is no backup. Earlier ones are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The copy is not what was written: the database itself is damaged, or its disk is.
    #[error("the copy is not sound: {0}")]
    Damaged(String),
    /// The disk or the operating system failed.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// SQLite failed.
    #[error("the copy failed: {0}")]
    Sqlite(rusqlite::Error),
    /// Asked to stop before it was done.
    #[error("stopped before it was done")]
    Stopped,
    /// There is no database to back up, or another process does not let it be read.
    #[error("{0}")]
    Refused(String),
}

/// Makes a backup of the database at `db` through `source`, a connection to it that only reads. `stop` ends it early.
pub(crate) fn make(
    db: &Path,
    kind: BackupKind,
    source: &Connection,
    stop: &Arc<AtomicBool>,
) -> Result<Backup, BackupError> {
    let began = Instant::now();
    let name = reserve(db, kind)?;
    let tmp = name.path(db, Part::Unfinished);
    let made = copy(source, &tmp, stop)
        .and_then(|()| prove(source, &tmp, stop))
        .and_then(|()| keep(db, &name, &tmp));
    if let Err(error) = made {
        // What is not proven is nothing to keep; what cannot be removed the next start removes.
        drop(std::fs::remove_file(&tmp));
        return Err(if stop.load(Ordering::Relaxed) { BackupError::Stopped } else { error });
    }
    let backup = list::describe(db, &name);
    let elapsed_ms = began.elapsed().as_millis() as u64;
    tracing::info!(
        kind = kind.word(),
        file = %backup.path.display(),
        bytes = backup.bytes,
        sha256 = backup.sha256.as_deref().unwrap_or_default(),
        last_session = backup.last_session(),
        elapsed_ms,
        "backup"
    );
    prune::old(db, &name);
    Ok(backup)
}

/// A name that nothing has, with its empty temporary file made for its owner alone. It sorts after every other of its
/// kind, also within one second and when the clock was set back: the newest is the one to keep.
fn reserve(db: &Path, kind: BackupKind) -> Result<BackupName, BackupError> {
    let of_kind = list::names(db).into_iter().map(|(name, _)| name).filter(|name| name.kind == kind);
    let now = stamp(&lock::now_iso());
    let mut name = match of_kind.max() {
        Some(last) if last.stamp >= now => BackupName { number: last.number.saturating_add(1), ..last },
        _ => BackupName { stamp: now, number: 1, kind },
    };
    loop {
        let tmp = name.path(db, Part::Unfinished);
        match platform::private_file().create_new(true).open(&tmp) {
            Ok(file) if !name.path(db, Part::Database).exists() => {
                platform::give(&file, db);
                return Ok(name);
            }
            // Another process has made it since the look.
            Ok(_) => {
                std::fs::remove_file(&tmp).map_err(|error| BackupError::Io { path: tmp, error })?;
                name.number = name.number.saturating_add(1);
            }
            // Another process has just taken it.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && name.number < NUMBERS_MAX => {
                name.number += 1;
            }
            Err(error) => return Err(BackupError::Io { path: tmp, error }),
        }
    }
}

/// Copies what `source` sees at one instant into the empty file at `tmp`; nothing of it is synced. A source that holds a
/// snapshot is copied in parts, with a look at the wish to stop after each; any other at once, so that no writer makes it
/// begin again.
pub(super) fn copy(source: &Connection, tmp: &Path, stop: &AtomicBool) -> Result<(), BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(tmp, flags).map_err(BackupError::Sqlite)?;
    // A copy that is not finished is thrown away, so it needs no journal; it is synced as a whole afterwards.
    target.pragma_update(None, "journal_mode", "OFF").map_err(BackupError::Sqlite)?;
    target.pragma_update(None, "synchronous", "OFF").map_err(BackupError::Sqlite)?;
    let pages = if source.is_autocommit() { -1 } else { PART_PAGES };
    let mut tries = 0;
    {
        let copy = Copy::new(source, &mut target).map_err(BackupError::Sqlite)?;
        loop {
            match copy.step(pages).map_err(copy_failed)? {
                StepResult::Done => break,
                StepResult::More if stop.load(Ordering::Relaxed) => return Err(BackupError::Stopped),
                StepResult::More if pages > 0 => continue,
                StepResult::Busy | StepResult::Locked if tries >= TRIES => {
                    return Err(BackupError::Refused("another process holds the database".to_owned()));
                }
                _ => std::thread::sleep(PAUSE),
            }
            tries += 1;
        }
    }
    // For itself alone, so that no shared memory is made beside it.
    target.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(BackupError::Sqlite)?;
    log_name::belongs_to_none(&target).map_err(BackupError::Sqlite)?;
    target.close().map_err(|(_, error)| BackupError::Sqlite(error))
}

/// The copy is sound in itself, and what lives goes on from it.
fn prove(source: &Connection, tmp: &Path, stop: &Arc<AtomicBool>) -> Result<(), BackupError> {
    let wish = Arc::clone(stop);
    let verified = verify::whole(tmp, |connection| {
        let look = move || wish.load(Ordering::Relaxed);
        if let Err(error) = connection.progress_handler(STEPS, Some(look)) {
            tracing::debug!(%error, "a backup's check cannot be stopped early");
        }
    });
    let verified = verified.map_err(|doubt| match doubt {
        Doubt::Damaged(finding) => BackupError::Damaged(finding),
        Doubt::Sqlite(error) => BackupError::Sqlite(error),
    })?;
    let live: String = source
        .query_row("SELECT db_uuid FROM database_identity", [], |row| row.get(0))
        .map_err(BackupError::Sqlite)?;
    if live != verified.db_uuid {
        return Err(BackupError::Damaged("it is a copy of another database".to_owned()));
    }
    chain::continues(source, &verified.chains).map_err(|error| match error {
        ChainError::Sqlite(error) => BackupError::Sqlite(error),
        broken => BackupError::Damaged(broken.to_string()),
    })
}

/// Synced, then its checksum, then its name: a backup with a name is whole and has a checksum.
fn keep(db: &Path, name: &BackupName, tmp: &Path) -> Result<(), BackupError> {
    let kept = name.path(db, Part::Database);
    let durable = || {
        std::fs::OpenOptions::new().write(true).open(tmp)?.sync_all()?;
        checksum::write(&kept, &checksum::of_file(tmp)?, db)?;
        std::fs::rename(tmp, &kept)?;
        kept.parent().map_or(Ok(()), platform::sync_dir)
    };
    durable().map_err(|error| BackupError::Io { path: kept.clone(), error })
}

fn copy_failed(error: rusqlite::Error) -> BackupError {
    match verify::doubt(error) {
        Doubt::Damaged(finding) => BackupError::Damaged(finding),
        Doubt::Sqlite(error) => BackupError::Sqlite(error),
    }
}
