//! Reading fields out of a server's JSON: each missing or wrong field is an error that names it; nothing
//! gets a default amount. Never reads an amount from a JSON float.

use std::str::FromStr;

use ledger::{AccountId, Amount, Hash256};
use serde::de::DeserializeOwned;
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

/// A typed part of an answer. serde's message names the field.
pub(crate) fn typed<T: DeserializeOwned>(of: &'static str, json: Value) -> Result<T, ClientError> {
    serde_json::from_value(json).map_err(|why| ClientError::bad(of, "", why.to_string()))
}

/// The ledger time of an ISO text such as `2026-11-20T23:21:40Z`; `None` when it is not one.
pub(crate) fn ledger_time_of_iso(text: &str) -> Option<LedgerTime> {
    let digits = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if text.len() < 20
        || !text.ends_with('Z')
        || separators.iter().any(|(at, s)| text.get(*at..at + 1) != Some(s))
    {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    LedgerTime::from_unix(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days since 1970-01-01 of a Gregorian date (the usual shift of the year to begin in March).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_of_a_real_server() {
        // From a recording: close_time 848532100 beside close_time_iso 2026-11-20T23:21:40Z.
        assert_eq!(ledger_time_of_iso("2026-11-20T23:21:40Z"), Some(LedgerTime(848_532_100)));
        assert_eq!(ledger_time_of_iso("2000-01-01T00:00:00Z"), Some(LedgerTime(0)));
        assert_eq!(
            ledger_time_of_iso("2024-02-29T12:00:01Z").map(LedgerTime::to_iso),
            Some("2024-02-29T12:00:01Z".into())
        );
        for bad in [
            "",
            "2026-11-20",
            "2026-13-20T23:21:40Z",
            "2026-11-20T23:21:40",
            "é026-11-20T23:21:40Z",
            "1999-12-31T23:59:59Z",
        ] {
            assert_eq!(ledger_time_of_iso(bad), None, "{bad}");
        }
    }

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
