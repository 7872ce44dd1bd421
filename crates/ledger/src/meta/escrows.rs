//! Money that a transaction put into an escrow or took out of one. Never says who got it unless a balance shows it.

use super::holdings::holding_changes;
use super::{AffectedNode, ESCROW, NodeAction, TxMeta};
use crate::amount::Amount;
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
    meta.nodes.iter().filter_map(|node| change(meta, node)).collect()
}

fn change(meta: &TxMeta, node: &AffectedNode) -> Option<EscrowChange> {
    if !node.is(ESCROW) || node.action == NodeAction::Modified {
        return None;
    }
    let fields = node.fields.as_ref()?;
    let amount = fields.amount(f::AMOUNT)?;
    let account = fields.account(f::ACCOUNT)?;
    let destination = fields.account(f::DESTINATION).unwrap_or(account);
    let locked = node.action == NodeAction::Created;
    let released_to = if locked { None } else { receiver(meta, account, destination, &amount) };
    Some(EscrowChange { index: node.index, account, destination, amount, locked, released_to })
}

fn receiver(meta: &TxMeta, account: AccountId, destination: AccountId, amount: &Amount) -> Option<AccountId> {
    if account == destination {
        return Some(account);
    }
    let holdings = holding_changes(meta);
    let gained = |who: AccountId| {
        holdings.iter().any(|holding| {
            holding.account == who && holding.asset == amount.asset() && holding.after > holding.before
        })
    };
    match (gained(account), gained(destination)) {
        (true, false) => Some(account),
        (false, true) => Some(destination),
        _ => None,
    }
}
