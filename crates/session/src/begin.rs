//! The beginning of a new session: everything is read at one ledger, and what the last session left is carried on.

use crate::driver::{Connected, Driver, DriverError, LoopState, Opening, Pace};
use crate::space::Space;
use crate::view::View;
use client::ClientError;
use engine::config::Config;
use engine::{Asset, Cause, Effect, Engine, Identity, Input, Notice, Record, StartInput, TruthReason};
use ledger::KeyPair;
use platform::signals::Signal;
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Disk, ReadError, Reader, SessionStart, Store};
use tokio::sync::mpsc::UnboundedReceiver;
use units::Exact;

/// What every session of a wallet works with.
pub struct Desk<'a> {
    /// The disk that the database is on.
    pub disk: &'a dyn Disk,
    /// The database.
    pub store: &'a Store,
    /// Signs.
    pub keys: &'a KeyPair,
    /// Whose wallet it is, on which network.
    pub identity: &'a Identity,
    /// What makes ledgers close.
    pub pace: Pace,
    /// What the engine knows is kept each time so many rows were written.
    pub checkpoint_rows: usize,
    /// The room that must stay free.
    pub space: Space,
    /// Watches.
    pub view: &'a mut dyn View,
    /// Signals from outside.
    pub signals: &'a mut UnboundedReceiver<Signal>,
}

/// What a new session is to be.
pub struct Terms<'a> {
    /// Every key, typed and checked.
    pub config: &'a Config,
    /// Name of the ledger's history in the database.
    pub world_id: String,
    /// The session it continues, if any.
    pub parent_session_id: Option<i64>,
    /// The operator accepts a difference between the books and the ledger.
    pub accept_divergence: bool,
    /// Ledger time after which it ends, in seconds; none: when told to.
    pub duration_seconds: Option<u32>,
}

/// Runs a new session until it is closed; gives its number.
///
/// # Errors
/// [`DriverError`]; [`DriverError::StartRefused`] and [`DriverError::BooksDisagree`] with nothing written.
pub async fn begin(desk: Desk<'_>, connected: Connected, terms: Terms<'_>) -> Result<i64, DriverError> {
    begin_with(desk, connected, terms, Vec::new()).await
}

/// Runs a session that brings the books to the ledger and ends: whatever differs is one movement of each asset. Gives its
/// number.
///
/// # Errors
/// As [`begin`].
pub async fn realign(desk: Desk<'_>, connected: Connected, terms: Terms<'_>) -> Result<i64, DriverError> {
    let terms = Terms { accept_divergence: true, ..terms };
    begin_with(desk, connected, terms, vec![Notice::Realign]).await
}

/// What [`realign`] would change the books by, by asset; nothing is written.
///
/// # Errors
/// As [`begin`].
pub async fn realign_would(
    desk: Desk<'_>,
    connected: Connected,
    terms: Terms<'_>,
) -> Result<Vec<(Asset, Exact)>, DriverError> {
    let terms = Terms { accept_divergence: true, ..terms };
    let mut engine = Engine::new(terms.config.clone(), desk.identity.clone());
    let reader = desk.reader().map_err(unreadable)?;
    let mut driver = desk.driver(engine.clone(), connected);
    let start = driver.patiently(async |driver| start_input(&reader, driver, &terms).await).await?;
    let told =
        reader.open_notices(&terms.world_id, now_unix(), start.header.close_time).map_err(unreadable)?;
    let _ = engine.step(&Input::Notices(told.into_iter().chain([Notice::Realign]).collect()));
    let step = engine.step(&Input::Start(Box::new(start)));
    if let Some(detail) = step.effects.iter().find_map(|effect| match effect {
        Effect::StartRefused { detail } => Some(detail.clone()),
        _ => None,
    }) {
        return Err(DriverError::StartRefused(detail));
    }
    let moved = step.records.iter().filter_map(|record| match record {
        Record::Movement(row) if row.cause == Cause::Realignment => Some((row.asset, row.wallet_change())),
        _ => None,
    });
    Ok(moved.collect())
}

async fn begin_with(
    desk: Desk<'_>,
    connected: Connected,
    terms: Terms<'_>,
    mut notices: Vec<Notice>,
) -> Result<i64, DriverError> {
    let engine = Engine::new(terms.config.clone(), desk.identity.clone());
    let reader = desk.reader().map_err(unreadable)?;
    let mut driver = desk.driver(engine, connected);
    let start = driver.patiently(async |driver| start_input(&reader, driver, &terms).await).await?;
    let told =
        reader.open_notices(&terms.world_id, now_unix(), start.header.close_time).map_err(unreadable)?;
    notices.splice(0..0, told);
    driver.tell(notices);
    let opening = Opening::New(session_start(&driver, terms)?);
    driver.run(Input::Start(Box::new(start)), opening).await?;
    driver.state.session_id.ok_or_else(|| DriverError::StartRefused("no session was opened".to_owned()))
}

impl<'a> Desk<'a> {
    /// The read side of the database.
    pub(crate) fn reader(&self) -> Result<Reader, ReadError> {
        Reader::open_on(self.disk, self.store.path())
    }

    /// The loop around an engine on this connection.
    pub(crate) fn driver(self, engine: Engine, connected: Connected) -> Driver<'a> {
        let (link, stream, translator) = connected;
        Driver {
            engine,
            store: self.store,
            stream,
            link,
            translator,
            keys: self.keys,
            pace: self.pace,
            view: self.view,
            checkpoint_rows: self.checkpoint_rows,
            space: self.space,
            signals: self.signals,
            queue: VecDeque::new(),
            state: LoopState::default(),
        }
    }
}

/// Wall time in seconds since 1970: announcements are of so long.
pub(crate) fn now_unix() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub(crate) fn unreadable(error: ReadError) -> DriverError {
    DriverError::StartRefused(error.to_string())
}

async fn start_input(
    reader: &Reader,
    driver: &mut Driver<'_>,
    terms: &Terms<'_>,
) -> Result<StartInput, DriverError> {
    let truth = driver.snapshot(TruthReason::Start).await?;
    driver.confirm(truth.index, truth.hash).await?;
    let carried = reader.last_closed_books(&terms.world_id).map_err(unreadable)?;
    let missed = match &carried {
        Some(books) if books.at < truth.index => {
            let account = driver.engine.identity().account;
            let from = books.at.plus(1);
            let found = match driver.stream.connection().backfill(&account, from, truth.index).await {
                Err(error @ ClientError::Hole { .. }) => {
                    return Err(DriverError::BooksDisagree(error.to_string()));
                }
                found => found?,
            };
            driver.translator.own_ledgers(&found.ledgers)?
        }
        _ => Vec::new(),
    };
    Ok(StartInput {
        header: driver.translator.header_of(&truth),
        truth,
        carried,
        missed,
        accept_divergence: terms.accept_divergence,
        duration_seconds: terms.duration_seconds,
    })
}

fn session_start(driver: &Driver<'_>, terms: Terms<'_>) -> Result<SessionStart, DriverError> {
    let Terms { config, world_id, parent_session_id, .. } = terms;
    let genesis = engine::journal::genesis(config, driver.engine.identity())?;
    let config_text = config.texts().iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    Ok(SessionStart { world_id, config_text, genesis, parent_session_id })
}
