//! `neo db`: names and flags of what can be done with the database file. It decides nothing.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `neo db`.
#[derive(Debug, Clone, Args)]
pub struct DbArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DbCommand,
}

/// What can be done with the database file (docs/backup.md).
#[derive(Debug, Clone, Subcommand)]
pub enum DbCommand {
    /// Look at the whole of it and say what is wrong, if anything. Changes nothing; works beside a running engine.
    Check(DbCheckArgs),
    /// Make a verified backup now, also beside a running engine.
    Backup(DbPlace),
    /// List the backups, or put one in the database's place. The damaged file is set aside, never overwritten.
    Restore(DbRestoreArgs),
    /// Every table as Parquet and CSV, amounts as the exact text they are.
    Export(DbExportArgs),
    /// Give free pages back to the disk. Refused while an engine runs.
    Vacuum(DbPlace),
    /// Give old sessions without an end the time of their last row. Shows what it would do; --confirm does it.
    BackfillEndedAt(DbBackfillArgs),
    /// Read a database of the earlier Python engine into a new one. It is only read.
    Import(DbImportArgs),
}

impl DbCommand {
    /// Whether the answer is one JSON document.
    pub fn wants_json(&self) -> bool {
        match self {
            DbCommand::Check(args) => args.place.json,
            DbCommand::Backup(place) | DbCommand::Vacuum(place) => place.json,
            DbCommand::Restore(args) => args.place.json,
            DbCommand::Export(args) => args.place.json,
            DbCommand::BackfillEndedAt(args) => args.place.json,
            DbCommand::Import(args) => args.json,
        }
    }
}

/// Which database, and the form of the answer.
#[derive(Debug, Clone, Args)]
pub struct DbPlace {
    /// Database file.
    #[arg(long, value_name = "FILE", default_value = "data/paper.db")]
    pub db: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `neo db check`.
#[derive(Debug, Clone, Args)]
pub struct DbCheckArgs {
    /// SQLite's full check whatever the size; below 200 MB it is always made.
    #[arg(long)]
    pub full: bool,
    /// Which database.
    #[command(flatten)]
    pub place: DbPlace,
}

/// `neo db restore`.
#[derive(Debug, Clone, Args)]
pub struct DbRestoreArgs {
    /// The backup: its path, or its name beside the database. Without it the backups are listed.
    #[arg(value_name = "BACKUP")]
    pub backup: Option<PathBuf>,
    /// Which database.
    #[command(flatten)]
    pub place: DbPlace,
}

/// `neo db export`.
#[derive(Debug, Clone, Args)]
pub struct DbExportArgs {
    /// Folder for the files, one of each form a table; made where it is not there. Nothing in it is overwritten.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Which form.
    #[arg(long, value_enum, default_value_t = ExportFormat::Both)]
    pub format: ExportFormat,
    /// Only this table; may be given more than once.
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
    /// Which database.
    #[command(flatten)]
    pub place: DbPlace,
}

/// Form of exported files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// `TABLE.csv`.
    Csv,
    /// `TABLE.parquet`.
    Parquet,
    /// Both.
    Both,
}

/// `neo db backfill-ended-at`.
#[derive(Debug, Clone, Args)]
pub struct DbBackfillArgs {
    /// Write the ends that were found.
    #[arg(long, conflicts_with = "validate")]
    pub confirm: bool,
    /// Show the error it would make on sessions whose end is known.
    #[arg(long)]
    pub validate: bool,
    /// Which database.
    #[command(flatten)]
    pub place: DbPlace,
}

/// `neo db import`.
#[derive(Debug, Clone, Args)]
pub struct DbImportArgs {
    /// The database of the earlier engine.
    #[arg(value_name = "FILE")]
    pub source: PathBuf,
    /// The new database; must not be there yet.
    #[arg(long, value_name = "FILE", default_value = "data/imported.db")]
    pub db: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}
