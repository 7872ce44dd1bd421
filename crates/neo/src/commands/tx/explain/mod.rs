//! `neo tx explain`: what a validated transaction did, for programs and for people. Never asks which type of
//! transaction it was to say what changed, and never says more than its metadata shows.

mod parts;
mod words;

use super::{Refusal, document};
use ledger::meta::{created_entries, deleted_entries};
use ledger::{Amount, OfferChange, TxRecord, balance_changes};
use serde::Serialize;
use serde_json::Value as Json;

/// The explanation of a document, in one line of JSON.
pub fn answer(text: &str) -> Result<String, Refusal> {
    Ok(serde_json::to_string(&Explanation::of(read(text)?))?)
}

/// The explanation of a document, in plain words.
pub fn in_words(text: &str) -> Result<String, Refusal> {
    Ok(words::of(&read(text)?))
}

/// A document, or bare metadata in hexadecimal.
fn read(text: &str) -> Result<TxRecord, Refusal> {
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let json = if is_hex { Json::String(text.to_owned()) } else { document::json(text)? };
    Ok(TxRecord::read(&json)?)
}

/// What programs rely on; what follows `offer_changes` is there where there is something to say.
#[derive(Serialize)]
struct Explanation {
    format: u8,
    hash: Option<String>,
    result: String,
    fee_drops: Option<String>,
    balance_changes: Vec<Account>,
    offer_changes: Vec<Offer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_payer: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pool_changes: Vec<parts::Pool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mpt_changes: Vec<parts::Mpt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    escrow_changes: Vec<parts::Escrow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    channel_changes: Vec<parts::Channel>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    created: Vec<parts::Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<parts::Entry>,
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
    fn of(record: TxRecord) -> Explanation {
        let fee = record.fee_paid();
        let meta = &record.meta;
        Explanation {
            format: 1,
            fee_drops: fee.map(|paid| paid.fee.to_string()),
            balance_changes: accounts(&record),
            offer_changes: record.offer_changes().iter().map(Offer::of).collect(),
            other_hash: record.other_hash().map(|hash| hash.to_string()),
            fee_payer: fee.map(|paid| paid.payer.to_string()),
            pool_changes: parts::pools(meta),
            mpt_changes: parts::tokens(meta),
            escrow_changes: parts::escrows(meta),
            channel_changes: parts::channels(meta),
            created: parts::entries(&record, &created_entries(meta)),
            deleted: parts::entries(&record, &deleted_entries(meta)),
            ledger_index: record.ledger_index,
            validated: record.validated,
            delivered_amount: record.delivered().as_ref().map(Amount::to_json),
            hash: record.hash.map(|hash| hash.to_string()),
            result: record.result,
            unknown: record.unknown,
        }
    }
}

fn accounts(record: &TxRecord) -> Vec<Account> {
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
