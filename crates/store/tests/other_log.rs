//! A log that is not the file's own: refused, nothing changed, and the restore that the message names works. Beside each
//! row what SQLite alone makes of the same two files; and the files whose log is their own, which open.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::{Path, PathBuf};

use common::{closed, files, identity, input, open, opened, start, step};
use rusqlite::Connection;
use store::{BackupKind, OpenError, OpenMode, OpenRefused, ReadError, Reader, Store, restore};

fn beside(db: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", db.display()))
}

fn session(store: &Store, rows: u32) {
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    for n in 1..=rows {
        store.commit(vec![(input(n), step(100 + n, Vec::new()))]).unwrap().into_inner();
    }
    store.commit(vec![closed(900)]).unwrap().into_inner();
}

/// What is on disk at this instant, as a kill leaves it.
fn taken(live: &Path, to: &Path) {
    for end in ["", "-wal"] {
        if beside(live, end).exists() {
            std::fs::copy(beside(live, end), beside(to, end)).unwrap();
        }
    }
}

/// The store moves its log at once, and begins the next.
fn next_log(store: &Store) {
    let is_moved = || store.checkpoint_aggregate().unwrap().map_or(0, |figures| figures.n);
    let before = is_moved();
    store.start_checkpoints(1).unwrap();
    while is_moved() == before {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    store.stop_checkpoints().unwrap();
}

/// A file with another's log, made in `dir`, and the sessions that the file alone has.
type Make = fn(&Path) -> i64;

/// Two databases of one account: one's file, the other's log.
fn of_another_database(db: &Path) -> i64 {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other.db");
    let store = open(&other);
    session(&store, 3);
    session(&store, 3);
    let own = open(db);
    session(&own, 5);
    own.backup(BackupKind::After).unwrap();
    own.close();
    taken(&other, &dir.path().join("taken.db"));
    std::fs::copy(dir.path().join("taken.db-wal"), beside(db, "-wal")).unwrap();
    drop(store);
    1
}

/// The log as it was, the file as it is two logs later.
fn of_another_time(db: &Path) -> i64 {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("neo.db");
    let store = open(&live);
    session(&store, 3);
    taken(&live, &dir.path().join("then.db"));
    next_log(&store);
    session(&store, 3);
    next_log(&store);
    store.backup(BackupKind::After).unwrap();
    store.close();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("neo.db") && !name.ends_with(".lock") {
            std::fs::copy(dir.path().join(&name), db.with_file_name(name)).unwrap();
        }
    }
    std::fs::copy(dir.path().join("then.db-wal"), beside(db, "-wal")).unwrap();
    2
}

/// A backup copied over the file by hand, with the log of the killed engine left where it was.
fn a_backup_put_back_by_hand(db: &Path) -> i64 {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("neo.db");
    let store = open(&live);
    session(&store, 2);
    let backup = store.backup(BackupKind::After).unwrap();
    session(&store, 2);
    taken(&live, db);
    for end in ["", ".sha256"] {
        let from = beside(&backup.path, end);
        std::fs::copy(&from, db.with_file_name(from.file_name().unwrap())).unwrap();
    }
    std::fs::copy(&backup.path, db).unwrap();
    drop(store);
    1
}

/// What a refusal must not change. The shared memory beside a log is made anew by whoever reads it.
fn lasting(dir: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    files(dir).into_iter().filter(|(path, _)| !path.to_string_lossy().ends_with("-shm")).collect()
}

/// Sessions that SQLite sees through the log, where it sees any; it writes nothing.
fn by_sqlite_alone(db: &Path) -> Option<i64> {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.db");
    taken(db, &copy);
    Connection::open(copy).unwrap().query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).ok()
}

