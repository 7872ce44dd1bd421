//! `neo db`: check, back up, restore, export and mend the database file. One file a command.

mod backfill;
mod backup;
mod check;
mod csv;
mod export;
mod import;
mod parquet;
mod restore;
mod vacuum;

use crate::cli::DbCommand;
use crate::exit::{Failure, Outcome};
use std::path::Path;
use store::{BackupError, OpenError, OpenMode, OpenRefused, ReadError, Reader, Store};

/// Runs the command.
pub fn run(command: &DbCommand) -> Outcome {
    match command {
        DbCommand::Check(args) => check::run(args),
        DbCommand::Backup(place) => backup::run(place),
        DbCommand::Restore(args) => restore::run(args),
        DbCommand::Export(args) => export::run(args),
        DbCommand::Vacuum(place) => vacuum::run(place),
        DbCommand::BackfillEndedAt(args) => backfill::run(args),
        DbCommand::Import(args) => import::run(args),
    }
}

/// Opens a database for mending: as whose it says it is, and refused while an engine runs.
fn open_to_mend(db: &Path) -> Result<Store, Failure> {
    let identity = Reader::open(db).and_then(|reader| reader.identity()).map_err(|error| refusal(&error))?;
    Store::open(db, &identity, OpenMode::MustExist).map_err(|error| open_refusal(&error))
}

/// Why a database was not opened, as a command ends with it.
fn open_refusal(error: &OpenError) -> Failure {
    match error {
        OpenError::Refused(refused) => Failure::refused(format!("{refused}; nothing was written")),
        other => Failure::failed(other.to_string()),
    }
}

/// Why a database was not read, as a command ends with it.
fn refusal(error: &ReadError) -> Failure {
    match error {
        ReadError::Refused(OpenRefused::Missing { path }) => Failure::refused(format!(
            "there is no database at {0}; `--db FILE` names another, `neo db restore --db {0}` lists its backups",
            path.display()
        )),
        other => crate::commands::session::read_failure(other),
    }
}

/// Why there is no copy, as a command ends with it.
fn no_copy(error: &BackupError) -> Failure {
    match error {
        BackupError::Refused(why) => Failure::refused(why.clone()),
        other => Failure::failed(format!("no copy was made: {other}; earlier backups are as they were")),
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
