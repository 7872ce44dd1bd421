//! The restore drill: a killed engine's file with its hostile log, damaged, restored, the restore killed at any step and
//! begun again. And the control: what copying a backup into place does instead.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{closed, identity, input, open, opened, order, start, step};
use engine::OrderStatus;
use rusqlite::Connection;
use sha2::Digest;

use store::{
    Backup, BackupKind, OpenError, OpenMode, OpenRefused, Reader, RestoreError, SessionBrief, Store, backups,
    check, finish_interrupted, restore, restore_watched,
};

/// xorshift64: which of the cases, nothing that decides.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// What a killed engine left in a folder of its own: a database, its log with rows that no checkpoint moved, backups.
struct Scene {
    dir: tempfile::TempDir,
    db: PathBuf,
}

fn session(store: &Store, rows: u64, ends: bool) {
    store.open_session(start(), vec![opened(100)]).unwrap().1.into_inner();
    for n in 1..=rows as u32 {
        let records = vec![order(n, OrderStatus::Open)];
        store.commit(vec![(input(n), step(100 + n, records))]).unwrap().into_inner();
    }
    if ends {
        store.commit(vec![closed(900)]).unwrap().into_inner();
    }
}

/// Moves the log into the database as far as it goes, so that the next commit begins the log anew.
fn checkpoint(path: &Path) {
    let moved: (i64, i64, i64) = Connection::open(path)
        .unwrap()
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!(moved.0, 0);
}

/// Session 1 closed and backed up, 2 closed and backed up, 3 killed while it ran.
fn killed(draw: &mut Draw) -> Scene {
    let (live_dir, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (live, db) = (live_dir.path().join("neo.db"), dir.path().join("neo.db"));
    let store = open(&live);
    for _ in 0..2 {
        session(&store, 1 + draw.below(8), true);
        store.backup(BackupKind::After).unwrap();
        if draw.below(2) == 0 {
            checkpoint(&live);
        }
    }
    session(&store, 1 + draw.below(12), false);
    if draw.below(4) == 0 {
        store.backup(BackupKind::Timed).unwrap();
    }
    for entry in std::fs::read_dir(live_dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".lock") && !name.ends_with("-shm") {
            std::fs::copy(&path, dir.path().join(name)).unwrap();
        }
    }
    drop(store);
    Scene { dir, db }
}

/// A name beside the database.
fn beside(db: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", db.display()))
}

/// States the checksum of a backup as it is now.
fn state_checksum(path: &Path) {
    let sum: String =
        sha2::Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(beside(path, ".sha256"), format!("{sum}  name\n")).unwrap();
}

const HARMS: u64 = 9;

/// Does harm of kind `kind`; the log stays where it is unless the harm is to the log.
fn harm(scene: &Scene, kind: u64, draw: &mut Draw) {
    let wal = beside(&scene.db, "-wal");
    let mut bytes = std::fs::read(&scene.db).unwrap();
    let pages = bytes.len() as u64 / 4096;
    match kind {
        // Any page, the first one among them.
        0 | 1 => {
            let at = (draw.below(pages) * 4096) as usize;
            bytes[at..at + 4096].fill(0xA5);
        }
        2 => bytes[..100].fill(0),
        3 => bytes.truncate(bytes.len() / 2),
        4 => return std::fs::remove_file(&scene.db).unwrap(),
        5 => {
            let mut log = std::fs::read(&wal).unwrap();
            let at = draw.below(log.len() as u64) as usize;
            log[at] ^= 0x40;
            return std::fs::write(wal, log).unwrap();
        }
        6 => bytes = b"not a database at all, but something that a person saved under its name".to_vec(),
        // The log of another database.
        7 => {
            let other = killed(&mut Draw(draw.below(1 << 40) + 1));
            std::fs::copy(beside(&other.db, "-wal"), wal).unwrap();
            return;
        }
        // None: the operator wants an earlier state back.
        _ => return,
    }
    std::fs::write(&scene.db, bytes).unwrap();
}

fn own_files(scene: &Scene) -> BTreeMap<&'static str, Vec<u8>> {
    let ends = ["", "-wal"].into_iter();
    ends.filter_map(|end| std::fs::read(beside(&scene.db, end)).ok().map(|bytes| (end, bytes))).collect()
}

