//! Killed at any moment, the next start recovers by itself; signals end a session in order.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};
use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How many times the program is killed in one test run.
const KILLS: usize = 50;
/// The moments: repeat with the same number.
const SEED: u64 = 20_261_121;

/// xorshift64: moments only, nothing that decides.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn start(folder: &Folder, speed: &str) -> Child {
    folder
        .command(&["paper", "--duration", "30m", "--speed", speed, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn sessions(folder: &Folder) -> Vec<Value> {
    let list = folder.neo(&["session", "list", "--json"]).ended(0).json();
    list["sessions"].as_array().unwrap().clone()
}

#[test]
fn fifty_kills_and_the_books_still_balance() {
    let folder = Folder::new();
    let mut state = SEED;
    for kill in 0..KILLS {
        // Mostly mid-session, by the clock or at full speed; every third time at any moment from the start on, so that
        // opening and recovering are hit too.
        let speed = if kill.is_multiple_of(2) { "max" } else { "100" };
        let moment = Duration::from_millis(next(&mut state) % 900);
        let log = folder.file("log", "");
        let mut child = folder
            .command(&["-v", "paper", "--duration", "30m", "--speed", speed, "--json"])
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        if !kill.is_multiple_of(3) {
            wait_for_line(&log, "to=ACTIVE reason=start");
        }
        std::thread::sleep(moment);
        child.kill().unwrap();
        let mut run = Run::of(child.wait_with_output().unwrap());
        run.stderr = std::fs::read_to_string(&log).unwrap();
        assert!(
            !run.stderr.contains("panicked"),
            "seed {SEED}, kill {kill} after {moment:?}: {}",
            run.stderr
        );
        assert!(
            run.code.is_none() || run.code == Some(0),
            "seed {SEED}, kill {kill} after {moment:?}: ended by itself with {:?}: {}",
            run.code,
            run.stderr
        );
    }
    let last = folder.neo(&["paper", "--duration", "5m", "--speed", "max", "--json"]).ended(0).json();
    assert_eq!(last["truth"]["unexplained"], "0", "seed {SEED}: {last}");
    let sessions = sessions(&folder);
    let recovered = sessions.iter().filter(|s| s["halt_reason"] == "recovered_after_crash").count();
    // At full speed a session may end by itself within the moment.
    assert!(
        recovered >= 15,
        "seed {SEED}: only {recovered} of {} sessions were killed while open",
        sessions.len()
    );
    for session in &sessions {
        assert_eq!(session["status"], "closed", "seed {SEED}: {session}");
        let by = if session["halt_reason"] == "recovered_after_crash" { "recovery" } else { "engine" };
        assert_eq!(session["closed_by"], by, "seed {SEED}: {session}");
    }
    let audit = folder.neo(&["audit"]);
    assert_eq!(audit.code, Some(0), "seed {SEED}: {}{}", audit.stdout, audit.stderr);
    folder.neo(&["replay", "1"]).ended(0);
}

/// Waits until a log says something.
fn wait_for_line(log: &std::path::Path, text: &str) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        if std::fs::read_to_string(log).unwrap().contains(text) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("`{text}` was not logged within 60 s");
}

/// Waits until the first session has placed something.
fn wait_for_orders(folder: &Folder) {
    wait_for_session(folder, 1);
}

/// Waits until a session of that number has placed something, seen from outside through the read side.
fn wait_for_session(folder: &Folder, number: usize) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(300));
        let run = folder.neo(&["session", "list", "--json"]);
        if run.code == Some(0) && run.json()["sessions"].as_array().is_some_and(|s| s.len() >= number) {
            std::thread::sleep(Duration::from_millis(1500));
            return;
        }
    }
    panic!("no session opened within 30 s");
}

#[test]
fn the_first_interrupt_ends_in_order_and_the_second_at_once() {
    let folder = Folder::new();
    let child = start(&folder, "20");
    wait_for_orders(&folder);
    signal(&child, "-INT");
    let report = Run::of(child.wait_with_output().unwrap()).ended(0).json();
    assert_eq!(report["halt_reason"], "interrupted_sigint", "{report}");
    assert_eq!(report["truth"]["verified"], true, "offers seen gone: {report}");
    assert!(report["orders"].as_u64().unwrap() > 0, "{report}");

    let child = start(&folder, "1");
    wait_for_session(&folder, 2);
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(600));
    signal(&child, "-INT");
    let run = Run::of(child.wait_with_output().unwrap()).ended(130);
    assert!(run.stderr.contains("next start recovers"), "{}", run.stderr);

    folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]).ended(0);
    let sessions = sessions(&folder);
    assert_eq!(sessions[1]["halt_reason"], "recovered_after_crash");
    folder.neo(&["audit"]).ended(0);
}

