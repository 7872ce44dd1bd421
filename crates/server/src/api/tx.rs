//! `tx`: what became of a transaction. With a range, "not found" says whether all of it was searched.

use ledger::Hash256;
use units::LedgerIndex;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields, forms};
use crate::embedded::EmbeddedLedger;
use crate::limits::TX_RANGE_MAX;

/// Looks a transaction up by its hash.
pub(crate) fn tx(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text = params.get("transaction").ok_or_else(|| ApiError::missing("transaction"))?;
    let hash: Hash256 =
        text.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| ApiError::bad_field("transaction"))?;
    if params.flag("binary")? {
        return Err(ApiError::not_supported("Binary transactions are not supported."));
    }
    let range = range(params)?;
    let found = ledger.history().by_hash(&hash);
    let within = |index: LedgerIndex| range.is_none_or(|(from, to)| (from..=to).contains(&index));
    match found.filter(|found| within(found.header.ledger_index)) {
        Some(found) => {
            let answer = forms::tx_answer(&found, ledger.network_id()).ok_or_else(ApiError::internal)?;
            Ok(fields(answer))
        }
        None => Err(not_found(ledger, range)),
    }
}

fn range(params: Params<'_>) -> Result<Option<(LedgerIndex, LedgerIndex)>, ApiError> {
    match (params.u32("min_ledger")?, params.u32("max_ledger")?) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if to < from => Err(ApiError::invalid_range()),
        (Some(from), Some(to)) if to - from > TX_RANGE_MAX => Err(ApiError::excessive_range()),
        (Some(from), Some(to)) => Ok(Some((LedgerIndex(from), LedgerIndex(to)))),
        _ => Err(ApiError::invalid_range()),
    }
}

/// `searched_all` only when a range was asked and every ledger of it is here.
fn not_found(ledger: &EmbeddedLedger, range: Option<(LedgerIndex, LedgerIndex)>) -> ApiError {
    let error = ApiError::txn_not_found();
    match range {
        None => error,
        Some((from, to)) => {
            let all = from >= ledger.first_ledger() && to <= ledger.header().ledger_index;
            error.with("searched_all", all)
        }
    }
}
