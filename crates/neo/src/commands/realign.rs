//! `neo realign`: brings the books to the ledger, as an event of its own. A dry run unless confirmed; refused while a
//! session is open.

use super::capital::open_failure;
use super::paper::place::ledger_dir;
use super::paper::session::{failure, pipe_to};
use crate::cli::RealignArgs;
use crate::commands::session::read_failure;
use crate::exit::{Exit, Failure, Outcome};
use crate::settings;
use crate::view::Quiet;
use ::session::{CHECKPOINT_ROWS, Desk, Link, Pace, Space, Terms, Way, realign, realign_would};
use engine::{Asset, Config};
use serde_json::json;
use server::{CloseMode, EmbeddedLedger, LedgerServer};
use sim::identity;
use std::path::Path;
use store::{OpenMode, Reader, SessionRow, Store, SystemDisk};
use tokio::sync::mpsc::UnboundedReceiver;
use units::Exact;

/// What differs, by asset: what the books would change by.
type Deltas = Vec<(Asset, Exact)>;

/// Runs the command.
pub fn run(args: &RealignArgs) -> Outcome {
    let settings = settings::load(args.common.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(bring(args, &settings.config));
    runtime.shutdown_background();
    outcome
}

async fn bring(args: &RealignArgs, config: &Config) -> Outcome {
    let mut signals = platform::signals::listen()
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let reader = Reader::open(&args.common.db).map_err(|error| read_failure(&error))?;
    let last = last_closed(&reader, &args.common.db)?;
    let whose = reader.identity().map_err(|error| read_failure(&error))?;
    drop(reader);
    let literal = store::literal(&args.common.db).map_err(|refused| Failure::refused(refused.to_string()))?;
    let ledger = EmbeddedLedger::open(&ledger_dir(&literal)).map_err(|error| refusal(&error.to_string()))?;
    if !last.world_id.starts_with(&ledger.world_id().to_string()) {
        return Err(refusal("the embedded ledger beside the database is not the one of its last session"));
    }
    let open = if args.confirm { Store::open_for_session } else { Store::open };
    let store = open(&args.common.db, &whose, OpenMode::MustExist).map_err(|error| open_failure(&error))?;
    let server = LedgerServer::new(ledger, CloseMode::Manual);
    let outcome = deltas(&store, &server, config, &last, args.confirm, &mut signals).await;
    store.close();
    let (deltas, session_id) = outcome?;
    tell(args, &last, &deltas, session_id)
}

/// What differs and, when confirmed and anything does, the session that booked it.
async fn deltas(
    store: &Store,
    server: &LedgerServer,
    config: &Config,
    last: &SessionRow,
    is_confirmed: bool,
    signals: &mut UnboundedReceiver<platform::signals::Signal>,
) -> Result<(Deltas, Option<i64>), Failure> {
    let keys = identity::keys(identity::WALLET).map_err(|error| Failure::failed(error.to_string()))?;
    let us = Reader::open(store.path()).and_then(|reader| reader.identity()).map_err(|e| read_failure(&e))?;
    let us = us.to_engine();
    let mut view = Quiet;
    let terms = || Terms {
        config,
        world_id: last.world_id.clone(),
        parent_session_id: Some(last.session_id),
        accept_divergence: true,
        duration_seconds: None,
    };
    let connect = || async {
        let link = Link::new(Way::Pipe(pipe_to(server)), us.network_id, None);
        link.open(us.clone()).await.map_err(failure)
    };
    let space = Space::of(store.path(), 0);
    let desk = Desk {
        disk: &SystemDisk,
        store,
        keys: &keys,
        identity: &us,
        pace: Pace::Barrier,
        checkpoint_rows: CHECKPOINT_ROWS,
        space: space.clone(),
        view: &mut view,
        signals,
    };
    let deltas = realign_would(desk, connect().await?, terms()).await.map_err(failure)?;
    if !is_confirmed || deltas.is_empty() {
        return Ok((deltas, None));
    }
    let desk = Desk {
        disk: &SystemDisk,
        store,
        keys: &keys,
        identity: &us,
        pace: Pace::Barrier,
        checkpoint_rows: CHECKPOINT_ROWS,
        space,
        view: &mut view,
        signals,
    };
    let session_id = realign(desk, connect().await?, terms()).await.map_err(failure)?;
    Ok((deltas, Some(session_id)))
}

/// The session whose books are the last; refused while one is open.
fn last_closed(reader: &Reader, db: &Path) -> Result<SessionRow, Failure> {
    if let Some(open) = reader.unclosed_session().map_err(|error| read_failure(&error))? {
        return Err(refusal(&format!(
            "session {} is open: let it end, or let `neo paper --db {}` recover it first",
            open.session_id,
            db.display()
        )));
    }
    let sessions = reader.sessions().map_err(|error| read_failure(&error))?;
    sessions
        .into_iter()
        .next_back()
        .ok_or_else(|| refusal("the database has no session, so there are no books"))
}

fn tell(args: &RealignArgs, last: &SessionRow, deltas: &Deltas, session_id: Option<i64>) -> Outcome {
    let of = |asset: Asset| {
        let found = deltas.iter().find(|(of, _)| *of == asset);
        found.map_or_else(Exact::zero, |(_, amount)| amount.clone())
    };
    let (xrp, rlusd) = (of(Asset::Xrp).to_fixed(6), of(Asset::Rlusd).to_string());
    if args.common.json {
        let document = json!({"format": 1, "dry_run": !args.confirm, "books_of_session": last.session_id,
                              "delta_xrp": xrp, "delta_rlusd": rlusd, "session_id": session_id});
        crate::out::line(&document.to_string())?;
        return Ok(Exit::Done);
    }
    let what = match (deltas.is_empty(), session_id) {
        (true, _) => "The books are the ledger's; there is nothing to change.".to_owned(),
        (false, Some(session)) => format!(
            "The books were changed by {xrp} XRP and {rlusd} RLUSD to what the ledger has: session {session}, cause realignment."
        ),
        (false, None) => format!(
            "The ledger has {xrp} XRP and {rlusd} RLUSD more than the books of session {}. Nothing was changed; --confirm \
             changes the books.",
            last.session_id
        ),
    };
    crate::out::line(&what)?;
    Ok(Exit::Done)
}

fn refusal(why: &str) -> Failure {
    Failure::refused(format!("the books cannot be brought to the ledger: {why}; nothing was written"))
}
