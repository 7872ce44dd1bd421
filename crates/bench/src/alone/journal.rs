//! Commits in a second: the store with the recorded session's own batches, raw SQLite with the store's settings and one
//! row of the same size a commit, and a bare file with the same bytes and one sync. In turn, on the same disk.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::Connection;
use tempfile::TempDir;

use super::Bench;
use super::database::Database;
use crate::figures::{Figure, Figures};
use crate::rounds::Spread;
use crate::session::{Batch, Recorded, batches};

/// Commits of each in a second.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let all = batches(bench.program, bench.recorded)?;
    let bytes = mean_bytes(&all)?;
    let mut ours = Journal { recorded: bench.recorded, all: &all, at: 0, database: None };
    let mut sqlite = Sqlite::new(bytes)?;
    let mut file = Raw::new(bytes)?;
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..bench.effort.passes {
        rates[0].push(rate(bench.effort.round, || ours.commit())?);
        rates[1].push(rate(bench.effort.round, || sqlite.commit())?);
        rates[2].push(rate(bench.effort.round, || file.commit())?);
    }
    let mut figures = Figures::of("journal");
    let names = [
        ("store: a step's journal rows and records", "rows of orders, fills and sums beside the journal row"),
        ("raw SQLite: one row", "same settings: WAL, synchronous FULL"),
        ("a file: append and sync", "sync_data after each"),
    ];
    for (rates, (name, note)) in rates.into_iter().zip(names) {
        let Spread { median, min, max } = Spread::of(rates);
        let note = format!("{min:.0} to {max:.0}; {bytes} bytes a commit; {note}");
        figures.add(name, median, "commits/s", note);
    }
    Ok(figures.into_all())
}

/// How often in a second; the time that `once` says is its own.
fn rate(budget: Duration, mut once: impl FnMut() -> Result<Duration>) -> Result<f64> {
    let clock = Instant::now();
    let (mut count, mut own) = (0_u32, Duration::ZERO);
    while clock.elapsed() < budget {
        own += once()?;
        count += 1;
    }
    Ok(f64::from(count) / own.as_secs_f64())
}

/// What a commit of a session holds on average: inputs and steps in their binary form.
pub fn mean_bytes(all: &[Batch]) -> Result<usize> {
    let mut bytes = 0;
    for (input, step) in all.iter().flatten() {
        bytes += engine::journal::encode_input(input)?.len();
        bytes += postcard::to_stdvec(&(&step.effects, &step.records, &step.decision))?.len();
    }
    Ok(bytes / all.len().max(1))
}

struct Journal<'a> {
    recorded: &'a Recorded,
    all: &'a [Batch],
    at: usize,
    database: Option<Database>,
}

impl Journal<'_> {
    /// The session's next batch; after the last one a new database begins, in nobody's time.
    fn commit(&mut self) -> Result<Duration> {
        let Some(batch) = self.all.get(self.at) else {
            (self.at, self.database) = (0, None);
            return Ok(Duration::ZERO);
        };
        let database = match &mut self.database {
            Some(database) => database,
            none => none.insert(Database::new(self.recorded)?),
        };
        let batch = batch.clone();
        self.at += 1;
        let clock = Instant::now();
        database.write(batch)?;
        Ok(clock.elapsed())
    }
}

/// Plain SQLite with the store's settings.
pub struct Sqlite {
    connection: Connection,
    body: Vec<u8>,
    _dir: TempDir,
}

impl Sqlite {
    /// One table; commits will have so many bytes.
    pub fn new(bytes: usize) -> Result<Self> {
        let dir = TempDir::new()?;
        let connection = Connection::open(dir.path().join("raw.db"))?;
        let _: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection
            .execute_batch("CREATE TABLE journal (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
        Ok(Self { connection, body: vec![0x5A; bytes], _dir: dir })
    }

    /// One row.
    pub fn commit(&mut self) -> Result<Duration> {
        let clock = Instant::now();
        let transaction = self.connection.transaction()?;
        transaction.prepare_cached("INSERT INTO journal (body) VALUES (?1)")?.execute([&self.body])?;
        transaction.commit()?;
        Ok(clock.elapsed())
    }
}

struct Raw {
    file: File,
    body: Vec<u8>,
}

impl Raw {
    fn new(bytes: usize) -> Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, body: vec![0x5A; bytes] })
    }

    fn commit(&mut self) -> Result<Duration> {
        let clock = Instant::now();
        self.file.write_all(&self.body)?;
        self.file.sync_data()?;
        Ok(clock.elapsed())
    }
}
