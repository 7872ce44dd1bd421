//! What backups of a database there are, and what each one holds. Reads only, and makes no file.

use std::path::{Path, PathBuf};

use super::checksum;
use super::name::{BackupKind, BackupName, Part};
use crate::disk::SystemDisk;
use crate::open;

/// A backup beside its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// Why it was made.
    pub kind: BackupKind,
    /// When, as its name says: UTC ISO-8601.
    pub made_at: String,
    /// Its size.
    pub bytes: u64,
    /// What the file beside it states; not computed here. `None` when there is none.
    pub sha256: Option<String>,
    /// The sessions in it, oldest first; `None` when it does not read.
    pub sessions: Option<Vec<SessionBrief>>,
}

/// What a list of sessions shows of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionBrief {
    /// Its number.
    pub session_id: i64,
    /// Ledger time, UTC ISO-8601.
    pub started_at: String,
    /// Ledger time, UTC ISO-8601; `None` while it runs.
    pub ended_at: Option<String>,
    /// `running`, `closed`, `abandoned`.
    pub status: String,
    /// Rows of its journal.
    pub rows: i64,
}

impl Backup {
    /// The highest session number in it.
    #[must_use]
    pub fn last_session(&self) -> Option<i64> {
        self.sessions.as_ref()?.last().map(|session| session.session_id)
    }
}

/// The backups of the database at `db`, newest first. A folder that cannot be read has none.
#[must_use]
pub fn backups(db: &Path) -> Vec<Backup> {
    let Ok(db) = open::literal(db) else { return Vec::new() };
    let mut names = names(&db);
    names.retain(|(_, part)| *part == Part::Database);
    names.sort_by(|a, b| b.0.cmp(&a.0));
    names.iter().map(|(name, _)| describe(&db, name)).collect()
}

/// Everything beside `db` that has the name of a backup or of a part of one.
pub(super) fn names(db: &Path) -> Vec<(BackupName, Part)> {
    let entries = db.parent().and_then(|dir| std::fs::read_dir(dir).ok());
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| BackupName::read(db, &name)).collect()
}

pub(super) fn describe(db: &Path, name: &BackupName) -> Backup {
    let path = name.path(db, Part::Database);
    Backup {
        kind: name.kind,
        made_at: name.made_at(),
        bytes: std::fs::metadata(&path).map_or(0, |meta| meta.len()),
        sha256: checksum::stated(&path),
        sessions: open::connect_reading(&SystemDisk, &path, true)
            .and_then(|connection| briefs(&connection))
            .ok(),
        path,
    }
}

/// The sessions of a database, oldest first.
pub(crate) fn briefs(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<SessionBrief>> {
    let mut statement = connection.prepare(
        "SELECT session_id, started_at, ended_at, status,
           coalesce((SELECT max(seq) + 1 FROM journal j WHERE j.session_id = s.session_id), 0)
         FROM sessions s ORDER BY session_id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(SessionBrief {
            session_id: row.get(0)?,
            started_at: row.get(1)?,
            ended_at: row.get(2)?,
            status: row.get(3)?,
            rows: row.get(4)?,
        })
    })?;
    rows.collect()
}
