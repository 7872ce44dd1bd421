//! Who holds which lock of a database file, and the memory its connections share beside the log (sqlite.org/walformat.html,
//! "WAL locks"): kept as the operating system would, for connections of one process.

use std::cell::UnsafeCell;
use std::collections::BTreeMap;

/// Bytes of a region of shared memory, as SQLite asks for them.
const REGION_BYTES: usize = 32 * 1024;
/// The lock of the log's writer (`WAL_WRITE_LOCK`).
pub(crate) const WRITE_LOCK: u16 = 1;

/// A region of shared memory; only SQLite looks into it.
type Region = Box<[UnsafeCell<u64>]>;

/// The locks of one file.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    /// Level of the file lock (`SQLITE_LOCK_*`) by handle.
    levels: BTreeMap<u64, i32>,
    regions: Vec<Region>,
    /// Masks of shared and exclusive slots by handle, for each that uses the shared memory.
    slots: BTreeMap<u64, (u16, u16)>,
}

impl Locks {
    /// Takes a file lock of that level; false when another holds one that forbids it.
    pub(crate) fn take(&mut self, handle: u64, level: i32) -> bool {
        let others = self.levels.iter().filter(|(who, _)| **who != handle).map(|(_, level)| *level).max();
        let others = others.unwrap_or(0);
        let free = match level {
            1 => others < 3,
            2 | 3 => others < 2,
            _ => others < 1,
        };
        if free {
            self.levels.insert(handle, level);
        }
        free
    }

    /// Goes down to a level.
    pub(crate) fn release(&mut self, handle: u64, level: i32) {
        if level == 0 {
            self.levels.remove(&handle);
        } else {
            self.levels.insert(handle, level);
        }
    }

    /// Whether anybody means to write (`SQLITE_LOCK_RESERVED` or higher).
    pub(crate) fn is_reserved(&self) -> bool {
        self.levels.values().any(|level| *level >= 2)
    }

    /// The address of a region of shared memory, made when asked for.
    pub(crate) fn region(&mut self, handle: u64, number: usize, make: bool) -> Option<*mut u64> {
        self.slots.entry(handle).or_default();
        while make && self.regions.len() <= number {
            self.regions.push((0..REGION_BYTES / 8).map(|_| UnsafeCell::new(0)).collect());
        }
        self.regions.get(number).map(|region| UnsafeCell::raw_get(region.as_ptr()))
    }

    /// Takes slots of the shared memory; false when another holds one of them.
    pub(crate) fn take_slots(&mut self, handle: u64, mask: u16, exclusive: bool) -> bool {
        let mut others = self.slots.iter().filter(|(who, _)| **who != handle).map(|(_, held)| *held);
        let taken = others.any(|(shared, alone)| mask & (alone | if exclusive { shared } else { 0 }) != 0);
        if taken {
            return false;
        }
        let (shared, alone) = self.slots.entry(handle).or_default();
        if exclusive {
            *alone |= mask
        } else {
            *shared |= mask
        }
        true
    }

    /// Lets slots go; says whether the log's writer was among them.
    pub(crate) fn release_slots(&mut self, handle: u64, mask: u16) -> bool {
        let Some((shared, alone)) = self.slots.get_mut(&handle) else { return false };
        let wrote = *alone & mask & WRITE_LOCK != 0;
        *shared &= !mask;
        *alone &= !mask;
        wrote
    }

    /// A connection leaves the shared memory; the last one takes it along.
    pub(crate) fn leave(&mut self, handle: u64) {
        self.slots.remove(&handle);
        if self.slots.is_empty() {
            self.regions.clear();
        }
    }
}
