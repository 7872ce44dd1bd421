//! `neo tx explain`: what a validated transaction did to balances and offers, for programs and for people. Never asks
//! which type of transaction it was, and never says more than its metadata shows.

mod record;
mod words;

use super::{Refusal, document};
use ledger::{Amount, OfferChange, balance_changes, offer_changes};
use record::Record;
use serde::Serialize;
use serde_json::Value as Json;

/// The explanation of a document, in one line of JSON.
pub fn answer(text: &str) -> Result<String, Refusal> {
    let record = Record::read(&document::json(text)?)?;
    Ok(serde_json::to_string(&Explanation::of(record))?)
}

/// The explanation of a document, in plain words.
pub fn in_words(text: &str) -> Result<String, Refusal> {
    Ok(words::of(&Record::read(&document::json(text)?)?))
}

/// What programs rely on; what follows `offer_changes` is there where the document says so.
#[derive(Serialize)]
struct Explanation {
    format: u8,
    hash: Option<String>,
    result: String,
    fee_drops: Option<String>,
    balance_changes: Vec<Account>,
    offer_changes: Vec<Offer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_amount: Option<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct Account {
    account: String,
    balances: Vec<Balance>,
}

#[derive(Serialize)]
struct Balance {
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    value: String,
}

#[derive(Serialize)]
struct Offer {
    account: String,
    sequence: u32,
    status: String,
    taker_gets: Json,
    taker_pays: Json,
    filled_gets: Json,
    filled_pays: Json,
    remaining_gets: Json,
    remaining_pays: Json,
}

impl Explanation {
    fn of(record: Record) -> Explanation {
        let offers = offer_changes(&record.meta, record.tx.as_ref(), record.parent_close);
        Explanation {
            format: 1,
            fee_drops: record.fee().map(|fee| fee.to_string()),
            balance_changes: accounts(&record),
            offer_changes: offers.iter().map(Offer::of).collect(),
            ledger_index: record.ledger_index,
            validated: record.validated,
            delivered_amount: record.meta.delivered_amount.as_ref().map(Amount::to_json),
            hash: record.hash.map(|hash| hash.to_string()),
            result: record.result,
            unknown: record.unknown,
        }
    }
}

fn accounts(record: &Record) -> Vec<Account> {
    let changes = balance_changes(&record.meta).into_iter();
    let balance = |change: &ledger::meta::BalanceChange| Balance {
        currency: change.line.map_or_else(|| "XRP".to_owned(), |(currency, _)| currency.to_string()),
        issuer: change.line.map(|(_, party)| party.to_string()),
        value: change.delta.to_string(),
    };
    changes
        .map(|changes| Account {
            account: changes.account.to_string(),
            balances: changes.balances.iter().map(balance).collect(),
        })
        .collect()
}

impl Offer {
    fn of(change: &OfferChange) -> Offer {
        Offer {
            account: change.account.to_string(),
            sequence: change.sequence,
            status: change.status.to_string(),
            taker_gets: change.taker_gets.to_json(),
            taker_pays: change.taker_pays.to_json(),
            filled_gets: change.filled_gets.to_json(),
            filled_pays: change.filled_pays.to_json(),
            remaining_gets: change.remaining_gets.to_json(),
            remaining_pays: change.remaining_pays.to_json(),
        }
    }
}
