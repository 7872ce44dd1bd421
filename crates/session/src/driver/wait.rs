//! Waiting for what comes next: messages, signals, silence, a lost connection. Each becomes an input or a new connection;
//! nothing is decided here.

use super::nodes::{Next, Nodes};
use super::witness::Statement;
use super::{Driver, DriverError, Pace, STOP_DEADLINE};
use client::{AssemblerEvent, ClientError, ClosedLedger, Gap};
use engine::{HaltReason, Input, StopInput, TruthReason};
use std::time::Duration;
use tokio::time::Instant;
use units::{LedgerIndex, LedgerTime};

/// Ledgers that are asked for one by one; of a longer gap only the wallet's own history is.
const WHOLE_MAX: u32 = 64;
/// Answers in a row that may refuse to close a ledger before the session is ended.
const REFUSED_MAX: u32 = 50;

/// What the loop remembers of its connection.
pub(super) struct Contact {
    /// The connection is gone: when it is tried again.
    down_until: Option<Instant>,
    /// Nobody tries again: the session is ending for it.
    is_given_up: bool,
    /// A history that could not be asked for.
    owed_history: Option<LedgerIndex>,
    /// A full read that could not be made.
    owed_truth: Option<TruthReason>,
    /// When the last ledger came, or its absence was last asked about.
    heard: Instant,
    /// When the last ledger came, or was last told to be missing.
    fresh: Instant,
    /// How late the ledgers of this connection came at best, on a scale of its own: seconds of ours less theirs.
    earliest: Option<i64>,
    /// Since when seconds are counted.
    began: Instant,
    refused: u32,
}

impl Default for Contact {
    fn default() -> Self {
        let now = Instant::now();
        Contact {
            down_until: None,
            is_given_up: false,
            owed_history: None,
            owed_truth: None,
            heard: now,
            fresh: now,
            earliest: None,
            began: now,
            refused: 0,
        }
    }
}

