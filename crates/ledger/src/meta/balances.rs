//! How a transaction changed balances: XRP of accounts (the sender's fee included, as on the ledger) and trust lines,
//! each listed for both sides with the other party as issuer, as the reference client does. Never rounds.

use std::collections::BTreeMap;
use std::fmt;

use units::{Drops, Exact};

use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::Amount;
use crate::ids::{AccountId, Currency};
use crate::object::Value;
use crate::tables::{EntryType, fields as f};

/// The changes of one account, XRP first, then by currency and other party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChanges {
    /// Whose balances.
    pub account: AccountId,
    /// What changed; never empty.
    pub balances: Vec<BalanceChange>,
}

/// One balance that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceChange {
    /// `None` for XRP; else the currency and the other party of the trust line.
    pub line: Option<(Currency, AccountId)>,
    /// By how much; never zero.
    pub delta: Delta,
}

/// A signed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// XRP, in drops.
    Xrp(Drops),
    /// An issued currency, as seen by the account.
    Issued(Exact),
}

impl fmt::Display for Delta {
    /// Decimal; XRP in XRP.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xrp(drops) => Exact::from_drops(*drops).fmt(f),
            Self::Issued(value) => value.fmt(f),
        }
    }
}

/// Every balance a transaction changed, by account.
pub fn balance_changes(meta: &TxMeta) -> Vec<AccountChanges> {
    let mut all: BTreeMap<AccountId, Vec<BalanceChange>> = BTreeMap::new();
    for node in &meta.nodes {
        if node.is(EntryType::ACCOUNT_ROOT) {
            if let Some((account, drops)) = account_change(node) {
                all.entry(account).or_default().push(BalanceChange { line: None, delta: Delta::Xrp(drops) });
            }
        } else if node.is(EntryType::RIPPLE_STATE)
            && let Some(change) = line_change(node)
        {
            let LineChange { low, high, currency, delta } = change;
            let flipped = Delta::Issued(-&delta);
            let line = |party| Some((currency, party));
            all.entry(low).or_default().push(BalanceChange { line: line(high), delta: Delta::Issued(delta) });
            all.entry(high).or_default().push(BalanceChange { line: line(low), delta: flipped });
        }
    }
    let sorted = |mut balances: Vec<BalanceChange>| {
        balances.sort_by_key(|change| change.line);
        balances
    };
    all.into_iter()
        .map(|(account, balances)| AccountChanges { account, balances: sorted(balances) })
        .collect()
}

fn account_change(node: &AffectedNode) -> Option<(AccountId, Drops)> {
    let fields = node.fields.as_ref()?;
    let after = fields.amount(f::BALANCE)?.drops()?;
    let before = before_or_zero(node)?.drops()?;
    let change = after.checked_sub(before).ok()?;
    (!change.is_zero()).then_some((fields.account(f::ACCOUNT)?, change))
}

struct LineChange {
    low: AccountId,
    high: AccountId,
    currency: Currency,
    /// As the low account sees it.
    delta: Exact,
}

fn line_change(node: &AffectedNode) -> Option<LineChange> {
    let fields = node.fields.as_ref()?;
    let balance = fields.amount(f::BALANCE)?;
    let before = Exact::from(before_or_zero(node)?.value()?);
    let delta = &Exact::from(balance.value()?) - &before;
    let limit = |field| fields.amount(field).and_then(|limit| limit.asset().issuer());
    let currency = balance.asset().currency()?;
    (!delta.is_zero()).then_some(LineChange {
        low: limit(f::LOW_LIMIT)?,
        high: limit(f::HIGH_LIMIT)?,
        currency,
        delta,
    })
}

/// The balance before: nothing for a created entry, `PreviousFields.Balance` for another; `None` when unchanged.
fn before_or_zero(node: &AffectedNode) -> Option<Amount> {
    let after = match node.after(f::BALANCE)? {
        Value::Amount(amount) => *amount,
        _ => return None,
    };
    match (node.action, node.before(f::BALANCE)) {
        (NodeAction::Created, _) => Some(after.asset().zero()),
        (NodeAction::Modified | NodeAction::Deleted, Some(Value::Amount(before))) => Some(*before),
        _ => None,
    }
}
