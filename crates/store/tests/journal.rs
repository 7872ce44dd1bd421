//! Sessions, batches and what is read back of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use common::{closed, files, fill, input, movement, open, opened, order, start, step};
use engine::{AnomalyRow, Effect, Input, OrderId, OrderStatus, Record, Step, journal};
use rusqlite::Connection;
use store::{JournalRow, Kept, ReadError, Reader, Store, StoreError, decode_step};
use units::LedgerTime;

fn rows(reader: &Reader, session: i64) -> Vec<JournalRow> {
    let mut rows = Vec::new();
    reader
        .journal(session, |row| {
            rows.push(row);
            Ok::<(), ReadError>(())
        })
        .unwrap();
    rows
}

fn put(store: &Store, batch: Vec<(Input, Step)>) {
    store.commit(batch).unwrap().into_inner();
}

fn session(store: &Store) -> i64 {
    store.open_session(start(), vec![opened(100)]).unwrap().0
}

#[test]
fn what_goes_in_comes_out_and_the_chain_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store);
    let effects = store
        .commit(vec![
            (input(1), step(101, vec![order(5, OrderStatus::Open)])),
            (input(2), step(102, vec![fill(5), movement(), order(5, OrderStatus::Filled)])),
        ])
        .unwrap();
    assert_eq!(effects.into_inner(), vec![Effect::SessionEnded; 2]);
    put(&store, vec![closed(103)]);
    assert!(matches!(store.commit(vec![(input(9), step(104, vec![]))]), Err(StoreError::Misuse(_))));
    store.close();

    let reader = Reader::open(&path).unwrap();
    let row = reader.session(id).unwrap();
    let told = (row.status.as_str(), row.closed_by.as_deref(), row.halt_reason.as_deref());
    assert_eq!(told, ("closed", Some("engine"), Some("operator_stop")));
    assert_eq!(
        (row.starting_xrp.as_deref(), row.ending_xrp.as_deref()),
        (Some("60.000000"), Some("61.000000"))
    );
    assert_eq!(row.ending_rlusd.as_deref(), Some("118.123456789012345"));
    assert_eq!((row.first_ledger_index, row.last_ledger_index), (Some(100), Some(103)));
    assert_eq!(row.ended_at.as_deref(), Some("2000-01-01T00:06:52Z"));
    assert_eq!(reader.figures(id).unwrap().map(|figures| figures.fills), Some(3));
    let books = reader.last_closed_books(common::WORLD).unwrap().unwrap();
    assert_eq!(books.rlusd, common::exact("118.123456789012345"));
    assert_eq!(reader.last_closed_books("another").unwrap(), None);

    let journal = rows(&reader, id);
    let mut head = start().genesis;
    for (at, row) in journal.iter().enumerate() {
        assert_eq!((row.seq, row.prev_digest), (at as i64, Some(head)));
        head = journal::link(&head, &row.input, &decode_step(&row.step).unwrap()).unwrap();
        assert_eq!(row.digest, Some(head));
    }
    assert_eq!(journal.len(), 4);
    assert_eq!(row.journal_digest, Some(head.to_string().to_lowercase()));

    let fills = reader.fills().unwrap();
    let fill = fills.first().unwrap();
    assert_eq!((fill.order_id.as_str(), fill.offer_sequence, fill.session_id), ("w1-100-5", Some(5), id));
    assert_eq!((fill.taker_gets.as_str(), fill.taker_pays.as_str()), ("7500000", "15"));
    assert_eq!(reader.movements(id).unwrap().first().map(|m| m.amount.clone()), Some("7.500000".to_owned()));
}

#[test]
fn one_session_at_a_time_and_none_without_its_first_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("neo.db"));
    let refused = store.open_session(start(), vec![(input(0), step(100, vec![]))]);
    assert!(matches!(refused, Err(StoreError::Misuse(_))));
    let nothing = Reader::open(store.path()).unwrap().sessions().unwrap();
    assert_eq!(nothing, vec![]);
    session(&store);
    assert!(matches!(store.open_session(start(), vec![opened(100)]), Err(StoreError::Misuse(_))));
}

