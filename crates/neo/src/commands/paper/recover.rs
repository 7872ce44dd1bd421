//! Start-up is recovery: a session found open is rebuilt from its journal, catches up with what its ledger did
//! meanwhile, and is closed, before a new one opens.

use super::Plan;
use super::market::Pacing;
use super::place::Place;
use super::session::{Recovered, close_mode, connect, driver, failure};
use crate::driver::Opening;
use crate::exit::Failure;
use crate::view::View;
use engine::{Input, ResumeInput};
use platform::signals::Signal;
use server::{EmbeddedLedger, LedgerServer};
use store::SessionRow;
use tokio::sync::mpsc::UnboundedReceiver;

/// The most ledger time that passes while nobody is there, in seconds.
const AWAY_SECONDS_MAX: u32 = 6 * 3600;

/// Recovers the session that a crash left open, if there is one.
pub async fn unclosed(
    plan: &Plan<'_>,
    place: &Place,
    view: &mut dyn View,
    signals: &mut UnboundedReceiver<Signal>,
) -> Result<Option<Recovered>, Failure> {
    let reader = place.reader()?;
    let Some(session) = reader.unclosed_session().map_err(|error| Failure::failed(error.to_string()))? else {
        return Ok(None);
    };
    let server = reopen(plan, place, &session)?;
    let rebuilt =
        lab::rebuild(&reader, session.session_id).map_err(|error| refusal(&session, &error.to_string()))?;
    drop(reader);
    place
        .store
        .resume_session(session.session_id, rebuilt.head, rebuilt.rows)
        .map_err(|error| refusal(&session, &error.to_string()))?;
    view.note(&format!(
        "session {} was left open: catching up with its ledger and closing it",
        session.session_id
    ));
    let (stream, translator) = connect(plan, &server, place).await.map_err(failure)?;
    let from = rebuilt.engine.cursor().plus(1);
    let mut driver = driver(plan, place, rebuilt.engine, stream, translator, view, signals);
    let backfill = driver.backfill(from).await.map_err(failure)?;
    driver.run(Input::Resume(Box::new(ResumeInput { backfill })), Opening::Resumed).await.map_err(failure)?;
    Ok(Some(Recovered { session_id: session.session_id, world_id: session.world_id, server }))
}

/// The ledger of the session, moved on by the time away.
fn reopen(plan: &Plan<'_>, place: &Place, session: &SessionRow) -> Result<LedgerServer, Failure> {
    let mut ledger =
        EmbeddedLedger::open(&place.ledger_dir).map_err(|error| refusal(session, &error.to_string()))?;
    if !session.world_id.starts_with(&ledger.world_id().to_string()) {
        return Err(refusal(session, "the embedded ledger beside the database is not the one it traded on"));
    }
    let interval = ledger.spec().ledger_interval_seconds;
    let most = AWAY_SECONDS_MAX / interval.max(1);
    let ledgers =
        Pacing::of(plan.args.speed, interval).ledgers_in(ledger.seconds_since_last_close_wall(), most);
    ledger.advance(ledgers).map_err(|error| Failure::failed(error.to_string()))?;
    tracing::info!(ledgers, "the ledger moved on while nobody was there");
    Ok(LedgerServer::new(ledger, close_mode(plan)))
}

fn refusal(session: &SessionRow, why: &str) -> Failure {
    Failure::refused(format!(
        "refused to start: session {} was left open and cannot be recovered: {why}.\nIts journal and books are kept as they are. \
         Start on another database with --db FILE, or run the version that wrote it once.",
        session.session_id
    ))
}
