//! The audit proves a sound database, and names every kind of change made to one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use rusqlite::Connection;
use store::Reader;

#[test]
fn two_sessions_and_a_fill_while_away_are_proven() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    common::write(&path);
    let report = lab::audit(&Reader::open(&path).unwrap()).unwrap();
    assert!(report.is_proven(), "{report}");
    let [first, second] = report.sessions.as_slice() else { panic!("{report}") };
    assert_eq!((first.fills, first.fills_proven, first.own_transactions, first.journal_rows), (2, 2, 2, 4));
    assert_eq!(first.away.keys().collect::<Vec<_>>(), ["genesis"]);
    assert_eq!(first.movements.keys().collect::<Vec<_>>(), ["fee", "fill"]);
    assert_eq!(first.closing.as_ref().map(|b| b.xrp.to_fixed(6)), Some("54.999988".to_owned()));
    assert_eq!(second.carried, first.closing.clone().unwrap());
    assert_eq!(second.away.keys().collect::<Vec<_>>(), ["fill"]);
    assert_eq!(second.ledger, second.closing);
    let json = report.json();
    assert_eq!((&json["format"], &json["proven"]), (&1.into(), &true.into()));
    assert_eq!(json["sessions"][0]["movements"]["fee"]["xrp"], "-0.000012");
    assert!(
        report.to_string().ends_with("PROVEN: 2 sessions, 2 fills; unexplained 0.000000 XRP, 0 RLUSD"),
        "{report}"
    );
}

#[test]
fn every_change_is_caught_by_table() {
    for (change, told) in [
        ("UPDATE fills SET quantity_xrp = '5.000001' WHERE fill_id = 1", "its offer shows"),
        ("UPDATE fills SET quantity_rlusd = '10.00000000000001' WHERE fill_id = 2", "its offer shows"),
        ("UPDATE fills SET taker_gets = '5000001' WHERE fill_id = 1", "its legs are"),
        ("UPDATE fills SET session_id = 2 WHERE fill_id = 2", "not credited to the session"),
        ("UPDATE fills SET ledger_index = 103 WHERE fill_id = 1", "is in ledger 102"),
        ("UPDATE fills SET side = 'buy' WHERE fill_id = 1", "its offer shows"),
        ("DELETE FROM fills WHERE fill_id = 1", "has not one fill"),
        ("UPDATE inventory_ledger SET amount = '5.000001' WHERE id = 4", "and it did"),
        ("UPDATE inventory_ledger SET amount = '10.00000000000001' WHERE id = 7", "and it did"),
        ("UPDATE inventory_ledger SET cause = 'other_writer' WHERE cause = 'fee'", "fee booked"),
        ("UPDATE inventory_ledger SET amount = '-60' WHERE id = 1", "is not above zero"),
        ("UPDATE inventory_ledger SET debit = 'market' WHERE id = 1", "no movement of the wallet"),
        ("UPDATE inventory_ledger SET tx_hash = NULL WHERE id = 3", "without its transaction"),
        ("DELETE FROM inventory_ledger WHERE id = 6", "and it did"),
        (
            "UPDATE sessions SET starting_xrp = '60.000001' WHERE session_id = 1",
            "carried and away, less opening",
        ),
        ("UPDATE sessions SET ending_rlusd = '110.0000000000001' WHERE session_id = 1", "less closing"),
        ("UPDATE sessions SET ending_xrp = NULL WHERE session_id = 2", "do not read"),
        ("UPDATE journal SET input = x'0000' WHERE session_id = 1 AND seq = 1", "journal row 1"),
        ("UPDATE journal SET step = zeroblob(length(step)) WHERE session_id = 2", "journal row 0"),
        ("DELETE FROM journal WHERE session_id = 1 AND seq = 1", "does not follow the row before"),
        ("DELETE FROM journal WHERE session_id = 1 AND seq = 3", "does not end where"),
        ("UPDATE sessions SET journal_digest = genesis_digest WHERE session_id = 2", "does not end where"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        common::write(&path);
        let changed = Connection::open(&path).unwrap().execute(change, []).unwrap();
        assert!(changed > 0, "{change}");
        let report = lab::audit(&Reader::open(&path).unwrap()).unwrap();
        assert!(!report.is_proven(), "{change}");
        assert!(report.to_string().contains(told), "{change}:\n{report}");
    }
}

/// A session of another journal version is named and nothing else suffers: its journal is not even looked at.
#[test]
fn a_session_of_another_journal_version_is_named_and_the_others_are_proven() {
    for (session, proven, carried) in [(1, 2, "54.999988"), (2, 1, "0.000000")] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        common::write(&path);
        let change = format!(
            "UPDATE sessions SET journal_version = 4 WHERE session_id = {session};
             UPDATE journal SET input = x'00', step = x'00' WHERE session_id = {session};"
        );
        Connection::open(&path).unwrap().execute_batch(&change).unwrap();
        let report = lab::audit(&Reader::open(&path).unwrap()).unwrap();
        assert_eq!(report.problems, [], "{report}");
        assert!(report.is_sound() && !report.is_proven(), "{report}");
        let said = format!(
            "NOT PROVEN  session {session}: journal version 4, this program proves version 5: not proven\n"
        );
        assert!(report.to_string().contains(&said), "{report}");
        assert!(
            report.to_string().contains(&format!("PROVEN BUT FOR SESSIONS {session}: 1 sessions")),
            "{report}"
        );
        let [audited] = report.sessions.as_slice() else { panic!("{report}") };
        assert_eq!(
            (audited.session_id, audited.carried.xrp.to_fixed(6).as_str()),
            (proven, carried),
            "{report}"
        );
        assert_eq!(report.json()["unread"][0]["session_id"], session, "{report}");

        // What is wrong with the other one is still found.
        let wrong = format!("UPDATE sessions SET ending_xrp = '1.000000' WHERE session_id = {proven}");
        Connection::open(&path).unwrap().execute(&wrong, []).unwrap();
        let report = lab::audit(&Reader::open(&path).unwrap()).unwrap();
        assert!(!report.is_sound() && report.to_string().contains("less closing"), "{report}");
        assert_eq!(report.unread.len(), 1);
    }
}

