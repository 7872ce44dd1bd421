//! The engine of an unclosed session, made again from its journal: what a crash leaves behind. Never goes past a row
//! that is damaged or that this version decides otherwise.

use engine::{Engine, Step};
use ledger::Hash256;
use store::Reader;

use crate::replay::{ChainDamage, FirstDifference, Outcome, ReplayError, Run};

/// An engine where its journal ends, and what is needed to go on.
#[derive(Debug)]
pub struct Rebuilt {
    /// The engine, in the state it had after the last journalled input.
    pub engine: Engine,
    /// The last link of the chain, for [`store::Store::resume_session`].
    pub head: Hash256,
    /// Journal rows replayed, for the same.
    pub rows: i64,
    /// The last step; its effects may or may not have been performed.
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
    match run.outcome {
        Outcome::Identical if run.config_differs => Err(RebuildError::ConfigEdited),
        Outcome::Identical => {
            Ok(Rebuilt { engine: run.engine, head: run.head, rows: run.rows, last: run.last })
        }
        Outcome::Differs(difference) => Err(RebuildError::Differs(difference)),
        Outcome::Damaged(damage) => Err(RebuildError::Damaged(damage)),
    }
}
