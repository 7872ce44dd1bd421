//! Databases of the earlier engine, made here from what is known of its tables (and less, and more): what comes over is
//! what was there, what does not is named, and the source keeps every byte.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use store::legacy::{self, ImportReport};
use store::{OpenError, OpenRefused, ReadError, Reader};

/// 37 sessions without an end among 40, amounts as REAL, times in three forms, a table of its own.
const EARLIER: &str = "
    CREATE TABLE sessions (session_id INTEGER PRIMARY KEY, started_at TEXT, ended_at TEXT, status TEXT, config TEXT,
      starting_xrp REAL, starting_rlusd REAL, ending_xrp REAL, halt_reason TEXT, git_commit TEXT);
    CREATE TABLE orders (order_id INTEGER PRIMARY KEY, session_id INTEGER, side TEXT, price REAL, quantity_rlusd REAL,
      status TEXT, offer_sequence INTEGER, created_at TEXT, updated_at REAL);
    CREATE TABLE fills (fill_id TEXT, order_id INTEGER, session_id INTEGER, side TEXT, tx_hash TEXT, executed_at REAL,
      price REAL, quantity_rlusd REAL, quantity_xrp REAL, realized_spread_bps REAL);
    CREATE TABLE valuation_snapshots (session_id INTEGER, total_value_rlusd REAL, created_at TEXT);
    CREATE TABLE engine_state (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE strategy_notes (id INTEGER, body TEXT);
    CREATE VIEW capital_events AS SELECT 1 AS id;
    INSERT INTO strategy_notes VALUES (1, 'x'), (2, 'y');
    INSERT INTO engine_state VALUES ('engine_status', 'RUNNING');
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO sessions SELECT i, datetime(1774000000 + i * 10000, 'unixepoch'),
        CASE WHEN i > 37 THEN datetime(1774000000 + i * 10000 + 3600, 'unixepoch') END,
        'RUNNING', '{}', 60.5, 84.1, NULL, CASE WHEN i = 38 THEN 'drift_limit_x' END, 'abc' FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO orders SELECT i, i, 'BUY', 1.4153, 15.0, 'FILLED', 1000 + i, datetime(1774000100 + i * 10000, 'unixepoch'),
        1774000200.75 + i * 10000 FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO fills SELECT 'f' || i, i, i, 'BUY', printf('%064X', i), 1774000900.5 + i * 10000, 1.4153, 15.0, 10.598460000000001,
        9.25 FROM n;
    INSERT INTO fills (order_id, session_id, side, tx_hash, quantity_rlusd) VALUES
      (1, 1, 'BUY', NULL, 6.7), (1, 1, 'BUY', printf('%064X', 1), 15.0), (1, 99, 'BUY', 'AB', 15.0);
    INSERT INTO valuation_snapshots VALUES (5, 169.5, '2026-03-20T12:00:00+00:00'), (5, 1e400, 'yesterday');
";

fn earlier(dir: &Path, sql: &str) -> PathBuf {
    let path = dir.join("old.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    path
}

fn import(sql: &str) -> (tempfile::TempDir, PathBuf, ImportReport) {
    let dir = tempfile::tempdir().unwrap();
    let source = earlier(dir.path(), sql);
    let before = std::fs::read(&source).unwrap();
    let target = dir.path().join("new.db");
    let report = legacy::import(&source, &target).unwrap();
    assert_eq!(std::fs::read(&source).unwrap(), before, "the source was changed");
    let mut names: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    // A lock file stays beside its database: removing one is a race with who waits for it.
    assert_eq!(names, ["new.db", "new.db.lock", "old.db"], "something was left behind");
    (dir, target, report)
}

#[test]
fn what_comes_over_and_what_does_not() {
    let (_dir, target, report) = import(EARLIER);
    println!("{report}");
    assert_eq!((report.imported("sessions"), report.sessions_without_end), (40, 37));
    assert_eq!((report.imported("orders"), report.imported("fills")), (40, 40));
    let fills = report.tables.iter().find(|t| t.table == "fills").unwrap();
    let left: Vec<(&str, u64, i64)> =
        fills.left.iter().map(|(r, l)| (r.as_str(), l.count, l.first_row)).collect();
    assert_eq!(
        left,
        [
            ("a fill without a transaction: nothing proves it", 1, 41),
            ("another row has the same fills.tx_hash, fills.order_id", 1, 42),
            ("no session of its number", 1, 43),
        ]
    );
    let valuations = report.tables.iter().find(|t| t.table == "valuation_snapshots").unwrap();
    let lost: Vec<&str> = valuations.values_lost.keys().map(String::as_str).collect();
    assert_eq!(lost, ["created_at is not a time", "total_value_rlusd is not a finite number"]);
    assert_eq!(report.unknown.get("strategy_notes"), Some(&Some(2)));
    assert!(report.unknown.contains_key("capital_events, a view"));
    assert!(report.absent.contains(&"market_snapshots".to_owned()) && !report.is_complete());

    let reader = Reader::open(&target).unwrap();
    reader.check_schema().unwrap();
    let sessions = reader.sessions().unwrap();
    let first = &sessions[0];
    assert_eq!((first.status.as_str(), first.ended_at.as_deref()), ("unclosed", None));
    assert_eq!(first.started_at, "2026-03-20T12:33:20Z");
    assert_eq!(first.starting_xrp.as_deref(), Some("60.5"));
    assert_eq!(sessions[37].halt_reason.as_deref(), Some("drift_limit_x"));
    assert!(first.facts.contains(r#""git_commit":"abc""#), "{}", first.facts);
    assert!(reader.is_imported().unwrap() && reader.unclosed_session().unwrap().is_none());
    let tally = reader.tally(1).unwrap();
    assert_eq!((tally.orders, tally.fills, tally.buys, tally.sells), (1, 1, 1, 0));
    assert_eq!(tally.vw_spread_bps.map(|bps| bps.to_string()).as_deref(), Some("9.25"));
    let fills = reader.fills().unwrap();
    assert_eq!(fills[0].quantity_xrp, "10.598460000000001");
    assert!(reader.engine_state("import.report").unwrap().unwrap().contains("strategy_notes"));
}

#[test]
fn such_a_file_is_shown_without_an_import_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = earlier(dir.path(), EARLIER);
    let before = std::fs::read(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.sessions().unwrap().len(), 40);
    assert_eq!(reader.fills().unwrap().len(), 40);
    drop(reader);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn any_subset_of_tables_and_columns() {
    for (sql, sessions) in [
        ("CREATE TABLE sessions (session_id INTEGER); INSERT INTO sessions VALUES (3), (NULL);", 1),
        (
            "CREATE TABLE \"Sessions\" (\"Session_ID\" TEXT, \"we\"\"ird\" BLOB); INSERT INTO sessions VALUES ('7', x'00');",
            1,
        ),
        ("CREATE TABLE sessions (session_id); CREATE TABLE fills (x); INSERT INTO fills VALUES (1);", 0),
    ] {
        let (_dir, target, report) = import(sql);
        assert_eq!(report.imported("sessions"), sessions, "{sql}");
        assert_eq!(Reader::open(&target).unwrap().sessions().unwrap().len() as u64, sessions);
    }
}

#[test]
fn a_living_log_is_read_too_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = earlier(dir.path(), "PRAGMA journal_mode=wal; CREATE TABLE sessions (session_id INTEGER);");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA wal_autocheckpoint=0; INSERT INTO sessions VALUES (1), (2);").unwrap();
    // As a window that is closed leaves them: file and log, no index of the log.
    let left = dir.path().join("left.db");
    std::fs::copy(&path, &left).unwrap();
    std::fs::copy(dir.path().join("old.db-wal"), dir.path().join("left.db-wal")).unwrap();
    let before = (std::fs::read(&left).unwrap(), std::fs::read(dir.path().join("left.db-wal")).unwrap());
    let report = legacy::import(&left, &dir.path().join("new.db")).unwrap();
    assert_eq!(report.imported("sessions"), 2);
    assert_eq!(
        (std::fs::read(&left).unwrap(), std::fs::read(dir.path().join("left.db-wal")).unwrap()),
        before
    );
}

#[test]
fn refusals_by_table() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("new.db");
    let refused = |source: &Path| match legacy::import(source, &target) {
        Err(OpenError::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused(&dir.path().join("absent.db")), OpenRefused::Missing { .. }));
    let text = dir.path().join("text.db");
    std::fs::write(&text, "no database at all, and long enough to be looked at".repeat(40)).unwrap();
    assert!(matches!(refused(&text), OpenRefused::NotLegacy { .. }));
    let other = dir.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    assert!(matches!(refused(&other), OpenRefused::NotLegacy { .. }));
    assert!(matches!(Reader::open(&other), Err(ReadError::Refused(OpenRefused::NotOurs { .. }))));
    let source = earlier(dir.path(), EARLIER);
    std::fs::write(dir.path().join("old.db-journal"), "something to undo").unwrap();
    assert!(matches!(refused(&source), OpenRefused::HotJournal { .. }));
    std::fs::remove_file(dir.path().join("old.db-journal")).unwrap();
    assert!(!target.exists());
    legacy::import(&source, &target).unwrap();
    assert!(matches!(refused(&source), OpenRefused::Exists { .. }));
    assert!(matches!(
        legacy::import(&target, &dir.path().join("again.db")),
        Err(OpenError::Refused(OpenRefused::NotLegacy { .. }))
    ));
}

#[test]
fn a_damaged_file_gives_what_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = earlier(dir.path(), EARLIER);
    let mut bytes = std::fs::read(&path).unwrap();
    let fills = Connection::open(&path)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'fills'", [], |row| row.get::<_, i64>(0))
        .unwrap();
    let at = (usize::try_from(fills).unwrap() - 1) * 4096;
    bytes[at..at + 64].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let report = legacy::import(&path, &dir.path().join("new.db")).unwrap();
    assert_eq!((report.imported("sessions"), report.imported("fills")), (40, 0));
    assert!(report.damage.is_some() && !report.is_complete());
    assert!(report.tables.iter().any(|t| t.table == "fills" && t.stopped.is_some()), "{report}");
}

/// Two imports into one file, or an import into the file of a living engine: the second is refused, the first goes on.
#[test]
fn an_import_into_a_name_that_is_in_use_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("old.db");
    rusqlite::Connection::open(&source)
        .unwrap()
        .execute_batch(
            "CREATE TABLE sessions (session_id INTEGER PRIMARY KEY, started_at TEXT, ended_at TEXT)",
        )
        .unwrap();
    let target = dir.path().join("new.db");
    let unfinished = dir.path().join("new.db.importing");
    std::fs::write(&unfinished, "half").unwrap();
    let lock = std::fs::File::create(dir.path().join("new.db.lock")).unwrap();
    lock.lock().unwrap();
    let refused = legacy::import(&source, &target).map(|_| ()).unwrap_err();
    assert!(matches!(refused, store::OpenError::Refused(store::OpenRefused::Locked { .. })), "{refused}");
    assert_eq!(std::fs::read_to_string(&unfinished).unwrap(), "half", "the other's work was touched");
    drop(lock);
    legacy::import(&source, &target).unwrap();
    assert!(!unfinished.exists());
}

