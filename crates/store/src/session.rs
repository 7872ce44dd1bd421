//! Sessions: the row that opens with the first journalled input and is closed by the record that ends it. Never closes
//! one silently: how it ended, and who wrote that down, is in the row.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use units::LedgerTime;

/// What a session is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStart {
    /// Names the ledger history: a paper market begun anew has another one than before.
    pub world_id: String,
    /// The configuration, full text, as canonical `key: value` lines.
    pub config_text: String,
    /// SHA-256 of the canonical configuration, hexadecimal.
    pub config_hash: String,
    /// The journal chain's first link, before any input.
    pub genesis: [u8; 32],
    /// Close time of the ledger at which it starts.
    pub started_at: LedgerTime,
    /// The session it continues, if any.
    pub parent_session_id: Option<i64>,
}

/// The session whose journal the writer thread is writing.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) session_id: i64,
    pub(crate) world_no: i64,
    pub(crate) head: [u8; 32],
    pub(crate) next_seq: i64,
}

/// Inserts the row of a new session; the caller's transaction also holds its first journal rows.
pub(crate) fn insert(transaction: &Transaction<'_>, start: &SessionStart) -> rusqlite::Result<OpenSession> {
    transaction.execute(
        "INSERT INTO worlds (world_id) VALUES (?1) ON CONFLICT DO NOTHING",
        [&start.world_id],
    )?;
    let world_no: i64 = transaction.query_row(
        "SELECT world_no FROM worlds WHERE world_id = ?1",
        [&start.world_id],
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO sessions (world_no, network, config, config_hash, status, started_at, parent_session_id,
           genesis_digest)
         VALUES (?1, (SELECT network FROM database_identity), ?2, ?3, 'running', ?4, ?5, ?6)",
        params![
            world_no,
            start.config_text,
            start.config_hash,
            start.started_at.to_iso(),
            start.parent_session_id,
            hex(&start.genesis)
        ],
    )?;
    Ok(OpenSession {
        session_id: transaction.last_insert_rowid(),
        world_no,
        head: start.genesis,
        next_seq: 0,
    })
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
                    head: unhex(&digest).unwrap_or_default(),
                    next_seq: row.get(2)?,
                })
            },
        )
        .optional()
}

/// Closes a session of which no engine can be made any more.
pub(crate) fn abandon(
    connection: &Connection,
    session_id: i64,
    reason: &str,
    detail: &str,
) -> rusqlite::Result<usize> {
    connection.execute(
        "UPDATE sessions SET status = 'closed', halt_reason = ?2, halt_detail = ?3, closed_by = 'recovery',
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

/// 32 bytes of lower-case hexadecimal.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}