impl Driver<'_> {
    /// Waits for whatever comes next; at the barrier pace it makes the next ledger close itself.
    pub(super) async fn wait(&mut self) -> Result<(), DriverError> {
        let deadline =
            self.state.stopping.filter(|_| !self.state.deadline_told).map(|began| began + STOP_DEADLINE);
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            self.state.deadline_told = true;
            self.queue.push_back(Input::StopDeadline);
            return Ok(());
        }
        if self.is_down() {
            return self.wait_for_connection(deadline).await;
        }
        let outcome = match self.pace {
            Pace::Barrier => self.close_and_listen().await,
            Pace::Clock => self.listen(deadline).await,
        };
        match outcome {
            Err(DriverError::Client(error)) => {
                self.lost(&error);
                Ok(())
            }
            other => other,
        }
    }

    /// The barrier: what was received is taken, and only then the next ledger closes.
    async fn close_and_listen(&mut self) -> Result<(), DriverError> {
        if let Some(event) = self.stream.ready_event()? {
            return self.event(event).await;
        }
        match self.stream.connection().ledger_accept().await {
            Ok(open) => {
                self.state.contact.refused = 0;
                self.stream.closed(LedgerIndex(open.get().saturating_sub(1)))?;
            }
            // Such as a server that is too busy: it is asked again.
            Err(error @ ClientError::Refused { .. }) if self.state.contact.refused < REFUSED_MAX => {
                tracing::warn!(%error, "the next ledger was not closed");
                self.state.contact.refused += 1;
            }
            Err(error) => return Err(error.into()),
        }
        // Lets the signal tasks run: the barrier itself never waits for the outside.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn listen(&mut self, deadline: Option<Instant>) -> Result<(), DriverError> {
        let beat = self.state.contact.heard + self.link.heartbeat();
        let stale = self.stale_at();
        let patience = self.link.nodes.as_ref().and_then(Nodes::until);
        let until = [Some(beat), Some(stale), deadline, patience].into_iter().flatten().min().unwrap_or(beat);
        tokio::select! {
            biased;
            Some(reason) = self.signals.recv() => self.signalled(reason),
            said = said_by(&mut self.link.nodes) => { self.heard_of(said); Ok(()) }
            event = self.stream.next_event() => { let event = event?; self.event(event).await }
            () = tokio::time::sleep_until(until) => {
                let now = Instant::now();
                if stale <= now {
                    self.tell_stale(now);
                }
                if patience.is_some_and(|patience| patience <= now) {
                    self.without_the_silent();
                }
                if beat <= now { self.ask_whether_silent().await } else { Ok(()) }
            }
        }
    }

    /// Waits until the connection is to be tried again, and tries.
    async fn wait_for_connection(&mut self, deadline: Option<Instant>) -> Result<(), DriverError> {
        let stale = self.stale_at();
        let next = self.state.contact.down_until.unwrap_or(stale);
        let until = [Some(next), Some(stale), deadline].into_iter().flatten().min().unwrap_or(next);
        tokio::select! {
            biased;
            Some(reason) = self.signals.recv() => return self.signalled(reason),
            said = said_by(&mut self.link.nodes) => { self.heard_of(said); return Ok(()) }
            () = tokio::time::sleep_until(until) => {}
        }
        let now = Instant::now();
        if stale <= now && self.pace == Pace::Clock {
            self.tell_stale(now);
        }
        if next > now { Ok(()) } else { self.reconnect().await }
    }

    /// The streams said nothing for a while: either no ledger closed, or the subscription is dead.
    async fn ask_whether_silent(&mut self) -> Result<(), DriverError> {
        self.state.contact.heard = Instant::now();
        let known = self.stream.last().unwrap_or(self.state.cursor);
        if let Some(newest) = self.link.nodes.as_ref().and_then(Nodes::newest)
            && newest > known
        {
            let (_, node) = self.link.node();
            self.lost(&format!("{node} is behind: ledger {known}, and {newest} has closed elsewhere"));
            return Ok(());
        }
        let validated = match self.stream.connection().server_info().await {
            Ok(info) => info.validated.map(|validated| validated.index),
            Err(ClientError::Refused { .. } | ClientError::BadAnswer { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        match validated {
            Some(newest) if newest > known => {
                self.lost(&format!("the streams are silent after ledger {known}, and {newest} has closed"));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A fresh connection, and on it what could not be asked on the old one.
    async fn reconnect(&mut self) -> Result<(), DriverError> {
        match self.link.connect(Some(self.state.cursor)).await {
            Ok((stream, _)) => {
                self.stream = stream;
                let contact = &mut self.state.contact;
                (contact.down_until, contact.heard, contact.earliest) = (None, Instant::now(), None);
                let (truth, history) = (contact.owed_truth.take(), contact.owed_history.take());
                let (_, node) = self.link.node();
                tracing::warn!(last = self.state.cursor.get(), node, "connected again");
                if let Some(from) = history {
                    self.history(from).await?;
                }
                match truth {
                    Some(reason) => self.read_truth(reason).await,
                    None => Ok(()),
                }
            }
            Err(error) if self.link.is_over(&error) => Err(DriverError::LedgerStopped(error.to_string())),
            Err(error) => {
                self.try_later(&error);
                Ok(())
            }
        }
    }

    /// The connection is of no more use. What closes meanwhile is asked for when there is another one.
    pub(super) fn lost(&mut self, why: &dyn std::fmt::Display) {
        if !self.is_down() {
            self.try_later(why);
        }
    }

    fn try_later(&mut self, why: &dyn std::fmt::Display) {
        if let Some(nodes) = &mut self.link.nodes {
            nodes.forget();
        }
        let wait = self.link.failed();
        tracing::warn!(%why, wait_ms = wait.unwrap_or_default().as_millis(), "connection_lost");
        let contact = &mut self.state.contact;
        contact.down_until = Some(Instant::now() + wait.unwrap_or(Duration::from_secs(1)));
        if wait.is_none() && !contact.is_given_up {
            contact.is_given_up = true;
            let detail = format!("the ledger cannot be reached: {why}");
            let stop = StopInput { reason: HaltReason::RiskRpcFailure, detail, verify: false };
            self.queue.push_back(Input::Stop(stop));
        }
    }

    /// Whether nothing can be asked at the moment.
    pub(super) fn is_down(&self) -> bool {
        self.state.contact.down_until.is_some()
    }

    pub(super) fn owe_truth(&mut self, reason: TruthReason) {
        self.state.contact.owed_truth.get_or_insert(reason);
    }

    pub(super) fn owe_history(&mut self, from: LedgerIndex) {
        let owed = self.state.contact.owed_history;
        self.state.contact.owed_history = Some(owed.map_or(from, |owed| owed.min(from)));
    }

    fn stale_at(&self) -> Instant {
        self.state.contact.fresh + Duration::from_secs(self.engine.config().stale_ledger_seconds.into())
    }

    fn tell_stale(&mut self, now: Instant) {
        self.state.contact.fresh = now;
        let wall_seconds = self.engine.config().stale_ledger_seconds;
        self.queue.push_back(Input::Stale { wall_seconds });
    }

    pub(super) async fn event(&mut self, event: AssemblerEvent) -> Result<(), DriverError> {
        match event {
            AssemblerEvent::Ledger(ledger) => self.ledger_or_again(&ledger).await,
            AssemblerEvent::Gap(gap) => self.fill(gap).await,
        }
    }

    /// A witness has spoken.
    fn heard_of(&mut self, said: Statement) {
        let next = self.link.nodes.as_mut().map_or(Next::Go, |nodes| nodes.hear(said));
        self.follow(next);
    }

    /// Somebody has been silent for too long.
    fn without_the_silent(&mut self) {
        let next = self.link.nodes.as_mut().map_or(Next::Go, Nodes::release);
        self.follow(next);
    }

    /// A ledger of the stream. One of which the messages cannot be read is asked for: its bytes prove themselves. So is,
    /// where several nodes vouch for its hash, one that touches the wallet: then no single node can invent a fill.
    async fn ledger_or_again(&mut self, ledger: &ClosedLedger) -> Result<(), DriverError> {
        let behind = self.seconds_behind(ledger.close_time);
        if self.pace == Pace::Clock && behind > self.engine.config().stale_ledger_seconds.into() {
            // Such as after a sleep of the machine: what waits in the pipe is of no use, and the newest ledger is not in it.
            self.lost(&format!("ledger {} comes {behind} s late", ledger.index));
            return Ok(());
        }
        if self.translator.is_costly() {
            self.ask_fee().await;
        }
        if self.link.nodes.is_some() && self.translator.touches_us(ledger) {
            return self.proven(ledger).await;
        }
        match self.ledger(ledger) {
            Err(DriverError::Translate(error)) => {
                tracing::warn!(%error, "a ledger of the stream cannot be read and is asked for");
                self.fill(Gap { from: ledger.index, to: ledger.index }).await
            }
            other => other,
        }
    }

    /// How much later a ledger came than the promptest one of this connection.
    fn seconds_behind(&mut self, close_time: LedgerTime) -> i64 {
        let contact = &mut self.state.contact;
        let ours = i64::try_from(contact.began.elapsed().as_secs()).unwrap_or(i64::MAX);
        let late = ours - i64::from(close_time.get());
        let earliest = contact.earliest.map_or(late, |earliest| earliest.min(late));
        contact.earliest = Some(earliest);
        late - earliest
    }

    /// The same ledger, by its bytes.
    async fn proven(&mut self, told: &ClosedLedger) -> Result<(), DriverError> {
        let again = Gap { from: told.index, to: told.index };
        match self.stream.connection().whole_ledger(told.index).await {
            Ok(whole) if whole.hash == told.hash => self.ledger(&ClosedLedger { fees: told.fees, ..whole }),
            Ok(_) => self.fill(again).await,
            Err(error) if error.is_connection_lost() => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, ledger = told.index.get(), "a ledger that touches the wallet is not proven");
                self.lost(&error);
                Ok(())
            }
        }
    }

    /// Ledgers that the stream did not give whole are asked for, one by one. Where one of them cannot be had, the history of
    /// the wallet stands in for it and all later ones.
    async fn fill(&mut self, gap: Gap) -> Result<(), DriverError> {
        tracing::warn!(from = gap.from.get(), to = gap.to.get(), "backfill");
        let mut next = gap.from;
        while next <= gap.to && gap.to.since(gap.from) < WHOLE_MAX {
            match self.stream.connection().whole_ledger(next).await {
                Ok(ledger) => match self.ledger(&ledger) {
                    Ok(()) => next = next.plus(1),
                    Err(DriverError::Translate(error)) => {
                        tracing::warn!(%error, "a ledger cannot be read");
                        break;
                    }
                    Err(error) => return Err(error),
                },
                Err(error) if error.is_connection_lost() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, ledger = next.get(), "a ledger cannot be had whole");
                    break;
                }
            }
        }
        if next <= gap.to { self.history(next).await } else { Ok(()) }
    }

    /// A ledger has come in whatever way.
    pub(super) fn heard_ledger(&mut self) {
        let now = Instant::now();
        (self.state.contact.heard, self.state.contact.fresh) = (now, now);
        self.link.succeeded();
    }
}

/// What a witness says next; where there is one node only, nothing ever.
async fn said_by(nodes: &mut Option<Nodes>) -> Statement {
    match nodes {
        Some(nodes) => nodes.next().await,
        None => std::future::pending().await,
    }
}
