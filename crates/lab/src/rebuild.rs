//! The engine of an unclosed session, made again from its journal: what a crash leaves behind. Never goes past a row
//! that is damaged or that this version decides otherwise.

use engine::{Engine, Step};
use ledger::Hash256;
use store::{JournalCheckpoint, Reader};

use crate::checkpoints;
use crate::replay::{ChainDamage, FirstDifference, Outcome, ReplayError, Run};

/// An engine where its journal ends, and what is needed to go on.
#[derive(Debug)]
pub struct Rebuilt {
    /// The engine, in the state it had after the last journalled input.
    pub engine: Engine,
    /// The last link of the chain, for [`store::Store::resume_session`].
    pub head: Hash256,
    /// Journal rows, for the same.
    pub rows: i64,
    /// The rows that were not decided again, because a checkpoint tells what they led to.
    pub taken: i64,
    /// Checkpoints that could not be used, and why, in words.
    pub set_aside: Vec<String>,
    /// The last step that was decided again; its effects may or may not have been performed.
    pub last: Option<Step>,
}

/// Why an engine could not be made again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// The session cannot be read.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The journal is damaged.
    #[error("the journal is damaged at row {}: {}", .0.seq, .0.reason)]
    Damaged(ChainDamage),
    /// The session's configuration is not the one its journal was begun with.
    #[error("the configuration of the session was changed after it began")]
    ConfigEdited,
    /// This version decides otherwise than the one that wrote the journal.
    #[error("this version decides otherwise: {0}")]
    Differs(Box<FirstDifference>),
}

/// Replays the journal of a session, all of it identical or not at all.
///
/// # Errors
/// [`RebuildError`]: no engine is given that is not exactly the one that ended.
pub fn rebuild(reader: &Reader, session_id: i64) -> Result<Rebuilt, RebuildError> {
    let mut run = Run::new(reader, session_id, None)?;
    run.all(reader)?;
    rebuilt(run, 0)
}

/// The engine that [`rebuild`] gives, from the newest checkpoint that can be used: only the rows after it are read, proven
/// and decided again. Where one cannot be used ([`Rebuilt::set_aside`]) the one before counts, and at last the journal.
///
/// # Errors
/// As [`rebuild`].
pub fn restart(reader: &Reader, session_id: i64) -> Result<Rebuilt, RebuildError> {
    let mut set_aside = Vec::new();
    let stored = reader.journal_checkpoints(session_id).unwrap_or_else(|error| {
        set_aside.push(format!("the checkpoints cannot be read: {error}"));
        Vec::new()
    });
    for checkpoint in &stored {
        match from_checkpoint(reader, session_id, checkpoint) {
            Ok(rebuilt) => return Ok(Rebuilt { set_aside, ..rebuilt }),
            Err(why) => {
                set_aside.push(format!("the checkpoint after row {} cannot be used: {why}", checkpoint.seq));
            }
        }
    }
    Ok(Rebuilt { set_aside, ..rebuild(reader, session_id)? })
}

fn from_checkpoint(
    reader: &Reader,
    session_id: i64,
    checkpoint: &JournalCheckpoint,
) -> Result<Rebuilt, String> {
    let words = |error: ReplayError| error.to_string();
    let mut run = Run::new(reader, session_id, None).map_err(words)?;
    let (engine, head) = checkpoints::engine_of(&run, checkpoint)?;
    let taken = checkpoint.seq + 1;
    run.stand_at(engine, head, taken);
    run.all(reader).map_err(words)?;
    rebuilt(run, taken).map_err(|error| error.to_string())
}

fn rebuilt(run: Run, taken: i64) -> Result<Rebuilt, RebuildError> {
    match run.outcome {
        Outcome::Identical if run.config_differs => Err(RebuildError::ConfigEdited),
        Outcome::Identical => Ok(Rebuilt {
            engine: run.engine,
            head: run.head,
            rows: run.rows,
            taken,
            set_aside: Vec::new(),
            last: run.last,
        }),
        Outcome::Differs(difference) => Err(RebuildError::Differs(difference)),
        Outcome::Damaged(damage) => Err(RebuildError::Damaged(damage)),
    }
}
