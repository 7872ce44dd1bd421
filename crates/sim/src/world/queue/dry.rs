//! `simulate`: what would become of a transaction that arrives now (XRP Ledger documentation, "simulate"). It is put to
//! the open ledger and to the queue's door like a submission, and nothing comes of it.

use ledger::{AccountId, ResultCode, TxMeta, TxType};
use units::Drops;

use crate::state::{AccountRoot, Entry, Rules, index};
use crate::ter::*;
use crate::tx::{self, Tx};
use crate::world::{World, WorldError};

impl World {
    /// What a transaction would do if it arrived now: its result, and its metadata where it would be in the open ledger
    /// (its index there is that of the next one). One that pays too little for the open ledger would be queued, or
    /// refused at the queue's door. A signature is not looked at, and an empty key stands for the right one.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none.
    pub fn simulate(&self, blob: &[u8]) -> Result<(ResultCode, Option<TxMeta>), WorldError> {
        let tx = Tx::read(blob).map_err(WorldError::NotATransaction)?;
        let rules = Rules { dry: true, ..self.rules(true, false) };
        if let Err(result) = tx::preflight(&tx, &rules) {
            return Ok((result, None));
        }
        let Some(root) = self.open_root(&tx) else {
            return Ok((TER_NO_ACCOUNT, None));
        };
        let candidate = self.candidate(&tx, &root, rules);
        if candidate.level < self.required_level() || !self.is_next(&tx) {
            return Ok((self.at_the_door(&tx, &root, rules), None));
        }
        let (result, meta) = tx::dry_run(&self.open, &tx, rules);
        let index = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        Ok((result, meta.map(|meta| TxMeta { index, ..meta })))
    }

    /// What the queue would say.
    fn at_the_door(&self, tx: &Tx, root: &AccountRoot, rules: Rules) -> ResultCode {
        let candidate = self.candidate(tx, root, rules);
        let admitted = || {
            let has_others = self.check_door(&candidate)?;
            // Rare enough to be tried on a copy.
            if has_others
                && self.may_rescue(&candidate)
                && let Some(result) = self.clone().rescue(tx, root.sequence, candidate.level)
            {
                return Ok(result);
            }
            self.check_inside(&candidate, has_others)?;
            self.queue.clone().make_room(&candidate)?;
            Ok(TER_QUEUED)
        };
        admitted().unwrap_or_else(|refused: ResultCode| refused)
    }

    /// What a transaction of a type must pay at least, when nobody else wants to be in the ledger.
    #[must_use]
    pub fn base_cost(&self, tx_type: TxType) -> Drops {
        tx::base_fee(tx_type, &self.spec.fees)
    }

    /// The account's next sequence that neither the open ledger nor the queue uses; `None` without the account.
    #[must_use]
    pub fn next_sequence(&self, account: AccountId) -> Option<u32> {
        match self.open.get(&index::account(account)) {
            Some(Entry::Account(root)) => Some(self.sequence_available(account, root.sequence)),
            _ => None,
        }
    }
}
