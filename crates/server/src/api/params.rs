//! Reading a client's parameters as the reference server does: what it takes leniently in version 1 of the
//! API is lenient here, and each wrong one is an error answer that names it. Never panics on any JSON.

use ledger::{AccountId, Asset, Currency, Hash256};
use serde_json::{Map, Value};
use units::LedgerIndex;

use super::errors::ApiError;

/// The versions of the API, as the server's clients name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ApiVersion {
    /// What a client gets that names none.
    V1,
    /// `tx_json`, `hash` beside it, `ledger_index` a number.
    V2,
}

/// Who puts a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Anybody.
    Guest,
    /// Somebody on the machine of a standalone server, whom it takes for its administrator.
    Admin,
}

/// The parameters of one request, and the version of the API it is put in.
#[derive(Clone, Copy)]
pub(crate) struct Params<'a> {
    fields: &'a Map<String, Value>,
    version: ApiVersion,
    role: Role,
}

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
    pub(crate) fn new(fields: &'a Map<String, Value>, version: ApiVersion, role: Role) -> Self {
        Self { fields, version, role }
    }

    /// Whether the administrator asks.
    pub(crate) fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether the newer forms are asked for.
    pub(crate) fn is_v2(&self) -> bool {
        self.version == ApiVersion::V2
    }

    /// The version of the API.
    pub(crate) fn version(&self) -> ApiVersion {
        self.version
    }

    /// The parameters of an object within this request.
    pub(crate) fn of(&self, fields: &'a Map<String, Value>) -> Self {
        Self { fields, ..*self }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Whether it is there, `null` included.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A text that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, ApiError> {
        let value = self.get(name).ok_or_else(|| ApiError::missing(name))?;
        value.as_str().ok_or_else(|| ApiError::bad_field(name))
    }

    /// The account of the request.
    pub(crate) fn account(&self) -> Result<AccountId, ApiError> {
        self.text("account")?.parse().map_err(|_| ApiError::act_malformed())
    }

    /// A yes or no as the server reads it: absent, `false`, 0 and what is empty are no.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.fields.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(yes)) => *yes,
            Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
        }
    }

    /// The same, where version 2 takes a boolean only.
    pub(crate) fn strict_flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.fields.get(name) {
            Some(value) if self.is_v2() => value.as_bool().ok_or_else(|| ApiError::bad_field(name)),
            _ => Ok(self.flag(name)),
        }
    }

    /// A limit: absent is `default`, and what is asked is brought into `min..=max`.
    pub(crate) fn limit(&self, min: u32, default: u32, max: u32) -> Result<u32, ApiError> {
        Ok(self.limit_asked()?.map_or(default, |asked| asked.clamp(min, max)))
    }

    /// A limit as asked.
    pub(crate) fn limit_asked(&self) -> Result<Option<u32>, ApiError> {
        match self.get("limit") {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                None => Err(ApiError::expected("limit", "unsigned integer")),
                Some(0) => Err(ApiError::bad_field("limit")),
                Some(asked) => Ok(Some(u32::try_from(asked).unwrap_or(u32::MAX))),
            },
        }
    }

    /// The ledger asked about; the open one when none is named.
    pub(crate) fn ledger(&self) -> Result<AskedLedger, ApiError> {
        let legacy = self.get("ledger");
        let is_hash = |value: &Value| value.as_str().is_some_and(|text| text.len() > 12);
        let hash = self.get("ledger_hash").or_else(|| legacy.filter(|value| is_hash(value)));
        if let Some(hash) = hash {
            let text = hash.as_str().ok_or_else(|| ApiError::invalid("ledgerHashNotString"))?;
            let hash = text.parse().map_err(|_| ApiError::invalid("ledgerHashMalformed"))?;
            return Ok(AskedLedger::Hash(hash));
        }
        let malformed = || ApiError::invalid("ledgerIndexMalformed");
        match self.get("ledger_index").or(legacy) {
            None => Ok(AskedLedger::Current),
            Some(Value::String(text)) => match text.as_str() {
                "current" | "" => Ok(AskedLedger::Current),
                "validated" | "closed" => Ok(AskedLedger::Validated),
                number => number.parse().map(|n| AskedLedger::Index(LedgerIndex(n))).map_err(|_| malformed()),
            },
            Some(value) => as_u32(value).map(|n| AskedLedger::Index(LedgerIndex(n))).ok_or_else(malformed),
        }
    }
}

/// A number from 0 to 2^32-1, or a text of one.
pub(crate) fn as_u32(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The two different assets of a book as `subscribe` takes it: (taker gets, taker pays).
pub(crate) fn book(map: Params<'_>) -> Result<(Asset, Asset), ApiError> {
    let side = |name: &str| {
        map.get(name)
            .and_then(Value::as_object)
            .map(|fields| map.of(fields))
            .ok_or_else(ApiError::invalid_params)
    };
    let (pays, gets) = (side("taker_pays")?, side("taker_gets")?);
    let pays = asset(pays, ApiError::src_cur_malformed, ApiError::src_isr_malformed)?;
    let gets = asset(gets, ApiError::dst_amt_malformed, ApiError::dst_isr_malformed)?;
    if pays == gets {
        return Err(ApiError::bad_market());
    }
    Ok((gets, pays))
}

/// An asset; the errors are those of its side.
pub(crate) fn asset(
    fields: Params<'_>,
    currency_malformed: impl Fn() -> ApiError,
    issuer_malformed: impl Fn() -> ApiError,
) -> Result<Asset, ApiError> {
    let currency = fields.get("currency").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let currency: Currency = currency.ok_or_else(currency_malformed)?;
    let issuer = match fields.get("issuer") {
        None => None,
        Some(issuer) => {
            let issuer = issuer.as_str().and_then(|text| text.parse().ok());
            Some(issuer.ok_or_else(&issuer_malformed)?)
        }
    };
    if issuer == Some(AccountId::ONE) {
        return Err(issuer_malformed());
    }
    Asset::new(currency, issuer).map_err(|_| issuer_malformed())
}