/// The database is the backup, byte for byte; what was there before is aside, byte for byte; no log is beside it.
fn is_restored(scene: &Scene, backup: &Backup, before: &BTreeMap<&'static str, Vec<u8>>, told: &str) {
    assert_eq!(std::fs::read(&scene.db).unwrap(), std::fs::read(&backup.path).unwrap(), "{told}");
    for end in ["-wal", "-shm", ".restore", ".restoring"] {
        assert!(!beside(&scene.db, end).exists(), "{told}: {end} is left");
    }
    let names = std::fs::read_dir(scene.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let bases: Vec<PathBuf> = names
        .filter(|path| {
            path.to_string_lossy().contains(".malformed_S") && !path.to_string_lossy().ends_with("-shm")
        })
        .collect();
    let base = bases.iter().find(|path| path.to_string_lossy().ends_with('Z')).cloned();
    let base = base.unwrap_or_else(|| {
        let wal = bases.first().unwrap().to_string_lossy().into_owned();
        PathBuf::from(wal.trim_end_matches("-wal"))
    });
    assert_eq!(bases.len(), before.len(), "{told}: {bases:?}");
    for (end, bytes) in before {
        assert_eq!(std::fs::read(beside(&base, end)).unwrap(), *bytes, "{told}: {end} aside");
    }
}

fn one_drill(seed: u64) {
    let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let scene = killed(&mut draw);
    let kind = seed % HARMS;
    harm(&scene, kind, &mut draw);
    let choice = backups(&scene.db);
    let backup = choice[draw.below(choice.len() as u64) as usize].clone();
    let before = own_files(&scene);
    let dies_at = draw.below(14);
    let told = format!("seed {seed}, harm {kind}, backup {}, dies at step {dies_at}", backup.path.display());

    let mut steps = 0;
    let first = restore_watched(&scene.db, &backup.path, &mut |_| {
        steps += 1;
        if steps > dies_at { Err(std::io::Error::other("killed")) } else { Ok(()) }
    });
    let restored = match first {
        Ok(restored) => restored,
        Err(error) if beside(&scene.db, ".restore").exists() => {
            assert!(matches!(error, RestoreError::Io { .. }), "{told}: {error}");
            // Who only reads says what to do and changes nothing.
            let refused = Reader::open(&scene.db).map(|_| ()).unwrap_err().to_string();
            assert!(refused.contains("neo db restore"), "{told}: {refused}");
            let by_start = draw.below(2) == 0;
            if by_start {
                // The next start finishes it before it looks at anything.
                Store::open(&scene.db, &identity(), OpenMode::MustExist).unwrap().close();
                return is_whole(&scene, &backup, &told);
            }
            assert_eq!(finish_interrupted(&scene.db).unwrap(), Some(backup.path.display().to_string()));
            is_restored(&scene, &backup, &before, &told);
            return is_whole(&scene, &backup, &told);
        }
        Err(error) => {
            assert!(matches!(error, RestoreError::Io { .. }), "{told}: {error}");
            assert_eq!(own_files(&scene), before, "{told}: before the plan nothing is moved");
            restore(&scene.db, &backup.path).unwrap()
        }
    };
    is_restored(&scene, &backup, &before, &told);
    assert_eq!(restored.quick_check, "ok", "{told}");
    let kept = backup.sessions.as_ref().unwrap().len();
    assert_eq!(restored.sessions.len(), kept, "{told}");
    if kind == HARMS - 1 {
        // Nothing was harmed, so all three sessions can be read, and the lost ones are named.
        let lost: Vec<i64> = restored.lost.iter().map(|lost| lost.session.session_id).collect();
        let last = backup.last_session().unwrap();
        assert_eq!(lost.iter().filter(|id| **id > last).count() as i64, 3 - last, "{told}: {lost:?}");
        assert!(restored.is_loss_known && restored.is_identity_compared, "{told}");
    }
    is_whole(&scene, &backup, &told);
}

/// What was restored takes a session more, and all of it is sound.
fn is_whole(scene: &Scene, backup: &Backup, told: &str) {
    let store = Store::open(&scene.db, &identity(), OpenMode::MustExist).unwrap();
    let reader = Reader::open(&scene.db).unwrap();
    let sessions: Vec<SessionBrief> = reader
        .sessions()
        .unwrap()
        .into_iter()
        .map(|row| SessionBrief {
            session_id: row.session_id,
            rows: reader.journal_len(row.session_id).unwrap(),
            started_at: row.started_at,
            ended_at: row.ended_at,
            status: row.status,
        })
        .collect();
    assert_eq!(sessions, *backup.sessions.as_ref().unwrap(), "{told}: nothing of the bad file is merged");
    if reader.unclosed_session().unwrap().is_none() {
        session(&store, 2, true);
    }
    drop(reader);
    store.close();
    let report = check(&scene.db, true).unwrap();
    assert!(report.is_sound(), "{told}: {:?}", report.findings);
}

#[test]
fn twenty_restores_with_a_hostile_log_left_behind() {
    (1..=27).for_each(one_drill);
}

#[test]
#[ignore = "the whole drill: some minutes"]
fn two_hundred_restores_with_a_hostile_log_left_behind() {
    (1..=200).for_each(one_drill);
}

/// The control: the documented way of the earlier engine. With the log left beside it the copy becomes something else.
#[test]
fn a_backup_copied_into_place_is_merged_with_the_bad_file_or_malformed() {
    let (mut merged, mut malformed) = (0, 0);
    for seed in 1..=20 {
        let scene = killed(&mut Draw(seed * 7919));
        let backup = backups(&scene.db).pop().unwrap();
        std::fs::copy(&backup.path, &scene.db).unwrap();
        let connection = Connection::open(&scene.db).unwrap();
        let whole: rusqlite::Result<String> =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
        let sessions: rusqlite::Result<i64> =
            connection.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0));
        match (whole.as_deref(), sessions) {
            (Ok("ok"), Ok(n)) if n > 1 => merged += 1,
            (Ok("ok"), Ok(_)) => {}
            _ => malformed += 1,
        }
    }
    assert!(merged > 0 && malformed > 0, "merged {merged}, malformed {malformed} of 20");
}

