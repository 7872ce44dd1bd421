//! The ledger's state: entries by index, the view a transaction works on, directories, and what the metadata says of a
//! change. Never knows a transaction type.

pub mod amm;
mod deferred;
pub mod directory;
mod entries;
pub mod entry;
pub mod index;
mod keys;
pub mod metadata;
pub mod money;
pub mod read;
pub mod system;
pub mod tree;
pub mod trust;
pub mod view;

pub use amm::{Amm, AuctionSlot, Vote};
pub use entries::Entries;
pub use entry::{AccountRoot, Directory, DirectoryKind, Entry, Offer, Thread, Ticket, TrustLine};
pub use view::{Rules, View};
