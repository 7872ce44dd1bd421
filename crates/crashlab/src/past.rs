//! What a crash leaves: the record of a folder, walked change by change, and at any of them the files as a kill or a
//! power cut would leave them. Knows nothing of SQLite.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::folder::{Change, FileNo, Image, resize, write};
use crate::seed::Chance;

/// What a disk loses or keeps as one (a sector of the oldest kind).
const SECTOR: usize = 512;

/// A disk as it was at some instant.
#[derive(Debug, Clone, Default)]
pub struct Past {
    files: Vec<Bytes>,
    names: BTreeMap<String, FileNo>,
    durable_names: BTreeMap<String, FileNo>,
    /// Names given and taken since they were last made durable, in order.
    waiting_names: Vec<(String, Option<FileNo>)>,
    /// Every sync answers that all is well, and does nothing.
    pub lies: bool,
}

/// A file as the process sees it, as the disk holds it, and what lies between.
#[derive(Debug, Clone, Default)]
struct Bytes {
    live: Arc<Vec<u8>>,
    durable: Arc<Vec<u8>>,
    waiting: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Write(u64, Arc<[u8]>),
    Truncate(u64),
}

impl Past {
    /// A disk on which these files are durable.
    #[must_use]
    pub fn of(image: &Image) -> Past {
        let mut past = Past::default();
        for (name, bytes) in image {
            past.names.insert(name.clone(), past.files.len());
            past.files.push(Bytes {
                live: Arc::clone(bytes),
                durable: Arc::clone(bytes),
                waiting: Vec::new(),
            });
        }
        past.durable_names.clone_from(&past.names);
        past
    }

    /// One change later. Chance decides what a failed sync has kept.
    pub fn advance(&mut self, change: &Change, chance: &mut Chance) {
        match change {
            Change::Create { name, file } => {
                if self.files.len() <= *file {
                    self.files.resize_with(file + 1, Bytes::default);
                }
                self.names.insert(name.clone(), *file);
                self.waiting_names.push((name.clone(), Some(*file)));
            }
            Change::Delete { name } => {
                self.names.remove(name);
                self.waiting_names.push((name.clone(), None));
            }
            Change::Write { file, at, bytes } => self.put(*file, Piece::Write(*at, Arc::clone(bytes))),
            Change::Truncate { file, len } => self.put(*file, Piece::Truncate(*len)),
            Change::Sync { .. } | Change::SyncNames | Change::SyncFailed { .. } if self.lies => {}
            Change::Sync { file } => {
                if let Some(bytes) = self.files.get_mut(*file) {
                    bytes.sync();
                }
            }
            Change::SyncFailed { file } => {
                if let Some(bytes) = self.files.get_mut(*file) {
                    bytes.durable = Arc::new(bytes.left(chance));
                    bytes.waiting.clear();
                }
            }
            Change::SyncNames => {
                self.durable_names.clone_from(&self.names);
                self.waiting_names.clear();
            }
        }
    }

    /// What a killed process leaves: all that it did, and of a write that was under way the first part.
    #[must_use]
    pub fn kill(&self, under_way: Option<&Change>, chance: &mut Chance) -> Image {
        let mut files: Image = BTreeMap::new();
        for (name, file) in &self.names {
            let mut bytes = self.files.get(*file).map(|file| Arc::clone(&file.live)).unwrap_or_default();
            if let Some(Change::Write { file: of, at, bytes: whole }) = under_way
                && of == file
            {
                let part = chance.index(whole.len() + 1);
                write(Arc::make_mut(&mut bytes), *at, &whole[..part]);
            }
            files.insert(name.clone(), bytes);
        }
        files
    }

    /// What a power cut leaves: all that was made durable; of the rest, of each file by itself, any part in any order,
    /// torn at sectors; each name as it was at some instant since names were last made durable.
    #[must_use]
    pub fn cut(&self, under_way: Option<&Change>, chance: &mut Chance) -> Image {
        let mut past = self.clone();
        if let Some(change @ (Change::Write { .. } | Change::Truncate { .. })) = under_way {
            past.advance(change, chance);
        }
        let mut names = past.durable_names.clone();
        for name in past.waiting_names.iter().map(|(name, _)| name).collect::<std::collections::BTreeSet<_>>()
        {
            let own: Vec<Option<FileNo>> =
                past.waiting_names.iter().filter(|(of, _)| of == name).map(|(_, file)| *file).collect();
            match chance.index(own.len() + 1).checked_sub(1).and_then(|at| own.get(at)) {
                None => {}
                Some(Some(file)) => drop(names.insert(name.clone(), *file)),
                Some(None) => drop(names.remove(name)),
            }
        }
        names
            .into_iter()
            .filter_map(|(name, file)| Some((name, Arc::new(past.files.get(file)?.left(chance)))))
            .collect()
    }

    fn put(&mut self, file: FileNo, piece: Piece) {
        if let Some(bytes) = self.files.get_mut(file) {
            piece.apply(Arc::make_mut(&mut bytes.live));
            bytes.waiting.push(piece);
        }
    }
}

impl Bytes {
    fn sync(&mut self) {
        // Two copies of the same bytes are kept apart, so that a later write copies neither.
        for piece in self.waiting.drain(..) {
            piece.apply(Arc::make_mut(&mut self.durable));
        }
    }

    /// The durable bytes and some part of what waits.
    fn left(&self, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = (*self.durable).clone();
        let pieces = &self.waiting;
        match chance.below(8) {
            // Nothing of it, all of it, the first of it.
            0 => {}
            1 => pieces.iter().for_each(|piece| piece.apply(&mut bytes)),
            2 => {
                let n = chance.index(pieces.len() + 1);
                pieces.iter().take(n).for_each(|piece| piece.apply(&mut bytes));
            }
            // All but one.
            3 => {
                let lost = chance.index(pieces.len());
                let kept = pieces.iter().enumerate().filter(|(at, _)| *at != lost);
                kept.for_each(|(_, piece)| piece.apply(&mut bytes));
            }
            // Each sector of each write by itself: in order, or in any.
            how => {
                let mut order: Vec<&Piece> = pieces.iter().collect();
                if how % 2 == 0 {
                    chance.shuffle(&mut order);
                }
                let most = 1 + chance.below(15);
                order.into_iter().for_each(|piece| piece.tear(&mut bytes, most, chance));
            }
        }
        bytes
    }
}

impl Piece {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Piece::Write(at, new) => write(bytes, *at, new),
            Piece::Truncate(len) => resize(bytes, *len),
        }
    }

    /// Applies each sector with a chance of `most` in 16.
    fn tear(&self, bytes: &mut Vec<u8>, most: u64, chance: &mut Chance) {
        match self {
            Piece::Truncate(_) => {
                if chance.below(16) < most {
                    self.apply(bytes);
                }
            }
            Piece::Write(at, new) => {
                let mut done = 0;
                while done < new.len() {
                    // Sectors begin at multiples of their size in the file, wherever the write does.
                    let offset = usize::try_from(*at % SECTOR as u64).unwrap_or(0) + done;
                    let end = (done + SECTOR - offset % SECTOR).min(new.len());
                    if chance.below(16) < most {
                        write(bytes, *at + done as u64, &new[done..end]);
                    }
                    done = end;
                }
            }
        }
    }
}
