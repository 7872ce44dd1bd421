//! Restore: a verified backup takes the place of a damaged database, which is set aside whole. The only thing that may
//! put a file in the database's place; a kill at any instant is finished by the next start or the next restore.

mod lost;
mod moves;
mod plan;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ::platform::files as platform;
use sha2::{Digest, Sha256};

pub use lost::LostSession;
use moves::Watch;
use plan::{Plan, Unread};

use crate::backup::{self, SessionBrief, beside, checksum};
use crate::disk::SystemDisk;
use crate::error::{NO_PLAN, OpenError, OpenRefused};
use crate::lock::{self, Lock};
use crate::open;
use crate::session::hex;
use crate::verify::{self, Doubt, Verified};

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup that is live now.
    pub backup: PathBuf,
    /// What the damaged file is called now, with its sidecars beside it; `None` when there was no file.
    pub aside: Option<PathBuf>,
    /// What `quick_check` says of the restored database: `ok`.
    pub quick_check: String,
    /// The sessions that it has, oldest first.
    pub sessions: Vec<SessionBrief>,
    /// The sessions that it has not, or not all of.
    pub lost: Vec<LostSession>,
    /// The damaged file could be read for its sessions: `lost` is all.
    pub is_loss_known: bool,
    /// The damaged file said whose it is, and the backup is of the same database.
    pub is_identity_compared: bool,
}

/// Why nothing was restored, or not to the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// An engine or another command has the database, or its name is none.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backup is not to be trusted. Nothing was changed.
    #[error("{path} is not restored: {reason}; nothing was changed", path = path.display())]
    Unsound {
        /// The backup.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file that is to say what an interrupted restore was about does not: nothing of it was followed.
    #[error(
        "{path} {NO_PLAN} ({reason}). Nothing was done by it and the database is as it was: move that file away, and run the \
         same command again",
        path = path.display()
    )]
    NoPlan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A move cannot be made without overwriting, or without what it needs.
    #[error("the restore cannot go on: {path}: {reason}", path = path.display())]
    Stuck {
        /// The file in the way, or the one that is missing.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The disk or the operating system failed; running it again goes on.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
}

/// Puts `backup` in the place of the database at `db`, which is set aside with its sidecars. A restore that was
/// interrupted before is finished first.
///
/// # Errors
/// [`RestoreError`]: refused while an engine runs, or when the backup is not sound in every way that can be checked.
pub fn restore(db: &Path, backup: &Path) -> Result<Restored, RestoreError> {
    restore_watched(db, backup, &mut |_| Ok(()))
}

/// Finishes a restore that was interrupted; gives the backup it was of, or `None` when there is nothing to finish.
///
/// # Errors
/// [`RestoreError`].
pub fn finish_interrupted(db: &Path) -> Result<Option<String>, RestoreError> {
    let db = &open::literal(db).map_err(OpenError::from)?;
    if !is_pending(db) {
        return Ok(None);
    }
    let _lock = Lock::take(db)?;
    let pending = read_plan(db)?;
    if let Some(pending) = &pending {
        finish(db, pending)?;
    }
    Ok(pending.map(|pending| pending.backup))
}

/// Whether a restore of `db` was interrupted.
#[must_use]
pub(crate) fn is_pending(db: &Path) -> bool {
    plan::path(db).exists()
}

/// Removes the copy of a restore that was interrupted before anything was moved. The caller holds the lock.
pub(crate) fn leftovers(db: &Path) {
    if !is_pending(db) {
        drop(std::fs::remove_file(plan::staged(db)));
        drop(std::fs::remove_file(beside(db, ".restore.tmp")));
    }
}

fn read_plan(db: &Path) -> Result<Option<Plan>, RestoreError> {
    Plan::read(db).map_err(|error| match error {
        Unread::Io(error) => RestoreError::Io { path: plan::path(db), error },
        Unread::NoPlan(reason) => RestoreError::NoPlan { path: plan::path(db), reason },
    })
}

fn finish(db: &Path, pending: &Plan) -> Result<(), RestoreError> {
    tracing::warn!(backup = pending.backup, "an interrupted restore is finished");
    moves::finish(db, pending, &mut |_| Ok(()))
}

