//! The checkpoint loop on disk files: what it logs, what it leaves, and that nothing is lost under it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::logged::Logged;
use common::{closed, input, movement, open, opened, order, start, step};
use engine::OrderStatus;
use rusqlite::Connection;
use serde_json::Value;
use store::{Reader, Store, check};

fn session(store: &Store) -> i64 {
    let (id, first) = store.open_session(start(), vec![opened(100)]).unwrap();
    first.into_inner();
    id
}

fn put(store: &Store, n: u32) {
    store.commit(vec![(input(n), step(100 + n, vec![movement()]))]).unwrap().into_inner();
}

/// Lines whose message is exactly `message`, as documents.
fn events(log: &Logged, message: &str) -> Vec<Value> {
    let lines = log.all().into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    lines.filter(|line| line["message"] == message).collect()
}

fn of_trigger(log: &Logged, trigger: &str) -> Vec<Value> {
    events(log, "wal_checkpoint").into_iter().filter(|line| line["trigger"] == trigger).collect()
}

/// Commits until the timer has fired so often; gives the number of commits. The wait is as long as it takes, within a
/// minute.
fn write_until_timer(store: &Store, log: &Logged, times: usize) -> u32 {
    let began = Instant::now();
    let mut n = 0;
    while of_trigger(log, "timer").len() < times {
        assert!(began.elapsed() < Duration::from_secs(60), "the timer did not fire: {:?}", log.all());
        n += 1;
        put(store, n);
        std::thread::sleep(Duration::from_millis(10));
    }
    n
}

fn wal_bytes(path: &Path) -> u64 {
    std::fs::metadata(format!("{}-wal", path.display())).map_or(0, |meta| meta.len())
}

#[test]
fn two_periodic_checkpoints_with_all_fields_and_the_aggregate_at_close() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let log = Logged::new();
    let aggregate = log.during(|| {
        let store = open(&path);
        session(&store);
        store.start_checkpoints(1).unwrap();
        write_until_timer(&store, &log, 2);
        store.close().unwrap()
    });
    for line in of_trigger(&log, "timer") {
        assert_eq!((&line["mode"], &line["level"]), (&"PASSIVE".into(), &"INFO".into()), "{line}");
        let number = |field: &str| line[field].as_f64().unwrap_or_else(|| panic!("{field} in {line}"));
        assert_eq!(number("busy"), 0.0, "{line}");
        assert!(
            number("log_frames") > 0.0 && number("checkpointed_frames") == number("log_frames"),
            "{line}"
        );
        assert!(number("elapsed_ms") > 0.0, "{line}");
    }
    let told = events(&log, "wal_checkpoint_aggregate");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["n"], aggregate.n);
    assert!(
        aggregate.n >= 2 && aggregate.p50 <= aggregate.p95 && aggregate.p95 <= aggregate.max,
        "{aggregate:?}"
    );
    // The aggregate comes before the closing checkpoint, which is none of the loop's.
    let messages: Vec<String> = log.all();
    let at = |part: &str| messages.iter().position(|line| line.contains(part)).unwrap();
    assert!(at("wal_checkpoint_aggregate") < at("TRUNCATE"));
    assert_eq!(of_trigger(&log, "close").len(), 1);
}

/// The control: no timer, no line of it and no aggregate.
#[test]
fn without_the_timer_there_is_no_periodic_line_and_no_aggregate() {
    for interval in [0, -1, i64::MIN] {
        let dir = tempfile::tempdir().unwrap();
        let log = Logged::new();
        let aggregate = log.during(|| {
            let store = open(&dir.path().join("neo.db"));
            session(&store);
            store.start_checkpoints(interval).unwrap();
            (1..20).for_each(|n| put(&store, n));
            store.close()
        });
        assert_eq!(aggregate, None);
        assert_eq!((of_trigger(&log, "timer").len(), events(&log, "wal_checkpoint_aggregate").len()), (0, 0));
        assert_eq!(log.lines("INFO", "switched off").len(), 1, "{interval}: {:?}", log.all());
        assert_eq!(of_trigger(&log, "close").len(), 1, "close works though the loop never ran");
    }
}

#[test]
fn a_second_start_warns_and_a_stopped_loop_starts_again() {
    let dir = tempfile::tempdir().unwrap();
    let log = Logged::new();
    log.during(|| {
        let store = open(&dir.path().join("neo.db"));
        session(&store);
        store.start_checkpoints(3600).unwrap();
        assert_eq!(log.lines("WARN", "running already").len(), 0);
        store.start_checkpoints(1).unwrap();
        assert_eq!(log.lines("WARN", "running already").len(), 1, "{:?}", log.all());
        store.stop_checkpoints().unwrap();
        store.start_checkpoints(1).unwrap();
        assert_eq!(log.lines("WARN", "running already").len(), 1, "a stopped loop may start again");
        write_until_timer(&store, &log, 1);
        store.close();
    });
}