/// What no balance shows and people rely on all the same: every row is held against the journal's records.
#[test]
fn every_derived_row_is_the_journals_by_table() {
    for (change, told) in [
        (
            "UPDATE fills SET price = '3' WHERE fill_id = 1",
            "fills row 1: price is \"3\", and the journal makes \"2",
        ),
        (
            "UPDATE fills SET mid_price_at_fill = '2' WHERE fill_id = 2",
            "fills row 2: mid_price_at_fill is \"2\"",
        ),
        (
            "UPDATE fills SET realized_spread_bps = '9'",
            "realized_spread_bps is \"9\", and the journal makes NULL",
        ),
        ("UPDATE fills SET executed_at = '2001-01-01T00:00:00Z'", "fills row 1: executed_at"),
        ("UPDATE orders SET status = 'filled'", "orders row w1-100-5: status is \"filled\""),
        ("UPDATE orders SET session_id = 2", "orders row"),
        ("DELETE FROM orders", "orders row w1-100-5: the journal makes it, and it is not there"),
        (
            "DELETE FROM inventory_truth_snapshots WHERE id = 1",
            "inventory_truth_snapshots row 1: the journal makes it",
        ),
        (
            "UPDATE inventory_truth_snapshots SET status = 'diverged'",
            "inventory_truth_snapshots row 1: status is",
        ),
        (
            "INSERT INTO inventory_truth_snapshots SELECT 9, session_id, ledger_index, source, internal_xrp,
             internal_rlusd, ledger_xrp, ledger_rlusd, delta_xrp, delta_rlusd, status, created_at
             FROM inventory_truth_snapshots",
            "inventory_truth_snapshots row 9: no step of the journal makes it",
        ),
        ("UPDATE inventory_ledger SET created_at = '' WHERE id = 1", "inventory_ledger row 1: created_at"),
        (
            "UPDATE sessions SET halt_reason = 'duration_elapsed' WHERE session_id = 1",
            "sessions row 1: halt_reason is",
        ),
        ("UPDATE sessions SET ended_at = '2030-01-01T00:00:00Z'", "sessions row 1: ended_at"),
        ("UPDATE sessions SET ending_value = '1'", "sessions row 1: ending_value"),
        ("UPDATE sessions SET facts = '{}'", "sessions row 1: facts"),
        ("UPDATE sessions SET status = 'abandoned' WHERE session_id = 2", "sessions row 2: status is"),
        ("UPDATE sessions SET config_hash = genesis_digest", "config is not the text of config_hash"),
        (
            "UPDATE sessions SET config = replace(config, '_bps=', '_bps=1')",
            "config is not the one that the journal",
        ),
        (
            "UPDATE sessions SET config = 'nonsense: 1'",
            "config has 1 lines that are no keys of the engine: nonsense",
        ),
        ("UPDATE sessions SET config = ''", "config leaves out"),
        ("UPDATE journal SET close_time = NULL WHERE seq = 1", "journal row 1: its ledger and time"),
        ("UPDATE worlds SET world_no = 7", "NOT PROVEN  worlds row 7: no step"),
        ("DELETE FROM sessions WHERE session_id = 2", "journal row 2: its session is not there"),
        ("DELETE FROM worlds", "journal row 1: its session is not there"),
        ("INSERT INTO engine_state VALUES ('a', 'b', 'c')", "engine_state row a: no step"),
        ("UPDATE database_identity SET network_id = 1", "or the database is of another account"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        common::write(&path);
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        let report = lab::audit(&Reader::open(&path).unwrap()).unwrap();
        assert!(!report.is_proven(), "{change}");
        assert!(report.to_string().contains(told), "{change}:\n{report}");
    }
}

#[test]
fn an_altered_schema_is_told_whatever_else_reads() {
    for (change, told) in [
        (
            "DROP INDEX sessions_one_open",
            "NOT PROVEN  schema: it was altered: index sessions_one_open is not there",
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON fills BEGIN DELETE FROM fills; END",
            "NOT PROVEN  schema: it was altered: trigger t was added",
        ),
        ("DROP TABLE inventory_ledger", "NOT PROVEN  tables: "),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        common::write(&path);
        Connection::open(&path).unwrap().execute_batch(change).unwrap();
        let reader = Reader::open(&path).unwrap();
        let report = lab::audit(&reader).unwrap();
        assert!(!report.is_proven(), "{change}");
        assert!(report.to_string().contains(told), "{change}:\n{report}");
        let replay = lab::replay(&reader, 1, None).map_err(|error| error.to_string());
        assert!(replay.is_err_and(|error| error.contains("was altered")), "{change}");
    }
}
