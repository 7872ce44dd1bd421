//! Whether the files that SQLite has open are still the ones that their names stand for. A log that is deleted or
//! replaced under a living writer takes every later commit with it (sqlite.org/howtocorrupt.html, 4), and SQLite cannot
//! tell. Looks only: at names, and at how the log begins; never opens the database.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platform::disk::{FileId, file_id};

use crate::open;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);

/// Whose name stands for another file or for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The log's. The database is still ours.
    Log(Instead),
    /// The database's.
    Database,
    /// The lock's: another process may take one of the same name.
    Lock,
}

/// What a name that stood for a file of ours stands for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Nothing.
    Nothing,
    /// Another file.
    Another,
}

impl Lost {
    /// What is to be said of it.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Lost::Log(Instead::Nothing) => "the -wal file was deleted while the database was open",
            Lost::Log(Instead::Another) => {
                "the -wal file was replaced or overwritten while the database was open"
            }
            Lost::Database => "the database file was deleted or replaced while it was open",
            Lost::Lock => "the .lock file was deleted or replaced while the database was open",
        }
    }
}

/// The files as they were when they were opened.
#[derive(Debug)]
pub(crate) struct Watch {
    database: PathBuf,
    log: PathBuf,
    database_id: Option<FileId>,
    log_id: Option<FileId>,
    /// How the log began, and how long it was, when last seen.
    log_head: Option<Head>,
    log_bytes: u64,
    lock: PathBuf,
    lock_id: Option<FileId>,
    due: Instant,
}

/// The header of a log: its salts change only when a new log is begun.
type Head = [u8; 32];

impl Watch {
    /// The files of an open database. The log exists from the first write on.
    pub(crate) fn new(database: &Path) -> Watch {
        let log = open::wal_path(database);
        let (database_id, log_id) = (file_id(database), file_id(&log));
        let lock = crate::lock::lock_path(database);
        let mut watch = Watch {
            database: database.to_owned(),
            log,
            database_id,
            log_id,
            log_head: None,
            log_bytes: 0,
            lock_id: file_id(&lock),
            lock,
            due: Instant::now() + EVERY,
        };
        watch.log_begun();
        watch
    }

    /// We have begun a log: what it begins with now is ours.
    pub(crate) fn log_begun(&mut self) {
        if self.database_id.is_some() {
            (self.log_head, self.log_bytes) = self.log_now();
        }
    }

    fn log_now(&self) -> (Option<Head>, u64) {
        let mut head = [0; 32];
        // Nobody locks a log by this file, so that closing it drops no lock.
        let Ok(mut file) = File::open(&self.log) else { return (None, 0) };
        let bytes = file.metadata().map_or(0, |meta| meta.len());
        (file.read_exact(&mut head).is_ok().then_some(head), bytes)
    }

    /// How long until the next look.
    pub(crate) fn wait(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }

    /// Looks, when it is time.
    pub(crate) fn look_when_due(&mut self) -> Option<Lost> {
        if self.wait() > Duration::ZERO {
            return None;
        }
        self.due = Instant::now() + EVERY;
        self.look()
    }

    /// Looks now.
    pub(crate) fn look(&mut self) -> Option<Lost> {
        // A database that lives nowhere on the system (a laboratory's) has no name to lose.
        self.database_id?;
        if file_id(&self.database) != self.database_id {
            return Some(Lost::Database);
        }
        let found = file_id(&self.log);
        if self.log_id.is_none() {
            self.log_id = found;
        }
        if self.lock_id.is_some() && file_id(&self.lock) != self.lock_id {
            return Some(Lost::Lock);
        }
        match found {
            same if same == self.log_id => {
                let (head, bytes) = self.log_now();
                let is_ours = (self.log_head.is_none() || head == self.log_head) && bytes >= self.log_bytes;
                (self.log_head, self.log_bytes) = (head, bytes);
                (!is_ours).then_some(Lost::Log(Instead::Another))
            }
            None => Some(Lost::Log(Instead::Nothing)),
            Some(_) => Some(Lost::Log(Instead::Another)),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LOG: &[u8] = b"the thirty-two bytes of a header, and frames";

    #[test]
    fn what_is_lost_by_table() {
        type Deed = fn(&Path, &Path);
        let deeds: [(Deed, Option<Lost>); 10] = [
            (|_, log| std::fs::write(log, [LOG, LOG].concat()).unwrap(), None),
            (|_, log| std::fs::write(log, "").unwrap(), Some(Lost::Log(Instead::Another))),
            (|_, log| std::fs::write(log, [b"x", LOG].concat()).unwrap(), Some(Lost::Log(Instead::Another))),
            (|db, _| std::fs::remove_file(crate::lock::lock_path(db)).unwrap(), Some(Lost::Lock)),
            (|_, _| (), None),
            (|db, _| std::fs::write(db, "more").unwrap(), None),
            (|_, log| std::fs::remove_file(log).unwrap(), Some(Lost::Log(Instead::Nothing))),
            (
                |db, log| {
                    std::fs::copy(db, log.with_extension("x")).unwrap();
                    std::fs::rename(log.with_extension("x"), log).unwrap();
                },
                Some(Lost::Log(Instead::Another)),
            ),
            (|db, _| std::fs::remove_file(db).unwrap(), Some(Lost::Database)),
            (|db, log| std::fs::rename(log, db).unwrap(), Some(Lost::Database)),
        ];
        for (number, (deed, expected)) in deeds.into_iter().enumerate() {
            let dir = tempfile::tempdir().unwrap();
            let db = dir.path().join("a.db");
            std::fs::write(&db, "database").unwrap();
            std::fs::write(crate::lock::lock_path(&db), "lock").unwrap();
            let mut early = Watch::new(&db);
            assert_eq!(early.look(), None, "no log yet");
            let log = open::wal_path(&db);
            std::fs::write(&log, LOG).unwrap();
            let mut late = Watch::new(&db);
            assert_eq!((early.look(), late.look()), (None, None));
            deed(&db, &log);
            assert_eq!((early.look(), late.look()), (expected, expected), "{number}");
        }
    }
}
