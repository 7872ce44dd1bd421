//! Start-up is recovery: a session found open is rebuilt from its journal, catches up with what its ledger did
//! meanwhile, and is closed, before a new one opens. Decides nothing: the engine does, as in any session.

use crate::begin::{Desk, now_unix, unreadable};
use crate::driver::{CHECKPOINT_ROWS, Connected, DriverError, Opening};
use engine::{HaltReason, Input, ResumeInput};
use lab::{RebuildError, Rebuilt};
use store::{ReadError, Reader, SessionRow, StoreError};
use units::LedgerIndex;

/// A session that a crash left open, and its engine as it was.
pub struct Left {
    /// Its row.
    pub session: SessionRow,
    rebuilt: Rebuilt,
}

/// Why a session that was left open could not be closed.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The ledger's history is another one than the session's.
    #[error("the ledger at {0} is not the one it traded on")]
    OtherLedger(LedgerIndex),
    /// Its journal cannot be gone on with.
    #[error("{0}")]
    Journal(StoreError),
    /// The loop ended without closing it.
    #[error(transparent)]
    Driver(#[from] DriverError),
}

impl Left {
    /// Makes its engine again: from its last checkpoint and the rows of its journal after that, or from all of it.
    ///
    /// # Errors
    /// [`RebuildError`].
    pub fn rebuild(reader: &Reader, session: SessionRow) -> Result<Left, RebuildError> {
        let rebuilt = lab::restart(reader, session.session_id)?;
        let session_id = session.session_id;
        for why in &rebuilt.set_aside {
            tracing::warn!(session_id, why, "more of the journal is decided again");
        }
        let (rows, again) = (rebuilt.rows, rebuilt.rows - rebuilt.taken);
        if rebuilt.taken == 0 && usize::try_from(rows).is_ok_and(|rows| rows > CHECKPOINT_ROWS) {
            tracing::warn!(session_id, rows, "no checkpoint: the whole journal was decided again");
        }
        tracing::info!(session_id, rows, again, "the engine of the open session is made again");
        Ok(Left { session, rebuilt })
    }

    /// The rows of its journal that were not decided again, because a checkpoint tells what they led to.
    pub fn taken(&self) -> i64 {
        self.rebuilt.taken
    }

    /// The last ledger that its books know.
    pub fn cursor(&self) -> LedgerIndex {
        self.rebuilt.engine.cursor()
    }

    /// Catches up with the ledger and closes it; gives whether a signal came meanwhile.
    ///
    /// # Errors
    /// [`RecoverError`]; the session is still open then, with everything that was committed.
    pub async fn close(self, desk: Desk<'_>, connected: Connected) -> Result<bool, RecoverError> {
        let Left { session, rebuilt } = self;
        let (cursor, known) = (rebuilt.engine.cursor(), rebuilt.engine.cursor_hash());
        let (store, reader) = (desk.store, desk.reader().map_err(unreadable)?);
        let mut driver = desk.driver(rebuilt.engine, connected);
        if let Some(known) = known {
            let found = driver.patiently(async |driver| driver.ledger_hash(cursor).await).await?;
            if found != known {
                return Err(RecoverError::OtherLedger(cursor));
            }
        }
        driver.view.note(&format!(
            "session {} was left open: catching up with its ledger and closing it",
            session.session_id
        ));
        let backfill = driver.patiently(async |driver| driver.backfill(cursor.plus(1)).await).await?;
        driver.confirm(backfill.header.index, backfill.header.hash).await?;
        let at = backfill.header.close_time;
        let told = reader.open_notices(&session.world_id, now_unix(), at).map_err(unreadable)?;
        store
            .resume_session(session.session_id, rebuilt.head, rebuilt.rows)
            .map_err(RecoverError::Journal)?;
        driver.state.since_checkpoint = usize::try_from(rebuilt.rows - rebuilt.taken).unwrap_or(0);
        driver.tell(told);
        driver.run(Input::Resume(Box::new(ResumeInput { backfill })), Opening::Resumed).await?;
        Ok(driver.state.is_stopping())
    }
}

/// What a closed session left that only the ledger it was on can settle. All of it is read off what the session wrote, so
/// that a start which is refused needs to write nothing for the next one to be refused as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsettled {
    /// Offers or transactions whose end was not seen.
    Orders,
    /// A difference between books and ledger: the last comparison showed one, or the session ended for one and compared no more.
    Books,
    /// Nothing that is known. But the start that recovered it began no session: whatever was in its way is to be met again.
    Start,
}

/// What the last session of a database left, if anything.
///
/// # Errors
/// [`ReadError`].
pub fn unsettled(reader: &Reader, last: &SessionRow) -> Result<Option<Unsettled>, ReadError> {
    if is_unfinished(reader, &last.world_id)? {
        return Ok(Some(Unsettled::Orders));
    }
    if last.status != "closed" {
        return Ok(None);
    }
    let reason = last.halt_reason.as_deref().and_then(|reason| reason.parse::<HaltReason>().ok());
    // Without a last full read, such as when the history does not join the books, nothing has compared them since.
    let is_about_books = matches!(reason, Some(HaltReason::InventoryTruthHalt | HaltReason::ReconcilerHalt));
    let is_unseen = is_about_books && !reader.is_end_verified(last.session_id)?;
    if is_unseen || reader.ended_with_difference(last.session_id)? {
        return Ok(Some(Unsettled::Books));
    }
    Ok((reason == Some(HaltReason::RecoveredAfterCrash)).then_some(Unsettled::Start))
}

/// Whether the last session of a ledger's history ended with offers or transactions whose end was not seen.
///
/// # Errors
/// [`ReadError`].
pub fn is_unfinished(reader: &Reader, world_id: &str) -> Result<bool, ReadError> {
    let books = reader.last_closed_books(world_id)?;
    Ok(books.is_some_and(|books| !books.orders.is_empty() || !books.pending.is_empty()))
}
