//! The loop around the engine: one input, one step, one commit, then the effects. It decides nothing.
//!
//! An effect can only be performed out of a [`Durable`], which only a commit makes: what leaves is on disk.

mod ask;
mod council;
mod link;
mod nodes;
mod patience;
mod wait;
mod witness;

pub use link::{Connected, Link, LinkError, Pipe, Way};

use crate::signals;
use crate::space::Space;
use crate::translate::{TranslateError, Translator};
use crate::view::View;
use client::{ClientError, ClosedLedger, LedgerStream};
use engine::{Effect, Engine, HaltReason, Input, SignedIntent, StopInput, TruthRead};
use ledger::KeyPair;
use platform::signals::Signal;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use store::{Durable, Store, StoreError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use units::{LedgerIndex, LedgerTime};

/// How long a stop may take before it closes with what is not verified named.
pub const STOP_DEADLINE: Duration = Duration::from_secs(20);
/// Signals that follow the first within this are the first once more.
const SAME_SIGNAL: Duration = Duration::from_millis(300);
/// Rows between two checkpoints of a session, about half an hour of ledgers: at most so many and a few more are decided
/// again at a restart.
pub const CHECKPOINT_ROWS: usize = 512;
/// Hints that may wait for the next commit.
const NOTED_MAX: usize = 64;
/// Close times remembered for pinned reads.
const CLOSE_TIMES_MAX: usize = 64;

/// What makes the next ledger close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The server's own clock.
    Clock,
    /// We do, once every queue is empty: the barrier of `--speed max`.
    Barrier,
}

/// Inputs and their steps, to be written together.
type Batch = Vec<(Input, engine::Step)>;
/// Signed bytes by intent, in hexadecimal.
type Blobs = BTreeMap<u64, String>;

