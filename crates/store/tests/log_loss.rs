//! A log that was changed after a kill: acknowledged commits that cannot be read are told, never passed over. The
//! control beside each: what a power cut may leave, and the log as it was, say nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::{Path, PathBuf};

use common::logged::Logged;
use common::{input, open, opened, start, step};
use store::check;

const FRAME: usize = 24 + 4096;

fn wal(db: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", db.display()))
}

/// A killed engine's files, with twenty commits in the log.
fn killed(db: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("neo.db");
    let store = open(&live);
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    for n in 1..=20 {
        store.commit(vec![(input(n), step(100 + n, Vec::new()))]).unwrap().into_inner();
    }
    std::fs::copy(&live, db).unwrap();
    std::fs::copy(wal(&live), wal(db)).unwrap();
    drop(store);
}

/// Where the frames of the last commit begin: behind the last but one that ends a transaction.
fn last_commit(log: &[u8]) -> usize {
    let ends = (32..log.len()).step_by(FRAME).filter(|at| log[at + 4..at + 8] != [0; 4]);
    let ends: Vec<usize> = ends.collect();
    ends[ends.len() - 2] + FRAME
}

type Deed = fn(&mut Vec<u8>);

#[test]
fn a_changed_log_is_told_by_table() {
    let rows: [(&str, Deed, Option<&str>); 8] = [
        ("as it was", |_| (), None),
        ("one bit in the middle", |log| log[32 + 9 * FRAME + 100] ^= 1, Some("cannot be read")),
        (
            "a page of the middle torn",
            |log| log[32 + 9 * FRAME + 600..32 + 10 * FRAME].fill(0),
            Some("cannot be read"),
        ),
        ("the header zeroed", |log| log[..32].fill(0), Some("its header does not read")),
        ("random bytes", |log| log.fill(0xA5), Some("its header does not read")),
        (
            "the last commit torn",
            |log| {
                let at = last_commit(log);
                log[at + 100] ^= 1;
            },
            None,
        ),
        ("the last commit half there", |log| log.truncate(last_commit(log) + FRAME / 2), None),
        ("old frames behind the end", |log| log.extend_from_slice(&[7; 3 * FRAME]), None),
    ];
    for (name, deed, told) in rows {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("neo.db");
        killed(&db);
        let mut log = std::fs::read(wal(&db)).unwrap();
        deed(&mut log);
        std::fs::write(wal(&db), &log).unwrap();

        let report = check(&db, false).unwrap();
        let found = report.findings.iter().find(|finding| finding.what == "log").unwrap().wrong.clone();
        match told {
            None => assert!(report.is_sound(), "{name}: {report:?}"),
            Some(words) => {
                assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{name}: {found:?}")
            }
        }
        let heard = Logged::new();
        heard.during(|| open(&db).close());
        let errors = heard.lines("ERROR", "the log is damaged");
        assert_eq!(errors.len(), usize::from(told.is_some()), "{name}: {errors:?}");
        let kept: Vec<PathBuf> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains(".damaged_log_"))
            .collect();
        assert_eq!(kept.len(), usize::from(told.is_some()), "{name}: {kept:?}");
        assert!(kept.iter().all(|path| std::fs::read(path).unwrap() == log), "{name}: kept as it was found");
        assert!(check(&db, false).unwrap().is_sound(), "{name}: what is before it is used");
    }
}
