//! A restart from a checkpoint gives what a restart from the whole journal gives, and one that cannot be used costs time
//! and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::{Path, PathBuf};

use common::crashed::{batch, crashed_with};
use common::identity;
use engine::{Engine, HaltReason, Input, StopInput, journal};
use lab::{Outcome, RebuildError};
use rusqlite::{Connection, params};
use store::{OpenMode, Reader, Store};
use tempfile::TempDir;

/// A session with checkpoints after some of its batches; the last two are kept.
fn session(checkpoints: &[usize]) -> (TempDir, PathBuf, Engine) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let engine = crashed_with(&path, checkpoints);
    (dir, path, engine)
}

fn change(path: &Path, sql: &str) {
    assert!(Connection::open(path).unwrap().execute(sql, []).unwrap() > 0, "{sql}");
}

/// Rows after which checkpoints stand, the newest first.
fn stand(path: &Path) -> Vec<i64> {
    let checkpoints = Reader::open(path).unwrap().journal_checkpoints(1).unwrap();
    checkpoints.iter().map(|checkpoint| checkpoint.seq).collect()
}

/// Puts another state in a checkpoint's place, with the digest that goes with it.
fn forge(path: &Path, seq: i64, state: &[u8]) {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT journal_digest FROM journal_checkpoints WHERE seq = ?1";
    let row: String = connection.query_row(sql, [seq], |row| row.get(0)).unwrap();
    let digest = journal::link_checkpoint(&row.parse().unwrap(), state).to_string().to_lowercase();
    let sql = "UPDATE journal_checkpoints SET state = ?2, digest = ?3 WHERE seq = ?1";
    assert_eq!(connection.execute(sql, params![seq, state, digest]).unwrap(), 1);
}

/// Restarts as the program does and from the whole journal: both are the same engine at the same place. Gives the rows
/// that were not decided again, and what was set aside.
fn restarted(path: &Path) -> (i64, Vec<String>) {
    let reader = Reader::open(path).unwrap();
    let whole = lab::rebuild(&reader, 1).unwrap();
    let quick = lab::restart(&reader, 1).unwrap();
    assert_eq!((quick.head, quick.rows, whole.taken), (whole.head, whole.rows, 0));
    assert_eq!(quick.engine.checkpoint().unwrap(), whole.engine.checkpoint().unwrap());
    (quick.taken, quick.set_aside)
}

#[test]
fn a_restart_from_a_checkpoint_is_one_from_the_whole_journal() {
    for checkpoints in [&[1_usize][..], &[3], &[7], &[1, 2], &[1, 2, 3, 4, 5, 6, 7]] {
        let (_dir, path, engine) = session(checkpoints);
        let (taken, set_aside) = restarted(&path);
        assert_eq!(set_aside, Vec::<String>::new());
        let last = stand(&path)[0];
        assert_eq!(taken, last + 1, "{checkpoints:?}");
        assert_eq!(stand(&path).len(), checkpoints.len().min(2));
        let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
        assert_eq!((report.outcome, report.checkpoint_problems), (Outcome::Identical, vec![]));

        let rebuilt = lab::restart(&Reader::open(&path).unwrap(), 1).unwrap();
        assert_eq!(rebuilt.engine.checkpoint().unwrap(), engine.checkpoint().unwrap());
    }
}

/// The session goes on from there to its end, and its journal is decided again from the first row on.
#[test]
fn what_is_gone_on_with_is_proven_from_the_first_row_and_leaves_no_checkpoint() {
    let (_dir, path, _) = session(&[2, 4]);
    let rebuilt = lab::restart(&Reader::open(&path).unwrap(), 1).unwrap();
    let store = Store::open(&path, &identity(), OpenMode::MustExist).unwrap();
    store.resume_session(1, rebuilt.head, rebuilt.rows).unwrap();
    let mut engine = rebuilt.engine;
    let reason = HaltReason::OperatorStop;
    let stop = Input::Stop(StopInput { reason, detail: String::new(), verify: false });
    let last = batch(&mut engine, stop);
    assert!(engine.is_closed());
    store.commit(last).unwrap().into_inner();
    store.close();
    assert_eq!(stand(&path), Vec::<i64>::new());
    let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
    assert_eq!(report.outcome, Outcome::Identical, "{report}");
}

