//! A large database before its session: looked at and backed up beside it, from a snapshot taken before the session writes
//! anything, so that a wallet is not left alone for as long as gigabytes take. Damage that is found then ends the store,
//! and the next start looks first. Never the way of a database whose tables are to be changed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;

use crate::backup::{BackupError, beside};
use crate::disk::{Disk, SystemDisk};
use crate::open::{self, First};
use crate::schema;
use crate::verify::{self, Doubt};

/// From this size on a database is looked at beside its session: what is smaller takes a second or two.
pub const LARGE_BYTES: u64 = 512 << 20;

/// What the look beside the session found, for the writer to see.
pub(crate) type Finding = Arc<OnceLock<String>>;

/// Whether the database, of so many bytes and this schema, is looked at beside the session that it is opened for.
pub(crate) fn is_due(first: First, disk: &dyn Disk, path: &Path, bytes: u64, version: i64) -> bool {
    let First::Backup { large_from } = first else { return false };
    disk.vfs().is_none() && bytes >= large_from && version == schema::VERSION && !doubted(path).exists()
}

/// What is there, held as it is now for one who reads it while a session writes.
pub(crate) fn snapshot(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open::connect_reading(&SystemDisk, path, false)?;
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// What is left to look for when the backup was not made: a sound copy would have said it.
pub(crate) fn damage(source: &Connection, error: &BackupError) -> Option<String> {
    match error {
        BackupError::Damaged(finding) => Some(finding.clone()),
        BackupError::Stopped => None,
        BackupError::Io { .. } | BackupError::Sqlite(_) | BackupError::Refused(_) => {
            match verify::first_finding(source, "quick_check(1)") {
                Err(Doubt::Damaged(finding)) => Some(finding),
                Ok(()) | Err(Doubt::Sqlite(_)) => None,
            }
        }
    }
}

/// Remembers for the next start that damage was found; without it that start would look beside its session again.
pub(crate) fn doubt(path: &Path, finding: &str) {
    let mark = doubted(path);
    if let Err(error) = std::fs::write(&mark, finding) {
        tracing::error!(file = %mark.display(), %error, "that the database is damaged cannot be written down");
    }
}

/// The database was looked at and is sound, or another one is in its place.
pub(crate) fn trust(path: &Path) {
    drop(std::fs::remove_file(doubted(path)));
}

fn doubted(path: &Path) -> PathBuf {
    beside(path, ".doubted")
}
