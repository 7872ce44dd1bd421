//! Sessions: the row that opens with the first journalled input and is closed by the record that ends it. Never closes
//! one silently: how it ended, and who wrote that down, is in the row.

use engine::{SessionClosedRow, SessionOpenedRow};
use ledger::Hash256;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// What a session is opened with, beside the row its first step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStart {
    /// Names the ledger history: a paper market begun anew has another one than before.
    pub world_id: String,
    /// The configuration, full text, as canonical `key: value` lines: what a replay reads.
    pub config_text: String,
    /// The journal chain's first link, before any input (`engine::journal::genesis`).
    pub genesis: Hash256,
    /// The session it continues, if any.
    pub parent_session_id: Option<i64>,
}

/// The session whose journal the writer thread is writing.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) session_id: i64,
    pub(crate) world_no: i64,
    pub(crate) head: Hash256,
    pub(crate) next_seq: i64,
    /// It was found unclosed: who closes it is recovery.
    pub(crate) recovered: bool,
}

/// Inserts the row of a new session; the caller's transaction also holds its first journal rows.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    start: &SessionStart,
    opened: &SessionOpenedRow,
) -> rusqlite::Result<OpenSession> {
    transaction
        .execute("INSERT INTO worlds (world_id) VALUES (?1) ON CONFLICT DO NOTHING", [&start.world_id])?;
    let world_no: i64 = transaction.query_row(
        "SELECT world_no FROM worlds WHERE world_id = ?1",
        [&start.world_id],
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO sessions (world_no, network, config, config_hash, status, started_at, starting_xrp,
           starting_rlusd, starting_value, first_ledger_index, parent_session_id, genesis_digest, journal_version)
         VALUES (?1, (SELECT network FROM database_identity), ?2, ?3, 'running', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            world_no,
            start.config_text,
            hex(opened.config_hash.as_bytes()),
            opened.at.to_iso(),
            opened.starting_xrp.to_xrp_string(),
            opened.starting_rlusd.to_string(),
            opened.starting_value.as_ref().map(ToString::to_string),
            opened.ledger_index.get(),
            start.parent_session_id,
            hex(start.genesis.as_bytes()),
            engine::journal::VERSION
        ],
    )?;
    let session_id = transaction.last_insert_rowid();
    Ok(OpenSession { session_id, world_no, head: start.genesis, next_seq: 0, recovered: false })
}

/// Closes a session with the record that ends it and the last link of its journal.
pub(crate) fn close(
    transaction: &Transaction<'_>,
    open: &OpenSession,
    row: &SessionClosedRow,
) -> rusqlite::Result<()> {
    let facts = serde_json::json!({
        "figures": row.figures, "verified": row.verified, "unverified": row.unverified,
    });
    let carried = postcard::to_stdvec(&row.carried)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    transaction.execute(
        "UPDATE sessions SET status = 'closed', ended_at = ?2, ending_xrp = ?3, ending_rlusd = ?4, ending_value = ?5,
           halt_reason = ?6, halt_detail = ?7, journal_digest = ?8, closed_by = ?9, last_ledger_index = ?10,
           facts = ?11, carried = ?12
         WHERE session_id = ?1",
        params![
            open.session_id,
            row.at.to_iso(),
            row.ending_xrp.to_xrp_string(),
            row.ending_rlusd.to_string(),
            row.ending_value.as_ref().map(ToString::to_string),
            row.halt_reason.as_str(),
            row.halt_detail,
            hex(open.head.as_bytes()),
            if open.recovered { "recovery" } else { "engine" },
            row.ledger_index.get(),
            facts.to_string(),
            carried
        ],
    )?;
    Ok(())
}

/// The unclosed session with the end of its journal, for going on after a crash.
pub(crate) fn load_open(connection: &Connection, session_id: i64) -> rusqlite::Result<Option<OpenSession>> {
    connection
        .query_row(
            "SELECT s.world_no, coalesce(j.digest, s.genesis_digest), coalesce(j.seq + 1, 0)
             FROM sessions s
             LEFT JOIN journal j ON j.session_id = s.session_id
               AND j.seq = (SELECT max(seq) FROM journal WHERE session_id = s.session_id)
             WHERE s.session_id = ?1 AND s.status = 'running'",
            [session_id],
            |row| {
                let digest: String = row.get(1)?;
                Ok(OpenSession {
                    session_id,
                    world_no: row.get(0)?,
                    head: unhex(&digest).unwrap_or(Hash256::ZERO),
                    next_seq: row.get(2)?,
                    recovered: true,
                })
            },
        )
        .optional()
}

/// Closes a session of which no engine can be made any more. What it did is left out of the chain of books: the next
/// session starts from the one before and catches up from the ledger.
pub(crate) fn abandon(
    connection: &Connection,
    session_id: i64,
    reason: &str,
    detail: &str,
) -> rusqlite::Result<usize> {
    connection.execute(
        "UPDATE sessions SET status = 'abandoned', halt_reason = ?2, halt_detail = ?3, closed_by = 'recovery',
           ended_at = coalesce((SELECT max(close_time) FROM journal WHERE session_id = ?1), started_at),
           journal_digest = coalesce((SELECT digest FROM journal WHERE session_id = ?1 ORDER BY seq DESC LIMIT 1),
             genesis_digest)
         WHERE session_id = ?1 AND status = 'running'",
        (session_id, reason, detail),
    )
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes of hexadecimal.
pub(crate) fn unhex(text: &str) -> Option<Hash256> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(*pair.first()?)? << 4 | digit(*pair.last()?)?;
    }
    Some(Hash256(bytes))
}
