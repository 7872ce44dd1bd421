//! One value of another program's table as a value of ours. Amounts that were binary floating point come over as the
//! shortest decimal that names the same number; times become UTC to the second. Never makes a value up.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use rusqlite::types::{Value, ValueRef};

/// What a column of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, also of numbers.
    Text,
    /// One word of a closed set: lower case.
    Word,
    /// UTC, ISO 8601, to the second.
    Time,
    /// A whole number.
    Integer,
}

impl Kind {
    /// By the column's name and declared type, as the tables of this crate are written.
    pub(super) fn of(name: &str, declared: &str) -> Option<Kind> {
        match declared {
            "INTEGER" => Some(Kind::Integer),
            "TEXT" if name.ends_with("_at") => Some(Kind::Time),
            "TEXT" if matches!(name, "side" | "status") => Some(Kind::Word),
            "TEXT" => Some(Kind::Text),
            _ => None,
        }
    }

    /// The value, or what it should have been. NULL stays NULL.
    pub(super) fn convert(self, value: ValueRef<'_>) -> Result<Value, &'static str> {
        let text = match value {
            ValueRef::Null => return Ok(Value::Null),
            ValueRef::Integer(number) if self == Kind::Integer => return Ok(Value::Integer(number)),
            ValueRef::Integer(number) => number.to_string(),
            // Rust writes the shortest decimal that reads back to the same number, without an exponent.
            ValueRef::Real(number) if number.is_finite() => number.to_string(),
            ValueRef::Real(_) => return Err("a finite number"),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| "UTF-8 text")?.trim().to_owned(),
            ValueRef::Blob(_) => return Err("text or a number"),
        };
        match self {
            Kind::Text => Ok(Value::Text(text)),
            Kind::Word => Ok(Value::Text(text.to_lowercase().replace([' ', '-'], "_"))),
            Kind::Time => time(&text).map(Value::Text).ok_or("a time"),
            Kind::Integer => text.parse().map(Value::Integer).map_err(|_| "a whole number"),
        }
    }
}

/// Unix seconds (whole or not), or a date with a time; without an offset it is UTC.
fn time(text: &str) -> Option<String> {
    let seconds = text.split_once('.').map_or(text, |(whole, _)| whole);
    let moment = if let Ok(unix) = seconds.parse::<i64>() {
        Timestamp::from_second(unix).ok()?
    } else if let Ok(moment) = text.parse::<Timestamp>() {
        moment
    } else {
        Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?
    };
    Timestamp::from_second(moment.as_second()).ok().map(|moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_table() {
        let text = |text: &str| Ok(Value::Text(text.to_owned()));
        for (kind, value, expected) in [
            (Kind::Text, ValueRef::Real(0.1), text("0.1")),
            (Kind::Text, ValueRef::Real(60.0), text("60")),
            (Kind::Text, ValueRef::Real(1e-7), text("0.0000001")),
            (Kind::Text, ValueRef::Real(1e21), text("1000000000000000000000")),
            (Kind::Text, ValueRef::Integer(7), text("7")),
            (Kind::Text, ValueRef::Text(b" 1.50 "), text("1.50")),
            (Kind::Text, ValueRef::Real(f64::INFINITY), Err("a finite number")),
            (Kind::Text, ValueRef::Blob(b"x"), Err("text or a number")),
            (Kind::Text, ValueRef::Text(&[0xff]), Err("UTF-8 text")),
            (Kind::Word, ValueRef::Text(b"PARTIALLY FILLED"), text("partially_filled")),
            (Kind::Integer, ValueRef::Text(b"12"), Ok(Value::Integer(12))),
            (Kind::Integer, ValueRef::Real(12.0), Ok(Value::Integer(12))),
            (Kind::Integer, ValueRef::Real(12.5), Err("a whole number")),
            (Kind::Time, ValueRef::Null, Ok(Value::Null)),
            (Kind::Time, ValueRef::Text(b"2026-03-22 03:04:05.678901"), text("2026-03-22T03:04:05Z")),
            (Kind::Time, ValueRef::Text(b"2026-03-22T05:04:05+02:00"), text("2026-03-22T03:04:05Z")),
            (Kind::Time, ValueRef::Text(b"2026-03-22T03:04:05Z"), text("2026-03-22T03:04:05Z")),
            (Kind::Time, ValueRef::Real(1_774_148_645.25), text("2026-03-22T03:04:05Z")),
            (Kind::Time, ValueRef::Integer(1_774_148_645), text("2026-03-22T03:04:05Z")),
            (Kind::Time, ValueRef::Text(b"yesterday"), Err("a time")),
        ] {
            assert_eq!(kind.convert(value), expected, "{kind:?} {value:?}");
        }
    }
}
