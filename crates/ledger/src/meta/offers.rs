//! How a transaction changed offers: what traded, and how each touched offer ended. Never decides by the type of
//! transaction that an offer traded: only `PreviousFields` of the offer's own node says so.

use std::fmt;

use units::{Drops, IssuedValue, LedgerTime};

use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::Amount;
use crate::ids::{AccountId, Hash256};
use crate::object::Object;
use crate::tables::{EntryType, TxType, fields as f};

/// How an offer ended, or where it stands, after a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferStatus {
    /// Placed; rests.
    Created,
    /// Traded in part; the rest rests.
    PartiallyFilled,
    /// Traded to the end: nothing is left of one side.
    Filled,
    /// Taken back by its owner.
    Cancelled,
    /// Taken back by its owner's next offer.
    Replaced,
    /// Found expired and removed.
    Expired,
    /// Removed for want of funds (or frozen, or a remainder too small to trade), perhaps after a partial fill.
    Unfunded,
    /// Removed without trade, for a reason the documents at hand do not show.
    Removed,
}

impl fmt::Display for OfferStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Created => "created",
            Self::PartiallyFilled => "partially-filled",
            Self::Filled => "filled",
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Unfunded => "unfunded",
            Self::Removed => "removed",
        })
    }
}

impl OfferStatus {
    /// Whether the offer is no longer on the ledger.
    pub fn is_gone(self) -> bool {
        !matches!(self, Self::Created | Self::PartiallyFilled)
    }
}

/// What a transaction did to one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferChange {
    /// The offer's ledger index.
    pub index: Hash256,
    /// Whose offer.
    pub account: AccountId,
    /// The sequence or ticket that names it.
    pub sequence: u32,
    /// How it ended or where it stands.
    pub status: OfferStatus,
    /// What it offered before this transaction (for a new one: what it offers).
    pub taker_gets: Amount,
    /// What it asked before this transaction (for a new one: what it asks).
    pub taker_pays: Amount,
    /// How much of `taker_gets` traded in this transaction.
    pub filled_gets: Amount,
    /// How much of `taker_pays` traded in this transaction.
    pub filled_pays: Amount,
    /// What it offers now, or offered when it was removed.
    pub remaining_gets: Amount,
    /// What it asks now, or asked when it was removed.
    pub remaining_pays: Amount,
    /// Ledger flags of the offer.
    pub flags: u32,
    /// When it expires.
    pub expiration: Option<LedgerTime>,
    /// Its order book directory.
    pub book_directory: Option<Hash256>,
}

/// Every offer a transaction touched, in the metadata's order. `tx` is the transaction, where it is at hand: it tells
/// cancelled, replaced and the rest apart. `parent_close` is the close time of the ledger before, where known: it
/// tells expired from unfunded.
pub fn offer_changes(
    meta: &TxMeta,
    tx: Option<&Object>,
    parent_close: Option<LedgerTime>,
) -> Vec<OfferChange> {
    let offers = meta.nodes.iter().filter(|node| node.is(EntryType::OFFER));
    offers.filter_map(|node| offer_change(node, tx, parent_close)).collect()
}

fn offer_change(
    node: &AffectedNode,
    tx: Option<&Object>,
    parent_close: Option<LedgerTime>,
) -> Option<OfferChange> {
    let fields = node.fields.as_ref()?;
    let previous = node.previous.as_ref();
    let remaining_gets = fields.amount(f::TAKER_GETS)?;
    let remaining_pays = fields.amount(f::TAKER_PAYS)?;
    let before = |field, after| previous.and_then(|p| p.amount(field)).unwrap_or(after);
    let taker_gets = before(f::TAKER_GETS, remaining_gets);
    let taker_pays = before(f::TAKER_PAYS, remaining_pays);
    let traded = previous.is_some_and(|p| p.contains(f::TAKER_GETS) || p.contains(f::TAKER_PAYS));
    let mut change = OfferChange {
        index: node.index,
        account: fields.account(f::ACCOUNT)?,
        sequence: fields.u32(f::SEQUENCE).unwrap_or(0),
        status: OfferStatus::Created,
        taker_gets,
        taker_pays,
        filled_gets: difference(taker_gets, remaining_gets)?,
        filled_pays: difference(taker_pays, remaining_pays)?,
        remaining_gets,
        remaining_pays,
        flags: fields.u32(f::FLAGS).unwrap_or(0),
        expiration: fields.u32(f::EXPIRATION).map(LedgerTime),
        book_directory: fields.hash256(f::BOOK_DIRECTORY),
    };
    change.status = match (node.action, traded) {
        (NodeAction::Created, _) => OfferStatus::Created,
        (NodeAction::Modified, true) => OfferStatus::PartiallyFilled,
        (NodeAction::Modified, false) => return None,
        (NodeAction::Deleted, true) if remaining_gets.is_zero() || remaining_pays.is_zero() => {
            OfferStatus::Filled
        }
        (NodeAction::Deleted, true) => OfferStatus::Unfunded,
        (NodeAction::Deleted, false) => {
            tx.map_or(OfferStatus::Removed, |tx| why_removed(&change, tx, parent_close))
        }
    };
    Some(change)
}

/// Before less after, of one asset.
fn difference(before: Amount, after: Amount) -> Option<Amount> {
    match (before, after) {
        (Amount::Xrp(a), Amount::Xrp(b)) => Some(Amount::Xrp(a.checked_sub(b).unwrap_or(Drops::ZERO))),
        (Amount::Issued { value: a, currency, issuer }, Amount::Issued { value: b, .. }) => {
            let value = a.checked_sub(b).unwrap_or(IssuedValue::ZERO);
            Some(Amount::Issued { value, currency, issuer })
        }
        (Amount::Mpt { value: a, id }, Amount::Mpt { value: b, .. }) => {
            Some(Amount::Mpt { value: a.saturating_sub(b), id })
        }
        _ => None,
    }
}

/// Why an offer was removed without trade, as far as the transaction shows it.
fn why_removed(offer: &OfferChange, tx: &Object, parent_close: Option<LedgerTime>) -> OfferStatus {
    let is_own = tx.account(f::ACCOUNT) == Some(offer.account);
    let is_named = is_own && tx.u32(f::OFFER_SEQUENCE) == Some(offer.sequence);
    let tx_type = tx.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok()).map(TxType);
    match tx_type {
        Some(TxType::OFFER_CANCEL) if is_named => OfferStatus::Cancelled,
        Some(TxType::OFFER_CREATE) if is_named => OfferStatus::Replaced,
        _ => match (offer.expiration, parent_close) {
            (Some(expiration), Some(now)) if now >= expiration => OfferStatus::Expired,
            (Some(_), None) => OfferStatus::Removed,
            _ if is_own => OfferStatus::Removed,
            _ => OfferStatus::Unfunded,
        },
    }
}
