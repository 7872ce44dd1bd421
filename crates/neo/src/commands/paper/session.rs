//! One session against the embedded ledger: connect, read everything at one ledger, run until it is closed.

use super::Plan;
use super::market::Pacing;
use super::place::Place;
use super::recover::Recovered;
use crate::cli::Speed;
use crate::commands::faults;
use crate::exit::{Exit, Failure};
use ::session::{CHECKPOINT_ROWS, Connected, Desk, DriverError, Link, Pace, Pipe, Terms, View, Way};
use platform::signals::Signal;
use server::{CloseMode, EmbeddedLedger, LedgerServer, ServerError};
use sim::WorldSpec;
use std::net::SocketAddr;
use store::{Kept, StoreError, SystemDisk};
use tokio::sync::mpsc::UnboundedReceiver;

/// Bytes that may wait in each direction of the in-process pipe.
const PIPE_BYTES: usize = 1 << 20;

/// Runs a new session; gives its number.
pub async fn run(
    plan: &Plan<'_>,
    place: &Place,
    recovered: Option<Recovered>,
    view: &mut dyn View,
    signals: &mut UnboundedReceiver<Signal>,
) -> Result<i64, Failure> {
    let spec = plan.market.spec(plan.args.seed);
    let parent_session_id = recovered.as_ref().map(|recovered| recovered.session_id);
    let (server, world_id) = match recovered {
        Some(left) if left.is_unfinished || left.server.with_ledger(|ledger| *ledger.spec() == spec) => {
            (left.server, left.world_id)
        }
        other => {
            // The finished ledger must let go of its directory before another one takes it over.
            if let Some(finished) = other {
                finished.server.shut_down();
            }
            fresh(plan, place, spec)?
        }
    };
    if let Some(address) = plan.args.listen {
        let address = open_to_others(&server, address).await?;
        view.note(&format!("others may use the session's ledger: ws://{address} and http://{address}"));
    }
    let second = faults::begin(&server, plan.faults.as_ref()).await?;
    if let Some(second) = &second {
        view.note(&format!("the second node of the session's network: {second}"));
    }
    let of = Of { world_id, parent_session_id, second };
    let session = trade(plan, place, &server, of, view, signals).await;
    if let Some(summary) = faults::end(&server, plan.faults.as_ref()) {
        view.note(&summary);
    }
    session
}

/// What a session belongs to.
struct Of {
    /// Name of the ledger's history in the database.
    world_id: String,
    /// The session it continues.
    parent_session_id: Option<i64>,
    /// Where the second node listens already.
    second: Option<String>,
}

/// The session itself, on its ledger.
async fn trade(
    plan: &Plan<'_>,
    place: &Place,
    server: &LedgerServer,
    of: Of,
    view: &mut dyn View,
    signals: &mut UnboundedReceiver<Signal>,
) -> Result<i64, Failure> {
    let connected = connect(plan, server, place, of.second).await.map_err(failure)?;
    let terms = Terms {
        config: &plan.settings.config,
        world_id: of.world_id,
        parent_session_id: of.parent_session_id,
        accept_divergence: plan.args.accept_truth_divergence,
        duration_seconds: Some(plan.args.duration),
    };
    ::session::begin(desk(plan, place, view, signals), connected, terms).await.map_err(|error| match error {
        DriverError::BooksDisagree(detail) => at_the_gate(plan, place, &detail),
        error => failure(error),
    })
}

/// Books and ledger do not agree: what it is, what to look at, what mends it. It waits for somebody.
fn at_the_gate(plan: &Plan<'_>, place: &Place, detail: &str) -> Failure {
    let (db, ledger) = (plan.args.common.db.display(), place.ledger_dir.display());
    Failure::refused(format!(
        "refused to start: the books and the ledger do not agree: {detail}; nothing was written.\n\
         Every start is refused until that is settled. What happened is told by:\n  \
         neo audit --db {db}\n  neo anomalies --db {db}\n  neo audit --from-ledger --db {db}\n\
         When nothing explains it, take the ledger's word, as an event of its own (without --confirm it shows what would change):\n  \
         neo realign --confirm --db {db}\n\
         Or go on with the difference, DEGRADED and without offers:\n  \
         neo paper --accept-truth-divergence --db {db}\n\
         Where the history since the last books cannot be had, both are refused: put back {ledger} as it was."
    ))
}

/// Lets other programs in, at an address of their own; gives it. The session's connection stays another one.
async fn open_to_others(server: &LedgerServer, address: SocketAddr) -> Result<SocketAddr, Failure> {
    let listening = server.listen(address).await.map_err(|error| Failure::refused(error.to_string()))?;
    let address = listening.address();
    tokio::spawn(listening.run());
    Ok(address)
}

/// A ledger from its first ledger on. Its history gets a name of its own in the database: the same seed
/// gives the same ledger, but what the last one did on it was another history.
fn fresh(plan: &Plan<'_>, place: &Place, spec: WorldSpec) -> Result<(LedgerServer, String), Failure> {
    let ledger = EmbeddedLedger::create(&place.ledger_dir, spec)
        .map_err(|error| Failure::failed(error.to_string()))?;
    let sessions = place.reader()?.sessions().map_err(|error| Failure::failed(error.to_string()))?.len();
    let world_id = format!("{}-{}", ledger.world_id(), sessions + 1);
    Ok((LedgerServer::new(ledger, close_mode(plan)), world_id))
}

