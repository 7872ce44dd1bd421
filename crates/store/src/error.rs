//! Why the store refused to open, and what it kept when it failed. Never a bare text: the command that reads these
//! decides its exit code and its advice from the variant.

use std::path::{Path, PathBuf};

/// Why a database was not opened. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenRefused {
    /// No file's name: nothing at all, or something SQLite would take for a URI or a database in memory.
    #[error("{path:?} names no file; write ./ before the name of a file that begins so", path = path.display())]
    NoFileName {
        /// What was given.
        path: PathBuf,
    },
    /// Another process holds the lock.
    #[error("{path} is in use by another process ({holder}); stop it first", path = path.display())]
    Locked {
        /// The database.
        path: PathBuf,
        /// What the lock file says of its holder: process id and start.
        holder: String,
    },
    /// The file lies on a network or shared file system, where SQLite's locks do not hold.
    #[error("{path} lies on a {kind} file system; put the database on a local disk", path = path.display())]
    NetworkFileSystem {
        /// The database.
        path: PathBuf,
        /// Kind of file system, as the system names it.
        kind: String,
    },
    /// A link instead of a file, or a file with a second name.
    #[error("{path} is a link or has a second name; give the file itself", path = path.display())]
    Linked {
        /// The database.
        path: PathBuf,
    },
    /// There is no such database, and none was to be made.
    #[error("there is no database at {path}", path = path.display())]
    Missing {
        /// The database.
        path: PathBuf,
    },
    /// A write-ahead log without the database it belongs to.
    #[error("{wal} is there without its database; `neo db restore` with its database sets it aside and restores a backup", wal = wal.display())]
    StraySidecar {
        /// The log.
        wal: PathBuf,
    },
    /// A write-ahead log beside a database that is not its own: SQLite would lay it over the database.
    #[error(
        "{wal} is not the log of {path}: {reason}. Nothing was changed. `neo db restore --db {path}` sets both aside and \
         restores a backup; if you put the database there yourself, put back the log that was beside it, or none",
        wal = wal.display(), path = path.display()
    )]
    OtherLog {
        /// The database.
        path: PathBuf,
        /// The log.
        wal: PathBuf,
        /// How the two differ.
        reason: &'static str,
    },
    /// Not a file of ours: no database at all, or another program's.
    #[error("{path} is not a database of NEO: {reason}", path = path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system does not let it be opened.
    #[error(
        "{path} cannot be opened: it, its -wal or its -shm may not be read or written by this user, or is no plain file. \
         `ls -l` shows whose they are",
        path = path.display()
    )]
    CannotOpen {
        /// The file.
        path: PathBuf,
    },
    /// Not a database of the earlier engine.
    #[error("{path} is not a database of the earlier engine: {reason}", path = path.display())]
    NotLegacy {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// A rollback journal lies beside it: a write was cut off, and only a writer can undo it.
    #[error(
        "beside {path} lies a -journal of a write that was cut off; open it once with the program that wrote it, or on a copy \
         of both with the sqlite3 command, and try again",
        path = path.display()
    )]
    HotJournal {
        /// The database.
        path: PathBuf,
    },
    /// Something is there where a new file is to be made.
    #[error("{path} is there already; name a file that is not", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error("{path} has schema {found}, this version knows up to {known}; use the newer version", path = path.display())]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest this version knows.
        known: i64,
    },
    /// Its tables are not the ones that a database of its version has.
    #[error("the schema of {path} was altered: {object}; `neo db restore --db {path}` lists its backups and restores one", path = path.display())]
    SchemaAltered {
        /// The database.
        path: PathBuf,
        /// The first object that differs, and how.
        object: String,
    },
    /// The database belongs to another network, account or issuer.
    #[error("{path} belongs to {what} {found}, this run is for {wanted}; use another --db", path = path.display())]
    OtherIdentity {
        /// The database.
        path: PathBuf,
        /// Which part differs: `network`, `network id`, `account` or `issuer`.
        what: &'static str,
        /// What the database says.
        found: String,
        /// What this run is.
        wanted: String,
    },
    /// The integrity check found damage.
    #[error("{path} is damaged: {finding}; `neo db restore --db {path}` lists its backups and restores one", path = path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// First finding of the check.
        finding: String,
    },
    /// A restore was interrupted and is not finished yet.
    #[error("{}", interrupted(path, reason))]
    RestoreInterrupted {
        /// The database.
        path: PathBuf,
        /// Where it stands.
        reason: String,
    },
    /// No backup could be made before the database would have been changed.
    #[error("{path} could not be backed up before its tables are changed: {reason}; nothing was changed", path = path.display())]
    NoBackup {
        /// The database.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The linked SQLite is one of those that can corrupt a write-ahead log.
    #[error("the linked SQLite {version} may corrupt a database; 3.51.3 or later is needed, not 3.52.0")]
    UnsafeSqlite {
        /// Its version.
        version: String,
    },
}

