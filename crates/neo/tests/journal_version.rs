//! A session that another version of NEO wrote, in a journal that this one does not read: it is named, with exit code 4, and
//! the sessions beside it are proven all the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use rusqlite::Connection;

#[test]
fn the_audit_and_the_replay_name_the_old_session_and_prove_the_others() {
    let folder = Folder::new();
    for seed in ["1", "2", "3"] {
        let args = ["paper", "--duration", "3m", "--speed", "max", "--json", "--seed", seed];
        folder.neo(&args).ended(0);
    }
    let said = "session 2: journal version 4, this program proves version 5: not proven";
    folder.neo(&["audit"]).ended(0);
    let database = Connection::open(folder.path().join("data/paper.db")).unwrap();
    database.execute("UPDATE sessions SET journal_version = 4 WHERE session_id = 2", []).unwrap();
    drop(database);

    let audit = folder.neo(&["audit"]).ended(4);
    assert!(audit.stdout.contains(said), "{}", audit.stdout);
    let verdict = audit.stdout.trim_end().lines().last().unwrap();
    assert!(verdict.starts_with("PROVEN BUT FOR SESSIONS 2: 2 sessions, "), "{verdict}");
    let document = folder.neo(&["audit", "--json"]).ended(4).json();
    assert_eq!((&document["proven"], &document["problems"]), (&false.into(), &serde_json::json!([])));
    let unread = serde_json::json!([{"session_id": 2, "journal_version": 4, "proves_version": 5}]);
    assert_eq!(document["unread"], unread, "{document}");

    let replay = folder.neo(&["replay", "2"]).ended(4);
    assert!(
        replay.stderr.contains("session 2: journal version 4, this program reads version 5"),
        "{}",
        replay.stderr
    );
    for session in ["1", "3"] {
        folder.neo(&["replay", session]).ended(0);
    }
    // The ledger's own history needs no journal.
    folder.neo(&["audit", "--from-ledger"]).ended(0);

    // What does not hold beside it is still exit 1.
    let database = Connection::open(folder.path().join("data/paper.db")).unwrap();
    database.execute("UPDATE sessions SET ending_xrp = '1.000000' WHERE session_id = 3", []).unwrap();
    drop(database);
    let audit = folder.neo(&["audit"]).ended(1);
    assert!(audit.stdout.contains(said), "{}", audit.stdout);
}
