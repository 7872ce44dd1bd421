//! The read side: read-only connections that work while a writer lives and never alter a file.

use std::path::{Path, PathBuf};

use engine::journal::VERSION;
use ledger::Hash256;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::disk::{Disk, SystemDisk};
use crate::error::{OpenRefused, ReadError};
use crate::identity::{self, Identity};
use crate::legacy;
use crate::lock;
use crate::log_name;
use crate::session::unhex;
use crate::{open, restore};

/// A read-only view of a database. A closed database is read as it was when this was made: long-lived readers are to
/// be opened again when a writer may have come.
pub struct Reader {
    pub(crate) connection: Connection,
    path: PathBuf,
}

/// A session as its row tells it. Amounts are decimal text, times UTC ISO-8601, as the database holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct SessionRow {
    pub session_id: i64,
    pub world_id: String,
    pub network: String,
    pub config: String,
    pub config_hash: String,
    pub status: String,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub starting_xrp: Option<String>,
    pub starting_rlusd: Option<String>,
    pub starting_value: Option<String>,
    pub ending_xrp: Option<String>,
    pub ending_rlusd: Option<String>,
    pub ending_value: Option<String>,
    pub halt_reason: Option<String>,
    pub halt_detail: Option<String>,
    pub parent_session_id: Option<i64>,
    pub genesis_digest: String,
    pub journal_digest: Option<String>,
    pub closed_by: Option<String>,
    pub first_ledger_index: Option<i64>,
    pub last_ledger_index: Option<i64>,
    /// JSON object of figures that have no column.
    pub facts: String,
}

/// One link of a session's journal, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// From 0, without gaps.
    pub seq: i64,
    /// The validated ledger it is about, where there is one.
    pub ledger_index: Option<u32>,
    /// That ledger's close time, UTC ISO-8601.
    pub close_time: Option<String>,
    /// The input, encoded by `engine::journal`.
    pub input: Vec<u8>,
    /// The step without its log lines, encoded by `engine::journal`.
    pub step: Vec<u8>,
    /// The link before, as this row states it.
    pub prev_digest: Option<Hash256>,
    /// This link, as the row states it.
    pub digest: Option<Hash256>,
}

/// Journal rows read at once.
const JOURNAL_PAGE: u32 = 500;

const SESSION_COLUMNS: &str = "s.session_id, w.world_id, s.network, s.config, s.config_hash, s.status, s.started_at,
  s.ended_at, s.starting_xrp, s.starting_rlusd, s.starting_value, s.ending_xrp, s.ending_rlusd, s.ending_value,
  s.halt_reason, s.halt_detail, s.parent_session_id, s.genesis_digest, s.journal_digest, s.closed_by,
  s.first_ledger_index, s.last_ledger_index, s.facts FROM sessions s JOIN worlds w USING (world_no)";

impl Reader {
    /// Opens the database for reading. One of the earlier engine is shown as far as its tables are known
    /// ([`crate::legacy`]).
    ///
    /// # Errors
    /// [`ReadError::Refused`] when there is none, it is not ours, or it is of a newer version.
    pub fn open(path: &Path) -> Result<Reader, ReadError> {
        Reader::open_on(&SystemDisk, path)
    }

    /// [`Reader::open`] on another disk than the operating system's.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_on(disk: &dyn Disk, path: &Path) -> Result<Reader, ReadError> {
        let path = &open::literal(path)?;
        if disk.vfs().is_none() && restore::is_pending(path) {
            let reason = "it is half done, and a reader changes nothing".to_owned();
            return Err(OpenRefused::RestoreInterrupted { path: path.to_owned(), reason }.into());
        }
        if disk.bytes(path).ok().flatten().is_none() {
            return Err(OpenRefused::Missing { path: path.to_owned() }.into());
        }
        // Its log lies beside its one name.
        if disk.vfs().is_none() && platform::names::is_linked(path) {
            return Err(OpenRefused::Linked { path: path.to_owned() }.into());
        }
        // A living writer's log is its own, and his file changes while it is looked at.
        if !lock::is_held(path)
            && let Err(refused) = log_name::refuse_other(disk, path)
            && !lock::is_held(path)
        {
            return Err(refused.into());
        }
        let connection =
            open::connect_read_only(disk, path).map_err(|error| open::unreadable(path, &error))?;
        let connection = match open::refuse_foreign(path, &connection) {
            Ok(0) => {
                let reason = "it is empty".to_owned();
                return Err(OpenRefused::NotOurs { path: path.to_owned(), reason }.into());
            }
            Ok(_) => connection,
            Err(refused) => legacy::view(path, &connection)?.ok_or(refused)?,
        };
        Ok(Reader { connection, path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives `read` one instant of the database: what a living writer commits meanwhile is not seen.
    ///
    /// # Errors
    /// [`ReadError`], or what `read` gives.
    pub fn at_one_instant<T>(&self, read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
        let transaction = self.connection.unchecked_transaction().map_err(|e| self.sqlite(e))?;
        let result = read();
        // Nothing was written: rolled back or committed is the same.
        transaction.finish().map_err(|e| self.sqlite(e))?;
        result
    }

    /// Whose database it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn identity(&self) -> Result<Identity, ReadError> {
        self.one(&format!("SELECT {}", identity::COLUMNS), [], Identity::from_row)?.ok_or_else(|| {
            ReadError::Row { table: "database_identity", row: "1".to_owned(), reason: "missing".to_owned() }
        })
    }

    /// All sessions, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn sessions(&self) -> Result<Vec<SessionRow>, ReadError> {
        self.all(&format!("SELECT {SESSION_COLUMNS} ORDER BY s.session_id"), [], session_row)
    }

