//! The directory of an embedded ledger: `world.json` (what the world follows from), `ledgers.log`, and
//! snapshots. A new world is built whole in `<dir>.new` and takes the place of the old one by renaming;
//! whatever a crash leaves beside it is put right at the next opening.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Hash256;
use platform::files::create_private_dir;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sim::world::{World, WorldSpec};
use units::LedgerIndex;

use super::files::{rename, sync_dir, with_suffix, write_whole};
use super::log::{Log, Record};
use super::{own, snapshot};
use crate::error::ServerError;

pub(super) const FORMAT: u32 = 1;
pub(super) const WORLD_FILE: &str = "world.json";
pub(super) const LOG_FILE: &str = "ledgers.log";

/// `world.json`.
#[derive(Serialize, Deserialize)]
struct WorldFile {
    format: u32,
    world_id: Hash256,
    spec: WorldSpec,
}

/// An open directory.
pub(crate) struct Store {
    dir: PathBuf,
    pub(crate) log: Log,
    pub(crate) last_snapshot: LedgerIndex,
}

/// What an opened directory gives.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) spec: WorldSpec,
    pub(crate) world_id: Hash256,
    /// The world at the newest usable snapshot, or at its beginning.
    pub(crate) world: World,
    /// Every recorded ledger; the first one is the world's beginning.
    pub(crate) records: Vec<Record>,
}

/// Identity of a world: digest of what it follows from and of its first ledger.
pub(crate) fn world_id(spec: &WorldSpec, first_hash: &Hash256) -> Hash256 {
    // A spec always has a JSON form; should that ever fail, the hash of the first ledger still tells.
    let text = serde_json::to_vec(spec).unwrap_or_default();
    let digest =
        Sha256::new().chain_update(b"neo-world\0").chain_update(text).chain_update(first_hash.as_bytes());
    Hash256(digest.finalize().into())
}

/// Whether the directory (or its whole replacement, not yet renamed) holds a world.
pub(crate) fn exists(dir: &Path) -> bool {
    dir.join(WORLD_FILE).is_file() || replacement_is_whole(dir)
}

/// The old world was moved away and the new one not yet moved in: only then is `<dir>.new` whole.
fn replacement_is_whole(dir: &Path) -> bool {
    !own::is_taken(dir)
        && with_suffix(dir, ".old").exists()
        && with_suffix(dir, ".new").join(WORLD_FILE).is_file()
}

impl Store {
    /// Builds a new world's files beside `dir` and moves them in. Writes nothing and removes nothing unless
    /// `dir` and its neighbours are ours.
    pub(crate) fn create(
        dir: &Path,
        spec: &WorldSpec,
        id: &Hash256,
        first: &Record,
    ) -> Result<Self, ServerError> {
        let (new, old) = (with_suffix(dir, ".new"), with_suffix(dir, ".old"));
        own::check(dir)?;
        settle(dir)?;
        own::remove(&new)?;
        create_private_dir(&new).map_err(ServerError::io("creating", &new))?;
        let mut log = Log::create(&new.join(LOG_FILE), id)?;
        log.append(first)?;
        log.sync()?;
        drop(log);
        let world_file = WorldFile { format: FORMAT, world_id: *id, spec: spec.clone() };
        let text = serde_json::to_vec_pretty(&world_file).map_err(|why| ServerError::damaged(&new, why))?;
        write_whole(&new.join(WORLD_FILE), &text)?;
        sync_dir(&new)?;
        if own::is_taken(dir) {
            // Only here is an `.old` in the way that `settle` left: there was no world to stand for it.
            own::remove(&old)?;
            rename(dir, &old)?;
        }
        rename(&new, dir)?;
        own::remove(&old)?;
        let (log, _) = Log::open(&dir.join(LOG_FILE), id)?;
        Ok(Self { dir: dir.to_owned(), log, last_snapshot: first.header.ledger_index })
    }