#[test]
fn a_dead_session_is_found_continued_and_closed_as_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store);
    store.close();

    let store = open(&path);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.unclosed_session().unwrap().map(|row| row.session_id), Some(id));
    assert!(matches!(store.open_session(start(), vec![opened(100)]), Err(StoreError::Misuse(_))));
    let head = rows(&reader, id).last().and_then(|row| row.digest).unwrap();
    assert!(matches!(store.resume_session(id, start().genesis, 1), Err(StoreError::Misuse(_))));
    assert!(matches!(store.resume_session(id, head, 2), Err(StoreError::Misuse(_))));
    store.resume_session(id, head, 1).unwrap();
    put(&store, vec![closed(104)]);
    let row = reader.session(id).unwrap();
    assert_eq!((row.status.as_str(), row.closed_by.as_deref()), ("closed", Some("recovery")));
    assert_eq!(reader.unclosed_session().unwrap(), None);
    session(&store);
}

#[test]
fn a_session_that_nobody_can_continue_is_abandoned_and_leaves_the_chain_of_books() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("neo.db"));
    let id = session(&store);
    store.abandon_session(id, "unhandled_error", "its journal is damaged").unwrap().into_inner();
    assert!(matches!(store.abandon_session(id, "x", "y"), Err(StoreError::Misuse(_))));
    let reader = Reader::open(store.path()).unwrap();
    let row = reader.session(id).unwrap();
    assert_eq!((row.status.as_str(), row.closed_by.as_deref()), ("abandoned", Some("recovery")));
    assert!(row.ended_at.is_some());
    assert_eq!(reader.last_closed_books(common::WORLD).unwrap(), None);
}

#[test]
fn a_fill_is_there_once_and_belongs_to_the_session_that_placed_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("neo.db"));
    let first = session(&store);
    put(&store, vec![(input(1), step(101, vec![order(5, OrderStatus::Open)]))]);
    put(&store, vec![closed(102)]);
    let second = session(&store);
    assert_ne!(first, second);
    put(&store, vec![(input(1), step(103, vec![fill(5), order(5, OrderStatus::Filled)]))]);
    put(&store, vec![(input(2), step(104, vec![fill(5)]))]);
    let fills = Reader::open(store.path()).unwrap().fills().unwrap();
    assert_eq!(fills.len(), 1);
    assert_eq!(fills.first().map(|fill| fill.session_id), Some(first));
    assert_eq!(fills.first().and_then(|fill| fill.order_session_id), Some(first));
}

#[test]
fn another_ledger_history_has_orders_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("neo.db"));
    for world in ["world-1", "world-2"] {
        let start = store::SessionStart { world_id: world.to_owned(), ..start() };
        store.open_session(start, vec![opened(100)]).unwrap().1.into_inner();
        put(&store, vec![(input(1), step(101, vec![order(5, OrderStatus::Open), fill(5)]))]);
        put(&store, vec![closed(102)]);
    }
    let fills = Reader::open(store.path()).unwrap().fills().unwrap();
    let ids: Vec<_> = fills.iter().map(|fill| (fill.order_id.as_str(), fill.session_id)).collect();
    assert_eq!(ids, [("w1-100-5", 1), ("w2-100-5", 2)]);
}

