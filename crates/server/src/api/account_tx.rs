//! `account_tx`: an account's transactions, by pages with a marker, both directions. The answer repeats the range
//! it is about; a range outside the history is refused in version 2 of the API and shortened in version 1.

use serde_json::{Value, json};
use units::LedgerIndex;

use super::errors::ApiError;
use super::forms::Form;
use super::params::{AskedLedger, Params, as_u32};
use super::{Answer, fields, forms};
use crate::embedded::EmbeddedLedger;
use crate::limits::{PAGE_TRANSACTIONS_BINARY, PAGE_TRANSACTIONS_MAX};

/// One page of an account's history.
pub(crate) fn account_tx(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (binary, forward) = (params.strict_flag("binary")?, params.strict_flag("forward")?);
    let asked = params.limit_asked()?;
    let account = params.account()?;
    let (from, to) = range(ledger, params)?;
    let marker = marker(params)?;
    let places = ledger.history().of_account(&account);
    let first = places.partition_point(|(index, _)| *index < from.get());
    let end = places.partition_point(|(index, _)| *index <= to.get());
    let places = places.get(first..end).unwrap_or(&[]);
    let resumed =
        |place: &(u32, u32)| marker.is_none_or(|at| if forward { *place >= at } else { *place <= at });
    let most = if binary { PAGE_TRANSACTIONS_BINARY } else { PAGE_TRANSACTIONS_MAX };
    let count = asked.map_or(most, |asked| asked.min(most)) as usize;
    let resumed = places.iter().filter(|place| resumed(place));
    // One more than the page: where the next one begins.
    let mut page: Vec<(u32, u32)> = if forward {
        resumed.take(count + 1).copied().collect()
    } else {
        resumed.rev().take(count + 1).copied().collect()
    };
    let next = (page.len() > count).then(|| page.pop()).flatten();
    let form = Form { version: params.version(), binary, network_id: ledger.network_id() };
    let transactions: Option<Vec<Value>> =
        page.iter().map(|place| forms::account_tx_entry(&ledger.history().found(*place)?, form)).collect();
    // The limit comes back as asked, 0 when it was not (recorded).
    let mut answer = fields(json!({
        "account": account.to_string(), "ledger_index_min": from.get(), "ledger_index_max": to.get(),
        "limit": asked.unwrap_or(0), "transactions": transactions.ok_or_else(ApiError::internal)?,
        "validated": true,
    }));
    if let Some((index, place)) = next {
        answer.insert("marker".into(), json!({"ledger": index, "seq": place}));
    }
    Ok(answer)
}

/// The range asked, within the history.
fn range(ledger: &EmbeddedLedger, params: Params<'_>) -> Result<(LedgerIndex, LedgerIndex), ApiError> {
    let (first, last) = (ledger.first_ledger(), ledger.header().ledger_index);
    let ranged = params.has("ledger_index_min") || params.has("ledger_index_max");
    let one = params.has("ledger_index") || params.has("ledger_hash");
    if params.is_v2() && ranged && one {
        return Err(ApiError::invalid("invalidParams"));
    }
    if one && !ranged {
        return single(ledger, params).map(|index| (index, index));
    }
    let (min, max) = (bound(params, "ledger_index_min")?, bound(params, "ledger_index_max")?);
    let outside = max.is_some_and(|max| max > last) || min.is_some_and(|min| min < first && min.get() != 0);
    if params.is_v2() && outside {
        return Err(ApiError::ledger_index_malformed());
    }
    let (from, to) = (min.map_or(first, |min| min.max(first)), max.map_or(last, |max| max.min(last)));
    match (from > to, params.is_v2()) {
        (false, _) => Ok((from, to)),
        (true, true) => Err(ApiError::invalid_range()),
        (true, false) => Err(ApiError::ledger_indexes_invalid()),
    }
}

/// One end of the range; a negative number (or nothing) means the history's.
fn bound(params: Params<'_>, name: &str) -> Result<Option<LedgerIndex>, ApiError> {
    match params.get(name) {
        None => Ok(None),
        Some(value) if value.as_i64().is_some_and(|number| number < 0) => Ok(None),
        Some(value) => {
            as_u32(value).map(|index| Some(LedgerIndex(index))).ok_or_else(|| ApiError::bad_field(name))
        }
    }
}

fn single(ledger: &EmbeddedLedger, params: Params<'_>) -> Result<LedgerIndex, ApiError> {
    let (first, last) = (ledger.first_ledger(), ledger.header().ledger_index);
    let index = match params.ledger()? {
        AskedLedger::Validated => last,
        AskedLedger::Index(index) => index,
        AskedLedger::Hash(hash) => ledger.history().index_of(&hash).ok_or_else(ApiError::ledger_not_found)?,
        AskedLedger::Current => return Err(ApiError::ledger_not_validated()),
    };
    match index {
        index if index == last.plus(1) => Err(ApiError::ledger_not_validated()),
        index if index < first || index > last => Err(ApiError::ledger_not_found()),
        index => Ok(index),
    }
}

fn marker(params: Params<'_>) -> Result<Option<(u32, u32)>, ApiError> {
    let Some(marker) = params.get("marker") else {
        return Ok(None);
    };
    let number = |name: &str| marker.get(name).and_then(as_u32);
    match (number("ledger"), number("seq")) {
        (Some(index), Some(place)) => Ok(Some((index, place))),
        _ => Err(ApiError::invalid(
            "invalid marker. Provide ledger index via ledger field, and transaction sequence number via seq field",
        )),
    }
}
