//! What a transaction did: metadata, and what follows from it for balances and offers. Never asks which type of
//! transaction it was: only the affected nodes count.

mod balances;
mod channels;
mod convert;
mod entries;
mod escrows;
mod fee;
mod holdings;
mod offers;
mod pools;
mod serde_form;
mod tokens;

pub use balances::{AccountChanges, BalanceChange, Delta, balance_changes};
pub use channels::{ChannelChange, channel_changes};
pub use convert::MetaError;
pub use entries::{EntryChange, created_entries, deleted_entries};
pub use escrows::{EscrowChange, escrow_changes};
pub use fee::{FeePaid, fee_paid};
pub use holdings::{Holding, holding_changes};
pub use offers::{OfferChange, OfferStatus, offer_changes};
pub use pools::{AuctionSlot, PoolChange, pool_changes};
pub use tokens::{MptChange, MptRole, mpt_changes};

use crate::amount::Amount;
use crate::ids::Hash256;
use crate::object::Object;
use crate::tables::{EntryType, ResultCode};

const ESCROW: EntryType = EntryType(117);
const PAY_CHANNEL: EntryType = EntryType(120);

/// The metadata of one validated transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxMeta {
    /// How it ended (`tes` or `tec`).
    pub result: ResultCode,
    /// Its place within its ledger.
    pub index: u32,
    /// What it changed.
    pub nodes: Vec<AffectedNode>,
    /// What a payment delivered, where the metadata says so (`DeliveredAmount`; the server's computed
    /// `delivered_amount` where only that is there).
    pub delivered_amount: Option<Amount>,
    /// Fields this type has no name for (parent batch, hooks): kept so that nothing is lost.
    pub other: Object,
}

/// What happened to a ledger entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeAction {
    /// It is new.
    Created,
    /// It was changed.
    Modified,
    /// It is gone.
    Deleted,
}

/// One changed ledger entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedNode {
    /// What happened to it.
    pub action: NodeAction,
    /// What kind of entry it is.
    pub entry_type: EntryType,
    /// Its index.
    pub index: Hash256,
    /// `NewFields` of a created entry, `FinalFields` of any other.
    pub fields: Option<Object>,
    /// `PreviousFields`: the old values of what changed. `None` where the metadata has none.
    pub previous: Option<Object>,
    /// The transaction that changed it before.
    pub previous_txn_id: Option<Hash256>,
    /// The ledger of that transaction.
    pub previous_txn_lgr_seq: Option<u32>,
}
