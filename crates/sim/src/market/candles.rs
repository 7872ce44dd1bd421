//! Minute candles from CSV text (`ts_ms,open,high,low,close,volume`). Refuses rather than repairs.

use serde::{Deserialize, Serialize};
use units::Price;

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
        /// What stood there (at most 40 characters).
        text: String,
    },
    /// `low` is not the lowest or `high` not the highest of the four.
    #[error("line {line}: low <= open, close <= high does not hold")]
    Range {
        /// Line number.
        line: usize,
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
        text: text.chars().take(40).collect(),
    };
    let price = |column: usize, text: &str| text.parse::<Price>().map_err(|_| refused(column, text));
    let candle = Candle {
        ts_ms: ts.parse::<i64>().ok().filter(|ts| *ts > 0).ok_or_else(|| refused(0, ts))?,
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "ts_ms,open,high,low,close,volume\n60000,1.1,1.2,1.0,1.15,5\n120000,1.15,1.2,1.1,1.2,0\n";

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
            ("60000,1,1,1,1,1", "line 1: the file ends with 1 rows; at least two are needed"),
            (
                "60000,1,1,1,1,1\n120000,1,1,1,1",
                "line 2: 5 columns where six are needed (ts_ms,open,high,low,close,volume)",
            ),
            ("60000,NaN,1,1,1,1", "line 1: `open` is not acceptable: `NaN`"),
            ("60000,1,1,0,1,1", "line 1: `low` is not acceptable: `0`"),
            ("60000,1,1,1,-1,1", "line 1: `close` is not acceptable: `-1`"),
            ("x,1,1,1,1,1", "line 1: `ts_ms` is not acceptable: `x`"),
            ("60000,1,1,1,1,-3", "line 1: `volume` is not acceptable: `-3`"),
            ("60000,1,1,2,1,1", "line 1: low <= open, close <= high does not hold"),
            ("60000,1,1,1,1,1\n60000,1,1,1,1,1", "line 2: time is not after that of the row before"),
        ] {
            assert_eq!(parse(bad).unwrap_err().to_string(), message, "{bad:?}");
        }
    }
}
