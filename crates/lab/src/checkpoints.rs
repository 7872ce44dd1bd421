//! The checkpoints of a session beside its replay: a restart begins at one, and a replay says whether it may. No replay
//! takes anything from one.

use std::collections::BTreeMap;

use engine::{CheckpointError, Engine};
use ledger::Hash256;
use store::{JournalCheckpoint, ReadError, Reader};

use crate::replay::Run;

/// Those that a replay compares, by the row after which they stand.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    stored: BTreeMap<i64, JournalCheckpoint>,
    /// What is wrong, in sentences.
    pub(crate) problems: Vec<String>,
}

impl Checkpoints {
    /// All of a session.
    pub(crate) fn of(reader: &Reader, session_id: i64) -> Result<Checkpoints, ReadError> {
        let stored = reader.journal_checkpoints(session_id)?;
        let mut problems = Vec::new();
        for checkpoint in &stored {
            if let Err(why) = checkpoint.proven() {
                problems.push(format!("the checkpoint after row {} cannot be used: {why}", checkpoint.seq));
            }
        }
        Ok(Checkpoints { stored: stored.into_iter().map(|stored| (stored.seq, stored)).collect(), problems })
    }

    /// Row `seq` was decided again, and `engine` is what knows the rest now.
    pub(crate) fn compare(&mut self, seq: i64, engine: &Engine) {
        let Some(stored) = self.stored.remove(&seq) else { return };
        let is_same = engine.checkpoint().is_ok_and(|state| state == stored.state);
        let is_of_other_version = || {
            let read = Engine::from_checkpoint(&stored.state, engine.config().clone(), engine.identity());
            matches!(read, Err(CheckpointError::OtherVersion { .. }))
        };
        if !is_same && !is_of_other_version() {
            self.problems.push(format!("the checkpoint after row {seq} is not what the replay gives there"));
        }
    }
}

/// The engine of a checkpoint, and the chain where it stands; else why it cannot be used.
pub(crate) fn engine_of(run: &Run, checkpoint: &JournalCheckpoint) -> Result<(Engine, Hash256), String> {
    let head = checkpoint.proven()?;
    let (config, identity) = (run.engine.config().clone(), run.engine.identity());
    let engine =
        Engine::from_checkpoint(&checkpoint.state, config, identity).map_err(|why| why.to_string())?;
    Ok((engine, head))
}
