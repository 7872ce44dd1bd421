//! The store beside plain SQLite: how long a commit takes, what a checkpoint costs the writer while a reader holds the
//! log, how a database grows, and how long a killed one takes to open with many journal rows in it.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use engine::{Decision, Input, Step};
use ledger::Hash256;
use store::{OpenMode, ReadError, Reader, Store};
use tempfile::TempDir;

use super::Bench;
use super::database::Database;
use super::journal::Sqlite;
use crate::figures::{Figure, Figures};
use crate::session::{Batch, Recorded, batches};

/// Rows written in one commit where only their number matters.
const ROWS_A_COMMIT: usize = 1_000;

/// Latencies, growth, opening.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let all = batches(bench.program, bench.recorded)?;
    let mut figures = Figures::of("store");
    latencies(bench, &all, &mut figures)?;
    for is_pinned in [false, true] {
        stall(bench, &all, is_pinned, &mut figures)?;
    }
    for rows in bench.effort.rows {
        opening(bench.recorded, all.first(), *rows, &mut figures)?;
    }
    Ok(figures.into_all())
}

/// The session's own commits, and as many of one row of the same bytes by plain SQLite, in turn.
fn latencies(bench: &Bench<'_>, all: &[Batch], figures: &mut Figures) -> Result<()> {
    let mut ours = Database::new(bench.recorded)?;
    let mut sqlite = Sqlite::new(super::journal::mean_bytes(all)?)?;
    let mut times = [Vec::new(), Vec::new()];
    for batch in all {
        let batch = batch.clone();
        let clock = Instant::now();
        ours.write(batch)?;
        times[0].push(clock.elapsed());
        times[1].push(sqlite.commit()?);
    }
    let ledgers = all.iter().flatten().filter(|(input, _)| matches!(input, Input::Ledger(_))).count();
    let [of_ours, of_sqlite] = times;
    figures.times("a commit of the store", of_ours, ": a step's journal rows and records");
    figures.times("a commit of plain SQLite", of_sqlite, ": one row of the same bytes, the same settings");
    let bytes = ours.close()?;
    let a_thousand = bytes as f64 / ledgers.max(1) as f64 * 1_000.0 / f64::from(1 << 20);
    figures.add(
        "growth in 1,000 ledgers",
        a_thousand,
        "MiB",
        format!("{bytes} bytes after {ledgers} ledgers of a session"),
    );
    Ok(())
}

/// The longest commits of a session whose log is moved by size, with a reader that holds it or without.
fn stall(bench: &Bench<'_>, all: &[Batch], is_pinned: bool, figures: &mut Figures) -> Result<()> {
    let mut ours = Database::new(bench.recorded)?;
    let mut rest = all.iter().cloned();
    if let Some(first) = rest.next() {
        ours.write(first)?;
    }
    let (let_go, held) = channel::<()>();
    let (begin, begun) = channel::<()>();
    let path = ours.path().to_owned();
    let reader = is_pinned.then(|| {
        std::thread::spawn(move || -> Result<(), ReadError> {
            let reader = Reader::open(&path)?;
            reader.at_one_instant(|| {
                reader.sessions()?;
                // The measuring side waits for this, and lets go by dropping its end.
                let _ = begin.send(());
                let _ = held.recv();
                Ok(())
            })
        })
    });
    if is_pinned {
        begun.recv()?;
    }
    let mut times = Vec::new();
    for batch in rest {
        let clock = Instant::now();
        ours.write(batch)?;
        times.push(clock.elapsed());
    }
    drop(let_go);
    if let Some(thread) = reader {
        thread.join().map_err(|_| anyhow::anyhow!("the reader's thread panicked"))??;
    }
    let longest = times.iter().max().copied().unwrap_or_default();
    let what = if is_pinned { "the longest commit, a reader holding the log" } else { "the longest commit" };
    let note = format!("of {}, checkpoints at every 1,000 frames; must stay under 250 ms", times.len());
    figures.add(what, longest.as_secs_f64() * 1e3, "ms", note);
    Ok(())
}

/// A database with so many journal rows, as a kill leaves it, opened for writing and its journal read and proven.
fn opening(recorded: &Recorded, first: Option<&Batch>, rows: usize, figures: &mut Figures) -> Result<()> {
    let dir = TempDir::new()?;
    let (path, left) = (dir.path().join("bench.db"), dir.path().join("left.db"));
    filled(recorded, first, rows, &path, &left)?;
    let megabytes = std::fs::metadata(&left)?.len() as f64 / f64::from(1 << 20);
    let identity = store::Identity::new("paper", &recorded.identity);
    let clock = Instant::now();
    let store = Store::open(&left, &identity, OpenMode::MustExist)?;
    let opened = clock.elapsed();
    let clock = Instant::now();
    let read = proven(&Reader::open(&left)?)?;
    let proven = clock.elapsed();
    store.close();
    anyhow::ensure!(read == rows, "{read} rows instead of {rows}");
    let seconds = |time: Duration| time.as_secs_f64();
    figures.add(
        format!("opening after a kill, {rows} journal rows"),
        seconds(opened),
        "s",
        format!("{megabytes:.0} MiB; the log replayed, quick_check, the schema compared"),
    );
    figures.add(
        format!("reading and proving {rows} journal rows"),
        seconds(proven),
        "s",
        "every link of the chain computed again",
    );
    Ok(())
}

/// Writes the rows, and copies file and log while they are open.
fn filled(recorded: &Recorded, first: Option<&Batch>, rows: usize, path: &Path, left: &Path) -> Result<()> {
    let mut ours = Database::at(recorded, path)?;
    let first = first.cloned().context("a session without a first batch")?;
    let mut missing = rows.saturating_sub(first.len());
    ours.write(first)?;
    while missing > 0 {
        let batch: Batch = (0..missing.min(ROWS_A_COMMIT)).map(|n| row(missing - n)).collect();
        missing -= batch.len();
        ours.write(batch)?;
    }
    for suffix in ["", "-wal"] {
        std::fs::copy(format!("{}{suffix}", path.display()), format!("{}{suffix}", left.display()))?;
    }
    ours.close()?;
    std::fs::remove_file(path)?;
    Ok(())
}

/// A row of a step in which nothing happened.
fn row(n: usize) -> (Input, Step) {
    let wall_seconds = u32::try_from(n % 3_600).unwrap_or_default();
    (Input::Stale { wall_seconds }, Step { decision: Decision::default(), ..Step::default() })
}

/// Follows the chain of the only session; how many links hold.
fn proven(reader: &Reader) -> Result<usize> {
    let session = reader.sessions()?.pop().ok_or_else(|| anyhow::anyhow!("no session"))?;
    let mut head: Hash256 = session.genesis_digest.parse()?;
    let mut rows = 0;
    reader.journal::<anyhow::Error>(session.session_id, |row| {
        let link = engine::journal::link_encoded(&head, &row.input, &row.step);
        anyhow::ensure!(
            row.prev_digest == Some(head) && row.digest == Some(link),
            "row {} does not follow",
            row.seq
        );
        (head, rows) = (link, rows + 1);
        Ok(())
    })?;
    Ok(rows)
}
