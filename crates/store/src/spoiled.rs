//! For the controls of the simulation alone: the table of fills without its key, so that a fill can be written twice.
//! Only on a disk that asks for it, and nothing of it is in a file that any other disk makes.

use rusqlite::{Connection, OptionalExtension};

/// The key, as the schema has it.
const KEY: &str = ",\n  UNIQUE (tx_hash, order_id)";

/// The connection is of a disk that wants no key. It alone knows: the mark is in its own temporary schema.
pub(crate) fn mark(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA temp_store = memory; CREATE TEMP TABLE keyless (mark)")
}

/// Whether the connection is such a one.
pub(crate) fn is_keyless(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_temp_schema WHERE name = 'keyless'";
    Ok(connection.prepare_cached(sql)?.query_row([], |_| Ok(())).optional()?.is_some())
}

/// Takes the key away, from a table that has no rows yet.
pub(crate) fn drop_key(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'fills'";
    let made: String = connection.query_row(sql, [], |row| row.get(0))?;
    if !made.contains(KEY) {
        return Ok(());
    }
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; DROP TABLE fills; {};
         CREATE INDEX fills_session ON fills (session_id, ledger_index); COMMIT",
        made.replace(KEY, "")
    ))
}