    /// One session.
    ///
    /// # Errors
    /// [`ReadError::NoSession`] when there is none of that number.
    pub fn session(&self, session_id: i64) -> Result<SessionRow, ReadError> {
        self.one(&format!("SELECT {SESSION_COLUMNS} WHERE s.session_id = ?1"), [session_id], session_row)?
            .ok_or(ReadError::NoSession(session_id))
    }

    /// The session that was begun and not ended, if any: at most one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn unclosed_session(&self) -> Result<Option<SessionRow>, ReadError> {
        self.one(&format!("SELECT {SESSION_COLUMNS} WHERE s.status = 'running'"), [], session_row)
    }

    /// The last session of a ledger history that was closed with its ending balances known.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn last_closed(&self, world_id: &str) -> Result<Option<SessionRow>, ReadError> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} WHERE w.world_id = ?1 AND s.carried IS NOT NULL
             ORDER BY s.session_id DESC LIMIT 1"
        );
        self.one(&sql, [world_id], session_row)
    }

    /// The journal of a session, in order, one row at a time to `each`; stops at the first error.
    ///
    /// # Errors
    /// [`ReadError`], also for a journal of another version ([`engine::journal::VERSION`]); or what `each` gives.
    pub fn journal<E: From<ReadError>>(
        &self,
        session_id: i64,
        each: impl FnMut(JournalRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.journal_from(session_id, 0, each)
    }

    /// The same from row `first` on.
    ///
    /// # Errors
    /// As [`Reader::journal`].
    pub fn journal_from<E: From<ReadError>>(
        &self,
        session_id: i64,
        first: i64,
        mut each: impl FnMut(JournalRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.refuse_other_version(session_id)?;
        let sql = format!(
            "SELECT seq, ledger_index, close_time, input, step, prev_digest, digest FROM journal
             WHERE session_id = ?1 AND seq > ?2 ORDER BY seq LIMIT {JOURNAL_PAGE}"
        );
        let mut last = first.saturating_sub(1);
        loop {
            // Page by page, so that no read transaction lives while `each` works.
            let page = self.all(&sql, (session_id, last), journal_row)?;
            let Some(end) = page.last() else { return Ok(()) };
            last = end.seq;
            for row in page {
                each(row)?;
            }
        }
    }

    fn refuse_other_version(&self, session_id: i64) -> Result<(), ReadError> {
        match self.other_journal_version(session_id)? {
            Some(found) => Err(ReadError::JournalVersion { session_id, found, known: VERSION }),
            None => Ok(()),
        }
    }

    /// The version of a session's journal where it is not the one that this program reads ([`engine::journal::VERSION`]).
    /// A session that was begun before schema 3 does not say its version: its rows tell.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn other_journal_version(&self, session_id: i64) -> Result<Option<i64>, ReadError> {
        if self.schema_version()? < 3 {
            return Ok(None);
        }
        let sql = "SELECT journal_version FROM sessions WHERE session_id = ?1";
        let version: Option<i64> = self.one(sql, [session_id], |row| row.get(0))?.flatten();
        Ok(version.filter(|version| *version != VERSION))
    }

    /// The version of the tables.
    pub(crate) fn schema_version(&self) -> Result<i64, ReadError> {
        self.connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(|error| self.sqlite(error))
    }

    /// How many journal rows a session has.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn journal_len(&self, session_id: i64) -> Result<i64, ReadError> {
        let n =
            self.one("SELECT count(*) FROM journal WHERE session_id = ?1", [session_id], |row| row.get(0))?;
        Ok(n.unwrap_or(0))
    }

    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, ReadError> {
        self.connection.query_row(sql, params, map).optional().map_err(|e| self.sqlite(e))
    }

    pub(crate) fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, ReadError> {
        let mut statement = self.connection.prepare(sql).map_err(|e| self.sqlite(e))?;
        let rows = statement.query_map(params, map).map_err(|e| self.sqlite(e))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|e| self.sqlite(e))
    }

    fn sqlite(&self, error: rusqlite::Error) -> ReadError {
        ReadError::Sqlite { path: self.path.clone(), error }
    }
}

fn session_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        session_id: row.get(0)?,
        world_id: row.get(1)?,
        network: row.get(2)?,
        config: row.get(3)?,
        config_hash: row.get(4)?,
        status: row.get(5)?,
        started_at: row.get(6)?,
        ended_at: row.get(7)?,
        starting_xrp: row.get(8)?,
        starting_rlusd: row.get(9)?,
        starting_value: row.get(10)?,
        ending_xrp: row.get(11)?,
        ending_rlusd: row.get(12)?,
        ending_value: row.get(13)?,
        halt_reason: row.get(14)?,
        halt_detail: row.get(15)?,
        parent_session_id: row.get(16)?,
        genesis_digest: row.get(17)?,
        journal_digest: row.get(18)?,
        closed_by: row.get(19)?,
        first_ledger_index: row.get(20)?,
        last_ledger_index: row.get(21)?,
        facts: row.get(22)?,
    })
}

fn journal_row(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow {
        seq: row.get(0)?,
        ledger_index: row.get(1)?,
        close_time: row.get(2)?,
        input: row.get(3)?,
        step: row.get(4)?,
        prev_digest: unhex(row.get_ref(5)?.as_str()?),
        digest: unhex(row.get_ref(6)?.as_str()?),
    })
}
