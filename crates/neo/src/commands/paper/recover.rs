//! Start-up is recovery: a session found open is rebuilt from its journal, catches up with what its ledger did
//! meanwhile, and is closed, before a new one opens.

use super::Plan;
use super::market::Pacing;
use super::place::Place;
use super::session::{close_mode, connect, desk, failure};
use crate::exit::{Exit, Failure};
use ::session::{Left, RecoverError, Unsettled, View, unsettled};
use engine::HaltReason;
use platform::signals::Signal;
use server::{EmbeddedLedger, LedgerServer};
use store::{Reader, SessionRow};
use tokio::sync::mpsc::UnboundedReceiver;

/// The most ledger time that passes while nobody is there, in seconds.
const AWAY_SECONDS_MAX: u32 = 6 * 3600;

/// Said when the ledger beside the database has another history than the session's.
const OTHER_LEDGER: &str = "the embedded ledger beside the database is not the one it traded on";

/// What stands when start-up is over: the last session and the ledger it left.
pub struct Recovered {
    /// The session's number.
    pub session_id: i64,
    /// The name of the ledger's history in the database.
    pub world_id: String,
    /// The ledger, moved on.
    pub server: LedgerServer,
    /// The session left offers or transactions whose end was not seen, or books that differ: only on this ledger can that be
    /// settled.
    pub is_unfinished: bool,
    /// A signal came meanwhile, or it ended for a reason that waits for somebody: nothing else is to be opened.
    pub is_stopped: bool,
}

/// Finishes what the last session left, if it left anything.
pub async fn left(
    plan: &Plan<'_>,
    place: &Place,
    view: &mut dyn View,
    signals: &mut UnboundedReceiver<Signal>,
) -> Result<Option<Recovered>, Failure> {
    let reader = place.reader()?;
    let last = reader.sessions().map_err(|error| Failure::failed(error.to_string()))?.pop();
    let session_id = |session: &SessionRow| session.session_id;
    if let Some(session) = reader.unclosed_session().map_err(|error| Failure::failed(error.to_string()))? {
        let id = session_id(&session);
        note_nothing_given_up(plan, view, Some(id));
        return match crashed(plan, place, view, signals, session).await {
            Err(failure) if is_given_up(plan, id, &failure) => {
                give_up(place, view, id, &failure).map(|()| None)
            }
            outcome => outcome.map(Some),
        };
    }
    let newest = last.as_ref().map_or(0, session_id);
    let left = match last {
        None => None,
        Some(session) => unsettled(&reader, &session)
            .map_err(|error| Failure::failed(error.to_string()))?
            .map(|what| (session, what)),
    };
    match left {
        Some((session, what)) => closed(plan, place, view, &session, what),
        None => {
            refuse_unknown(plan, newest)?;
            note_nothing_given_up(plan, view, None);
            Ok(None)
        }
    }
}

/// A number that no session has is a slip of the hand: nothing is begun on it.
fn refuse_unknown(plan: &Plan<'_>, newest: i64) -> Result<(), Failure> {
    match plan.args.give_up.filter(|wanted| *wanted > newest) {
        None => Ok(()),
        Some(wanted) => Err(Failure::usage(format!(
            "--give-up {wanted}: there is no session {wanted}, the last one is {newest}, and none was left unfinished; no session was \
             begun. `neo session list` shows all"
        ))),
    }
}

/// Goes back to the ledger of a closed session that left something open there: the start on it is what settles it, or is
/// refused as the last one was.
fn closed(
    plan: &Plan<'_>,
    place: &Place,
    view: &mut dyn View,
    session: &SessionRow,
    what: Unsettled,
) -> Result<Option<Recovered>, Failure> {
    let id = session.session_id;
    let ended = match what {
        Unsettled::Orders => "before its offers were seen gone",
        Unsettled::Books => "with books that differ from its ledger",
        Unsettled::Start => {
            note_nothing_given_up(plan, view, None);
            // Its own books were proven when it was recovered: without its ledger there is nothing to go back to.
            let Ok(ledger) = open_ledger(place, session) else { return Ok(None) };
            return recovered(plan, session, ledger, false).map(Some);
        }
    };
    note_nothing_given_up(plan, view, Some(id));
    view.note(&format!("session {id} ended {ended}: going on with its ledger"));
    match open_ledger(place, session) {
        Err(failure) if is_given_up(plan, id, &failure) => Ok(None),
        ledger => recovered(plan, session, ledger?, true).map(Some),
    }
}

