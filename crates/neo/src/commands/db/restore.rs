//! `neo db restore`: the backups there are, or one of them in the database's place.

use super::{grouped, open_refusal};
use crate::cli::DbRestoreArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use store::{Backup, LostSession, RestoreError, Restored, backups, finish_interrupted, restore};

/// Runs the command.
pub fn run(args: &DbRestoreArgs) -> Outcome {
    let (db, json) = (&args.place.db, args.place.json);
    let finished = finish_interrupted(db).map_err(|error| failure(&error))?;
    if let Some(backup) = &finished
        && !json
    {
        crate::out::text(&printable(&format!("An interrupted restore of {backup} is finished.\n")))?;
    }
    match &args.backup {
        None => list(db, finished, json),
        Some(backup) => {
            let restored = restore(db, &locate(db, backup)).map_err(|error| failure(&error))?;
            if json {
                crate::out::line(&document(db, &restored).to_string())?;
            } else {
                crate::out::text(&printable(&text(db, &restored)))?;
            }
            Ok(Exit::Done)
        }
    }
}

/// A path as it stands, or the name of a file beside the database.
fn locate(db: &Path, backup: &Path) -> PathBuf {
    let beside = db.with_file_name(backup);
    if !backup.exists() && backup.components().count() == 1 && beside.exists() {
        return beside;
    }
    backup.to_owned()
}

fn failure(error: &RestoreError) -> Failure {
    match error {
        RestoreError::Open(error) => open_refusal(error),
        RestoreError::Unsound { .. } | RestoreError::NoPlan { .. } => Failure::refused(error.to_string()),
        RestoreError::Stuck { .. } => Failure::failed(error.to_string()),
        other => {
            Failure::failed(format!("{other}; run the same command again: it goes on where this one ended"))
        }
    }
}

fn list(db: &Path, finished: Option<String>, json: bool) -> Outcome {
    let found = backups(db);
    if json {
        let rows: Vec<Value> = found.iter().map(row).collect();
        let document =
            json!({"format": 1, "db": db.display().to_string(), "finished": finished, "backups": rows});
        crate::out::line(&document.to_string())?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        crate::out::line(&format!("There are no backups beside {}.", db.display()))?;
        return Ok(Exit::Done);
    }
    let mut out = format!(
        "{:<20}  {:<16}  {:>12}  {:<34}  {:<12}  name\n",
        "made (UTC)", "when", "bytes", "last session", "sha256"
    );
    for backup in &found {
        let _ = writeln!(
            out,
            "{:<20}  {:<16}  {:>12}  {:<34}  {:<12}  {}",
            backup.made_at,
            backup.kind.meaning(),
            grouped(backup.bytes),
            last(backup),
            backup.sha256.as_deref().and_then(|sum| sum.get(..12)).unwrap_or("not recorded"),
            backup.path.file_name().unwrap_or_default().to_string_lossy()
        );
    }
    let _ = writeln!(out, "Restore one: neo db restore --db {} NAME", db.display());
    crate::out::text(&printable(&out))?;
    Ok(Exit::Done)
}

fn last(backup: &Backup) -> String {
    match backup.sessions.as_ref().map(|sessions| sessions.last()) {
        None => "does not read".to_owned(),
        Some(None) => "none".to_owned(),
        Some(Some(session)) => match &session.ended_at {
            Some(at) => format!("{} ended {at}", session.session_id),
            None => format!("{} {}, {} rows", session.session_id, session.status, session.rows),
        },
    }
}

fn row(backup: &Backup) -> Value {
    json!({
        "path": backup.path.display().to_string(), "kind": backup.kind.word(), "made_at": backup.made_at,
        "bytes": backup.bytes, "sha256": backup.sha256, "last_session": backup.last_session(),
        "sessions": backup.sessions.as_ref().map(Vec::len),
    })
}

fn document(db: &Path, restored: &Restored) -> Value {
    let lost: Vec<Value> = restored
        .lost
        .iter()
        .map(|lost| {
            json!({
                "session_id": lost.session.session_id, "started_at": lost.session.started_at,
                "ended_at": lost.session.ended_at, "rows": lost.session.rows, "restored_rows": lost.restored_rows,
            })
        })
        .collect();
    json!({
        "format": 1, "db": db.display().to_string(), "backup": restored.backup.display().to_string(),
        "set_aside": restored.aside.as_ref().map(|path| path.display().to_string()),
        "quick_check": restored.quick_check, "sessions": restored.sessions.len(),
        "highest_session": restored.sessions.last().map(|session| session.session_id),
        "lost": lost, "loss_known": restored.is_loss_known, "identity_compared": restored.is_identity_compared,
    })
}

fn text(db: &Path, restored: &Restored) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} is {} now.", db.display(), restored.backup.display());
    match &restored.aside {
        Some(aside) => {
            let _ = writeln!(out, "  set aside     {} (and what was beside it)", aside.display());
        }
        None => {
            let _ = writeln!(out, "  set aside     nothing: there was no database");
        }
    }
    let _ = writeln!(out, "  quick_check   {}", restored.quick_check);
    let highest = restored.sessions.last().map_or("none".to_owned(), |s| s.session_id.to_string());
    let _ = writeln!(out, "  sessions      {}, the highest is {highest}", restored.sessions.len());
    if !restored.is_identity_compared {
        let _ = writeln!(
            out,
            "  whose         the damaged file no longer says whose it was; the backup was not compared with it"
        );
    }
    if restored.lost.is_empty() {
        let words = if restored.is_loss_known {
            "nothing that the file had"
        } else {
            "nothing that is known of; the damaged file cannot be read to the end of its sessions"
        };
        let _ = writeln!(out, "  lost          {words}");
    }
    for lost in &restored.lost {
        let _ = writeln!(out, "  lost          {}", words_of(lost));
    }
    if !restored.lost.is_empty() && !restored.is_loss_known {
        let _ = writeln!(
            out,
            "  lost          perhaps more: the damaged file cannot be read to the end of its sessions"
        );
    }
    let _ = writeln!(out, "Next: neo db check --db {0}, then neo audit --db {0}.", db.display());
    out
}

fn words_of(lost: &LostSession) -> String {
    let session = &lost.session;
    let end = session.ended_at.as_ref().map_or("not ended".to_owned(), |at| format!("ended {at}"));
    match lost.restored_rows {
        None => format!(
            "session {} (began {}, {end}, {} rows)",
            session.session_id, session.started_at, session.rows
        ),
        Some(kept) => format!(
            "the end of session {} (began {}, {end}): {kept} of {} rows are restored",
            session.session_id, session.started_at, session.rows
        ),
    }
}
