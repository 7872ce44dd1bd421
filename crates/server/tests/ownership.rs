//! What a new world may take the place of: only what NEO made. Anything else is refused and stays.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::spec;
use server::{EmbeddedLedger, ServerError};
use sim::world::MarketSpec;

const LOG: &str = "ledgers.log";

/// Everything under a directory: name, and the bytes of a file or the target of a link.
fn everything(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_dir() {
            found.push((path.clone(), Vec::new()));
            found.extend(everything(&path));
        } else if meta.is_symlink() {
            found.push((path.clone(), fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Puts something at a path.
type Make = fn(&Path);

#[test]
fn what_neo_did_not_make_is_refused_and_stays() {
    let foreign: [(&str, Make); 7] = [
        ("a plain file", |path| fs::write(path, b"mine").unwrap()),
        ("a directory of other files", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("thesis.doc"), b"mine").unwrap();
        }),
        ("a world with another file", |path| {
            EmbeddedLedger::create(path, spec(1, MarketSpec::None)).unwrap();
            fs::write(path.join("notes.txt"), b"mine").unwrap();
        }),
        ("a world with a directory", |path| {
            EmbeddedLedger::create(path, spec(1, MarketSpec::None)).unwrap();
            fs::create_dir(path.join("snapshot-0000000001.bin")).unwrap();
        }),
        ("another program's world.json", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("world.json"), br#"{"continents":7}"#).unwrap();
            fs::write(path.join("ledgers.log"), b"mine").unwrap();
        }),
        ("a file in a file's clothes", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("snapshot-of-my-house.bin"), b"mine").unwrap();
        }),
        #[cfg(unix)]
        ("a link", |path| {
            let real = path.with_file_name("elsewhere");
            EmbeddedLedger::create(&real, spec(1, MarketSpec::None)).unwrap();
            std::os::unix::fs::symlink(real, path).unwrap();
        }),
        #[cfg(not(unix))]
        ("a file again", |path| fs::write(path, b"").unwrap()),
    ];
    for (what, make) in foreign {
        for suffix in ["", ".new", ".old"] {
            for beside_a_world in [false, true] {
                if suffix.is_empty() && beside_a_world {
                    continue;
                }
                let temporary = tempfile::tempdir().unwrap();
                let dir = temporary.path().join("paper.db.ledger");
                let place = temporary.path().join(format!("paper.db.ledger{suffix}"));
                if beside_a_world {
                    EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
                }
                make(&place);
                let before = everything(temporary.path());
                let refused = |result| matches!(result, Err(ServerError::NotOurs(path, _)) if path == place);
                assert!(refused(EmbeddedLedger::check(&dir)), "{what}{suffix}");
                assert!(refused(EmbeddedLedger::create(&dir, spec(3, MarketSpec::None)).map(drop)), "{what}");
                assert_eq!(everything(temporary.path()), before, "{what}{suffix}");
                if beside_a_world {
                    EmbeddedLedger::open(&dir).unwrap();
                    assert_eq!(everything(temporary.path()), before, "opening leaves it too: {what}{suffix}");
                }
            }
        }
    }
}

#[test]
fn leftovers_of_an_interrupted_build_or_removal_are_ours() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let beside = |suffix: &str| temporary.path().join(format!("world{suffix}"));
    fs::create_dir(&dir).unwrap();
    fs::create_dir(beside(".old")).unwrap();
    fs::create_dir(beside(".new")).unwrap();
    fs::write(beside(".new").join(LOG), b"half").unwrap();
    fs::write(beside(".new").join("world.json.tmp"), b"{").unwrap();
    let before = everything(temporary.path());
    EmbeddedLedger::check(&dir).unwrap();
    assert_eq!(everything(temporary.path()), before, "a look writes nothing");
    EmbeddedLedger::create(&dir, spec(1, MarketSpec::None)).unwrap();
    assert!(!beside(".new").exists() && !beside(".old").exists());
    // A name with a slash at its end is the same place.
    let slash = PathBuf::from(format!("{}/", dir.display()));
    EmbeddedLedger::create(&slash, spec(2, MarketSpec::None)).unwrap();
    assert_eq!(EmbeddedLedger::open(&dir).unwrap().spec().seed, 2);
}

#[cfg(unix)]
#[test]
fn a_world_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("world");
    let mut ledger = EmbeddedLedger::create(&dir, spec(2, MarketSpec::None)).unwrap();
    ledger.advance(300).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() == 3 && files.iter().all(|path| mode(path) == 0o600), "{files:?}");
}
