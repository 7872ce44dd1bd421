//! Ledger entries that a transaction made or removed, of any type. Tokens that are unique (NFTs) show here as their
//! pages and offers and nowhere else. Never lists an entry that was only changed.

use super::{AffectedNode, NodeAction, TxMeta};
use crate::ids::{AccountId, Hash256};
use crate::tables::{EntryType, fields as f};

/// An `NFTokenPage` is named by its owner and 96 bits more (ledger documentation, "NFTokenPage").
const NFTOKEN_PAGE: EntryType = EntryType(80);

/// One entry that is new or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// What kind of entry.
    pub entry_type: EntryType,
    /// Its index.
    pub index: Hash256,
    /// Whose, where it belongs to one account.
    pub owner: Option<AccountId>,
}

/// The entries a transaction made, in the metadata's order.
pub fn created_entries(meta: &TxMeta) -> Vec<EntryChange> {
    with_action(meta, NodeAction::Created)
}

/// The entries a transaction removed, in the metadata's order.
pub fn deleted_entries(meta: &TxMeta) -> Vec<EntryChange> {
    with_action(meta, NodeAction::Deleted)
}

fn with_action(meta: &TxMeta, action: NodeAction) -> Vec<EntryChange> {
    let nodes = meta.nodes.iter().filter(|node| node.action == action);
    let entry = |node: &AffectedNode| EntryChange {
        entry_type: node.entry_type,
        index: node.index,
        owner: owner(node),
    };
    nodes.map(entry).collect()
}

fn owner(node: &AffectedNode) -> Option<AccountId> {
    if node.entry_type == NFTOKEN_PAGE {
        let mut account = [0; 20];
        account.copy_from_slice(&node.index.as_bytes()[..20]);
        return Some(AccountId(account));
    }
    let fields = node.fields.as_ref()?;
    [f::OWNER, f::ACCOUNT, f::ISSUER].into_iter().find_map(|field| fields.account(field))
}
