//! Whether a file's tables are the ones this program makes: no trigger, view, column or index more, less or other.
//! Compares what is stored of the schema and never looks at a row.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::error::{OpenRefused, ReadError};
use crate::open;
use crate::reader::Reader;
use crate::schema;

/// Type and name, and what is said of it: its table and its text, white space aside.
type Objects = BTreeMap<(String, String), (String, String)>;

/// The first object of a file's schema that is not what `version` has, in words.
pub(crate) fn difference(connection: &Connection, version: i64) -> rusqlite::Result<Option<String>> {
    let (wanted, found) = (wanted(version)?, objects(connection)?);
    #[cfg(feature = "spoiled")]
    if crate::spoiled::is_keyless(connection)? {
        // Without its key the table of fills is another one, as it is meant to be.
        return Ok(None);
    }
    let name = |(kind, name): &(String, String)| format!("{kind} {name}");
    // Tables before the indexes that go with them.
    let lost_or_altered = wanted.iter().rev().find_map(|(key, object)| match found.get(key) {
        None => Some(format!("{} is not there", name(key))),
        Some(other) if other != object => Some(format!("{} is not as it was made", name(key))),
        Some(_) => None,
    });
    let added =
        || found.keys().find(|key| !wanted.contains_key(*key)).map(|key| format!("{} was added", name(key)));
    Ok(lost_or_altered.or_else(added))
}

/// Refuses a file whose schema was altered.
pub(crate) fn refuse_altered(path: &Path, connection: &Connection, version: i64) -> Result<(), OpenRefused> {
    let finding = difference(connection, version)
        .map_err(|error| OpenRefused::NotOurs { path: path.to_owned(), reason: error.to_string() })?;
    match finding {
        None => Ok(()),
        Some(object) => Err(OpenRefused::SchemaAltered { path: path.to_owned(), object }),
    }
}

impl Reader {
    /// Refuses a database whose schema is not the one its version has: what it shows cannot be taken for what was
    /// written. Showing what is there needs no such check; proving it does.
    ///
    /// # Errors
    /// [`OpenRefused::SchemaAltered`], within [`ReadError::Refused`]; [`ReadError`] when it cannot be read.
    pub fn check_schema(&self) -> Result<(), ReadError> {
        let version = open::refuse_foreign(self.path(), &self.connection)?;
        Ok(refuse_altered(self.path(), &self.connection, version)?)
    }
}

/// What `version` has; made once.
fn wanted(version: i64) -> rusqlite::Result<Arc<Objects>> {
    static MADE: Mutex<BTreeMap<i64, Arc<Objects>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(objects) = made.get(&version) {
        return Ok(Arc::clone(objects));
    }
    let objects = Arc::new(objects(&schema::in_memory(version)?)?);
    made.insert(version, Arc::clone(&objects));
    Ok(objects)
}

/// Everything but the statistics that SQLite keeps for itself (`ANALYZE`, sqlite.org/fileformat2.html).
fn objects(connection: &Connection) -> rusqlite::Result<Objects> {
    let mut statement = connection.prepare(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema
         WHERE NOT (type = 'table' AND name LIKE 'sqlite\\_stat%' ESCAPE '\\')",
    )?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(3)?;
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, sql)))
    })?;
    rows.collect()
}
