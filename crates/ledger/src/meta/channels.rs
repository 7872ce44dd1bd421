//! What a transaction did to payment channels. All amounts are XRP (ledger documentation, "PayChannel"). Never counts
//! a claim that was not redeemed on the ledger.

use units::Drops;

use super::{AffectedNode, NodeAction, PAY_CHANNEL, TxMeta};
use crate::ids::{AccountId, Hash256};
use crate::object::Object;
use crate::tables::{FieldId, fields as f};

/// One channel, opened, changed or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelChange {
    /// The channel's ledger index.
    pub index: Hash256,
    /// Who put XRP into it.
    pub account: AccountId,
    /// Who may take XRP out of it.
    pub destination: AccountId,
    /// What happened to it.
    pub action: NodeAction,
    /// What the source put in with this transaction.
    pub added: Drops,
    /// What the destination was paid with this transaction.
    pub paid: Drops,
    /// What went back to the source: the rest of a closed channel.
    pub returned: Drops,
    /// What is left in it.
    pub left: Drops,
}

/// Every channel whose XRP a transaction moved, or that it opened or closed, in the metadata's order.
pub fn channel_changes(meta: &TxMeta) -> Vec<ChannelChange> {
    let channels = meta.nodes.iter().filter(|node| node.is(PAY_CHANNEL));
    channels.filter_map(change).filter(has_moved).collect()
}

fn has_moved(change: &ChannelChange) -> bool {
    change.action != NodeAction::Modified || !change.added.is_zero() || !change.paid.is_zero()
}

fn change(node: &AffectedNode) -> Option<ChannelChange> {
    let fields = node.fields.as_ref()?;
    let (amount_before, amount) = both(node, fields, f::AMOUNT);
    let (balance_before, balance) = both(node, fields, f::BALANCE);
    let rest = amount.saturating_sub(balance);
    let closed = node.action == NodeAction::Deleted;
    Some(ChannelChange {
        index: node.index,
        account: fields.account(f::ACCOUNT)?,
        destination: fields.account(f::DESTINATION)?,
        action: node.action,
        added: amount.saturating_sub(amount_before),
        paid: balance.saturating_sub(balance_before),
        returned: if closed { rest } else { Drops::ZERO },
        left: if closed { Drops::ZERO } else { rest },
    })
}

/// Drops before and after; what is not there is nothing.
fn both(node: &AffectedNode, fields: &Object, field: FieldId) -> (Drops, Drops) {
    let of = |object: &Object| object.amount(field).and_then(|amount| amount.drops());
    let after = of(fields).unwrap_or(Drops::ZERO);
    let before = node.previous.as_ref().and_then(of);
    (if node.action == NodeAction::Created { Drops::ZERO } else { before.unwrap_or(after) }, after)
}
