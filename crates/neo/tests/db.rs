//! `neo db` on the files of real sessions: what each command says, refuses and leaves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};
use rusqlite::Connection;
use serde_json::Value;
use std::path::PathBuf;

const SHORT: &[&str] = &["paper", "--duration", "2m", "--speed", "max", "--json"];

fn with_sessions(n: usize) -> Folder {
    let folder = Folder::new();
    for _ in 0..n {
        folder.neo(SHORT).ended(0);
    }
    folder
}

fn db(folder: &Folder) -> PathBuf {
    folder.path().join("data/paper.db")
}

fn spoil(folder: &Folder) -> Vec<u8> {
    let mut bytes = std::fs::read(db(folder)).unwrap();
    bytes[4096 * 2..4096 * 6].fill(0xA5);
    std::fs::write(db(folder), &bytes).unwrap();
    bytes
}

fn listed(folder: &Folder) -> Vec<Value> {
    folder.neo(&["db", "restore", "--json"]).ended(0).json()["backups"].as_array().unwrap().clone()
}

fn name(backup: &Value) -> String {
    let path = PathBuf::from(backup["path"].as_str().unwrap());
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_session_leaves_a_backup_before_and_one_after() {
    let folder = with_sessions(2);
    let mut kinds: Vec<(String, i64)> = listed(&folder)
        .iter()
        .map(|b| (b["kind"].as_str().unwrap().to_owned(), b["last_session"].as_i64().unwrap()))
        .collect();
    kinds.sort();
    assert_eq!(kinds, [("bak".to_owned(), 1), ("post".to_owned(), 1), ("post".to_owned(), 2)]);
    let shown = folder.neo(&["db", "restore"]).ended(0).stdout;
    for part in [
        "after a session",
        "before a session",
        "2 ended 2026-01-01T",
        "neo db restore --db data/paper.db NAME",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_malformed_file_is_refused_checked_restored_and_trades_again() {
    let folder = with_sessions(2);
    let bad = spoil(&folder);
    let refused = folder.neo(SHORT).ended(4).stderr;
    assert!(refused.contains("is damaged") && refused.contains("neo db restore --db"), "{refused}");
    assert_eq!(std::fs::read(db(&folder)).unwrap(), bad, "nothing is overwritten");
    let check = folder.neo(&["db", "check"]).ended(1).stdout;
    assert!(check.contains("WRONG") && check.contains("neo db restore"), "{check}");

    let backups = listed(&folder);
    let first = backups.iter().find(|b| b["last_session"] == 1).unwrap();
    let restored = folder.neo(&["db", "restore", &name(first), "--json"]).ended(0).json();
    assert_eq!((&restored["quick_check"], &restored["sessions"]), (&"ok".into(), &1.into()), "{restored}");
    assert_eq!(restored["lost"][0]["session_id"], 2, "a newer backup names what is lost: {restored}");
    let aside = restored["set_aside"].as_str().unwrap();
    assert!(aside.contains("paper.db.malformed_S2_"), "{aside}");
    assert_eq!(std::fs::read(aside).unwrap(), bad);
    folder.neo(&["db", "check"]).ended(0);
    folder.neo(SHORT).ended(0);
    folder.neo(&["audit"]).ended(0);
}

#[test]
fn what_changes_the_file_is_refused_while_an_engine_runs_and_what_reads_is_not() {
    let folder = with_sessions(1);
    let mut child = folder.command(&["paper", "--speed", "1", "--json"]).spawn().unwrap();
    let began = std::time::Instant::now();
    while !listed_sessions(&folder).iter().any(|session| session["status"] == "running") {
        assert!(began.elapsed().as_secs() < 60, "no session opened");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let newest = name(&listed(&folder)[0]);
    for args in [
        &["db", "restore", newest.as_str()][..],
        &["db", "vacuum"],
        &["db", "backfill-ended-at", "--confirm"],
    ] {
        let run = folder.neo(args).ended(4);
        assert!(run.stderr.contains(&format!("pid {}", child.id())), "{args:?}: {}", run.stderr);
    }
    assert_eq!(folder.neo(&["db", "check", "--json"]).ended(0).json()["in_use"], true);
    let backup = folder.neo(&["db", "backup", "--json"]).ended(0).json();
    assert_eq!((&backup["kind"], &backup["last_session"]), (&"manual".into(), &2.into()), "{backup}");
    folder.neo(&["db", "export", "--out", "out", "--format", "csv"]).ended(0);
    child.kill().unwrap();
    child.wait().unwrap();
    folder.neo(SHORT).ended(0);
    folder.neo(&["audit"]).ended(0);
}

/// The sessions; none while the file is being made.
fn listed_sessions(folder: &Folder) -> Vec<Value> {
    let run = folder.neo(&["session", "list", "--json"]);
    if run.code != Some(0) {
        return Vec::new();
    }
    run.json()["sessions"].as_array().unwrap().clone()
}

/// The table of sessions is gone when the session is to be closed: an ERROR with its cause and a code that is not zero.
#[cfg(unix)]
#[test]
fn a_failing_close_is_an_error_and_an_exit_code() {
    for fails in [true, false] {
        let folder = Folder::new();
        let mut child = folder
            .command(&["paper", "--speed", "20", "--json"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let began = std::time::Instant::now();
        while listed_sessions(&folder).is_empty() {
            assert!(began.elapsed().as_secs() < 60, "no session opened");
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        if fails {
            let other = Connection::open(db(&folder)).unwrap();
            other.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            other.execute_batch("ALTER TABLE sessions RENAME TO gone").unwrap();
        }
        let sent =
            std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(i32::from(fails)), "{}", run.stderr);
        assert_eq!(run.stderr.contains("ERROR session_close_failed"), fails, "{}", run.stderr);
    }
}

/// What halted the last session is never shown of the next one.
#[cfg(unix)]
#[test]
fn a_fresh_start_does_not_show_the_last_halt() {
    let folder = with_sessions(1);
    let state = |key: &str| {
        let read = store::Reader::open(&db(&folder)).and_then(|reader| reader.engine_state(key));
        read.ok().flatten().unwrap_or_default()
    };
    assert_eq!(
        (state("halt.reason").as_str(), state("engine_status").as_str()),
        ("duration_elapsed", "STOPPED")
    );
    let mut child = folder.command(&["paper", "--speed", "5", "--json"]).spawn().unwrap();
    let began = std::time::Instant::now();
    while state("engine_status") != "RUNNING" {
        assert!(began.elapsed().as_secs() < 60, "no session opened");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!((state("halt.reason"), state("halt.detail")), (String::new(), String::new()));
    let running = listed_sessions(&folder).pop().unwrap();
    assert_eq!((&running["halt_reason"], &running["ended_at"]), (&Value::Null, &Value::Null), "{running}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_export_has_every_row_in_both_forms_and_overwrites_nothing() {
    let folder = with_sessions(1);
    let told = folder.neo(&["db", "export", "--out", "out", "--json"]).ended(0).json();
    let connection = Connection::open(db(&folder)).unwrap();
    for (table, rows) in told["rows"].as_object().unwrap() {
        let counted: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows.as_i64(), Some(counted), "{table}");
        let parquet = std::fs::read(folder.path().join(format!("out/{table}.parquet"))).unwrap();
        assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"), "{table}");
    }
    let value: String =
        connection.query_row("SELECT ending_value FROM sessions", [], |row| row.get(0)).unwrap();
    let csv = std::fs::read_to_string(folder.path().join("out/sessions.csv")).unwrap();
    assert!(csv.starts_with("session_id,") && csv.contains(&format!(",{value},")), "{value} in {csv}");
    let before = folder.contents();
    let run = folder.neo(&["db", "export", "--out", "out"]).ended(4);
    assert!(run.stderr.contains("not overwritten"), "{}", run.stderr);
    assert!(folder.contents() == before);
    assert!(
        folder.neo(&["db", "export", "--out", "x", "--table", "nope"]).ended(2).stderr.contains("journal")
    );
}

#[test]
fn backfill_shows_first_and_writes_when_confirmed() {
    let folder = with_sessions(1);
    Connection::open(db(&folder))
        .unwrap()
        .execute_batch("UPDATE sessions SET ended_at = NULL, closed_by = NULL, status = 'unclosed'")
        .unwrap();
    let before = folder.contents();
    let dry = folder.neo(&["db", "backfill-ended-at"]).ended(0).stdout;
    assert!(dry.contains("from its last row in") && dry.contains("--confirm writes them"), "{dry}");
    assert!(folder.contents() == before, "a dry run writes nothing");
    let told = folder.neo(&["db", "backfill-ended-at", "--confirm", "--json"]).ended(0).json();
    assert_eq!((&told["changed"], &told["dry_run"]), (&1.into(), &false.into()), "{told}");
    assert_eq!(listed_sessions(&folder)[0]["closed_by"], "backfill");
    let validated = folder.neo(&["db", "backfill-ended-at", "--validate", "--json"]).ended(0).json();
    assert_eq!(validated["sessions"], 0, "what was backfilled validates nothing: {validated}");
    folder.neo(SHORT).ended(0);
    let validated = folder.neo(&["db", "backfill-ended-at", "--validate", "--json"]).ended(0).json();
    assert_eq!((&validated["sessions"], &validated["max_seconds"]), (&1.into(), &0.into()), "{validated}");
}

/// A restore killed at any moment: the next start finishes it or begins on what was there, and trades.
#[cfg(unix)]
#[test]
fn a_restore_that_is_killed_is_finished_by_the_next_start() {
    let folder = with_sessions(2);
    let first = listed(&folder).iter().find(|b| b["last_session"] == 1).map(name).unwrap();
    for kill in 0..8u64 {
        let mut child = folder
            .command(&["db", "restore", &first])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
        folder.neo(SHORT).ended(0);
        folder.neo(&["db", "check"]).ended(0);
    }
    folder.neo(&["audit"]).ended(0);
}

/// A backup killed at any moment: what has a backup's name is whole, and the next start takes the rest away.
#[cfg(unix)]
#[test]
fn a_backup_that_is_killed_leaves_nothing_that_looks_like_one() {
    let folder = with_sessions(1);
    for kill in 0..12u64 {
        let mut child = folder
            .command(&["db", "backup"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(3 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    folder.neo(SHORT).ended(0);
    let names: Vec<String> = std::fs::read_dir(folder.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains(".tmp")), "{names:?}");
    for backup in listed(&folder) {
        let name = format!("data/{}", name(&backup));
        assert_eq!(folder.neo(&["db", "check", "--db", &name]).code, Some(0), "{name}");
        assert!(backup["sha256"].is_string(), "{backup}");
    }
}

/// The same at each of its moves, where the machine has strace(1) to kill it there: the next start trades, on the backup
/// once the plan was written, else on what was there.
#[cfg(target_os = "linux")]
#[test]
fn a_restore_that_is_killed_at_any_of_its_moves_is_finished_by_the_next_start() {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIPPED: there is no strace here, so nothing was killed between two moves");
        return;
    }
    for rename in 1..=3 {
        let folder = with_sessions(2);
        let first = listed(&folder).iter().find(|b| b["last_session"] == 1).map(name).unwrap();
        let kill = format!("inject=rename:signal=SIGKILL:when={rename}");
        let status = std::process::Command::new("strace")
            .args(["-f", "-qq", "-o", "trace", "-e", "trace=rename", "-e", &kill])
            .args([env!("CARGO_BIN_EXE_neo"), "db", "restore", &first])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(!status.status.success(), "it was to be killed at rename {rename}");
        let is_planned = folder.path().join("data/paper.db.restore").exists();
        assert_eq!(is_planned, rename > 1, "the first rename is that of the plan");
        if is_planned {
            let told = folder.neo(&["session", "list"]).ended(4).stderr;
            assert!(told.contains("was interrupted") && told.contains("neo db restore"), "{told}");
        }
        folder.neo(SHORT).ended(0);
        folder.neo(&["db", "check"]).ended(0);
        assert_eq!(listed_sessions(&folder).len(), if is_planned { 2 } else { 3 }, "rename {rename}");
        folder.neo(&["audit"]).ended(0);
    }
}
