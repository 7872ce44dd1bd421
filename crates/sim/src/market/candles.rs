//! Minute candles from CSV text (`ts_ms,open,high,low,close,volume`). Refuses rather than repairs.

use ledger::text::printable;
use serde::{Deserialize, Serialize};
use units::{LedgerTime, Price};

/// One row: prices of a stretch of time that begins at `ts_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candle {
    /// When it begins, milliseconds since 1970-01-01T00:00:00Z.
    pub ts_ms: i64,
    /// First price, quote units per XRP.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
}

/// Why a text is no list of candles. Every row error names its line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CandleError {
    /// A row that does not have its six columns.
    #[error("line {line}: {found} columns where six are needed (ts_ms,open,high,low,close,volume)")]
    Columns {
        /// Line number.
        line: usize,
        /// Columns found.
        found: usize,
    },
    /// A value that is not a positive decimal (or, for the time, not a whole number).
    #[error("line {line}: `{column}` is not acceptable: `{text}`")]
    Value {
        /// Line number.
        line: usize,
        /// Column name.
        column: &'static str,
        /// What stood there, fit for a terminal (at most 40 characters of it).
        text: String,
    },
    /// `low` is not the lowest or `high` not the highest of the four.
    #[error("line {line}: low <= open, close <= high does not hold")]
    Range {
        /// Line number.
        line: usize,
    },
    /// A time that, with a day after it, is no ledger time (the years 2000 to 2136).
    #[error("line {line}: the time {ts_ms} is not in the years that a ledger can tell (2000 to 2136)")]
    Time {
        /// Line number.
        line: usize,
        /// What stood there.
        ts_ms: i64,
    },
    /// A time not after the one before.
    #[error("line {line}: time is not after that of the row before")]
    Order {
        /// Line number.
        line: usize,
    },
    /// Fewer than two rows.
    #[error("line {line}: the file ends with {rows} rows; at least two are needed")]
    TooFew {
        /// Last line number.
        line: usize,
        /// Rows found.
        rows: usize,
    },
}

/// Time that must be left after a candle, in seconds: it is walked to its end, and offers expire later still.
const ROOM_SECONDS: i64 = 86_400;
/// Characters of a cell that a message shows.
const SHOWN_MAX: usize = 40;
const COLUMNS: [&str; 6] = ["ts_ms", "open", "high", "low", "close", "volume"];

/// Reads a whole file. A first line of column names is optional, blank lines are passed over.
///
/// # Errors
/// [`CandleError`] with the number of the first line that is wrong.
pub fn parse(text: &str) -> Result<Vec<Candle>, CandleError> {
    let mut candles: Vec<Candle> = Vec::new();
    let mut last_line = 0;
    for (index, row) in text.lines().enumerate() {
        let line = index + 1;
        last_line = line;
        let row = row.trim().trim_start_matches('\u{feff}');
        if row.is_empty() || (index == 0 && row.starts_with("ts")) {
            continue;
        }
        let candle = parse_row(row, line)?;
        if candles.last().is_some_and(|before| before.ts_ms >= candle.ts_ms) {
            return Err(CandleError::Order { line });
        }
        candles.push(candle);
    }
    if candles.len() < 2 {
        return Err(CandleError::TooFew { line: last_line, rows: candles.len() });
    }
    Ok(candles)
}

fn parse_row(row: &str, line: usize) -> Result<Candle, CandleError> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let [ts, open, high, low, close, volume] = cells.as_slice() else {
        return Err(CandleError::Columns { line, found: cells.len() });
    };
    let refused = |column: usize, text: &str| CandleError::Value {
        line,
        column: COLUMNS.get(column).copied().unwrap_or("?"),
        text: printable(text, SHOWN_MAX),
    };
    let price = |column: usize, text: &str| text.parse::<Price>().map_err(|_| refused(column, text));
    let candle = Candle {
        ts_ms: time(ts.parse().ok().filter(|ts| *ts > 0).ok_or_else(|| refused(0, ts))?, line)?,
        open: price(1, open)?,
        high: price(2, high)?,
        low: price(3, low)?,
        close: price(4, close)?,
    };
    let volume_ok = volume.parse::<units::Exact>().is_ok() && !volume.starts_with('-');
    if !volume_ok {
        return Err(refused(5, volume));
    }
    let inside = |p: Price| candle.low <= p && p <= candle.high;
    if inside(candle.open) && inside(candle.close) { Ok(candle) } else { Err(CandleError::Range { line }) }
}

