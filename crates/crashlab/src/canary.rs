//! The WAL-reset fault, replayed step by step: a commit that starts the log anew between a checkpoint's look at the
//! log's head and its work (sqlite.org/changes.html, 3.51.3). The linked SQLite must come out of it whole; `old-sqlite`
//! beside this crate shows that an older one does not.

use std::path::Path;
use std::sync::mpsc;

use rusqlite::{Connection, OpenFlags, Result};

use crate::folder::Folder;
use crate::vfs::{self, SharedFolder, locked};

/// What came of the replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Whether the commit got into the window.
    pub fired: bool,
    /// Frames of the log and frames moved, of the checkpoint after it: more moved than there are is the fault's sign.
    pub after: (i64, i64),
    /// What `integrity_check` says.
    pub integrity: String,
    /// Rows found; the error if they cannot be read.
    pub rows: std::result::Result<i64, String>,
}

/// Rows that were acknowledged.
pub const ROWS: i64 = 83;

/// Replays it.
///
/// # Errors
/// SQLite's, before the window.
pub fn replay() -> Result<Replayed> {
    let dir = Path::new("/crashlab-canary");
    let folder = SharedFolder::new(Folder::default().into());
    vfs::mount(dir, &folder);
    let (writer, other) = (open(dir)?, open(dir)?);
    writer.execute_batch("CREATE TABLE f (id INTEGER PRIMARY KEY, h TEXT UNIQUE, pad BLOB)")?;
    other.query_row("SELECT count(*) FROM f", [], |row| row.get::<_, i64>(0))?;
    put(&writer, 0..60)?;
    checkpoint(&writer)?;
    let (back, given) = mpsc::channel();
    locked(&folder).window.0 = Some(Box::new(move || {
        let fired = put(&writer, 1000..1001).is_ok();
        back.send((writer, fired)).unwrap_or_default();
    }));
    let second = checkpoint(&other);
    locked(&folder).window.0 = None;
    let Ok((writer, fired)) = given.try_recv() else {
        let integrity = "the window was not met".to_owned();
        return Ok(Replayed { fired: false, after: second?, integrity, rows: Ok(0) });
    };
    second?;
    let went_on = put(&writer, 1001..1020).and_then(|()| checkpoint(&writer));
    let after = *went_on.as_ref().unwrap_or(&(0, 0));
    let ended = went_on.and_then(|_| put(&writer, 2000..2003)).and_then(|()| checkpoint(&writer));
    drop((writer, other));
    let integrity = open(dir)
        .and_then(|found| found.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)))
        .unwrap_or_else(|error| error.to_string());
    let count = |found: Connection| found.query_row("SELECT count(*) FROM f", [], |row| row.get(0));
    let rows = ended.and_then(|_| open(dir)).and_then(count);
    vfs::unmount(dir);
    Ok(Replayed { fired, after, integrity, rows: rows.map_err(|e| e.to_string()) })
}

fn open(dir: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags_and_vfs(dir.join("f.db"), flags, vfs::NAME)?;
    connection.query_row("PRAGMA journal_mode = wal", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
    Ok(connection)
}

fn put(connection: &Connection, rows: std::ops::Range<i64>) -> Result<()> {
    for id in rows {
        connection.execute("INSERT INTO f VALUES (?1, 'k' || ?1, randomblob(900))", [id])?;
    }
    Ok(())
}

fn checkpoint(connection: &Connection) -> Result<(i64, i64)> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))
}
