//! The negative control of the WAL-reset canary: the same replay with SQLite 3.45.0, which is known to lose.

#[path = "../../src/canary.rs"]
pub mod canary;
#[path = "../../src/folder.rs"]
pub mod folder;
#[path = "../../src/locks.rs"]
mod locks;
#[path = "../../src/trouble.rs"]
pub mod trouble;
#[path = "../../src/vfs.rs"]
pub mod vfs;

#[cfg(test)]
mod tests {
    #[test]
    fn an_old_sqlite_loses_rows_when_the_log_is_reset_under_a_checkpoint() {
        assert_eq!(rusqlite::version(), "3.45.0");
        let replayed = crate::canary::replay().expect("the replay reaches its window");
        eprintln!("SQLite {}: {replayed:?}", rusqlite::version());
        assert!(replayed.fired);
        let (frames, moved) = replayed.after;
        assert!(moved > frames, "more frames moved than there are: the sign of the fault");
        assert!(replayed.integrity != "ok" || replayed.rows != Ok(crate::canary::ROWS));
    }
}
