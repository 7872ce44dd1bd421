//! Which directories are ours to replace or remove, told by what lies in them. Looks only, but for
//! [`remove`], which takes away files of our names one by one and never anything else.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ledger::Hash256;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::dir::{FORMAT, LOG_FILE, WORLD_FILE};
use super::files::{TEMPORARY, with_suffix};
use super::snapshot;
use crate::error::ServerError;

/// How much a directory must hold to be ours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// A readable `world.json`, unless it is empty.
    World,
    /// The same, but `world.json` may be absent: it comes last in a world that is being built.
    WorldIfAny,
}

/// What makes a `world.json` ours, whatever its spec says.
#[derive(Deserialize)]
struct Head {
    format: u32,
    #[serde(rename = "world_id")]
    _world_id: Hash256,
    #[serde(rename = "spec")]
    _spec: IgnoredAny,
}

/// Whether a world may be made in `dir`: it and its neighbours `.new` and `.old` are absent or ours.
/// Errors with [`ServerError::NotOurs`].
pub(crate) fn check(dir: &Path) -> Result<(), ServerError> {
    look(dir, Needs::World)?;
    look(&with_suffix(dir, ".new"), Needs::WorldIfAny)?;
    look(&with_suffix(dir, ".old"), Needs::World)
}

/// Whether the world in `dir` is ours; absent and empty count.
pub(crate) fn check_world(dir: &Path) -> Result<(), ServerError> {
    look(dir, Needs::World)
}

/// Whether anything at all has this name, a dangling link too.
pub(crate) fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Removes files of our names and then the directory, which fails when anything else is in it.
/// `world.json` goes last, so that a removal that a crash interrupts can be finished.
pub(crate) fn remove(dir: &Path) -> Result<(), ServerError> {
    if !is_taken(dir) {
        return Ok(());
    }
    let mut ours: Vec<_> = names(dir)?.into_iter().filter(|name| is_ours(name)).collect();
    ours.sort_by_key(|name| name == WORLD_FILE);
    for name in ours {
        let path = dir.join(name);
        fs::remove_file(&path).map_err(ServerError::io("removing", &path))?;
    }
    fs::remove_dir(dir).map_err(ServerError::io("removing", dir))
}

fn look(dir: &Path, needs: Needs) -> Result<(), ServerError> {
    let not_ours = |why: &str| Err(ServerError::NotOurs(dir.to_owned(), why.to_owned()));
    let meta = match fs::symlink_metadata(dir) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(ServerError::io("looking at", dir))?,
    };
    if meta.is_symlink() {
        return not_ours("it is a symbolic link");
    }
    if !meta.is_dir() {
        return not_ours("it is not a directory");
    }
    let names = names(dir)?;
    for name in &names {
        let path = dir.join(name);
        let is_file = fs::symlink_metadata(&path).map_err(ServerError::io("looking at", &path))?.is_file();
        if !is_file || !is_ours(name) {
            return not_ours(&format!("{name:?} in it is nothing that NEO makes"));
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let path = dir.join(WORLD_FILE);
    let text = match fs::read(&path) {
        Err(why) if why.kind() == ErrorKind::NotFound && needs == Needs::WorldIfAny => return Ok(()),
        Err(why) if why.kind() == ErrorKind::NotFound => return not_ours("there is no world.json in it"),
        other => other.map_err(ServerError::io("reading", &path))?,
    };
    match serde_json::from_slice::<Head>(&text) {
        Ok(head) if head.format == FORMAT => Ok(()),
        _ => not_ours("its world.json is not of this version of NEO, or damaged"),
    }
}

/// The entries of a directory; a name that is no text is given with replacement characters, which no file
/// of ours has.
fn names(dir: &Path) -> Result<Vec<String>, ServerError> {
    let entries = fs::read_dir(dir).map_err(ServerError::io("listing", dir))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    names.collect::<Result<_, _>>().map_err(ServerError::io("listing", dir))
}

fn is_ours(name: &str) -> bool {
    let whole = name.strip_suffix(TEMPORARY).unwrap_or(name);
    whole == WORLD_FILE || whole == LOG_FILE || snapshot::is_snapshot(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_are_ours() {
        for (name, ours) in [
            ("world.json", true),
            ("world.json.tmp", true),
            ("ledgers.log", true),
            ("snapshot-0000000256.bin", true),
            ("snapshot-0000000256.bin.tmp", true),
            ("snapshot-.bin", false),
            ("snapshot-of-my-house.bin", false),
            ("thesis.tmp", false),
            ("thesis.doc", false),
            ("", false),
        ] {
            assert_eq!(is_ours(name), ours, "{name}");
        }
    }
}