#[test]
fn what_is_not_sound_is_not_restored_and_nothing_changes() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil, &str); 5] = [
        ("no checksum", |path| std::fs::remove_file(beside(path, ".sha256")).unwrap(), "no .sha256"),
        (
            "another checksum",
            |path| std::fs::write(beside(path, ".sha256"), "ab".repeat(32)).unwrap(),
            "recorded was",
        ),
        (
            "a changed byte",
            |path| {
                let mut bytes = std::fs::read(path).unwrap();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                std::fs::write(path, bytes).unwrap();
            },
            "recorded was",
        ),
        (
            "a changed journal under a checksum made for it",
            |path| {
                Connection::open(path).unwrap().execute_batch("UPDATE journal SET input = x'00'").unwrap();
                checkpoint(path);
                state_checksum(path);
            },
            "is broken at row 0",
        ),
        (
            "the backup of another database",
            |path| {
                let other = path.with_file_name("other.db");
                open(&other).close();
                std::fs::copy(&other, path).unwrap();
                state_checksum(path);
                std::fs::remove_file(other).unwrap();
            },
            "another database",
        ),
    ];
    for (name, spoil, told) in spoils {
        let scene = killed(&mut Draw(42));
        let backup = backups(&scene.db).pop().unwrap();
        spoil(&backup.path);
        let before = own_files(&scene);
        let refused = restore(&scene.db, &backup.path).unwrap_err();
        assert!(matches!(refused, RestoreError::Unsound { .. }), "{name}: {refused:?}");
        assert!(refused.to_string().contains(told), "{name}: {refused}");
        assert_eq!(own_files(&scene), before, "{name}");
        assert!(
            !beside(&scene.db, ".restoring").exists() && !beside(&scene.db, ".restore").exists(),
            "{name}"
        );
    }
}

#[test]
fn it_is_refused_while_an_engine_runs_and_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("neo.db");
    let store = open(&db);
    session(&store, 3, true);
    let backup = store.backup(BackupKind::After).unwrap();
    let refused = restore(&db, &backup.path).unwrap_err();
    assert!(
        matches!(refused, RestoreError::Open(OpenError::Refused(OpenRefused::Locked { .. }))),
        "{refused:?}"
    );
    store.close();
    let aside: Vec<PathBuf> = (0..3).map(|_| restore(&db, &backup.path).unwrap().aside.unwrap()).collect();
    assert!(aside.iter().all(|path| path.is_file()), "each has a name of its own: {aside:?}");
    assert!(aside[0].to_string_lossy().contains("neo.db.malformed_S1_"), "{aside:?}");
}

