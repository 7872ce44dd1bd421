//! `neo audit --from-ledger`: books made again from the ledger's own history are those of the session, after kills too,
//! and whatever is altered in the session's tables is found.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use rusqlite::Connection;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

fn db(folder: &Folder) -> PathBuf {
    folder.path().join("data/paper.db")
}

fn paper(folder: &Folder, duration: &str) {
    folder.neo(&["paper", "--duration", duration, "--speed", "max", "--json"]).ended(0);
}

/// A session that is killed after so many milliseconds at full speed; it may have ended by then.
fn killed(folder: &Folder, milliseconds: u64) {
    let args = ["paper", "--duration", "2h", "--speed", "max", "--json"];
    let mut child = folder.command(&args).stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn audit(folder: &Folder, code: i32) -> Value {
    folder.neo(&["audit", "--from-ledger", "--json"]).ended(code).json()
}

#[test]
fn the_books_are_the_ledgers_after_kills_and_over_sessions() {
    let folder = Folder::new();
    // One history: each start goes on with the ledger of the session that was killed.
    let mut kills = 0;
    while kills < 4 {
        killed(&folder, 700 + 150 * kills);
        kills += 1;
        if db(&folder).is_file() && folder.neo(&["session", "list"]).code == Some(0) {
            let report = folder.neo(&["audit", "--from-ledger", "--json"]);
            assert!(matches!(report.code, Some(0 | 4)), "{}{}", report.stdout, report.stderr);
        }
    }
    paper(&folder, "30m");
    let report = audit(&folder, 0);
    assert_eq!(report["equal"], true, "{report}");
    assert!(report["rows"]["orders"].as_u64().unwrap() > 20, "{report}");
    assert!(report["rows"]["inventory_ledger"].as_u64().unwrap() > 20, "{report}");
    folder.neo(&["audit"]).ended(0);

    // The last session ended in order, so the next one begins another history, and the first is gone.
    let before =
        report["sessions"].as_array().unwrap().len() + report["not_rebuilt"].as_array().unwrap().len();
    paper(&folder, "10m");
    let report = audit(&folder, 0);
    assert_eq!(report["sessions"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["not_rebuilt"].as_array().unwrap().len(), before, "{report}");
}

#[test]
fn the_new_database_is_kept_where_it_is_asked_for_and_never_over_another_file() {
    let folder = Folder::new();
    paper(&folder, "10m");
    let seen = folder.contents();
    let args = ["audit", "--from-ledger", "--into", "again.db"];
    folder.neo(&args).ended(0);
    let count = |path: &PathBuf, table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        Connection::open(path).unwrap().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let again = folder.path().join("again.db");
    for table in ["fills", "inventory_ledger", "orders", "sessions"] {
        assert_eq!(count(&again, table), count(&db(&folder), table), "{table}");
    }
    assert_eq!(count(&again, "journal"), 0, "nothing is copied");
    let said = folder.neo(&args).ended(1).stderr;
    assert!(said.contains("--into again.db") && said.contains("name one that is not there"), "{said}");
    std::fs::remove_file(&again).unwrap();
    assert_eq!(folder.contents(), seen, "it only reads");
}

#[test]
fn a_ledger_that_is_gone_in_use_or_too_short_is_refused() {
    let folder = Folder::new();
    paper(&folder, "5m");
    let ledger = folder.path().join("data/paper.db.ledger");
    let away = folder.path().join("away");
    std::fs::rename(&ledger, &away).unwrap();
    let run = folder.neo(&["audit", "--from-ledger"]);
    assert!(
        run.code == Some(4) && run.stderr.contains("no embedded ledger"),
        "{:?} {}",
        run.code,
        run.stderr
    );
    std::fs::rename(&away, &ledger).unwrap();

    let log = std::fs::File::options().read(true).write(true).open(ledger.join("ledgers.log")).unwrap();
    log.try_lock().unwrap();
    let run = folder.neo(&["audit", "--from-ledger"]);
    assert!(run.code == Some(4) && run.stderr.contains("in use"), "{:?} {}", run.code, run.stderr);
    log.unlock().unwrap();

    // A torn end is left out: the history does not reach the session's end any more.
    let length = log.metadata().unwrap().len();
    log.set_len(length - 1).unwrap();
    let run = folder.neo(&["audit", "--from-ledger"]);
    assert!(
        run.code == Some(4) && run.stderr.contains("the sessions are of"),
        "{:?} {}",
        run.code,
        run.stderr
    );
    assert_eq!(log.metadata().unwrap().len(), length - 1, "nothing is cut off by an audit");
}

/// What is altered, and the table in which it must be found.
const ALTERATIONS: [(&str, &str, &str); 9] = [
    ("a fill deleted", "DELETE FROM fills WHERE fill_id = (SELECT min(fill_id) FROM fills)", "fills"),
    (
        "a fill invented",
        "INSERT INTO fills (order_id, session_id, side, tx_hash, ledger_index, executed_at, price, quantity_rlusd,
           quantity_xrp, taker_gets, taker_pays, liquidity)
         SELECT (SELECT max(order_id) FROM orders), session_id, side, cancel_tx, ledger_index, executed_at, price,
           quantity_rlusd, quantity_xrp, taker_gets, taker_pays, liquidity
         FROM fills, (SELECT max(cancel_tx_hash) AS cancel_tx FROM orders) LIMIT 1",
        "fills",
    ),
    (
        "a drop more in a leg",
        "UPDATE fills SET quantity_xrp = printf('%.6f', quantity_xrp + 0.000001) WHERE fill_id = 1",
        "fills",
    ),
    ("a digit in a leg", "UPDATE fills SET quantity_rlusd = quantity_rlusd || '1' WHERE fill_id = 1", "fills"),
    ("maker as taker", "UPDATE fills SET liquidity = 'taker' WHERE fill_id = 1", "fills"),
    (
        "an order's end",
        "UPDATE orders SET status = 'expired' WHERE order_id = (SELECT max(order_id) FROM orders
           WHERE status IN ('cancelled', 'replaced'))",
        "orders",
    ),
    (
        "an order that never was there, it says",
        "UPDATE orders SET status = 'failed' WHERE order_id = (SELECT order_id FROM fills LIMIT 1)",
        "orders",
    ),
    (
        "a movement removed",
        "DELETE FROM inventory_ledger WHERE id = (SELECT max(id) FROM inventory_ledger WHERE cause = 'fee')",
        "inventory_ledger",
    ),
    ("an opening", "UPDATE sessions SET starting_xrp = starting_xrp || '1'", "sessions"),
];

#[test]
fn every_alteration_is_found() {
    let folder = Folder::new();
    paper(&folder, "60m");
    assert_eq!(audit(&folder, 0)["equal"], true);
    let whole = std::fs::read(db(&folder)).unwrap();
    for (what, sql, table) in ALTERATIONS {
        let connection = Connection::open(db(&folder)).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1, "{what}");
        drop(connection);
        let report = audit(&folder, 1);
        let differences = report["differences"].as_array().unwrap();
        let is_there = |found: &Value| found["place"].as_str().unwrap().starts_with(table);
        assert!(differences.iter().any(is_there), "{what}: {report}");
        assert!(differences.len() <= 3, "{what}: {report}");
        std::fs::write(db(&folder), &whole).unwrap();
    }
    assert_eq!(audit(&folder, 0)["equal"], true);
}
