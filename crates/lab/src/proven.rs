//! The reading half of a replay: rows out of the database, each proven to be in its place in the chain, its input read.
//! Decides nothing, and takes no step for what it says: that is compared where it is decided again.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use engine::{Identity, Input, ReadAhead, Step, journal};
use ledger::Hash256;
use store::{JournalRow, ReadError, Reader, decode_step};
use units::LedgerTime;

use crate::replay::ChainDamage;

/// Rows that go to the deciding half at once: waking it costs as much as deciding a row.
const BATCH: usize = 64;
/// Batches that wait for it at most. With a page of the reader's, that is all there is in memory.
const WAITING: usize = 4;

/// Why a row is not what was written.
const OTHER_DIGEST: &str = "its digest is not that of its bytes";

/// Batches of proven rows, in order.
pub(crate) type Rows = Receiver<Vec<ProvenRow>>;

/// A row whose bytes are those that were written.
pub(crate) struct ProvenRow {
    pub(crate) row: JournalRow,
    pub(crate) input: Input,
    /// Of its input, read here because it takes long.
    pub(crate) ahead: Option<ReadAhead>,
    /// The chain after it.
    pub(crate) link: Hash256,
}

impl ProvenRow {
    /// The recorded step, read.
    pub(crate) fn step(&self) -> Result<Step, ChainDamage> {
        let damage = |reason: String| ChainDamage { seq: self.row.seq, reason };
        let step = decode_step(&self.row.step).map_err(|error| damage(error.to_string()))?;
        let bytes = journal::encode_step(&step, Vec::new()).map_err(|error| damage(error.to_string()))?;
        if bytes == self.row.step { Ok(step) } else { Err(damage(OTHER_DIGEST.to_owned())) }
    }
}

/// A way to the deciding half that holds few rows.
pub(crate) fn channel() -> (SyncSender<Vec<ProvenRow>>, Rows) {
    sync_channel(WAITING)
}

/// Where reading begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// The chain before the first row that is read.
    pub(crate) head: Hash256,
    /// Rows before it.
    pub(crate) rows: i64,
    /// When the last ledger closed that an input before it brought.
    pub(crate) closed: LedgerTime,
}

/// Reads a session's journal from `start` on and hands its proven rows over, until it ends, a row is damaged (which is
/// given), or nobody takes them any more.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn read(
    reader: &Reader,
    session_id: i64,
    start: Start,
    identity: &Identity,
    rows: SyncSender<Vec<ProvenRow>>,
) -> Result<Option<ChainDamage>, ReadError> {
    let mut chain = Chain { head: start.head, rows: start.rows, identity, closed: start.closed };
    let mut batch = Vec::with_capacity(BATCH);
    let read = reader.journal_from(session_id, start.rows, |row| {
        batch.push(chain.prove(row).map_err(End::Damaged)?);
        if batch.len() < BATCH {
            return Ok(());
        }
        rows.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(|_| End::NobodyTakes)
    });
    // Whoever takes no more has said why in his own outcome.
    drop(rows.send(batch));
    match read {
        Ok(()) | Err(End::NobodyTakes) => Ok(None),
        Err(End::Damaged(damage)) => Ok(Some(damage)),
        Err(End::Unreadable(error)) => Err(error),
    }
}

/// Why reading ended before the journal did.
enum End {
    Damaged(ChainDamage),
    NobodyTakes,
    Unreadable(ReadError),
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> End {
        End::Unreadable(error)
    }
}

/// The chain as recorded, so far.
struct Chain<'a> {
    head: Hash256,
    rows: i64,
    identity: &'a Identity,
    /// When the last ledger closed that an input brought.
    closed: LedgerTime,
}

impl Chain<'_> {
    /// Verifies the row's place in the chain and reads its input.
    fn prove(&mut self, row: JournalRow) -> Result<ProvenRow, ChainDamage> {
        match self.place(&row) {
            Ok((input, link)) => {
                (self.head, self.rows) = (link, self.rows + 1);
                let ahead = ReadAhead::of(&input, self.identity, self.closed);
                self.closed = closed_at(&input).unwrap_or(self.closed);
                Ok(ProvenRow { row, input, ahead, link })
            }
            Err(reason) => Err(ChainDamage { seq: row.seq, reason }),
        }
    }

    fn place(&self, row: &JournalRow) -> Result<(Input, Hash256), String> {
        if row.seq != self.rows {
            return Err(format!("row {} follows row {}", row.seq, self.rows - 1));
        }
        if row.prev_digest != Some(self.head) {
            return Err("it does not follow the row before".to_owned());
        }
        let input = journal::decode_input(&row.input).map_err(|error| error.to_string())?;
        let link = journal::link_encoded(&self.head, &row.input, &row.step);
        if row.digest == Some(link) {
            return Ok((input, link));
        }
        // Bytes that are no step at all are told as such.
        decode_step(&row.step).map_err(|error| error.to_string())?;
        Err(OTHER_DIGEST.to_owned())
    }
}

/// When the ledger closed that an input brings.
fn closed_at(input: &Input) -> Option<LedgerTime> {
    match input {
        Input::Start(start) => Some(start.header.close_time),
        Input::Ledger(ledger) => Some(ledger.header.close_time),
        Input::Backfill(backfill) => Some(backfill.header.close_time),
        Input::Resume(resume) => Some(resume.backfill.header.close_time),
        _ => None,
    }
}
