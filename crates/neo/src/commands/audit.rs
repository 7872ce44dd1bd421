//! `neo audit`: prove the books of every session in the database. Reads only.

use super::session::{open_journalled, read_failure};
use crate::cli::AuditArgs;
use crate::exit::{Exit, Outcome};
use crate::text::printable;

/// Runs the command.
pub fn run(args: &AuditArgs) -> Outcome {
    let reader = open_journalled(&args.common)?;
    let report = lab::audit(&reader).map_err(|error| read_failure(&error))?;
    if args.common.json {
        crate::out::line(&format!("{}", report.json()))?;
    } else {
        crate::out::line(&printable(&report.to_string()))?;
    }
    Ok(if report.is_proven() { Exit::Done } else { Exit::Failed })
}
