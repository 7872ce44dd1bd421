//! Candles from CSV text: `ts_ms,open,high,low,close,volume`, or columns in any order under a line of names. Refuses
//! rather than repairs: no row is sorted, filled in or left out.

mod columns;
mod error;
mod moment;

pub use error::CandleError;

use columns::{Columns, NAMES};
use ledger::text::printable;
use moment::NoMoment;
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

/// Characters of a cell that a message shows.
const SHOWN_MAX: usize = 40;
/// Above any price that a market can be set up with: a wallet's amounts stay within the ledger's.
const PRICE_PICO_END: u64 = 1_000_000 * Price::PER_ONE;
const PRICE_NEEDED: &str =
    "needed: a decimal above zero and below 1 million, at most 12 digits after the point";
const VOLUME_NEEDED: &str = "needed: a decimal, zero or more";

/// Reads a whole file. A first line of column names is optional (then columns may stand in any order, and those that
/// are not ours are passed over), blank lines are passed over, cells may stand in double quotes.
///
/// # Errors
/// [`CandleError`] with the number of the first line that is wrong.
pub fn parse(text: &str) -> Result<Vec<Candle>, CandleError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut columns = None;
    let mut candles: Vec<Candle> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| CandleError::Csv {
            line: error.position().map_or(0, csv::Position::line),
            why: printable(&error.to_string(), 200),
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.iter().all(str::is_empty) {
            continue;
        }
        let columns = match &columns {
            Some(known) => known,
            None if Columns::is_header(&row) => {
                columns = Some(Columns::by_name(&row, line)?);
                continue;
            }
            None => columns.insert(Columns::by_place()),
        };
        let candle = candle(columns.pick(&row, line)?, line)?;
        if candles.last().is_some_and(|before| before.ts_ms >= candle.ts_ms) {
            return Err(CandleError::Order { line });
        }
        candles.push(candle);
    }
    if candles.len() < 2 {
        return Err(CandleError::TooFew { rows: candles.len() });
    }
    Ok(candles)
}

