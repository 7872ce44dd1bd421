//! `--nodes 2`: a session that listens to two nodes of its network. What only one of them says is never accounted for; one
//! that fails or lies is left for the other; when they contradict each other the session ends, and says what each says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};

/// A session of some minutes on two nodes, with these faults (a YAML list).
fn session(folder: &Folder, faults: &str) -> Run {
    let is_about_second = faults.contains("node: 2") || faults.contains("two_nodes");
    let head = if is_about_second { "second_node: 127.0.0.1:0\n" } else { "" };
    folder.file("faults.yaml", &format!("seed: 5\n{head}faults: [{faults}]\n"));
    folder.neo(&[
        "paper",
        "--duration",
        "4m",
        "--json",
        "--speed",
        "40",
        "--nodes",
        "2",
        "--faults",
        "faults.yaml",
    ])
}

#[test]
fn one_node_may_lie_go_away_or_fall_behind() {
    for (faults, noticed) in [
        ("{fault: duplicate, node: 2}", ""),
        // The same lie ends a session that has nobody else to ask (`faults.rs`).
        ("{fault: lying_node, lie: metadata, node: 1}", "fault lying_node: ledger 9"),
        ("{fault: endpoint_down, node: 1, from_ledger: 50}", "connected again"),
        ("{fault: endpoint_down, node: 2, from_ledger: 50}", "witness_lost"),
        ("{fault: stale_node, node: 1, from_ledger: 50}", "connected again"),
        ("{fault: stale_node, node: 2, from_ledger: 50}", "node_silent"),
    ] {
        let folder = Folder::new();
        let run = session(&folder, faults).ended(0);
        let report = run.json();
        assert_eq!(report["halt_reason"], "duration_elapsed", "{faults}: {}", run.stderr);
        assert_eq!(report["truth"]["unexplained"], "0", "{faults}");
        assert!(report["fills"].as_u64() > Some(0), "{faults}: nothing was filled: {report}");
        assert!(run.stderr.contains(noticed), "{faults}: {}", run.stderr);
        folder.neo(&["audit"]).ended(0);
        folder.neo(&["replay", "1"]).ended(0);
    }
}

#[test]
fn two_nodes_that_contradict_each_other_end_the_session_and_neither_is_booked() {
    let folder = Folder::new();
    let run = session(&folder, "{fault: two_nodes_disagree, from_ledger: 60}").ended(3);
    let report = run.json();
    assert_eq!(report["halt_reason"], "node_disagreement", "{}", run.stderr);
    assert!(run.stderr.contains("node_disagreement: ledger 61: ws://"), "{}", run.stderr);
    assert!(run.stderr.matches(" says ").count() >= 2, "{}", run.stderr);
    let audit = folder.neo(&["audit"]).ended(0);
    assert!(audit.stdout.contains("PROVEN"), "{}", audit.stdout);
    // The last ledger accounted for is the last that both had.
    let show = folder.neo(&["replay", "1"]).ended(0);
    assert!(!show.stdout.is_empty());
    // Without the quarrel the next session goes on with the same ledger, and finds what became of the offers.
    folder.neo(&["paper", "--duration", "3m", "--speed", "max"]).ended(0);
    let audit = folder.neo(&["audit"]).ended(0);
    assert!(audit.stdout.contains("PROVEN: 2 sessions"), "{}", audit.stdout);
}

#[test]
fn nodes_need_a_clock_and_there_are_two() {
    let folder = Folder::new();
    let refused = folder.neo(&["paper", "--nodes", "2", "--speed", "max"]).ended(2);
    assert!(refused.stderr.contains("--nodes 2 needs ledgers that close by the clock"), "{}", refused.stderr);
    folder.neo(&["paper", "--nodes", "3"]).ended(2);
    assert!(folder.contents().is_empty(), "nothing was written");
}
