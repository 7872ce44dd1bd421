//! `neo replay`: decide a session again from its journal. Reads only.

use super::session::{open_journalled, pick, read_failure};
use crate::cli::ReplayArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::settings;
use crate::text::printable;
use lab::{Outcome as Verdict, ReplayError, ReplayReport};
use serde_json::{Value, json};

/// Runs the command.
pub fn run(args: &ReplayArgs) -> Outcome {
    let config = match &args.common.config {
        Some(path) => Some(settings::load(Some(path))?.config),
        None => None,
    };
    let reader = open_journalled(&args.common)?;
    let session = pick(&reader, args.session)?;
    let report = lab::replay(&reader, session.session_id, config).map_err(|error| match error {
        ReplayError::Read(error) => read_failure(&error),
        ReplayError::Config { .. } => Failure::usage(error.to_string()),
        other => Failure::failed(other.to_string()),
    })?;
    if args.common.json {
        crate::out::line(&format!("{}", document(&report)))?;
    } else {
        crate::out::line(&printable(&report.to_string()))?;
    }
    Ok(if report.outcome == Verdict::Identical && report.checkpoint_problems.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn document(report: &ReplayReport) -> Value {
    let difference = match &report.outcome {
        Verdict::Identical => Value::Null,
        Verdict::Differs(d) => json!({
            "row": d.seq, "ledger_index": d.ledger_index, "close_time": d.close_time.to_iso(),
            "recorded": d.recorded.to_string(), "decided": d.decided.to_string(), "part": d.part,
        }),
        Verdict::Damaged(damage) => json!({"row": damage.seq, "damage": damage.reason}),
    };
    json!({
        "format": 1, "session_id": report.session_id, "identical": report.outcome == Verdict::Identical,
        "decisions": report.rows, "config_differs": report.config_differs, "config_notes": report.config_notes,
        "checkpoint_problems": report.checkpoint_problems,
        "journal_digest": report.digest.to_string().to_lowercase(), "first_difference": difference,
    })
}
