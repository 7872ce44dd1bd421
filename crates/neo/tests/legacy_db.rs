//! A database of the earlier engine through the binary: 37 sessions without an end are shown, imported, given ends.

mod common;

use common::Folder;
use rusqlite::Connection;

/// Tables and columns as far as they are known to others; ends of the first 37 of 40 sessions are missing.
const EARLIER: &str = "
    CREATE TABLE sessions (session_id INTEGER PRIMARY KEY, started_at TEXT, ended_at TEXT, status TEXT, starting_xrp REAL,
      starting_rlusd REAL, halt_reason TEXT);
    CREATE TABLE fills (order_id TEXT, session_id INTEGER, side TEXT, tx_hash TEXT, ledger_index INTEGER, executed_at TEXT,
      price REAL, quantity_rlusd REAL, quantity_xrp REAL, realized_spread_bps REAL);
    CREATE TABLE inventory_snapshots (session_id INTEGER, xrp_balance REAL, rlusd_balance REAL, created_at TEXT);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO sessions SELECT i, datetime(1774000000 + i * 10000, 'unixepoch'),
        CASE WHEN i > 37 THEN datetime(1774000000 + i * 10000 + 960, 'unixepoch') END, 'running', 60.25, 84.1,
        CASE WHEN i > 37 THEN 'duration_elapsed' END FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO fills SELECT 'o' || i, i, 'BUY', printf('%064X', i), 100, datetime(1774000900 + i * 10000, 'unixepoch'), 1.41,
        15.0, 10.6, 3.5 FROM n;
    INSERT INTO inventory_snapshots SELECT session_id, 61.0, 83.0, datetime(1774000950 + session_id * 10000, 'unixepoch')
      FROM sessions WHERE session_id % 2 = 0;
";

#[test]
fn sessions_without_an_end_are_shown_imported_and_ended() {
    let folder = Folder::new();
    Connection::open(folder.path().join("old.db")).unwrap().execute_batch(EARLIER).unwrap();
    let before = std::fs::read(folder.path().join("old.db")).unwrap();
    let shown = folder.neo(&["session", "list", "--db", "old.db"]).ended(0);
    assert_eq!(shown.stdout.lines().filter(|line| line.contains("unclosed")).count(), 37, "{}", shown.stdout);
    let one = folder.neo(&["session", "show", "3", "--db", "old.db", "--json"]).ended(0).json();
    assert_eq!((&one["fills"], &one["vw_spread_bps"]), (&1.into(), &"3.5".into()));
    assert!(one["markout_bps"].is_null() && one["truth"].is_null(), "not observed is null: {one}");
    for words in [["audit", "--db", "old.db"].as_slice(), &["replay", "1", "--db", "old.db"]] {
        assert!(folder.neo(words).ended(2).stderr.contains("kept no journal"));
    }
    let refused = folder.neo(&["db", "backfill-ended-at", "--db", "old.db", "--confirm"]).ended(4);
    assert!(refused.stderr.contains("neo db import"), "{}", refused.stderr);

    let told = folder.neo(&["db", "import", "old.db", "--db", "new.db"]).ended(0);
    assert!(told.stdout.contains("37 sessions have no end"), "{}", told.stdout);
    let dry = folder.neo(&["db", "backfill-ended-at", "--db", "new.db"]).ended(0);
    assert!(dry.stdout.contains("37 sessions without an end, 37 of them can have one"), "{}", dry.stdout);
    let validated = folder.neo(&["db", "backfill-ended-at", "--db", "new.db", "--validate"]).ended(0);
    assert!(validated.stdout.contains("3 sessions whose end is known"), "{}", validated.stdout);
    folder.neo(&["db", "backfill-ended-at", "--db", "new.db", "--confirm"]).ended(0);
    let rows = folder.neo(&["session", "list", "--db", "new.db", "--json"]).ended(0).json();
    let rows = rows["sessions"].as_array().unwrap();
    assert_eq!(rows.len(), 40);
    // Fills came 900 s after the start, snapshots of every second session 950 s after it.
    for (row, (ended, by)) in rows.iter().zip([
        ("2026-03-20T12:48:20Z", "backfill"),
        ("2026-03-20T15:35:50Z", "backfill"),
        ("2026-03-20T18:21:40Z", "backfill"),
    ]) {
        assert_eq!((&row["ended_at"], &row["closed_by"]), (&ended.into(), &by.into()), "{row}");
    }
    assert!(rows[37..].iter().all(|row| row["closed_by"].is_null() && !row["ended_at"].is_null()));
    // Nobody trades on it, nothing is imported twice, and the source is what it was.
    assert!(folder.neo(&["paper", "--db", "new.db", "--speed", "max"]).ended(4).stderr.contains("legacy"));
    folder.neo(&["db", "import", "old.db", "--db", "new.db"]).ended(4);
    assert_eq!(std::fs::read(folder.path().join("old.db")).unwrap(), before);
}