#[test]
fn two_hundred_concurrent_writes_under_the_loop_are_all_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let log = Logged::new();
    let (id, rows) = log.during(|| {
        let store = open(&path);
        let id = session(&store);
        store.start_checkpoints(1).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let store = &store;
                scope.spawn(move || (0..25).for_each(|n| put(store, 1 + thread * 25 + n)));
            }
        });
        let more = write_until_timer(&store, &log, 1);
        store.close();
        (id, 1 + 200 + i64::from(more))
    });
    assert_eq!(Reader::open(&path).unwrap().journal_len(id).unwrap(), rows);
    let report = check(&path, true).unwrap();
    assert!(report.is_sound(), "{:?}", report.findings);
    // The control: one row less is seen.
    Connection::open(&path).unwrap().execute("DELETE FROM journal WHERE seq = 100", []).unwrap();
    let report = check(&path, true).unwrap();
    assert!(!report.is_sound());
    assert_ne!(Reader::open(&path).unwrap().journal_len(id).unwrap(), rows);
}

/// With a reader that holds the log the closing checkpoint waits its quarter of a second, says so as slow, and the close
/// goes on with the log left; without one the log is empty or gone and nothing is slow.
#[test]
fn truncate_at_close_leaves_no_log_unless_a_reader_holds_it_and_then_it_is_slow() {
    for held in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let log = Logged::new();
        let reader = log.during(|| {
            let store = open(&path);
            session(&store);
            let reader = held.then(|| Connection::open(&path).unwrap());
            if let Some(reader) = &reader {
                reader.execute_batch("BEGIN; SELECT count(*) FROM journal").unwrap();
            }
            (1..20).for_each(|n| put(&store, n));
            store.close();
            reader
        });
        let last = of_trigger(&log, "close").pop().unwrap();
        assert_eq!((&last["mode"], &last["busy"]), (&"TRUNCATE".into(), &i64::from(held).into()), "{last}");
        assert_eq!(wal_bytes(&path) > 0, held, "{last}");
        assert_eq!(log.lines("WARN", "wal_checkpoint slow").len(), usize::from(held), "{:?}", log.all());
        assert!(
            last["elapsed_ms"].as_f64().unwrap() < 2000.0,
            "it waits a quarter of a second, not longer: {last}"
        );
        drop(reader);
    }
}

/// A writer of another process holds the database at the close: the checkpoint is busy, the close goes on, nothing is
/// lost.
#[test]
fn a_checkpoint_that_cannot_be_made_at_close_ends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let log = Logged::new();
    log.during(|| {
        let store = open(&path);
        session(&store);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        store.close();
        other.execute_batch("ROLLBACK").unwrap();
    });
    assert_eq!(of_trigger(&log, "close").pop().unwrap()["busy"], 1, "{:?}", log.all());
    assert_eq!(Reader::open(&path).unwrap().journal_len(1).unwrap(), 1);
}

#[test]
fn ended_at_and_the_exact_ending_values_on_a_clean_stop() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = open(&path);
    let id = session(&store);
    let reader = Reader::open(&path).unwrap();
    let open_row = reader.session(id).unwrap();
    assert_eq!(
        (open_row.ended_at, open_row.halt_reason, open_row.closed_by),
        (None, None, None),
        "the control"
    );
    store
        .commit(vec![(input(1), step(101, vec![order(5, OrderStatus::Open)])), closed(103)])
        .unwrap()
        .into_inner();
    let row = reader.session(id).unwrap();
    assert_eq!(row.ended_at.as_deref(), Some("2000-01-01T00:06:52Z"));
    assert_eq!(row.ending_xrp.as_deref(), Some("61.000000"));
    assert_eq!(row.ending_rlusd.as_deref(), Some("118.123456789012345"));
    assert_eq!(row.ending_value.as_deref(), Some("250"));
    assert_eq!(row.halt_reason.as_deref(), Some("operator_stop"));
    assert_eq!(row.closed_by.as_deref(), Some("engine"));
    store.close();
}

#[test]
fn a_stop_before_a_session_exists_writes_no_row_and_raises_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let log = Logged::new();
    log.during(|| {
        let store = open(&path);
        store.start_checkpoints(60).unwrap();
        assert_eq!(store.close(), None);
    });
    assert_eq!(Reader::open(&path).unwrap().sessions().unwrap(), vec![]);
    assert_eq!(log.lines("ERROR", "").len() + log.lines("WARN", "").len(), 0, "{:?}", log.all());
    // The control: with a session there is a row.
    let store = open(&path);
    session(&store);
    store.close();
    assert_eq!(Reader::open(&path).unwrap().sessions().unwrap().len(), 1);
}
