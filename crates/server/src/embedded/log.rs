//! The append-only log of closed ledgers: one record each, with its length and a checksum, synced before
//! anybody hears of the ledger. A torn record at the end (power loss while appending) is cut off; damage
//! anywhere before the end is an error, never a silent loss of ledgers that were announced.
//!
//! Form: 8 bytes magic, 32 bytes world id; then per record 4 bytes length (little-endian), 16 bytes of
//! SHA-256 over length and payload, payload (postcard).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ledger::Hash256;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sim::world::LedgerHeader;

use crate::error::ServerError;
use crate::limits::RECORD_BYTES_MAX;

const MAGIC: &[u8; 8] = b"NEOLEDG1";
const FILE_HEAD: usize = 8 + 32;
const RECORD_HEAD: usize = 4 + 16;

/// A transaction of a closed ledger as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredTx {
    /// Its id.
    pub(crate) hash: Hash256,
    /// The bytes as submitted.
    pub(crate) blob: Vec<u8>,
    /// The metadata in binary form.
    pub(crate) meta: Vec<u8>,
    /// For an OfferCreate: what the sender can fund, as a server words it.
    pub(crate) owner_funds: Option<String>,
}

/// A closed ledger as kept: enough to answer history, and to close it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Wall clock at the close, milliseconds since 1970.
    pub(crate) closed_at_ms: u64,
    /// The header.
    pub(crate) header: LedgerHeader,
    /// Blobs that clients submitted since the ledger before, in order: with them `World` closes it again.
    pub(crate) submitted: Vec<Vec<u8>>,
    /// Its transactions in canonical order.
    pub(crate) transactions: Vec<StoredTx>,
}

/// The open log file.
pub(crate) struct Log {
    file: File,
    path: PathBuf,
    /// An append or sync failed: what is in the file is not known any more, so nothing is added to it.
    failed: bool,
}

impl Log {
    /// Creates an empty log, for its owner alone; it must not exist.
    pub(crate) fn create(path: &Path, world_id: &Hash256) -> Result<Self, ServerError> {
        let opened = platform::files::private_file().create_new(true).open(path);
        let mut file = opened.map_err(ServerError::io("creating", path))?;
        let mut head = Vec::with_capacity(FILE_HEAD);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(world_id.as_bytes());
        file.write_all(&head).map_err(ServerError::io("writing", path))?;
        file.sync_all().map_err(ServerError::io("syncing", path))?;
        let log = Self { file, path: path.to_owned(), failed: false };
        log.lock()?;
        Ok(log)
    }

    /// Opens a log, cuts off a torn end, and gives its records.
    pub(crate) fn open(path: &Path, world_id: &Hash256) -> Result<(Self, Vec<Record>), ServerError> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let mut log = Self {
            file: opened.map_err(ServerError::io("opening", path))?,
            path: path.to_owned(),
            failed: false,
        };
        log.lock()?;
        let bytes = whole_log(&mut log.file, path, world_id)?;
        let (records, end) = read_records(path, &bytes)?;
        if end < bytes.len() {
            tracing::warn!(torn_bytes = bytes.len() - end, "the end of the ledger log was torn; cut off");
            log.file.set_len(end as u64).map_err(ServerError::io("cutting", path))?;
            log.file.sync_all().map_err(ServerError::io("syncing", path))?;
        }
        log.file.seek(SeekFrom::Start(end as u64)).map_err(ServerError::io("seeking in", path))?;
        Ok((log, records))
    }

    /// The whole records of a log that nobody keeps open; a torn end is left out, and left where it is.
    pub(crate) fn read(path: &Path, world_id: &Hash256) -> Result<Vec<Record>, ServerError> {
        let mut file = File::open(path).map_err(ServerError::io("opening", path))?;
        locked(path, file.try_lock_shared())?;
        let bytes = whole_log(&mut file, path, world_id)?;
        read_records(path, &bytes).map(|(records, _)| records)
    }

    /// Appends a record. It is durable only after [`Log::sync`]. After an error every later append and
    /// sync is refused: a record behind a torn one would be lost.
    pub(crate) fn append(&mut self, record: &Record) -> Result<(), ServerError> {
        let payload = postcard::to_stdvec(record).map_err(|why| ServerError::damaged(&self.path, why))?;
        let length = u32::try_from(payload.len()).ok().filter(|length| *length as usize <= RECORD_BYTES_MAX);
        let length = length.ok_or_else(|| ServerError::damaged(&self.path, "a record over the bound"))?;
        let mut bytes = Vec::with_capacity(RECORD_HEAD + payload.len());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&checksum(length, &payload));
        bytes.extend_from_slice(&payload);
        self.attempt("appending to", |file| file.write_all(&bytes))
    }

    /// Makes what was appended durable.
    pub(crate) fn sync(&mut self) -> Result<(), ServerError> {
        self.attempt("syncing", |file| file.sync_data())
    }

    fn attempt(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), ServerError> {
        if self.failed {
            return Err(ServerError::Stopped(format!("an earlier write to {} failed", self.path.display())));
        }
        work(&mut self.file).map_err(|why| {
            self.failed = true;
            ServerError::io(doing, &self.path)(why)
        })
    }

    /// One process at a time; the lock ends with the file handle.
    fn lock(&self) -> Result<(), ServerError> {
        locked(&self.path, self.file.try_lock())
    }
}