/// A time that a ledger can tell, with room behind it.
fn time(ts_ms: i64, line: usize) -> Result<i64, CandleError> {
    let second = ts_ms.div_euclid(1_000);
    let fits = |second: Option<i64>| second.and_then(LedgerTime::from_unix).is_some();
    if fits(Some(second)) && fits(second.checked_add(ROOM_SECONDS)) {
        Ok(ts_ms)
    } else {
        Err(CandleError::Time { line, ts_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "ts_ms,open,high,low,close,volume\n1774267740000,1.1,1.2,1.0,1.15,5\n1774267800000,1.15,1.2,1.1,1.2,0\n";

    #[test]
    fn a_good_file() {
        let candles = parse(GOOD).unwrap();
        assert_eq!(candles.len(), 2);
        assert_eq!(candles[0].open.to_string(), "1.1");
        assert_eq!(parse(&GOOD.replace('\n', "\r\n")).unwrap(), candles);
    }

    #[test]
    fn bad_files_name_their_line() {
        for (bad, message) in [
            ("", "line 0: the file ends with 0 rows; at least two are needed"),
            ("1774267740000,1,1,1,1,1", "line 1: the file ends with 1 rows; at least two are needed"),
            (
                "1774267740000,1,1,1,1,1\n1774267800000,1,1,1,1",
                "line 2: 5 columns where six are needed (ts_ms,open,high,low,close,volume)",
            ),
            (
                "946684799999,1,1,1,1,1",
                "line 1: the time 946684799999 is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                // A day before the last second that a ledger time can be, and a second more.
                "5241565696000,1,1,1,1,1",
                "line 1: the time 5241565696000 is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                "1774267740000,1,1,1,1,1\n9223372036854775807,1,1,1,1,1",
                "line 2: the time 9223372036854775807 is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                "1774267740000,\u{1b}[2J\u{202e},1,1,1,1",
                "line 1: `open` is not acceptable: `\\u{1b}[2J\\u{202e}`",
            ),
            ("1774267740000,NaN,1,1,1,1", "line 1: `open` is not acceptable: `NaN`"),
            ("1774267740000,1,1,0,1,1", "line 1: `low` is not acceptable: `0`"),
            ("1774267740000,1,1,1,-1,1", "line 1: `close` is not acceptable: `-1`"),
            ("x,1,1,1,1,1", "line 1: `ts_ms` is not acceptable: `x`"),
            ("1774267740000,1,1,1,1,-3", "line 1: `volume` is not acceptable: `-3`"),
            ("1774267740000,1,1,2,1,1", "line 1: low <= open, close <= high does not hold"),
            (
                "1774267740000,1,1,1,1,1\n1774267740000,1,1,1,1,1",
                "line 2: time is not after that of the row before",
            ),
        ] {
            assert_eq!(parse(bad).unwrap_err().to_string(), message, "{bad:?}");
        }
    }

    #[test]
    fn the_last_time_with_a_day_behind_it_is_taken() {
        let last = i64::from(u32::MAX) + 946_684_800 - 86_400;
        let text = format!("{}000,1,1,1,1,1\n{last}999,1,1,1,1,1", last - 60);
        assert_eq!(parse(&text).map(|candles| candles.len()), Ok(2));
        assert!(parse(&format!("{}000,1,1,1,1,1", last + 1)).is_err());
    }

    #[test]
    fn a_long_cell_is_cut() {
        let error = parse(&format!("{},1,1,1,1,1", "\u{7}".repeat(9_000))).unwrap_err().to_string();
        assert!(error.ends_with("\\u{7}…`") && error.len() < 400, "{error}");
    }
}
