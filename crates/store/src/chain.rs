//! The journal's hash chain, verified from each session's first link over the stored bytes. Reads only; decides nothing
//! again (that is replay), so it proves that rows are the ones that were written, not that they were right.

use std::collections::BTreeMap;

use engine::journal;
use ledger::Hash256;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::session::{hex, unhex};

/// Rows read at once, so that no read transaction lives long beside a writer.
const PAGE: usize = 500;

/// The end of a session's chain, as verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// The session.
    pub session_id: i64,
    /// Journal rows.
    pub rows: i64,
    /// The link before the first row, lower-case hexadecimal.
    pub genesis: String,
    /// The last link, lower-case hexadecimal; the first one when there are no rows.
    pub head: String,
}

/// Why a chain is not proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// SQLite failed on the way.
    #[error("the journal cannot be read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row that is not what was written, or one that is missing.
    #[error("the journal of session {session_id} is broken at row {seq}: {reason}")]
    Broken {
        /// The session.
        session_id: i64,
        /// Which row, from 0.
        seq: i64,
        /// What is wrong.
        reason: String,
    },
}

/// A session's chain on its way.
struct Walk {
    /// As the session's row has it; what was imported begins no chain.
    genesis: String,
    head: Hash256,
    rows: i64,
    /// What the closed session's row says of its end.
    stated: Option<String>,
}

struct Link {
    session_id: i64,
    seq: i64,
    input: Vec<u8>,
    step: Vec<u8>,
    prev: String,
    digest: String,
}

/// Verifies every chain; gives their heads, oldest session first.
pub(crate) fn verify(connection: &Connection) -> Result<Vec<ChainHead>, ChainError> {
    let mut walks = sessions(connection)?;
    let newest = walks.keys().next_back().copied().unwrap_or(i64::MIN);
    let mut at = (i64::MIN, i64::MIN);
    loop {
        let page = page(connection, at)?;
        for link in &page {
            match walks.get_mut(&link.session_id) {
                Some(walk) => follow(walk, link)?,
                // A session that a living writer opened after the look at the table.
                None if link.session_id > newest => {}
                None => return Err(broken(link.session_id, link.seq, "there is no such session")),
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => at = (last.session_id, last.seq),
            _ => break,
        }
    }
    walks.into_iter().map(|(session_id, walk)| finish(session_id, walk)).collect()
}

/// Whether `connection` holds every chain of `heads` and goes on from it: what was backed up is a prefix of what lives.
pub(crate) fn continues(connection: &Connection, heads: &[ChainHead]) -> Result<(), ChainError> {
    for head in heads {
        let genesis: Option<String> = connection
            .query_row(
                "SELECT genesis_digest FROM sessions WHERE session_id = ?1",
                [head.session_id],
                |row| row.get(0),
            )
            .optional()?;
        if genesis.as_deref() != Some(head.genesis.as_str()) {
            return Err(broken(head.session_id, 0, "the two files do not begin it alike"));
        }
        if head.rows == 0 {
            continue;
        }
        let sql = "SELECT digest FROM journal WHERE session_id = ?1 AND seq = ?2";
        let found: Option<String> =
            connection.query_row(sql, (head.session_id, head.rows - 1), |row| row.get(0)).optional()?;
        if found.as_deref() != Some(head.head.as_str()) {
            return Err(broken(head.session_id, head.rows - 1, "the two files differ there"));
        }
    }
    Ok(())
}

fn sessions(connection: &Connection) -> rusqlite::Result<BTreeMap<i64, Walk>> {
    let mut statement =
        connection.prepare("SELECT session_id, genesis_digest, journal_digest FROM sessions")?;
    let rows = statement.query_map([], |row| {
        let genesis: String = row.get(1)?;
        let head = unhex(&genesis).unwrap_or(Hash256::ZERO);
        Ok((row.get(0)?, Walk { genesis, head, rows: 0, stated: row.get(2)? }))
    })?;
    rows.collect()
}

fn page(connection: &Connection, after: (i64, i64)) -> rusqlite::Result<Vec<Link>> {
    let mut statement = connection.prepare_cached(
        "SELECT session_id, seq, input, step, prev_digest, digest FROM journal
         WHERE (session_id, seq) > (?1, ?2) ORDER BY session_id, seq LIMIT ?3",
    )?;
    statement.query_map((after.0, after.1, PAGE as i64), link)?.collect()
}

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        session_id: row.get(0)?,
        seq: row.get(1)?,
        input: row.get(2)?,
        step: row.get(3)?,
        prev: row.get(4)?,
        digest: row.get(5)?,
    })
}

fn follow(walk: &mut Walk, link: &Link) -> Result<(), ChainError> {
    let wrong = |reason: &str| Err(broken(link.session_id, link.seq, reason));
    if link.seq != walk.rows {
        return Err(broken(link.session_id, walk.rows, &format!("row {} follows instead", link.seq)));
    }
    if link.prev != hex(walk.head.as_bytes()) {
        return wrong("it does not follow the row before");
    }
    let next = journal::link_encoded(&walk.head, &link.input, &link.step);
    if link.digest != hex(next.as_bytes()) {
        return wrong("its content is not that of its digest");
    }
    (walk.head, walk.rows) = (next, walk.rows + 1);
    Ok(())
}

fn finish(session_id: i64, walk: Walk) -> Result<ChainHead, ChainError> {
    let head = hex(walk.head.as_bytes());
    match &walk.stated {
        // What was imported has no journal, and nothing is stated of its end.
        Some(stated) if *stated != head => {
            Err(broken(session_id, walk.rows, "the session ended with another digest: rows are missing"))
        }
        _ => Ok(ChainHead { session_id, rows: walk.rows, genesis: walk.genesis, head }),
    }
}

fn broken(session_id: i64, seq: i64, reason: &str) -> ChainError {
    ChainError::Broken { session_id, seq, reason: reason.to_owned() }
}
