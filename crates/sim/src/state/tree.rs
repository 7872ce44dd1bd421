//! The root of the state tree, kept from one ledger to the next: only what was touched is hashed again. The hashes at
//! depths one and two are kept, 16 and 256 of them; below that a part is small. Never decides what an entry is.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Hash256;

use super::Entries;
use ledger::shamap;

/// Leaves, and the hashes at depths one and two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    leaves: BTreeMap<Hash256, Hash256>,
    /// By the first byte of the index: the node's hash and how many leaves are below it. Empty before the first root.
    parts: Vec<(Hash256, usize)>,
    /// By the first nibble of the index: the node's hash.
    sixteen: Vec<Hash256>,
    touched: BTreeSet<Hash256>,
}

impl Tree {
    /// Something happened to this entry since the last root.
    pub fn touch(&mut self, key: Hash256) {
        self.touched.insert(key);
    }

    /// The root over the entries. Everything but the touched ones is as it was at the last call; the first call takes
    /// all of them.
    pub fn root(&mut self, entries: &Entries) -> Hash256 {
        let touched = std::mem::take(&mut self.touched);
        let mut stale = BTreeSet::new();
        if self.parts.is_empty() {
            self.parts = vec![(Hash256::ZERO, 0); 256];
            self.sixteen = vec![Hash256::ZERO; 16];
            self.leaves.clear();
            for key in entries.keys() {
                self.leaf(*key, entries);
                stale.insert(first_byte(key));
            }
        }
        for key in touched {
            self.leaf(key, entries);
            stale.insert(first_byte(&key));
        }
        for byte in &stale {
            self.part(*byte);
        }
        let nibbles: BTreeSet<u8> = stale.iter().map(|byte| byte >> 4).collect();
        for nibble in nibbles {
            self.sixteenth(nibble);
        }
        if self.leaves.is_empty() { Hash256::ZERO } else { shamap::branch(self.sixteen.iter()) }
    }

    fn leaf(&mut self, key: Hash256, entries: &Entries) {
        match entries.get(&key) {
            Some(entry) => {
                // Every entry of this crate has a binary form.
                let bytes = entry.to_object().to_bytes().unwrap_or_default();
                self.leaves.insert(key, shamap::state_leaf(key, &bytes));
            }
            None => {
                self.leaves.remove(&key);
            }
        }
    }

    fn part(&mut self, byte: u8) {
        let (mut low, mut high) = (Hash256::ZERO, Hash256([0xFF; 32]));
        low.0[0] = byte;
        high.0[0] = byte;
        let below: Vec<(Hash256, Hash256)> =
            self.leaves.range(low..=high).map(|(key, leaf)| (*key, *leaf)).collect();
        if let Some(part) = self.parts.get_mut(usize::from(byte)) {
            *part = (shamap::node(&below, 2), below.len());
        }
    }

    /// Depth one.
    fn sixteenth(&mut self, nibble: u8) {
        let parts = self.parts.chunks(16).nth(usize::from(nibble)).unwrap_or_default();
        let mut filled = parts.iter().filter(|(_, leaves)| *leaves > 0);
        let hash = match (parts.iter().map(|(_, leaves)| leaves).sum::<usize>(), filled.next()) {
            (1, Some((leaf, _))) => *leaf,
            (0, _) | (_, None) => Hash256::ZERO,
            _ => shamap::branch(parts.iter().map(|(hash, _)| hash)),
        };
        if let Some(kept) = self.sixteen.get_mut(usize::from(nibble)) {
            *kept = hash;
        }
    }
}

fn first_byte(key: &Hash256) -> u8 {
    key.0[0]
}
