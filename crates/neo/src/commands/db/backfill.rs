//! `neo db backfill-ended-at`: ends for old sessions that have none. A dry run unless confirmed.

use super::{open_refusal, refusal};
use crate::cli::DbBackfillArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable;
use serde_json::{Value, json};
use std::fmt::Write as _;
use store::{EndEvidence, OpenMode, Reader, Store};

/// Runs the command.
pub fn run(args: &DbBackfillArgs) -> Outcome {
    let reader = Reader::open(&args.place.db).map_err(|error| refusal(&error))?;
    let evidence = reader.end_evidence().map_err(|error| refusal(&error))?;
    let identity = reader.identity().map_err(|error| refusal(&error))?;
    drop(reader);
    if args.validate {
        return validate(args, &evidence);
    }
    let open_ends: Vec<EndEvidence> = evidence.into_iter().filter(EndEvidence::is_open_end).collect();
    let mut changed = 0;
    if args.confirm {
        let store = Store::open_for_session(&args.place.db, &identity, OpenMode::MustExist)
            .map_err(|e| open_refusal(&e))?;
        let written = store.backfill_ended_at(open_ends.clone());
        store.close();
        changed = written.map_err(|error| Failure::failed(error.to_string()))?;
    }
    if args.place.json {
        let rows: Vec<Value> = open_ends.iter().map(row).collect();
        let document = json!({"format": 1, "db": args.place.db.display().to_string(), "dry_run": !args.confirm,
                              "sessions": rows, "changed": changed});
        crate::out::line(&document.to_string())?;
    } else {
        crate::out::text(&printable(&text(args, &open_ends, changed)))?;
    }
    Ok(Exit::Done)
}

fn row(evidence: &EndEvidence) -> Value {
    json!({"session_id": evidence.session_id, "started_at": evidence.started_at, "ended_at": evidence.found,
           "source": evidence.source})
}

fn text(args: &DbBackfillArgs, open_ends: &[EndEvidence], changed: usize) -> String {
    let mut out = String::new();
    for end in open_ends {
        let found = match (&end.found, end.source) {
            (Some(at), Some(table)) => format!("{at}, from its last row in {table}"),
            _ => "nothing tells when it ended; left as it is".to_owned(),
        };
        let _ = writeln!(out, "session {:>5}  began {}  ended {found}", end.session_id, end.started_at);
    }
    let found = open_ends.iter().filter(|end| end.found.is_some()).count();
    let _ = if args.confirm {
        writeln!(
            out,
            "{changed} of {} sessions without an end have one now, marked closed_by backfill.",
            open_ends.len()
        )
    } else {
        writeln!(
            out,
            "{} sessions without an end, {found} of them can have one. Nothing was changed; --confirm writes them.",
            open_ends.len()
        )
    };
    out
}

/// The error on sessions whose end was written by the engine or by recovery: found less known, in seconds.
fn validate(args: &DbBackfillArgs, evidence: &[EndEvidence]) -> Outcome {
    let is_known = |e: &&EndEvidence| e.closed_by.as_deref() != Some("backfill");
    let mut rows: Vec<(i64, i64)> = Vec::new();
    let mut silent = 0;
    for end in evidence.iter().filter(is_known) {
        match end.error_seconds {
            Some(error) => rows.push((end.session_id, error)),
            None if end.ended_at.is_some() => silent += 1,
            None => {}
        }
    }
    let mut sorted: Vec<i64> = rows.iter().map(|(_, error)| error.abs()).collect();
    sorted.sort_unstable();
    let at = |share: usize| sorted.get((sorted.len().saturating_sub(1)) * share / 100).copied();
    let exact = sorted.iter().filter(|error| **error == 0).count();
    let worst = rows.iter().max_by_key(|(_, error)| error.abs());
    if args.place.json {
        let document = json!({
            "format": 1, "db": args.place.db.display().to_string(), "sessions": rows.len(), "exact": exact,
            "without_rows": silent, "p50_seconds": at(50), "p95_seconds": at(95), "max_seconds": at(100),
            "worst_session": worst.map(|(id, _)| id),
        });
        crate::out::line(&document.to_string())?;
        return Ok(Exit::Done);
    }
    let mut out = format!(
        "{} sessions whose end is known: {exact} would be found to the second, {silent} have no row to find it from.\n",
        rows.len() + silent
    );
    if let (Some(p50), Some(p95), Some((id, error))) = (at(50), at(95), worst) {
        let _ = writeln!(out, "Error: p50 {p50} s, p95 {p95} s; the worst is {error} s, session {id}.");
    }
    let _ = writeln!(out, "Nothing was changed.");
    crate::out::text(&printable(&out))?;
    Ok(Exit::Done)
}