#[test]
fn what_is_no_plan_is_followed_by_nobody_and_says_what_to_do() {
    let plan = |aside: &str| {
        format!(r#"{{"format":1,"sha256":"{}","aside":{aside:?},"backup":"x"}}"#, "ab".repeat(32))
    };
    let deep = plan("../neo.db.old");
    let back = plan("a\\b");
    let cases: [(&str, &[u8]); 9] = [
        ("empty", b""),
        ("garbage", b"{half"),
        ("no text", &[0xff, 0xfe]),
        ("another format", br#"{"format":2,"sha256":"","aside":"a","backup":"x"}"#),
        ("no checksum", br#"{"format":1,"sha256":"","aside":"a","backup":"x"}"#),
        ("up", deep.as_bytes()),
        ("a backslash", back.as_bytes()),
        ("a folder of its own", &plan("a/b").into_bytes()),
        ("the database", &plan("neo.db").into_bytes()),
    ];
    let scene = killed(&mut Draw(7));
    let backup = backups(&scene.db).pop().unwrap();
    let file = beside(&scene.db, ".restore");
    let before = own_files(&scene);
    for (name, text) in cases {
        std::fs::write(&file, text).unwrap();
        // With a copy that would go live if the plan were followed.
        std::fs::write(beside(&scene.db, ".restoring"), "copy").unwrap();
        let by_restore = restore(&scene.db, &backup.path).unwrap_err();
        assert!(matches!(by_restore, RestoreError::NoPlan { .. }), "{name}: {by_restore:?}");
        assert!(matches!(finish_interrupted(&scene.db), Err(RestoreError::NoPlan { .. })), "{name}");
        let by_start = Store::open(&scene.db, &identity(), OpenMode::MustExist).map(drop).unwrap_err();
        for told in [by_restore.to_string(), by_start.to_string()] {
            assert!(
                told.contains("neo.db.restore is no plan") && told.contains("move that file away"),
                "{told}"
            );
            assert!(
                !told.contains("the next start finishes it") && !told.contains("neo db restore"),
                "{told}"
            );
        }
        assert_eq!(
            (own_files(&scene), std::fs::read(&file).unwrap()),
            (before.clone(), text.to_vec()),
            "{name}"
        );
    }
    std::fs::rename(&file, scene.dir.path().join("elsewhere")).unwrap();
    restore(&scene.db, &backup.path).unwrap();
}

#[test]
fn a_refusal_names_no_file_that_is_thrown_away() {
    let scene = killed(&mut Draw(9));
    let absent = restore(&scene.db, &scene.dir.path().join("nosuch")).unwrap_err().to_string();
    assert!(absent.contains("there is no such backup") && !absent.contains("sha256sum"), "{absent}");
    let backup = backups(&scene.db).pop().unwrap();
    let whole = std::fs::read(&backup.path).unwrap();
    for kept in [whole.len() / 2, whole.len() - 4096, 4096, 100, 0] {
        std::fs::write(&backup.path, &whole[..kept]).unwrap();
        for is_restated in [false, true] {
            if is_restated {
                state_checksum(&backup.path);
            }
            let told = restore(&scene.db, &backup.path).unwrap_err().to_string();
            assert!(told.contains("nothing was changed"), "{told}");
            assert!(!told.contains(".restoring") && !told.contains("--db"), "{told}");
        }
        std::fs::write(&backup.path, &whole).unwrap();
        state_checksum(&backup.path);
    }
}

/// What root makes beside another's database is that one's: else its service cannot open it afterwards.
#[cfg(unix)]
#[test]
fn what_root_makes_belongs_to_whom_the_database_does() {
    use std::os::unix::fs::{MetadataExt, chown};
    const OTHER: u32 = 65534;
    let scene = killed(&mut Draw(11));
    if std::fs::metadata(&scene.db).unwrap().uid() != 0 {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    let folder = scene.dir.path();
    let files = || -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    for path in files().into_iter().chain([folder.to_owned()]) {
        chown(&path, Some(OTHER), Some(OTHER)).unwrap();
    }
    let all_theirs = |told: &str| {
        for path in files() {
            let meta = std::fs::metadata(&path).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (OTHER, OTHER), "{told}: {}", path.display());
        }
    };
    let backup = store::backup(&scene.db).unwrap();
    assert!(beside(&scene.db, ".lock").exists() && beside(&backup.path, ".sha256").exists());
    all_theirs("a backup");
    // Killed with its plan written, and its copy there.
    let killed_at = restore_watched(&scene.db, &backup.path, &mut |step| match step {
        "the copy takes the name" => Err(std::io::Error::other("killed")),
        _ => Ok(()),
    });
    assert!(killed_at.is_err() && beside(&scene.db, ".restore").exists());
    all_theirs("a restore that was killed");
    finish_interrupted(&scene.db).unwrap();
    all_theirs("a restore");
    let store = Store::open(&scene.db, &identity(), OpenMode::MustExist).unwrap();
    store.vacuum().unwrap();
    all_theirs("a vacuum, at work");
    store.close();
    std::fs::remove_file(&scene.db).unwrap();
    restore(&scene.db, &backup.path).unwrap();
    all_theirs("a restore where there was none: as the folder");
    // The control: without a model of another's it is root's.
    let own = tempfile::tempdir().unwrap();
    open(&own.path().join("neo.db")).close();
    assert_eq!(std::fs::metadata(own.path().join("neo.db.lock")).unwrap().uid(), 0);
}
