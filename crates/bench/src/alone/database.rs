//! A database with one session, made for a measurement and gone after it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use engine::Config;
use store::{OpenMode, SessionStart, Store};
use tempfile::TempDir;

use crate::session::{Batch, Recorded};

/// The database.
pub struct Database {
    store: Store,
    start: Option<SessionStart>,
    path: PathBuf,
    // After the store: what is open is closed first.
    _dir: Option<TempDir>,
}

impl Database {
    /// In a folder that is gone at the end.
    pub fn new(recorded: &Recorded) -> Result<Self> {
        let dir = TempDir::new()?;
        let made = Self::at(recorded, &dir.path().join("bench.db"))?;
        Ok(Self { _dir: Some(dir), ..made })
    }

    /// At this path.
    pub fn at(recorded: &Recorded, path: &Path) -> Result<Self> {
        let identity = store::Identity::new("paper", &recorded.identity);
        let store = Store::open(path, &identity, OpenMode::CreateIfMissing)?;
        let config = Config::default();
        let start = SessionStart {
            world_id: "bench".to_owned(),
            config_text: config.texts().iter().map(|(key, value)| format!("{key}: {value}\n")).collect(),
            genesis: engine::journal::genesis(&config, &recorded.identity)?,
            parent_session_id: None,
        };
        Ok(Self { store, start: Some(start), path: path.to_owned(), _dir: None })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Commits; the first batch opens the session.
    pub fn write(&mut self, batch: Batch) -> Result<()> {
        self.write_with(batch, None)
    }

    /// The same, with what the engine knows after it, which the batch that opens the session cannot have.
    pub fn write_with(&mut self, batch: Batch, state: Option<Vec<u8>>) -> Result<()> {
        let durable = match (self.start.take(), state) {
            (Some(start), _) => self.store.open_session(start, batch)?.1,
            (None, Some(state)) => self.store.commit_with_state(batch, state)?,
            (None, None) => self.store.commit(batch)?,
        };
        std::hint::black_box(durable.into_inner());
        Ok(())
    }

    /// Closes it; the bytes of the file.
    pub fn close(self) -> Result<u64> {
        self.store.close();
        Ok(std::fs::metadata(&self.path)?.len())
    }
}
