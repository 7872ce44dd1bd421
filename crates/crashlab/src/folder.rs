//! A folder of files in memory, as the running process sees it: names, bytes, and what happened to them in order. It
//! never decides what a crash leaves of them; that is told from the record (`past`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::locks::Locks;
use crate::trouble::{Kind, Trouble, Wrong};

/// Where a file's bytes are; a name can be given to another file later, as in any file system.
pub type FileNo = usize;

/// The files that a crash left, by name.
pub type Image = BTreeMap<String, Arc<Vec<u8>>>;

/// Something that changes what is, or will be, on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new, empty file gets a name.
    Create {
        /// Its name.
        name: String,
        /// The file.
        file: FileNo,
    },
    /// A name is taken away.
    Delete {
        /// The name.
        name: String,
    },
    /// Bytes are written.
    Write {
        /// Into which file.
        file: FileNo,
        /// From which byte on.
        at: u64,
        /// What.
        bytes: Arc<[u8]>,
    },
    /// A file is cut or stretched with zeros.
    Truncate {
        /// Which file.
        file: FileNo,
        /// Its new length.
        len: u64,
    },
    /// A file's bytes are made durable.
    Sync {
        /// Which file.
        file: FileNo,
    },
    /// Making a file's bytes durable failed. What was waiting may be there or not, and no later sync knows of it
    /// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
    SyncFailed {
        /// Which file.
        file: FileNo,
    },
    /// The names are made durable.
    SyncNames,
}

/// The folder.
#[derive(Debug, Default)]
pub struct Folder {
    names: BTreeMap<String, FileNo>,
    files: Vec<Arc<Vec<u8>>>,
    /// Everything since the folder was loaded, while it is recorded.
    changes: Option<Vec<Change>>,
    /// How many changes had happened whenever a writer of the log let go of its lock: the ends of transactions.
    frees: Vec<usize>,
    /// What goes wrong, and when.
    pub trouble: Trouble,
    pub(crate) locks: BTreeMap<FileNo, Locks>,
    /// What happens when a checkpoint has read the head of the log and has not yet begun to move it.
    pub window: Window,
    handles: u64,
}

/// Something that happens once, at an instant that no thread could hit.
#[derive(Default)]
pub struct Window(pub Option<Box<dyn FnOnce() + Send>>);

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Window({})", self.0.is_some())
    }
}

impl Folder {
    /// A folder that holds these files, all durable.
    #[must_use]
    pub fn of(image: &Image) -> Folder {
        let mut folder = Folder::default();
        for (name, bytes) in image {
            folder.names.insert(name.clone(), folder.files.len());
            folder.files.push(Arc::clone(bytes));
        }
        folder
    }

    /// Begins to record.
    pub fn record(&mut self) {
        (self.changes, self.frees) = (Some(Vec::new()), Vec::new());
    }

    /// What was recorded, and the ends of transactions in it; recording ends.
    pub fn recorded(&mut self) -> (Vec<Change>, Vec<usize>) {
        (self.changes.take().unwrap_or_default(), std::mem::take(&mut self.frees))
    }

