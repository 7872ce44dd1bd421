//! Where a database of the laboratory is: a path that SQLite finds in a [`Folder`] in memory, and a real folder of the
//! same name for the lock beside it, which no crash concerns.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard};

use store::{Disk, Identity};

use crate::books::identity;
use crate::folder::{Folder, Image};
use crate::trouble::Wrong;
use crate::vfs::{self, SharedFolder, locked};

/// The file of the database.
pub const DATABASE: &str = "neo.db";
/// Its log.
pub const LOG: &str = "neo.db-wal";
/// Where locks cost least: in memory, where the system has such a folder.
const MEMORY: &str = "/dev/shm";

/// A path with a folder in memory behind it.
#[derive(Debug)]
pub struct Place {
    /// Whose database it is.
    pub whose: Identity,
    real: tempfile::TempDir,
    folder: SharedFolder,
}

impl Place {
    /// A new path with an empty folder.
    ///
    /// # Errors
    /// The system's, when there is no place for the lock.
    pub fn new() -> Result<Place> {
        let memory = Path::new(MEMORY);
        let real = if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
        let folder = SharedFolder::default();
        vfs::mount(real.path(), &folder);
        Ok(Place { whose: identity(), real, folder })
    }

    /// The path of the database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.real.path().join(DATABASE)
    }

    /// The folder.
    pub fn folder(&self) -> MutexGuard<'_, Folder> {
        locked(&self.folder)
    }

    /// Another folder takes the place, with these files. What is open of the one before goes on there, seen by nobody.
    pub fn load(&mut self, image: &Image) {
        self.folder = Arc::new(std::sync::Mutex::new(Folder::of(image)));
        vfs::mount(self.real.path(), &self.folder);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        vfs::unmount(self.real.path());
    }
}

impl Disk for Place {
    fn vfs(&self) -> Option<&str> {
        Some(vfs::NAME)
    }

    fn bytes(&self, path: &Path) -> Result<Option<u64>> {
        Ok(self.folder().len_of(name(path)))
    }

    fn create(&self, path: &Path) -> Result<()> {
        self.folder().open(name(path), true).map(drop).map_err(io)
    }

    fn sync_dir(&self, _: &Path) -> Result<()> {
        self.folder().sync_names().map_err(io)
    }
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn io(wrong: Wrong) -> Error {
    Error::other(match wrong {
        Wrong::Missing => "no such file",
        Wrong::Broken => "the disk failed",
        Wrong::Full => "no space left",
        Wrong::Dead => "the process is dead",
    })
}
