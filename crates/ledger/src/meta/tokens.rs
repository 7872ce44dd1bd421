//! How a transaction changed multi-purpose tokens: what holders have and have locked, and what is issued. Never reads
//! an unchanged value as a change.
//!
//! A server leaves out of `PreviousFields` what was not there before: an amount that was nothing shows only as an empty
//! `PreviousFields`, or not at all beside another change. Where the rest of the metadata does not settle it, the value
//! is taken as unchanged.

use std::collections::{BTreeMap, BTreeSet};

use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::Amount;
use crate::ids::{AccountId, Hash256, MptId};
use crate::object::Value;
use crate::tables::{EntryType, FieldId, fields as f};

/// Which side of a token an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MptRole {
    /// Holds units (`MPToken`).
    Holder,
    /// Issued them (`MPTokenIssuance`).
    Issuer,
}

/// What changed on one side of a token, in its whole units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MptChange {
    /// Which issuance.
    pub id: MptId,
    /// Whose entry.
    pub account: AccountId,
    /// As what.
    pub role: MptRole,
    /// Units held (`MPTAmount`), or issued (`OutstandingAmount`), before.
    pub before: u64,
    /// The same after.
    pub after: u64,
    /// Units locked in escrows (`LockedAmount`) before.
    pub locked_before: u64,
    /// The same after.
    pub locked_after: u64,
}

impl MptChange {
    /// After less before.
    pub fn change(&self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }

    /// Locked after less locked before.
    pub fn locked_change(&self) -> i128 {
        i128::from(self.locked_after) - i128::from(self.locked_before)
    }
}

/// Every holding and issuance of a token that changed, in the metadata's order.
pub fn mpt_changes(meta: &TxMeta) -> Vec<MptChange> {
    let others = Others::of(meta);
    let touched = meta.nodes.iter().filter_map(|node| change(&others, node));
    touched.filter(|change| change.change() != 0 || change.locked_change() != 0).collect()
}

fn change(others: &Others, node: &AffectedNode) -> Option<MptChange> {
    let fields = node.fields.as_ref()?;
    let (role, field) = match node.entry_type {
        EntryType::MPTOKEN => (MptRole::Holder, f::MPT_AMOUNT),
        EntryType::MPTOKEN_ISSUANCE => (MptRole::Issuer, f::OUTSTANDING_AMOUNT),
        _ => return None,
    };
    let owner = if role == MptRole::Holder { f::ACCOUNT } else { f::ISSUER };
    let id = issuance(node)?;
    let account = fields.account(owner)?;
    let (mut before, after) = both(node, field);
    let (mut locked_before, locked_after) = both(node, f::LOCKED_AMOUNT);
    let previous = node.previous.as_ref();
    let unsaid = |field| previous.is_some_and(|fields| !fields.contains(field));
    if node.action == NodeAction::Modified {
        let locks = others.locked(id, (role == MptRole::Holder).then_some(account));
        if unsaid(f::LOCKED_AMOUNT) && locks == Some(locked_after) {
            locked_before = 0;
        }
        let is_silent = previous.is_some_and(|fields| fields.is_empty());
        let came_back = unsaid(field)
            && locked_before.checked_sub(locked_after) == Some(after)
            && !others.moved_but_for(node, id);
        if role == MptRole::Holder && after > 0 && (is_silent || came_back) {
            before = 0;
        }
    }
    Some(MptChange { id, account, role, before, after, locked_before, locked_after })
}

/// A number before and after; what is not there is nothing.
fn both(node: &AffectedNode, field: FieldId) -> (u64, u64) {
    let after = node.fields.as_ref().and_then(|fields| fields.u64(field)).unwrap_or(0);
    let previous = node.previous.as_ref().and_then(|fields| fields.u64(field));
    (if node.action == NodeAction::Created { 0 } else { previous.unwrap_or(after) }, after)
}

/// The issuance an entry is of: named by a holder's entry, and of the issuer's entry its sequence and issuer (ledger
/// documentation, "MPTokenIssuance").
fn issuance(node: &AffectedNode) -> Option<MptId> {
    let fields = node.fields.as_ref()?;
    if let Some(Value::Hash192(id)) = fields.get(f::MP_TOKEN_ISSUANCE_ID) {
        return Some(MptId(*id));
    }
    let mut id = [0; 24];
    id[..4].copy_from_slice(&fields.u32(f::SEQUENCE)?.to_be_bytes());
    id[4..].copy_from_slice(&fields.account(f::ISSUER)?.0);
    Some(MptId(id))
}

/// What the rest of the metadata says of each token, gathered once.
struct Others {
    /// Units that the first escrow made by this transaction locks: of any owner, and of each.
    locked: BTreeMap<(MptId, Option<AccountId>), u64>,
    /// The entries whose units went to another holder or back to the issuer, or came from there.
    moved: BTreeMap<MptId, BTreeSet<Hash256>>,
}

impl Others {
    fn of(meta: &TxMeta) -> Self {
        let mut others = Self { locked: BTreeMap::new(), moved: BTreeMap::new() };
        for node in &meta.nodes {
            if let Some((id, owner, value)) = escrow_created(node) {
                others.locked.entry((id, None)).or_insert(value);
                if let Some(owner) = owner {
                    others.locked.entry((id, Some(owner))).or_insert(value);
                }
            }
            if let Some(id) = issuance_of(node).filter(|_| has_moved(node)) {
                others.moved.entry(id).or_default().insert(node.index);
            }
        }
        others
    }

    fn locked(&self, id: MptId, owner: Option<AccountId>) -> Option<u64> {
        self.locked.get(&(id, owner)).copied()
    }

    fn moved_but_for(&self, node: &AffectedNode, id: MptId) -> bool {
        self.moved.get(&id).is_some_and(|moved| moved.len() > usize::from(moved.contains(&node.index)))
    }
}

/// The token, the owner and the units of an escrow made by this transaction.
fn escrow_created(node: &AffectedNode) -> Option<(MptId, Option<AccountId>, u64)> {
    let is_new = node.is(super::ESCROW) && node.action == NodeAction::Created;
    let fields = node.fields.as_ref().filter(|_| is_new)?;
    match fields.amount(f::AMOUNT)? {
        Amount::Mpt { value, id } => Some((id, fields.account(f::ACCOUNT), value)),
        _ => None,
    }
}

fn has_moved(node: &AffectedNode) -> bool {
    let field = if node.is(EntryType::MPTOKEN) { f::MPT_AMOUNT } else { f::OUTSTANDING_AMOUNT };
    let (before, after) = both(node, field);
    let is_silent = node.is(EntryType::MPTOKEN) && node.previous.as_ref().is_some_and(|p| p.is_empty());
    before != after || is_silent
}

fn issuance_of(node: &AffectedNode) -> Option<MptId> {
    (node.is(EntryType::MPTOKEN) || node.is(EntryType::MPTOKEN_ISSUANCE)).then(|| issuance(node)).flatten()
}
