//! The end of old sessions that have none: the time of the last fill, inventory or valuation row of that session. Never
//! touches a session that has an end, nor one that runs (recovery closes that one from its journal and its ledger).

use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::error::{Kept, ReadError, StoreError};
use crate::reader::Reader;
use crate::store::Store;
use crate::writer::failure;

/// What the rows of a session say of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndEvidence {
    /// The session.
    pub session_id: i64,
    /// Its status as its row has it.
    pub status: String,
    /// When it began, as its row has it.
    pub started_at: String,
    /// The end that its row has, if any.
    pub ended_at: Option<String>,
    /// Who wrote that end: `engine`, `recovery`, `backfill`.
    pub closed_by: Option<String>,
    /// The latest time among its rows, UTC ISO-8601; `None` when there is none.
    pub found: Option<String>,
    /// The table that time is of.
    pub source: Option<&'static str>,
    /// `found` less `ended_at`, in seconds, where both are known.
    pub error_seconds: Option<i64>,
}

/// Where the end is looked for, and the column that says when.
const SOURCES: [(&str, &str); 3] =
    [("fills", "executed_at"), ("inventory_snapshots", "created_at"), ("valuation_snapshots", "created_at")];

impl Reader {
    /// What the rows of every session say of its end, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn end_evidence(&self) -> Result<Vec<EndEvidence>, ReadError> {
        let sql =
            "SELECT session_id, status, started_at, ended_at, closed_by FROM sessions ORDER BY session_id";
        let mut all = self.all(sql, [], |row| {
            Ok(EndEvidence {
                session_id: row.get(0)?,
                status: row.get(1)?,
                started_at: row.get(2)?,
                ended_at: row.get(3)?,
                closed_by: row.get(4)?,
                found: None,
                source: None,
                error_seconds: None,
            })
        })?;
        for evidence in &mut all {
            for (table, column) in SOURCES {
                // julianday() reads every form of ISO-8601 that SQLite knows, so times of different forms compare;
                // strftime() gives them in the one form of our tables.
                let sql = format!(
                    "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', {column}) FROM {table} WHERE session_id = ?1
                     AND julianday({column}) IS NOT NULL ORDER BY julianday({column}) DESC LIMIT 1"
                );
                let found: Option<String> = self.one(&sql, [evidence.session_id], |row| row.get(0))?;
                if found > evidence.found {
                    (evidence.found, evidence.source) = (found, Some(table));
                }
            }
            let sql = "SELECT CAST(strftime('%s', ?1) AS INTEGER) - CAST(strftime('%s', ?2) AS INTEGER)";
            evidence.error_seconds =
                self.one(sql, (&evidence.found, &evidence.ended_at), |row| row.get(0))?.flatten();
        }
        Ok(all)
    }
}

impl EndEvidence {
    /// Whether this is a session to be mended: no end, and not one that runs.
    #[must_use]
    pub fn is_open_end(&self) -> bool {
        self.ended_at.is_none() && self.status != "running"
    }
}

impl Store {
    /// Gives each of `sessions` the end that was found for it, with `closed_by` `backfill` and status `closed`, in one
    /// transaction. One that has an end by now, or runs, is left as it is. Gives how many were changed.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn backfill_ended_at(&self, sessions: Vec<EndEvidence>) -> Result<usize, StoreError> {
        self.write(move |desk| {
            let transaction = Transaction::new_unchecked(&desk.connection, TransactionBehavior::Immediate)
                .map_err(|error| failure(Kept::Nothing, &error))?;
            let mut changed = 0;
            for evidence in sessions.iter().filter(|evidence| evidence.found.is_some()) {
                changed += transaction
                    .execute(
                        "UPDATE sessions SET ended_at = ?2, closed_by = 'backfill', status = 'closed'
                         WHERE session_id = ?1 AND ended_at IS NULL AND status <> 'running'",
                        (evidence.session_id, &evidence.found),
                    )
                    .map_err(|error| failure(Kept::Nothing, &error))?;
            }
            transaction.commit().map_err(|error| failure(Kept::Unknown, &error))?;
            Ok(changed)
        })
    }
}
