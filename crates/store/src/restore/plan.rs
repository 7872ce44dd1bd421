//! What a restore is about to do, written down durably before the first file moves: whoever finds it finishes it. Never
//! holds anything that is not also in the names of files.

use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use platform::files as platform;
use serde::{Deserialize, Serialize};

use crate::backup::beside;

/// The form that is written and read.
pub(crate) const FORMAT: u32 = 1;
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

/// Why there is nothing to follow although there is something.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The disk or the operating system failed.
    Io(std::io::Error),
    /// It is not what [`Plan::write`] writes.
    NoPlan(String),
}

impl Plan {
    /// The plan beside `db`; `None` when there is none.
    pub(crate) fn read(db: &Path) -> Result<Option<Plan>, Unread> {
        let path = path(db);
        if path.is_dir() {
            return Err(Unread::NoPlan("it is a folder".to_owned()));
        }
        let mut bytes = Vec::new();
        match std::fs::File::open(&path) {
            Ok(file) => file.take(TEXT_MAX).read_to_end(&mut bytes).map_err(Unread::Io)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Unread::Io(error)),
        };
        let plan: Plan = match serde_json::from_slice(&bytes) {
            Ok(plan) => plan,
            Err(_) if bytes.is_empty() => return Err(Unread::NoPlan("it is empty".to_owned())),
            // Without its words: they show what is in the file.
            Err(_) => return Err(Unread::NoPlan("it does not read".to_owned())),
        };
        plan.fault(db).map_or(Ok(Some(plan)), |fault| Err(Unread::NoPlan(fault.to_owned())))
    }

    /// Why the plan is not to be followed: only names beside the database may ever be moved.
    fn fault(&self, db: &Path) -> Option<&'static str> {
        let is_sum = self.sha256.len() == 64 && self.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let mut parts = Path::new(&self.aside).components();
        let is_one = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
        let is_plain = is_one && !self.aside.contains(['/', '\\', ':', '\0']);
        match () {
            () if self.format != FORMAT => Some("its format is not one that this version knows"),
            () if !is_sum => Some("it names no SHA-256"),
            () if !is_plain || db.file_name() == Some(self.aside.as_ref()) => {
                Some("the name it would set the database aside under is not a plain one beside it")
            }
            () => None,
        }
    }

    /// Writes it beside `db`, durably: it is there whole or not at all.
    pub(crate) fn write(&self, db: &Path) -> std::io::Result<()> {
        let tmp = beside(db, ".restore.tmp");
        let mut file = platform::new_file_of_owner(&tmp, db)?;
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
