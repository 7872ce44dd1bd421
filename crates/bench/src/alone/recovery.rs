//! A start after `kill -9`: how long it takes to open a database with so many journal rows in the session that was left
//! open, and to make its engine again from them. The rows are those of a real engine: the recorded session, then its
//! ledgers over and over, on which nothing of what is sent ever arrives.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use engine::{Config, Effect, Engine, Input, LedgerInput, SignedIntent};
use ledger::Hash256;
use store::{OpenMode, Store};
use tempfile::TempDir;

use super::Bench;
use super::database::Database;
use crate::figures::{Figure, Figures};
use crate::session::{Batch, batches};

/// Rows written in one commit while the database is made.
const ROWS_A_COMMIT: usize = 1_000;

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
    let written = filled(bench, all, rows, &left)?;
    let megabytes = std::fs::metadata(&left)?.len() as f64 / f64::from(1 << 20);
    let identity = store::Identity::new("paper", &bench.recorded.identity);
    let clock = Instant::now();
    let store = Store::open(&left, &identity, OpenMode::MustExist)?;
    let opened = clock.elapsed();
    let clock = Instant::now();
    let rebuilt = (bench.program.rebuild)(&left)?;
    let took = clock.elapsed();
    store.close();
    ensure!(rebuilt == written, "{rebuilt} rows instead of {written}");
    figures.add(
        format!("opening, a session of {rows} rows left open"),
        opened.as_secs_f64(),
        "s",
        format!("{megabytes:.0} MiB"),
    );
    figures.add(
        format!("its engine made again from {rows} rows"),
        took.as_secs_f64(),
        "s",
        "each row read, its link proven, decided again and compared",
    );
    Ok(())
}

/// Writes a session of so many rows and leaves it open; gives the rows.
fn filled(bench: &Bench<'_>, all: &[Batch], rows: usize, path: &Path) -> Result<i64> {
    let mut ours = Database::at(bench.recorded, path)?;
    let mut engine = Engine::new(Config::default(), bench.recorded.identity.clone());
    let (mut batch, mut written) = (Batch::new(), 0_usize);
    let mut inputs = Inputs::of(all)?;
    while written + batch.len() < rows {
        let input = inputs.next(&engine);
        let step = engine.step(&input);
        inputs.answer(&step.effects);
        batch.push((input, step));
        if batch.len() >= ROWS_A_COMMIT {
            written += batch.len();
            ours.write(std::mem::take(&mut batch))?;
        }
    }
    written += batch.len();
    if !batch.is_empty() {
        ours.write(batch)?;
    }
    ensure!(!engine.is_closed(), "the session ended by itself: {:?}", engine.halt());
    ours.close()?;
    Ok(i64::try_from(written)?)
}

/// The recorded inputs, then its ledgers over and over.
struct Inputs {
    recorded: std::vec::IntoIter<Input>,
    ledgers: Vec<LedgerInput>,
    at: usize,
    /// What is to be answered before the next ledger.
    next: Vec<Input>,
    is_recorded: bool,
}

impl Inputs {
    fn of(all: &[Batch]) -> Result<Self> {
        let recorded: Vec<Input> = all.iter().flatten().map(|(input, _)| input.clone()).collect();
        let quiet = |input: &Input| match input {
            Input::Ledger(ledger) if ledger.own.is_empty() => Some((**ledger).clone()),
            _ => None,
        };
        let ledgers: Vec<LedgerInput> = recorded.iter().filter_map(quiet).collect();
        ledgers.first().context("a session without a quiet ledger")?;
        Ok(Self { recorded: recorded.into_iter(), ledgers, at: 0, next: Vec::new(), is_recorded: true })
    }

    fn next(&mut self, engine: &Engine) -> Input {
        if let Some(input) = self.recorded.next() {
            return input;
        }
        self.is_recorded = false;
        if let Some(input) = self.next.pop() {
            return input;
        }
        let mut ledger = self.ledgers[self.at % self.ledgers.len()].clone();
        self.at += 1;
        let index = engine.cursor().plus(1);
        ledger.header.index = index;
        ledger.header.close_time = engine.now().plus_seconds(4);
        let mut hash = [7; 32];
        hash[..4].copy_from_slice(&index.get().to_be_bytes());
        ledger.header.hash = Hash256(hash);
        Input::Ledger(Box::new(ledger))
    }

    /// Signatures that nobody checks, and reads that nobody makes.
    fn answer(&mut self, effects: &[Effect]) {
        if self.is_recorded {
            return;
        }
        let mut signed = Vec::new();
        for effect in effects {
            match effect {
                Effect::Submit(intent) => {
                    let mut hash = [9; 32];
                    hash[..8].copy_from_slice(&intent.intent_id.to_be_bytes());
                    signed.push(SignedIntent {
                        intent_id: intent.intent_id,
                        hash: Hash256(hash),
                        blob: vec![0; 200],
                    });
                }
                Effect::ReadTruth { .. } => {
                    self.next.push(Input::TruthFailed { detail: "not read here".to_owned() });
                }
                _ => {}
            }
        }
        if !signed.is_empty() {
            self.next.push(Input::Signed(signed));
        }
    }
}
