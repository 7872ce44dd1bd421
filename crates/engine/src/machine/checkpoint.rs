//! Checkpoints: all that an engine knows in binary form, so that a restart need not decide a long session again. Never
//! proves that what is in it was decided rightly: only a replay of the journal does.

use super::Engine;
use crate::config::Config;
use crate::identity::Identity;
use crate::journal::{self, JournalError};
use ledger::Hash256;

/// What every checkpoint begins with.
const MAGIC: &[u8] = b"neo checkpoint ";
/// Version of the binary form of the state. The form does not describe itself, so that any change to a type of the state
/// takes the next number.
const FORM: u32 = 1;
/// A longer version is none.
const VERSION_MAX: usize = 64;

/// Why bytes are no checkpoint of this engine. Whoever has the journal can do without.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// They begin otherwise.
    #[error("it is no checkpoint")]
    NoCheckpoint,
    /// Another version of the program made it.
    #[error("it is of version {found}, and this program reads version {}", version())]
    OtherVersion {
        /// Its version.
        found: String,
    },
    /// It belongs to an engine with another configuration or identity.
    #[error("it is of a session with another configuration or identity")]
    OtherSession,
    /// They do not read, or not as what would be written of what was read.
    #[error("it does not read: {0}")]
    Unreadable(String),
    /// The configuration or identity has no binary form.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Engine {
    /// All that the engine knows: [`Engine::from_checkpoint`] gives an engine that answers every input as this one does.
    /// A few hundred bytes for each offer of the order book.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be encoded, which cannot happen for a state that inputs lead to.
    pub fn checkpoint(&self) -> Result<Vec<u8>, JournalError> {
        let genesis = journal::genesis(&self.config, &self.identity)?;
        let mut bytes = [MAGIC, version().as_bytes(), b"\n"].concat();
        bytes.extend(genesis.as_bytes());
        journal::encode_after(bytes, self)
    }

    /// The engine whose [`Engine::checkpoint`] these bytes are, exactly: what was read gives the same bytes again.
    ///
    /// # Errors
    /// [`CheckpointError`]; bytes that were altered may read all the same, so their digest is for the caller to prove.
    pub fn from_checkpoint(
        bytes: &[u8],
        config: Config,
        identity: &Identity,
    ) -> Result<Engine, CheckpointError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(CheckpointError::NoCheckpoint)?;
        let end = rest.iter().take(VERSION_MAX).position(|byte| *byte == b'\n');
        let (version, rest) = rest.split_at(end.ok_or(CheckpointError::NoCheckpoint)?);
        if version != self::version().as_bytes() {
            let found = String::from_utf8_lossy(version).into_owned();
            return Err(CheckpointError::OtherVersion { found });
        }
        let rest = rest.get(1..).unwrap_or_default();
        let (genesis, state) = rest.split_first_chunk::<32>().ok_or(CheckpointError::NoCheckpoint)?;
        if Hash256(*genesis) != journal::genesis(&config, identity)? {
            return Err(CheckpointError::OtherSession);
        }
        let engine: Engine = match postcard::take_from_bytes(state) {
            Ok((engine, [])) => engine,
            Ok((_, rest)) => {
                return Err(CheckpointError::Unreadable(format!("{} bytes too many", rest.len())));
            }
            Err(error) => return Err(CheckpointError::Unreadable(error.to_string())),
        };
        let engine = Engine { config, ..engine };
        if engine.identity != *identity || engine.checkpoint()? != bytes {
            return Err(CheckpointError::Unreadable("what was read is not what was written".to_owned()));
        }
        Ok(engine)
    }
}

/// Versions of the form, of the journal and of the program: what was made under another of any of them is not read, and
/// what another program decided this one decides again.
fn version() -> String {
    format!("{FORM} of journal {} of neo {}", journal::VERSION, env!("CARGO_PKG_VERSION"))
}
