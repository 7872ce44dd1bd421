//! Writing small files so that after a crash or power loss the old or the new one is there, whole:
//! temporary file, sync, rename, sync of the directory. Never edits a file in place.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::ServerError;

/// Writes `bytes` to `path` durably, replacing what was there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ServerError> {
    let temporary = with_suffix(path, ".tmp");
    let mut file = File::create(&temporary).map_err(ServerError::io("creating", &temporary))?;
    file.write_all(bytes).map_err(ServerError::io("writing", &temporary))?;
    file.sync_all().map_err(ServerError::io("syncing", &temporary))?;
    drop(file);
    rename(&temporary, path)
}

/// Renames a file or directory and syncs the directory it is in.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), ServerError> {
    fs::rename(from, to).map_err(ServerError::io("renaming", from))?;
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => sync_dir(Path::new(".")),
    }
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), ServerError> {
    platform::files::sync_dir(dir).map_err(ServerError::io("syncing", dir))
}

/// Removes a directory and everything in it, when it is there.
pub(crate) fn remove_dir(dir: &Path) -> Result<(), ServerError> {
    match fs::remove_dir_all(dir) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(ServerError::io("removing", dir)(why)),
        _ => Ok(()),
    }
}

/// The path with something appended to its last part: `a.ledger` and `.new` give `a.ledger.new`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
