//! `book_changes`, the method and the stream: what was traded in each book in one ledger, by the offers its
//! transactions consumed. A pool's part leaves no offer and is not counted (as on the real server).

use std::collections::BTreeMap;

use ledger::meta::{AffectedNode, NodeAction, TxMeta};
use ledger::object::Object;
use ledger::{Amount, Asset, EntryType, TxType, fields as f};
use serde_json::{Map, Value, json};
use units::stamount::{Kind, StAmount, divide};
use units::{IssuedValue, LedgerIndex};

use super::params::Params;
use super::{Answer, fields, state};
use crate::embedded::EmbeddedLedger;

/// The method: one ledger's changes; those of the open ledger are none yet.
pub(crate) fn book_changes(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    match state::lookup_closed(ledger, params)? {
        Some(index) => Ok(changes(ledger, index)),
        None => Ok(fields(json!({
            "changes": [], "ledger_index": ledger.header().ledger_index.plus(1).get(), "type": "bookChanges",
            "validated": false,
        }))),
    }
}

/// The message of the stream, which is the method's answer too.
pub(crate) fn changes(ledger: &EmbeddedLedger, index: LedgerIndex) -> Map<String, Value> {
    let mut tally: BTreeMap<String, Traded> = BTreeMap::new();
    let Some((header, transactions)) = ledger.history().ledger(index) else { return Map::new() };
    for stored in transactions {
        let (Ok(tx), Ok(meta)) = (Object::from_bytes(&stored.blob), TxMeta::from_bytes(&stored.meta)) else {
            continue;
        };
        let cancelled = cancelled(&tx);
        for fill in meta.nodes.iter().filter_map(|node| Fill::of(node, cancelled)) {
            let key = format!("{}|{}", named(&fill.first), named(&fill.second));
            match tally.get_mut(&key) {
                Some(traded) => traded.add(&fill),
                None => {
                    tally.insert(key, Traded::of(&fill));
                }
            }
        }
    }
    let changes: Vec<Value> = tally.values().map(Traded::json).collect();
    fields(json!({
        "changes": changes, "ledger_hash": header.ledger_hash.to_string(),
        "ledger_index": header.ledger_index.get(), "ledger_time": header.close_time.get(),
        "type": "bookChanges", "validated": true,
    }))
}

/// The offer a transaction names for cancelling.
fn cancelled(tx: &Object) -> Option<u32> {
    let kind = tx.u32(f::TRANSACTION_TYPE)?;
    let cancels = [TxType::OFFER_CREATE, TxType::OFFER_CANCEL].iter().any(|one| u32::from(one.0) == kind);
    if cancels { tx.u32(f::OFFER_SEQUENCE) } else { None }
}

/// What one offer gave and got, the book's first asset first; none of it negative.
struct Fill {
    first: Amount,
    second: Amount,
    rate: IssuedValue,
}

impl Fill {
    fn of(node: &AffectedNode, cancelled: Option<u32>) -> Option<Self> {
        if !node.is(EntryType::OFFER) || node.action == NodeAction::Created {
            return None;
        }
        let (last, before) = (node.fields.as_ref()?, node.previous.as_ref()?);
        if node.action == NodeAction::Deleted && cancelled.is_some() && last.u32(f::SEQUENCE) == cancelled {
            return None;
        }
        let moved = |field| difference(&before.amount(field)?, &last.amount(field)?);
        let (gets, pays) = (moved(f::TAKER_GETS)?, moved(f::TAKER_PAYS)?);
        let gets_first = gets.asset().is_xrp() || (!pays.asset().is_xrp() && named(&gets) < named(&pays));
        let (first, second) = if gets_first { (gets, pays) } else { (pays, gets) };
        let StAmount::Issued(rate) = divide(number(&first)?, number(&second)?, Kind::Issued).ok()? else {
            return None;
        };
        Some(Self { first, second, rate })
    }
}

/// One book's trades in a ledger.
struct Traded {
    first: Amount,
    second: Amount,
    high: IssuedValue,
    low: IssuedValue,
    open: IssuedValue,
    close: IssuedValue,
}

impl Traded {
    fn of(fill: &Fill) -> Self {
        let (first, second, rate) = (fill.first, fill.second, fill.rate);
        Self { first, second, high: rate, low: rate, open: rate, close: rate }
    }

    fn add(&mut self, fill: &Fill) {
        self.first = sum(&self.first, &fill.first).unwrap_or(self.first);
        self.second = sum(&self.second, &fill.second).unwrap_or(self.second);
        self.high = self.high.max(fill.rate);
        self.low = self.low.min(fill.rate);
        self.close = fill.rate;
    }

    fn json(&self) -> Value {
        let currency =
            |amount: &Amount| if amount.asset().is_xrp() { "XRP_drops".into() } else { named(amount) };
        json!({
            "close": self.close.to_string(), "currency_a": currency(&self.first),
            "currency_b": currency(&self.second), "high": self.high.to_string(), "low": self.low.to_string(),
            "open": self.open.to_string(), "volume_a": crate::embedded::bare_amount(&self.first),
            "volume_b": crate::embedded::bare_amount(&self.second),
        })
    }
}

/// An asset as this method names it: `issuer/currency`.
fn named(amount: &Amount) -> String {
    match amount.asset() {
        Asset::Issued { currency, issuer } => format!("{issuer}/{currency}"),
        _ => "XRP".to_owned(),
    }
}

fn number(amount: &Amount) -> Option<StAmount> {
    match amount {
        Amount::Xrp(drops) => Some(StAmount::Native(*drops)),
        Amount::Issued { value, .. } => Some(StAmount::Issued(*value)),
        Amount::Mpt { .. } => None,
    }
}

fn difference(before: &Amount, after: &Amount) -> Option<Amount> {
    match (before, after) {
        (Amount::Xrp(before), Amount::Xrp(after)) => before.checked_sub(*after).ok().map(Amount::Xrp),
        (Amount::Issued { value: before, currency, issuer }, Amount::Issued { value: after, .. }) => {
            let value = before.checked_sub(*after).ok()?;
            Some(Amount::Issued { value, currency: *currency, issuer: *issuer })
        }
        _ => None,
    }
}

fn sum(one: &Amount, other: &Amount) -> Option<Amount> {
    match (one, other) {
        (Amount::Xrp(one), Amount::Xrp(other)) => one.checked_add(*other).ok().map(Amount::Xrp),
        (Amount::Issued { value: one, currency, issuer }, Amount::Issued { value: other, .. }) => {
            let value = one.checked_add(*other).ok()?;
            Some(Amount::Issued { value, currency: *currency, issuer: *issuer })
        }
        _ => None,
    }
}
