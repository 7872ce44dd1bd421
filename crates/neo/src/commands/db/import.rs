//! `neo db import`: a database of the earlier engine into a new one of ours, with a report of what came over.

use super::open_refusal;
use crate::cli::DbImportArgs;
use crate::exit::{Exit, Outcome};
use crate::text::printable;
use serde_json::json;

/// Runs the command.
pub fn run(args: &DbImportArgs) -> Outcome {
    let report = store::legacy::import(&args.source, &args.db).map_err(|error| open_refusal(&error))?;
    let (source, target) = (args.source.display().to_string(), args.db.display().to_string());
    if args.json {
        let document = json!({"format": 1, "source": source, "db": target, "complete": report.is_complete(),
                              "report": report});
        crate::out::line(&document.to_string())?;
        return Ok(Exit::Done);
    }
    let ending = if report.is_complete() {
        "Everything in the tables that both have came over."
    } else {
        "What is named above did not come over; the source has it still, unchanged."
    };
    let text =
        format!("{source} into {target}\n\n{report}\n{ending}\nSee it: neo session list --db {target}\n");
    crate::out::text(&printable(&text))?;
    Ok(Exit::Done)
}
