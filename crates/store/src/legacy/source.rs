//! A database of the earlier engine, opened to be read: what must be refused, and what it has.

use crate::disk::SystemDisk;
use crate::error::{OpenError, OpenRefused};
use crate::open;
use crate::schema;
use rusqlite::Connection;
use std::path::Path;

/// What of a source's schema is of use: tables (not views: what they give is computed) and their columns.
pub(super) fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Tables, and all that is none: views and virtual tables have no rows of their own.
pub(super) fn objects(connection: &Connection) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut statement = connection.prepare(
        "SELECT name, type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' FROM sqlite_schema
         WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Whether there is a table of sessions with their numbers, and the file is not one of ours.
pub(crate) fn is_legacy(connection: &Connection) -> bool {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap_or_default();
    let sessions = columns(connection, "sessions").unwrap_or_default();
    let is_table = objects(connection).is_ok_and(|objects| {
        objects.iter().any(|(name, is_table)| name.eq_ignore_ascii_case("sessions") && *is_table)
    });
    application != schema::APPLICATION_ID
        && is_table
        && sessions.iter().any(|(name, _)| name.eq_ignore_ascii_case("session_id"))
}

/// Opens the file for reading only.
///
/// # Errors
/// [`OpenRefused::Missing`], [`OpenRefused::HotJournal`] and [`OpenRefused::NotLegacy`].
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    if !path.is_file() {
        return Err(OpenRefused::Missing { path: path.to_owned() }.into());
    }
    refuse_hot_journal(path)?;
    let not_legacy = |reason: String| OpenRefused::NotLegacy { path: path.to_owned(), reason };
    let connection =
        open::connect_read_only(&SystemDisk, path).map_err(|error| not_legacy(error.to_string()))?;
    if let Err(error) =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    {
        return Err(not_legacy(error.to_string()).into());
    }
    if !is_legacy(&connection) {
        let application: i64 =
            connection.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap_or_default();
        let reason = if application == schema::APPLICATION_ID {
            "it is a database of NEO already".to_owned()
        } else {
            "it has no table `sessions` with a column `session_id`".to_owned()
        };
        return Err(not_legacy(reason).into());
    }
    Ok(connection)
}

/// A rollback journal beside the file holds what must be undone first, and only a writer can undo it.
pub(super) fn refuse_hot_journal(path: &Path) -> Result<(), OpenRefused> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    match std::fs::metadata(&journal) {
        Ok(meta) if meta.len() > 0 => Err(OpenRefused::HotJournal { path: path.to_owned() }),
        _ => Ok(()),
    }
}
