//! `tx`: what became of a transaction (with a range, "not found" says whether all of it was searched), and
//! `transaction_entry`: a transaction of one ledger.

use ledger::Hash256;
use serde_json::Value;
use units::LedgerIndex;

use super::errors::ApiError;
use super::forms::Form;
use super::params::{Params, as_u32};
use super::{Answer, forms, state};
use crate::embedded::EmbeddedLedger;
use crate::limits::TX_RANGE_MAX;

/// Looks a transaction up by its hash or its compact id.
pub(crate) fn tx(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (by_hash, by_ctid) = (params.get("transaction"), params.get("ctid"));
    let form =
        Form { version: params.version(), binary: params.flag("binary"), network_id: ledger.network_id() };
    match (by_hash, by_ctid) {
        (Some(hash), None) => {
            let hash =
                hash.as_str().and_then(|text| text.parse().ok()).ok_or_else(ApiError::not_implemented)?;
            let range = range(params)?;
            let found = ledger.history().by_hash(&hash);
            let within = |index: LedgerIndex| range.is_none_or(|(from, to)| (from..=to).contains(&index));
            if let Some(found) = found.filter(|found| within(found.header.ledger_index)) {
                return forms::tx_answer(&found, form).ok_or_else(ApiError::internal);
            }
            let mut open = ledger.world().open_transactions();
            match open.find(|(waiting, _)| *waiting == hash && range.is_none()) {
                Some((hash, blob)) => forms::tx_open(blob, hash, form).ok_or_else(ApiError::internal),
                None => Err(not_found(ledger, range)),
            }
        }
        (None, Some(ctid)) => {
            let (place, network) = ctid.as_str().and_then(read_ctid).ok_or_else(ApiError::invalid_params)?;
            if u32::from(network) != ledger.network_id() {
                return Err(ApiError::wrong_network().saying(format!(
                    "Wrong network. You should submit this request to a node running on NetworkID: {network}"
                )));
            }
            let found = ledger.history().found(place).ok_or_else(ApiError::txn_not_found)?;
            forms::tx_answer(&found, form).ok_or_else(ApiError::internal)
        }
        _ => Err(ApiError::invalid_params()),
    }
}

/// A transaction of one closed ledger; this method knows no open ledger.
pub(crate) fn transaction_entry(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (closed, mut answer) = match state::lookup_closed(ledger, params)? {
        None => (None, state::lookup(ledger, params)?.1),
        Some(index) => {
            let header = ledger.history().ledger(index).map(|(header, _)| header);
            let header = header.ok_or_else(ApiError::ledger_not_found)?;
            let named = serde_json::json!({
                "ledger_hash": header.ledger_hash.to_string(), "ledger_index": index.get(), "validated": true,
            });
            (Some(index), super::fields(named))
        }
    };
    if !params.has("tx_hash") {
        return Err(ApiError::bare("fieldNotFoundTransaction").within(&answer));
    }
    let Some(index) = closed else {
        return Err(ApiError::bare("notYetImplemented").within(&answer));
    };
    let hash = params.get("tx_hash").and_then(Value::as_str).and_then(|text| text.parse::<Hash256>().ok());
    let hash = hash.ok_or_else(|| ApiError::bare("malformedRequest").within(&answer))?;
    let found = ledger.history().by_hash(&hash).filter(|found| found.header.ledger_index == index);
    let found = found.ok_or_else(|| ApiError::bare("transactionNotFound").within(&answer))?;
    let form = Form { version: params.version(), binary: false, network_id: ledger.network_id() };
    answer.extend(forms::transaction_entry(&found, form).ok_or_else(ApiError::internal)?);
    Ok(answer)
}

/// Both ends or none.
fn range(params: Params<'_>) -> Result<Option<(LedgerIndex, LedgerIndex)>, ApiError> {
    let (Some(from), Some(to)) = (params.get("min_ledger"), params.get("max_ledger")) else {
        return Ok(None);
    };
    let (from, to) = (as_u32(from), as_u32(to));
    let (from, to) = from.zip(to).ok_or_else(ApiError::invalid_range)?;
    match to.checked_sub(from) {
        None => Err(ApiError::invalid_range()),
        Some(length) if length > TX_RANGE_MAX => Err(ApiError::excessive_range()),
        Some(_) => Ok(Some((LedgerIndex(from), LedgerIndex(to)))),
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

/// Ledger, place in it, network of a compact id: `C`, 7 digits, 4 digits, 4 digits.
fn read_ctid(text: &str) -> Option<((u32, u32), u16)> {
    let digits = text.strip_prefix(['C', 'c']).filter(|digits| digits.len() == 15 && digits.is_ascii())?;
    let number = |part: &str| u32::from_str_radix(part, 16).ok();
    let (index, rest) = digits.split_at(7);
    let (place, network) = rest.split_at(4);
    Some(((number(index)?, number(place)?), u16::try_from(number(network)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_ids() {
        assert_eq!(read_ctid("C363B1DD00000000"), Some(((0x0363_B1DD, 0), 0)));
        assert_eq!(read_ctid("c000000700021234"), Some(((7, 2), 0x1234)));
        for bad in ["", "C", "D363B1DD00000000", "C363B1DD0000000", "C363B1DD000000000", "C363B1DD0000000é"]
        {
            assert_eq!(read_ctid(bad), None, "{bad}");
        }
    }
}
