//! `neo db vacuum`: gives free pages back, after a backup.

use super::{grouped, no_copy, open_to_mend};
use crate::cli::DbPlace;
use crate::exit::{Exit, Failure, Outcome};
use serde_json::json;
use store::BackupKind;

/// Runs the command.
pub fn run(place: &DbPlace) -> Outcome {
    let store = open_to_mend(&place.db)?;
    let backup = store.backup(BackupKind::Manual).map_err(|error| no_copy(&error))?;
    let vacuumed = store.vacuum().map_err(|error| {
        Failure::failed(format!("{error}; the database as it was is in {}", backup.path.display()))
    });
    store.close();
    let vacuumed = vacuumed?;
    if place.json {
        let document = json!({
            "format": 1, "db": place.db.display().to_string(), "bytes_before": vacuumed.bytes_before,
            "bytes_after": vacuumed.bytes_after, "backup": backup.path.display().to_string(),
        });
        crate::out::line(&document.to_string())?;
    } else {
        crate::out::text(&format!(
            "{}: {} bytes before, {} after; integrity_check ok, every journal's chain as it was\n  as it was: {}\n",
            place.db.display(),
            grouped(vacuumed.bytes_before),
            grouped(vacuumed.bytes_after),
            backup.path.display()
        ))?;
    }
    Ok(Exit::Done)
}