/// Restores as [`restore`] does, and tells `watch` before each step; an error of it stops there, as a kill would. For
/// tests of what a kill leaves.
///
/// # Errors
/// As [`restore`].
pub fn restore_watched(
    db: &Path,
    backup: &Path,
    watch: &mut dyn FnMut(&'static str) -> std::io::Result<()>,
) -> Result<Restored, RestoreError> {
    let db = &open::literal(db).map_err(OpenError::from)?;
    let backup = &open::literal(backup).map_err(OpenError::from)?;
    if ::platform::names::is_linked(db) {
        return Err(OpenError::from(OpenRefused::Linked { path: db.clone() }).into());
    }
    let _lock = Lock::take(db)?;
    if let Some(pending) = read_plan(db)? {
        finish(db, &pending)?;
    }
    let (sum, verified) = stage(db, backup, watch)?;
    let own = lost::db_uuid(db);
    if own.as_ref().is_some_and(|own| *own != verified.db_uuid) {
        drop(std::fs::remove_file(plan::staged(db)));
        return Err(unsound(backup, "it is a backup of another database"));
    }
    let known = lost::known(db);
    let highest = known.sessions.keys().next_back().copied().unwrap_or(0);
    let plan = Plan {
        format: plan::FORMAT,
        sha256: sum,
        aside: moves::free_name(db, highest, &backup::stamp(&lock::now_iso())),
        backup: backup.display().to_string(),
    };
    let io = |error| RestoreError::Io { path: db.clone(), error };
    watch("the plan is written").map_err(io)?;
    let had_file = db.exists();
    plan.write(db).map_err(io)?;
    moves::finish(db, &plan, watch)?;
    let (quick_check, sessions) = look(db)?;
    Ok(Restored {
        backup: backup.clone(),
        aside: had_file.then(|| plan.aside(db)),
        quick_check,
        lost: lost::lost(&known, &sessions),
        sessions,
        is_loss_known: known.is_whole,
        is_identity_compared: own.is_some(),
    })
}

/// Copies the backup beside the database and verifies the copy, which alone goes live: its checksum is the one that was
/// recorded, and its content is sound.
fn stage(db: &Path, backup: &Path, watch: Watch<'_>) -> Result<(String, Verified), RestoreError> {
    if !backup.exists() {
        let why =
            format!("there is no such backup; `neo db restore --db {}` lists those there are", db.display());
        return Err(unsound(backup, &why));
    }
    let Some(stated) = checksum::stated(backup) else {
        let why = "there is no .sha256 beside it, or it does not read; if you know the file to be good, \
                   make one with sha256sum";
        return Err(unsound(backup, why));
    };
    let staged = plan::staged(db);
    let result =
        copy(backup, &staged, db).map_err(|error| RestoreError::Io { path: backup.to_owned(), error });
    let checked = result.and_then(|sum| {
        if sum != stated {
            return Err(unsound(backup, &format!("its SHA-256 is {sum}, recorded was {stated}")));
        }
        watch("the copy is verified").map_err(|error| RestoreError::Io { path: staged.clone(), error })?;
        let verified = verify::whole_copy(&staged, |_| ()).map_err(|doubt| match doubt {
            Doubt::Damaged(finding) => unsound(backup, &finding),
            Doubt::Sqlite(error) => unsound(backup, &error.to_string()),
        })?;
        Ok((sum, verified))
    });
    if checked.is_err() {
        drop(std::fs::remove_file(&staged));
    }
    checked
}

/// Copies and syncs into a file of the database's owner; gives the SHA-256 of what was copied.
fn copy(from: &Path, to: &Path, db: &Path) -> std::io::Result<String> {
    let mut source = std::fs::File::open(from)?;
    let mut target = platform::new_file_of_owner(to, db)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let n = source.read(&mut buffer)?;
        match buffer.get(..n) {
            Some(bytes) if n > 0 => {
                hash.update(bytes);
                target.write_all(bytes)?;
            }
            _ => break,
        }
    }
    target.sync_all()?;
    Ok(hex(&hash.finalize()))
}

/// What the restored database says of itself.
fn look(db: &Path) -> Result<(String, Vec<SessionBrief>), RestoreError> {
    let sqlite = |error| RestoreError::Open(OpenError::Sqlite { path: db.to_owned(), error });
    let connection = open::connect_reading(&SystemDisk, db, true).map_err(sqlite)?;
    let quick = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sqlite)?;
    Ok((quick, backup::briefs(&connection).map_err(sqlite)?))
}

fn unsound(path: &Path, reason: &str) -> RestoreError {
    RestoreError::Unsound { path: path.to_owned(), reason: reason.to_owned() }
}
