//! Backups on disk: whole, verified, ten of each kind, and nothing but a temporary file where one fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{closed, identity, input, open, opened, order, start, step};
use engine::OrderStatus;
use rusqlite::Connection;
use store::{BackupError, BackupKind, KEPT, OpenError, OpenMode, OpenRefused, Reader, Store, backups};

fn session(store: &Store, rows: u32) -> i64 {
    let (id, first) = store.open_session(start(), vec![opened(100)]).unwrap();
    first.into_inner();
    for n in 1..=rows {
        store.commit(vec![(input(n), step(100 + n, vec![]))]).unwrap().into_inner();
    }
    id
}

fn names(dir: &Path, part: &str) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().contains(part)).collect()
}

/// `sha256sum -c` in a few lines.
fn is_what_sha256sum_says(path: &Path) -> bool {
    use sha2::Digest;
    let text = std::fs::read_to_string(format!("{}.sha256", path.display())).unwrap();
    let sum: String =
        sha2::Sha256::digest(std::fs::read(path).unwrap()).iter().map(|b| format!("{b:02x}")).collect();
    text == format!("{sum}  {}\n", path.file_name().unwrap().to_str().unwrap())
}

#[test]
fn a_backup_of_a_living_database_is_whole_and_a_prefix_of_what_follows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store, 20);
    let backup = store.backup(BackupKind::Timed).unwrap();
    for n in 21..40 {
        store
            .commit(vec![(input(n), step(100 + n, vec![order(n, OrderStatus::Open)]))])
            .unwrap()
            .into_inner();
    }
    assert_eq!(backup.last_session(), Some(id));
    assert!(is_what_sha256sum_says(&backup.path));
    assert_eq!(names(dir.path(), ".tmp"), BTreeSet::new());
    let copy = Reader::open(&backup.path).unwrap();
    assert_eq!(
        (copy.journal_len(id).unwrap(), Reader::open(&path).unwrap().journal_len(id).unwrap()),
        (21, 40)
    );
    // Looking at a backup makes nothing beside it.
    assert_eq!(names(dir.path(), ".timed.").len(), 2);
    store.close();
}

#[test]
fn two_in_one_second_have_two_names_and_ten_of_each_kind_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    session(&store, 1);
    let after = store.backup(BackupKind::After).unwrap();
    let made: Vec<PathBuf> = (0..KEPT + 3).map(|_| store.backup(BackupKind::Timed).unwrap().path).collect();
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len(), "{made:?}");
    let kept: BTreeSet<PathBuf> = made.iter().rev().take(KEPT).cloned().collect();
    let found: BTreeSet<PathBuf> = backups(&path)
        .into_iter()
        .filter(|backup| backup.kind == BackupKind::Timed)
        .map(|backup| backup.path)
        .collect();
    assert_eq!(found, kept);
    assert_eq!(names(dir.path(), ".sha256").len(), KEPT + 1, "checksums go with their backups");
    assert!(after.path.exists(), "another kind is another ten");
    assert_eq!(backups(&path).first().unwrap().path, *made.last().unwrap(), "newest first");
}

#[cfg(unix)]
#[test]
fn a_backup_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let backup = store.backup(BackupKind::Manual).unwrap();
    for file in [backup.path.clone(), PathBuf::from(format!("{}.sha256", backup.path.display()))] {
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            file.display()
        );
    }
}

#[test]
fn a_kill_in_mid_backup_leaves_a_temporary_file_that_the_next_start_removes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    session(&store, 3);
    let kept = store.backup(BackupKind::Timed).unwrap();
    store.close();
    let left = [
        "neo.db.timed.20261121T175825Z.tmp",
        "neo.db.timed.20261121T175825Z.tmp-journal",
        "neo.db.bak.20261121T175825Z.sha256",
        "neo.db.post.20261121T175825Z.sha256.tmp",
    ];
    for name in left {
        std::fs::write(dir.path().join(name), "half").unwrap();
    }
    let others =
        ["neo.db.bak", "neo.db.tmp", "other.db.bak.20261121T175825Z.tmp", "neo.db.old.20261121T175825Z.tmp"];
    for name in others {
        std::fs::write(dir.path().join(name), "not ours").unwrap();
    }
    open(&path).close();
    for name in left {
        assert!(!dir.path().join(name).exists(), "{name}");
    }
    for name in others {
        assert!(dir.path().join(name).exists(), "{name} is none of ours to remove");
    }
    assert!(kept.path.exists() && is_what_sha256sum_says(&kept.path));
}

#[test]
fn a_session_begins_with_a_backup_of_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let open_for_session = || Store::open_for_session(&path, &identity(), OpenMode::CreateIfMissing);
    let store = open_for_session().unwrap();
    assert_eq!(store.backup_before(), None, "there was nothing to back up");
    let id = session(&store, 5);
    store.commit(vec![closed(110)]).unwrap().into_inner();
    store.close();
    let store = open_for_session().unwrap();
    let before = store.backup_before().unwrap();
    assert_eq!((before.kind, before.last_session()), (BackupKind::Before, Some(id)));
    assert!(before.path.to_string_lossy().contains("neo.db.bak."), "{before:?}");
    store.close();
    assert_eq!(open(&path).backup_before(), None, "only for a session");
}

