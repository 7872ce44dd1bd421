//! One transaction for a batch of inputs: journal rows, records, session row. Never gives effects back before COMMIT has
//! answered, and never tries a failed write again.

use engine::journal::{self, JournalError};
use engine::{AnomalyRow, Decision, Effect, Input, Record, SessionClosedRow, SessionOpenedRow, Step};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

use crate::anomalies::SEARCHING;
use crate::error::{Kept, StoreError};
use crate::journal_checkpoint;
use crate::rows::{self, Context};
use crate::session::{self, OpenSession, SessionStart, hex};
use crate::writer::{Desk, failure};

/// How often the start of a transaction is tried while another process holds the database; each try waits for the busy
/// timeout (2 s), so that trading stops within about five seconds.
const BEGIN_TRIES: u32 = 3;

/// A journalled step that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a journalled step: {0}")]
pub struct StepError(String);

/// Reads the step of a journal row; its log lines were not kept.
///
/// # Errors
/// [`StepError`] for bytes that are no step.
pub fn decode_step(bytes: &[u8]) -> Result<Step, StepError> {
    let read = postcard::take_from_bytes::<(Vec<Effect>, Vec<Record>, Decision)>(bytes);
    match read {
        Ok(((effects, records, decision), [])) => Ok(Step { effects, records, decision, logs: Vec::new() }),
        Ok((_, rest)) => Err(StepError(format!("{} bytes too many", rest.len()))),
        Err(error) => Err(StepError(error.to_string())),
    }
}

/// A journal row ready to be written.
struct Link {
    open: OpenSession,
    input: Vec<u8>,
    step: Vec<u8>,
    prev: String,
    digest: String,
}

pub(crate) fn open_session(
    desk: &mut Desk,
    start: &SessionStart,
    first: Vec<(Input, Step)>,
) -> Result<Vec<Effect>, StoreError> {
    if let Some(open) = &desk.session {
        return Err(StoreError::Misuse(format!("session {} is open", open.session_id)));
    }
    let Some(opened) = find_opened(&first) else {
        return Err(StoreError::Misuse("the first steps open no session".to_owned()));
    };
    let transaction = begin(&desk.connection)?;
    let open = session::insert(&transaction, start, opened).map_err(|e| refused_twice(&e))?;
    let done = finish(transaction, open, first, None, Kept::Nothing)?;
    Ok(settle(desk, done))
}

/// `state` is what the engine knows after the last step of the batch, where that is to be kept.
pub(crate) fn commit(
    desk: &mut Desk,
    batch: Vec<(Input, Step)>,
    state: Option<Vec<u8>>,
) -> Result<Vec<Effect>, StoreError> {
    let Some(open) = desk.session.clone() else {
        return Err(StoreError::Misuse("no session is open".to_owned()));
    };
    let kept = observe_anomalies(&desk.connection, &open, &batch);
    let transaction = begin(&desk.connection)?;
    let done = finish(transaction, open, batch, state, kept)?;
    Ok(settle(desk, done))
}

/// A batch that is on disk.
struct Done {
    open: OpenSession,
    closed: bool,
    effects: Vec<Effect>,
}

fn settle(desk: &mut Desk, done: Done) -> Vec<Effect> {
    desk.last_session = Some(done.open.session_id);
    desk.session = (!done.closed).then_some(done.open);
    done.effects
}

fn finish(
    transaction: Transaction<'_>,
    open: OpenSession,
    batch: Vec<(Input, Step)>,
    state: Option<Vec<u8>>,
    kept: Kept,
) -> Result<Done, StoreError> {
    let mut done = Done { open, closed: false, effects: Vec::new() };
    for (input, step) in batch {
        let link = link(&done.open, &input, &step)
            .map_err(|error| StoreError::Failed { kept, reason: error.to_string() })?;
        done.closed |= write(&transaction, &link, &step).map_err(|error| fatal(kept, &error))?;
        done.open = link.open;
        done.effects.extend(step.effects);
    }
    match &state {
        _ if done.closed => journal_checkpoint::forget(&transaction, done.open.session_id),
        Some(state) => journal_checkpoint::write(&transaction, &done.open, state),
        None => Ok(()),
    }
    .map_err(|error| fatal(kept, &error))?;
    transaction.commit().map_err(|error| fatal(Kept::Unknown, &error))?;
    Ok(done)
}

