//! Checkpoints of the engine's state: written with their row or not at all, the last two of an open session and none of
//! a closed one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use common::{closed, input, open, opened, start, step};
use rusqlite::Connection;
use std::path::Path;
use store::{JournalCheckpoint, Reader, Store, StoreError};

fn stored(path: &Path) -> Vec<JournalCheckpoint> {
    Reader::open(path).unwrap().journal_checkpoints(1).unwrap()
}

fn put(store: &Store, tag: u32, state: &[u8]) {
    let batch = vec![(input(tag), step(100 + tag, vec![])), (input(tag + 1), step(101 + tag, vec![]))];
    store.commit_with_state(batch, state.to_vec()).unwrap().into_inner();
}

fn count(path: &Path) -> i64 {
    let sql = "SELECT count(*) FROM journal_checkpoints";
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_last_two_are_kept_and_each_names_its_row() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    assert_eq!(stored(&path), Vec::new());
    for (tag, state) in [(1, b"one"), (3, b"two"), (5, b"six")] {
        put(&store, tag, state);
    }
    let found = stored(&path);
    let seen: Vec<(i64, &[u8])> = found.iter().map(|one| (one.seq, &one.state[..])).collect();
    assert_eq!(seen, [(6, &b"six"[..]), (4, b"two")]);
    let mut digests = Vec::new();
    Reader::open(&path)
        .unwrap()
        .journal(1, |row| {
            digests.push(row.digest.unwrap());
            Ok::<(), store::ReadError>(())
        })
        .unwrap();
    for one in &found {
        assert_eq!(one.proven(), Ok(digests[usize::try_from(one.seq).unwrap()]));
    }
    assert!(store::check(&path, true).unwrap().is_sound());

    assert!(matches!(store.commit_with_state(vec![], vec![1]), Err(StoreError::Misuse(_))));
    // The state of the step that closes it is of no use to anyone.
    store.commit_with_state(vec![closed(108)], b"end".to_vec()).unwrap().into_inner();
    assert_eq!(count(&path), 0);
    assert!(matches!(
        store.commit_with_state(vec![(input(9), step(109, vec![]))], vec![1]),
        Err(StoreError::Misuse(_))
    ));
    store.close();
}

#[test]
fn a_batch_that_fails_leaves_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    put(&store, 1, b"one");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER t BEFORE INSERT ON journal_checkpoints BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let batch = vec![(input(7), step(107, vec![]))];
    assert!(matches!(store.commit_with_state(batch, vec![7]), Err(StoreError::Failed { .. })));
    store.close();
    other.execute_batch("DROP TRIGGER t").unwrap();
    drop(other);
    assert_eq!((Reader::open(&path).unwrap().journal_len(1).unwrap(), count(&path)), (3, 1));
}

#[test]
fn a_session_that_is_given_up_leaves_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    put(&store, 1, b"one");
    store.abandon_session(1, "recovered_after_crash", "given up").unwrap().into_inner();
    assert_eq!(count(&path), 0);
    store.close();
}

/// A database of the version before has none, reads, and is brought up.
#[test]
fn a_database_of_the_version_before_is_brought_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    store.close();
    Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE journal_checkpoints; PRAGMA user_version = 4")
        .unwrap();
    assert_eq!(stored(&path), Vec::new());
    assert!(store::check(&path, true).unwrap().is_sound());
    let store = open(&path);
    let reader = Reader::open(&path).unwrap();
    let rows = reader.journal_len(1).unwrap();
    let head = reader.session(1).unwrap().genesis_digest;
    assert!(rows == 1 && !head.is_empty());
    let mut last = None;
    reader
        .journal(1, |row| {
            last = row.digest;
            Ok::<(), store::ReadError>(())
        })
        .unwrap();
    store.resume_session(1, last.unwrap(), rows).unwrap();
    put(&store, 1, b"one");
    assert_eq!(stored(&path).len(), 1);
    store.close();
}
