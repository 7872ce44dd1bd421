//! Negative control on real files: an ordinary read of the live database loses what is acknowledged after it. A test
//! program of its own, because it starts others, and a lock goes with every process that is being started.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use rusqlite::Connection;

/// POSIX lets go of all of a process's locks on a file when it closes any descriptor of it (fcntl(2)). The linked SQLite,
/// as the other program, still sees the lock of the shared memory and leaves the log alone; so the read takes both
/// files, as any copy of "the database with its sidecars" does. Older ones, as of Debian 12, need only the first.
#[test]
fn an_ordinary_read_of_the_live_file_drops_its_locks() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: POSIX locks are dropped by a close on Linux; this system has other locks");
        return;
    }
    for (reads, fails) in [(true, true), (false, false)] {
        let dir = tempfile::tempdir().unwrap();
        let failed = count(reads, (0..3).map(|n| read_live(dir.path(), n, reads)));
        assert_eq!(failed > 0, fails);
    }
}

fn read_live(dir: &Path, n: u32, reads: bool) -> Result<()> {
    let file = dir.join(format!("{n}.db"));
    let connection = Connection::open(&file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection
        .execute_batch("PRAGMA synchronous = FULL; CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT")?;
    connection.execute("INSERT INTO numbers VALUES (1)", [])?;
    if reads {
        std::fs::read(&file)?;
        std::fs::read(dir.join(format!("{n}.db-shm")))?;
    }
    let seen = peek(&file)?;
    ensure!(seen == 1, "another program saw {seen} of 1 rows");
    connection.execute("INSERT INTO numbers VALUES (2)", [])?;
    let seen = peek(&file)?;
    ensure!(seen == 2, "another program saw {seen} of 2 acknowledged rows");
    Ok(())
}

fn peek(file: &Path) -> Result<i64> {
    let told = Command::new(env!("CARGO_BIN_EXE_crashlab")).arg("--peek").arg(file).output()?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().parse()?)
}

fn count(reads: bool, tried: impl Iterator<Item = Result<()>>) -> usize {
    let results: Vec<Result<()>> = tried.collect();
    let failed: Vec<&anyhow::Error> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    eprintln!(
        "lock-dropping read ({reads}): {} of {} failed {:?}",
        failed.len(),
        results.len(),
        failed.first()
    );
    failed.len()
}
