//! What clients brought into the open ledger, in order: with it a recorded ledger closes again to the same.
//! Bounded, so that neither memory nor a record grows with what clients send. Never looks into a blob.

use sim::world::WorldError;

use crate::error::ServerError;
use crate::limits::{
    LOCAL_SUBMISSIONS_MAX, LOCAL_SUBMITTED_BYTES_MAX, LOCAL_WAITING_MAX, SUBMISSIONS_MAX,
    SUBMITTED_BYTES_MAX, TX_BYTES_MAX, WAITING_MAX,
};

/// How much one open ledger takes.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    submissions: usize,
    bytes: usize,
    waiting: usize,
}

impl Room {
    /// For everybody.
    pub(crate) const USUAL: Self =
        Self { submissions: SUBMISSIONS_MAX, bytes: SUBMITTED_BYTES_MAX, waiting: WAITING_MAX };
    /// For programs of this machine, where nothing is written.
    pub(crate) const LOCAL: Self = Self {
        submissions: LOCAL_SUBMISSIONS_MAX,
        bytes: LOCAL_SUBMITTED_BYTES_MAX,
        waiting: LOCAL_WAITING_MAX,
    };
}

/// Blobs since the last close.
#[derive(Clone, Default)]
pub(crate) struct Submitted {
    blobs: Vec<Vec<u8>>,
    bytes: usize,
}

impl Submitted {
    /// Whether another blob may be submitted while so many wait for later ledgers.
    pub(crate) fn has_room(&self, blob: &[u8], waiting: usize, room: Room) -> Result<(), ServerError> {
        if blob.len() > TX_BYTES_MAX {
            let why = format!("{} bytes are more than {TX_BYTES_MAX}", blob.len());
            return Err(WorldError::NotATransaction(why).into());
        }
        let is_full = self.blobs.len() >= room.submissions || self.bytes + blob.len() > room.bytes;
        if is_full || waiting >= room.waiting {
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
        for (size, taken, room) in [
            (1, SUBMISSIONS_MAX, Room::USUAL),
            (TX_BYTES_MAX, SUBMITTED_BYTES_MAX / TX_BYTES_MAX, Room::USUAL),
            (1, LOCAL_SUBMISSIONS_MAX, Room::LOCAL),
            (TX_BYTES_MAX, LOCAL_SUBMITTED_BYTES_MAX / TX_BYTES_MAX, Room::LOCAL),
        ] {
            let (mut submitted, blob) = (Submitted::default(), vec![0; size]);
            for _ in 0..2 {
                let mut count = 0;
                while submitted.has_room(&blob, 0, room).is_ok() {
                    submitted.push(&blob);
                    count += 1;
                }
                assert_eq!(count, taken);
                assert!(matches!(submitted.has_room(&blob, 0, room), Err(ServerError::OpenLedgerFull)));
                assert_eq!(submitted.take().len(), taken);
            }
        }
        let one = vec![0; 1];
        for (room, most) in [(Room::USUAL, WAITING_MAX), (Room::LOCAL, LOCAL_WAITING_MAX)] {
            assert!(Submitted::default().has_room(&one, most - 1, room).is_ok());
            let told = Submitted::default().has_room(&one, most, room);
            assert!(matches!(told, Err(ServerError::OpenLedgerFull)));
        }
        let huge = vec![0; TX_BYTES_MAX + 1];
        assert!(matches!(Submitted::default().has_room(&huge, 0, Room::LOCAL), Err(ServerError::World(_))));
    }
}
