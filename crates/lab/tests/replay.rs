//! Replay and rebuild against the real engine: a short session on a book written by hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::Path;

use common::crashed::crashed;
use common::identity;
use engine::{Config, Input};
use lab::{Outcome, RebuildError};
use ledger::Hash256;
use rusqlite::Connection;
use store::{OpenMode, Reader, Store};
use units::LedgerIndex;

fn edit(path: &Path, sql: &str) {
    assert!(Connection::open(path).unwrap().execute(sql, []).unwrap() > 0, "{sql}");
}

fn last_digest(reader: &Reader) -> Option<Hash256> {
    let mut last = None;
    reader
        .journal(1, |row| {
            last = row.digest;
            Ok::<(), store::ReadError>(())
        })
        .unwrap();
    last
}

#[test]
fn a_session_is_decided_again_exactly_and_rebuilt_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let mut engine = crashed(&path);
    let reader = Reader::open(&path).unwrap();
    let report = lab::replay(&reader, 1, None).unwrap();
    assert_eq!(report.outcome, Outcome::Identical, "{report}");
    assert!(report.rows > 8 && !report.config_differs, "{report}");
    assert_eq!(report.config_notes, Vec::<String>::new());
    assert_eq!(Some(report.digest), last_digest(&reader));
    assert!(report.to_string().contains(&report.digest.to_string().to_lowercase()));

    let mut rebuilt = lab::rebuild(&reader, 1).unwrap();
    assert_eq!((rebuilt.head, rebuilt.rows), (report.digest, report.rows));
    let next = Input::Stale { wall_seconds: 40 };
    assert_eq!(rebuilt.engine.step(&next), engine.step(&next));
    drop(reader);
    let store = Store::open(&path, &identity(), OpenMode::MustExist).unwrap();
    store.resume_session(1, rebuilt.head, rebuilt.rows).unwrap();
}

#[test]
fn one_edited_value_names_the_first_tick_that_differs_and_both_decisions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    crashed(&path);
    edit(
        &path,
        "UPDATE sessions SET config = replace(config, 'momentum_threshold_bps: 4', 'momentum_threshold_bps: 40')",
    );
    let reader = Reader::open(&path).unwrap();
    let report = lab::replay(&reader, 1, None).unwrap();
    let Outcome::Differs(difference) = &report.outcome else { panic!("{report}") };
    assert_eq!(difference.ledger_index, LedgerIndex(103), "{report}");
    assert!(difference.seq > 0 && difference.recorded != difference.decided, "{report}");
    let text = report.to_string();
    assert!(text.contains("ledger 103") && text.contains("no_sell[momentum"), "{text}");
    assert!(text.contains("recorded:") && text.contains("decided:"), "{text}");
    assert!(matches!(lab::rebuild(&reader, 1), Err(RebuildError::Differs(_))));
}

#[test]
fn another_config_can_be_given_and_one_that_changes_nothing_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    crashed(&path);
    let reader = Reader::open(&path).unwrap();
    let wider = Config::from_pairs([("ask_offset_bps", "20")]).unwrap();
    let report = lab::replay(&reader, 1, Some(wider)).unwrap();
    assert!(matches!(&report.outcome, Outcome::Differs(difference) if difference.seq == 0), "{report}");
    let same = Config::from_pairs([("truth_halt_xrp", "6")]).unwrap();
    let report = lab::replay(&reader, 1, Some(same)).unwrap();
    assert_eq!((report.outcome.clone(), report.config_differs), (Outcome::Identical, true), "{report}");
    edit(&path, "UPDATE sessions SET config = replace(config, 'truth_halt_xrp: 5', 'truth_halt_xrp: 6')");
    let reader = Reader::open(&path).unwrap();
    assert!(matches!(lab::rebuild(&reader, 1), Err(RebuildError::ConfigEdited)));
    let report = lab::replay(&reader, 1, None).unwrap();
    assert_eq!(report.outcome, Outcome::Identical);
    assert!(
        report.to_string().contains("\nnote: in its row, config is not the text of config_hash"),
        "{report}"
    );
    edit(&path, "UPDATE sessions SET config = 'nonsense: 1'");
    let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
    assert!(
        report.to_string().contains("config has 1 lines that are no keys of the engine: nonsense"),
        "{report}"
    );
    assert!(report.to_string().contains("config leaves out"), "{report}");
    edit(&path, "UPDATE sessions SET config = 'bid_offset_bps: NaN'");
    let reader = Reader::open(&path).unwrap();
    assert!(lab::replay(&reader, 1, None).is_err());
}

#[test]
fn a_changed_removed_or_moved_row_is_named_by_table() {
    for (change, row) in [
        (
            "UPDATE journal SET input = CAST(substr(input, 1, length(input) - 1) || x'7f' AS BLOB) WHERE seq = 3",
            3,
        ),
        ("UPDATE journal SET step = x'00' WHERE seq = 2", 2),
        ("UPDATE journal SET digest = prev_digest WHERE seq = 4", 4),
        ("UPDATE journal SET prev_digest = digest WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 2", 3),
        ("DELETE FROM journal WHERE seq = 0", 1),
        ("UPDATE journal SET seq = CASE seq WHEN 1000 THEN 2 ELSE 1000 END WHERE seq = 2", 3),
        (
            "UPDATE sessions SET genesis_digest = replace(genesis_digest, substr(genesis_digest, 1, 4), 'abcd')",
            0,
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        crashed(&path);
        edit(&path, change);
        let reader = Reader::open(&path).unwrap();
        let report = lab::replay(&reader, 1, None).unwrap();
        assert!(
            matches!(&report.outcome, Outcome::Damaged(damage) if damage.seq == row),
            "{change}: {report}"
        );
        assert!(matches!(lab::rebuild(&reader, 1), Err(RebuildError::Damaged(_))), "{change}");
    }
}
