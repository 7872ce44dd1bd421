//! Who holds more or less of what after a transaction: XRP of accounts, issued currencies seen from the side that
//! holds, token units. Never counts a debt as a negative holding, and never takes the fee out of an XRP change.

use units::Exact;

use super::tokens::{MptRole, mpt_changes};
use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::{Amount, Asset};
use crate::ids::AccountId;
use crate::tables::{EntryType, fields as f};

/// What one account held of one asset, and holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub asset: Asset,
    /// Before the transaction: XRP in XRP, tokens in whole units; never negative.
    pub before: Exact,
    /// After it.
    pub after: Exact,
}

impl Holding {
    /// After less before.
    pub fn change(&self) -> Exact {
        &self.after - &self.before
    }
}

/// Every holding that changed, in the metadata's order. A trust line whose balance changes sides gives two: each side
/// holds what the other issued (ledger documentation, "RippleState": positive is held by the low account).
pub fn holding_changes(meta: &TxMeta) -> Vec<Holding> {
    let mut all = Vec::new();
    for node in &meta.nodes {
        match node.entry_type {
            EntryType::ACCOUNT_ROOT => all.extend(xrp(node)),
            EntryType::RIPPLE_STATE => all.extend(line(node).into_iter().flatten()),
            _ => {}
        }
    }
    let holders = mpt_changes(meta).into_iter().filter(|change| change.role == MptRole::Holder);
    all.extend(holders.map(|change| Holding {
        account: change.account,
        asset: Asset::Mpt(change.id),
        before: whole(change.before),
        after: whole(change.after),
    }));
    all.retain(|holding| holding.before != holding.after);
    all
}

/// The account that holds on a trust line, after the transaction or, where nothing is left, before.
pub(super) fn line_holder(node: &AffectedNode) -> Option<AccountId> {
    let sides = line(node)?;
    let holds = |side: &&Holding| !side.after.is_zero();
    let held = |side: &&Holding| !side.before.is_zero();
    sides.iter().find(holds).or_else(|| sides.iter().find(held)).map(|side| side.account)
}

fn xrp(node: &AffectedNode) -> Option<Holding> {
    let fields = node.fields.as_ref()?;
    let (before, after) = balance(node)?;
    let (before, after) = (Exact::from_drops(before.drops()?), Exact::from_drops(after.drops()?));
    Some(Holding { account: fields.account(f::ACCOUNT)?, asset: Asset::Xrp, before, after })
}

fn line(node: &AffectedNode) -> Option<[Holding; 2]> {
    let fields = node.fields.as_ref()?;
    let (before, after) = balance(node)?;
    let currency = after.asset().currency()?;
    let (before, after) = (Exact::from(before.value()?), Exact::from(after.value()?));
    let side = |field| fields.amount(field).and_then(|limit| limit.asset().issuer());
    let (low, high) = (side(f::LOW_LIMIT)?, side(f::HIGH_LIMIT)?);
    let of = |account, issuer, before: Exact, after: Exact| Holding {
        account,
        asset: Asset::Issued { currency, issuer },
        before: before.max(Exact::zero()),
        after: after.max(Exact::zero()),
    };
    Some([of(low, high, before.clone(), after.clone()), of(high, low, -&before, -&after)])
}

/// `Balance` before and after; the same twice where it did not change.
fn balance(node: &AffectedNode) -> Option<(Amount, Amount)> {
    let after = node.fields.as_ref()?.amount(f::BALANCE)?;
    let before = match node.action {
        NodeAction::Created => after.asset().zero(),
        NodeAction::Modified | NodeAction::Deleted => {
            node.previous.as_ref().and_then(|previous| previous.amount(f::BALANCE)).unwrap_or(after)
        }
    };
    Some((before, after))
}

fn whole(units: u64) -> Exact {
    Exact::new(units.into(), 0)
}
