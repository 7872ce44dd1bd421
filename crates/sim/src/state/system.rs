//! The entries that are the ledger's own: fees and reserves, amendments, hashes of earlier ledgers ("FeeSettings",
//! "Amendments", "LedgerHashes" in the XRP Ledger documentation). No transaction of an account changes them.

use ledger::{EntryType, Hash256, Object, fields as f};
use serde::{Deserialize, Serialize};

use super::{Entries, Entry, index};
use crate::world::Fees;

/// Code of the entry of fees and reserves.
pub const FEE_SETTINGS: EntryType = EntryType(0x73);
/// Code of the entry of amendments.
pub const AMENDMENTS: EntryType = EntryType(0x66);
/// Code of the entries of hashes.
pub const LEDGER_HASHES: EntryType = EntryType(0x68);
/// Hashes in one entry at most.
const HASHES_MAX: usize = 256;
/// Of so many ledgers one is in the list that is kept for ever.
const KEPT_EVERY: u32 = 256;

/// Hashes of earlier ledgers, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerHashes {
    /// The hashes.
    pub hashes: Vec<Hash256>,
    /// Which ledger the last one is of.
    pub last_ledger: u32,
}

impl LedgerHashes {
    /// Every field, as a server stores it.
    pub fn to_object(&self) -> Object {
        Object::new()
            .with(f::FLAGS, 0_u32)
            .with(f::HASHES, self.hashes.clone())
            .with(f::LAST_LEDGER_SEQUENCE, self.last_ledger)
    }

    fn push(&mut self, ledger_index: u32, hash: Hash256) {
        if self.hashes.len() >= HASHES_MAX {
            self.hashes.remove(0);
        }
        self.hashes.push(hash);
        self.last_ledger = ledger_index;
    }
}

/// Enters the hash of a ledger into the state of its child; gives the indexes of the entries that changed.
pub fn remember_parent(entries: &mut Entries, parent_index: u32, parent_hash: Hash256) -> Vec<Hash256> {
    let mut keys = vec![index::last_hashes()];
    if parent_index.is_multiple_of(KEPT_EVERY) {
        keys.push(index::kept_hashes(parent_index));
    }
    for key in &keys {
        let mut list = match entries.get(key) {
            Some(Entry::Hashes(list)) => list.clone(),
            _ => LedgerHashes::default(),
        };
        list.push(parent_index, parent_hash);
        entries.insert(*key, Entry::Hashes(list));
    }
    keys
}

/// FeeSettings, in the form since the amendment `XRPFees`.
pub fn fees_object(fees: &Fees) -> Object {
    Object::new()
        .with(f::FLAGS, 0_u32)
        .with(f::BASE_FEE_DROPS, fees.base_fee)
        .with(f::RESERVE_BASE_DROPS, fees.reserve_base)
        .with(f::RESERVE_INCREMENT_DROPS, fees.reserve_increment)
}

/// Amendments, with those in force only: nothing is voted on here.
pub fn amendments_object(ids: &[Hash256]) -> Object {
    Object::new().with(f::FLAGS, 0_u32).with(f::AMENDMENTS, ids.to_vec())
}
