//! Changes to the XRP/RLUSD order book, and to what its owners can spend, out of a transaction's metadata.

use client::Fees;
use engine::{BookChange, BookOffer, Identity, Legs, OwnerFunds, Side};
use ledger::fields as f;
use ledger::meta::{AffectedNode, NodeAction, TxMeta};
use ledger::object::Object;
use ledger::{AccountId, Amount, EntryType, Hash256};
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, IssuedValue, LedgerTime};

/// What a ledger's transactions changed so far.
#[derive(Debug, Default)]
pub struct Changes {
    /// In transaction order.
    pub book: Vec<BookChange>,
    /// The last known funds of each owner.
    pub funds: BTreeMap<AccountId, OwnerFunds>,
}

/// Adds one transaction's changes.
pub fn collect(
    identity: &Identity,
    fees: &Fees,
    meta: &TxMeta,
    owners: &mut BTreeSet<AccountId>,
    into: &mut Changes,
) {
    for node in meta.nodes.iter().filter(|node| node.is(EntryType::OFFER)) {
        if let Some(change) = offer_change(identity, node) {
            if let BookChange::Created(offer) | BookChange::Modified(offer) = &change {
                owners.insert(offer.owner);
            }
            into.book.push(change);
        }
    }
    for node in &meta.nodes {
        let Some(funds) = owner_funds(identity, fees, node).filter(|funds| owners.contains(&funds.account))
        else {
            continue;
        };
        let known = into.funds.entry(funds.account).or_insert(OwnerFunds {
            account: funds.account,
            xrp: None,
            rlusd: None,
        });
        known.xrp = funds.xrp.or(known.xrp);
        known.rlusd = funds.rlusd.or(known.rlusd);
    }
}

fn offer_change(identity: &Identity, node: &AffectedNode) -> Option<BookChange> {
    let fields = node.fields.as_ref()?;
    let (side, legs) = sided(identity, fields.amount(f::TAKER_GETS)?, fields.amount(f::TAKER_PAYS)?)?;
    if node.action == NodeAction::Deleted {
        return Some(BookChange::Deleted { id: node.index });
    }
    let offer = BookOffer {
        id: node.index,
        owner: fields.account(f::ACCOUNT)?,
        sequence: fields.u32(f::SEQUENCE)?,
        side,
        legs,
        quality: fields.hash256(f::BOOK_DIRECTORY).map(quality_of),
        expiration: fields.u32(f::EXPIRATION).map(LedgerTime),
    };
    Some(if node.action == NodeAction::Created {
        BookChange::Created(offer)
    } else {
        BookChange::Modified(offer)
    })
}

/// Side and legs of two amounts, if they are of our pair. A bid gives RLUSD.
pub fn sided(identity: &Identity, gets: Amount, pays: Amount) -> Option<(Side, Legs)> {
    match (gets, pays) {
        (Amount::Issued { value, currency, issuer }, Amount::Xrp(base))
            if is_quote(identity, currency, issuer) =>
        {
            Some((Side::Buy, Legs { quote: value, base }))
        }
        (Amount::Xrp(base), Amount::Issued { value, currency, issuer })
            if is_quote(identity, currency, issuer) =>
        {
            Some((Side::Sell, Legs { quote: value, base }))
        }
        _ => None,
    }
}

fn is_quote(identity: &Identity, currency: ledger::Currency, issuer: AccountId) -> bool {
    currency == identity.quote_currency && issuer == identity.quote_issuer
}

/// The low eight bytes of a book directory: the exchange rate.
pub fn quality_of(directory: Hash256) -> u64 {
    let mut low = [0; 8];
    low.copy_from_slice(&directory.as_bytes()[24..]);
    u64::from_be_bytes(low)
}

fn owner_funds(identity: &Identity, fees: &Fees, node: &AffectedNode) -> Option<OwnerFunds> {
    let fields = node.fields.as_ref()?;
    if node.is(EntryType::ACCOUNT_ROOT) {
        let account = fields.account(f::ACCOUNT)?;
        let Some(Amount::Xrp(balance)) = fields.amount(f::BALANCE) else {
            return None;
        };
        let count = i64::from(fields.u32(f::OWNER_COUNT).unwrap_or(0));
        let reserve = fees.reserve_base.get().saturating_add(fees.reserve_inc.get().saturating_mul(count));
        let spendable = Drops::new(balance.get().saturating_sub(reserve).max(0)).ok()?;
        return Some(OwnerFunds { account, xrp: Some(spendable), rlusd: None });
    }
    if !node.is(EntryType::RIPPLE_STATE) {
        return None;
    }
    let (holder, balance) = held(identity, fields)?;
    let balance = if node.action == NodeAction::Deleted { IssuedValue::ZERO } else { balance };
    Some(OwnerFunds { account: holder, xrp: None, rlusd: Some(balance.max(IssuedValue::ZERO)) })
}

/// Who holds RLUSD on this trust line, and how much. The balance is from the low account's side
/// (ledger documentation, "RippleState").
fn held(identity: &Identity, line: &Object) -> Option<(AccountId, IssuedValue)> {
    let Some(Amount::Issued { value, currency, .. }) = line.amount(f::BALANCE) else {
        return None;
    };
    let (Some(Amount::Issued { issuer: low, .. }), Some(Amount::Issued { issuer: high, .. })) =
        (line.amount(f::LOW_LIMIT), line.amount(f::HIGH_LIMIT))
    else {
        return None;
    };
    if currency != identity.quote_currency {
        return None;
    }
    match identity.quote_issuer {
        issuer if issuer == high => Some((low, value)),
        issuer if issuer == low => Some((high, value.negate())),
        _ => None,
    }
}
