//! What a restored backup does not have: sessions, and ends of sessions, that the damaged file or a newer backup still
//! tells of. A damaged file is read as far as it goes.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use crate::backup::{SessionBrief, backups, briefs};
use crate::disk::SystemDisk;
use crate::{log_name, open};

/// A session of which the restored database has nothing, or not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostSession {
    /// As the damaged file or a newer backup has it.
    pub session: SessionBrief,
    /// How many of its journal rows were restored; `None` when the whole session is lost.
    pub restored_rows: Option<i64>,
}

/// What is known of sessions beside the backup that was chosen.
pub(super) struct Known {
    pub(super) sessions: BTreeMap<i64, SessionBrief>,
    /// The damaged file could be read to the end of its sessions.
    pub(super) is_whole: bool,
}

/// Sessions of the file at `db` and of its backups, each in its longest form.
pub(super) fn known(db: &Path) -> Known {
    let (own, is_whole) = readable(db);
    let mut sessions: BTreeMap<i64, SessionBrief> = BTreeMap::new();
    let of_backups = backups(db).into_iter().filter_map(|backup| backup.sessions).flatten();
    for brief in own.into_iter().chain(of_backups) {
        let longest = sessions.entry(brief.session_id).or_insert_with(|| brief.clone());
        if (brief.rows, brief.ended_at.is_some()) > (longest.rows, longest.ended_at.is_some()) {
            *longest = brief;
        }
    }
    Known { sessions, is_whole }
}

/// Those of `known` that `restored` does not have, or has less of.
pub(super) fn lost(known: &Known, restored: &[SessionBrief]) -> Vec<LostSession> {
    let have: BTreeMap<i64, &SessionBrief> = restored.iter().map(|s| (s.session_id, s)).collect();
    let less = known.sessions.values().filter_map(|session| match have.get(&session.session_id) {
        None => Some(LostSession { session: session.clone(), restored_rows: None }),
        Some(kept) if (kept.rows, kept.ended_at.is_some()) < (session.rows, session.ended_at.is_some()) => {
            Some(LostSession { session: session.clone(), restored_rows: Some(kept.rows) })
        }
        Some(_) => None,
    });
    less.collect()
}

/// As many sessions as a file that may be damaged gives, and whether that was all.
fn readable(db: &Path) -> (Vec<SessionBrief>, bool) {
    if !db.is_file() {
        return (Vec::new(), false);
    }
    let Ok(connection) = own(db) else { return (Vec::new(), false) };
    match briefs(&connection) {
        Ok(sessions) if log_name::other(&SystemDisk, db).is_none() => (sessions, true),
        Ok(sessions) => (sessions.into_iter().chain(told_by_the_log(db)).collect(), false),
        Err(_) => (rows_as_far_as_they_go(&connection), false),
    }
}

/// What a log that is not the file's own tells of this same database: a file copied over the one it belonged to is how
/// it comes there. Nothing, when the two do not read together.
fn told_by_the_log(db: &Path) -> Vec<SessionBrief> {
    let Ok(both) = open::connect_locked(db) else { return Vec::new() };
    if uuid(&both).is_none_or(|name| Some(name) != db_uuid(db)) {
        return Vec::new();
    }
    briefs(&both).unwrap_or_else(|_| rows_as_far_as_they_go(&both))
}

fn rows_as_far_as_they_go(connection: &Connection) -> Vec<SessionBrief> {
    // By the table alone, without the journal: less to stumble over.
    let sql = "SELECT session_id, started_at, ended_at, status FROM sessions NOT INDEXED ORDER BY session_id";
    let Ok(mut statement) = connection.prepare(sql) else { return Vec::new() };
    let Ok(rows) = statement.query_map([], |row| {
        Ok(SessionBrief {
            session_id: row.get(0)?,
            started_at: row.get(1)?,
            ended_at: row.get(2)?,
            status: row.get(3)?,
            rows: 0,
        })
    }) else {
        return Vec::new();
    };
    rows.map_while(Result::ok).collect()
}

/// The database's own name, as far as it can be read.
pub(super) fn db_uuid(db: &Path) -> Option<String> {
    if !db.is_file() {
        return None;
    }
    let connection = own(db).ok()?;
    uuid(&connection)
}

fn uuid(connection: &Connection) -> Option<String> {
    connection.query_row("SELECT db_uuid FROM database_identity", [], |row| row.get(0)).ok()
}

/// The file with its log; without it when it is not its own.
fn own(db: &Path) -> rusqlite::Result<Connection> {
    match log_name::other(&SystemDisk, db) {
        Some(_) => open::connect_reading(&SystemDisk, db, true),
        None => open::connect_locked(db),
    }
}
