//! What goes: the oldest backups of a kind beyond ten, and what a kill left half made. Never a backup just made, and
//! nothing whose name is not that of a backup.

use std::path::{Path, PathBuf};

use super::list;
use super::name::{BackupName, Part};

/// How many backups of each kind are kept.
pub const KEPT: usize = 10;

/// Removes the oldest of the kind of `newest` beyond [`KEPT`].
pub(super) fn old(db: &Path, newest: &BackupName) {
    let mut names: Vec<BackupName> = list::names(db)
        .into_iter()
        .filter(|(name, part)| *part == Part::Database && name.kind == newest.kind && name != newest)
        .map(|(name, _)| name)
        .collect();
    names.sort();
    let surplus = (names.len() + 1).saturating_sub(KEPT);
    for name in names.iter().take(surplus) {
        // The backup first: a checksum alone tempts nobody.
        remove(&name.path(db, Part::Database));
        remove(&name.path(db, Part::Checksum));
    }
}

/// Removes what a kill left: unfinished copies, and checksums without their backup. Only the one who holds the
/// database's lock may, since a living copy has the same names.
pub(crate) fn leftovers(db: &Path) {
    for (name, part) in list::names(db) {
        let orphan = part == Part::Checksum && !name.path(db, Part::Database).exists();
        if part == Part::Unfinished {
            let tmp = name.path(db, Part::Unfinished);
            tracing::info!(file = %tmp.display(), "an unfinished backup is removed");
            let ends = ["", "-journal", "-wal", "-shm"];
            ends.iter().map(|end| super::name::beside(&tmp, end)).for_each(|path| remove(&path));
            remove(&super::name::beside(&name.path(db, Part::Checksum), ".tmp"));
        } else if orphan {
            remove(&name.path(db, Part::Checksum));
        }
    }
}

fn remove(path: &PathBuf) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %path.display(), %error, "an old backup cannot be removed");
        }
        _ => {}
    }
}
