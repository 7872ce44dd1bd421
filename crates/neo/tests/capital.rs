//! `neo capital` and `neo realign` from outside: what they refuse, and books that are brought to the ledger.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run, books_lose};
use rusqlite::Connection;
use std::process::Stdio;

fn paper(folder: &Folder, duration: &str) {
    folder.neo(&["paper", "--duration", duration, "--speed", "max", "--json"]).ended(0);
}

fn database(folder: &Folder) -> Connection {
    Connection::open(folder.path().join("data/paper.db")).unwrap()
}

fn count(folder: &Folder, table: &str) -> i64 {
    database(folder).query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_no_announcement_is_named_and_nothing_is_written() {
    let folder = Folder::new();
    let expect = |args: &[&str]| -> Run { folder.neo(&[&["capital", "expect"], args].concat()) };
    assert!(expect(&["1", "XRP"]).ended(4).stderr.contains("no database"), "before any session");
    paper(&folder, "1m");
    for (args, code, word) in [
        (&["0", "XRP"][..], 2, "more than zero"),
        (&["-1", "XRP"], 2, "'-1'"),
        (&["1,5", "XRP"], 2, "a decimal number"),
        (&["1e3x", "XRP"], 2, "a decimal number"),
        (&["0.0000001", "XRP"], 2, "6 decimal places"),
        (&["1.2345678901234567", "RLUSD"], 2, "15 significant digits"),
        (&["1", "BTC"], 2, "BTC"),
        (&["1", "XRP", "--to", "rNobody"], 2, "rNobody"),
        (&["1", "XRP", "--within", "0s"], 2, "0s"),
        (&["1", "XRP", "--db", "data/other.db"], 4, "other.db"),
    ] {
        let run = expect(args).ended(code);
        assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
    }
    assert_eq!(count(&folder, "capital_notices"), 0);
    let said = expect(&["1.5", "rlusd", "--json"]).ended(0).json();
    assert_eq!((&said["notice"], &said["amount"]), (&1.into(), &"1.5".into()), "{said}");
    let listed = folder.neo(&["capital", "list"]).ended(0).stdout;
    assert!(listed.contains("2 capital events, 1 notices not booked"), "{listed}");
    let unknown = "AB".repeat(32);
    let run = folder.neo(&["capital", "withdraw", "--tx", &unknown]).ended(4);
    assert!(run.stderr.contains("nothing of it is booked as external"), "{}", run.stderr);
}

#[test]
fn while_a_session_runs_both_are_refused() {
    let folder = Folder::new();
    paper(&folder, "1m");
    let args = ["paper", "--duration", "2h", "--speed", "10", "--json"];
    let mut child = folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while count(&folder, "sessions") < 2 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let expect = folder.neo(&["capital", "expect", "1", "XRP"]).ended(4);
    assert!(expect.stderr.contains("in use by another process"), "{}", expect.stderr);
    let realign = folder.neo(&["realign", "--confirm"]).ended(4);
    assert!(realign.stderr.contains("session 2 is open"), "{}", realign.stderr);
    child.kill().unwrap();
    child.wait().unwrap();
    // A session that a kill left open is to be recovered first.
    let realign = folder.neo(&["realign", "--confirm"]).ended(4);
    assert!(realign.stderr.contains("session 2 is open"), "{}", realign.stderr);
    assert_eq!(count(&folder, "capital_notices"), 0);
}

#[test]
fn books_that_differ_are_brought_to_the_ledger_only_when_confirmed() {
    let folder = Folder::new();
    paper(&folder, "5m");
    let dry = folder.neo(&["realign", "--json"]).ended(0).json();
    assert_eq!((&dry["delta_xrp"], &dry["delta_rlusd"]), (&"0.000000".into(), &"0".into()), "{dry}");
    let nothing = folder.neo(&["realign", "--confirm"]).ended(0).stdout;
    assert!(nothing.contains("nothing to change"), "{nothing}");
    assert_eq!(count(&folder, "sessions"), 1);

    books_lose(&folder, 1_250_000, "0.75");
    let dry = folder.neo(&["realign", "--dry-run", "--json"]).ended(0).json();
    assert_eq!((&dry["delta_xrp"], &dry["delta_rlusd"]), (&"1.250000".into(), &"0.75".into()), "{dry}");
    assert_eq!((&dry["dry_run"], &dry["session_id"]), (&true.into(), &serde_json::Value::Null), "{dry}");
    assert_eq!(count(&folder, "sessions"), 1, "a dry run is no session");

    let done = folder.neo(&["realign", "--confirm", "--json"]).ended(0).json();
    assert_eq!(done["session_id"], 2, "{done}");
    let moved: Vec<String> = {
        let connection = database(&folder);
        let sql = "SELECT asset || ' ' || amount || ' ' || debit || ' ' || credit FROM inventory_ledger
                   WHERE cause = 'realignment' ORDER BY asset";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(moved, ["RLUSD 0.75 wallet realigned", "XRP 1.250000 wallet realigned"]);
    let again = folder.neo(&["realign", "--json"]).ended(0).json();
    assert_eq!(again["delta_xrp"], "0.000000", "{again}");
    // The audit proves the session of the realignment, and names the books that were wrong before it.
    let audit = folder.neo(&["audit", "--json"]).ended(1).json();
    let session = &audit["sessions"][1];
    assert_eq!(session["away"]["realignment"]["xrp"], "1.250000", "{audit}");
    assert_eq!(
        (&session["unexplained"]["xrp"], &session["unexplained"]["rlusd"]),
        (&"0.000000".into(), &"0".into())
    );
    let problems = audit["problems"].as_array().unwrap();
    assert!(problems.iter().all(|problem| problem["session_id"] == 1), "{audit}");
    folder.neo(&["replay", "2"]).ended(0);
}
