//! Opening: everything that can be refused is looked at through a read-only connection first, so that a refusal leaves
//! every byte as it was; then the lock, then the one writable connection with its settings asserted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::backup::{self, Backup};
use crate::beside;
use crate::disk::{self, Disk, SystemDisk};
use crate::error::{OpenError, OpenRefused};
use crate::identity::{self, Identity};
use crate::legacy;
use crate::lock::{self, Lock};
use crate::{log_loss, log_name};
use crate::{restore, schema, schema_check};
use ::platform::files as platform;
use ::platform::names;

/// Whether a database may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Made when there is none.
    CreateIfMissing,
    /// Refused when there is none.
    MustExist,
}

/// How long SQLite waits for another process that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_millis(2000);

/// A page as SQLite makes it unless told otherwise (sqlite.org/pgszchng2016.html).
const FIRST_PAGE_BYTES: u64 = 4096;

/// The writable connection and the lock that protects it, in the order in which they are to be dropped.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) db_uuid: String,
    pub(crate) lock: Lock,
    /// The backup that was made before anything was changed, where one was wanted and there was something to back up.
    pub(crate) before: Option<Backup>,
    /// A large database is looked at and backed up from here, beside its session.
    pub(crate) beside: Option<Connection>,
}

/// Whether the database is backed up before it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Nothing is made.
    Nothing,
    /// A backup, as before a session; beside it from this size on.
    Backup {
        /// Bytes.
        large_from: u64,
    },
}

/// The path that everything here works on: absolute, so that SQLite takes it for the name of a file and for nothing
/// else (a name that begins with `file:` it may read as a URI, `:memory:` as no file at all: sqlite.org/c3ref/open.html).
///
/// # Errors
/// [`OpenRefused::NoFileName`].
pub fn literal(path: &Path) -> Result<PathBuf, OpenRefused> {
    let no_name = || OpenRefused::NoFileName { path: path.to_owned() };
    let start: Vec<u8> =
        path.as_os_str().as_encoded_bytes().iter().take(5).map(u8::to_ascii_lowercase).collect();
    if start.is_empty() || start.starts_with(b":") || start == b"file:" || path.file_name().is_none() {
        return Err(no_name());
    }
    names::plain(path).ok_or_else(no_name)
}

