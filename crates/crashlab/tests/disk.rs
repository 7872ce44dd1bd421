//! The disk of the laboratory itself: what survives what, and the locks of its connections.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeSet;
use std::sync::Arc;

use crashlab::folder::{Change, Image};
use crashlab::past::Past;
use crashlab::place::Place;
use crashlab::seed::Chance;
use crashlab::vfs;
use rusqlite::{Connection, ErrorCode, OpenFlags};

fn write(at: u64, byte: u8, len: usize) -> Change {
    Change::Write { file: 0, at, bytes: vec![byte; len].into() }
}

/// Everything that a power cut after these changes may leave of the file `a`.
fn left(changes: &[Change], lies: bool) -> BTreeSet<Option<Vec<u8>>> {
    let mut past = Past::default();
    past.lies = lies;
    let mut chance = Chance::of(&[1]);
    changes.iter().for_each(|change| past.advance(change, &mut chance));
    (0..400).map(|n| past.cut(None, &mut Chance::of(&[n])).remove("a").map(|bytes| bytes.to_vec())).collect()
}

#[test]
fn what_a_power_cut_leaves_by_table() {
    let create = Change::Create { name: "a".to_owned(), file: 0 };
    let (sync, names) = (Change::Sync { file: 0 }, Change::SyncNames);
    let whole = Some(vec![1; 1024]);

    let all = [create.clone(), names.clone(), write(0, 1, 1024), sync.clone()];
    assert_eq!(left(&all, false), BTreeSet::from([whole.clone()]));
    assert!(left(&all, true).len() > 2, "a disk that lies keeps any part");

    let nameless = [create.clone(), write(0, 1, 1024), sync.clone()];
    assert_eq!(left(&nameless, false), BTreeSet::from([None, whole.clone()]));

    // Two sectors: none, the first, the second behind a hole, both.
    let unsynced = left(&[create.clone(), names.clone(), write(0, 1, 1024)], false);
    let hole = [vec![0; 512], vec![1; 512]].concat();
    assert_eq!(unsynced, BTreeSet::from([Some(vec![]), Some(vec![1; 512]), Some(hole), whole.clone()]));

    // Later over earlier, or earlier over later.
    let twice = left(&[create.clone(), names.clone(), write(0, 1, 8), write(0, 2, 8)], false);
    assert_eq!(twice, BTreeSet::from([Some(vec![]), Some(vec![1; 8]), Some(vec![2; 8])]));

    // What a failed sync has lost no later one brings back.
    let failed =
        [create.clone(), names.clone(), write(0, 1, 4096), Change::SyncFailed { file: 0 }, sync.clone()];
    let kept: BTreeSet<_> = (0..40)
        .map(|n| {
            let (mut past, mut chance) = (Past::default(), Chance::of(&[n]));
            failed.iter().for_each(|change| past.advance(change, &mut chance));
            past.cut(None, &mut chance).remove("a").map(|bytes| bytes.to_vec())
        })
        .collect();
    assert!(kept.len() > 2, "{}", kept.len());

    let deleted = [create, names, write(0, 1, 1024), sync, Change::Delete { name: "a".to_owned() }];
    assert_eq!(left(&deleted, false), BTreeSet::from([None, whole]));
}

#[test]
fn a_kill_leaves_all_that_was_done_and_a_part_of_what_was_under_way() {
    let mut past = Past::of(&Image::from([("a".to_owned(), Arc::new(vec![0; 10]))]));
    past.advance(&write(0, 1, 4), &mut Chance::of(&[1]));
    let under_way = write(4, 2, 6);
    let left: BTreeSet<Vec<u8>> = (0..200)
        .filter_map(|n| past.kill(Some(&under_way), &mut Chance::of(&[n])).remove("a"))
        .map(|bytes| bytes.to_vec())
        .collect();
    assert_eq!(left.len(), 7, "from none to all of six bytes: {left:?}");
    assert!(left.iter().all(|bytes| bytes.len() == 10 && bytes.starts_with(&[1; 4])));
}

#[test]
fn one_connection_writes_while_others_read() {
    let place = Place::new().unwrap();
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Connection::open_with_flags_and_vfs(place.database(), flags, vfs::NAME).unwrap();
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        connection
    };
    let (one, other) = (open(), open());
    let count = |connection: &Connection| -> i64 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    };
    one.execute_batch(
        "CREATE TABLE t (n); INSERT INTO t VALUES (1); BEGIN IMMEDIATE; INSERT INTO t VALUES (2)",
    )
    .unwrap();
    assert_eq!((count(&one), count(&other)), (2, 1));
    let refused = other.execute_batch("INSERT INTO t VALUES (3)").unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    one.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&other), 2);
    other.execute_batch("INSERT INTO t VALUES (3)").unwrap();
    assert_eq!(count(&one), 3);
}
