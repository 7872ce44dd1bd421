//! `ledger`: headers, and on request the transactions, of every closed ledger kept.

use serde_json::{Map, Value, json};
use units::LedgerIndex;

use super::errors::ApiError;
use super::params::{AskedLedger, Params};
use super::{Answer, fields, forms};
use crate::embedded::EmbeddedLedger;

/// The header of a ledger; with `transactions` their hashes, with `expand` all of them.
pub(crate) fn ledger(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (transactions, expand) = (params.flag("transactions")?, params.flag("expand")?);
    let owner_funds = params.flag("owner_funds")?;
    if params.flag("binary")? {
        return Err(ApiError::not_supported("Binary ledgers are not supported."));
    }
    let current = ledger.header().ledger_index.plus(1);
    let index = match params.ledger()? {
        AskedLedger::Current => return Ok(open(ledger, current)),
        AskedLedger::Index(index) if index == current => return Ok(open(ledger, current)),
        AskedLedger::Validated => ledger.header().ledger_index,
        AskedLedger::Index(index) => index,
        AskedLedger::Hash(hash) => ledger.history().index_of(&hash).ok_or_else(ApiError::ledger_not_found)?,
    };
    let (header, stored) = ledger.history().ledger(index).ok_or_else(ApiError::ledger_not_found)?;
    let mut header_json = forms::header_json(header);
    if let (true, Some(map)) = (transactions, header_json.as_object_mut()) {
        let list = (0..stored.len()).filter_map(|at| {
            let found = ledger.history().found((index.get(), u32::try_from(at).ok()?))?;
            if expand {
                forms::ledger_entry(&found, owner_funds)
            } else {
                Some(found.tx.hash.to_string().into())
            }
        });
        map.insert("transactions".into(), list.collect::<Vec<Value>>().into());
    }
    Ok(fields(json!({
        "ledger": header_json, "ledger_hash": header.ledger_hash.to_string(),
        "ledger_index": index.get(), "validated": true,
    })))
}

fn open(ledger: &EmbeddedLedger, current: LedgerIndex) -> Map<String, Value> {
    fields(json!({
        "ledger": {
            "closed": false, "ledger_index": current.get(),
            "parent_hash": ledger.header().ledger_hash.to_string(),
        },
        "ledger_current_index": current.get(), "validated": false,
    }))
}