/// Opens the database for writing, or refuses without writing anything. `path` is one that [`literal`] gave.
pub(crate) fn open_writable(
    disk: &dyn Disk,
    path: &Path,
    identity: &Identity,
    mode: OpenMode,
    first: First,
) -> Result<Opened, OpenError> {
    sqlite_is_safe(rusqlite::version_number(), rusqlite::version())?;
    // Backups and restores are of the system's files alone.
    let is_system = disk.vfs().is_none();
    if is_system && restore::is_pending(path) && !lock::is_held(path) {
        restore::finish_interrupted(path).map_err(|error| OpenRefused::RestoreInterrupted {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    }
    inspect(disk, path, identity, mode, first)?;
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        platform::create_private_dir(dir).map_err(|error| io(dir, error))?;
    }
    let lock = Lock::take(path)?;
    if is_unfinished(disk, path) {
        roll_back(disk, path).map_err(|error| not_ours(path, &error))?;
    }
    // Between the look and the lock another process may have made, changed and left the file.
    log_name::refuse_other(disk, path)?;
    if is_system {
        log_loss::tell(path);
    }
    let (mut before, mut is_beside) = (None, false);
    if is_system {
        backup::leftovers(path);
        restore::leftovers(path);
    }
    if let Some((connection, version)) = inspect_identity(disk, path, identity)? {
        schema_check::refuse_altered(path, &connection, version)?;
        is_beside = beside::is_due(first, disk, path, bytes_or_none(disk, path), version);
        if matches!(first, First::Backup { .. }) && !is_beside {
            before = backup::before_session(path, &connection, version)?;
            beside::trust(path);
        }
    }
    let sqlite = |error| OpenError::Sqlite { path: path.to_owned(), error };
    let bytes = disk.bytes(path).map_err(|error| io(path, error))?;
    if bytes.is_none() {
        // SQLite gives its sidecars the permissions of the file it finds.
        disk.create(path).map_err(|error| io(path, error))?;
        // Its name before the names of its sidecars: alone they would be a database that lost its file.
        sync_folder(disk, path).map_err(|error| io(path, error))?;
    }
    let mut connection = connect(disk, path).map_err(sqlite)?;
    if bytes.unwrap_or(0) == 0 {
        // The journal of the first page is gone for good before its log holds anything.
        sync_folder(disk, path).map_err(|error| io(path, error))?;
    }
    schema::migrate(&mut connection, identity).map_err(sqlite)?;
    #[cfg(feature = "spoiled")]
    if disk.is_keyless() {
        crate::spoiled::drop_key(&connection).map_err(sqlite)?;
    }
    let is_moved = make_name_durable(disk, path, &connection).map_err(|error| io(path, error))?;
    if is_moved {
        log_name::begin(&connection).map_err(sqlite)?;
    }
    let db_uuid = connection
        .query_row("SELECT db_uuid FROM database_identity", [], |row| row.get(0))
        .map_err(sqlite)?;
    let beside = if is_beside { Some(beside::snapshot(path).map_err(sqlite)?) } else { None };
    Ok(Opened { connection, db_uuid, lock, before, beside })
}

/// A read-only connection that alters nothing: through the live log where there is one, else with the file taken as
/// unchanging (`immutable`, sqlite.org/uri.html), so that not even a sidecar is made.
pub(crate) fn connect_read_only(disk: &dyn Disk, path: &Path) -> rusqlite::Result<Connection> {
    let wal_bytes = bytes_or_none(disk, &wal_path(path));
    let quiet = wal_bytes == 0 && !lock::is_held(path);
    connect_reading(disk, path, quiet)
}

/// The same for one who holds the lock: nobody writes, but a kill may have left a log.
pub(crate) fn connect_locked(path: &Path) -> rusqlite::Result<Connection> {
    connect_reading(&SystemDisk, path, bytes_or_none(&SystemDisk, &wal_path(path)) == 0)
}

/// The same, told whether the file is unchanging: one that nobody writes and that has no log.
pub(crate) fn connect_reading(
    disk: &dyn Disk,
    path: &Path,
    unchanging: bool,
) -> rusqlite::Result<Connection> {
    let suffix = if unchanging { "&immutable=1" } else { "" };
    let uri = format!("file:{}?mode=ro{suffix}", uri_path(path));
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = disk::connect(disk, Path::new(&uri), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(connection)
}

/// Whether an error says that the file is not what was written.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// The log beside a database.
pub(crate) fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Refuses a file of another program or of a newer version, before anything is read from its tables.
pub(crate) fn refuse_foreign(path: &Path, connection: &Connection) -> Result<i64, OpenRefused> {
    let not_ours = |reason: String| OpenRefused::NotOurs { path: path.to_owned(), reason };
    let number = |name: &str| -> Result<i64, OpenRefused> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|e| unreadable(path, &e))
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| unreadable(path, &e))?;
    if application == 0 && version == 0 && tables == 0 {
        return Ok(0);
    }
    if application != schema::APPLICATION_ID {
        if legacy::is_legacy(connection) {
            return Err(not_ours(
                "it is of the earlier engine; `neo db import` reads it into a new file".to_owned(),
            ));
        }
        return Err(not_ours(format!("its application id is {application:#x}")));
    }
    if version > schema::VERSION {
        return Err(OpenRefused::NewerSchema {
            path: path.to_owned(),
            found: version,
            known: schema::VERSION,
        });
    }
    Ok(version)
}

