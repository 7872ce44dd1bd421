//! What the engine knew after a row of the journal: written with that row, of an open session alone. Never proves
//! anything of a session: whoever cannot use one reads the journal.

use engine::journal;
use ledger::Hash256;
use rusqlite::{Connection, Transaction, params};

use crate::error::ReadError;
use crate::reader::Reader;
use crate::session::{OpenSession, hex, unhex};

/// How many of a session are kept: one, and the one before it, should that be spoiled.
const KEPT: i64 = 2;
/// The schema that has the table.
const SINCE_SCHEMA: i64 = 5;

/// A checkpoint as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalCheckpoint {
    /// The journal row after which the engine knew this, from 0.
    pub seq: i64,
    /// What it knew: `engine::Engine::checkpoint`.
    pub state: Vec<u8>,
    /// The digest of that row, as the checkpoint names it.
    named: Option<Hash256>,
    /// The digest of that row, as the row states it; `None` when there is no such row.
    stated: Option<Hash256>,
    /// Its own digest, as stored.
    digest: Option<Hash256>,
}

impl JournalCheckpoint {
    /// The chain after its row, when it belongs to that row and is what was written.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn proven(&self) -> Result<Hash256, &'static str> {
        let named = self.named.ok_or("it names no row")?;
        if self.stated != Some(named) {
            return Err("its row is another one");
        }
        if self.digest != Some(journal::link_checkpoint(&named, &self.state)) {
            return Err("its content is not that of its digest");
        }
        Ok(named)
    }
}

/// Writes one after the last row of `open`, in that row's transaction, and forgets those that are too old.
pub(crate) fn write(transaction: &Transaction<'_>, open: &OpenSession, state: &[u8]) -> rusqlite::Result<()> {
    let seq = open.next_seq - 1;
    let sql = "INSERT INTO journal_checkpoints (session_id, seq, journal_digest, state, digest)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.prepare_cached(sql)?.execute(params![
        open.session_id,
        seq,
        hex(open.head.as_bytes()),
        state,
        hex(journal::link_checkpoint(&open.head, state).as_bytes())
    ])?;
    let sql = "DELETE FROM journal_checkpoints WHERE session_id = ?1 AND seq <= (SELECT seq FROM
                 journal_checkpoints WHERE session_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";
    transaction.prepare_cached(sql)?.execute((open.session_id, KEPT)).map(drop)
}

/// Forgets those of a session that is not gone on with.
pub(crate) fn forget(connection: &Connection, session_id: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM journal_checkpoints WHERE session_id = ?1";
    connection.prepare_cached(sql)?.execute([session_id]).map(drop)
}

/// What is wrong with the first that no restart can begin at, of any session.
pub(crate) fn wrong(reader: &Reader) -> Result<Option<String>, ReadError> {
    if reader.schema_version()? < SINCE_SCHEMA {
        return Ok(None);
    }
    let sql = "SELECT DISTINCT session_id FROM journal_checkpoints ORDER BY session_id";
    for session_id in reader.all(sql, [], |row| row.get::<_, i64>(0))? {
        for checkpoint in reader.journal_checkpoints(session_id)? {
            if let Err(why) = checkpoint.proven() {
                return Ok(Some(format!("after row {} of session {session_id}: {why}", checkpoint.seq)));
            }
        }
    }
    Ok(None)
}

impl Reader {
    /// The checkpoints of a session, the newest first; none of one that is closed, or in a database of an older version.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn journal_checkpoints(&self, session_id: i64) -> Result<Vec<JournalCheckpoint>, ReadError> {
        if self.schema_version()? < SINCE_SCHEMA {
            return Ok(Vec::new());
        }
        let sql = "SELECT c.seq, c.state, c.journal_digest, j.digest, c.digest FROM journal_checkpoints c
                   LEFT JOIN journal j ON j.session_id = c.session_id AND j.seq = c.seq
                   WHERE c.session_id = ?1 ORDER BY c.seq DESC";
        self.all(sql, [session_id], |row| {
            let digest =
                |at: usize| row.get::<_, Option<String>>(at).map(|text| text.as_deref().and_then(unhex));
            Ok(JournalCheckpoint {
                seq: row.get(0)?,
                state: row.get(1)?,
                named: digest(2)?,
                stated: digest(3)?,
                digest: digest(4)?,
            })
        })
    }
}
