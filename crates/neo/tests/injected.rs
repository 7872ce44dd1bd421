//! Errors of the operating system, given to the unmodified binary at its n-th call by `strace`: the session ends, says
//! what failed and what was kept, and the next start goes on. Nothing is retried: a sync that failed once tells nothing
//! of what is on the disk (Rebello et al., USENIX ATC 2020).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run};
use std::process::Command;

/// Whether programs can be traced here.
fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).output();
    let can = tried.as_ref().is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("SKIPPED: errors injected by strace need strace and the right to trace: {tried:?}");
    }
    can
}

/// A session whose `call` fails with `error` at its n-th time, and whenever it is made afterwards if `is_sticky`.
fn injected(folder: &Folder, call: &str, error: &str, n: u32, is_sticky: bool) -> Run {
    let when = if is_sticky { format!("{n}+") } else { n.to_string() };
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:error={error}:when={when}")])
        .arg(env!("CARGO_BIN_EXE_neo"))
        .args(["paper", "--duration", "2m", "--speed", "max", "--json"])
        .current_dir(folder.path());
    Run::of(command.output().unwrap())
}

#[test]
fn an_error_of_any_call_ends_the_session_and_the_next_start_goes_on() {
    if !can_trace() {
        return;
    }
    let folder = Folder::new();
    folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]).ended(0);
    let mut failed = 0;
    for (call, error) in [("fdatasync", "EIO"), ("pwrite64", "ENOSPC"), ("fsync", "EIO")] {
        for (n, is_sticky) in [(1, false), (3, true), (9, false), (23, true), (60, false)] {
            let what = format!("{call} {error} at {n}, sticky: {is_sticky}");
            let run = injected(&folder, call, error, n, is_sticky);
            assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
            let code = run.code.expect("it ends by itself");
            assert!([0, 1, 3, 4].contains(&code), "{what}: ended with {code}: {}", run.stderr);
            if code != 0 {
                failed += 1;
                assert!(
                    run.stderr.contains("neo: ") || code == 3,
                    "{what}: it does not say why: {}",
                    run.stderr
                );
            }
            let next = folder.neo(&["paper", "--duration", "1m", "--speed", "max", "--json"]);
            assert_eq!(next.code, Some(0), "{what}, then: {}", next.stderr);
            let audit = folder.neo(&["audit"]);
            assert_eq!(audit.code, Some(0), "{what}: {}{}", audit.stdout, audit.stderr);
        }
    }
    assert!(failed >= 8, "only {failed} of 15 sessions met the error: it is not injected where it hurts");
    folder.neo(&["db", "check"]).ended(0);
}
