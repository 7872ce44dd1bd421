//! Snapshots of the world: they only make opening quicker. One that is damaged, of another world, or of a
//! ledger the log does not have is passed over; the log decides.
//!
//! Form: 8 bytes magic, 32 bytes world id, 32 bytes SHA-256 of the rest, the world's own snapshot bytes.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Hash256;
use sha2::{Digest, Sha256};
use sim::world::World;

use super::files::write_whole;
use super::log::Record;
use crate::error::ServerError;
use crate::limits::SNAPSHOTS_KEPT;

const MAGIC: &[u8; 8] = b"NEOSNAP1";
const PREFIX: &str = "snapshot-";
const SUFFIX: &str = ".bin";

/// Writes a snapshot durably and removes the oldest beyond [`SNAPSHOTS_KEPT`].
pub(crate) fn write(dir: &Path, world_id: &Hash256, world: &World) -> Result<(), ServerError> {
    let path = dir.join(format!("{PREFIX}{:010}{SUFFIX}", world.header().ledger_index.get()));
    let body = world.snapshot()?;
    let mut bytes = Vec::with_capacity(72 + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(world_id.as_bytes());
    bytes.extend_from_slice(&Sha256::digest(&body));
    bytes.extend_from_slice(&body);
    write_whole(&path, &bytes)?;
    for old in newest_first(dir)?.into_iter().skip(SNAPSHOTS_KEPT) {
        fs::remove_file(&old).map_err(ServerError::io("removing", &old))?;
    }
    Ok(())
}

/// The world at the newest snapshot that fits the records.
pub(crate) fn newest(
    dir: &Path,
    world_id: &Hash256,
    records: &[Record],
) -> Result<Option<World>, ServerError> {
    for path in newest_first(dir)? {
        let bytes = fs::read(&path).map_err(ServerError::io("reading", &path))?;
        match read(&bytes, world_id, records) {
            Some(world) => return Ok(Some(world)),
            None => {
                tracing::warn!(snapshot = %path.display(), "a snapshot does not fit the log and is passed over")
            }
        }
    }
    Ok(None)
}

fn read(bytes: &[u8], world_id: &Hash256, records: &[Record]) -> Option<World> {
    let body = bytes.get(72..)?;
    let fits = &bytes[..8] == MAGIC
        && &bytes[8..40] == world_id.as_bytes()
        && bytes[40..72] == Sha256::digest(body)[..];
    let world = World::restore(body).ok().filter(|_| fits)?;
    let header = *world.header();
    let first = records.first()?.header.ledger_index;
    let offset = header.ledger_index.get().checked_sub(first.get())?;
    (records.get(offset as usize)?.header == header).then_some(world)
}

/// Whether a file of this name is a snapshot.
pub(crate) fn is_snapshot(name: &str) -> bool {
    let number = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The snapshot files, newest first.
fn newest_first(dir: &Path) -> Result<Vec<PathBuf>, ServerError> {
    let entries = fs::read_dir(dir).map_err(ServerError::io("listing", dir))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(ServerError::io("listing", dir))?;
        let name = entry.file_name();
        if is_snapshot(&name.to_string_lossy()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    paths.reverse();
    Ok(paths)
}
