//! The loop around the engine: one input, one step, one commit, then the effects. It decides nothing.
//!
//! An effect can only be performed out of a [`Durable`], which only a commit makes: what leaves is on disk.

use crate::translate::{TranslateError, Translator};
use crate::view::View;
use client::{AssemblerEvent, ClientError, ClosedLedger, LedgerSpec, LedgerStream, TxLookup};
use engine::{
    BackfillInput, Effect, Engine, HaltReason, Input, LookupInput, LookupResult, SignedIntent, StopInput,
    SubmitOutcome, TruthRead, TruthReason,
};
use ledger::{Asset, Hash256, KeyPair};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use store::{Durable, Store, StoreError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use units::{LedgerIndex, LedgerTime};

/// How long a stop may take before it closes with what is not verified named.
pub const STOP_DEADLINE: Duration = Duration::from_secs(20);
/// How long a validated ledger may be missing before the engine is told, again after each such span.
pub const STALE_AFTER: Duration = Duration::from_secs(20);
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

/// Why the loop ended without a closed session.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connection to the ledger failed.
    #[error("the connection to the ledger failed: {0}")]
    Client(#[from] ClientError),
    /// The ledger said something that cannot be read.
    #[error("the ledger said something that cannot be read: {0}")]
    Translate(#[from] TranslateError),
    /// A transaction could not be signed.
    #[error("a transaction could not be signed: {0}")]
    Sign(#[from] ledger::SignError),
    /// The engine refused to start.
    #[error("{0}")]
    StartRefused(String),
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
    /// Translates.
    pub translator: Translator,
    /// Signs.
    pub keys: &'a KeyPair,
    /// What makes ledgers close.
    pub pace: Pace,
    /// Shows.
    pub view: &'a mut dyn View,
    /// Signals from outside.
    pub signals: &'a mut UnboundedReceiver<HaltReason>,
    /// What happened and is not decided yet.
    pub queue: VecDeque<Input>,
    /// State that only the loop needs.
    pub state: LoopState,
}

/// What the loop remembers.
#[derive(Default)]
pub struct LoopState {
    close_times: BTreeMap<LedgerIndex, LedgerTime>,
    /// Decided and not yet written: hints without effects.
    noted: Vec<(Input, engine::Step)>,
    truth: Option<TruthRead>,
    cursor: LedgerIndex,
    stopping: Option<Instant>,
    deadline_told: bool,
    ended: bool,
    /// Number of the session, once it is open.
    pub session_id: Option<i64>,
}

impl Driver<'_> {
    /// Runs until the session is closed.
    ///
    /// # Errors
    /// [`DriverError`]; the session then stays open and the next start recovers it.
    pub async fn run(&mut self, first: Input, opening: Opening) -> Result<(), DriverError> {
        self.open(first, opening).await?;
        while !self.state.ended {
            if let Some(reason) = self.signals.try_recv().ok() {
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
        let (batch, blobs) = self.decide(first)?;
        if let Some(detail) = refusal(&batch) {
            return Err(DriverError::StartRefused(detail));
        }
        let durable = match opening {
            Opening::New(start) => {
                let (session_id, durable) = self.store.open_session(start, batch)?;
                self.state.session_id = Some(session_id);
                durable
            }
            Opening::Resumed => self.store.commit(batch)?,
        };
        self.perform(durable, &blobs).await
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
        let durable = self.store.commit(std::mem::take(&mut self.state.noted))?;
        self.perform(durable, &blobs).await?;
        if self
            .state
            .truth
            .as_ref()
            .is_some_and(|truth| truth.index <= self.state.cursor)
        {
            if let Some(truth) = self.state.truth.take() {
                self.queue.push_front(Input::Truth(Box::new(truth)));
            }
        }
        Ok(())
    }

    /// The step of an input and, when it wants something sent, the step of its signatures: both are
    /// written in one transaction.
    fn decide(
        &mut self,
        input: Input,
    ) -> Result<(Vec<(Input, engine::Step)>, BTreeMap<u64, String>), DriverError> {
        let step = self.engine.step(&input);
        self.show(&step);
        let mut signed = Vec::new();
        let mut blobs = BTreeMap::new();
        for effect in &step.effects {
            if let Effect::Submit(intent) = effect {
                let tx = ledger::sign(&intent.transaction(self.engine.identity()), self.keys)?;
                blobs.insert(intent.intent_id, tx.blob_hex());
                signed.push(SignedIntent {
                    intent_id: intent.intent_id,
                    hash: tx.hash,
                    blob: tx.blob,
                });
            }
        }
        let mut batch = vec![(input, step)];
        if !signed.is_empty() {
            let input = Input::Signed(signed);
            let step = self.engine.step(&input);
            self.show(&step);
            batch.push((input, step));
        }
        Ok((batch, blobs))
    }

    fn show(&mut self, step: &engine::Step) {
        for line in &step.logs {
            log(line);
        }
        self.view.step(&self.engine, step);
    }

    async fn perform(
        &mut self,
        durable: Durable<Vec<Effect>>,
        blobs: &BTreeMap<u64, String>,
    ) -> Result<(), DriverError> {
        for effect in durable.into_inner() {
            match effect {
                Effect::Submit(intent) => {
                    let outcome = self
                        .submit(intent.intent_id, blobs.get(&intent.intent_id))
                        .await?;
                    self.queue.push_back(Input::Submitted(outcome));
                }
                Effect::ReadTruth { reason } => self.read_truth(reason).await?,
                Effect::LookupTx {
                    intent_id,
                    hash,
                    min_ledger,
                    max_ledger,
                } => {
                    let result = self.look_up(hash, min_ledger, max_ledger).await?;
                    self.queue
                        .push_back(Input::Lookup(Box::new(LookupInput { intent_id, result })));
                }
                Effect::RequestBackfill { from } => {
                    let backfill = self.backfill(from).await?;
                    self.queue.push_back(Input::Backfill(Box::new(backfill)));
                }
                Effect::StartRefused { detail } => return Err(DriverError::StartRefused(detail)),
                Effect::SessionEnded => self.state.ended = true,
            }
        }
        Ok(())
    }

    async fn submit(&mut self, intent_id: u64, blob: Option<&String>) -> Result<SubmitOutcome, DriverError> {
        let Some(blob) = blob else {
            let detail = "no signed bytes for this intent".to_owned();
            return Ok(SubmitOutcome {
                intent_id,
                engine_result: None,
                detail,
            });
        };
        match self.stream.connection().submit(blob).await {
            Ok(answer) => Ok(SubmitOutcome {
                intent_id,
                engine_result: Some(answer.engine_result),
                detail: String::new(),
            }),
            Err(error) if error.is_connection_lost() => Err(error.into()),
            Err(error) => Ok(SubmitOutcome {
                intent_id,
                engine_result: None,
                detail: error.to_string(),
            }),
        }
    }

    async fn read_truth(&mut self, reason: TruthReason) -> Result<(), DriverError> {
        match self.snapshot(reason).await {
            Ok(truth) if truth.index <= self.state.cursor => {
                self.queue.push_back(Input::Truth(Box::new(truth)))
            }
            Ok(truth) => self.state.truth = Some(truth),
            Err(DriverError::Client(error)) if !error.is_connection_lost() => {
                self.queue.push_back(Input::TruthFailed {
                    detail: error.to_string(),
                });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A full read pinned at one validated ledger.
    pub async fn snapshot(&mut self, reason: TruthReason) -> Result<TruthRead, DriverError> {
        let identity = self.engine.identity().clone();
        let quote = Asset::Issued {
            currency: identity.quote_currency,
            issuer: identity.quote_issuer,
        };
        let read = self
            .stream
            .connection()
            .snapshot(&identity.account, &Asset::Xrp, &quote)
            .await?;
        let close_time = self.close_time(read.index).await?;
        Ok(self.translator.truth(&read, close_time, reason)?)
    }

    /// All own transactions since `from`, proved complete by the range the server answers for.
    pub async fn backfill(&mut self, from: LedgerIndex) -> Result<BackfillInput, DriverError> {
        let truth = self.snapshot(TruthReason::Backfill).await?;
        let account = self.engine.identity().account;
        let ledgers = if from <= truth.index {
            let found = self
                .stream
                .connection()
                .backfill(&account, from, truth.index)
                .await?;
            self.translator.own_ledgers(&found.ledgers)?
        } else {
            Vec::new()
        };
        let header = self.translator.header_of(&truth);
        Ok(BackfillInput {
            from,
            header,
            complete: true,
            ledgers,
            truth,
        })
    }

    async fn close_time(&mut self, index: LedgerIndex) -> Result<LedgerTime, DriverError> {
        if let Some(time) = self.state.close_times.get(&index) {
            return Ok(*time);
        }
        let time = self
            .stream
            .connection()
            .ledger_close_time(LedgerSpec::Index(index))
            .await?;
        self.remember(index, time);
        Ok(time)
    }

    fn remember(&mut self, index: LedgerIndex, time: LedgerTime) {
        self.state.close_times.insert(index, time);
        while self.state.close_times.len() > CLOSE_TIMES_MAX {
            self.state.close_times.pop_first();
        }
    }

    async fn look_up(
        &mut self,
        hash: Hash256,
        from: LedgerIndex,
        to: LedgerIndex,
    ) -> Result<LookupResult, DriverError> {
        match self.stream.connection().tx(&hash, from, to).await {
            Ok(TxLookup::Validated(tx)) => {
                let close_time = match tx.close_time {
                    Some(time) => time,
                    None => self.close_time(tx.ledger_index).await?,
                };
                let ledger =
                    self.translator
                        .own_ledger(tx.ledger_index, close_time, std::slice::from_ref(&*tx))?;
                Ok(LookupResult::Found { ledger })
            }
            Ok(TxLookup::Pending) => Ok(LookupResult::NotFound { searched_all: false }),
            Ok(TxLookup::NotFound { searched_all }) => Ok(LookupResult::NotFound { searched_all }),
            Err(error) if error.is_connection_lost() => Err(error.into()),
            Err(error) => {
                tracing::warn!(%hash, %error, "a look-up failed");
                Ok(LookupResult::NotFound { searched_all: false })
            }
        }
    }

    /// Waits for whatever comes next; at the barrier pace it makes the next ledger close itself.
    async fn wait(&mut self) -> Result<(), DriverError> {
        if self.pace == Pace::Barrier {
            if let Some(event) = self.stream.ready_event()? {
                return self.event(event).await;
            }
            self.stream.connection().ledger_accept().await?;
            // Lets the signal tasks run: the barrier itself never waits for the outside.
            tokio::task::yield_now().await;
            return Ok(());
        }
        let deadline = self
            .state
            .stopping
            .filter(|_| !self.state.deadline_told)
            .map(|began| began + STOP_DEADLINE);
        let stale = Instant::now() + STALE_AFTER;
        tokio::select! {
            biased;
            Some(reason) = self.signals.recv() => self.signalled(reason),
            event = self.stream.next_event() => { let event = event?; self.event(event).await }
            () = tokio::time::sleep_until(deadline.unwrap_or(stale)) => {
                self.timed_out(deadline.is_some());
                Ok(())
            }
        }
    }

    fn timed_out(&mut self, at_deadline: bool) {
        if at_deadline {
            self.state.deadline_told = true;
            self.queue.push_back(Input::StopDeadline);
        } else {
            let wall_seconds = u32::try_from(STALE_AFTER.as_secs()).unwrap_or(u32::MAX);
            self.queue.push_back(Input::Stale { wall_seconds });
        }
    }

    async fn event(&mut self, event: AssemblerEvent) -> Result<(), DriverError> {
        match event {
            AssemblerEvent::Ledger(ledger) => self.ledger(&ledger),
            AssemblerEvent::Gap(gap) => {
                let backfill = self.backfill(gap.from).await?;
                self.queue.push_back(Input::Backfill(Box::new(backfill)));
                Ok(())
            }
        }
    }

    fn ledger(&mut self, ledger: &ClosedLedger) -> Result<(), DriverError> {
        self.remember(ledger.index, ledger.close_time);
        let input = self.translator.ledger(ledger)?;
        self.queue.push_back(Input::Ledger(Box::new(input)));
        Ok(())
    }

    fn signalled(&mut self, reason: HaltReason) -> Result<(), DriverError> {
        if self.state.stopping.is_some() {
            return Err(DriverError::SecondSignal);
        }
        self.state.stopping = Some(Instant::now());
        let hurried = matches!(
            reason,
            HaltReason::InterruptedConsoleClose
                | HaltReason::InterruptedLogoff
                | HaltReason::InterruptedShutdown
        );
        self.view.note(&format!(
            "{reason}: cancelling our offers and closing; once more stops at once"
        ));
        let detail = format!("{reason} received");
        self.queue.push_back(Input::Stop(StopInput {
            reason,
            detail,
            verify: !hurried,
        }));
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
    batch
        .iter()
        .flat_map(|(_, step)| &step.effects)
        .find_map(|effect| match effect {
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
