//! What can be asked: which ledger, which streams. Only builds parameters; never sends.

use ledger::{AccountId, Asset};
use serde_json::{Map, Value, json};
use units::LedgerIndex;

/// Which ledger a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerSpec {
    /// The newest validated one.
    Validated,
    /// The open one: preliminary, never a fact.
    Current,
    /// This one and no other.
    Index(LedgerIndex),
}

impl LedgerSpec {
    pub(crate) fn json(self) -> Value {
        match self {
            Self::Validated => "validated".into(),
            Self::Current => "current".into(),
            Self::Index(index) => index.get().into(),
        }
    }
}

/// What to subscribe to. Whole ledgers need `ledger` and `transactions`: only the full transaction stream
/// can be checked against `txn_count`; accounts and books are for watching without the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// `ledgerClosed` messages.
    pub ledger: bool,
    /// Every validated transaction.
    pub transactions: bool,
    /// Transactions that touch these accounts.
    pub accounts: Vec<AccountId>,
    /// Transactions that touch offers between these two assets, in both directions.
    pub books: Vec<(Asset, Asset)>,
}

impl Subscription {
    /// All that whole ledgers need.
    pub fn whole_ledgers() -> Self {
        Self { ledger: true, transactions: true, ..Self::default() }
    }

    pub(crate) fn json(&self) -> Value {
        let mut params = Map::new();
        let streams: Vec<&str> = [(self.ledger, "ledger"), (self.transactions, "transactions")]
            .into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
            .collect();
        if !streams.is_empty() {
            params.insert("streams".into(), json!(streams));
        }
        if !self.accounts.is_empty() {
            let accounts: Vec<String> = self.accounts.iter().map(ToString::to_string).collect();
            params.insert("accounts".into(), json!(accounts));
        }
        if !self.books.is_empty() {
            let books: Vec<Value> = self
                .books
                .iter()
                .map(|(one, other)| {
                    json!({"taker_gets": asset_json(one), "taker_pays": asset_json(other), "both": true})
                })
                .collect();
            params.insert("books".into(), json!(books));
        }
        Value::Object(params)
    }
}

/// An asset as the APIs take it: `{"currency": "XRP"}` or currency and issuer.
pub(crate) fn asset_json(asset: &Asset) -> Value {
    match asset {
        Asset::Xrp => json!({"currency": "XRP"}),
        Asset::Issued { currency, issuer } => {
            json!({"currency": currency.to_string(), "issuer": issuer.to_string()})
        }
        Asset::Mpt(id) => json!({"mpt_issuance_id": id.to_string()}),
    }
}
