//! A large database is looked at and backed up beside its session. Large is here what has any byte at all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{closed, identity, input, open, opened, start, step};
use rusqlite::Connection;
use store::{BackupKind, OpenError, OpenMode, OpenRefused, Reader, Store, StoreError, backups};

fn open_large(path: &Path) -> Result<Store, OpenError> {
    Store::open_for_session_of(path, &identity(), OpenMode::MustExist, 1)
}

/// A closed session of so many rows; gives its number.
fn session(path: &Path, rows: u32) -> i64 {
    let store = open(path);
    let (id, first) = store.open_session(start(), vec![opened(100)]).unwrap();
    first.into_inner();
    for n in 1..=rows {
        store.commit(vec![(input(n), step(100 + n, vec![]))]).unwrap().into_inner();
    }
    store.commit(vec![closed(100 + rows + 1)]).unwrap().into_inner();
    store.close();
    id
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_backup_is_of_what_was_there_before_the_session_whatever_it_writes_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let old = session(&path, 400);
    let store = open_large(&path).unwrap();
    assert_eq!(store.backup_before(), None, "nobody waited for it");
    let (new, first) = store.open_session(start(), vec![opened(1_000)]).unwrap();
    first.into_inner();
    for n in 1..=50 {
        store.commit(vec![(input(n), step(1_000 + n, vec![]))]).unwrap().into_inner();
    }
    until("a backup", || backups(&path).iter().any(|backup| backup.kind == BackupKind::Before));
    store.commit(vec![closed(1_100)]).unwrap().into_inner();
    store.close();
    let made = backups(&path);
    assert_eq!((made.len(), made[0].last_session()), (1, Some(old)));
    let rows = |path: &Path, id| Reader::open(path).unwrap().journal_len(id).unwrap();
    assert_eq!((rows(&made[0].path, old), rows(&path, old), rows(&path, new)), (402, 402, 52));
}

/// Turns the bytes of a page of the journal's rows over, where no opening looks.
fn damage(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let (root, size): (i64, i64) = connection
        .query_row(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = 'journal'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    drop(connection);
    let mut bytes = std::fs::read(path).unwrap();
    let at = usize::try_from((root - 1) * size).unwrap();
    bytes[at..at + 200].iter_mut().for_each(|byte| *byte = !*byte);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn damage_that_is_found_beside_the_session_ends_the_store_and_the_next_start_looks_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    session(&path, 400);
    let sound = std::fs::read(&path).unwrap();
    damage(&path);
    let store = open_large(&path).unwrap();
    until(
        "the store to fail",
        || matches!(store.stop_checkpoints(), Err(StoreError::Stopped(reason)) if reason.contains("the database is damaged")),
    );
    store.close();
    assert_eq!(backups(&path), []);
    let refused = open_large(&path).err().unwrap();
    assert!(matches!(refused, OpenError::Refused(OpenRefused::Damaged { .. })), "{refused}");

    // A sound one in its place is looked at once more before its session, and then beside it again.
    std::fs::write(&path, sound).unwrap();
    let store = open_large(&path).unwrap();
    assert!(store.backup_before().is_some(), "it was waited for");
    store.close();
    let store = open_large(&path).unwrap();
    assert_eq!(store.backup_before(), None);
    store.close();
}

#[test]
fn a_session_that_ends_at_once_gives_the_backup_up_and_leaves_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    session(&path, 400);
    open_large(&path).unwrap().close();
    let left = |end: &str| {
        let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        entries.filter(|name| name.to_string_lossy().ends_with(end)).count()
    };
    assert_eq!(left(".tmp"), 0);
    // It was made or given up: never half of it.
    assert!(backups(&path).iter().all(|backup| backup.sha256.is_some()));
}
