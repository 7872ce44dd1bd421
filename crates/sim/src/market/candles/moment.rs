//! When a candle begins: a whole number of seconds, milliseconds or microseconds, told apart by their size, or a date.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use units::LedgerTime;

/// Time that must be left after a candle, in seconds: it is walked to its end, and offers expire later still.
const ROOM_SECONDS: i64 = 86_400;
/// The year 2000 in seconds; the ledger's last second is below six times as much, so the units cannot be confused.
const FIRST_SECONDS: i64 = 946_684_800;

/// What a cell of the time's column may say.
pub(super) const NEEDED: &str =
    "needed: milliseconds, seconds or microseconds since 1970, or UTC as `2026-03-22 03:04:00`";

/// What is wrong with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMoment {
    /// No time at all.
    Text,
    /// One outside the ledger's years.
    Years,
}

/// Milliseconds since 1970-01-01T00:00:00Z. A date without an offset is UTC.
pub(super) fn parse(text: &str) -> Result<i64, NoMoment> {
    let ms = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        let number: i64 = text.parse().map_err(|_| NoMoment::Years)?;
        if number >= FIRST_SECONDS * 1_000_000 {
            number / 1_000
        } else if number >= FIRST_SECONDS * 1_000 {
            number
        } else {
            number.checked_mul(1_000).ok_or(NoMoment::Years)?
        }
    } else if let Ok(moment) = text.parse::<Timestamp>() {
        moment.as_millisecond()
    } else {
        let civil: DateTime = text.parse().map_err(|_| NoMoment::Text)?;
        Offset::UTC.to_timestamp(civil).map_err(|_| NoMoment::Years)?.as_millisecond()
    };
    let second = ms.div_euclid(1_000);
    let fits = |second: Option<i64>| second.and_then(LedgerTime::from_unix).is_some();
    if fits(Some(second)) && fits(second.checked_add(ROOM_SECONDS)) { Ok(ms) } else { Err(NoMoment::Years) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_by_table() {
        for (text, expected) in [
            ("1774148640000", Ok(1_774_148_640_000)),
            ("1774148640", Ok(1_774_148_640_000)),
            ("1774148640000000", Ok(1_774_148_640_000)),
            ("2026-03-22 03:04:00", Ok(1_774_148_640_000)),
            ("2026-03-22T03:04:00Z", Ok(1_774_148_640_000)),
            ("2026-03-22 05:04:00+02:00", Ok(1_774_148_640_000)),
            ("2026-03-22T03:04:00.250Z", Ok(1_774_148_640_250)),
            ("2026-03-22", Ok(1_774_137_600_000)),
            ("2026-02-30 03:04:00", Err(NoMoment::Text)),
            ("1999-12-31 23:59:59", Err(NoMoment::Years)),
            ("", Err(NoMoment::Text)),
            ("-1774148640000", Err(NoMoment::Text)),
            ("17741486400.5", Err(NoMoment::Text)),
            ("0", Err(NoMoment::Years)),
            ("99999999999999999999", Err(NoMoment::Years)),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
