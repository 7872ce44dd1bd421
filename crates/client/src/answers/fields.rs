//! Reading fields out of a server's JSON: each missing or wrong field is an error that names it; nothing
//! gets a default amount. Never reads an amount from a JSON float.

use std::str::FromStr;

use ledger::{AccountId, Amount, Hash256};
use serde_json::Value;
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

use crate::error::ClientError;

/// A JSON object being read, with the words for an error message.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    of: &'static str,
    json: &'a Value,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(of: &'static str, json: &'a Value) -> Self {
        Self { of, json }
    }

    pub(crate) fn bad(&self, field: &str, why: impl std::fmt::Display) -> ClientError {
        ClientError::bad(self.of, field, why.to_string())
    }

    pub(crate) fn get(&self, field: &str) -> Option<&'a Value> {
        self.json.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn need(&self, field: &str) -> Result<&'a Value, ClientError> {
        self.get(field).ok_or_else(|| self.bad(field, "missing"))
    }

    pub(crate) fn object(&self, field: &'static str) -> Result<Fields<'a>, ClientError> {
        let json = self.need(field)?;
        if !json.is_object() {
            return Err(self.bad(field, "not an object"));
        }
        Ok(Self { of: self.of, json })
    }

    pub(crate) fn array(&self, field: &str) -> Result<&'a Vec<Value>, ClientError> {
        self.need(field)?.as_array().ok_or_else(|| self.bad(field, "not an array"))
    }

    pub(crate) fn text(&self, field: &str) -> Result<&'a str, ClientError> {
        self.need(field)?.as_str().ok_or_else(|| self.bad(field, "not a string"))
    }

    pub(crate) fn text_or_none(&self, field: &str) -> Option<&'a str> {
        self.get(field).and_then(Value::as_str)
    }

    /// A string parsed into `T`.
    pub(crate) fn parsed<T>(&self, field: &str) -> Result<T, ClientError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.text(field)?.parse().map_err(|why| self.bad(field, why))
    }

    pub(crate) fn parsed_or_none<T>(&self, field: &str) -> Result<Option<T>, ClientError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.get(field).map(|_| self.parsed(field)).transpose()
    }

    pub(crate) fn flag(&self, field: &str) -> bool {
        self.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn u32(&self, field: &str) -> Result<u32, ClientError> {
        let number = self.need(field)?.as_u64().ok_or_else(|| self.bad(field, "not a whole number"))?;
        u32::try_from(number).map_err(|why| self.bad(field, why))
    }

    pub(crate) fn u32_or_none(&self, field: &str) -> Result<Option<u32>, ClientError> {
        self.get(field).map(|_| self.u32(field)).transpose()
    }

    pub(crate) fn u64_or_none(&self, field: &str) -> Result<Option<u64>, ClientError> {
        let number = |value: &Value| value.as_u64().ok_or_else(|| self.bad(field, "not a whole number"));
        self.get(field).map(number).transpose()
    }

    pub(crate) fn i64(&self, field: &str) -> Result<i64, ClientError> {
        self.need(field)?.as_i64().ok_or_else(|| self.bad(field, "not a whole number"))
    }

    pub(crate) fn index(&self, field: &str) -> Result<LedgerIndex, ClientError> {
        self.u32(field).map(LedgerIndex)
    }

    pub(crate) fn time(&self, field: &str) -> Result<LedgerTime, ClientError> {
        self.u32(field).map(LedgerTime)
    }

    pub(crate) fn hash(&self, field: &str) -> Result<Hash256, ClientError> {
        self.parsed(field)
    }

    pub(crate) fn account(&self, field: &str) -> Result<AccountId, ClientError> {
        self.parsed(field)
    }

    /// Drops given as a whole JSON number or as a string of digits.
    pub(crate) fn drops(&self, field: &str) -> Result<Drops, ClientError> {
        let value = self.need(field)?;
        let number = match value {
            Value::String(text) => text.parse::<i64>().map_err(|why| self.bad(field, why))?,
            _ => value.as_i64().ok_or_else(|| self.bad(field, "not a whole number of drops"))?,
        };
        Drops::new(number).map_err(|why| self.bad(field, why))
    }

    pub(crate) fn amount(&self, field: &str) -> Result<Amount, ClientError> {
        Amount::from_json(self.need(field)?).map_err(|why| self.bad(field, why))
    }

    pub(crate) fn issued(&self, field: &str) -> Result<IssuedValue, ClientError> {
        self.parsed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_never_from_a_float() {
        let json = serde_json::json!({"a": "12", "b": 12, "c": 1.5, "d": "1.5", "e": null});
        let fields = Fields::of("test", &json);
        assert_eq!(fields.drops("a").unwrap().get(), 12);
        assert_eq!(fields.drops("b").unwrap().get(), 12);
        for field in ["c", "d", "e", "f"] {
            assert!(fields.drops(field).is_err(), "{field}");
        }
    }
}
