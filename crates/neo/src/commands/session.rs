//! `neo session list|show`: what past sessions did. Reads only.

use crate::cli::{CommonArgs, SessionCommand};
use crate::exit::{Exit, Failure, Outcome};
use crate::report::Report;
use crate::text::{printable, printable_line};
use serde_json::json;
use store::{OpenRefused, ReadError, Reader, SessionRow};

/// The status of a session that was given up.
const ABANDONED: &str = "abandoned";

/// Runs the command.
pub fn run(command: &SessionCommand) -> Outcome {
    match command {
        SessionCommand::List(args) => list(&args.common),
        SessionCommand::Show(args) => {
            let reader = open(&args.common)?;
            let session = pick(&reader, args.session)?;
            let report = Report::load(&reader, session.session_id).map_err(|e| read_failure(&e))?;
            if args.common.json {
                crate::out::line(&format!("{}", report.json()))?;
            } else {
                let heading = format!("Session {} on {}", session.session_id, session.network);
                crate::out::text(&printable(&report.text(&heading)))?;
            }
            Ok(Exit::Done)
        }
    }
}

fn list(common: &CommonArgs) -> Outcome {
    let reader = open(common)?;
    let sessions = reader.sessions().map_err(|e| read_failure(&e))?;
    if common.json {
        let rows: Vec<_> = sessions
            .iter()
            .map(|s| {
                json!({"session_id": s.session_id, "status": s.status, "halt_reason": s.halt_reason,
                            "started_at": s.started_at, "ended_at": s.ended_at, "closed_by": s.closed_by,
                            "starting_value": s.starting_value, "ending_value": s.ending_value,
                            "journal_digest": s.journal_digest})
            })
            .collect();
        crate::out::line(&format!("{}", json!({"format": 1, "sessions": rows})))?;
        return Ok(Exit::Done);
    }
    crate::out::line(&format!(
        "{:>4}  {:<19}  {:<10}  {:<26}  {:>10}",
        "no", "started (ledger)", "lasted", "reason", "P&L RLUSD"
    ))?;
    for s in &sessions {
        crate::out::line(&format!(
            "{:>4}  {:<19}  {:<10}  {:<26}  {:>10}",
            s.session_id,
            printable_line(&s.started_at.replace('T', " ").replace('Z', "")),
            lasted(&reader, s),
            printable_line(reason(s)),
            gained(&reader, s)
        ))?;
    }
    Ok(Exit::Done)
}

/// Why a session ended. One that was given up has no end of its own: what stands as its reason is who wrote that down.
fn reason(session: &SessionRow) -> &str {
    match session.halt_reason.as_deref() {
        Some(reason) if session.status != ABANDONED => reason,
        _ => &session.status,
    }
}

/// Ledger time of a session that has an end.
fn lasted(reader: &Reader, session: &SessionRow) -> String {
    let figures = reader.figures(session.session_id).ok().flatten();
    let seconds = figures.map(|figures| figures.seconds).or_else(|| {
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let span = time(session.ended_at.as_deref()?)?.duration_since(time(&session.started_at)?);
        u32::try_from(span.as_secs()).ok()
    });
    seconds.map_or("–".to_owned(), crate::duration::format)
}

/// Profit and loss where the session counted it; else, as of the earlier engine's sessions, the value at the end less that at
/// the start.
fn gained(reader: &Reader, session: &SessionRow) -> String {
    if let Ok(Some(figures)) = reader.figures(session.session_id) {
        return figures.pnl_rlusd.map_or("–".to_owned(), |pnl| crate::view::signed_at(&pnl, 4));
    }
    let read = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<units::Exact>().ok());
    match (read(&session.starting_value), read(&session.ending_value)) {
        (Some(start), Some(end)) => crate::view::signed_at(&(&end - &start), 4),
        _ => "–".to_owned(),
    }
}

/// Opens a database for reading.
pub fn open(common: &CommonArgs) -> Result<Reader, Failure> {
    Reader::open(&common.db).map_err(|error| read_failure(&error))
}

/// Opens a database whose sessions have a journal.
pub fn open_journalled(common: &CommonArgs) -> Result<Reader, Failure> {
    let reader = open(common)?;
    if reader.is_imported().map_err(|error| read_failure(&error))? {
        return Err(Failure::usage(format!(
            "{} holds sessions of the earlier engine, which kept no journal: nothing in it can be decided again or proven; \
             `neo session list` and `neo session show N` tell what it says",
            common.db.display()
        )));
    }
    Ok(reader)
}

/// The session that was asked for, or the last one.
pub fn pick(reader: &Reader, wanted: Option<i64>) -> Result<SessionRow, Failure> {
    match wanted {
        Some(id) => reader.session(id).map_err(|e| read_failure(&e)),
        None => {
            let mut sessions = reader.sessions().map_err(|e| read_failure(&e))?;
            sessions.pop().ok_or_else(|| {
                Failure::usage("there is no session in this database yet; `neo paper` makes one")
            })
        }
    }
}

/// A failed read as a command ends with it.
pub fn read_failure(error: &ReadError) -> Failure {
    match error {
        ReadError::Refused(OpenRefused::Missing { path }) => Failure::refused(format!(
            "there is no database at {}; `neo paper` makes one, `--db FILE` names another",
            path.display()
        )),
        ReadError::Refused(refused) => Failure::refused(refused.to_string()),
        ReadError::NoSession(id) => {
            Failure::usage(format!("there is no session {id}; `neo session list` shows all"))
        }
        ReadError::JournalVersion { .. } => Failure::refused(error.to_string()),
        other => Failure::failed(other.to_string()),
    }
}