#[test]
fn another_log_is_refused_by_table() {
    let rows: [(&str, Make, &str, &[i64]); 3] = [
        ("of another database", of_another_database, "the log of another database", &[]),
        ("of another time", of_another_time, "with it it does not", &[]),
        ("a backup put back by hand", a_backup_put_back_by_hand, "from another time", &[2]),
    ];
    for (name, make, told, lost_with_the_log) in rows {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("neo.db");
        let own = make(&db);
        drop(std::fs::remove_file(beside(&db, ".lock")));
        assert_ne!(by_sqlite_alone(&db), Some(own), "{name}: SQLite sees nothing wrong, or nothing at all");
        let before = lasting(dir.path());
        let refused = |refused: OpenRefused| {
            assert!(matches!(refused, OpenRefused::OtherLog { .. }), "{name}: {refused:?}");
            assert!(refused.to_string().contains(told), "{name}: {refused}");
        };
        match Store::open(&db, &identity(), OpenMode::MustExist).map(|_| ()) {
            Err(OpenError::Refused(why)) => refused(why),
            other => panic!("{name}: {other:?}"),
        }
        match Reader::open(&db).map(|_| ()) {
            Err(ReadError::Refused(why)) => refused(why),
            other => panic!("{name}: {other:?}"),
        }
        let no_backup = store::backup(&db).unwrap_err().to_string();
        assert!(no_backup.contains("is not the log of"), "{name}: {no_backup}");
        let no_copy = store::copy_to(&db, &dir.path().join("copy")).unwrap_err().to_string();
        assert!(no_copy.contains("is not the log of"), "{name}: {no_copy}");
        drop(std::fs::remove_file(beside(&db, ".lock")));
        assert!(lasting(dir.path()) == before, "{name}: a file was changed");

        let backup = store::backups(&db).first().unwrap().path.clone();
        let restored = restore(&db, &backup).unwrap();
        assert_eq!(restored.quick_check, "ok", "{name}");
        assert_eq!(restored.sessions.len() as i64, own, "{name}: {restored:?}");
        let lost: Vec<i64> = restored.lost.iter().map(|lost| lost.session.session_id).collect();
        assert_eq!(lost, lost_with_the_log, "{name}: sessions that only the log tells of");
        open(&db).close();
    }
}

/// What a kill leaves opens: in the first log, in a later one, and between a log's move and the next one's name.
#[test]
fn ones_own_log_is_taken() {
    for logs in 0..3 {
        for is_written in [false, true] {
            let (dir, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let (live, db) = (dir.path().join("neo.db"), killed.path().join("neo.db"));
            let store = open(&live);
            session(&store, 2);
            for _ in 0..logs {
                next_log(&store);
            }
            if is_written {
                session(&store, 2);
            }
            taken(&live, &db);
            let sessions = Reader::open(&db).unwrap().sessions().unwrap().len();
            assert_eq!(sessions, 1 + usize::from(is_written), "{logs} logs, written after: {is_written}");
            open(&db).close();
            assert!(Reader::open(&db).is_ok());
        }
    }
}

/// A reader that pins the log keeps the next from beginning; what is then moved in parts is still one's own.
#[test]
fn a_log_that_a_reader_pins_stays_ones_own() {
    let (dir, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (live, db) = (dir.path().join("neo.db"), killed.path().join("neo.db"));
    let store = open(&live);
    session(&store, 2);
    for round in 0..4 {
        let reader = Connection::open(&live).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM sessions").unwrap();
        session(&store, 2);
        next_log(&store);
        taken(&live, &db);
        assert_eq!(Reader::open(&db).unwrap().sessions().unwrap().len(), 2 + round);
        drop(reader);
        if round % 2 == 0 {
            next_log(&store);
            taken(&live, &db);
            assert_eq!(Reader::open(&db).unwrap().sessions().unwrap().len(), 2 + round);
        }
    }
    store.close();
}

/// Its log goes by the database's own name: under another one it would be passed over.
#[cfg(unix)]
#[test]
fn a_second_name_is_refused_by_readers_too() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("neo.db");
    open(&db).close();
    for (name, is_hard) in [("s.db", false), ("h.db", true)] {
        let other = dir.path().join(name);
        if is_hard { std::fs::hard_link(&db, &other) } else { std::os::unix::fs::symlink(&db, &other) }
            .unwrap();
        let refused = Reader::open(&other).map(|_| ()).unwrap_err();
        assert!(matches!(refused, ReadError::Refused(OpenRefused::Linked { .. })), "{refused:?}");
        assert!(store::backup(&other).unwrap_err().to_string().contains("second name"));
        std::fs::remove_file(&other).unwrap();
    }
    Reader::open(&db).unwrap();
}
