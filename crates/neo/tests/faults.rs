//! `--faults FILE`: what is refused, what is told, and what a whole session does on a ledger that goes wrong. Whatever
//! happens to the messages, the books are proven or the session ends with a reason and is recovered.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};
use serde_json::Value;

/// A session of some minutes with these faults (a YAML list).
fn session(folder: &Folder, faults: &str, args: &[&str]) -> Run {
    folder.file("faults.yaml", &format!("seed: 5\nfaults: [{faults}]\n"));
    let session = ["paper", "--duration", "4m", "--json", "--faults", "faults.yaml"];
    folder.neo(&[&session, args].concat())
}

/// How often each kind struck, as told at the end.
fn told(run: &Run) -> Vec<&str> {
    let summary = run.stderr.split("faults by kind:").nth(1).unwrap_or_default();
    let lines = summary.lines().skip(1).take_while(|line| line.starts_with("  "));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn a_file_that_cannot_be_used_starts_nothing() {
    let folder = Folder::new();
    folder.file("bad.yaml", "seed: 1\nfaults:\n  - fault: dorp\n  - fault: drop\n    evry: 2\n");
    let before = folder.contents();
    for command in [&["sim", "serve", "--listen", "127.0.0.1:0"][..], &["paper", "--duration", "1m"][..]] {
        let run = folder.neo(&[command, &["--faults", "bad.yaml"]].concat()).ended(2);
        for part in [
            "line 3: unknown fault `dorp`; the nearest known one is `drop`",
            "line 5: unknown key `evry`; the nearest known one is `every`",
            "nothing was started",
        ] {
            assert!(run.stderr.contains(part), "{part} is not in {}", run.stderr);
        }
        folder.neo(&[command, &["--faults", "absent.yaml"]].concat()).ended(2);
        folder.neo(&[command, &["--faults", "."]].concat()).ended(2);
    }
    assert_eq!(folder.contents(), before);
}

#[test]
fn the_example_is_a_file_of_faults() {
    let text = include_str!("../../../docs/faults.yaml");
    assert!(server::FaultScript::from_yaml(text).unwrap().len() >= 8);
}

#[test]
fn the_same_faults_strike_again_in_the_same_session() {
    let lines = |run: &Run| -> Vec<String> {
        let faults =
            run.stderr.lines().filter_map(|line| line.split_once("fault ")).map(|(_, rest)| rest.to_owned());
        faults.collect()
    };
    let faults = "{fault: lost_submit, per_mille: 200}, {fault: duplicate, message: stream, per_mille: 300}, \
                  {fault: stalled_validation, from_ledger: 30, closes: 4}";
    let runs: Vec<(Vec<String>, Value)> = (0..2)
        .map(|_| {
            let folder = Folder::new();
            let run = session(&folder, faults, &["--speed", "max"]).ended(0);
            let report = run.json();
            (lines(&run), report["journal_digest"].clone())
        })
        .collect();
    assert!(runs[0].0.len() > 20, "{:?}", runs[0].0);
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn what_a_session_does_under_each_by_table() {
    for (faults, code, reason, audited) in [
        (
            "{fault: duplicate, message: stream, copies: 2}, {fault: reorder, message: stream, window: 5}, \
             {fault: unknown_message, message: stream}, {fault: unknown_field}, {fault: ledger_backwards, every: 2}",
            0,
            "duration_elapsed",
            0,
        ),
        ("{fault: lost_submit, per_mille: 250}, {fault: not_found, every: 2}", 0, "duration_elapsed", 0),
        (
            "{fault: queued_then_validated, ledgers: 2, per_mille: 300}, {fault: queued_then_dropped, per_mille: 200}",
            0,
            "duration_elapsed",
            0,
        ),
        ("{fault: stalled_validation, from_ledger: 45, closes: 8}", 0, "duration_elapsed", 0),
        ("{fault: provisional_result_changes, per_mille: 400}", 0, "duration_elapsed", 0),
        ("{fault: fee_spike, from_ledger: 45, to_ledger: 55}", 0, "duration_elapsed", 0),
        ("{fault: slow_down, method: submit, every: 4}", 0, "duration_elapsed", 0),
        // A false balance cannot be explained by anything: the session ends, and the evidence does not prove it.
        ("{fault: lying_node, lie: metadata}", 3, "inventory_truth_halt", 1),
        ("{fault: lying_node, lie: balance, from_ledger: 45}", 3, "inventory_truth_halt", 1),
    ] {
        let folder = Folder::new();
        let run = session(&folder, faults, &["--speed", "max"]).ended(code);
        assert_eq!(run.json()["halt_reason"], reason, "{faults}: {}", run.stderr);
        assert!(!told(&run).is_empty(), "{faults}: no fault struck: {}", run.stderr);
        folder.neo(&["audit"]).ended(audited);
        if code == 0 {
            assert_eq!(
                (&run.json()["truth"]["unexplained"], &run.json()["truth"]["verified"]),
                (&"0".into(), &true.into())
            );
            folder.neo(&["replay", "1"]).ended(0);
        }
    }
}

/// The network's price is followed: offers pause above their cap, cancels pay it, and quoting goes on when it is over.
#[test]
fn a_storm_of_fees_is_paid_by_cancels_alone() {
    let folder = Folder::new();
    let faults = "{fault: fee_spike, from_ledger: 90, to_ledger: 105}";
    let run = session(&folder, faults, &["--speed", "max"]).ended(0);
    assert!(run.stderr.contains("open_ledger_fee drops=10000"), "{}", run.stderr);
    let paid = |wanted: &str| {
        let sql = format!(
            "SELECT count(*) FROM submissions WHERE fee_drops = 10000 AND outcome = 'validated_tes' AND {wanted}"
        );
        let db = rusqlite::Connection::open(folder.path().join("data/paper.db")).unwrap();
        db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(paid("intent = 'cancel'") > 0 && paid("intent != 'cancel'") == 0);
    folder.neo(&["audit"]).ended(0);
    folder.neo(&["replay", "1"]).ended(0);
}

#[test]
fn over_a_socket_a_gap_is_filled_and_a_closed_connection_is_followed_by_another() {
    let folder = Folder::new();
    let run = session(&folder, "{fault: ledger_gap, ledgers: 2, every: 20}", &["--speed", "40"]).ended(0);
    assert_eq!((&run.json()["halt_reason"], told(&run)), (&"duration_elapsed".into(), vec!["ledger_gap"]));
    folder.neo(&["audit"]).ended(0);

    // A connection that ends, in the middle of a frame or otherwise, is followed by another one and by back-fill.
    for fault in ["threshold", "cut", "reset"] {
        let folder = Folder::new();
        let faults = format!("{{fault: {fault}, method: submit, every: 6}}");
        proven(&folder, &session(&folder, &faults, &["--speed", "40"]), fault);
    }
}

/// The session ran its time and its books are proven.
fn proven(folder: &Folder, run: &Run, fault: &str) {
    assert_eq!(run.code, Some(0), "{fault}: {}", run.stderr);
    let report = run.json();
    assert_eq!(report["halt_reason"], "duration_elapsed", "{fault}: {}", run.stderr);
    assert!(told(run).contains(&fault), "{fault} never struck: {}", run.stderr);
    assert_eq!(report["truth"]["unexplained"], "0", "{fault}");
    folder.neo(&["audit"]).ended(0);
    folder.neo(&["replay", "1"]).ended(0);
}

/// What the streams did not tell whole is asked for: by the count of a ledger, by the ledgers after it, by silence. At the
/// barrier pace no clock has a part in it, so the same seed gives the same journal.
#[test]
fn lost_messages_and_lost_connections_are_back_filled_at_full_speed() {
    for (fault, faults) in [
        ("drop", "{fault: drop, message: stream, per_mille: 50}"),
        ("drop", "{fault: drop, message: ledgerClosed, every: 3}"),
        ("drop", "{fault: drop, message: transaction, every: 30}"),
        ("ledger_gap", "{fault: ledger_gap, ledgers: 5, every: 20}"),
        ("silent_subscription", "{fault: silent_subscription, from_ledger: 45, to_ledger: 60}"),
        ("silent_subscription", "{fault: silent_subscription, from_ledger: 45}"),
        ("cut", "{fault: cut, message: stream, every: 300}"),
        ("cut", "{fault: cut, method: ledger_accept, every: 20}"),
        ("reset", "{fault: reset, method: account_info, every: 2}"),
        ("threshold", "{fault: threshold, method: submit, every: 6}"),
        ("huge_frame", "{fault: huge_frame, message: transaction, every: 300}"),
        ("partial_json", "{fault: partial_json, message: stream, every: 50}"),
        ("missing_field", "{fault: missing_field, field: meta, message: transaction, every: 50}"),
        ("too_busy", "{fault: too_busy, method: ledger_accept, every: 4}"),
    ] {
        let runs: Vec<Value> = (0..2)
            .map(|_| {
                let folder = Folder::new();
                let run = session(&folder, faults, &["--speed", "max"]);
                proven(&folder, &run, fault);
                run.json()["journal_digest"].clone()
            })
            .collect();
        assert_eq!(runs[0], runs[1], "{faults}");
    }
}

#[test]
fn everybody_has_a_bad_day_and_the_books_are_proven() {
    let folder = Folder::new();
    let text = include_str!("../../../docs/faults.yaml")
        .replace("second_node: 127.0.0.1:6007", "second_node: 127.0.0.1:0");
    folder.file("faults.yaml", &text);
    let args = ["paper", "--duration", "10m", "--json", "--faults", "faults.yaml", "--speed", "max"];
    proven(&folder, &folder.neo(&args), "drop");
}

/// A subscription that dies, and messages that are lost all the time, over a socket with ledgers that close by the clock.
#[test]
fn over_a_socket_lost_messages_are_asked_for() {
    for (fault, faults) in [
        ("drop", "{fault: drop, message: stream, per_mille: 50}"),
        ("silent_subscription", "{fault: silent_subscription, from_ledger: 45}"),
    ] {
        let folder = Folder::new();
        proven(&folder, &session(&folder, faults, &["--speed", "20"]), fault);
    }
}

/// A server that is never there again ends the session with a reason, and the next start goes on.
#[test]
fn a_ledger_that_cannot_be_reached_any_more_is_a_halt() {
    let folder = Folder::new();
    let run = session(
        &folder,
        "{fault: reset, method: ledger_accept}, {fault: cut, method: server_info, from_ledger: 45}",
        &["--speed", "max"],
    )
    .ended(3);
    assert_eq!(run.json()["halt_reason"], "risk_rpc_failure", "{}", run.stderr);
    let next = folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]).ended(0);
    assert_eq!(next.json()["session_id"], 2);
    folder.neo(&["audit"]).ended(0);
}

#[test]
fn a_server_of_another_network_is_refused_before_anything_is_written() {
    let folder = Folder::new();
    let run = session(&folder, "{fault: other_network}", &["--speed", "max"]).ended(4);
    assert!(run.stderr.contains("the ledger is of network Some(1)"), "{}", run.stderr);
    assert_eq!(folder.neo(&["audit", "--json"]).ended(0).json()["sessions"], serde_json::json!([]));
}