/// What the sessions of this place work with.
pub fn desk<'a>(
    plan: &Plan<'_>,
    place: &'a Place,
    view: &'a mut dyn View,
    signals: &'a mut UnboundedReceiver<Signal>,
) -> Desk<'a> {
    let pace = if plan.args.speed == Speed::Max { Pace::Barrier } else { Pace::Clock };
    Desk {
        disk: &SystemDisk,
        store: &place.store,
        keys: &place.keys,
        identity: &place.identity,
        pace,
        checkpoint_rows: CHECKPOINT_ROWS,
        space: place.space.clone(),
        view,
        signals,
    }
}

/// How ledgers close at this speed.
pub fn close_mode(plan: &Plan<'_>) -> CloseMode {
    if plan.args.speed == Speed::Max { CloseMode::Manual } else { CloseMode::Clock }
}

/// Connects to the embedded ledger: over a socket of this machine with ledgers closing by the clock, or at
/// `--speed max` through a pipe in the process that carries the same bytes. With `--nodes 2` also to its second node, at
/// `second` or an address of its own.
pub async fn connect(
    plan: &Plan<'_>,
    server: &LedgerServer,
    place: &Place,
    second: Option<String>,
) -> Result<Connected, DriverError> {
    let mut others = Vec::new();
    let (way, interval) = if plan.args.speed == Speed::Max {
        (Way::Pipe(pipe_to(server)), None)
    } else {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let refused = |error: ServerError| DriverError::StartRefused(error.to_string());
        let url = serve(server.listen(address).await.map_err(refused)?);
        if plan.args.nodes > 1 {
            others.push(Way::Socket(match second {
                Some(url) => url,
                None => serve(server.listen_second(address).await.map_err(refused)?),
            }));
        }
        let seconds = server.with_ledger(|ledger| ledger.spec().ledger_interval_seconds);
        (Way::Socket(url), Some(Pacing::of(plan.args.speed, seconds).interval()))
    };
    let link = Link::new(way, place.identity.network_id, interval).of_this_process().with_others(others);
    let connected = link.open(place.identity.clone()).await?;
    if plan.args.speed != Speed::Max {
        start_clock(plan, server);
    }
    Ok(connected)
}

/// Lets a listener run; gives its address.
fn serve(listening: server::Listening) -> String {
    let url = format!("ws://{}", listening.address());
    tracing::info!(%url, "the embedded ledger listens");
    tokio::spawn(listening.run());
    url
}

/// Pipes to this server.
pub fn pipe_to(server: &LedgerServer) -> Pipe {
    let server = server.clone();
    Box::new(move || {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let serving = server.clone();
        tokio::spawn(async move { serving.serve_stream(theirs).await });
        Ok(ours)
    })
}

fn start_clock(plan: &Plan<'_>, server: &LedgerServer) {
    let interval = server.with_ledger(|ledger| ledger.spec().ledger_interval_seconds);
    let (server, pacing) = (server.clone(), Pacing::of(plan.args.speed, interval));
    tokio::spawn(async move {
        match server.run_clock(pacing.interval()).await {
            ServerError::ClockReplaced => tracing::debug!("another clock closes the ledgers now"),
            // The ledger of a finished session makes way for a fresh one, and its clock ends with it.
            _ if server.is_shut_down() => tracing::debug!("the embedded ledger was shut down"),
            error => tracing::error!(%error, "the embedded ledger stopped"),
        }
    });
}

/// How a loop that did not end well ends the command.
pub fn failure(error: DriverError) -> Failure {
    match error {
        DriverError::StartRefused(detail) | DriverError::BooksDisagree(detail) => {
            Failure::refused(format!("refused to start: {detail}"))
        }
        error @ DriverError::Unreachable(_) => Failure::refused(format!("refused to start: {error}")),
        DriverError::StoppedBeforeStart => Failure { exit: Exit::Done, message: error.to_string() },
        DriverError::SecondSignal => Failure { exit: Exit::Interrupted, message: error.to_string() },
        DriverError::Store(StoreError::Failed { kept, reason }) => Failure::failed(format!(
            "the database failed: {reason}\n{}\nA session that was open stays open; the next `neo paper` on this database recovers it.",
            kept_words(kept)
        )),
        other => Failure::failed(format!(
            "{other}\nA session that was open stays open with everything that was committed; the next `neo paper` on this database \
             recovers it."
        )),
    }
}

/// What is on disk of a write that failed, in words.
fn kept_words(kept: Kept) -> &'static str {
    match kept {
        Kept::Nothing => {
            "Everything before this ledger is kept; of this one nothing was written, and nothing of it was sent."
        }
        Kept::AnomaliesOnly => {
            "Everything before this ledger is kept; of this one only what was observed of a missing offer."
        }
        Kept::Unknown => {
            "Everything before this ledger is kept; whether this one is, the next start finds out. Nothing of it was sent."
        }
    }
}