    /// How many changes have been recorded.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.changes.as_ref().map_or(0, Vec::len)
    }

    /// How many transactions have ended while it was recorded.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.frees.len()
    }

    /// The files as a process sees them now.
    #[must_use]
    pub fn image(&self) -> Image {
        let bytes = |file: &FileNo| self.files.get(*file).cloned().unwrap_or_default();
        self.names.iter().map(|(name, file)| (name.clone(), bytes(file))).collect()
    }

    /// Length of a file by its name.
    #[must_use]
    pub fn len_of(&self, name: &str) -> Option<u64> {
        self.names.get(name).map(|file| self.len(*file))
    }

    /// The file of that name, made if asked for; says whether it was made.
    ///
    /// # Errors
    /// [`Wrong`] when there is none, or by the trouble.
    pub fn open(&mut self, name: &str, create: bool) -> Result<(FileNo, bool), Wrong> {
        self.trouble.meet(Kind::Open)?;
        if let Some(file) = self.names.get(name) {
            return Ok((*file, false));
        }
        if !create {
            return Err(Wrong::Missing);
        }
        let file = self.files.len();
        self.files.push(Arc::default());
        self.names.insert(name.to_owned(), file);
        self.note(|| Change::Create { name: name.to_owned(), file });
        Ok((file, true))
    }

    /// Takes a name away.
    ///
    /// # Errors
    /// [`Wrong`] when there is none, or by the trouble.
    pub fn delete(&mut self, name: &str, durably: bool) -> Result<(), Wrong> {
        self.trouble.meet(Kind::Delete)?;
        if self.names.remove(name).is_none() {
            return Err(Wrong::Missing);
        }
        self.note(|| Change::Delete { name: name.to_owned() });
        if durably { self.sync_names() } else { Ok(()) }
    }

    /// Reads; what lies behind the end is zero. Says whether there was enough.
    ///
    /// # Errors
    /// [`Wrong`] by the trouble.
    pub fn read(&mut self, file: FileNo, at: u64, into: &mut [u8]) -> Result<bool, Wrong> {
        self.trouble.meet(Kind::Read)?;
        let bytes = self.files.get(file).map_or(&[][..], |bytes| bytes.as_slice());
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let there = &bytes[from..];
        let n = there.len().min(into.len());
        into[..n].copy_from_slice(&there[..n]);
        into[n..].fill(0);
        Ok(n == into.len())
    }

    /// Writes. A write that fails may have left its first half.
    ///
    /// # Errors
    /// [`Wrong`] by the trouble.
    pub fn write(&mut self, file: FileNo, at: u64, bytes: &[u8]) -> Result<(), Wrong> {
        let used = self.used();
        let grows = (at + bytes.len() as u64).saturating_sub(self.len(file));
        match self.trouble.write(used + grows) {
            Ok(()) => {
                self.put(file, at, bytes);
                Ok(())
            }
            Err(wrong) => {
                if wrong.leaves_half() {
                    self.put(file, at, &bytes[..bytes.len() / 2]);
                }
                Err(wrong)
            }
        }
    }

    /// Cuts or stretches.
    ///
    /// # Errors
    /// [`Wrong`] by the trouble.
    pub fn truncate(&mut self, file: FileNo, len: u64) -> Result<(), Wrong> {
        self.trouble.meet(Kind::Truncate)?;
        if let Some(bytes) = self.files.get_mut(file) {
            resize(Arc::make_mut(bytes), len);
        }
        self.note(|| Change::Truncate { file, len });
        Ok(())
    }

    /// Makes a file's bytes durable.
    ///
    /// # Errors
    /// [`Wrong`] by the trouble.
    pub fn sync(&mut self, file: FileNo) -> Result<(), Wrong> {
        let met = self.trouble.meet(Kind::Sync);
        match met {
            Ok(()) => self.note(|| Change::Sync { file }),
            Err(Wrong::Dead) => {}
            Err(_) => self.note(|| Change::SyncFailed { file }),
        }
        met
    }

    /// Makes the names durable.
    ///
    /// # Errors
    /// [`Wrong`] by the trouble.
    pub fn sync_names(&mut self) -> Result<(), Wrong> {
        self.trouble.meet(Kind::Sync)?;
        self.note(|| Change::SyncNames);
        Ok(())
    }

    /// Length of a file.
    #[must_use]
    pub fn len(&self, file: FileNo) -> u64 {
        self.files.get(file).map_or(0, |bytes| bytes.len() as u64)
    }

    /// A number for an open file.
    pub(crate) fn handle(&mut self) -> u64 {
        self.handles += 1;
        self.handles
    }

    /// A writer of the log let go of its lock.
    pub(crate) fn writer_free(&mut self) {
        if let Some(changes) = &self.changes {
            self.frees.push(changes.len());
        }
    }

    fn put(&mut self, file: FileNo, at: u64, bytes: &[u8]) {
        if let Some(there) = self.files.get_mut(file) {
            write(Arc::make_mut(there), at, bytes);
        }
        self.note(|| Change::Write { file, at, bytes: bytes.into() });
    }

    fn used(&self) -> u64 {
        self.names.values().map(|file| self.len(*file)).sum()
    }

    fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(changes) = &mut self.changes {
            changes.push(change());
        }
    }
}

/// Writes into bytes, stretching them with zeros where needed.
pub(crate) fn write(into: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let from = usize::try_from(at).unwrap_or(0);
    let end = from + bytes.len();
    if into.len() < end {
        into.resize(end, 0);
    }
    into[from..end].copy_from_slice(bytes);
}

/// Cuts or stretches bytes.
pub(crate) fn resize(bytes: &mut Vec<u8>, len: u64) {
    bytes.resize(usize::try_from(len).unwrap_or(0), 0);
}