/// A seed in the configuration, in the engine's state, in columns of its own, in a name: nothing of it is in the new
/// file, its backup, the report, or what is shown without an import.
#[test]
fn no_secret_comes_over() {
    let canary = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";
    let hash = "AB12".repeat(16);
    let sql = format!(
        "CREATE TABLE sessions (session_id INTEGER PRIMARY KEY, config TEXT, seed TEXT, wallet_secret TEXT, note TEXT,
           status TEXT, \"{canary}\" TEXT);
         CREATE TABLE engine_state (key TEXT PRIMARY KEY, value TEXT);
         CREATE TABLE fills (session_id INTEGER, order_id TEXT, side TEXT, tx_hash TEXT);
         CREATE TABLE \"keys {canary}\" (a);
         INSERT INTO sessions VALUES
           (1, '{{\"spread\":1}}', NULL, '', 'plain', 'closed', NULL),
           (2, '{{\"wallet_seed\":\"{canary}\"}}', '{canary}', 'hunter2canary', 'it is {canary}.', '{canary}', 'x');
         INSERT INTO engine_state VALUES ('wallet_seed', '{canary}'), ('backup_secret', 'hunter2canary'),
           ('{canary}', '1'), ('engine_status', 'RUNNING');
         INSERT INTO fills VALUES (1, 'a', 'BUY', '{hash}'), (1, 'b', '{canary}', '{canary}');"
    );
    let (dir, target, report) = import(&sql);
    let held = |bytes: &[u8], what: &str| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        assert!(!text.contains(&canary.to_lowercase()) && !text.contains("hunter2canary"), "{what}");
    };
    let of = |table: &str| -> Vec<(String, u64, i64)> {
        let table = report.tables.iter().find(|t| t.table == table).unwrap();
        table.secrets.iter().map(|(column, l)| (column.clone(), l.count, l.first_row)).collect()
    };
    let named = |names: &[(&str, i64)]| -> Vec<(String, u64, i64)> {
        names.iter().map(|(name, row)| ((*name).to_owned(), 1, *row)).collect()
    };
    assert_eq!(
        of("sessions"),
        named(&[("config", 2), ("note", 2), ("seed", 2), ("status", 2), ("wallet_secret", 2)])
    );
    assert_eq!(of("engine_state"), named(&[("backup_secret", 2), ("key", 3), ("wallet_seed", 1)]));
    assert_eq!(of("fills"), named(&[("side", 2), ("tx_hash", 2)]));
    assert!(!report.is_complete());
    held(report.to_string().as_bytes(), "the report");
    held(serde_json::to_string(&report).unwrap().as_bytes(), "the report as JSON");
    store::backup(&target).unwrap();
    let mut looked_at = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap() != "old.db" {
            held(&std::fs::read(&path).unwrap(), &path.display().to_string());
            looked_at += 1;
        }
    }
    assert!(looked_at >= 3, "the new file, its backup and its checksum");
    let source = std::fs::read(dir.path().join("old.db")).unwrap();
    assert!(String::from_utf8_lossy(&source).contains(canary), "the control: it was there");
    for path in [target, dir.path().join("old.db")] {
        let reader = Reader::open(&path).unwrap();
        let sessions = reader.sessions().unwrap();
        held(format!("{sessions:?}").as_bytes(), "what is shown");
        assert!(sessions[0].facts.contains("plain"), "{}", sessions[0].facts);
        assert_eq!(reader.engine_state("wallet_seed").unwrap().as_deref(), Some("[a secret was left out]"));
        assert_eq!(reader.engine_state("engine_status").unwrap().as_deref(), Some("RUNNING"));
        assert_eq!(reader.fills().unwrap()[0].tx_hash, hash, "a hash is none");
    }
}

/// The control: without secrets an import of the same form is complete.
#[test]
fn hashes_are_no_secrets() {
    let (_dir, _target, report) = import(
        "CREATE TABLE sessions (session_id INTEGER, started_at TEXT, ended_at TEXT, config TEXT, git_commit TEXT);
         INSERT INTO sessions VALUES (1, '2026-03-20 12:00:00', '2026-03-20 13:00:00', '{}', printf('%040X', 7));
         CREATE TABLE fills (session_id INTEGER, order_id TEXT, tx_hash TEXT);
         INSERT INTO fills VALUES (1, 'a', printf('%064X', 171));",
    );
    assert!(report.is_complete(), "{report}");
}
