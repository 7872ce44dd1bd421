//! What was under way when a process was killed, read from what it left: for the table of faults.

use rusqlite::Connection;
use std::collections::BTreeSet;

/// The tables are made in so many steps (the version of the schema).
const SCHEMA_VERSION: i64 = 3;

/// The word under which a kill between two steps is counted.
pub(crate) fn word(connection: &Connection, submitted: &BTreeSet<String>) -> &'static str {
    if !has_tables(connection) {
        return "process: killed while the tables are made";
    }
    match under_way(connection) {
        Ok(open) if is_unsent(&open, submitted) => UNSENT,
        Ok(open) if open.iter().any(|(_, answered)| !answered) => {
            "process: killed with a submission not answered"
        }
        _ => "process: killed with nothing under way",
    }
}

/// A kill between the commit of an intent and its way out.
pub(crate) const UNSENT: &str = "process: killed with an intent written and not sent";

/// Whether an intent of the newest session was written and never reached the server.
pub(crate) fn has_unsent(connection: &Connection, submitted: &BTreeSet<String>) -> bool {
    under_way(connection).is_ok_and(|open| is_unsent(&open, submitted))
}

fn is_unsent(open: &[(String, bool)], submitted: &BTreeSet<String>) -> bool {
    open.iter().any(|(hash, _)| !submitted.contains(hash))
}

/// Whether all tables are there.
pub(crate) fn has_tables(connection: &Connection) -> bool {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    version.is_ok_and(|version| version >= SCHEMA_VERSION)
}

/// Signed intents of the newest session that have no end yet: their ids, and whether an answer is written.
fn under_way(connection: &Connection) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut statement = connection.prepare(
        "SELECT tx_hash, preliminary IS NOT NULL FROM submissions
         WHERE tx_hash IS NOT NULL AND outcome IS NULL AND session_id = (SELECT max(session_id) FROM sessions)",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
