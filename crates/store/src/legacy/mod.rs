//! Databases of the earlier Python engine: any subset of the tables and columns that both have in common, in any
//! types, is read into a new database of ours, or shown without one. The source is only ever read, and a secret that is
//! in it stays there.

mod copy;
mod report;
mod secret;
mod source;
mod value;

pub use report::{ImportReport, Left, TableReport};
pub(crate) use source::is_legacy;

use crate::disk::SystemDisk;
use crate::error::{OpenError, OpenRefused, ReadError};
use crate::identity::Identity;
use crate::lock::Lock;
use crate::open::{self, First, OpenMode, Opened};
use crate::reader::Reader;
use crate::schema;
use ledger::{AccountId, Currency};
use platform::files;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Name of the network in the identity of an imported database: no engine's, so that none trades on such books.
pub const NETWORK: &str = "legacy";
/// World of imported sessions: a ledger history without a journal.
const WORLD: &str = "legacy";

impl Reader {
    /// Whether the database is, or was imported from, one of the earlier engine: it has no journal, so nothing in it can
    /// be decided again or proven.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn is_imported(&self) -> Result<bool, ReadError> {
        Ok(self.identity()?.network == NETWORK)
    }
}

/// Reads `source` into a new database at `target`, in one transaction: a kill leaves none or the whole.
///
/// # Errors
/// [`OpenError::Refused`] when the source is no such database or the target is there already; [`OpenError::Io`] and
/// [`OpenError::Sqlite`] when disk or SQLite fails.
pub fn import(source: &Path, target: &Path) -> Result<ImportReport, OpenError> {
    let (source_path, target) = (open::literal(source)?, open::literal(target)?);
    let source = source::open(&source_path)?;
    if target.exists() {
        return Err(OpenRefused::Exists { path: target }.into());
    }
    if let Some(kind) = files::unsafe_file_system(&target) {
        return Err(OpenRefused::NetworkFileSystem { path: target, kind }.into());
    }
    let beside = temporary(&target);
    let io = |error| OpenError::Io { path: target.clone(), error };
    let sqlite = |error| OpenError::Sqlite { path: beside.clone(), error };
    if let Some(dir) = target.parent() {
        files::create_private_dir(dir).map_err(io)?;
    }
    // Of the new file's name: another import into it, or an engine on it, waits until this one is done.
    let of_target = Lock::take(&target)?;
    remove_with_sidecars(&beside).map_err(io)?;
    let Opened { mut connection, lock, .. } =
        open::open_writable(&SystemDisk, &beside, &identity(), OpenMode::CreateIfMissing, First::Nothing)?;
    let report = copy::all(&source, &mut connection, &source_path.display().to_string()).map_err(sqlite)?;
    let _: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sqlite)?;
    connection.close().map_err(|(_, error)| sqlite(error))?;
    drop(lock);
    if target.exists() {
        return Err(OpenRefused::Exists { path: target }.into());
    }
    std::fs::rename(&beside, &target).map_err(io)?;
    remove_with_sidecars(&beside).map_err(io)?;
    target.parent().map_or(Ok(()), files::sync_dir).map_err(io)?;
    drop(of_target);
    Ok(report)
}

/// Whose books an imported database holds: nobody's who trades.
fn identity() -> Identity {
    Identity {
        network: NETWORK.to_owned(),
        network_id: 0,
        account: AccountId::ZERO,
        currency: Currency::RLUSD,
        issuer: AccountId::ZERO,
    }
}

fn temporary(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".importing");
    PathBuf::from(name)
}

/// An unfinished import of an earlier run, or what is no longer needed of this one.
fn remove_with_sidecars(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// What a database of the earlier engine shows as if it were one of ours, made in memory; `None` for another file.
pub(crate) fn view(path: &Path, source: &Connection) -> Result<Option<Connection>, ReadError> {
    if !source::is_legacy(source) {
        return Ok(None);
    }
    source::refuse_hot_journal(path)?;
    let sqlite = |error| ReadError::Sqlite { path: path.to_owned(), error };
    let mut memory = Connection::open_in_memory().map_err(sqlite)?;
    schema::migrate(&mut memory, &identity()).map_err(sqlite)?;
    copy::all(source, &mut memory, &path.display().to_string()).map_err(sqlite)?;
    Ok(Some(memory))
}
