//! Transactions applied to the closed state itself, one by one, with full metadata and without an open ledger around them:
//! for measuring what applying costs, and for repeating one transaction on a given state. Never part of a session.

use ledger::{EntryType, Hash256, Object, ResultCode, TxMeta};

use super::{World, WorldError};
use crate::state::read;
use crate::tx::{self, Tx};

/// A transaction that was read and whose signature was checked.
#[derive(Debug, Clone)]
pub struct Checked(Tx);

impl Checked {
    /// Reads the bytes and checks the signature.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none, or whose signature does not hold.
    pub fn read(blob: &[u8]) -> Result<Checked, WorldError> {
        let checked = Checked::trusted(blob)?;
        match ledger::verify(&checked.0.object) {
            Ok(()) => Ok(checked),
            Err(error) => Err(WorldError::NotATransaction(error.to_string())),
        }
    }

    /// Reads the bytes; the caller has checked the signature.
    ///
    /// # Errors
    /// [`WorldError::NotATransaction`] for bytes that are none.
    pub fn trusted(blob: &[u8]) -> Result<Checked, WorldError> {
        Tx::read(blob).map(Checked).map_err(WorldError::NotATransaction)
    }

    /// The transaction's id.
    #[must_use]
    pub fn hash(&self) -> Hash256 {
        self.0.hash
    }
}

impl World {
    /// Puts an entry of another ledger into the last closed state, in place of the one at its index.
    ///
    /// # Errors
    /// [`WorldError::Entry`] for fields that are no account, trust line, offer, directory page or pool.
    pub fn put_entry(&mut self, index: Hash256, kind: EntryType, fields: &Object) -> Result<(), WorldError> {
        let entry = read::entry(kind, fields).ok_or(WorldError::Entry(index))?;
        self.entries.insert(index, entry);
        self.tree.touch(index);
        if let Some(differs) = &mut self.differs {
            differs.insert(index);
        }
        Ok(())
    }

    /// Applies a transaction to the last closed state, as the close of the next ledger would. Its metadata is there when
    /// it would be in that ledger; its index is 0. The open ledger does not see it before the next close.
    pub fn apply_to_closed(&mut self, tx: &Checked) -> (ResultCode, Option<TxMeta>) {
        let rules = self.rules(false, false);
        let applied = tx::apply(&mut self.entries, &tx.0, rules);
        for key in applied.touched {
            self.tree.touch(key);
            if let Some(differs) = &mut self.differs {
                differs.insert(key);
            }
        }
        (applied.result, applied.meta)
    }
}
