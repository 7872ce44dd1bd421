//! `neo audit`: prove the books of every session in the database, from the stored evidence or from the ledger's own
//! history. Reads only; with `--into` it makes one new file.

use super::session::{open_journalled, read_failure};
use crate::cli::AuditArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable;
use lab::{FromLedgerError, HistoryLedger, LedgerHistory};
use server::{EmbeddedLedger, RecordedHistory};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &AuditArgs) -> Outcome {
    let reader = open_journalled(&args.common)?;
    if args.from_ledger {
        return from_ledger(args, &reader);
    }
    let report = lab::audit(&reader).map_err(|error| read_failure(&error))?;
    if args.common.json {
        crate::out::line(&format!("{}", report.json()))?;
    } else {
        crate::out::line(&printable(&report.to_string()))?;
    }
    Ok(match report.is_sound() {
        true if report.unread.is_empty() => Exit::Done,
        true => Exit::Refused,
        false => Exit::Failed,
    })
}

/// The books made again from the ledger beside the database.
fn from_ledger(args: &AuditArgs, reader: &store::Reader) -> Outcome {
    if let Some(file) = args.into.as_deref().filter(|file| file.symlink_metadata().is_ok()) {
        return Err(Failure::failed(format!(
            "--into {file}: there is a file of that name already, and it is never written over; name one that is not there, or move \
             it away; nothing was compared",
            file = file.display()
        )));
    }
    let us = reader.identity().map_err(|error| read_failure(&error))?;
    let directory = ledger_dir(&args.common.db)?;
    let recorded =
        EmbeddedLedger::recorded(&directory, &us.account).map_err(|error| refused(&error.to_string()))?;
    let report = lab::audit_from_ledger(reader, &history(recorded), args.into.as_deref()).map_err(
        |error| match error {
            FromLedgerError::Read(error) => read_failure(&error),
            other => refused(&other.to_string()),
        },
    )?;
    if args.common.json {
        crate::out::line(&format!("{}", report.json()))?;
    } else {
        crate::out::line(&printable(&report.to_string()))?;
    }
    Ok(if report.equal { Exit::Done } else { Exit::Failed })
}

fn refused(why: &str) -> Failure {
    Failure::refused(format!("the books cannot be made again from a ledger: {why}; nothing was compared"))
}

/// `<db>.ledger`, where `neo paper` keeps it.
fn ledger_dir(db: &Path) -> Result<PathBuf, Failure> {
    let db = store::literal(db).map_err(|refused| Failure::refused(refused.to_string()))?;
    let mut name = db.into_os_string();
    name.push(".ledger");
    Ok(PathBuf::from(name))
}

/// The same in the auditor's words.
fn history(recorded: RecordedHistory) -> LedgerHistory {
    let ledgers = recorded.ledgers.into_iter().map(|ledger| HistoryLedger {
        index: ledger.header.ledger_index.get(),
        close_time: ledger.header.close_time,
        transactions: ledger.transactions.into_iter().map(|tx| (tx.hash, tx.blob, tx.meta)).collect(),
    });
    LedgerHistory { world_id: recorded.world_id.to_string(), spec: recorded.spec, ledgers: ledgers.collect() }
}
