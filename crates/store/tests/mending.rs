//! Ends for old sessions, vacuum, checks and tables as they are, on disk files.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::Path;

use common::{closed, fill, identity, input, movement, open, opened, order, start, step};
use engine::OrderStatus;
use rusqlite::Connection;
use store::{
    Cell, EndEvidence, OpenError, OpenMode, OpenRefused, ReadError, Reader, Store, StoreError, check,
};

fn with_session(path: &Path) -> Store {
    let store = open(path);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    store
}

/// Old rows as an import leaves them: session 1 closed by the engine, 2 to 6 without an end.
fn old_rows(path: &Path) {
    let store = with_session(path);
    store
        .commit(vec![(input(1), step(101, vec![order(5, OrderStatus::Open), fill(5)])), closed(103)])
        .unwrap()
        .into_inner();
    store.close();
    let connection = Connection::open(path).unwrap();
    for (id, status) in [(2, "unclosed"), (3, "unclosed"), (4, "unclosed"), (5, "unclosed"), (6, "running")] {
        connection
            .execute(
                "INSERT INTO sessions (session_id, world_no, network, config, config_hash, status, started_at, genesis_digest)
                 VALUES (?1, 1, 'paper', '', '', ?2, '2026-03-01T10:00:00Z', '')",
                (id, status),
            )
            .unwrap();
    }
    connection
        .execute_batch(
            "INSERT INTO inventory_snapshots (session_id, ledger_index, xrp_balance, rlusd_balance, created_at) VALUES
               (2, 1, '1', '1', '2026-03-01T10:59:59Z'), (2, 1, '1', '1', '2026-03-01T09:00:00Z'),
               (3, 1, '1', '1', '2026-03-01T11:00:00Z'), (6, 1, '1', '1', '2026-03-01T12:00:00Z');
             INSERT INTO valuation_snapshots (session_id, ledger_index, net_deposits_rlusd_cum, created_at) VALUES
               (3, 1, '0', '2026-03-01 11:30:00.250000+00:00'), (4, 1, '0', 'soon');
             INSERT INTO fills (order_id, session_id, side, tx_hash, ledger_index, executed_at, price, quantity_rlusd,
               quantity_xrp, taker_gets, taker_pays, liquidity) VALUES
               ('x', 2, 'buy', 'AA', 1, '2026-03-01T11:00:00Z', '1', '1', '1', '1', '1', 'maker');",
        )
        .unwrap();
}

fn open_ends(path: &Path) -> Vec<EndEvidence> {
    let evidence = Reader::open(path).unwrap().end_evidence().unwrap();
    evidence.into_iter().filter(EndEvidence::is_open_end).collect()
}

#[test]
fn ends_come_from_the_last_row_of_the_session_and_nothing_else_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    old_rows(&path);
    let found: Vec<_> =
        open_ends(&path).into_iter().map(|end| (end.session_id, end.source, end.found)).collect();
    let told = |id, source: &'static str, at: &str| (id, Some(source), Some(at.to_owned()));
    assert_eq!(
        found,
        [
            told(2, "fills", "2026-03-01T11:00:00Z"),
            // A time in another form is read, and written in ours.
            told(3, "valuation_snapshots", "2026-03-01T11:30:00Z"),
            (4, None, None),
            (5, None, None),
        ]
    );
    let before = Reader::open(&path).unwrap().sessions().unwrap();
    let store = open(&path);
    assert_eq!(store.backfill_ended_at(open_ends(&path)).unwrap(), 2);
    assert_eq!(store.backfill_ended_at(open_ends(&path)).unwrap(), 0, "once is enough");
    store.close();
    for (old, new) in before.into_iter().zip(Reader::open(&path).unwrap().sessions().unwrap()) {
        match new.session_id {
            2 | 3 => {
                assert_eq!((new.status.as_str(), new.closed_by.as_deref()), ("closed", Some("backfill")));
                assert!(new.ended_at.is_some() && new.ending_xrp.is_none() && new.halt_reason.is_none());
            }
            // Closed by the engine, without evidence, or running: as it was.
            _ => assert_eq!(old, new),
        }
    }
    assert!(check(&path, true).unwrap().is_sound(), "sessions without a journal are sound");
}

