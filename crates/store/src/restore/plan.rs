//! What a restore is about to do, written down durably before the first file moves: whoever finds it finishes it. Never
//! holds anything that is not also in the names of files.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use platform::files as platform;
use serde::{Deserialize, Serialize};

use crate::backup::beside;

/// The plan is a few lines.
const TEXT_MAX: u64 = 64 * 1024;

/// A restore on its way. Every name is of the database's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) format: u32,
    /// SHA-256 of the staged copy.
    pub(crate) sha256: String,
    /// What the damaged file is to be called; its sidecars get the same name with their endings.
    pub(crate) aside: String,
    /// The backup that was chosen, for people.
    pub(crate) backup: String,
}

/// `<db>.restore`: the plan.
pub(crate) fn path(db: &Path) -> PathBuf {
    beside(db, ".restore")
}

/// `<db>.restoring`: the verified copy that is to go live.
pub(crate) fn staged(db: &Path) -> PathBuf {
    beside(db, ".restoring")
}

impl Plan {
    /// The plan beside `db`; `None` when there is none.
    pub(crate) fn read(db: &Path) -> std::io::Result<Option<Plan>> {
        let mut text = String::new();
        match std::fs::File::open(path(db)) {
            Ok(file) => file.take(TEXT_MAX).read_to_string(&mut text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        serde_json::from_str(&text).map(Some).map_err(std::io::Error::other)
    }

    /// Writes it beside `db`, durably: it is there whole or not at all.
    pub(crate) fn write(&self, db: &Path) -> std::io::Result<()> {
        let tmp = beside(db, ".restore.tmp");
        let mut file = platform::private_file().truncate(true).open(&tmp)?;
        file.write_all(serde_json::to_string(self).map_err(std::io::Error::other)?.as_bytes())?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(tmp, path(db))?;
        sync(db)
    }

    /// Where the damaged file goes.
    pub(crate) fn aside(&self, db: &Path) -> PathBuf {
        db.with_file_name(&self.aside)
    }
}

/// Takes the plan away, last of all.
pub(crate) fn remove(db: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path(db))?;
    sync(db)
}

/// Makes the names in the database's folder durable.
pub(crate) fn sync(db: &Path) -> std::io::Result<()> {
    db.parent().map_or(Ok(()), platform::sync_dir)
}