/// The same ledger, moved on, for the next session.
fn recovered(
    plan: &Plan<'_>,
    session: &SessionRow,
    ledger: EmbeddedLedger,
    is_unfinished: bool,
) -> Result<Recovered, Failure> {
    let server = move_on(plan, ledger)?;
    let (session_id, world_id) = (session.session_id, session.world_id.clone());
    Ok(Recovered { session_id, world_id, server, is_unfinished, is_stopped: false })
}

/// Whether the operator said that this session, which cannot be recovered, is to be given up.
fn is_given_up(plan: &Plan<'_>, session_id: i64, failure: &Failure) -> bool {
    failure.exit == Exit::Refused && plan.args.give_up == Some(session_id)
}

/// Says so when the session that is to be given up is not the one that was left unfinished.
fn note_nothing_given_up(plan: &Plan<'_>, view: &mut dyn View, left: Option<i64>) {
    if let Some(wanted) = plan.args.give_up.filter(|wanted| Some(*wanted) != left) {
        let which = left.map_or("no session was left unfinished".to_owned(), |id| {
            format!("the session that was left unfinished is {id}")
        });
        view.note(&format!("nothing is given up for --give-up {wanted}: {which}"));
    }
}

/// Closes a session of which the ledger is gone, without ending figures: nobody can tell them.
fn give_up(place: &Place, view: &mut dyn View, session_id: i64, why: &Failure) -> Result<(), Failure> {
    let why = why.message.lines().next().unwrap_or_default();
    place
        .store
        .abandon_session(
            session_id,
            HaltReason::RecoveredAfterCrash.as_str(),
            &format!("given up by the operator: {why}"),
        )
        .map_err(|error| Failure::failed(format!("session {session_id} could not be given up: {error}")))?
        .into_inner();
    tracing::warn!(session_id, why, "a session is given up");
    view.note(&format!("session {session_id} is given up: its rows are kept, its end is not known"));
    Ok(())
}

/// Recovers the session that a crash left open.
async fn crashed(
    plan: &Plan<'_>,
    place: &Place,
    view: &mut dyn View,
    signals: &mut UnboundedReceiver<Signal>,
    session: SessionRow,
) -> Result<Recovered, Failure> {
    let reader = place.reader()?;
    let left =
        Left::rebuild(&reader, session.clone()).map_err(|error| refusal(&session, &error.to_string()))?;
    let ledger = open_ledger(place, &session)?;
    if ledger.header().ledger_index < left.cursor() {
        let (here, there) = (ledger.header().ledger_index, left.cursor());
        return Err(refusal(
            &session,
            &format!("its books are at ledger {there}, the embedded ledger is at {here}"),
        ));
    }
    let server = move_on(plan, ledger)?;
    let connected = connect(plan, &server, place, None).await.map_err(failure)?;
    let is_stopped =
        left.close(desk(plan, place, view, signals), connected).await.map_err(|error| match error {
            RecoverError::OtherLedger(_) => refusal(&session, OTHER_LEDGER),
            RecoverError::Journal(error) => refusal(&session, &error.to_string()),
            RecoverError::Driver(error) => failure(error),
        })?;
    let (session_id, world_id) = (session.session_id, session.world_id);
    let is_unfinished = is_unfinished(&reader, &world_id)?;
    // What somebody is to look at is not gone because the process died over it.
    let ended = reader.session(session_id).ok().and_then(|session| session.halt_reason?.parse().ok());
    let is_stopped = is_stopped || super::exit_of(ended) == Exit::Halted;
    Ok(Recovered { session_id, world_id, server, is_unfinished, is_stopped })
}

/// Whether the last session of a ledger's history ended with anything unresolved.
fn is_unfinished(reader: &Reader, world_id: &str) -> Result<bool, Failure> {
    ::session::is_unfinished(reader, world_id).map_err(|error| Failure::failed(error.to_string()))
}

/// The ledger of a session, as it was left.
fn open_ledger(place: &Place, session: &SessionRow) -> Result<EmbeddedLedger, Failure> {
    let ledger =
        EmbeddedLedger::open(&place.ledger_dir).map_err(|error| refusal(session, &error.to_string()))?;
    if !session.world_id.starts_with(&ledger.world_id().to_string()) {
        return Err(refusal(session, OTHER_LEDGER));
    }
    Ok(ledger)
}

/// Lets the ledger move on by the time away.
fn move_on(plan: &Plan<'_>, mut ledger: EmbeddedLedger) -> Result<LedgerServer, Failure> {
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
        "refused to start: session {id} left its books unfinished and cannot be recovered: {why}.\nIts journal and books are kept as \
         they are. Put back the ledger directory (or the version of the program) it was written with, or start on another \
         database with --db FILE. If they are gone for good: --give-up {id} marks the session abandoned and begins a new one.",
        id = session.session_id
    ))
}
