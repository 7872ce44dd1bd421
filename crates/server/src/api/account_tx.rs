//! `account_tx`: an account's transactions, by pages with a marker, both directions. The answer repeats
//! the range it is about; a range outside the history is refused as API version 2 does.

use serde_json::{Value, json};
use units::LedgerIndex;

use super::errors::ApiError;
use super::params::{AskedLedger, Params};
use super::{Answer, fields, forms};
use crate::embedded::EmbeddedLedger;
use crate::limits::{PAGE_TRANSACTIONS_DEFAULT, PAGE_TRANSACTIONS_MAX};

/// One page of an account's history.
pub(crate) fn account_tx(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let account = params.account()?;
    if params.flag("binary")? {
        return Err(ApiError::not_supported("Binary transactions are not supported."));
    }
    let forward = params.flag("forward")?;
    let limit = params.limit(1, PAGE_TRANSACTIONS_DEFAULT, PAGE_TRANSACTIONS_MAX)?;
    let (from, to) = range(ledger, params)?;
    let marker = marker(params)?;
    let places = ledger.history().of_account(&account);
    let first = places.partition_point(|(index, _)| *index < from.get());
    let end = places.partition_point(|(index, _)| *index <= to.get());
    let places = places.get(first..end).unwrap_or(&[]);
    let resumed =
        |place: &(u32, u32)| marker.is_none_or(|at| if forward { *place >= at } else { *place <= at });
    let ordered: Vec<(u32, u32)> = if forward {
        places.iter().copied().filter(|place| resumed(place)).collect()
    } else {
        places.iter().rev().copied().filter(|place| resumed(place)).collect()
    };
    let page = &ordered[..ordered.len().min(limit as usize)];
    let transactions: Option<Vec<Value>> = page
        .iter()
        .map(|place| forms::account_tx_entry(&ledger.history().found(*place)?, ledger.network_id()))
        .collect();
    let mut answer = fields(json!({
        "account": account.to_string(), "ledger_index_min": from.get(), "ledger_index_max": to.get(),
        "limit": limit, "transactions": transactions.ok_or_else(ApiError::internal)?, "validated": true,
    }));
    if let Some((index, place)) = ordered.get(page.len()) {
        answer.insert("marker".into(), json!({"ledger": index, "seq": place}));
    }
    Ok(answer)
}

/// The range asked, within the history. -1 (or nothing) means its ends.
fn range(ledger: &EmbeddedLedger, params: Params<'_>) -> Result<(LedgerIndex, LedgerIndex), ApiError> {
    let (first, last) = (ledger.first_ledger(), ledger.header().ledger_index);
    let bound = |name: &str| match params.get(name) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(-1) => Ok(None),
            Some(index) => u32::try_from(index)
                .map(|index| Some(LedgerIndex(index)))
                .map_err(|_| ApiError::bad_field(name)),
            None => Err(ApiError::bad_field(name)),
        },
    };
    let named = params.get("ledger_index_min").is_some() || params.get("ledger_index_max").is_some();
    if params.get("ledger_index").is_some() || params.get("ledger_hash").is_some() {
        if named {
            return Err(ApiError::invalid("Invalid parameters."));
        }
        let one = match params.ledger()? {
            AskedLedger::Validated => last,
            AskedLedger::Index(index) => index,
            AskedLedger::Hash(hash) => {
                ledger.history().index_of(&hash).ok_or_else(ApiError::ledger_not_found)?
            }
            AskedLedger::Current => return Err(ApiError::ledger_index_malformed()),
        };
        if one < first || one > last {
            return Err(ApiError::ledger_not_found());
        }
        return Ok((one, one));
    }
    let (min, max) = (bound("ledger_index_min")?, bound("ledger_index_max")?);
    if min.is_some_and(|min| min < first || min > last) || max.is_some_and(|max| max < first || max > last) {
        return Err(ApiError::ledger_index_malformed());
    }
    let (from, to) = (min.unwrap_or(first), max.unwrap_or(last));
    if from > to {
        return Err(ApiError::invalid_range());
    }
    Ok((from, to))
}

fn marker(params: Params<'_>) -> Result<Option<(u32, u32)>, ApiError> {
    let Some(marker) = params.get("marker") else {
        return Ok(None);
    };
    let number = |name: &str| marker.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    match (number("ledger"), number("seq")) {
        (Some(index), Some(place)) => Ok(Some((index, place))),
        _ => Err(ApiError::invalid("invalidMarker")),
    }
}
