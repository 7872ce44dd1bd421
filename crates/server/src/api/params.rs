//! Reading a client's parameters: each wrong one is an error answer that names it. Never panics on any
//! JSON.

use ledger::{AccountId, Asset, Currency, Hash256};
use serde_json::{Map, Value};
use units::LedgerIndex;

use super::errors::ApiError;

/// The parameters of one request.
#[derive(Clone, Copy)]
pub(crate) struct Params<'a>(pub(crate) &'a Map<String, Value>);

/// Which ledger a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedLedger {
    /// The open ledger.
    Current,
    /// The newest validated ledger (`validated`, `closed`).
    Validated,
    /// A ledger by number.
    Index(LedgerIndex),
    /// A ledger by hash.
    Hash(Hash256),
}

impl<'a> Params<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The account of the request.
    pub(crate) fn account(&self) -> Result<AccountId, ApiError> {
        let value = self.get("account").ok_or_else(|| ApiError::missing("account"))?;
        let text = value.as_str().ok_or_else(|| ApiError::bad_field("account"))?;
        text.parse().map_err(|_| ApiError::act_malformed())
    }

    /// A boolean; absent is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| ApiError::bad_field(name)),
        }
    }

    /// A number from 0 to 2^32-1.
    pub(crate) fn u32(&self, name: &str) -> Result<Option<u32>, ApiError> {
        let read = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        match self.get(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| ApiError::bad_field(name)),
        }
    }

    /// A limit: absent is `default`, and what is asked is brought into `min..=max`.
    pub(crate) fn limit(&self, min: u32, default: u32, max: u32) -> Result<u32, ApiError> {
        match self.get("limit") {
            None => Ok(default),
            Some(value) => match value.as_u64() {
                Some(0) | None => Err(ApiError::bad_field("limit")),
                Some(asked) => Ok(u32::try_from(asked).unwrap_or(u32::MAX).clamp(min, max)),
            },
        }
    }

    /// The ledger asked about; the open one when none is named.
    pub(crate) fn ledger(&self) -> Result<AskedLedger, ApiError> {
        if let Some(hash) = self.get("ledger_hash") {
            let text = hash.as_str().ok_or_else(|| ApiError::invalid("ledgerHashNotString"))?;
            let hash = text.parse().map_err(|_| ApiError::invalid("ledgerHashMalformed"))?;
            return Ok(AskedLedger::Hash(hash));
        }
        let malformed = || ApiError::invalid("ledgerIndexMalformed");
        match self.get("ledger_index") {
            None => Ok(AskedLedger::Current),
            Some(Value::String(text)) => match text.as_str() {
                "current" => Ok(AskedLedger::Current),
                "validated" | "closed" => Ok(AskedLedger::Validated),
                number => number.parse().map(|n| AskedLedger::Index(LedgerIndex(n))).map_err(|_| malformed()),
            },
            Some(Value::Number(number)) => {
                let index =
                    number.as_u64().and_then(|number| u32::try_from(number).ok()).ok_or_else(malformed)?;
                Ok(AskedLedger::Index(LedgerIndex(index)))
            }
            Some(_) => Err(malformed()),
        }
    }
}

/// An asset as `book_offers` and `subscribe` take it; the errors are those of the taker's side.
pub(crate) fn asset(
    value: &Value,
    currency_malformed: fn() -> ApiError,
    issuer_malformed: fn() -> ApiError,
) -> Result<Asset, ApiError> {
    let map = value.as_object().ok_or_else(|| ApiError::invalid("Invalid field, not object."))?;
    let currency = map.get("currency").ok_or_else(|| ApiError::missing("currency"))?;
    let currency: Currency =
        currency.as_str().and_then(|text| text.parse().ok()).ok_or_else(currency_malformed)?;
    let issuer = match map.get("issuer").filter(|issuer| !issuer.is_null()) {
        None => None,
        Some(issuer) => {
            Some(issuer.as_str().and_then(|text| text.parse().ok()).ok_or_else(issuer_malformed)?)
        }
    };
    Asset::new(currency, issuer).map_err(|_| issuer_malformed())
}

/// The two different assets of a book.
pub(crate) fn book(map: Params<'_>) -> Result<(Asset, Asset), ApiError> {
    let side = |name: &str| map.get(name).ok_or_else(|| ApiError::missing(name));
    let pays = asset(side("taker_pays")?, ApiError::src_cur_malformed, ApiError::src_isr_malformed)?;
    let gets = asset(side("taker_gets")?, ApiError::dst_amt_malformed, ApiError::dst_isr_malformed)?;
    if pays == gets {
        return Err(ApiError::bad_market());
    }
    Ok((gets, pays))
}
