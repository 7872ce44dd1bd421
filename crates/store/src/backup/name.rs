//! What backups are called: `<db>.<kind>.<UTC>Z` beside the database, `_2Z` and so on for more within one second, and
//! `.sha256` and `.tmp` behind that. Looks at names only.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Why a backup was made. Ten of each kind are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackupKind {
    /// Before a session.
    Before,
    /// After a session.
    After,
    /// By the clock, while a session runs.
    Timed,
    /// Asked for.
    Manual,
}

impl BackupKind {
    /// All of them.
    pub const ALL: [BackupKind; 4] =
        [BackupKind::Before, BackupKind::After, BackupKind::Timed, BackupKind::Manual];

    /// The word in the file's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            BackupKind::Before => "bak",
            BackupKind::After => "post",
            BackupKind::Timed => "timed",
            BackupKind::Manual => "manual",
        }
    }

    /// When it was made, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            BackupKind::Before => "before a session",
            BackupKind::After => "after a session",
            BackupKind::Timed => "during a session",
            BackupKind::Manual => "by hand",
        }
    }
}

/// The name of a backup, without its folder. Ordered by time, then number, then kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BackupName {
    /// `20261121T175825`, UTC.
    pub(crate) stamp: String,
    /// From 1.
    pub(crate) number: u32,
    pub(crate) kind: BackupKind,
}

/// What stands beside a database of the shape of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Database,
    Checksum,
    Unfinished,
}

impl BackupName {
    /// The file's name for the database `db`.
    pub(crate) fn path(&self, db: &Path, part: Part) -> PathBuf {
        let number = if self.number > 1 { format!("_{}", self.number) } else { String::new() };
        let end = match part {
            Part::Database => "",
            Part::Checksum => ".sha256",
            Part::Unfinished => ".tmp",
        };
        beside(db, &format!(".{}.{}{number}Z{end}", self.kind.word(), self.stamp))
    }

    /// Reads a file's name; `None` for what is no backup of `db`.
    pub(crate) fn read(db: &Path, name: &OsStr) -> Option<(BackupName, Part)> {
        let prefix = db.file_name()?.as_encoded_bytes();
        let rest = name.as_encoded_bytes().strip_prefix(prefix)?.strip_prefix(b".")?;
        let rest = std::str::from_utf8(rest).ok()?;
        let (word, rest) = rest.split_once('.')?;
        let kind = BackupKind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let (stamp, end) = rest.split_once('Z')?;
        let part = match end {
            "" => Part::Database,
            ".sha256" => Part::Checksum,
            // SQLite's own sidecars of an unfinished copy, and of a checksum on its way.
            _ if end.starts_with(".tmp") || end == ".sha256.tmp" => Part::Unfinished,
            _ => return None,
        };
        let (stamp, number) = match stamp.split_once('_') {
            None => (stamp, 1),
            Some((stamp, number)) => (stamp, number.parse().ok().filter(|n| *n > 1)?),
        };
        is_stamp(stamp).then(|| (BackupName { kind, stamp: stamp.to_owned(), number }, part))
    }

    /// The time in the name, as UTC ISO-8601.
    pub(crate) fn made_at(&self) -> String {
        let s = &self.stamp;
        let part = |range: std::ops::Range<usize>| s.get(range).unwrap_or_default().to_owned();
        format!(
            "{}-{}-{}T{}:{}:{}Z",
            part(0..4),
            part(4..6),
            part(6..8),
            part(9..11),
            part(11..13),
            part(13..15)
        )
    }
}

/// A UTC ISO-8601 time as it stands in a file's name: without the marks that Windows does not allow there, and without
/// the `Z`.
pub(crate) fn stamp(iso: &str) -> String {
    iso.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect()
}

/// `db` with something behind its name.
pub(crate) fn beside(db: &Path, end: &str) -> PathBuf {
    let mut name: OsString = db.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn is_stamp(text: &str) -> bool {
    text.len() == 15
        && text.bytes().enumerate().all(|(at, b)| if at == 8 { b == b'T' } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_table() {
        let db = Path::new("/data/neo.db");
        for (name, read) in [
            ("neo.db.bak.20261121T175825Z", Some((BackupKind::Before, 1, Part::Database))),
            ("neo.db.post.20261121T175825_12Z", Some((BackupKind::After, 12, Part::Database))),
            ("neo.db.timed.20261121T175825Z.sha256", Some((BackupKind::Timed, 1, Part::Checksum))),
            ("neo.db.manual.20261121T175825Z.tmp", Some((BackupKind::Manual, 1, Part::Unfinished))),
            ("neo.db.manual.20261121T175825Z.tmp-journal", Some((BackupKind::Manual, 1, Part::Unfinished))),
            ("neo.db.bak.20261121T175825Z.sha256.tmp", Some((BackupKind::Before, 1, Part::Unfinished))),
            ("neo.db.bak.20261121T175825Z-wal", None),
            ("neo.db.bak.20261121T175825_1Z", None),
            ("neo.db.bak.2026-11-21T175825Z", None),
            ("neo.db.other.20261121T175825Z", None),
            ("other.db.bak.20261121T175825Z", None),
            ("neo.db", None),
            ("neo.db-wal", None),
        ] {
            let found = BackupName::read(db, OsStr::new(name));
            assert_eq!(found.as_ref().map(|(n, part)| (n.kind, n.number, *part)), read, "{name}");
            if let Some((read, part)) = found.filter(|(_, part)| *part != Part::Unfinished) {
                assert_eq!(read.path(db, part), Path::new("/data").join(name));
            }
        }
        let made = BackupName { stamp: stamp("2026-11-21T17:58:25Z"), number: 1, kind: BackupKind::Before };
        assert_eq!(made.made_at(), "2026-11-21T17:58:25Z");
    }

    #[test]
    fn they_sort_by_time() {
        let name = |stamp: &str, number| BackupName { stamp: stamp.into(), number, kind: BackupKind::Before };
        assert!(name("20261121T175825", 9) < name("20261121T175825", 10));
        assert!(name("20261121T175825", 10) < name("20261121T175826", 1));
    }
}