/// The negative control of the three looks: each kind of harm, done to the live file, gives no backup.
#[test]
fn what_is_not_sound_is_no_backup_and_no_session() {
    for (harm, told) in [
        ("UPDATE journal SET input = x'00' WHERE seq = 2", "broken at row 2"),
        ("DELETE FROM journal WHERE seq = 3", "broken at row 3"),
        ("DELETE FROM journal WHERE seq = 6", "rows are missing"),
        ("UPDATE journal SET digest = prev_digest, prev_digest = digest WHERE seq = 1", "broken at row 1"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM worlds", "names a row of worlds"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let store = open(&path);
        session(&store, 5);
        store.commit(vec![closed(110)]).unwrap().into_inner();
        store.close();
        Connection::open(&path).unwrap().execute_batch(harm).unwrap();

        let refused = Store::open_for_session(&path, &identity(), OpenMode::MustExist).map(|_| ());
        match refused {
            Err(OpenError::Refused(refused @ OpenRefused::Damaged { .. })) => {
                let words = refused.to_string();
                assert!(words.contains(told) && words.contains("neo db restore"), "{harm}: {words}");
            }
            other => panic!("{harm}: {other:?}"),
        }
        let store = open(&path);
        assert!(matches!(store.backup(BackupKind::Timed), Err(BackupError::Damaged(_))), "{harm}");
        store.close();
        assert_eq!(names(dir.path(), ".bak."), BTreeSet::new(), "{harm}");
        assert_eq!(names(dir.path(), ".timed."), BTreeSet::new(), "{harm}");
    }
}

/// An index with as many entries as its table has rows, but of other values: `quick_check` says ok, the check of a
/// backup does not.
#[test]
fn an_index_that_disagrees_with_its_table_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (path, pristine) = (dir.path().join("neo.db"), dir.path().join("pristine.db"));
    let store = open(&path);
    session(&store, 2);
    store.commit(vec![(input(9), step(109, vec![order(1, OrderStatus::Open)]))]).unwrap().into_inner();
    store.close();
    open(&pristine).close();
    let run = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let attach = format!("ATTACH '{}' AS pristine; PRAGMA writable_schema = ON;", pristine.display());
    // The index is unknown while the row is changed, and known again with its old entry.
    run("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'orders_session'");
    run("UPDATE orders SET status = 'filled'");
    run(&format!(
        "{attach} INSERT INTO sqlite_schema SELECT * FROM pristine.sqlite_schema WHERE name = 'orders_session'"
    ));
    let quick: String =
        Connection::open(&path).unwrap().query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
    assert_eq!(quick, "ok", "the harm is of the kind that quick_check does not see");
    let store = open(&path);
    let refused = store.backup(BackupKind::Timed);
    assert!(
        matches!(&refused, Err(BackupError::Damaged(why)) if why.contains("orders_session")),
        "{refused:?}"
    );
}

#[test]
fn a_backup_that_fails_leaves_the_earlier_ones_and_trading_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    session(&store, 2);
    let kept = store.backup(BackupKind::Timed).unwrap();
    Connection::open(&path).unwrap().execute_batch("UPDATE journal SET step = x'00' WHERE seq = 1").unwrap();
    assert!(store.backup(BackupKind::Timed).is_err());
    store.commit(vec![(input(7), step(107, vec![]))]).unwrap().into_inner();
    assert!(kept.path.exists() && is_what_sha256sum_says(&kept.path));
    assert_eq!(backups(&path).len(), 1);
    assert_eq!(names(dir.path(), ".tmp"), BTreeSet::new());
}

/// Backups one after another beside a writer that goes on: each is a whole prefix, and no commit is refused.
#[test]
fn backups_beside_a_busy_writer_are_prefixes_and_hold_nothing_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store, 1);
    let done = std::sync::atomic::AtomicBool::new(false);
    let (rows, lengths) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut n = 1;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                store
                    .commit(vec![(input(n), step(100 + n, vec![order(n, OrderStatus::Open)]))])
                    .unwrap()
                    .into_inner();
            }
            n
        });
        let lengths: Vec<i64> = (0..6)
            .map(|_| {
                let backup = store.backup(BackupKind::Timed).unwrap();
                Reader::open(&backup.path).unwrap().journal_len(id).unwrap()
            })
            .collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        (i64::from(writing.join().unwrap()) + 1, lengths)
    });
    assert!(lengths.is_sorted(), "{lengths:?}");
    assert!(lengths.iter().all(|length| *length <= rows), "{lengths:?} of {rows}");
    assert_eq!(Reader::open(&path).unwrap().journal_len(id).unwrap(), rows);
}
