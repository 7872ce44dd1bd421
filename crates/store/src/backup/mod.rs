//! Backups: whole verified copies beside the database, made before and after every session and by the clock during it.
//! Never stops a session, and never writes to the database.

pub(crate) mod checksum;
mod list;
mod make;
mod name;
mod prune;
mod timer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::Connection;

pub(crate) use list::briefs;
pub use list::{Backup, SessionBrief, backups};
pub use make::BackupError;
pub(crate) use make::make;
pub use name::BackupKind;
pub(crate) use name::{beside, stamp};
pub use prune::KEPT;
pub(crate) use prune::leftovers;
pub(crate) use timer::Timer;

use crate::disk::SystemDisk;
use crate::error::OpenRefused;
use crate::lock::Lock;
use crate::{log_name, open, schema};

/// Backs up the database at `db`, whether an engine runs on it or not.
///
/// # Errors
/// [`BackupError`]; earlier backups are as they were.
pub fn backup(db: &Path) -> Result<Backup, BackupError> {
    let refused = |refused: OpenRefused| BackupError::Refused(refused.to_string());
    let db = &open::literal(db).map_err(refused)?;
    if !db.is_file() {
        return Err(refused(OpenRefused::Missing { path: db.clone() }));
    }
    let (_lock, source) = source(db)?;
    make(db, BackupKind::Manual, &source, &Arc::new(AtomicBool::new(false)))
}

/// Copies the database at `db`, as it is at one instant, into a new file at `target`, for its owner alone: to be read at
/// leisure and thrown away. It is neither verified nor made durable.
///
/// # Errors
/// [`BackupError`]; also when there is something at `target`.
pub fn copy_to(db: &Path, target: &Path) -> Result<(), BackupError> {
    let refused = |refused: OpenRefused| BackupError::Refused(refused.to_string());
    let (db, target) = (&open::literal(db).map_err(refused)?, &open::literal(target).map_err(refused)?);
    let (_lock, source) = source(db)?;
    let made = platform::files::private_file().create_new(true).open(target);
    made.map_err(|error| BackupError::Io { path: target.clone(), error })?;
    let copied = make::copy(&source, target, &AtomicBool::new(false));
    if copied.is_err() {
        drop(std::fs::remove_file(target));
    }
    copied
}

/// The database at `db` to be copied from. With the lock nobody begins to write meanwhile, and the log is looked at as a
/// start does; without it somebody writes, and his log is read too.
fn source(db: &Path) -> Result<(Option<Lock>, Connection), BackupError> {
    let refused = |refused: OpenRefused| BackupError::Refused(refused.to_string());
    if platform::names::is_linked(db) {
        return Err(refused(OpenRefused::Linked { path: db.to_owned() }));
    }
    let lock = Lock::take(db).ok();
    let connected = if lock.is_some() {
        log_name::refuse_other(&SystemDisk, db).map_err(refused)?;
        open::connect_locked(db)
    } else {
        open::connect_read_only(&SystemDisk, db)
    };
    let source = connected.map_err(|error| refused(open::unreadable(db, &error)))?;
    open::refuse_foreign(db, &source).map_err(refused)?;
    Ok((lock, source))
}

/// The backup before a session, made before anything is changed. A database that cannot be copied soundly is refused,
/// and so is one whose tables are about to change; any other failure is an error in the log, and the session starts:
/// it would lose more than it keeps if a full backup disk stopped it.
pub(crate) fn before_session(
    db: &Path,
    source: &Connection,
    version: i64,
) -> Result<Option<Backup>, OpenRefused> {
    let path = db.to_owned();
    match make(db, BackupKind::Before, source, &Arc::new(AtomicBool::new(false))) {
        Ok(backup) => Ok(Some(backup)),
        Err(BackupError::Damaged(finding)) => Err(OpenRefused::Damaged { path, finding }),
        Err(error) if version < schema::VERSION => {
            Err(OpenRefused::NoBackup { path, reason: error.to_string() })
        }
        Err(error) => {
            tell(db, BackupKind::Before, &error);
            Ok(None)
        }
    }
}

/// What is told of a backup that was not made.
pub(crate) fn tell(db: &Path, kind: BackupKind, error: &BackupError) {
    let kept = backups(db);
    let newest = kept.first().map_or_else(|| "none".to_owned(), |b| b.path.display().to_string());
    tracing::error!(kind = kind.word(), %error, kept = kept.len(), newest, "backup failed: earlier backups are as they were");
}