/// One row, its cells in the order of [`NAMES`].
fn candle(cells: [Option<&str>; 6], line: u64) -> Result<Candle, CandleError> {
    let [ts, open, high, low, close, volume] = cells;
    let shown = |text: Option<&str>| printable(text.unwrap_or_default(), SHOWN_MAX);
    let refused = |column: usize, text: Option<&str>, needed: &'static str| CandleError::Value {
        line,
        column: NAMES.get(column).copied().unwrap_or("?"),
        text: shown(text),
        needed,
    };
    let price = |column: usize, text: Option<&str>| {
        let price =
            text.and_then(|text| text.parse::<Price>().ok()).filter(|price| price.pico() < PRICE_PICO_END);
        price.ok_or_else(|| refused(column, text, PRICE_NEEDED))
    };
    let ts_ms = moment::parse(ts.unwrap_or_default()).map_err(|why| match why {
        NoMoment::Text => refused(0, ts, moment::NEEDED),
        NoMoment::Years => CandleError::Time { line, text: shown(ts) },
    })?;
    let candle = Candle {
        ts_ms,
        open: price(1, open)?,
        high: price(2, high)?,
        low: price(3, low)?,
        close: price(4, close)?,
    };
    let is_volume = |text: &str| text.parse::<units::Exact>().is_ok() && !text.starts_with('-');
    if !volume.is_none_or(is_volume) {
        return Err(refused(5, volume, VOLUME_NEEDED));
    }
    let inside = |p: Price| candle.low <= p && p <= candle.high;
    if inside(candle.open) && inside(candle.close) { Ok(candle) } else { Err(CandleError::Range { line }) }
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

    /// The forms that exchanges and tools hand out (made up rows): the same two candles.
    #[test]
    fn other_forms_of_the_same_file() {
        let candles = parse(GOOD).unwrap();
        for other in [
            // Text times and a column more.
            "timestamp,open,high,low,close,volume,turnover\n2026-03-23 12:09:00,1.1,1.2,1.0,1.15,5,5.7\n2026-03-23 12:10:00,1.15,1.2,1.1,1.2,0,0\n",
            // Any order, capitals, quotes, no volume, a mark of the byte order.
            "\u{feff}\"Close\",\"Low\",\"High\",\"Open\",\"Date\"\n1.15,1.0,1.2,1.1,2026-03-23T12:09:00Z\n\"1.2\",1.1,1.2,1.15,2026-03-23T12:10:00Z\n",
            // Without names: microseconds, and six columns more.
            "1774267740000000,1.1,1.2,1.0,1.15,5,1774267799999999,5.7,3,2,2.2,0\n1774267800000000,1.15,1.2,1.1,1.2,0,1774267859999999,0,0,0,0,0\n",
        ] {
            assert_eq!(parse(other), Ok(candles.clone()), "{other}");
        }
    }

    #[test]
    fn bad_files_name_their_line() {
        for (bad, message) in [
            ("", "the file has 0 rows of candles; at least two are needed"),
            ("1774267740000,1,1,1,1,1", "the file has 1 rows of candles; at least two are needed"),
            (
                "1774267740000,1,1,1,1,1\n1774267800000,1,1,1,1",
                "line 2: 5 columns where six (ts_ms,open,high,low,close,volume), or a line of names before them, are needed",
            ),
            (
                "ts_ms,open,high,low,volume\n1774267740000,1,1,1,1",
                "line 1: no column is called close (needed: ts_ms or timestamp, open, high, low, close; others are passed over)",
            ),
            ("time,open,high,low,close,date\n", "line 1: two columns are called ts_ms"),
            (
                "ts_ms,open,high,low,close\n1774267740000,1,1,1,1,1",
                "line 2: 6 columns where 5 (as in the line of names) are needed",
            ),
            (
                "946684799999,1,1,1,1,1",
                "line 1: the time `946684799999` is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                // A day before the last second that a ledger time can be, and a second more.
                "5241565696000,1,1,1,1,1",
                "line 1: the time `5241565696000` is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                "1774267740000,1,1,1,1,1\n9223372036854775807,1,1,1,1,1",
                "line 2: the time `9223372036854775807` is not in the years that a ledger can tell (2000 to 2136)",
            ),
            (
                "1774267740000,\u{1b}[2J\u{202e},1,1,1,1",
                "line 1: `open` is not acceptable: `\\u{1b}[2J\\u{202e}`; needed: a decimal above zero and below 1 million, at most 12 digits after the point",
            ),
            (
                "1774267740000,NaN,1,1,1,1",
                "line 1: `open` is not acceptable: `NaN`; needed: a decimal above zero and below 1 million, at most 12 digits after the point",
            ),
            (
                "1774267740000,1,1,0,1,1",
                "line 1: `low` is not acceptable: `0`; needed: a decimal above zero and below 1 million, at most 12 digits after the point",
            ),
            (
                "1774267740000,1,1,1,-1,1",
                "line 1: `close` is not acceptable: `-1`; needed: a decimal above zero and below 1 million, at most 12 digits after the point",
            ),
            (
                "x,1,1,1,1,1",
                "line 1: `ts_ms` is not acceptable: `x`; needed: milliseconds, seconds or microseconds since 1970, or UTC as `2026-03-22 03:04:00`",
            ),
            (
                "1774267740000,1,1,1,1,-3",
                "line 1: `volume` is not acceptable: `-3`; needed: a decimal, zero or more",
            ),
            ("1774267740000,1,1,2,1,1", "line 1: low <= open, close <= high does not hold"),
            (
                "1774267740000,1,1,1,1,1\n1774267740000,1,1,1,1,1",
                "line 2: time is not after that of the row before; rows go from old to new",
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
        assert!(error.contains("\\u{7}…`; needed") && error.len() < 400, "{error}");
    }
}