    /// Opens a directory.
    pub(crate) fn open(dir: &Path) -> Result<Opened, ServerError> {
        settle(dir)?;
        let file = world_file(dir)?;
        let (log, records) = Log::open(&dir.join(LOG_FILE), &file.world_id)?;
        let first = check_world(dir, &file, &records)?;
        let world = match snapshot::newest(dir, &file.world_id, &records)? {
            Some(world) => world,
            None => from_the_beginning(&file.spec, first)?,
        };
        let last_snapshot = world.header().ledger_index;
        let store = Self { dir: dir.to_owned(), log, last_snapshot };
        Ok(Opened { store, spec: file.spec, world_id: file.world_id, world, records })
    }

    /// Writes a snapshot of the world as it stands after its last close.
    pub(crate) fn write_snapshot(&mut self, world_id: &Hash256, world: &World) -> Result<(), ServerError> {
        snapshot::write(&self.dir, world_id, world)?;
        self.last_snapshot = world.header().ledger_index;
        Ok(())
    }
}

/// What is recorded in a directory, without opening it for more: the world it follows from, its identity, its ledgers.
pub(super) fn read(dir: &Path) -> Result<(WorldSpec, Hash256, Vec<Record>), ServerError> {
    let file = world_file(dir)?;
    let records = Log::read(&dir.join(LOG_FILE), &file.world_id)?;
    check_world(dir, &file, &records)?;
    Ok((file.spec, file.world_id, records))
}

fn world_file(dir: &Path) -> Result<WorldFile, ServerError> {
    let path = dir.join(WORLD_FILE);
    let text = match fs::read(&path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            return Err(ServerError::Missing(dir.to_owned()));
        }
        other => other.map_err(ServerError::io("reading", &path))?,
    };
    let file: WorldFile = serde_json::from_slice(&text).map_err(|why| ServerError::damaged(&path, why))?;
    if file.format != FORMAT {
        return Err(ServerError::damaged(&path, format!("format {} is not {FORMAT}", file.format)));
    }
    Ok(file)
}

/// The records are one series, of this world; gives the first.
fn check_world<'r>(dir: &Path, file: &WorldFile, records: &'r [Record]) -> Result<&'r Record, ServerError> {
    let log_path = dir.join(LOG_FILE);
    check_series(&log_path, records)?;
    let first = records.first().ok_or_else(|| ServerError::damaged(&log_path, "no record"))?;
    if world_id(&file.spec, &first.header.ledger_hash) != file.world_id {
        return Err(ServerError::damaged(dir.join(WORLD_FILE), "its spec is not that of the world"));
    }
    Ok(first)
}

/// Finishes or undoes a replacement that a crash interrupted. An `.old` that is not ours stays.
fn settle(dir: &Path) -> Result<(), ServerError> {
    let (new, old) = (with_suffix(dir, ".new"), with_suffix(dir, ".old"));
    if replacement_is_whole(dir) {
        own::check_world(&new)?;
        own::check_world(&old)?;
        rename(&new, dir)?;
    }
    if dir.join(WORLD_FILE).is_file() && own::is_taken(&old) {
        match own::check_world(&old) {
            Ok(()) => own::remove(&old)?,
            Err(error) => tracing::warn!(%error, "left where it is"),
        }
    }
    Ok(())
}

fn from_the_beginning(spec: &WorldSpec, first: &Record) -> Result<World, ServerError> {
    let world = World::genesis(spec.clone())?;
    if *world.header() != first.header {
        return Err(ServerError::NotReproduced {
            index: first.header.ledger_index,
            recorded: first.header.ledger_hash,
            replayed: world.header().ledger_hash,
        });
    }
    Ok(world)
}

/// The records are one series: each the child of the one before.
fn check_series(path: &Path, records: &[Record]) -> Result<(), ServerError> {
    let broken = records.windows(2).find(|pair| {
        let [parent, child] = [&pair[0].header, &pair[1].header];
        child.parent_hash != parent.ledger_hash || child.ledger_index != parent.ledger_index.plus(1)
    });
    match broken {
        None => Ok(()),
        Some(pair) => Err(ServerError::damaged(
            path,
            format!("no child of ledger {} follows it", pair[0].header.ledger_index),
        )),
    }
}