/// Why the loop ended without a closed session.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connection to the ledger failed.
    #[error("the connection to the ledger failed: {0}")]
    Client(#[from] ClientError),
    /// The ledger of this process has stopped for good: no new connection brings it back. The next start recovers.
    #[error("the ledger of this process stopped: {0}")]
    LedgerStopped(String),
    /// The ledger could not be reached, as often as it was tried; no session was begun or gone on with.
    #[error("the ledger cannot be reached: {0}; nothing was written")]
    Unreachable(ClientError),
    /// The ledger said something that cannot be read.
    #[error("the ledger said something that cannot be read: {0}")]
    Translate(#[from] TranslateError),
    /// A transaction could not be signed.
    #[error("a transaction could not be signed: {0}")]
    Sign(#[from] ledger::SignError),
    /// The start was refused before books and ledger were compared.
    #[error("{0}")]
    StartRefused(String),
    /// The start was refused because books and ledger do not agree, or the history between them cannot be followed.
    /// Nothing was written, and the next start on the same ledger finds the same.
    #[error("{0}")]
    BooksDisagree(String),
    /// The session's first link cannot be made.
    #[error("the journal cannot be begun: {0}")]
    Journal(#[from] engine::journal::JournalError),
    /// A signal before the session was open: nothing was opened.
    #[error("stopped before a session was open; nothing was written")]
    StoppedBeforeStart,
    /// A second signal: stop at once, the next start recovers.
    #[error("stopped at once by a second signal; the next start recovers this session")]
    SecondSignal,
}

/// How the first inputs of a run are written.
pub enum Opening {
    /// A new session.
    New(store::SessionStart),
    /// The session is open in the store already.
    Resumed,
}

/// Everything the loop works with.
pub struct Driver<'a> {
    /// Decides.
    pub engine: Engine,
    /// Writes.
    pub store: &'a Store,
    /// Listens and asks.
    pub stream: LedgerStream,
    /// Leads back to the ledger when the connection is gone.
    pub link: Link,
    /// Translates.
    pub translator: Translator,
    /// Signs.
    pub keys: &'a KeyPair,
    /// What makes ledgers close.
    pub pace: Pace,
    /// Shows.
    pub view: &'a mut dyn View,
    /// What the engine knows is kept each time so many rows were written.
    pub checkpoint_rows: usize,
    /// The disk that the session is written to.
    pub space: Space,
    /// Signals from outside.
    pub signals: &'a mut UnboundedReceiver<Signal>,
    /// What happened and is not decided yet.
    pub queue: VecDeque<Input>,
    /// State that only the loop needs.
    pub state: LoopState,
}

/// What the loop remembers.
#[derive(Default)]
pub struct LoopState {
    close_times: BTreeMap<LedgerIndex, LedgerTime>,
    /// Rows that a restart would decide again: those since what the engine knows was kept.
    pub(crate) since_checkpoint: usize,
    /// Decided and not yet written: hints without effects.
    noted: Vec<(Input, engine::Step)>,
    truth: Option<TruthRead>,
    cursor: LedgerIndex,
    stopping: Option<Instant>,
    /// A signal has asked for the end, so that the next one is the second.
    is_signalled: bool,
    deadline_told: bool,
    ended: bool,
    /// A session is open in the store.
    is_open: bool,
    contact: wait::Contact,
    /// Number of the session, once it is open.
    pub session_id: Option<i64>,
}

impl LoopState {
    /// Whether a signal asked for the end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }
}

impl Driver<'_> {
    /// Runs until the session is closed.
    ///
    /// # Errors
    /// [`DriverError`]; a session that was opened then stays open, which is an ERROR in the log, and the next start
    /// recovers it.
    pub async fn run(&mut self, first: Input, opening: Opening) -> Result<(), DriverError> {
        self.state.is_open = matches!(opening, Opening::Resumed);
        let outcome = self.until_closed(first, opening).await;
        if let Err(error) = &outcome
            && self.state.is_open
        {
            tracing::error!(session_id = self.state.session_id, %error, "session_close_failed");
        }
        outcome
    }

    async fn until_closed(&mut self, first: Input, opening: Opening) -> Result<(), DriverError> {
        if self.signals.try_recv().is_ok() {
            match opening {
                Opening::New(_) => return Err(DriverError::StoppedBeforeStart),
                // What is recovered is being closed already: no session comes after it.
                Opening::Resumed => {
                    self.state.stopping = Some(Instant::now());
                    self.state.is_signalled = true;
                }
            }
        }
        self.open(first, opening).await?;
        while !self.state.ended {
            if let Ok(reason) = self.signals.try_recv() {
                self.signalled(reason)?;
            }
            if let Some(input) = self.queue.pop_front() {
                self.feed(input).await?;
            } else {
                self.wait().await?;
            }
        }
        Ok(())
    }

    async fn open(&mut self, first: Input, opening: Opening) -> Result<(), DriverError> {
        self.note_cursor(&first);
        let (decided, blobs) = self.decide(first)?;
        let mut batch = std::mem::take(&mut self.state.noted);
        batch.extend(decided);
        if let Some(detail) = refusal(&batch) {
            return Err(DriverError::BooksDisagree(detail));
        }
        let durable = match opening {
            Opening::New(start) => {
                let (session_id, durable) = self.store.open_session(start, batch)?;
                (self.state.session_id, self.state.is_open) = (Some(session_id), true);
                durable
            }
            Opening::Resumed => {
                self.state.noted = batch;
                self.commit()?
            }
        };
        self.perform(durable, &blobs).await
    }

    /// What the operator said, to be decided and written with the input that follows.
    pub(crate) fn tell(&mut self, notices: Vec<engine::Notice>) {
        if !notices.is_empty() {
            let input = Input::Notices(notices);
            let step = self.step(&input);
            self.show(&step);
            self.state.noted.push((input, step));
        }
    }

    /// One input through the engine, onto the disk, and its effects out. A step that only takes note of
    /// a hint waits for the next commit: it is no fact and nothing follows from it.
    async fn feed(&mut self, input: Input) -> Result<(), DriverError> {
        self.note_cursor(&input);
        let is_hint = matches!(input, Input::Submitted(_));
        let (batch, blobs) = self.decide(input)?;
        let nothing_follows = batch.iter().all(|(_, step)| step.effects.is_empty());
        self.state.noted.extend(batch);
        if is_hint && nothing_follows && self.state.noted.len() < NOTED_MAX {
            return Ok(());
        }
        let durable = self.commit()?;
        self.perform(durable, &blobs).await?;
        let cursor = self.state.cursor;
        if let Some(truth) = self.state.truth.take_if(|truth| truth.index <= cursor) {
            self.queue.push_front(Input::Truth(Box::new(truth)));
        }
        Ok(())
    }

    /// Writes what was decided, and now and then what the engine knows after it.
    fn commit(&mut self) -> Result<Durable<Vec<Effect>>, StoreError> {
        let batch = std::mem::take(&mut self.state.noted);
        self.state.since_checkpoint += batch.len();
        if self.state.since_checkpoint < self.checkpoint_rows {
            return self.store.commit(batch);
        }
        self.state.since_checkpoint = 0;
        match self.engine.checkpoint() {
            Ok(state) => self.store.commit_with_state(batch, state),
            Err(error) => {
                tracing::warn!(%error, "no checkpoint: a restart reads more of the journal");
                self.store.commit(batch)
            }
        }
    }

    /// The step of an input and, when it wants something sent, the step of its signatures: both are
    /// written in one transaction.
    fn decide(&mut self, input: Input) -> Result<(Batch, Blobs), DriverError> {
        let step = self.step(&input);
        self.show(&step);
        let mut signed = Vec::new();
        let mut blobs = BTreeMap::new();
        for effect in &step.effects {
            if let Effect::Submit(intent) = effect {
                let tx = ledger::sign(&intent.transaction(self.engine.identity()), self.keys)?;
                blobs.insert(intent.intent_id, tx.blob_hex());
                signed.push(SignedIntent { intent_id: intent.intent_id, hash: tx.hash, blob: tx.blob });
            }
        }
        let mut batch = vec![(input, step)];
        if !signed.is_empty() {
            let input = Input::Signed(signed);
            let step = self.step(&input);
            self.show(&step);
            batch.push((input, step));
        }
        Ok((batch, blobs))
    }

    #[cfg(not(feature = "spoiled"))]
    fn step(&mut self, input: &Input) -> engine::Step {
        self.engine.step(input)
    }

    #[cfg(feature = "spoiled")]
    fn step(&mut self, input: &Input) -> engine::Step {
        let mut step = self.engine.step(input);
        self.view.spoil(input, &mut step);
        step
    }

    fn show(&mut self, step: &engine::Step) {
        for line in &step.logs {
            log(line);
        }
        self.view.step(&self.engine, step);
    }

    async fn perform(&mut self, durable: Durable<Vec<Effect>>, blobs: &Blobs) -> Result<(), DriverError> {
        for effect in durable.into_inner() {
            match effect {
                Effect::Submit(intent) => {
                    let outcome = self.submit(intent.intent_id, blobs.get(&intent.intent_id)).await;
                    self.queue.push_back(Input::Submitted(outcome));
                }
                Effect::ReadTruth { reason } => self.read_truth(reason).await?,
                Effect::RequestBackfill { from } => self.history(from).await?,
                Effect::StartRefused { detail } => return Err(DriverError::BooksDisagree(detail)),
                Effect::SessionEnded => self.state.ended = true,
            }
        }
        Ok(())
    }

    fn ledger(&mut self, ledger: &ClosedLedger) -> Result<(), DriverError> {
        self.remember(ledger.index, ledger.close_time);
        let input = self.translator.ledger(ledger)?;
        self.heard_ledger();
        self.take((ledger.index, ledger.hash), Input::Ledger(Box::new(input)));
        self.look_at_space();
        Ok(())
    }

    /// An input about a ledger. Where there are several nodes it waits until enough of them confirm that ledger.
    fn take(&mut self, (index, hash): (LedgerIndex, ledger::Hash256), input: Input) {
        let (node, _) = self.link.node();
        let Some(nodes) = &mut self.link.nodes else { return self.queue.push_back(input) };
        let next = nodes.hold(node, index, hash, input);
        self.follow(next);
    }

    /// What the nodes say has consequences.
    fn follow(&mut self, next: nodes::Next) {
        while let Some(input) = self.link.nodes.as_mut().and_then(nodes::Nodes::take) {
            self.queue.push_back(input);
        }
        match next {
            nodes::Next::Go => {}
            nodes::Next::Leave(what) => self.lost(&what),
            nodes::Next::Halt(detail) => self.stop_for(HaltReason::NodeDisagreement, detail),
        }
    }

    /// Begins to stop, as a signal would.
    fn stop_for(&mut self, reason: HaltReason, detail: String) {
        self.view.note(&format!("{reason}: {detail}: cancelling our offers and closing"));
        self.state.stopping.get_or_insert_with(Instant::now);
        self.queue.push_back(Input::Stop(StopInput { reason, detail, verify: true }));
    }

    /// Begins to stop while there is still room to write the end down.
    fn look_at_space(&mut self) {
        if self.state.stopping.is_some() {
            return;
        }
        let Some(detail) = self.space.shortage() else { return };
        tracing::error!(detail, "disk_space: cancelling our offers and closing");
        self.stop_for(HaltReason::DiskSpace, detail);
    }

    fn signalled(&mut self, signal: Signal) -> Result<(), DriverError> {
        if let (Some(began), true) = (self.state.stopping, self.state.is_signalled) {
            // A closing terminal may say so twice, and a signal may come to the process and to its group.
            if signal == Signal::HangUp || began.elapsed() < SAME_SIGNAL {
                return Ok(());
            }
            return Err(DriverError::SecondSignal);
        }
        self.state.stopping = Some(Instant::now());
        self.state.is_signalled = true;
        let reason = signals::reason(signal);
        self.view.note(&format!("{reason}: cancelling our offers and closing; once more stops at once"));
        let detail = format!("{reason} received");
        self.queue.push_back(Input::Stop(StopInput { reason, detail, verify: !signals::is_hurried(signal) }));
        Ok(())
    }

    fn note_cursor(&mut self, input: &Input) {
        let seen = match input {
            Input::Start(start) => start.header.index,
            Input::Ledger(ledger) => ledger.header.index,
            Input::Backfill(backfill) => backfill.header.index,
            Input::Resume(resume) => resume.backfill.header.index,
            _ => return,
        };
        self.state.cursor = self.state.cursor.max(seen);
    }
}

fn refusal(batch: &[(Input, engine::Step)]) -> Option<String> {
    batch.iter().flat_map(|(_, step)| &step.effects).find_map(|effect| match effect {
        Effect::StartRefused { detail } => Some(detail.clone()),
        _ => None,
    })
}

/// A log line of the engine as a log line of the program.
fn log(line: &engine::LogLine) {
    let (event, text) = (line.event.as_str(), line.text.as_str());
    match line.level {
        engine::Level::Debug => tracing::debug!("{event} {text}"),
        engine::Level::Info => tracing::info!("{event} {text}"),
        engine::Level::Warn => tracing::warn!("{event} {text}"),
        engine::Level::Error => tracing::error!("{event} {text}"),
    }
}
