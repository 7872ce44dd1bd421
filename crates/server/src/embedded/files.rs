//! Writing small files so that after a crash or power loss the old or the new one is there, whole:
//! temporary file, sync, rename, sync of the directory. Never edits a file in place.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use platform::files::private_file;

use crate::error::ServerError;

/// What a file is called beside its name until it is whole.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Writes `bytes` to `path` durably and for its owner alone, replacing what was there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ServerError> {
    let temporary = with_suffix(path, TEMPORARY);
    let opened = private_file().truncate(true).open(&temporary);
    let mut file = opened.map_err(ServerError::io("creating", &temporary))?;
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

/// The path with something appended to its last part: `a.ledger` and `.new` give `a.ledger.new`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    // `components` leaves out a slash at the end: behind it the suffix would name something inside.
    let mut name = path.components().as_path().as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