#[test]
fn an_interrupt_while_recovering_ends_there() {
    let folder = Folder::new();
    for _ in 0..ROUNDS_MAX {
        let db = folder.path().join("data/paper.db");
        let before = if db.is_file() { sessions(&folder).len() } else { 0 };
        let mut child = start(&folder, "20");
        wait_for_session(&folder, before + 1);
        child.kill().unwrap();
        child.wait().unwrap();
        let open = sessions(&folder).len();
        // At --speed 1 the recovery takes several seconds when offers rest: its cancels wait for validated ledgers.
        let child = start(&folder, "1");
        std::thread::sleep(Duration::from_millis(1200));
        signal(&child, "-INT");
        let report = Run::of(child.wait_with_output().unwrap()).ended(0).json();
        folder.neo(&["audit"]).ended(0);
        if report["halt_reason"] == "recovered_after_crash" {
            assert_eq!(sessions(&folder).len(), open, "no session opens after the interrupt");
            return;
        }
        // Nothing rested, so the recovery was over before the interrupt: it ended the session that followed.
        assert_eq!(report["halt_reason"], "interrupted_sigint", "{report}");
    }
    panic!("no recovery was long enough to interrupt in {ROUNDS_MAX} rounds");
}

/// A session of the real program, long enough for a checkpoint. Where all of them are spoiled, only time is lost.
#[test]
fn a_long_session_that_was_killed_goes_on_from_its_checkpoint() {
    for is_spoiled in [false, true] {
        let folder = Folder::new();
        let db = folder.path().join("data/paper.db");
        let args = ["paper", "--duration", "48h", "--speed", "max", "--json"];
        let mut child = folder.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let began = Instant::now();
        while !has_checkpoint(&db) {
            assert!(began.elapsed() < Duration::from_secs(120), "no checkpoint within 120 s");
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        folder.neo(&["replay", "1"]).ended(0);
        if is_spoiled {
            let database = rusqlite::Connection::open(&db).unwrap();
            database.execute("UPDATE journal_checkpoints SET state = x'00'", []).unwrap();
        }
        let rows = store::Reader::open(&db).unwrap().journal_len(1).unwrap();
        let run = folder.neo(&["-v", "paper", "--duration", "1m", "--speed", "max", "--json"]).ended(0);
        let told = run.stderr.lines().find(|line| line.contains("is made again")).unwrap_or(&run.stderr);
        assert!(told.contains(&format!("rows={rows} ")), "{told}");
        assert_eq!(told.contains(&format!("again={rows}")), is_spoiled, "{told}");
        assert_eq!(run.stderr.contains("cannot be used"), is_spoiled, "{}", run.stderr);
        let session = &sessions(&folder)[0];
        assert_eq!(session["halt_reason"], "recovered_after_crash", "{session}");
        assert!(!has_checkpoint(&db), "none of a closed session");
        folder.neo(&["audit"]).ended(0);
        folder.neo(&["replay", "1"]).ended(0);
    }
}

fn has_checkpoint(db: &std::path::Path) -> bool {
    let reader = store::Reader::open(db);
    reader.is_ok_and(|reader| reader.journal_checkpoints(1).is_ok_and(|checkpoints| !checkpoints.is_empty()))
}

/// Rounds that may pass without a fill while away. One round nearly always has one: the offers rest for three minutes
/// of ledger time without anybody to move them, and two of these pass.
const ROUNDS_MAX: usize = 10;

#[test]
fn fills_while_nobody_was_there_belong_to_the_session_that_placed() {
    let folder = Folder::new();
    let db = folder.path().join("data/paper.db");
    for round in 1..=ROUNDS_MAX {
        // Each round opens two sessions: this one, and the one that follows its recovery.
        let session = 2 * round - 1;
        let mut child = start(&folder, "20");
        wait_for_session(&folder, session);
        child.kill().unwrap();
        child.wait().unwrap();
        let last_seen = last_ledger(&db, session);
        std::thread::sleep(Duration::from_secs(6));
        if away_after_recovery(&folder, &db, session, last_seen) > 0 {
            return;
        }
    }
    panic!("no fill while away in {ROUNDS_MAX} rounds");
}

/// The last ledger in the journal of a session.
fn last_ledger(db: &std::path::Path, session: usize) -> i64 {
    let mut last = 0;
    let keep = |row: store::JournalRow| {
        last = last.max(i64::from(row.ledger_index.unwrap_or_default()));
        Ok::<(), store::ReadError>(())
    };
    store::Reader::open(db).unwrap().journal(session as i64, keep).unwrap();
    assert!(last > 0);
    last
}

/// Lets the next start recover the session, and counts its fills in ledgers it did not live to see.
fn away_after_recovery(folder: &Folder, db: &std::path::Path, session: usize, last_seen: i64) -> usize {
    let mut child = start(folder, "20");
    wait_for_session(folder, session + 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let audit = folder.neo(&["audit"]);
    assert_eq!(audit.code, Some(0), "{}{}", audit.stdout, audit.stderr);
    let fills = store::Reader::open(db).unwrap().fills().unwrap();
    fills.iter().filter(|fill| fill.session_id == session as i64 && fill.ledger_index > last_seen).count()
}

#[test]
fn terminate_and_hang_up_have_their_own_reasons() {
    for (name, reason) in [("-TERM", "interrupted_sigterm"), ("-HUP", "interrupted_sighup")] {
        let folder = Folder::new();
        let child = start(&folder, "20");
        wait_for_orders(&folder);
        signal(&child, name);
        let report = Run::of(child.wait_with_output().unwrap()).ended(0).json();
        assert_eq!(report["halt_reason"], reason, "{report}");
    }
}
