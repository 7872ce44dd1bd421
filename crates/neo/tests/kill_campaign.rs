//! Two thousand real kills, by hand: `cargo test --release -p neo --test kill_campaign -- --ignored --nocapture`. Sessions
//! under load with checkpoints every second and backups by hand beside them, backups, restores and migrations are killed at
//! drawn moments; every start after a kill recovers by itself, and the books are proven again and again.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};
use rusqlite::Connection;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How many kills, unless `NEO_KILLS` says otherwise.
const KILLS: usize = 2_000;
/// Where the drawn moments begin, unless `NEO_SEED` says otherwise.
const SEED: u64 = 20_261_121;
/// Kills in one folder before a fresh one: what is there is restored, backed up and audited, which grows.
const KILLS_A_FOLDER: usize = 25;
const SHORT: [&str; 6] = ["paper", "--duration", "1m", "--speed", "max", "--json"];

/// xorshift64: moments only, nothing that decides.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Session,
    SessionBesideABackup,
    Backup,
    Restore,
    Migration,
}

const DEEDS: [Deed; 8] = [
    Deed::Session,
    Deed::SessionBesideABackup,
    Deed::Session,
    Deed::Backup,
    Deed::Session,
    Deed::Restore,
    Deed::SessionBesideABackup,
    Deed::Migration,
];

fn spawn(folder: &Folder, words: &[&str]) -> Child {
    folder.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Kills a child after a while; it may have ended by itself, in order.
fn kill(mut child: Child, after: Duration, what: &str) {
    std::thread::sleep(after);
    child.kill().unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
    assert!(run.code.is_none() || run.code == Some(0), "{what}: ended with {:?}: {}", run.code, run.stderr);
}

fn session(folder: &Folder) -> Child {
    spawn(folder, &["paper", "--config", "c.yaml", "--duration", "2h", "--speed", "max", "--json"])
}

/// A database of schema 1 with the identity of the paper wallet, beside the one of this folder.
fn old_schema(folder: &Folder) {
    let path = folder.path().join("data/old.db");
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let _ = std::fs::remove_dir_all(format!("{}.ledger", path.display()));
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../store/src/schema.sql")).unwrap();
    old.execute_batch(&format!(
        "ATTACH '{}' AS new; INSERT INTO database_identity SELECT id, db_uuid, network, network_id, account, currency, issuer
         FROM new.database_identity; DETACH new;
         PRAGMA application_id = 0x4E454F31; PRAGMA user_version = 1; PRAGMA journal_mode = wal;",
        folder.path().join("data/paper.db").display()
    ))
    .unwrap();
}

fn restore(folder: &Folder, draw: u64) -> Option<Child> {
    let list = folder.neo(&["db", "restore", "--json"]);
    let backups = list.json()["backups"].as_array().cloned().unwrap_or_default();
    let pick = backups.get(usize::try_from(draw).unwrap() % backups.len().max(1))?;
    let name = std::path::PathBuf::from(pick["path"].as_str().or(pick["name"].as_str())?);
    let name = name.file_name()?.to_str()?.to_owned();
    Some(spawn(folder, &["db", "restore", &name]))
}

/// A folder with one session behind it.
fn prepared() -> Folder {
    let folder = Folder::new();
    folder.file("c.yaml", "wal_checkpoint_interval_seconds: 1\nbackup_interval_minutes: 1\n");
    folder.neo(&SHORT).ended(0);
    folder
}

#[test]
#[ignore = "two thousand kills take a quarter of an hour"]
fn every_kill_is_recovered_from() {
    let kills = number("NEO_KILLS").map_or(KILLS, |n| usize::try_from(n).unwrap());
    let seed = number("NEO_SEED").unwrap_or(SEED);
    let (mut state, began, mut proofs) = (seed, Instant::now(), 0);
    let (mut done, mut gone) = ([0_usize; 5], 0);
    let (mut folder, mut is_restored) = (prepared(), false);
    for n in 0..kills {
        if n.is_multiple_of(KILLS_A_FOLDER) {
            (folder, is_restored) = (prepared(), false);
        }
        let deed = DEEDS[n % DEEDS.len()];
        let draw = next(&mut state);
        let what = format!("NEO_SEED={seed}, kill {n} ({deed:?})");
        let (long, short) = (Duration::from_millis(draw % 700), Duration::from_millis(draw % 60));
        match deed {
            Deed::Session => kill(session(&folder), long, &what),
            Deed::SessionBesideABackup => {
                let trader = session(&folder);
                std::thread::sleep(long / 2);
                kill(spawn(&folder, &["db", "backup"]), short, &what);
                kill(trader, long / 2, &what);
            }
            Deed::Backup => kill(spawn(&folder, &["db", "backup"]), short, &what),
            Deed::Restore => {
                if let Some(child) = restore(&folder, draw) {
                    kill(child, short, &what);
                    is_restored = true;
                }
            }
            Deed::Migration => {
                old_schema(&folder);
                let words = ["paper", "--db", "data/old.db", "--duration", "2h", "--speed", "max"];
                kill(spawn(&folder, &words), short, &what);
                let next = folder.neo(&[&SHORT[..], &["--db", "data/old.db"]].concat());
                assert_eq!(next.code, Some(0), "{what}: {}", next.stderr);
                assert_eq!(folder.neo(&["audit", "--db", "data/old.db"]).code, Some(0), "{what}");
            }
        }
        done[deed as usize] += 1;
        // One kill in four is followed by another before anything recovers.
        if !n.is_multiple_of(4) {
            let next = folder.neo(&SHORT);
            // A backup may hold a session that was open on a paper ledger that is gone: nothing can finish it, and the
            // refusal says so and what to do.
            if next.code == Some(4) && next.stderr.contains("Put back the ledger directory") && is_restored {
                (folder, gone, is_restored) = (prepared(), gone + 1, false);
                continue;
            }
            assert_eq!(next.code, Some(0), "{what}: {}", next.stderr);
        }
        if n.is_multiple_of(5) || n % KILLS_A_FOLDER == KILLS_A_FOLDER - 1 {
            let next = folder.neo(&SHORT);
            if next.code == Some(4) && next.stderr.contains("Put back the ledger directory") && is_restored {
                (folder, gone, is_restored) = (prepared(), gone + 1, false);
                continue;
            }
            assert_eq!(next.code, Some(0), "{what}: {}", next.stderr);
            let audit = folder.neo(&["audit"]);
            assert!(audit.code == Some(0) && audit.stdout.contains("\nPROVEN: "), "{what}: {}", audit.stdout);
            proofs += 1;
        }
        if n % 100 == 99 {
            eprintln!("{} kills, {proofs} audits PROVEN, {} s", n + 1, began.elapsed().as_secs());
        }
    }
    eprintln!(
        "{kills} kills: {} of sessions, {} of sessions and backups beside them, {} of backups, {} of restores, {} of \
         migrations; every start recovered but {gone} after a restore of a session whose paper ledger is gone, each refused \
         with what to do; {proofs} audits PROVEN; {} s",
        done[0],
        done[1],
        done[2],
        done[3],
        done[4],
        began.elapsed().as_secs()
    );
}
