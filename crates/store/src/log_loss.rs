//! Whether a log that a killed engine left still holds all that was committed. SQLite reads a log up to its first
//! frame that does not fit and takes the rest for an unfinished write (sqlite.org/fileformat2.html, 4): right after a
//! power cut, and a silent loss when a disk or a hand has changed a frame in the middle. One unfinished transaction may
//! lie behind the first bad frame, since every commit is synced before the next begins; a second commit behind it was
//! acknowledged.
//!
//! Reads the log as plain bytes. Only for a database that nobody has open.

use std::path::{Path, PathBuf};

use crate::backup::{beside, stamp};
use crate::{lock, open};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// "WAL", and whether its sums are over big-endian words.
const MAGIC: u32 = 0x377F_0682;

/// What is wrong with the log beside `db`; `None` when nothing is, or there is none.
pub(crate) fn finding(db: &Path) -> Option<String> {
    let bytes = std::fs::read(open::wal_path(db)).ok()?;
    if bytes.len() < HEADER {
        return None;
    }
    let Some(log) = Log::of(&bytes) else {
        return Some("its header does not read: whatever the log held is not in the database".to_owned());
    };
    let good = log.good();
    let behind = log.commits_from(good);
    (behind > 1).then(|| {
        format!(
            "frame {} is not what was written: at least {} commits behind it cannot be read",
            good + 1,
            behind - 1
        )
    })
}

/// Says that acknowledged commits are gone, and keeps the log as it was found: the database goes on without it.
pub(crate) fn tell(db: &Path) {
    let Some(finding) = finding(db) else { return };
    let kept = kept_name(db);
    let copied = std::fs::copy(open::wal_path(db), &kept);
    tracing::error!(
        log = %open::wal_path(db).display(),
        finding,
        kept = %copied.as_ref().map_or_else(ToString::to_string, |_| kept.display().to_string()),
        "the log is damaged: commits that were acknowledged are lost; what is before them is used. What they sent is \
         found on the ledger again, and may be taken for another program's: `neo audit`, docs/backup.md"
    );
}

fn kept_name(db: &Path) -> PathBuf {
    beside(db, &format!(".damaged_log_{}Z", stamp(&lock::now_iso())))
}

/// A log whose header fits.
struct Log<'b> {
    frames: std::slice::ChunksExact<'b, u8>,
    salts: &'b [u8],
    sum: (u32, u32),
    is_big_endian: bool,
}

impl<'b> Log<'b> {
    fn of(bytes: &'b [u8]) -> Option<Log<'b>> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let magic = be32(header, 0)?;
        let page = usize::try_from(be32(header, 8)?).ok()?;
        let is_big_endian = magic == MAGIC + 1;
        let sum = add((0, 0), header.get(..24)?, is_big_endian);
        let fits = magic & !1 == MAGIC && (be32(header, 24)?, be32(header, 28)?) == sum;
        // A power of two from 512 to 65,536 (1.3.2 of the same).
        let is_page = page.is_power_of_two() && (512..=65_536).contains(&page);
        (fits && is_page).then_some(Log {
            frames: rest.chunks_exact(FRAME_HEADER + page),
            salts: header.get(16..24)?,
            sum,
            is_big_endian,
        })
    }

    /// How many frames fit, one after the other.
    fn good(&self) -> usize {
        let mut sum = self.sum;
        let fits = |frame: &&[u8]| {
            let (Some(start), Some(page)) = (frame.get(..8), frame.get(FRAME_HEADER..)) else { return false };
            sum = add(add(sum, start, self.is_big_endian), page, self.is_big_endian);
            frame.get(8..16) == Some(self.salts)
                && (be32(frame, 16), be32(frame, 20)) == (Some(sum.0), Some(sum.1))
        };
        self.frames.clone().take_while(fits).count()
    }

    /// Frames from number `first` on that say they are of this log and end a transaction.
    fn commits_from(&self, first: usize) -> usize {
        let ends = |frame: &&[u8]| {
            frame.get(8..16) == Some(self.salts) && be32(frame, 4).is_some_and(|pages| pages > 0)
        };
        self.frames.clone().skip(first).filter(ends).count()
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The log's running sum (4.2 of the same): pairs of words, each added to the other's sum.
fn add((mut a, mut b): (u32, u32), bytes: &[u8], is_big_endian: bool) -> (u32, u32) {
    let word = |word: &[u8]| {
        let word = word.try_into().unwrap_or_default();
        if is_big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    };
    for pair in bytes.chunks_exact(8) {
        let (first, second) = pair.split_at(4);
        a = a.wrapping_add(word(first)).wrapping_add(b);
        b = b.wrapping_add(word(second)).wrapping_add(a);
    }
    (a, b)
}
