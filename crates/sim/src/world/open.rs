//! The open ledger: preliminary answers, and what is kept for later. Nothing here is final.

use ledger::{Hash256, ResultCode};
use serde::{Deserialize, Serialize};

use super::held::{self, Waiting};
use super::queue::Queued;
use super::{SubmitResult, World, WorldError};
use crate::state::{Entry, Rules, index};
use crate::ter::{self, TEF_PAST_SEQ, TEL_CAN_NOT_QUEUE, TEM_BAD_SIGNATURE, TER_PRE_SEQ, TER_QUEUED};
use crate::tx::{self, Tx};

/// A transaction in the open ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Its bytes, known to be a transaction with a good signature.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// The last ledger after whose close it is still tried, should the ledger close without it. None for one that
    /// waited before: it is among the clients' own.
    pub expires: Option<u32>,
}

impl Pending {
    /// One that waited in the queue.
    pub(super) fn from_queue(queued: &Queued) -> Pending {
        Pending { blob: queued.blob.clone(), hash: queued.hash, expires: None }
    }
}

/// What became of a transaction that was handed in.
pub(super) struct Handed {
    pub result: ResultCode,
    pub applied: bool,
    /// Whether anything of it is left: in the open ledger, in the queue, or to be tried again.
    pub is_remembered: bool,
}

impl World {
    /// Submits a signed transaction and gives the preliminary answer.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none.
    pub fn submit(&mut self, blob: &[u8]) -> Result<SubmitResult, WorldError> {
        let tx = Tx::read(blob).map_err(WorldError::NotATransaction)?;
        if ledger::verify(&tx.object).is_err() {
            let refused = Handed { result: TEM_BAD_SIGNATURE, applied: false, is_remembered: false };
            return Ok(SubmitResult { accepted: false, kept: false, ..self.answer(&tx, &refused) });
        }
        let handed = self.submit_verified(&tx);
        Ok(self.answer(&tx, &handed))
    }

    /// The answer to a submission with `fail_hard` where that comes to nothing: it neither succeeds in the open ledger nor
    /// waits. `None` where it would succeed now. Changes nothing.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none.
    pub fn refused_hard(&self, blob: &[u8]) -> Result<Option<SubmitResult>, WorldError> {
        let tx = Tx::read(blob).map_err(WorldError::NotATransaction)?;
        let result = match tx::dry_run(&self.open, &tx, self.rules(true, false)).0 {
            result if result.is_success() && self.pays_enough(&tx) => return Ok(None),
            result if result.is_success() => TEL_CAN_NOT_QUEUE,
            TER_PRE_SEQ if self.waits_for(&tx) => TEL_CAN_NOT_QUEUE,
            result => result,
        };
        let refused = Handed { result, applied: false, is_remembered: false };
        Ok(Some(SubmitResult {
            accepted: false,
            kept: false,
            broadcast: false,
            ..self.answer(&tx, &refused)
        }))
    }

    /// Hands in a transaction of a client or an agent.
    pub(super) fn submit_verified(&mut self, tx: &Tx) -> Handed {
        let (result, applied) = self.admit(tx, false);
        let may_change = ter::may_change(result);
        if applied {
            let expires = Some(held::expiry(tx, self.open_index()));
            self.pending.push(Pending { blob: tx.blob.clone(), hash: tx.hash, expires });
        } else if may_change {
            let own = Waiting::new(tx, self.open_index());
            self.held.insert(own.clone());
            self.locals.retain(|local| local.hash != own.hash);
            self.locals.push(own);
        }
        if result.is_success() {
            let followers = self.held.followers(tx);
            self.try_again(followers);
        }
        Handed { result, applied, is_remembered: applied || may_change }
    }

    /// Tries those that wait, one round after the other as long as one brings others along.
    pub(super) fn try_again(&mut self, mut round: Vec<Waiting>) {
        while !round.is_empty() {
            let mut tried = Vec::new();
            for waiting in round {
                let Ok(tx) = Tx::read(&waiting.blob) else { continue };
                let (result, applied) = self.admit(&tx, false);
                if applied {
                    self.pending.push(Pending { blob: waiting.blob.clone(), hash: tx.hash, expires: None });
                }
                tried.push((waiting, tx, result));
            }
            round = Vec::new();
            let open_index = self.open_index();
            for (waiting, tx, result) in tried {
                if result.is_success() {
                    round.extend(self.held.followers(&tx));
                } else if result == TER_QUEUED {
                    self.held.insert(waiting);
                } else if result != TEF_PAST_SEQ && ter::may_change(result) {
                    self.held.insert_again(waiting, open_index);
                }
            }
        }
    }

    /// Applies to the open ledger and remembers what changed.
    pub(super) fn apply_open(&mut self, tx: &Tx) -> tx::Applied {
        self.apply_open_by(tx, self.rules(true, false))
    }

    /// The same by these rules.
    pub(super) fn apply_open_by(&mut self, tx: &Tx, rules: Rules) -> tx::Applied {
        let applied = tx::apply(&mut self.open, tx, rules);
        if let Some(differs) = &mut self.differs {
            differs.extend(applied.touched.iter().copied());
        }
        applied
    }

    /// Index of the open ledger.
    pub(super) fn open_index(&self) -> u32 {
        self.header.ledger_index.0.saturating_add(1)
    }

    fn answer(&self, tx: &Tx, handed: &Handed) -> SubmitResult {
        let queued = handed.result == TER_QUEUED;
        let sequence = match self.open.get(&index::account(tx.account)) {
            Some(Entry::Account(root)) => root.sequence,
            _ => 0,
        };
        SubmitResult {
            hash: tx.hash,
            engine_result: handed.result,
            accepted: true,
            applied: handed.applied,
            broadcast: handed.applied || queued,
            queued,
            kept: true,
            is_remembered: handed.is_remembered,
            account_sequence_available: self.sequence_available(tx.account, sequence),
            account_sequence_next: sequence,
            open_ledger_cost: self.cost_of(tx),
            validated_ledger_index: self.header.ledger_index,
        }
    }
}
