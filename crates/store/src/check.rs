//! What can be said of a database without changing it: SQLite's checks, foreign keys, the schema, the journal's chains,
//! what is beside it. Works beside a living engine; decides nothing and mends nothing.

use std::path::{Path, PathBuf};

use crate::chain::{self, ChainHead};
use crate::error::ReadError;
use crate::journal_checkpoint;
use crate::log_loss;
use crate::open;
use crate::reader::Reader;
use crate::verify;

/// Up to this size the full check is made without being asked for.
const FULL_BELOW_BYTES: u64 = 200 << 20;

/// Which of SQLite's checks was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// `quick_check`: pages and records; not whether indexes agree with their tables.
    Quick,
    /// `integrity_check`: all of it.
    Full,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What: `schema`, `pages`, `foreign_keys`, `journal`, `checkpoints`, `log`.
    pub what: &'static str,
    /// `None` when it is as it should be, else what is wrong.
    pub wrong: Option<String>,
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// The database.
    pub path: PathBuf,
    /// Its size, without its log.
    pub bytes: u64,
    /// Size of its log; rows in it are as durable as the others.
    pub wal_bytes: u64,
    /// Whether an engine or another command holds it.
    pub is_in_use: bool,
    /// Its schema version, and the newest that this program knows.
    pub schema_version: (i64, i64),
    /// Which of SQLite's checks was made.
    pub depth: Depth,
    /// In the order in which they were looked at.
    pub findings: Vec<Finding>,
    /// The chains that were proven; empty when one is broken.
    pub chains: Vec<ChainHead>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.wrong.is_none())
    }
}

/// Checks the database at `db`. The full check is made when `full` says so, or when the file is below 200 MB.
///
/// # Errors
/// [`ReadError::Refused`] when there is no database of ours that reads at all: damaged beyond its first page, missing,
/// of a newer version.
pub fn check(db: &Path, full: bool) -> Result<CheckReport, ReadError> {
    let path = open::literal(db)?;
    let reader = Reader::open(&path)?;
    let connection = &reader.connection;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    let bytes = size(&path);
    let depth = if full || bytes < FULL_BELOW_BYTES { Depth::Full } else { Depth::Quick };
    let pragma = match depth {
        Depth::Full => "integrity_check(1)",
        Depth::Quick => "quick_check(1)",
    };
    let version = open::refuse_foreign(&path, connection)?;
    let chains = chain::verify(connection);
    let is_in_use = crate::lock::is_held(&path);
    let findings = vec![
        Finding { what: "schema", wrong: wrong(reader.check_schema()) },
        Finding { what: "pages", wrong: wrong(verify::first_finding(connection, pragma)) },
        Finding { what: "foreign_keys", wrong: wrong(verify::foreign_keys(connection)) },
        Finding { what: "journal", wrong: wrong(chains.as_ref().map(|_| ())) },
        Finding { what: "checkpoints", wrong: journal_checkpoint::wrong(&reader)? },
        // A living engine's changes while it is read.
        Finding { what: "log", wrong: if is_in_use { None } else { log_loss::finding(&path) } },
    ];
    Ok(CheckReport {
        bytes,
        wal_bytes: size(&open::wal_path(&path)),
        is_in_use,
        schema_version: (version, crate::schema::VERSION),
        depth,
        findings,
        chains: chains.unwrap_or_default(),
        path,
    })
}

fn wrong<T>(result: Result<T, impl std::fmt::Display>) -> Option<String> {
    result.err().map(|error| error.to_string())
}
