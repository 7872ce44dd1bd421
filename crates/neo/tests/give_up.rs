//! A session that was killed and whose ledger is gone, as after restoring an old backup: the start is refused and says
//! the way on, which keeps its rows and begins anew. The control: with its ledger there, it is recovered all the same.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use std::process::Stdio;
use std::time::{Duration, Instant};

const NEXT: [&str; 6] = ["paper", "--duration", "5m", "--speed", "max", "--json"];

/// A folder with session 1 killed after it had placed something.
fn killed() -> Folder {
    let folder = Folder::new();
    let mut child = folder
        .command(&["paper", "--duration", "30m", "--speed", "20", "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while orders(&folder) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing was placed within 60 s");
        std::thread::sleep(Duration::from_millis(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    folder
}

fn orders(folder: &Folder) -> i64 {
    let run = folder.neo(&["session", "list", "--json"]);
    if run.code != Some(0) {
        return 0;
    }
    let count = |db: &std::path::Path| {
        rusqlite::Connection::open_with_flags(db, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|db| db.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)))
            .unwrap_or(0)
    };
    count(&folder.path().join("data/paper.db"))
}

#[test]
fn a_session_whose_ledger_is_gone_can_be_given_up() {
    let folder = killed();
    let ledger = folder.path().join("data/paper.db.ledger");
    std::fs::rename(&ledger, folder.path().join("elsewhere")).unwrap();

    for other in [&[][..], &["--give-up", "2"]] {
        let refused = folder.neo(&[&NEXT[..], other].concat()).ended(4);
        assert!(refused.stderr.contains("--give-up 1 marks the session abandoned"), "{}", refused.stderr);
        let is_noted = refused.stderr.contains("nothing is given up for --give-up 2");
        assert_eq!(is_noted, !other.is_empty(), "{}", refused.stderr);
    }
    let placed = orders(&folder);
    assert!(placed > 0);

    let report = folder.neo(&[&NEXT[..], &["--give-up", "1"]].concat()).ended(0).json();
    assert_eq!(report["session_id"], 2, "{report}");
    let sessions = folder.neo(&["session", "list", "--json"]).ended(0).json();
    let first = &sessions["sessions"][0];
    assert_eq!((&first["status"], &first["closed_by"]), (&"abandoned".into(), &"recovery".into()), "{first}");
    let listed = folder.neo(&["session", "list"]).ended(0).stdout;
    let line = listed.lines().nth(1).unwrap();
    assert!(line.contains("abandoned") && !line.contains("recovered_after_crash"), "{listed}");
    assert!(orders(&folder) >= placed, "its rows are kept");
    let audit = folder.neo(&["audit"]);
    assert_eq!(audit.code, Some(0), "{}{}", audit.stdout, audit.stderr);
    let noted = folder.neo(&[&NEXT[..], &["--give-up", "1"]].concat()).ended(0).stderr;
    assert!(noted.contains("nothing is given up for --give-up 1: no session was left unfinished"), "{noted}");
    let slip = folder.neo(&[&NEXT[..], &["--give-up", "99"]].concat()).ended(2).stderr;
    assert!(slip.contains("there is no session 99, the last one is 3"), "{slip}");
    let not_asked = folder.neo(&NEXT).ended(0).stderr;
    assert!(!not_asked.contains("nothing is given up"), "{not_asked}");
}

#[test]
fn a_session_that_can_be_recovered_is_not_given_up() {
    let folder = killed();
    folder.neo(&[&NEXT[..], &["--give-up", "1"]].concat()).ended(0);
    let sessions = folder.neo(&["session", "list", "--json"]).ended(0).json();
    let first = &sessions["sessions"][0];
    assert_eq!(
        (&first["status"], &first["halt_reason"]),
        (&"closed".into(), &"recovered_after_crash".into())
    );
}

/// The ledger of the recovered session makes way for the one of the other seed, and its clock ends with it: no failure.
#[test]
fn a_healthy_start_with_another_seed_after_a_recovery_logs_no_error() {
    let folder = killed();
    let run = folder.neo(&["paper", "--duration", "3m", "--speed", "100", "--seed", "2", "--json"]).ended(0);
    assert!(!run.stderr.contains("ERROR"), "{}", run.stderr);
    assert_eq!(run.json()["session_id"], 2, "{}", run.stdout);
}
