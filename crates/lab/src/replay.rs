//! Replay: the journalled inputs through a fresh engine, every step compared with the recorded one, the chain of
//! digests verified on the way. Never repairs anything, and never takes a recorded decision for its own.

use std::fmt;

use engine::journal::{self, JournalError};
use engine::{Config, ConfigProblem, Decision, Engine, Record, Step};
use ledger::Hash256;
use store::{ReadError, Reader};
use units::{LedgerIndex, LedgerTime};

use crate::checkpoints::Checkpoints;
use crate::config_text;
use crate::proven::{self, ProvenRow};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayReport {
    /// The session.
    pub session_id: i64,
    /// Journal rows replayed.
    pub rows: i64,
    /// The chain over the inputs and the steps decided now: the recorded digest when everything is identical.
    pub digest: Hash256,
    /// The configuration used is not the one the journal was begun with.
    pub config_differs: bool,
    /// What is wrong with the recorded configuration, in sentences: its text is not the one the session began with, or
    /// has keys that are nobody's.
    pub config_notes: Vec<String>,
    /// Checkpoints that are not what the replay gives there, in sentences. None of another version of the program.
    pub checkpoint_problems: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every decision, effect and record is the recorded one.
    Identical,
    /// The first row at which something else is decided; nothing after it was replayed.
    Differs(Box<FirstDifference>),
    /// The journal is not what was written.
    Damaged(ChainDamage),
}

/// The first row at which the engine decides otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstDifference {
    /// Which row of the session's journal, from 0.
    pub seq: i64,
    /// The validated ledger it is about.
    pub ledger_index: LedgerIndex,
    /// When that ledger closed.
    pub close_time: LedgerTime,
    /// What was decided then.
    pub recorded: Decision,
    /// What is decided now.
    pub decided: Decision,
    /// The part that differs, in words: `decision`, or the first effect or record that is not the same.
    pub part: String,
}

/// A row of the journal that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainDamage {
    /// Which row, from 0; the number of rows when the end is missing.
    pub seq: i64,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a replay could not be made at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The database could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The session's configuration text is no configuration.
    #[error("the configuration of session {session_id} does not read: {problems}")]
    Config {
        /// The session.
        session_id: i64,
        /// All that is wrong with it.
        problems: String,
    },
    /// A value has no binary form.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The operating system gives no thread.
    #[error("no thread to replay in: {0}")]
    Thread(std::io::Error),
}

/// Decides a session again, with its recorded configuration or with `config`, up to the first difference.
///
/// # Errors
/// [`ReplayError`] when the session cannot be read or has no readable configuration.
pub fn replay(reader: &Reader, session_id: i64, config: Option<Config>) -> Result<ReplayReport, ReplayError> {
    let is_recorded = config.is_none();
    let mut run = Run::new(reader, session_id, config)?;
    if is_recorded {
        run.checkpoints = Checkpoints::of(reader, session_id)?;
    }
    run.all(reader)?;
    run.finish(reader)
}

/// A replay on its way.
pub(crate) struct Run {
    session_id: i64,
    pub(crate) engine: Engine,
    /// The chain as recorded.
    pub(crate) head: Hash256,
    /// The chain over what is decided now.
    digest: Hash256,
    pub(crate) config_differs: bool,
    config_notes: Vec<String>,
    /// Those that are compared on the way.
    checkpoints: Checkpoints,
    pub(crate) rows: i64,
    pub(crate) last: Option<Step>,
    pub(crate) outcome: Outcome,
    /// The step in its binary form; its memory is used again.
    bytes: Vec<u8>,
}

impl Run {
    pub(crate) fn new(reader: &Reader, session_id: i64, config: Option<Config>) -> Result<Run, ReplayError> {
        reader.check_schema()?;
        let row = reader.session(session_id)?;
        let config = match config {
            Some(config) => config,
            None => recorded_config(session_id, &row.config)?,
        };
        let us = reader.identity()?;
        let identity = us.to_engine();
        let genesis = journal::genesis(&config, &identity)?;
        let recorded = row.genesis_digest.parse().unwrap_or(Hash256::ZERO);
        Ok(Run {
            session_id,
            engine: Engine::new(config, identity),
            head: recorded,
            digest: genesis,
            config_differs: recorded != genesis,
            config_notes: config_text::problems(&row, &us),
            checkpoints: Checkpoints::default(),
            rows: 0,
            last: None,
            outcome: Outcome::Identical,
            bytes: Vec::new(),
        })
    }

    /// Goes on from an engine that has decided the first `rows` rows, where the chain is at `head`.
    pub(crate) fn stand_at(&mut self, engine: Engine, head: Hash256, rows: i64) {
        (self.engine, self.head, self.digest, self.rows) = (engine, head, head, rows);
    }

    /// Replays the session's rows up to the first that is damaged or decided otherwise. Reading and proving is this
    /// thread's work, deciding another's: neither waits long for the other, and few rows are in memory at a time.
    pub(crate) fn all(&mut self, reader: &Reader) -> Result<(), ReplayError> {
        let session_id = self.session_id;
        let start = proven::Start { head: self.head, rows: self.rows, closed: self.engine.now() };
        let identity = self.engine.identity().clone();
        let (decided, read) = std::thread::scope(|scope| {
            let (to_decide, proven) = proven::channel();
            let deciding = std::thread::Builder::new()
                .name("replay".to_owned())
                .spawn_scoped(scope, || self.decide(proven))
                .map_err(ReplayError::Thread)?;
            let read = proven::read(reader, session_id, start, &identity, to_decide);
            // A panic there is one here, as if it were one thread.
            let decided = deciding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok::<_, ReplayError>((decided, read))
        })?;
        decided?;
        // What is decided otherwise comes before what is damaged: deciding stopped on the way there.
        if let (Some(damage), Outcome::Identical) = (read?, &self.outcome) {
            self.outcome = Outcome::Damaged(damage);
        }
        Ok(())
    }

