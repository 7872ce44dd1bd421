//! One writer for a database: a lock on a file beside it, which names its holder. Never waits, and never takes away a
//! lock: the operating system frees it when its holder ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{OpenError, OpenRefused};
use platform::files as platform;

/// How often, and with what pause, a busy lock is tried again: a reader that looks whether a writer lives holds it for
/// an instant.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// The lock of a database, held until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of the database at `db`.
    pub(crate) fn take(db: &Path) -> Result<Lock, OpenError> {
        let path = lock_path(db);
        let io = |error| OpenError::Io { path: path.clone(), error };
        let file = match platform::private_file().create_new(true).open(&path) {
            Ok(file) => {
                platform::give(&file, db);
                file
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                platform::private_file().open(&path).map_err(io)?
            }
            Err(error) => return Err(io(error)),
        };
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    let mut lock = Lock { file, path: path.clone() };
                    lock.name_holder().map_err(io)?;
                    return Ok(lock);
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
        }
        Err(OpenRefused::Locked { path: db.to_owned(), holder: holder(db) }.into())
    }

    fn name_holder(&mut self) -> std::io::Result<()> {
        let text = format!("pid {}, started {}\n", std::process::id(), now_iso());
        let beside = platform::holder_path(&self.path);
        if beside != self.path {
            return std::fs::write(beside, text);
        }
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()
    }
}

/// Whether a writer holds the database at `db`. Writes nothing and makes no file.
pub(crate) fn is_held(db: &Path) -> bool {
    let Ok(file) = File::open(lock_path(db)) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// What the lock file says of who holds it.
pub(crate) fn holder(db: &Path) -> String {
    let mut text = String::new();
    let read = File::open(platform::holder_path(&lock_path(db)))
        .and_then(|file| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "which has not named itself".to_owned(),
    }
}

/// The wall clock's time, UTC. Only for what people read beside the database: no decision depends on it.
pub(crate) fn now_iso() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    match i64::try_from(now).ok().and_then(units::LedgerTime::from_unix) {
        Some(time) => time.to_iso(),
        None => "1970-01-01T00:00:00Z".to_owned(),
    }
}

pub(crate) fn lock_path(db: &Path) -> PathBuf {
    let mut name = db.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_and_told_by_whom() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("a.db");
        assert!(!is_held(&db));
        let first = Lock::take(&db).unwrap();
        assert!(is_held(&db));
        match Lock::take(&db) {
            Err(OpenError::Refused(OpenRefused::Locked { holder, .. })) => {
                assert!(holder.contains(&format!("pid {}", std::process::id())), "{holder}");
            }
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(!is_held(&db));
        drop(Lock::take(&db).unwrap());
    }
}
