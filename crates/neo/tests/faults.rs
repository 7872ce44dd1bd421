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
    summary.lines().filter_map(|line| line.split_whitespace().next()).collect()
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
