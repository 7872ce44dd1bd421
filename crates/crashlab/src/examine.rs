//! What a database holds, and whether it can be trusted: SQLite's own integrity, the schema, every link of every
//! journal, and one number for all rows of all tables. Reads through SQL alone and shares no code with the store.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context, Result, bail};
use ledger::Hash256;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use store::decode_step;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Stands for every row of every table, and the schema.
    pub rows: u64,
    /// Journal rows of all sessions.
    pub journal_rows: usize,
}

/// Looks at everything.
///
/// # Errors
/// What is wrong, in words.
pub fn examine(connection: &Connection) -> Result<Found> {
    let finding: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if finding != "ok" {
        bail!("integrity_check: {finding}");
    }
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "wal" {
        bail!("the database has no log: {mode}");
    }
    let journal_rows = chains(connection)?;
    Ok(Found { rows: rows(connection)?, journal_rows })
}

/// Follows every journal from its session's first link; gives the number of rows.
fn chains(connection: &Connection) -> Result<usize> {
    let mut statement = connection.prepare(
        "SELECT s.session_id, s.genesis_digest, s.journal_digest, j.seq, j.input, j.step, j.prev_digest, j.digest
         FROM sessions s LEFT JOIN journal j USING (session_id) ORDER BY s.session_id, j.seq",
    )?;
    let mut rows = statement.query([])?;
    let (mut session, mut head, mut next, mut count) = (0i64, String::new(), 0i64, 0usize);
    let mut stated: Option<String> = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if id != session {
            ends(session, &head, stated.as_deref())?;
            (session, head, stated, next) = (id, row.get(1)?, row.get(2)?, 0);
        }
        let Some(seq) = row.get::<_, Option<i64>>(3)? else { bail!("session {id} has no journal") };
        let step = decode_step(row.get_ref(5)?.as_blob()?)?;
        let before: Hash256 = head.parse().with_context(|| format!("session {id}: no link before {seq}"))?;
        let link = engine::journal::link(&before, row.get_ref(4)?.as_blob()?, &step)?;
        let (prev, digest): (String, String) = (row.get(6)?, row.get(7)?);
        if seq != next || prev != head || digest.parse::<Hash256>().ok() != Some(link) {
            bail!("session {id}: the chain breaks at row {seq}");
        }
        (head, next, count) = (digest, next + 1, count + 1);
    }
    ends(session, &head, stated.as_deref())?;
    Ok(count)
}

/// A closed session states the last link of its journal.
fn ends(session: i64, head: &str, stated: Option<&str>) -> Result<()> {
    match stated {
        Some(stated) if stated != head => bail!("session {session}: the chain ends elsewhere"),
        _ => Ok(()),
    }
}

/// All tables. What differs from one run to the next is left out: the database's own name, how long checkpoints took,
/// and whether the engine or a recovery closed a session.
fn rows(connection: &Connection) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut tables = Vec::new();
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    each(connection, schema, |row| {
        if row.get_ref(0)?.as_str()? == "table" {
            tables.push(row.get::<_, String>(1)?);
        }
        feed(&mut hasher, row, 4)
    })?;
    for pragma in ["PRAGMA user_version", "PRAGMA application_id"] {
        each(connection, pragma, |row| feed(&mut hasher, row, 1))?;
    }
    for table in tables {
        let sql = match table.as_str() {
            "database_identity" => {
                "SELECT id, length(db_uuid), network, network_id, account, currency, issuer FROM database_identity"
                    .to_owned()
            }
            "sessions" => "SELECT session_id, world_no, network, config_hash, status, started_at, ended_at,
                 starting_xrp, ending_xrp, halt_reason, halt_detail, parent_session_id, genesis_digest,
                 journal_digest, closed_by IS NULL, first_ledger_index, last_ledger_index,
                 json_remove(facts, '$.checkpoints'), carried FROM sessions"
                .to_owned(),
            other => format!("SELECT * FROM {other}"),
        };
        table.hash(&mut hasher);
        let mut statement = connection.prepare(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            feed(&mut hasher, row, columns)?;
        }
    }
    Ok(hasher.finish())
}

fn each(
    connection: &Connection,
    sql: &str,
    mut with: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        with(row)?;
    }
    Ok(())
}

fn feed(hasher: &mut DefaultHasher, row: &Row<'_>, columns: usize) -> rusqlite::Result<()> {
    for column in 0..columns {
        match row.get_ref(column)? {
            ValueRef::Null => 0u8.hash(hasher),
            ValueRef::Integer(number) => (1u8, number).hash(hasher),
            ValueRef::Real(number) => (2u8, number.to_bits()).hash(hasher),
            ValueRef::Text(text) => (3u8, text).hash(hasher),
            ValueRef::Blob(bytes) => (4u8, bytes).hash(hasher),
        }
    }
    Ok(())
}