    fn decide(&mut self, proven: proven::Rows) -> Result<(), ReplayError> {
        for row in proven.into_iter().flatten() {
            self.row(row)?;
            if self.outcome != Outcome::Identical {
                break;
            }
        }
        Ok(())
    }

    /// Decides one row again. Steps whose bytes are the recorded ones are the recorded ones; only others are read.
    fn row(&mut self, mut proven: ProvenRow) -> Result<(), ReplayError> {
        let decided = self.engine.step_with(&proven.input, proven.ahead.take());
        self.bytes.clear();
        self.bytes = journal::encode_step(&decided, std::mem::take(&mut self.bytes))?;
        let is_recorded = self.bytes == proven.row.step;
        let recorded = match is_recorded {
            true => None,
            false => match proven.step() {
                Ok(recorded) => Some(recorded),
                Err(damage) => {
                    self.outcome = Outcome::Damaged(damage);
                    return Ok(());
                }
            },
        };
        self.digest = if is_recorded && self.digest == self.head {
            proven.link
        } else {
            journal::link_encoded(&self.digest, &proven.row.input, &self.bytes)
        };
        self.head = proven.link;
        self.rows += 1;
        let part = recorded.and_then(|recorded| {
            difference(&recorded, &decided, self.config_differs).map(|part| (recorded, part))
        });
        match part {
            Some((recorded, part)) => {
                self.outcome = Outcome::Differs(Box::new(FirstDifference {
                    seq: proven.row.seq,
                    ledger_index: recorded.decision.ledger_index,
                    close_time: recorded.decision.close_time,
                    recorded: recorded.decision,
                    decided: decided.decision,
                    part,
                }));
            }
            None => {
                self.checkpoints.compare(proven.row.seq, &self.engine);
                self.last = Some(decided);
            }
        }
        Ok(())
    }

    fn finish(mut self, reader: &Reader) -> Result<ReplayReport, ReplayError> {
        let closed = reader.session(self.session_id)?.journal_digest;
        let end = closed.map(|text| text.parse::<Hash256>());
        if self.outcome == Outcome::Identical && end.is_some_and(|end| end != Ok(self.head)) {
            let reason = "the journal does not end where its session was closed".to_owned();
            self.outcome = Outcome::Damaged(ChainDamage { seq: self.rows, reason });
        }
        Ok(ReplayReport {
            session_id: self.session_id,
            rows: self.rows,
            digest: self.digest,
            config_differs: self.config_differs,
            config_notes: self.config_notes,
            checkpoint_problems: self.checkpoints.problems,
            outcome: self.outcome,
        })
    }
}

/// The first part of a step that is not the same. With another configuration its hash in the session row is not one.
fn difference(recorded: &Step, decided: &Step, config_differs: bool) -> Option<String> {
    if recorded.decision != decided.decision {
        return Some("decision".to_owned());
    }
    if recorded.effects != decided.effects {
        return Some(first_unlike("effect", &recorded.effects, &decided.effects));
    }
    let plain = |record: &Record| match record {
        Record::SessionOpened(row) if config_differs => {
            let mut row = row.clone();
            row.config_hash = Hash256::ZERO;
            Record::SessionOpened(row)
        }
        other => other.clone(),
    };
    let recorded: Vec<Record> = recorded.records.iter().map(plain).collect();
    let decided: Vec<Record> = decided.records.iter().map(plain).collect();
    (recorded != decided).then(|| first_unlike("record", &recorded, &decided))
}

fn first_unlike<T: PartialEq + fmt::Debug>(what: &str, recorded: &[T], decided: &[T]) -> String {
    let longest = recorded.len().max(decided.len());
    let at = (0..longest).find(|at| recorded.get(*at) != decided.get(*at)).unwrap_or(longest);
    let show = |value: Option<&T>| value.map_or("none".to_owned(), |value| format!("{value:?}"));
    format!("{what} {at}: recorded {}, decided {}", show(recorded.get(at)), show(decided.get(at)))
}

fn recorded_config(session_id: i64, text: &str) -> Result<Config, ReplayError> {
    Config::from_pairs(config_text::config_pairs(text)).map_err(|problems| ReplayError::Config {
        session_id,
        problems: problems.iter().map(ConfigProblem::to_string).collect::<Vec<_>>().join("; "),
    })
}

impl fmt::Display for FirstDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "first difference at row {}, ledger {}, {}",
            self.seq, self.ledger_index, self.close_time
        )?;
        writeln!(f, "  recorded: {}", self.recorded)?;
        write!(f, "  decided:  {}", self.decided)?;
        if self.part != "decision" {
            write!(f, "\n  differs:  {}", self.part)?;
        }
        Ok(())
    }
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Outcome::Identical if self.config_differs => {
                write!(
                    f,
                    "session {}: {} decisions identical under another config",
                    self.session_id, self.rows
                )?;
            }
            Outcome::Identical => {
                let digest = self.digest.to_string().to_lowercase();
                write!(f, "session {}: {} decisions identical, digest {digest}", self.session_id, self.rows)?;
            }
            Outcome::Differs(difference) => write!(f, "session {}: {difference}", self.session_id)?,
            Outcome::Damaged(damage) => {
                write!(
                    f,
                    "session {}: journal damaged at row {}: {}",
                    self.session_id, damage.seq, damage.reason
                )?;
            }
        }
        self.checkpoint_problems.iter().try_for_each(|problem| write!(f, "\nWRONG: {problem}"))?;
        self.config_notes.iter().try_for_each(|note| write!(f, "\nnote: in its row, {note}"))
    }
}