/// Each way to spoil the newest of two: the one before it counts, and where both are spoiled the journal does.
#[test]
fn a_checkpoint_that_cannot_be_used_is_set_aside() {
    for (spoil, why) in [
        ("state = x'00'", "not that of its digest"),
        ("state = substr(state, 1, length(state) - 1)", "not that of its digest"),
        ("digest = (SELECT digest FROM journal LIMIT 1)", "not that of its digest"),
        ("digest = 'no digest'", "not that of its digest"),
        ("journal_digest = 'no digest'", "it names no row"),
        ("journal_digest = (SELECT digest FROM journal LIMIT 1)", "its row is another one"),
        ("seq = seq + 1000", "its row is another one"),
    ] {
        let (_dir, path, _) = session(&[3, 5]);
        let before = stand(&path)[1];
        let newest = "WHERE seq = (SELECT max(seq) FROM journal_checkpoints)";
        change(&path, &format!("UPDATE journal_checkpoints SET {spoil} {newest}"));
        let (taken, set_aside) = restarted(&path);
        assert_eq!((taken, set_aside.len()), (before + 1, 1), "{spoil}: {set_aside:?}");
        assert!(set_aside[0].contains(why), "{spoil}: {set_aside:?}");
        let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
        assert_eq!(report.outcome, Outcome::Identical, "{spoil}");
        assert!(report.checkpoint_problems[0].contains(why), "{spoil}: {report}");
        assert!(report.to_string().contains("WRONG: the checkpoint after row"), "{report}");
        let found = store::check(&path, false).unwrap();
        let finding = found.findings.iter().find(|finding| finding.what == "checkpoints").unwrap();
        assert!(finding.wrong.as_ref().is_some_and(|wrong| wrong.contains(why)), "{spoil}: {finding:?}");

        change(&path, "UPDATE journal_checkpoints SET digest = 'no digest'");
        let (taken, set_aside) = restarted(&path);
        assert_eq!((taken, set_aside.len()), (0, 2), "{spoil}");
    }
    let (_dir, path, _) = session(&[3]);
    change(&path, "DELETE FROM journal_checkpoints");
    assert_eq!(restarted(&path), (0, Vec::new()));
}

/// With a digest that goes with it, what is wrong shows in what follows, or in a replay.
#[test]
fn a_forged_checkpoint_is_found() {
    let (_dir, path, engine) = session(&[2, 4]);
    let (newest, before) = (stand(&path)[0], stand(&path)[1]);
    let reader = Reader::open(&path).unwrap();
    let old = reader.journal_checkpoints(1).unwrap()[1].state.clone();
    drop(reader);
    // What it knew two ledgers before: the next ledger does not follow.
    forge(&path, newest, &old);
    let (taken, set_aside) = restarted(&path);
    assert_eq!((taken, set_aside.len()), (before + 1, 1), "{set_aside:?}");
    assert!(set_aside[0].contains("this version decides otherwise"), "{set_aside:?}");
    let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
    let what = format!("the checkpoint after row {newest} is not what the replay gives there");
    assert_eq!((report.outcome, report.checkpoint_problems), (Outcome::Identical, vec![what]));

    // Another version's: nothing is wrong with it, and nobody reads it.
    let mut other = engine.checkpoint().unwrap();
    let end = other.iter().position(|byte| *byte == b'\n').unwrap();
    other[end - 1] = b'x';
    forge(&path, newest, &other);
    let (taken, set_aside) = restarted(&path);
    assert_eq!(taken, before + 1);
    assert!(set_aside[0].contains("it is of version") && set_aside[0].contains('x'), "{set_aside:?}");
    let report = lab::replay(&Reader::open(&path).unwrap(), 1, None).unwrap();
    assert_eq!(report.checkpoint_problems, Vec::<String>::new());
}

/// What comes after a checkpoint is proven as ever; what comes before it is proven by the replay, not by the restart.
#[test]
fn the_rows_after_it_are_proven() {
    let (_dir, path, _) = session(&[3]);
    change(&path, "UPDATE journal SET step = x'00' WHERE seq = (SELECT max(seq) FROM journal)");
    let reader = Reader::open(&path).unwrap();
    assert!(matches!(lab::restart(&reader, 1), Err(RebuildError::Damaged(_))));

    let (_dir, path, _) = session(&[3]);
    change(&path, "DELETE FROM journal WHERE seq = (SELECT max(seq) - 1 FROM journal)");
    let reader = Reader::open(&path).unwrap();
    assert!(matches!(lab::restart(&reader, 1), Err(RebuildError::Damaged(_))));

    let (_dir, path, _) = session(&[3]);
    change(&path, "UPDATE journal SET step = x'00' WHERE seq = 0");
    let reader = Reader::open(&path).unwrap();
    assert_eq!(lab::restart(&reader, 1).unwrap().taken, stand(&path)[0] + 1);
    let report = lab::replay(&reader, 1, None).unwrap();
    assert!(matches!(report.outcome, Outcome::Damaged(_)), "{report}");
    assert!(
        store::check(&path, false).unwrap().findings.iter().any(|f| f.what == "journal" && f.wrong.is_some())
    );
}

/// The configuration is that of the session's row: edited, it is refused as ever.
#[test]
fn an_edited_configuration_is_refused() {
    let (_dir, path, _) = session(&[3]);
    let edited = "replace(config, 'momentum_threshold_bps: 4', 'momentum_threshold_bps: 40')";
    change(&path, &format!("UPDATE sessions SET config = {edited}"));
    assert!(matches!(lab::restart(&Reader::open(&path).unwrap(), 1), Err(RebuildError::Differs(_))));
}
