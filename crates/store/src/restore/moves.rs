//! The moves of a restore, which can be begun again after a kill at any instant: the damaged file and its sidecars go
//! aside together, then the verified copy takes the name. Never overwrites, and never removes a database.

use std::path::Path;

use super::RestoreError;
use super::plan::{self, Plan};
use crate::backup::{beside, checksum};

/// What SQLite may have beside a database, the database first: without it nobody can open what is left.
const ENDS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Told before each move; an error stops there, as a kill would.
pub(super) type Watch<'a> = &'a mut dyn FnMut(&'static str) -> std::io::Result<()>;

/// Does, or finishes, what `plan` says. The caller holds the database's lock.
pub(super) fn finish(db: &Path, plan: &Plan, watch: Watch<'_>) -> Result<(), RestoreError> {
    let io = |error| RestoreError::Io { path: db.to_owned(), error };
    let staged = plan::staged(db);
    if staged.exists() {
        let sum = checksum::of_file(&staged).map_err(io)?;
        if sum != plan.sha256 {
            return Err(RestoreError::Stuck {
                path: staged,
                reason: "it is not the copy that was verified; remove it and the plan beside it".to_owned(),
            });
        }
        move_aside(db, plan, watch)?;
        watch("the copy takes the name").map_err(io)?;
        std::fs::rename(&staged, db).map_err(io)?;
        watch("its name is made durable").map_err(io)?;
        plan::sync(db).map_err(io)?;
    } else if !db.exists() {
        return Err(RestoreError::Stuck {
            path: db.to_owned(),
            reason: format!(
                "neither it nor the copy that was to take its place is there; the file set aside is {}",
                plan.aside(db).display()
            ),
        });
    }
    watch("the plan is taken away").map_err(io)?;
    plan::remove(db).map_err(io)
}

fn move_aside(db: &Path, plan: &Plan, watch: Watch<'_>) -> Result<(), RestoreError> {
    let io = |error| RestoreError::Io { path: db.to_owned(), error };
    let aside = plan.aside(db);
    for end in ENDS {
        let (from, to) = (beside(db, end), beside(&aside, end));
        if !from.exists() {
            continue;
        }
        if to.exists() {
            let reason = format!("{} is there already and is not overwritten; move it away", to.display());
            return Err(RestoreError::Stuck { path: from, reason });
        }
        watch("a file is set aside").map_err(io)?;
        std::fs::rename(from, to).map_err(io)?;
    }
    watch("the names set aside are made durable").map_err(io)?;
    plan::sync(db).map_err(io)
}

/// A base name under which nothing is yet, `_2` and so on behind it where there is.
pub(super) fn free_name(db: &Path, session: i64, stamp: &str) -> String {
    let file = db.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut number = 1u32;
    loop {
        let tail = if number > 1 { format!("_{number}") } else { String::new() };
        let name = format!("{file}.malformed_S{session}_{stamp}{tail}Z");
        let base = db.with_file_name(&name);
        if ENDS.iter().all(|end| !beside(&base, end).exists()) {
            return name;
        }
        number += 1;
    }
}
