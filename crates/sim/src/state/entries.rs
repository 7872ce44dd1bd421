//! Every entry of one state by its index. Entries are shared: the open ledger's copy and what a transaction only looked
//! at cost no second entry. Never knows what an entry is.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;

use ledger::Hash256;
use serde::{Deserialize, Serialize};

use super::Entry;

/// Entries by index. A clone shares all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entries(BTreeMap<Hash256, Arc<Entry>>);

impl Entries {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The entry at an index.
    #[must_use]
    pub fn get(&self, key: &Hash256) -> Option<&Entry> {
        self.0.get(key).map(Arc::as_ref)
    }

    /// The same, to be kept: it stays what it is when this state changes.
    #[must_use]
    pub fn share(&self, key: &Hash256) -> Option<Arc<Entry>> {
        self.0.get(key).cloned()
    }

    /// Whether there is an entry.
    #[must_use]
    pub fn contains_key(&self, key: &Hash256) -> bool {
        self.0.contains_key(key)
    }

    /// Puts an entry at an index, in place of the one there.
    pub fn insert(&mut self, key: Hash256, entry: impl Into<Arc<Entry>>) {
        self.0.insert(key, entry.into());
    }

    /// Takes the entry at an index away.
    pub fn remove(&mut self, key: &Hash256) {
        self.0.remove(key);
    }

    /// Every index, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Hash256> {
        self.0.keys()
    }

    /// Every entry, in order of the indexes.
    pub fn iter(&self) -> impl Iterator<Item = (&Hash256, &Entry)> {
        self.0.iter().map(|(key, entry)| (key, entry.as_ref()))
    }

    /// The entries of a range of indexes, in order.
    pub fn range(&self, range: impl RangeBounds<Hash256>) -> impl Iterator<Item = (&Hash256, &Entry)> {
        self.0.range(range).map(|(key, entry)| (key, entry.as_ref()))
    }
}

impl FromIterator<(Hash256, Entry)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Hash256, Entry)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, entry)| (key, Arc::new(entry))).collect())
    }
}