fn locked(path: &Path, outcome: Result<(), TryLockError>) -> Result<(), ServerError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            Err(ServerError::InUse(path.parent().unwrap_or(Path::new("")).to_owned()))
        }
        Err(TryLockError::Error(why)) => Err(ServerError::io("locking", path)(why)),
    }
}

/// The bytes of a log, which must be this world's.
fn whole_log(file: &mut File, path: &Path, world_id: &Hash256) -> Result<Vec<u8>, ServerError> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(ServerError::io("reading", path))?;
    let head = bytes.get(..FILE_HEAD).ok_or_else(|| ServerError::damaged(path, "no head"))?;
    if &head[..8] != MAGIC || &head[8..] != world_id.as_bytes() {
        return Err(ServerError::damaged(path, "not the log of this world"));
    }
    Ok(bytes)
}

fn checksum(length: u32, payload: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(length.to_le_bytes()).chain_update(payload).finalize();
    let mut sum = [0; 16];
    sum.copy_from_slice(&digest[..16]);
    sum
}

/// The whole records and where they end. Only the last append can be torn (each is synced before the
/// next begins), so anything readable behind an unreadable record is damage.
fn read_records(path: &Path, bytes: &[u8]) -> Result<(Vec<Record>, usize), ServerError> {
    let mut records = Vec::new();
    let mut at = FILE_HEAD;
    while let Some((payload, next)) = whole_record(bytes, at) {
        records.push(postcard::from_bytes(payload).map_err(|why| ServerError::damaged(path, why))?);
        at = next;
    }
    let torn = &bytes[at..];
    if torn.len() > RECORD_HEAD + RECORD_BYTES_MAX || readable_behind(bytes, at) {
        return Err(ServerError::damaged(
            path,
            format!("unreadable record at byte {at} before readable ones"),
        ));
    }
    Ok((records, at))
}

/// The payload of the record at `at` and where the next begins; `None` when it is not whole.
fn whole_record(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let length = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
    let begin = at + RECORD_HEAD;
    let end = begin.checked_add(length as usize).filter(|_| length as usize <= RECORD_BYTES_MAX)?;
    let payload = bytes.get(begin..end)?;
    (bytes.get(at + 4..begin)? == checksum(length, payload)).then_some((payload, end))
}

/// Whether a whole record lies anywhere behind the unreadable one.
fn readable_behind(bytes: &[u8], at: usize) -> bool {
    (at + 1..bytes.len()).any(|next| whole_record(bytes, next).is_some())
}

#[cfg(test)]
impl Log {
    /// From now on every write fails, as on a disk that was made read-only.
    pub(crate) fn break_disk(&mut self) {
        self.file = File::open(&self.path).unwrap();
    }
}
