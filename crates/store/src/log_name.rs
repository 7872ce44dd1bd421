//! Whose log lies beside a database. SQLite takes any log that is whole in itself: that of another file, or an old one,
//! would be laid over the database page by page. So every log begins with a name of its own and the name of the one
//! before it, which the file itself holds once that was moved into it. A log fits the file that holds its own name or
//! the name before; a backup is given a name that no log has.
//!
//! Never decides what a log may hold: only whether it is this file's.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::disk::Disk;
use crate::error::OpenRefused;
use crate::open;
use crate::session::hex;

/// The first schema version that names its logs.
const SINCE: i64 = 3;
/// Hexadecimal digits of chance in a name, and of the sum over them that tells a whole name from a torn one.
const CHANCE: usize = 24;
const SUM: usize = 8;

/// Names the log that the next write begins: after everything before is in the file, and before anything else is
/// written. In the caller's transaction, or one of its own.
pub(crate) fn begin(connection: &Connection) -> rusqlite::Result<()> {
    let name = new_name(connection)?;
    connection.execute("UPDATE database_identity SET log_follows = log_id, log_id = ?1", [name]).map(drop)
}

/// Gives a copy a name that no log has or follows: what lies beside the original, or will, is not its log.
pub(crate) fn belongs_to_none(copy: &Connection) -> rusqlite::Result<()> {
    let version: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version < SINCE {
        return Ok(());
    }
    let name = new_name(copy)?;
    copy.execute("UPDATE database_identity SET log_follows = NULL, log_id = ?1", [name]).map(drop)
}

/// Refuses a log that is not this file's. Only for a file that nobody writes. What cannot be told is let pass: a power
/// cut in a checkpoint may leave any page of the file torn, and its own log then mends it.
pub(crate) fn refuse_other(disk: &dyn Disk, path: &Path) -> Result<(), OpenRefused> {
    let wal = open::wal_path(path);
    match other(disk, path) {
        Some(reason) => Err(OpenRefused::OtherLog { path: path.to_owned(), wal, reason }),
        None => Ok(()),
    }
}

/// Why the log beside `path` is not its own; `None` when it is, when there is none, and when that cannot be told.
pub(crate) fn other(disk: &dyn Disk, path: &Path) -> Option<&'static str> {
    if disk.bytes(&open::wal_path(path)).ok().flatten().unwrap_or(0) == 0 {
        return None;
    }
    let names = |alone: bool| open::connect_reading(disk, path, alone).and_then(|c| Names::read(&c));
    let file = names(true).ok()??;
    if !file.is_whole() {
        return None;
    }
    let log = match names(false) {
        Ok(log) => log.filter(Names::is_whole)?,
        Err(error) if open::is_damage(&error) => {
            return Some("without it the database reads, with it it does not");
        }
        Err(_) => return None,
    };
    if file.db_uuid != log.db_uuid {
        return Some("it is the log of another database");
    }
    let (own, follows) = (log.log_id?, log.log_follows);
    let held = file.log_id?;
    let fits = held == own || Some(held) == follows;
    (!fits).then_some("it is a log of this database from another time than the file")
}

/// The names in the identity's row.
struct Names {
    db_uuid: String,
    log_id: Option<String>,
    log_follows: Option<String>,
}

impl Names {
    /// `None` when there is no such row.
    fn read(connection: &Connection) -> rusqlite::Result<Option<Names>> {
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            return Ok(None);
        }
        let names = if version >= SINCE { "db_uuid, log_id, log_follows" } else { "db_uuid, NULL, NULL" };
        connection
            .query_row(&format!("SELECT {names} FROM database_identity"), [], |row| {
                Ok(Names { db_uuid: row.get(0)?, log_id: row.get(1)?, log_follows: row.get(2)? })
            })
            .optional()
    }

    /// Whether nothing in it is torn.
    fn is_whole(&self) -> bool {
        let is_name = |name: &Option<String>| name.as_ref().is_none_or(|name| is_whole_name(name));
        let is_uuid = self.db_uuid.len() == 32 && self.db_uuid.bytes().all(|b| b.is_ascii_hexdigit());
        is_uuid && is_name(&self.log_id) && is_name(&self.log_follows)
    }
}

fn new_name(connection: &Connection) -> rusqlite::Result<String> {
    let chance: String =
        connection
            .query_row(&format!("SELECT lower(hex(randomblob({})))", CHANCE / 2), [], |row| row.get(0))?;
    let sum = sum(&chance);
    Ok(chance + &sum)
}

fn sum(chance: &str) -> String {
    hex(&Sha256::digest(chance.as_bytes())).chars().take(SUM).collect()
}

fn is_whole_name(name: &str) -> bool {
    name.split_at_checked(CHANCE).is_some_and(|(chance, stated)| stated == sum(chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_name_is_told_from_a_whole_one() {
        let connection = Connection::open_in_memory().unwrap();
        let (one, two) = (new_name(&connection).unwrap(), new_name(&connection).unwrap());
        assert_ne!(one, two);
        assert!(is_whole_name(&one) && is_whole_name(&two));
        for at in 1..CHANCE + SUM {
            let torn = format!("{}{}", &one[..at], &two[at..]);
            assert_eq!(is_whole_name(&torn), torn == one || torn == two, "torn at {at}: {torn}");
        }
        for none in ["", "00", "é"] {
            assert!(!is_whole_name(none), "{none:?}");
        }
    }
}
