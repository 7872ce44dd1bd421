//! A file that is not live, looked at with everything there is: SQLite's integrity check, foreign keys, the schema, the
//! identity, every journal's chain. Opens it as unchanging, so that nothing is made beside it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::chain::{self, ChainError, ChainHead};
use crate::disk::SystemDisk;
use crate::error::OpenRefused;
use crate::identity::{self, Identity};
use crate::{open, schema_check};

/// What a whole copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) db_uuid: String,
    pub(crate) identity: Identity,
    pub(crate) chains: Vec<ChainHead>,
    pub(crate) schema_version: i64,
}

/// Why a copy is not to be trusted, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Doubt {
    /// It is not what was written.
    #[error("{0}")]
    Damaged(String),
    /// The look itself failed.
    #[error("{0}")]
    Sqlite(rusqlite::Error),
}

/// Looks at the whole of a file that nobody writes. `tune` may set up the connection first.
pub(crate) fn whole(path: &Path, tune: impl FnOnce(&mut Connection)) -> Result<Verified, Doubt> {
    let mut connection = open::connect_reading(&SystemDisk, path, true).map_err(doubt)?;
    tune(&mut connection);
    contents(path, &connection)
}

/// The same of a copy that is thrown away when it is not sound: what is wrong is told, and no advice that names it.
pub(crate) fn whole_copy(path: &Path, tune: impl FnOnce(&mut Connection)) -> Result<Verified, Doubt> {
    let mut connection = open::connect_reading(&SystemDisk, path, true).map_err(doubt)?;
    tune(&mut connection);
    look(path, &connection, |refused| Doubt::Damaged(refused.of_a_copy()))
}

/// The same through a connection that is there.
pub(crate) fn contents(path: &Path, connection: &Connection) -> Result<Verified, Doubt> {
    look(path, connection, refused)
}

fn look(
    path: &Path,
    connection: &Connection,
    refused: impl Fn(OpenRefused) -> Doubt,
) -> Result<Verified, Doubt> {
    let schema_version = open::refuse_foreign(path, connection).map_err(&refused)?;
    if schema_version == 0 {
        return Err(Doubt::Damaged("it is empty".to_owned()));
    }
    first_finding(connection, "integrity_check(1)")?;
    foreign_keys(connection)?;
    schema_check::refuse_altered(path, connection, schema_version).map_err(&refused)?;
    let sql = format!("SELECT {}", identity::COLUMNS);
    let identity = connection.query_row(&sql, [], Identity::from_row).map_err(doubt)?;
    let db_uuid =
        connection.query_row("SELECT db_uuid FROM database_identity", [], |row| row.get(0)).map_err(doubt)?;
    let chains = chain::verify(connection).map_err(|error| match error {
        ChainError::Sqlite(error) => doubt(error),
        broken => Doubt::Damaged(broken.to_string()),
    })?;
    Ok(Verified { db_uuid, identity, chains, schema_version })
}

/// Runs `quick_check` or `integrity_check`; a finding is a [`Doubt::Damaged`].
pub(crate) fn first_finding(connection: &Connection, pragma: &str) -> Result<(), Doubt> {
    let finding: String =
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).map_err(doubt)?;
    if finding == "ok" { Ok(()) } else { Err(Doubt::Damaged(finding)) }
}

/// Rows that name a row which is not there; neither of SQLite's checks looks.
pub(crate) fn foreign_keys(connection: &Connection) -> Result<(), Doubt> {
    let lost: Option<(String, Option<i64>, String)> = connection
        .query_row("PRAGMA foreign_key_check", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
        .map_err(doubt)?;
    match lost {
        None => Ok(()),
        Some((table, row, parent)) => {
            let row = row.map_or_else(|| "?".to_owned(), |row| row.to_string());
            Err(Doubt::Damaged(format!("row {row} of {table} names a row of {parent} that is not there")))
        }
    }
}

/// Errors that speak of the file are damage; others may pass.
pub(crate) fn doubt(error: rusqlite::Error) -> Doubt {
    if open::is_damage(&error) { Doubt::Damaged(error.to_string()) } else { Doubt::Sqlite(error) }
}

fn refused(refused: OpenRefused) -> Doubt {
    Doubt::Damaged(refused.to_string())
}
