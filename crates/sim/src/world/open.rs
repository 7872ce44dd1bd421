//! The open ledger: preliminary answers, and what is kept for later. Nothing here is final.

use ledger::{Hash256, ResultCode};
use serde::{Deserialize, Serialize};

use super::{SubmitResult, World, WorldError};
use crate::state::{Entry, index};
use crate::ter::{self, TEF_ALREADY, TEM_BAD_SIGNATURE};
use crate::tx::{self, Tx};

/// Ledgers for which a transaction that may still apply is kept.
const HOLD_LEDGERS: u32 = 5;

/// A transaction that is not in a closed ledger yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Its bytes, known to be a transaction with a good signature.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// The first ledger it is not kept for any more.
    pub held_until: u32,
}

impl World {
    /// Submits a signed transaction and gives the preliminary answer.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none.
    pub fn submit(&mut self, blob: &[u8]) -> Result<SubmitResult, WorldError> {
        let tx = Tx::read(blob).map_err(WorldError::NotATransaction)?;
        let result = match ledger::verify(&tx.object) {
            Ok(()) => self.submit_verified(&tx),
            Err(_) => (TEM_BAD_SIGNATURE, false, false),
        };
        Ok(self.answer(&tx, result))
    }

    /// Gives result, applied, kept.
    pub(super) fn submit_verified(&mut self, tx: &Tx) -> (ResultCode, bool, bool) {
        if self.pending.iter().any(|pending| pending.hash == tx.hash) {
            return (TEF_ALREADY, false, false);
        }
        let rules = self.rules(true, false);
        let applied = self.apply_open(tx);
        let pending =
            Pending { blob: tx.blob.clone(), hash: tx.hash, held_until: rules.ledger_index.0 + HOLD_LEDGERS };
        if applied.applied {
            self.pending.push(pending);
            self.try_held();
            return (applied.result, true, true);
        }
        let kept = ter::is_retry(applied.result);
        if kept && self.held.iter().all(|held| held.hash != tx.hash) {
            self.held.push(pending);
        }
        (applied.result, false, kept)
    }

    /// Tries what waits, as long as that brings anything into the open ledger.
    pub(super) fn try_held(&mut self) {
        let rules = self.rules(true, false);
        loop {
            let mut moved = false;
            for held in std::mem::take(&mut self.held) {
                let Ok(tx) = Tx::read(&held.blob) else { continue };
                let applied = self.apply_open(&tx);
                if applied.applied {
                    self.pending.push(held);
                    moved = true;
                } else if ter::is_retry(applied.result) && held.held_until > rules.ledger_index.0 {
                    self.held.push(held);
                }
            }
            if !moved || self.held.is_empty() {
                return;
            }
        }
    }

    /// Applies to the open ledger and remembers what changed.
    fn apply_open(&mut self, tx: &Tx) -> tx::Applied {
        let rules = self.rules(true, false);
        let applied = tx::apply(&mut self.open, tx, rules);
        if let Some(differs) = &mut self.differs {
            differs.extend(applied.touched.iter().copied());
        }
        applied
    }

    fn answer(&self, tx: &Tx, (engine_result, applied, kept): (ResultCode, bool, bool)) -> SubmitResult {
        let sequence = match self.open.get(&index::account(tx.account)) {
            Some(Entry::Account(root)) => root.sequence,
            _ => 0,
        };
        SubmitResult {
            hash: tx.hash,
            engine_result,
            accepted: applied || kept,
            applied,
            broadcast: applied,
            queued: false,
            kept,
            account_sequence_available: sequence,
            account_sequence_next: sequence,
            open_ledger_cost: tx::base_fee(tx.tx_type, &self.spec.fees),
            validated_ledger_index: self.header.ledger_index,
        }
    }
}
