//! The number of a ledger in the chain.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A ledger's sequence number, called ledger index in the API; 0 means none yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LedgerIndex(pub u32);

impl LedgerIndex {
    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The ledger `count` after this one; stops at the largest index.
    #[must_use]
    pub const fn plus(self, count: u32) -> LedgerIndex {
        LedgerIndex(self.0.saturating_add(count))
    }

    /// The ledger `count` before this one; stops at 0.
    #[must_use]
    pub const fn minus(self, count: u32) -> LedgerIndex {
        LedgerIndex(self.0.saturating_sub(count))
    }

    /// How many ledgers this one is after `earlier`; 0 if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: LedgerIndex) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for LedgerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
