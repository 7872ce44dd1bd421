//! Ledger time: seconds since 2000-01-01T00:00:00Z (XRP Ledger documentation, "Basic Data Types:
//! Specifying Time"). The engine's only clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds between the Unix epoch and the ledger's.
const UNIX_OFFSET: i64 = 946_684_800;

/// A close time or an expiration, in seconds since 2000-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LedgerTime(pub u32);

impl LedgerTime {
    /// The seconds themselves.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// From Unix seconds; `None` before 2000 or after 2136.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Option<LedgerTime> {
        u32::try_from(seconds.checked_sub(UNIX_OFFSET)?).ok().map(LedgerTime)
    }

    /// As Unix seconds.
    #[must_use]
    pub const fn to_unix(self) -> i64 {
        self.0 as i64 + UNIX_OFFSET
    }

    /// `seconds` later; stops at the largest time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u32) -> LedgerTime {
        LedgerTime(self.0.saturating_add(seconds))
    }

    /// Seconds since `earlier`; 0 if this is not later.
    #[must_use]
    pub const fn seconds_since(self, earlier: LedgerTime) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// UTC, ISO 8601 to the second: `2026-03-23T12:00:00Z`, as `close_time_iso` in API v2.
    #[must_use]
    pub fn to_iso(self) -> String {
        self.to_string()
    }
}

impl fmt::Display for LedgerTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unix = self.to_unix();
        let (year, month, day) = civil_from_days(unix.div_euclid(86_400));
        let second = unix.rem_euclid(86_400);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

/// Proleptic Gregorian date of a day number counted from 1970-01-01, by eras of 400 years that
/// begin on 1 March.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_by_table() {
        for (seconds, text) in [
            (0, "2000-01-01T00:00:00Z"),
            (5_097_599, "2000-02-28T23:59:59Z"),
            (5_097_600, "2000-02-29T00:00:00Z"),
            (825_638_431, "2026-03-01T00:00:31Z"),
            (u32::MAX, "2136-02-07T06:28:15Z"),
        ] {
            assert_eq!(LedgerTime(seconds).to_iso(), text);
        }
        assert_eq!(LedgerTime::from_unix(946_684_800), Some(LedgerTime(0)));
        assert_eq!(LedgerTime::from_unix(0), None);
    }
}
