//! A start after `kill -9`: how long it takes to open a database with so many journal rows in the session that was left
//! open, and to make its engine again, from its last checkpoint and from all of them. The rows are those of a real engine:
//! the recorded session's ledgers over and over, on which nothing of what is sent ever arrives.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use engine::{Config, Engine, Mode};
use store::{OpenMode, Store};
use tempfile::TempDir;

use super::Bench;
use super::database::Database;
use super::outside::Outside;
use crate::figures::{Figure, Figures};
use crate::session::{Batch, batches};

/// Rows written in one commit while the database is made, each with a checkpoint.
const ROWS_A_COMMIT: usize = 512;

/// Opening and making again, for each size.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let all = batches(bench.program, bench.recorded)?;
    let mut figures = Figures::of("recovery");
    for rows in bench.effort.left_open {
        of_rows(bench, &all, *rows, &mut figures)?;
    }
    Ok(figures.into_all())
}

fn of_rows(bench: &Bench<'_>, all: &[Batch], rows: usize, figures: &mut Figures) -> Result<()> {
    let dir = TempDir::new()?;
    let left = dir.path().join("bench.db");
    let (written, after) = filled(bench, all, rows, &left)?;
    let megabytes = std::fs::metadata(&left)?.len() as f64 / f64::from(1 << 20);
    let identity = store::Identity::new("paper", &bench.recorded.identity);
    let clock = Instant::now();
    let store = Store::open(&left, &identity, OpenMode::MustExist)?;
    let opened = clock.elapsed();
    let clock = Instant::now();
    let again = (bench.program.restart)(&left)?;
    let took = clock.elapsed();
    ensure!(again == after, "{again} rows decided again instead of {after}");
    let clock = Instant::now();
    let rebuilt = (bench.program.rebuild)(&left)?;
    let whole = clock.elapsed();
    store.close();
    ensure!(rebuilt == written, "{rebuilt} rows instead of {written}");
    figures.add(
        format!("opening, a session of {rows} rows left open"),
        opened.as_secs_f64(),
        "s",
        format!("{megabytes:.0} MiB"),
    );
    figures.add(
        format!("its engine made again from the last checkpoint of {rows} rows"),
        took.as_secs_f64() * 1_000.0,
        "ms",
        format!("{after} rows after it, each read, its link proven, decided again and compared"),
    );
    figures.add(
        format!("its engine made again from all {rows} rows"),
        whole.as_secs_f64(),
        "s",
        "each row read, its link proven, decided again and compared",
    );
    Ok(())
}

/// Writes a session of so many rows and a few more, as the program does, and leaves it open; gives the rows, and those
/// after its last checkpoint.
fn filled(bench: &Bench<'_>, all: &[Batch], rows: usize, path: &Path) -> Result<(i64, i64)> {
    let mut ours = Database::at(bench.recorded, path)?;
    let mut engine = Engine::new(Config::default(), bench.recorded.identity.clone());
    let mut outside = Outside::of(all)?;
    let (mut batch, mut written, mut after) = (Batch::new(), 0, 0);
    let mut next = outside.start();
    while written + batch.len() < rows || batch.is_empty() {
        let mut waiting = VecDeque::from([next]);
        while let Some(input) = waiting.pop_front() {
            let step = engine.step(&input);
            outside.answers(&step.effects).into_iter().rev().for_each(|answer| waiting.push_front(answer));
            batch.push((input, step));
        }
        if batch.len() >= ROWS_A_COMMIT {
            written += batch.len();
            let is_first = written == batch.len();
            after = if is_first { written } else { 0 };
            let state = if is_first { None } else { Some(engine.checkpoint()?) };
            ours.write_with(std::mem::take(&mut batch), state)?;
        }
        next = outside.ledger();
    }
    (written, after) = (written + batch.len(), after + batch.len());
    ours.write_with(batch, None)?;
    ensure!(!engine.is_closed(), "the session ended by itself: {:?}", engine.halt());
    ensure!(engine.mode() == Mode::Active, "the session is {}: {:?}", engine.mode(), engine.hold());
    ours.close()?;
    Ok((i64::try_from(written)?, i64::try_from(after)?))
}
