//! Times as servers write them for people. Never reads a time zone other than UTC.

use units::LedgerTime;

/// The ledger time of an ISO text such as `2026-11-20T23:21:40Z`; `None` when it is not one.
pub fn ledger_time_of_iso(text: &str) -> Option<LedgerTime> {
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
}
