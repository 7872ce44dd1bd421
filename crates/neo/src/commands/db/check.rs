//! `neo db check`: what was looked at, what it means, what is wrong. Reads only.

use super::{grouped, refusal};
use crate::cli::DbCheckArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable;
use serde_json::{Value, json};
use std::fmt::Write as _;
use store::{CheckReport, Depth, OpenRefused, ReadError, backups};

/// Runs the command.
pub fn run(args: &DbCheckArgs) -> Outcome {
    let report = store::check(&args.place.db, args.full).map_err(|error| match &error {
        // Damage that leaves nothing to look at is still what was asked for.
        ReadError::Refused(refused @ OpenRefused::Damaged { .. }) => Failure::failed(refused.to_string()),
        _ => refusal(&error),
    })?;
    if args.place.json {
        crate::out::line(&document(&report).to_string())?;
    } else {
        crate::out::text(&printable(&text(&report)))?;
    }
    Ok(if report.is_sound() { Exit::Done } else { Exit::Failed })
}

fn document(report: &CheckReport) -> Value {
    let findings: serde_json::Map<String, Value> = report
        .findings
        .iter()
        .map(|f| (f.what.to_owned(), f.wrong.as_deref().unwrap_or("ok").into()))
        .collect();
    let chains: Vec<Value> = report
        .chains
        .iter()
        .map(|c| json!({"session_id": c.session_id, "rows": c.rows, "head": c.head}))
        .collect();
    json!({
        "format": 1, "db": report.path.display().to_string(), "sound": report.is_sound(),
        "bytes": report.bytes, "wal_bytes": report.wal_bytes, "in_use": report.is_in_use,
        "schema_version": report.schema_version.0, "depth": depth(report.depth),
        "findings": findings, "journals": chains, "backups": backups(&report.path).len(),
    })
}

fn text(report: &CheckReport) -> String {
    let mut out = String::new();
    let used = if report.is_in_use { "in use by an engine" } else { "not in use" };
    let _ = writeln!(
        out,
        "{}: {} bytes and {} in its log, schema {}, {used}",
        report.path.display(),
        grouped(report.bytes),
        grouped(report.wal_bytes),
        report.schema_version.0
    );
    for finding in &report.findings {
        let said = finding.wrong.clone().unwrap_or_else(|| meaning(report, finding.what));
        let word = if finding.wrong.is_none() { "ok" } else { "WRONG" };
        let _ = writeln!(out, "  {:<13}{word:<7}{said}", finding.what.replace('_', " "));
    }
    let kept = backups(&report.path);
    let newest = kept.first().map_or(String::new(), |b| format!(", the newest {}", b.path.display()));
    let _ = writeln!(out, "  {:<20}{}{newest}", "backups", kept.len());
    let last = if report.is_sound() {
        "Sound: the file is what was written to it.".to_owned()
    } else {
        format!(
            "Damaged. Nothing was changed. `neo db restore --db {}` lists the backups and restores one.",
            report.path.display()
        )
    };
    let _ = writeln!(out, "{last}");
    out
}

/// What it means that a part is as it should be.
fn meaning(report: &CheckReport, what: &str) -> String {
    match what {
        "schema" => "every table, index and column is as its version makes it, and no other".to_owned(),
        "pages" => match report.depth {
            Depth::Full => {
                "integrity_check: every page and record, and every index agrees with its table".to_owned()
            }
            Depth::Quick => {
                "quick_check: every page and record; whether indexes agree with their tables only --full says"
                    .to_owned()
            }
        },
        "foreign_keys" => "every row that names another names one that is there".to_owned(),
        "journal" => {
            let rows = report.chains.iter().map(|chain| u64::try_from(chain.rows).unwrap_or(0)).sum();
            format!(
                "{} sessions, {} rows: each follows from the one before, none is changed, missing or moved",
                report.chains.len(),
                grouped(rows)
            )
        }
        "checkpoints" => {
            "each names its row of the journal and is what was written; `neo replay` compares them".to_owned()
        }
        "log" if report.is_in_use => "not looked at: an engine writes it".to_owned(),
        "log" => "nothing that was committed is missing from it".to_owned(),
        _ => String::new(),
    }
}

fn depth(depth: Depth) -> &'static str {
    match depth {
        Depth::Quick => "quick_check",
        Depth::Full => "integrity_check",
    }
}
