//! A log that is deleted under the living store: it says so within seconds, writes nothing more, and what was committed is
//! in the database. The negative control: without a deletion the same store goes on.
#![cfg(unix)]

mod common;

use common::{input, open, opened, start, step};
use std::time::{Duration, Instant};
use store::{Reader, StoreError};

/// Far more than the watch needs; only a watch that does not look takes so long.
const PATIENCE: Duration = Duration::from_secs(60);
const LONGER_THAN_A_LOOK: Duration = Duration::from_secs(6);

#[test]
fn a_deleted_log_ends_the_store_and_loses_nothing() {
    for is_deleted in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let store = open(&path);
        let (session, effects) = store.open_session(start(), vec![opened(100)]).unwrap();
        drop(effects.into_inner());
        let log = dir.path().join("neo.db-wal");
        assert!(std::fs::metadata(&log).unwrap().len() > 0);
        if is_deleted {
            std::fs::remove_file(&log).unwrap();
        }
        let patience = if is_deleted { PATIENCE } else { LONGER_THAN_A_LOOK };
        let (began, mut rows, mut ended) = (Instant::now(), 1, None);
        while ended.is_none() && began.elapsed() < patience {
            let number = u32::try_from(rows).unwrap();
            match store.commit(vec![(input(number), step(100 + number, Vec::new()))]) {
                Ok(_) => rows += 1,
                Err(StoreError::Stopped(reason)) => ended = Some(reason),
                Err(other) => panic!("{other:?}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        store.close();
        assert_eq!(ended.is_some(), is_deleted, "{ended:?}");
        assert!(ended.is_none_or(|reason| reason.contains("-wal file was deleted")));
        let kept = Reader::open(&path).unwrap().journal_len(session).unwrap();
        assert_eq!(kept, rows, "every commit that was answered; deleted: {is_deleted}");
    }
}
