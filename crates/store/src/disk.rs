//! What the store asks of the file system beside SQLite, and through which of SQLite's file layers it asks SQLite. The
//! operating system answers; only a laboratory that makes files of its own gives another answer. The lock beside the
//! database is always the operating system's.

use std::fmt::Debug;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

use platform::files as platform;
use rusqlite::{Connection, OpenFlags};

/// A file system that holds databases. SQLite sees it through the file layer it names, the store through its methods:
/// both must tell of the same files.
pub trait Disk: Debug + Send + Sync {
    /// The name of the SQLite file layer (sqlite.org/vfs.html); `None` is SQLite's own.
    fn vfs(&self) -> Option<&str>;

    /// Bytes of a regular file; `None` when there is no file of that name.
    ///
    /// # Errors
    /// The system's; anything but a regular file is [`ErrorKind::InvalidInput`].
    fn bytes(&self, path: &Path) -> Result<Option<u64>>;

    /// Makes an empty file for its owner alone; one that is there stays as it is.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The system's.
    fn sync_dir(&self, dir: &Path) -> Result<()>;

    /// For the controls of the simulation alone: the table of fills is to lack its key.
    #[cfg(feature = "spoiled")]
    fn is_keyless(&self) -> bool {
        false
    }
}

/// The operating system's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn bytes(&self, path: &Path) -> Result<Option<u64>> {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => Ok(Some(meta.len())),
            Ok(_) => Err(Error::new(ErrorKind::InvalidInput, "it is no regular file")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&self, path: &Path) -> Result<()> {
        platform::private_file().open(path).map(drop)
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        platform::sync_dir(dir)
    }
}

/// A connection through the disk's file layer.
pub(crate) fn connect(disk: &dyn Disk, name: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = match disk.vfs() {
        Some(vfs) => Connection::open_with_flags_and_vfs(name, flags, vfs),
        None => Connection::open_with_flags(name, flags),
    }?;
    #[cfg(feature = "spoiled")]
    if disk.is_keyless() {
        crate::spoiled::mark(&connection)?;
    }
    Ok(connection)
}
