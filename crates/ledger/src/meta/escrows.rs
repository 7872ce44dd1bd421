//! Money that a transaction put into an escrow or took out of one. Never says who got it unless a balance shows it.

use std::collections::BTreeSet;

use super::holdings::holding_changes;
use super::{AffectedNode, ESCROW, NodeAction, TxMeta};
use crate::amount::{Amount, Asset};
use crate::ids::{AccountId, Hash256};
use crate::tables::fields as f;

/// One escrow, made or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowChange {
    /// The escrow's ledger index.
    pub index: Hash256,
    /// Whose money it is or was.
    pub account: AccountId,
    /// Who was to get it.
    pub destination: AccountId,
    /// How much was locked or released.
    pub amount: Amount,
    /// Locked by this transaction; else released.
    pub locked: bool,
    /// Of a released one: who got it, where only one of the two has more of that asset now.
    pub released_to: Option<AccountId>,
}

/// Every escrow a transaction made or ended, in the metadata's order. (An escrow's amount never changes in between:
/// ledger documentation, "Escrow".)
pub fn escrow_changes(meta: &TxMeta) -> Vec<EscrowChange> {
    if !meta.nodes.iter().any(|node| node.is(ESCROW)) {
        return Vec::new();
    }
    let holdings = holding_changes(meta).into_iter().filter(|holding| holding.after > holding.before);
    let gained: BTreeSet<Gain> = holdings.map(|holding| (holding.account, holding.asset)).collect();
    meta.nodes.iter().filter_map(|node| change(&gained, node)).collect()
}

/// Who has more of what.
type Gain = (AccountId, Asset);

fn change(gained: &BTreeSet<Gain>, node: &AffectedNode) -> Option<EscrowChange> {
    if !node.is(ESCROW) || node.action == NodeAction::Modified {
        return None;
    }
    let fields = node.fields.as_ref()?;
    let amount = fields.amount(f::AMOUNT)?;
    let account = fields.account(f::ACCOUNT)?;
    let destination = fields.account(f::DESTINATION).unwrap_or(account);
    let locked = node.action == NodeAction::Created;
    let released_to = if locked { None } else { receiver(gained, account, destination, &amount) };
    Some(EscrowChange { index: node.index, account, destination, amount, locked, released_to })
}

fn receiver(
    gained: &BTreeSet<Gain>,
    account: AccountId,
    destination: AccountId,
    amount: &Amount,
) -> Option<AccountId> {
    let has_gained = |who: AccountId| gained.contains(&(who, amount.asset()));
    match (has_gained(account), has_gained(destination)) {
        _ if account == destination => Some(account),
        (true, false) => Some(account),
        (false, true) => Some(destination),
        _ => None,
    }
}
