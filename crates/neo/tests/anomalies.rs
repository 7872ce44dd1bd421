//! `neo anomalies` on the files of real sessions.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use rusqlite::Connection;

const ROW: &str = "INSERT INTO reconciler_anomaly_log (session_id, detected_at, order_id, side, quantity_rlusd,
    xrp_equivalent, age_seconds, last_status, offer_sequence, cancel_tx_hash, action_taken, mid_price) VALUES ";

#[test]
fn anomalies_are_told_by_kind_age_size_and_evidence() {
    let folder = Folder::new();
    folder.neo(&["paper", "--duration", "2m", "--speed", "max", "--json"]).ended(0);
    let none = folder.neo(&["anomalies"]).ended(0).stdout;
    assert!(none.starts_with("no anomalies in any session\n"), "{none}");
    every_end_is_proven(&folder, &none);

    let path = folder.path().join("data/paper.db");
    let connection = Connection::open(&path).unwrap();
    let (filled, hash): (String, String) = connection
        .query_row("SELECT order_id, tx_hash FROM fills LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let rows = [
        format!("(1, '2026-01-01T00:00:30Z', '{filled}', 'buy', '15', '10.5', 12, 'open', 7, NULL, 'filled_from_metadata', '1.4')"),
        "(1, '2026-01-01T00:00:40Z', 'w1-9-9', 'sell', '4.5', NULL, 40, 'open', 9, NULL, 'held_pending_review', NULL)".to_owned(),
        "(1, '2026-01-01T00:00:50Z', 'w1-9-10', 'sell', '6', NULL, 30, 'open', 10, 'AB', 'held_pending_review', NULL)".to_owned(),
        "(1, '2026-01-01T00:00:55Z', NULL, NULL, NULL, NULL, NULL, NULL, 11, NULL, 'adopted\u{1b}[2J', NULL)".to_owned(),
    ];
    connection.execute_batch(&format!("{ROW}{}", rows.join(","))).unwrap();
    drop(connection);

    let told = folder.neo(&["anomalies", "--session", "1", "--json"]).ended(0).json();
    assert_eq!(told["format"], 1);
    assert_eq!(told["unexplained"], 2);
    let kinds = told["kinds"].as_array().unwrap();
    let held = kinds.iter().find(|kind| kind["action_taken"] == "held_pending_review").unwrap();
    assert_eq!(
        held.to_string(),
        r#"{"action_taken":"held_pending_review","age_seconds":{"median":30,"most":40},"evidence":{"cancel":1,"none":1},"quantity_rlusd":{"median":"4.5","most":"6"},"rows":2,"sessions":[1]}"#
    );
    let first = &told["anomalies"][0];
    assert_eq!(first["evidence"], "fills");
    assert_eq!(first["fill_hashes"][0], hash);
    assert_eq!(first["xrp_equivalent"], "10.5");

    let shown = folder.neo(&["anomalies"]).ended(0).stdout;
    assert!(shown.starts_with("4 anomalies in any session, 2 of them unexplained\n"), "{shown}");
    assert!(shown.contains("age 12 s  was open  filled_from_metadata  evidence fills"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");

    let none = folder.neo(&["anomalies", "--session", "9"]).ended(2);
    assert!(none.stderr.contains("there is no session 9"), "{}", none.stderr);
}

/// Every order of the session has its end, and the transaction that proves it has the order's own node.
fn every_end_is_proven(folder: &Folder, shown: &str) {
    let told = folder.neo(&["anomalies", "--json"]).ended(0).json();
    let offers = told["endings"]["offers"].as_array().unwrap();
    let count = |sql: &str| -> usize {
        let connection = Connection::open(folder.path().join("data/paper.db")).unwrap();
        connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().try_into().unwrap()
    };
    let ended = "SELECT count(*) FROM orders WHERE closed_at IS NOT NULL";
    assert!(!offers.is_empty());
    assert_eq!(offers.len(), count(ended));
    for offer in offers {
        let has_node = offer["node"].as_str().is_some_and(|node| node.len() == 64);
        let is_proven = offer["tx_hash"].as_str().is_some_and(|hash| hash.len() == 64);
        assert!(is_proven && (has_node || offer["ending"] == "never_placed"), "{offer}");
    }
    assert!(shown.contains(&format!("how {} own offers ended\n", offers.len())), "{shown}");
}

/// A file of an earlier version may have no such table.
#[test]
fn without_the_table_the_count_is_nothing() {
    let folder = Folder::new();
    folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]).ended(0);
    let path = folder.path().join("data/paper.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE reconciler_anomaly_log").unwrap();
    drop(connection);
    let reader = store::Reader::open(&path);
    match reader {
        Ok(reader) => {
            assert_eq!(reader.anomalies(1).unwrap().len(), 0);
            assert_eq!(reader.anomaly_rows(None).unwrap(), []);
        }
        Err(error) => panic!("{error}"),
    }
}
