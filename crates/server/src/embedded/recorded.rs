//! The history of an embedded ledger as it lies on disk, for whoever proves something from it. Reads only: a torn end is
//! left where it is, no ledger is closed again, and nothing is renamed or cut.

use std::path::Path;

use ledger::{AccountId, Hash256};
use sim::world::{LedgerHeader, WorldSpec};

use super::{EmbeddedLedger, dir};
use crate::error::ServerError;

/// Every recorded ledger of a world, oldest first, each the child of the one before; the first is the world's beginning.
#[derive(Debug, Clone)]
pub struct RecordedHistory {
    /// Identity of the world.
    pub world_id: Hash256,
    /// What the world was made from.
    pub spec: WorldSpec,
    /// Its ledgers.
    pub ledgers: Vec<RecordedLedger>,
}

/// A ledger, and those of its transactions that were asked for.
#[derive(Debug, Clone)]
pub struct RecordedLedger {
    /// The header.
    pub header: LedgerHeader,
    /// Transactions in canonical order.
    pub transactions: Vec<RecordedTx>,
}

/// A validated transaction.
#[derive(Debug, Clone)]
pub struct RecordedTx {
    /// Its id.
    pub hash: Hash256,
    /// Its place within the ledger.
    pub index: u32,
    /// The signed bytes.
    pub blob: Vec<u8>,
    /// The metadata in binary form.
    pub meta: Vec<u8>,
}

impl EmbeddedLedger {
    /// All ledgers recorded in `directory`, with the transactions whose bytes or metadata name `account`.
    ///
    /// # Errors
    /// [`ServerError::Missing`] without a world there, [`ServerError::InUse`] while a process keeps it,
    /// [`ServerError::Damaged`] for files that are not whole, [`ServerError::Io`].
    pub fn recorded(directory: &Path, account: &AccountId) -> Result<RecordedHistory, ServerError> {
        let (spec, world_id, records) = dir::read(directory)?;
        let names = |bytes: &[u8]| bytes.windows(account.0.len()).any(|window| window == account.0);
        let ledgers = records.into_iter().map(|record| RecordedLedger {
            header: record.header,
            transactions: (0_u32..)
                .zip(record.transactions)
                .filter(|(_, tx)| names(&tx.meta) || names(&tx.blob))
                .map(|(index, tx)| RecordedTx { hash: tx.hash, index, blob: tx.blob, meta: tx.meta })
                .collect(),
        });
        Ok(RecordedHistory { world_id, spec, ledgers: ledgers.collect() })
    }
}
