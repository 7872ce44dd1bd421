//! What the loop asks the ledger: submissions, pinned reads, history. A refused question is an
//! input for the engine, a lost connection an error.

use super::{CLOSE_TIMES_MAX, Driver, DriverError};
use client::{ClientError, LedgerSpec};
use engine::{BackfillInput, Input, SubmitOutcome, TruthRead, TruthReason};
use ledger::{Asset, Hash256};
use units::{LedgerIndex, LedgerTime};

/// Answers to a submission that a higher fee might have changed (ledger documentation, "tel Codes", "ter Codes").
const PAYS_TOO_LITTLE: [&str; 5] =
    ["telINSUF_FEE_P", "telCAN_NOT_QUEUE", "telCAN_NOT_QUEUE_FEE", "telCAN_NOT_QUEUE_FULL", "terQUEUED"];

impl Driver<'_> {
    pub(super) async fn submit(&mut self, intent_id: u64, blob: Option<&String>) -> SubmitOutcome {
        let unanswered = |detail: String| SubmitOutcome { intent_id, engine_result: None, detail };
        let Some(blob) = blob else {
            return unanswered("no signed bytes for this intent".to_owned());
        };
        if self.is_down() {
            return unanswered("no connection".to_owned());
        }
        match self.stream.connection().submit(blob).await {
            Ok(answer) => {
                if PAYS_TOO_LITTLE.contains(&answer.engine_result.as_str()) {
                    self.ask_fee().await;
                }
                SubmitOutcome { intent_id, engine_result: Some(answer.engine_result), detail: String::new() }
            }
            // What became of it, the ledgers tell: by its hash, or by its last ledger.
            Err(error) => {
                if error.is_connection_lost() {
                    self.lost(&error);
                }
                unanswered(error.to_string())
            }
        }
    }

    /// Asks what the open ledger costs now: the next headers say it, until it is the base fee again.
    pub(super) async fn ask_fee(&mut self) {
        match self.stream.connection().fee().await {
            Ok(fee) => {
                let asked = fee.drops.open_ledger_fee;
                tracing::warn!(drops = asked.get(), "open_ledger_fee");
                self.translator.open_fee(asked);
            }
            Err(error) if error.is_connection_lost() => self.lost(&error),
            Err(error) => tracing::warn!(%error, "what the open ledger costs is not known"),
        }
    }

    pub(super) async fn read_truth(&mut self, reason: TruthReason) -> Result<(), DriverError> {
        if self.is_down() {
            self.owe_truth(reason);
            return Ok(());
        }
        match self.snapshot(reason).await {
            Ok(truth) if truth.index <= self.state.cursor => {
                self.queue.push_back(Input::Truth(Box::new(truth)))
            }
            Ok(truth) => self.state.truth = Some(truth),
            Err(DriverError::Client(error)) if error.is_connection_lost() => {
                self.lost(&error);
                self.owe_truth(reason);
            }
            Err(error @ (DriverError::Client(_) | DriverError::Translate(_))) => {
                self.queue.push_back(Input::TruthFailed { detail: error.to_string() });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Asks for the own history since `from`. What cannot be had the engine asks for again, and counts.
    pub(super) async fn history(&mut self, from: LedgerIndex) -> Result<(), DriverError> {
        if self.is_down() {
            self.owe_history(from);
            return Ok(());
        }
        match self.backfill(from).await {
            Ok(backfill) => {
                let at = (backfill.header.index, backfill.header.hash);
                self.take(at, Input::Backfill(Box::new(backfill)));
            }
            Err(DriverError::Client(error)) if error.is_connection_lost() => {
                self.lost(&error);
                self.owe_history(from);
            }
            Err(error @ (DriverError::Client(_) | DriverError::Translate(_))) => {
                tracing::warn!(%error, from = from.get(), "history_unavailable");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A full read pinned at one validated ledger.
    pub async fn snapshot(&mut self, reason: TruthReason) -> Result<TruthRead, DriverError> {
        let identity = self.engine.identity().clone();
        let quote = Asset::Issued { currency: identity.quote_currency, issuer: identity.quote_issuer };
        let read = self.stream.connection().snapshot(&identity.account, &Asset::Xrp, &quote).await?;
        let close_time = self.close_time(read.index).await?;
        Ok(self.translator.truth(&read, close_time, reason)?)
    }

    /// All own transactions since `from`, proved complete by the range the server answers for and by what it says it has.
    pub async fn backfill(&mut self, from: LedgerIndex) -> Result<BackfillInput, DriverError> {
        let truth = self.snapshot(TruthReason::Backfill).await?;
        let account = self.engine.identity().account;
        let (mut ledgers, mut complete) = (Vec::new(), true);
        if from <= truth.index {
            match self.stream.connection().backfill(&account, from, truth.index).await {
                Ok(found) => ledgers = self.translator.own_ledgers(&found.ledgers)?,
                // Nothing of it is applied; the engine counts such answers and asks again.
                Err(ClientError::Hole { .. } | ClientError::ShortRange { .. }) => complete = false,
                Err(error) => return Err(error.into()),
            }
        }
        let header = self.translator.header_of(&truth);
        Ok(BackfillInput { from, header, complete, ledgers, truth })
    }

    /// Where there are several nodes: whether enough of them say the same of the ledger that a session is to begin at.
    ///
    /// # Errors
    /// [`DriverError::StartRefused`] with what they say.
    pub async fn confirm(&mut self, index: LedgerIndex, hash: Hash256) -> Result<(), DriverError> {
        let (node, _) = self.link.node();
        let Some(nodes) = &mut self.link.nodes else { return Ok(()) };
        let refused = |what| DriverError::StartRefused(format!("the nodes do not agree: {what}"));
        nodes.confirm(node, index, hash).await.map_err(refused)
    }

    /// The hash of a closed ledger, as the server has it.
    pub async fn ledger_hash(&mut self, index: LedgerIndex) -> Result<Hash256, DriverError> {
        Ok(self.stream.connection().ledger_hash(LedgerSpec::Index(index)).await?)
    }

    pub(super) async fn close_time(&mut self, index: LedgerIndex) -> Result<LedgerTime, DriverError> {
        if let Some(time) = self.state.close_times.get(&index) {
            return Ok(*time);
        }
        let time = self.stream.connection().ledger_close_time(LedgerSpec::Index(index)).await?;
        self.remember(index, time);
        Ok(time)
    }

    pub(super) fn remember(&mut self, index: LedgerIndex, time: LedgerTime) {
        self.state.close_times.insert(index, time);
        while self.state.close_times.len() > CLOSE_TIMES_MAX {
            self.state.close_times.pop_first();
        }
    }
}