fn inspect(
    disk: &dyn Disk,
    path: &Path,
    identity: &Identity,
    mode: OpenMode,
    first: First,
) -> Result<(), OpenError> {
    if let Some(kind) = platform::unsafe_file_system(path) {
        return Err(OpenRefused::NetworkFileSystem { path: path.to_owned(), kind }.into());
    }
    if names::is_linked(path) {
        return Err(OpenRefused::Linked { path: path.to_owned() }.into());
    }
    if lock::is_held(path) {
        return Err(OpenRefused::Locked { path: path.to_owned(), holder: lock::holder(path) }.into());
    }
    let bytes = match disk.bytes(path) {
        Ok(bytes) => bytes.unwrap_or(0),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            return Err(OpenRefused::NotOurs { path: path.to_owned(), reason: error.to_string() }.into());
        }
        Err(error) => return Err(io(path, error)),
    };
    if is_unfinished(disk, path) {
        return may_be_made(path, mode);
    }
    if bytes == 0 {
        return inspect_absent(disk, path, mode);
    }
    log_name::refuse_other(disk, path)?;
    let Some((connection, version)) = inspect_identity(disk, path, identity)? else { return Ok(()) };
    if !beside::is_due(first, disk, path, bytes, version) {
        let finding: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| OpenRefused::Damaged { path: path.to_owned(), finding: error.to_string() })?;
        if finding != "ok" {
            return Err(OpenRefused::Damaged { path: path.to_owned(), finding }.into());
        }
    }
    Ok(schema_check::refuse_altered(path, &connection, version)?)
}

fn inspect_absent(disk: &dyn Disk, path: &Path, mode: OpenMode) -> Result<(), OpenError> {
    let wal = wal_path(path);
    if bytes_or_none(disk, &wal) > 0 {
        return Err(OpenRefused::StraySidecar { wal }.into());
    }
    may_be_made(path, mode)
}

fn may_be_made(path: &Path, mode: OpenMode) -> Result<(), OpenError> {
    match mode {
        OpenMode::CreateIfMissing => Ok(()),
        OpenMode::MustExist => Err(OpenRefused::Missing { path: path.to_owned() }.into()),
    }
}

/// The connection through which it was looked at, and the schema version found; `None` for an empty file.
fn inspect_identity(
    disk: &dyn Disk,
    path: &Path,
    wanted: &Identity,
) -> Result<Option<(Connection, i64)>, OpenError> {
    if bytes_or_none(disk, path) == 0 {
        return Ok(None);
    }
    let connection = connect_read_only(disk, path).map_err(|error| not_ours(path, &error))?;
    let version = refuse_foreign(path, &connection)?;
    if version == 0 {
        return Ok(None);
    }
    let found = connection
        .query_row(&format!("SELECT {}", identity::COLUMNS), [], Identity::from_row)
        .optional()
        .map_err(|error| not_ours(path, &error))?;
    let Some(found) = found else {
        let reason = "it does not say whose it is".to_owned();
        return Err(OpenRefused::NotOurs { path: path.to_owned(), reason }.into());
    };
    match found.difference(wanted) {
        None => Ok(Some((connection, version))),
        Some((what, found, wanted)) => {
            Err(OpenRefused::OtherIdentity { path: path.to_owned(), what, found, wanted }.into())
        }
    }
}

/// The WAL-reset bug is fixed in 3.51.3; 3.52.0 was withdrawn (sqlite.org/changes.html).
fn sqlite_is_safe(number: i32, version: &str) -> Result<(), OpenRefused> {
    if number >= 3_051_003 && number != 3_052_000 {
        Ok(())
    } else {
        Err(OpenRefused::UnsafeSqlite { version: version.to_owned() })
    }
}

/// Whether the making of a database was cut short: the first page, which says that it has a log, is written with a
/// rollback journal, and no later one is. What is rolled back is an empty file, but only SQLite may say so.
fn is_unfinished(disk: &dyn Disk, path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let database = disk.bytes(path).ok().flatten();
    bytes_or_none(disk, Path::new(&journal)) > 0 && database.is_some_and(|bytes| bytes <= FIRST_PAGE_BYTES)
}

