//! Which ledger's state an answer is about, as every method of the server begins. The state is kept of the open
//! and of the newest validated ledger; of older ledgers there are headers and transactions only.

use ledger::AccountId;
use serde_json::{Map, Value, json};
use sim::world::At;
use units::LedgerIndex;

use super::errors::ApiError;
use super::fields;
use super::params::{AskedLedger, Params};
use crate::embedded::EmbeddedLedger;

/// The state asked about, and the beginning of the answer, which names it.
pub(crate) fn lookup(
    ledger: &EmbeddedLedger,
    params: Params<'_>,
) -> Result<(At, Map<String, Value>), ApiError> {
    let header = ledger.header();
    let at = match params.ledger()? {
        AskedLedger::Current => At::Current,
        AskedLedger::Validated => At::Validated,
        AskedLedger::Index(index) if index == header.ledger_index => At::Validated,
        AskedLedger::Index(index) if index == header.ledger_index.plus(1) => At::Current,
        AskedLedger::Hash(hash) if hash == header.ledger_hash => At::Validated,
        AskedLedger::Index(_) | AskedLedger::Hash(_) => return Err(ApiError::ledger_not_found()),
    };
    let named = match at {
        At::Current => {
            json!({ "ledger_current_index": header.ledger_index.plus(1).get(), "validated": false })
        }
        At::Validated => json!({
            "ledger_hash": header.ledger_hash.to_string(), "ledger_index": header.ledger_index.get(),
            "validated": true,
        }),
    };
    Ok((at, fields(named)))
}

/// The closed ledger asked about; `None` for the open one.
pub(crate) fn lookup_closed(
    ledger: &EmbeddedLedger,
    params: Params<'_>,
) -> Result<Option<LedgerIndex>, ApiError> {
    let newest = ledger.header().ledger_index;
    let index = match params.ledger()? {
        AskedLedger::Current => return Ok(None),
        AskedLedger::Index(index) if index == newest.plus(1) => return Ok(None),
        AskedLedger::Validated => newest,
        AskedLedger::Index(index) => index,
        AskedLedger::Hash(hash) => ledger.history().index_of(&hash).ok_or_else(ApiError::ledger_not_found)?,
    };
    ledger.history().ledger(index).map(|_| Some(index)).ok_or_else(ApiError::ledger_not_found)
}

/// The account of a request about its state. A wrong address is told within the ledger's name, an unknown one
/// without it, as the server does.
pub(crate) fn existing_account(
    ledger: &EmbeddedLedger,
    at: At,
    text: Option<&str>,
    named: &Map<String, Value>,
) -> Result<AccountId, ApiError> {
    let account = text.and_then(|text| text.parse().ok());
    let account: AccountId = account.ok_or_else(|| ApiError::act_malformed().within(named))?;
    match ledger.world().account_root(at, account) {
        Some(_) => Ok(account),
        None => Err(ApiError::act_not_found()),
    }
}
