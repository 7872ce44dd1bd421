//! What is refused is refused by its kind, and leaves every byte of its folder as it was.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;

use std::path::Path;

use common::{files, identity, open};
use ledger::{AccountId, Currency};
use rusqlite::Connection;
use store::{Identity, OpenError, OpenMode, OpenRefused, ReadError, Reader, Store};

type Make = fn(&Path);
type Wanted = fn(&OpenRefused) -> bool;

fn made(path: &Path) {
    open(path).close();
    std::fs::remove_file(path.with_extension("db.lock")).unwrap();
}

fn pragma(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn is_other(refused: &OpenRefused, wanted: &str) -> bool {
    matches!(refused, OpenRefused::OtherIdentity { what, .. } if *what == wanted)
}

#[test]
fn refusals_by_table() {
    let same = identity();
    let rows: [(&str, Make, Identity, OpenMode, Wanted); 12] = [
        ("missing", |_| (), same.clone(), OpenMode::MustExist, |r| matches!(r, OpenRefused::Missing { .. })),
        (
            "text",
            |path| {
                std::fs::write(path, "not a database, but long enough to look at, and then some more of it")
                    .unwrap()
            },
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::NotOurs { .. }),
        ),
        (
            "another program's database",
            |path| pragma(path, "CREATE TABLE t (x)"),
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::NotOurs { .. }),
        ),
        (
            "a folder",
            |path| std::fs::create_dir(path).unwrap(),
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::NotOurs { .. }),
        ),
        (
            "a newer schema",
            |path| {
                made(path);
                pragma(path, "PRAGMA user_version = 99");
            },
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::NewerSchema { found: 99, .. }),
        ),
        (
            "a log without its database",
            |path| std::fs::write(path.with_extension("db-wal"), [1; 64]).unwrap(),
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::StraySidecar { .. }),
        ),
        (
            "no identity",
            |path| {
                made(path);
                pragma(path, "DELETE FROM database_identity");
            },
            same.clone(),
            OpenMode::CreateIfMissing,
            |r| matches!(r, OpenRefused::NotOurs { .. }),
        ),
        (
            "another network",
            made,
            Identity { network: "testnet".to_owned(), ..same.clone() },
            OpenMode::CreateIfMissing,
            |r| is_other(r, "network"),
        ),
        (
            "another network id",
            made,
            Identity { network_id: 1, ..same.clone() },
            OpenMode::CreateIfMissing,
            |r| is_other(r, "network id"),
        ),
        (
            "another account",
            made,
            Identity { account: AccountId([1; 20]), ..same.clone() },
            OpenMode::CreateIfMissing,
            |r| is_other(r, "account"),
        ),
        (
            "another currency",
            made,
            Identity { currency: Currency([1; 20]), ..same.clone() },
            OpenMode::CreateIfMissing,
            |r| is_other(r, "currency"),
        ),
        ("another issuer", made, Identity { issuer: AccountId([1; 20]), ..same }, OpenMode::MustExist, |r| {
            is_other(r, "issuer")
        }),
    ];
    for (name, make, wanted_identity, mode, wanted) in rows {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        make(&path);
        let before = files(dir.path());
        match Store::open(&path, &wanted_identity, mode).map(|_| ()) {
            Err(OpenError::Refused(refused)) => assert!(wanted(&refused), "{name}: {refused:?}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(files(dir.path()), before, "{name}");
    }
}

#[test]
fn an_altered_schema_is_refused_by_table() {
    for (change, told) in [
        ("CREATE TRIGGER t AFTER INSERT ON fills BEGIN DELETE FROM fills; END", "trigger t was added"),
        ("DROP INDEX sessions_one_open", "index sessions_one_open is not there"),
        (
            "DROP INDEX fills_session; CREATE UNIQUE INDEX fills_session ON fills (session_id)",
            "fills_session is not as",
        ),
        ("ALTER TABLE fills RENAME TO f; CREATE VIEW fills AS SELECT * FROM f", "table fills is not there"),
        (
            "DROP TABLE engine_state; CREATE VIEW engine_state AS SELECT 1 AS key",
            "table engine_state is not there",
        ),
        ("ALTER TABLE fills ADD COLUMN note TEXT", "table fills is not as it was made"),
        ("ALTER TABLE fills DROP COLUMN mid_price_at_fill", "table fills is not as it was made"),
        ("CREATE TABLE more (x)", "table more was added"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        made(&path);
        pragma(&path, change);
        let before = files(dir.path());
        match Store::open(&path, &identity(), OpenMode::CreateIfMissing).map(|_| ()) {
            Err(OpenError::Refused(OpenRefused::SchemaAltered { object, .. })) => {
                assert!(object.contains(told), "{change}: {object}");
            }
            other => panic!("{change}: {other:?}"),
        }
        let reader = Reader::open(&path).unwrap();
        let refused = reader.check_schema();
        assert!(
            matches!(refused, Err(ReadError::Refused(OpenRefused::SchemaAltered { .. }))),
            "{change}: {refused:?}"
        );
        assert_eq!(files(dir.path()), before, "{change}");
    }
}

#[test]
fn statistics_and_a_vacuum_alter_no_schema() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    made(&path);
    pragma(&path, "ANALYZE; VACUUM");
    open(&path).close();
    Reader::open(&path).unwrap().check_schema().unwrap();
}

/// A relative name that SQLite would read as something else than a file of that name. Another program's file lies
/// where a URI would lead, in the folder the tests run in, which each test program has to itself.
#[test]
fn what_names_no_file_is_refused_and_nothing_is_touched() {
    let dir = tempfile::tempdir_in(".").unwrap();
    let foreign = dir.path().join("foreign.db");
    pragma(&foreign, "CREATE TABLE t (x)");
    let relative = Path::new(dir.path().file_name().unwrap()).join("foreign.db");
    let uri = format!("file:{}", relative.display());
    let before = files(dir.path());
    for name in
        [uri.as_str(), &uri.to_uppercase(), &format!("file:{}", foreign.display()), ":memory:", ":x", ""]
    {
        let path = Path::new(name);
        for mode in [OpenMode::CreateIfMissing, OpenMode::MustExist] {
            let refused = Store::open(path, &identity(), mode).map(|_| ());
            assert!(
                matches!(refused, Err(OpenError::Refused(OpenRefused::NoFileName { .. }))),
                "{name}: {refused:?}"
            );
        }
        let refused = Reader::open(path).map(|_| ());
        assert!(
            matches!(refused, Err(ReadError::Refused(OpenRefused::NoFileName { .. }))),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(files(dir.path()), before);
}

#[cfg(unix)]
#[test]
fn a_name_that_looks_like_a_uri_is_the_files_own_name() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["file:neo.db", "a%41?mode=memory#b.db", "\u{e9}t\u{e9}.db"] {
        let path = dir.path().join(name);
        open(&path).close();
        assert!(path.is_file(), "{name}");
        assert_eq!(Reader::open(&path).unwrap().identity().unwrap(), identity(), "{name}");
        open(&path).close();
    }
}

#[test]
fn a_damaged_database_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    made(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    let page = bytes.len() - 4096;
    bytes[page..page + 200].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    let before = files(dir.path());
    let refused = Store::open(&path, &identity(), OpenMode::CreateIfMissing).map(|_| ());
    assert!(matches!(refused, Err(OpenError::Refused(OpenRefused::Damaged { .. }))), "{refused:?}");
    assert_eq!(files(dir.path()), before);
}

#[test]
fn the_second_writer_is_told_who_holds_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    let first = open(&path);
    let before = files(dir.path());
    match Store::open(&path, &identity(), OpenMode::CreateIfMissing).map(|_| ()) {
        Err(OpenError::Refused(OpenRefused::Locked { holder, .. })) => {
            assert!(holder.contains(&format!("pid {}", std::process::id())), "{holder}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(files(dir.path()), before);
    first.close();
    open(&path).close();
}

#[cfg(unix)]
#[test]
fn a_second_name_for_the_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("neo.db");
    made(&path);
    let link = dir.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let refused = |path: &Path| {
        let result = Store::open(path, &identity(), OpenMode::CreateIfMissing).map(|_| ());
        matches!(result, Err(OpenError::Refused(OpenRefused::Linked { .. })))
    };
    assert!(refused(&link));
    std::fs::hard_link(&path, dir.path().join("hard.db")).unwrap();
    assert!(refused(&path));
}

#[cfg(unix)]
#[test]
fn a_new_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data/deep/neo.db");
    let store = open(&path);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in files(path.parent().unwrap()).into_keys() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close();
}
