//! The beginning of a new session: everything is read at one ledger, and what the last session left is carried on.

use crate::driver::{Connected, Driver, DriverError, LoopState, Opening, Pace};
use crate::space::Space;
use crate::view::View;
use engine::config::Config;
use engine::{Engine, Identity, Input, StartInput, TruthReason};
use ledger::KeyPair;
use platform::signals::Signal;
use std::collections::VecDeque;
use store::{Disk, ReadError, Reader, SessionStart, Store};
use tokio::sync::mpsc::UnboundedReceiver;

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
/// [`DriverError`]; [`DriverError::StartRefused`] with nothing written.
pub async fn begin(desk: Desk<'_>, connected: Connected, terms: Terms<'_>) -> Result<i64, DriverError> {
    let engine = Engine::new(terms.config.clone(), desk.identity.clone());
    let reader = desk.reader();
    let mut driver = desk.driver(engine, connected);
    let start = start_input(reader, &mut driver, &terms).await?;
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
            space: self.space,
            signals: self.signals,
            queue: VecDeque::new(),
            state: LoopState::default(),
        }
    }
}

async fn start_input(
    reader: Result<Reader, ReadError>,
    driver: &mut Driver<'_>,
    terms: &Terms<'_>,
) -> Result<StartInput, DriverError> {
    let unreadable = |error: ReadError| DriverError::StartRefused(error.to_string());
    let truth = driver.snapshot(TruthReason::Start).await?;
    let carried = reader.and_then(|reader| reader.last_closed_books(&terms.world_id)).map_err(unreadable)?;
    let missed = match &carried {
        Some(books) if books.at < truth.index => {
            let account = driver.engine.identity().account;
            let from = books.at.plus(1);
            let found = driver.stream.connection().backfill(&account, from, truth.index).await?;
            if !driver.has_ledgers(from, truth.index).await? {
                let what = format!("the server does not have every ledger from {from} to {}", truth.index);
                return Err(DriverError::StartRefused(what));
            }
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