/// The error it would make is known on sessions whose end is; here the last row is one ledger before the end.
#[test]
fn the_error_on_known_ends_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    old_rows(&path);
    let evidence = Reader::open(&path).unwrap().end_evidence().unwrap();
    let known = evidence.first().unwrap();
    assert_eq!(
        (known.ended_at.as_deref(), known.found.as_deref()),
        (Some("2000-01-01T00:06:52Z"), Some("2000-01-01T00:06:48Z"))
    );
    assert_eq!(known.error_seconds, Some(-4));
    assert!(evidence.iter().skip(1).all(|end| end.error_seconds.is_none()));
}

#[test]
fn vacuum_gives_pages_back_and_changes_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let store = with_session(&path);
    for n in 1..200 {
        store
            .commit(vec![(input(n), step(100 + n, vec![movement(), order(n, OrderStatus::Open)]))])
            .unwrap()
            .into_inner();
    }
    assert!(matches!(store.vacuum(), Err(StoreError::Misuse(_))), "not with a session open");
    store.commit(vec![closed(400)]).unwrap().into_inner();
    store.close();
    Connection::open(&path).unwrap().execute_batch("DELETE FROM orders").unwrap();
    let chains = check(&path, true).unwrap().chains;
    let store = open(&path);
    let vacuumed = store.vacuum().unwrap();
    assert!(vacuumed.bytes_after < vacuumed.bytes_before, "{vacuumed:?}");
    let second = Store::open(&path, &identity(), OpenMode::MustExist).map(|_| ());
    assert!(matches!(second, Err(OpenError::Refused(OpenRefused::Locked { .. }))), "{second:?}");
    store.close();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), vacuumed.bytes_after);
    let report = check(&path, true).unwrap();
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(report.chains, chains);
    open(&path).close();
}

#[test]
fn tables_come_out_cell_by_cell_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    old_rows(&path);
    let reader = Reader::open(&path).unwrap();
    let tables = reader.tables().unwrap();
    assert!(
        tables.contains(&"journal".to_owned()) && !tables.iter().any(|t| t.starts_with("sqlite_")),
        "{tables:?}"
    );
    let columns = reader.columns("sessions").unwrap();
    let at = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
    let mut rows = Vec::new();
    reader
        .rows("sessions", |row| {
            rows.push(row);
            Ok::<(), ReadError>(())
        })
        .unwrap();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0][at("ending_rlusd")], Cell::Text("118.123456789012345".to_owned()));
    assert_eq!(
        (rows[0][at("session_id")].clone(), rows[1][at("ended_at")].clone()),
        (Cell::Integer(1), Cell::Null)
    );
    let real =
        tables.iter().flat_map(|table| reader.columns(table).unwrap()).find(|column| column.kind == "REAL");
    assert_eq!(real, None, "no column is a binary fraction");
}

#[test]
fn a_check_says_what_is_wrong_by_table() {
    for (harm, what, told) in [
        ("UPDATE journal SET step = x'00'", "journal", "broken at row 0"),
        ("DROP INDEX fills_session", "schema", "fills_session is not there"),
        (
            "PRAGMA foreign_keys = OFF; UPDATE journal SET session_id = 9 WHERE seq = 1",
            "foreign_keys",
            "names a row of sessions",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let store = with_session(&path);
        store.commit(vec![(input(1), step(101, vec![]))]).unwrap().into_inner();
        store.close();
        assert!(check(&path, false).unwrap().is_sound(), "the control");
        Connection::open(&path).unwrap().execute_batch(harm).unwrap();
        let before = std::fs::read(&path).unwrap();
        let report = check(&path, false).unwrap();
        let finding = report.findings.iter().find(|finding| finding.what == what).unwrap();
        assert!(
            finding.wrong.as_ref().is_some_and(|wrong| wrong.contains(told)),
            "{harm}: {:?}",
            report.findings
        );
        assert!(!report.is_sound());
        assert_eq!(std::fs::read(&path).unwrap(), before, "{harm}: a check changes nothing");
    }
}

/// A file of ours whose first page is gone says no more whose it was; its backups do, and the refusal names the way back.
#[test]
fn a_malformed_file_at_start_names_the_restore_command_and_is_kept() {
    for (backed_up, told) in [(true, "neo db restore"), (false, "is not a database of NEO")] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let store = with_session(&path);
        if backed_up {
            store.backup(store::BackupKind::Manual).unwrap();
        }
        store.close();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..4096].fill(0xA5);
        std::fs::write(&path, &bytes).unwrap();
        for refused in [
            Store::open_for_session(&path, &identity(), OpenMode::CreateIfMissing)
                .map(|_| ())
                .unwrap_err()
                .to_string(),
            Reader::open(&path).map(|_| ()).unwrap_err().to_string(),
        ] {
            assert!(refused.contains(told), "{refused}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