#[test]
fn an_anomaly_survives_the_failure_that_follows_and_is_updated_with_its_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let anomaly = |action: &str| {
        Record::Anomaly(AnomalyRow {
            detected_at: LedgerTime(500),
            order_id: Some(OrderId { ledger_index: 100, sequence: 5 }),
            side: None,
            quantity_rlusd: None,
            xrp_equivalent: None,
            age_seconds: Some(12),
            last_status: Some(OrderStatus::Open),
            offer_sequence: Some(5),
            cancel_tx_hash: None,
            action_taken: action.to_owned(),
            mid_price: None,
        })
    };
    let store = open(&path);
    let id = session(&store);
    put(&store, vec![(input(1), step(101, vec![anomaly("searching")]))]);
    put(&store, vec![(input(2), step(102, vec![anomaly("expired")]))]);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.anomalies(id).unwrap().into_iter().collect::<Vec<_>>(), [("expired".to_owned(), 1)]);

    Connection::open(&path).unwrap().execute_batch("DROP TABLE fills").unwrap();
    let mut later = step(103, vec![anomaly("searching"), fill(5)]);
    if let Some(Record::Anomaly(row)) = later.records.first_mut() {
        row.detected_at = LedgerTime(600);
    }
    match store.commit(vec![(input(3), later)]) {
        Err(StoreError::Failed { kept, .. }) => assert_eq!(kept, Kept::AnomaliesOnly),
        other => panic!("{other:?}"),
    }
    assert!(matches!(store.commit(vec![(input(4), step(104, vec![]))]), Err(StoreError::Stopped(_))));
    let kept = reader.anomalies(id).unwrap();
    assert_eq!(kept.get("searching"), Some(&1));
    assert_eq!(reader.journal_len(id).unwrap(), 3);
    // Closing goes all the way after a failure too: the log is emptied, though a reader still looks.
    store.close();
    assert_eq!(std::fs::metadata(dir.path().join("neo.db-wal")).map_or(0, |meta| meta.len()), 0);
}

#[test]
fn a_killed_writers_rows_are_there_and_reading_them_alters_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live.db");
    let store = open(&live);
    let id = session(&store);
    put(&store, vec![(input(1), step(101, vec![order(5, OrderStatus::Open)]))]);
    // What a kill leaves: the database and its log as they are now.
    let dead_dir = tempfile::tempdir().unwrap();
    let dead = dead_dir.path().join("neo.db");
    std::fs::copy(&live, &dead).unwrap();
    std::fs::copy(dir.path().join("live.db-wal"), dead_dir.path().join("neo.db-wal")).unwrap();
    let before = files(dead_dir.path());
    assert_eq!(Reader::open(&dead).unwrap().journal_len(id).unwrap(), 2);
    for (path, bytes) in before {
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{}", path.display());
    }
    let again = open(&dead);
    assert_eq!(Reader::open(&dead).unwrap().unclosed_session().unwrap().map(|row| row.session_id), Some(id));
    again.close();
}

#[test]
fn readers_see_commits_while_the_writer_lives_and_leave_nothing_behind_when_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.sessions().unwrap().len(), 0);
    session(&store);
    assert_eq!(reader.sessions().unwrap().len(), 1);
    drop(reader);
    store.close();
    let before = files(dir.path());
    assert_eq!(Reader::open(&path).unwrap().sessions().unwrap().len(), 1);
    assert_eq!(files(dir.path()), before);
    assert!(Reader::open(&dir.path().join("none.db")).is_err());
    assert_eq!(files(dir.path()), before);
}

#[test]
fn a_database_held_by_another_process_is_busy_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.commit(vec![(input(1), step(101, vec![]))]);
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    put(&store, vec![(input(1), step(101, vec![]))]);
    assert_eq!(Reader::open(&path).unwrap().journal_len(id).unwrap(), 2);
}

#[test]
fn the_log_is_moved_by_size_and_emptied_at_close() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    session(&store);
    store.start_checkpoints(0).unwrap();
    for n in 0..400 {
        let sequence = 1000 + n;
        let records =
            vec![order(sequence, OrderStatus::Open), order(sequence + 5000, OrderStatus::Open), movement()];
        put(&store, vec![(input(n), step(101 + n, records))]);
    }
    let so_far = store.checkpoint_aggregate().unwrap().map_or(0, |aggregate| aggregate.n);
    assert!(so_far >= 1, "{so_far}");
    let wal = std::fs::metadata(dir.path().join("neo.db-wal")).unwrap().len();
    assert!(wal < 8 << 20, "{wal}");
    let total = store.close().map_or(0, |aggregate| aggregate.n);
    assert!(total >= so_far);
    assert!(!dir.path().join("neo.db-wal").exists());
    assert_eq!(Reader::open(&path).unwrap().journal_len(1).unwrap(), 401);
}
