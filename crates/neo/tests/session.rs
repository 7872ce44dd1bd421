//! Whole sessions of the real binary: proven to the end, repeatable, decided again, audited.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, shared_data};
use serde_json::Value;

const SHORT: &[&str] = &["paper", "--duration", "10m", "--speed", "max", "--json"];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

#[track_caller]
fn is_proven(report: &Value) {
    assert_eq!(report["format"], 1);
    assert_eq!(report["halt_reason"], "duration_elapsed", "{report}");
    assert_eq!(report["status"], "closed");
    assert!(report["ended_at"].is_string());
    assert_eq!(report["truth"]["delta_xrp"], "0", "{report}");
    assert_eq!(report["truth"]["delta_rlusd"], "0", "{report}");
    assert_eq!(report["truth"]["unexplained"], "0", "{report}");
    assert_eq!(report["truth"]["verified"], true);
}

#[test]
fn a_first_session_needs_nothing_and_ends_proven() {
    let folder = Folder::new();
    let report = folder.neo(SHORT).ended(0).json();
    is_proven(&report);
    assert!(report["buys"].as_u64().unwrap() > 0, "{report}");
    assert!(report["sells"].as_u64().unwrap() > 0, "{report}");
    let shown = folder.neo(&["session", "show", "--json"]).ended(0).json();
    for key in ["fills", "halt_reason", "journal_digest", "start", "end", "truth"] {
        assert_eq!(shown[key], report[key], "{key}");
    }
    folder.neo(&["audit"]).ended(0);
    assert!(folder.neo(&["session", "list"]).ended(0).stdout.contains("duration_elapsed"));
}

#[test]
fn one_seed_is_one_session_and_another_seed_another() {
    let folder = Folder::new();
    let digest = |seed: &str, db: &str| {
        let report = folder.neo(&with(SHORT, &["--seed", seed, "--db", db])).ended(0).json();
        report["journal_digest"].as_str().unwrap().to_owned()
    };
    let first = digest("7", "a.db");
    assert_eq!(first, digest("7", "a.db"), "the same database again");
    assert_eq!(first, digest("7", "elsewhere/b.db"), "another database");
    assert_ne!(first, digest("8", "a.db"), "another seed");
    let replay = folder.neo(&["replay", "1", "--db", "a.db", "--json"]).ended(0).json();
    assert_eq!(replay["journal_digest"], first.as_str());
    folder.neo(&["audit", "--db", "a.db"]).ended(0);
}

#[test]
fn a_changed_decision_is_named_with_both_sides() {
    let folder = Folder::new();
    folder.neo(SHORT).ended(0);
    let config = folder.file("other.yaml", "bid_offset_bps: 11.0\n");
    let run = folder.neo(&["replay", "1", "--config", config.to_str().unwrap()]).ended(1);
    for word in ["first difference", "ledger", "recorded:", "decided:"] {
        assert!(run.stdout.contains(word), "{word} in {}", run.stdout);
    }
    folder.neo(&["replay", "1"]).ended(0);
}

#[test]
fn real_prices_give_a_proven_session() {
    let Some(data) = shared_data() else { return };
    let folder = Folder::new();
    let market =
        format!("candles:{}", data.join("market/binance_spot_XRPUSDT_1m_20260323_20260407.csv").display());
    let report = folder.neo(&with(SHORT, &["--market", &market, "--seed", "7"])).ended(0).json();
    is_proven(&report);
    assert!(report["started_at"].as_str().unwrap().starts_with("2026-03-23"), "{report}");
    folder.neo(&["audit"]).ended(0);
}

#[test]
fn a_session_by_the_clock_over_a_socket_is_proven_too() {
    let folder = Folder::new();
    let report = folder.neo(&["paper", "--duration", "3m", "--speed", "60", "--json"]).ended(0).json();
    is_proven(&report);
    folder.neo(&["replay", "1"]).ended(0);
    folder.neo(&["audit"]).ended(0);
}