impl OpenRefused {
    /// What is wrong with a copy of a database, without the copy's name and without what to do about a database.
    pub(crate) fn of_a_copy(&self) -> String {
        match self {
            OpenRefused::NotOurs { reason, .. } => format!("it is not a database of NEO: {reason}"),
            OpenRefused::SchemaAltered { object, .. } => format!("its schema was altered: {object}"),
            OpenRefused::Damaged { finding, .. } => finding.clone(),
            OpenRefused::NewerSchema { found, known, .. } => {
                format!("it has schema {found}, this version knows up to {known}; use the newer version")
            }
            other => other.to_string(),
        }
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It was refused; nothing was written.
    #[error(transparent)]
    Refused(#[from] OpenRefused),
    /// The disk or the operating system failed.
    #[error("cannot open {path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// SQLite failed.
    #[error("cannot open {path}: {error}", path = path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What happened.
        error: rusqlite::Error,
    },
}

/// What a restore's plan is when none of ours wrote it: nobody finishes it, whatever is run.
pub(crate) const NO_PLAN: &str = "is no plan of a restore that NEO wrote";

fn interrupted(path: &Path, reason: &str) -> String {
    if reason.contains(NO_PLAN) {
        return reason.to_owned();
    }
    let path = path.display();
    format!(
        "a restore of {path} was interrupted: {reason}; the next start finishes it, or `neo db restore --db {path}`"
    )
}

/// What is on disk of a batch that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing of it: the transaction was rolled back before it was to be committed.
    Nothing,
    /// The anomaly observations alone.
    AnomaliesOnly,
    /// Not known: the commit itself failed, and what it wrote may or may not be there. The next start sees.
    Unknown,
}

/// Why a write failed. Anything but [`StoreError::Busy`] ends the store: every later write is refused, and the
/// process is to stop and recover at its next start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process held the database for longer than the busy timeout allows; nothing was written.
    #[error("the database is held by another process")]
    Busy,
    /// The write failed.
    #[error("the database failed ({kept:?} kept): {reason}")]
    Failed {
        /// What is on disk.
        kept: Kept,
        /// What happened.
        reason: String,
    },
    /// The store failed before, or is closed.
    #[error("the store is stopped: {0}")]
    Stopped(String),
    /// The caller asked for what cannot be: no open session, a second one, a journal that does not continue.
    #[error("{0}")]
    Misuse(String),
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No database, or one that is not ours.
    #[error(transparent)]
    Refused(#[from] OpenRefused),
    /// SQLite failed.
    #[error("cannot read {path}: {error}", path = path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What happened.
        error: rusqlite::Error,
    },
    /// Its journal is of another version than this program reads.
    #[error(
        "session {session_id}: journal version {found}, this program reads version {known}: use the version of NEO that wrote \
         it. Its rows are kept as they are"
    )]
    JournalVersion {
        /// The session.
        session_id: i64,
        /// Its journal's version.
        found: i64,
        /// What this program reads ([`engine::journal::VERSION`]).
        known: i64,
    },
    /// There is no such session.
    #[error("there is no session {0}")]
    NoSession(i64),
    /// A row that does not say what its column should.
    #[error("{table} row {row}: {reason}")]
    Row {
        /// The table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong.
        reason: String,
    },
}
