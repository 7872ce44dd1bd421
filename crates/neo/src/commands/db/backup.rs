//! `neo db backup`: one verified backup now.

use super::{grouped, no_copy};
use crate::cli::DbPlace;
use crate::exit::{Exit, Outcome};
use serde_json::json;

/// Runs the command.
pub fn run(place: &DbPlace) -> Outcome {
    let backup = store::backup(&place.db).map_err(|error| no_copy(&error))?;
    let sum = backup.sha256.as_deref().unwrap_or_default();
    if place.json {
        let document = json!({
            "format": 1, "backup": backup.path.display().to_string(), "kind": backup.kind.word(),
            "made_at": backup.made_at, "bytes": backup.bytes, "sha256": sum,
            "sessions": backup.sessions.as_ref().map(Vec::len), "last_session": backup.last_session(),
        });
        crate::out::line(&document.to_string())?;
    } else {
        let last = backup.last_session().map_or("none".to_owned(), |id| id.to_string());
        crate::out::text(&format!(
            "{}\n  {} bytes, last session {last}, sha256 {sum}\n  \
             looked at whole (integrity_check, schema, every journal's chain), compared with the living file, synced\n",
            backup.path.display(),
            grouped(backup.bytes),
        ))?;
    }
    Ok(Exit::Done)
}
