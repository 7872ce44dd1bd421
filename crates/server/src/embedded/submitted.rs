//! What clients brought into the open ledger, in order: with it a recorded ledger closes again to the same.
//! Bounded, so that neither memory nor a record grows with what clients send. Never looks into a blob.

use sim::world::WorldError;

use crate::error::ServerError;
use crate::limits::{SUBMISSIONS_MAX, SUBMITTED_BYTES_MAX, TX_BYTES_MAX, WAITING_MAX};

/// Blobs since the last close.
#[derive(Clone, Default)]
pub(crate) struct Submitted {
    blobs: Vec<Vec<u8>>,
    bytes: usize,
}

impl Submitted {
    /// Whether another blob may be submitted while so many wait for later ledgers.
    pub(crate) fn has_room(&self, blob: &[u8], waiting: usize) -> Result<(), ServerError> {
        if blob.len() > TX_BYTES_MAX {
            let why = format!("{} bytes are more than {TX_BYTES_MAX}", blob.len());
            return Err(WorldError::NotATransaction(why).into());
        }
        let is_full = self.blobs.len() >= SUBMISSIONS_MAX || self.bytes + blob.len() > SUBMITTED_BYTES_MAX;
        if is_full || waiting >= WAITING_MAX {
            return Err(ServerError::OpenLedgerFull);
        }
        Ok(())
    }

    /// Remembers a blob that changed the open ledger.
    pub(crate) fn push(&mut self, blob: &[u8]) {
        self.bytes += blob.len();
        self.blobs.push(blob.to_vec());
    }

    /// All of them; the next ledger begins with none.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        std::mem::take(&mut self.blobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_takes_so_many_and_so_many_bytes() {
        for (size, taken) in [(1, SUBMISSIONS_MAX), (TX_BYTES_MAX, SUBMITTED_BYTES_MAX / TX_BYTES_MAX)] {
            let (mut submitted, blob) = (Submitted::default(), vec![0; size]);
            for _ in 0..2 {
                let mut count = 0;
                while submitted.has_room(&blob, 0).is_ok() {
                    submitted.push(&blob);
                    count += 1;
                }
                assert_eq!(count, taken);
                assert!(matches!(submitted.has_room(&blob, 0), Err(ServerError::OpenLedgerFull)));
                assert_eq!(submitted.take().len(), taken);
            }
        }
        let one = vec![0; 1];
        assert!(Submitted::default().has_room(&one, WAITING_MAX - 1).is_ok());
        let told = Submitted::default().has_room(&one, WAITING_MAX);
        assert!(matches!(told, Err(ServerError::OpenLedgerFull)));
        let huge = vec![0; TX_BYTES_MAX + 1];
        assert!(matches!(Submitted::default().has_room(&huge, 0), Err(ServerError::World(_))));
    }
}