fn link(open: &OpenSession, input: &Input, step: &Step) -> Result<Link, StepError> {
    let unencodable = |error: JournalError| StepError(error.to_string());
    let bytes = journal::encode_input(input).map_err(unencodable)?;
    let stored = journal::encode_step(step, Vec::new()).map_err(unencodable)?;
    let digest = journal::link_encoded(&open.head, &bytes, &stored);
    let next = OpenSession { head: digest, next_seq: open.next_seq + 1, ..open.clone() };
    Ok(Link {
        prev: hex(open.head.as_bytes()),
        digest: hex(digest.as_bytes()),
        open: next,
        input: bytes,
        step: stored,
    })
}

/// Writes one journal row and the records of its step; says whether it closed the session.
fn write(transaction: &Transaction<'_>, link: &Link, step: &Step) -> rusqlite::Result<bool> {
    let decision = &step.decision;
    let judged = decision.ledger_index.get() > 0;
    let sql =
        "INSERT INTO journal (session_id, seq, ledger_index, close_time, input, step, prev_digest, digest)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    transaction.prepare_cached(sql)?.execute(params![
        link.open.session_id,
        link.open.next_seq - 1,
        judged.then(|| decision.ledger_index.get()),
        judged.then(|| decision.close_time.to_iso()),
        link.input,
        link.step,
        link.prev,
        link.digest
    ])?;
    let context = Context {
        transaction,
        session_id: link.open.session_id,
        world_no: link.open.world_no,
        at: decision.close_time,
    };
    let mut end: Option<&SessionClosedRow> = None;
    for record in &step.records {
        match record {
            Record::SessionClosed(row) => end = Some(row),
            other => rows::write(&context, other)?,
        }
    }
    if let Some(row) = end {
        session::close(transaction, &link.open, row)?;
    }
    Ok(end.is_some())
}

/// An observation survives the failure of what follows from it. When it cannot be kept that is an error in the log, and
/// nothing waits for it.
fn observe_anomalies(connection: &Connection, open: &OpenSession, batch: &[(Input, Step)]) -> Kept {
    let found: Vec<&AnomalyRow> = batch
        .iter()
        .flat_map(|(_, step)| &step.records)
        .filter_map(|record| match record {
            Record::Anomaly(row) if row.action_taken == SEARCHING => Some(row),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Kept::Nothing;
    }
    let written =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).and_then(|transaction| {
            for row in found {
                let context = Context {
                    transaction: &transaction,
                    session_id: open.session_id,
                    world_no: open.world_no,
                    at: row.detected_at,
                };
                rows::write_anomaly(&context, row)?;
            }
            transaction.commit()
        });
    match written {
        Ok(()) => Kept::AnomaliesOnly,
        Err(error) => {
            tracing::error!(%error, "anomaly not kept before its search");
            Kept::Nothing
        }
    }
}

fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
            Ok(transaction) => return Ok(transaction),
            Err(error) if is_busy(&error) && tries < BEGIN_TRIES => {}
            Err(error) => return Err(failure(Kept::Nothing, &error)),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn find_opened(batch: &[(Input, Step)]) -> Option<&SessionOpenedRow> {
    batch.iter().flat_map(|(_, step)| &step.records).find_map(|record| match record {
        Record::SessionOpened(row) => Some(row),
        _ => None,
    })
}

fn fatal(kept: Kept, error: &rusqlite::Error) -> StoreError {
    StoreError::Failed { kept, reason: error.to_string() }
}

/// The one-open-session index refuses a second session of the database: a mistake of the caller, not of the disk.
fn refused_twice(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => {
            StoreError::Misuse(format!("an unclosed session is to be recovered first ({error})"))
        }
        _ => fatal(Kept::Nothing, error),
    }
}
