//! Power cuts on the real binary, at their worst: a small library loaded before libc keeps, beside the live folder, what
//! was synced and nothing else, and after a `kill -9` that takes the live folder's place. Every next start recovers by
//! itself and `neo audit` proves the books. The negative control is the same disk when it lies about every third sync:
//! within its rounds something must be refused, unproven or lost, or the library keeps too much.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Power cuts in one run; `NEO_CUTS` makes more, `NEO_SEED` other moments.
const CUTS: u64 = 20;
const SEED: u64 = 20_261_121;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// xorshift64: moments only.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// The library, or `None` where there is no C compiler.
fn shim(dir: &Path) -> Option<PathBuf> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/unsynced.c");
    let library = dir.join("unsynced.so");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .output();
    match made {
        Ok(output) if output.status.success() => Some(library),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("SKIPPED: power cuts on the real binary need a C compiler: {error}");
            None
        }
    }
}

/// Runs a session in `folder` on the disk that keeps only what is synced, until the plug is pulled.
/// `after` counts from the start, or from when the session trades.
fn cut(folder: &Folder, shim: &Path, is_trading: bool, after: Duration, lies: Option<u32>) {
    let kept = folder.path().join("kept");
    drop(std::fs::remove_dir_all(&kept));
    let live = folder.path().join("data");
    std::fs::create_dir_all(&live).unwrap();
    copy(&live, &kept);
    let mut command = folder.command(&["-v", "paper", "--duration", "2h", "--speed", "max", "--json"]);
    let log = folder.file("log", "");
    command.env("LD_PRELOAD", shim).env("NEO_SHIM_ROOT", &live).env("NEO_SHIM_KEPT", &kept);
    if let Some(lies) = lies {
        command.env("NEO_SHIM_LIES", lies.to_string());
    }
    let mut child =
        command.stdout(Stdio::null()).stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
    let told = || std::fs::read_to_string(&log).unwrap();
    let began = Instant::now();
    while is_trading && !told().contains("to=ACTIVE reason=start") && child.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < Duration::from_secs(60), "no session within 60 s: {}", told());
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    let code = child.wait().unwrap().code();
    assert!(!told().contains("panicked"), "{}", told());
    assert!(code.is_none() || code == Some(0) || lies.is_some(), "{code:?}: {}", told());
    std::fs::remove_dir_all(&live).unwrap();
    std::fs::rename(&kept, &live).unwrap();
}

/// Everything below `from`, as if it had been synced before.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn what_was_synced_is_all_that_a_power_cut_leaves_and_it_is_enough() {
    let folder = Folder::new();
    let Some(shim) = shim(folder.path()) else { return };
    let seed = number("NEO_SEED").unwrap_or(SEED);
    let cuts = number("NEO_CUTS").unwrap_or(CUTS);
    let (mut state, mut recovered) = (seed, 0);
    let repeat = format!("NEO_SEED={seed} NEO_CUTS={cuts} cargo test -p neo --test power_cut");
    for n in 0..cuts {
        // Every fourth at any moment from the start on: while the files are made, or a session is recovered.
        let moment = Duration::from_millis(next(&mut state) % 600);
        cut(&folder, &shim, !n.is_multiple_of(4), moment, None);
        let run = folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]);
        assert_eq!(run.code, Some(0), "cut {n}, {repeat}: {}", run.stderr);
        assert_eq!(run.json()["truth"]["unexplained"], "0", "cut {n}, {repeat}: {}", run.stdout);
        let audit = folder.neo(&["audit"]);
        assert_eq!(audit.code, Some(0), "cut {n}, {repeat}: {}{}", audit.stdout, audit.stderr);
        let sessions = folder.neo(&["session", "list", "--json"]).ended(0).json();
        let sessions = sessions["sessions"].as_array().unwrap();
        recovered = sessions.iter().filter(|s| s["halt_reason"] == "recovered_after_crash").count();
    }
    assert!(recovered as u64 * 2 >= cuts, "only {recovered} of {cuts} cuts hit an open session: {repeat}");
    let check = folder.neo(&["db", "check"]);
    assert_eq!(check.code, Some(0), "{repeat}: {}", check.stdout);
}

/// Rounds within which a disk that lies must have been seen through.
const LIES: u64 = 40;

#[test]
fn a_disk_that_lies_is_seen_to_lose() {
    let folder = Folder::new();
    let Some(shim) = shim(folder.path()) else { return };
    let mut state = SEED;
    for _ in 0..LIES {
        let moment = Duration::from_millis(next(&mut state) % 500);
        cut(&folder, &shim, true, moment, Some(3));
        let run = folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]);
        let audit = folder.neo(&["audit"]);
        assert!(
            !run.stderr.contains("panicked") && !audit.stderr.contains("panicked"),
            "{}{}",
            run.stderr,
            audit.stderr
        );
        if run.code != Some(0) || audit.code != Some(0) {
            return;
        }
    }
    panic!("{LIES} cuts of a disk that lies, and nothing was missed");
}