/// Lets SQLite roll back, as the first look of any program would.
fn roll_back(disk: &dyn Disk, path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = disk::connect(disk, path, flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map(drop)
}

fn bytes_or_none(disk: &dyn Disk, path: &Path) -> u64 {
    disk.bytes(path).ok().flatten().unwrap_or(0)
}

fn connect(disk: &dyn Disk, path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = disk::connect(disk, path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode = set_wal(&connection)?;
    if mode != "wal" {
        return Err(setting_refused(&format!("journal_mode stayed {mode}")));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if synchronous != 2 {
        return Err(setting_refused(&format!("synchronous stayed {synchronous}")));
    }
    Ok(connection)
}

/// Switches to a log and gives the mode that holds. To the statement's end: SQLite answers `wal` before it writes that
/// into the file, and when the write fails only the end says so, while all goes on without a log.
fn set_wal(connection: &Connection) -> rusqlite::Result<String> {
    let mut statement = connection.prepare("PRAGMA journal_mode = wal")?;
    let answers = statement.query_map([], |row| row.get(0))?;
    Ok(answers.collect::<rusqlite::Result<Vec<String>>>()?.pop().unwrap_or_default())
}

/// A new file is in the database proper and its name in its folder before anything depends on it: a creation journal
/// that comes back after a power cut would empty the file.
///
/// Gives whether the whole log was moved: a reader may hold a part of it back.
fn make_name_durable(disk: &dyn Disk, path: &Path, connection: &Connection) -> std::io::Result<bool> {
    let is_moved = connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == row.get::<_, i64>(2)?)
        })
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    sync_folder(disk, path)?;
    Ok(is_moved)
}

fn sync_folder(disk: &dyn Disk, path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |dir| disk.sync_dir(dir))
}

fn setting_refused(what: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
        Some(format!("a setting that must hold does not: {what}")),
    )
}

fn not_ours(path: &Path, error: &rusqlite::Error) -> OpenError {
    unreadable(path, error).into()
}

/// What it means that a file does not read: damaged when SQLite says so of a database, or when there are backups of it,
/// which only one of ours has; else no file of ours.
pub(crate) fn unreadable(path: &Path, error: &rusqlite::Error) -> OpenRefused {
    let is_corrupt = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt);
    if is_corrupt || (is_damage(error) && !backup::backups(path).is_empty()) {
        return OpenRefused::Damaged { path: path.to_owned(), finding: error.to_string() };
    }
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen) {
        return OpenRefused::CannotOpen { path: path.to_owned() };
    }
    OpenRefused::NotOurs { path: path.to_owned(), reason: error.to_string() }
}

fn io(path: &Path, error: std::io::Error) -> OpenError {
    OpenError::Io { path: path.to_owned(), error }
}

/// The path as a URI has it, byte for byte: whatever is not plain is escaped (sqlite.org/uri.html).
fn uri_path(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'%' | b'?' | b'#' => text.push_str(&format!("%{byte:02x}")),
            plain if plain.is_ascii() => text.push(char::from(*plain)),
            other => text.push_str(&format!("%{other:02x}")),
        }
    }
    platform::uri_slashes(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_sqlite_by_table() {
        for (number, safe) in
            [(3_045_000, false), (3_051_002, false), (3_051_003, true), (3_052_000, false), (3_054_001, true)]
        {
            assert_eq!(sqlite_is_safe(number, "").is_ok(), safe, "{number}");
        }
        assert!(sqlite_is_safe(rusqlite::version_number(), "").is_ok());
    }

    #[test]
    fn names_by_table() {
        for (name, is_file) in [
            ("neo.db", true),
            ("./file:neo.db", true),
            ("data/:memory:", true),
            ("", false),
            ("..", false),
            (":memory:", false),
            (":", false),
            ("file:neo.db", false),
            ("FILE:/neo.db?mode=rw", false),
        ] {
            let literal = literal(Path::new(name));
            assert_eq!(literal.is_ok(), is_file, "{name}");
            assert!(literal.is_ok_and(|path| path.is_absolute()) == is_file, "{name}");
        }
    }
}
