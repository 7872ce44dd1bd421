//! Which column of a file holds what: by the names in its first line, or by place where it has none.

use super::error::CandleError;
use csv::StringRecord;

/// Names of the columns as errors call them, in the order of [`Columns::at`].
pub(super) const NAMES: [&str; 6] = ["ts_ms", "open", "high", "low", "close", "volume"];
/// What else the time's column is called by exchanges and tools.
const TIMES: [&str; 9] =
    ["ts_ms", "timestamp", "time", "ts", "date", "datetime", "open_time", "open time", "unix"];
/// Columns of a file without names: six of our own form, or the twelve of Binance's public klines
/// (github.com/binance/binance-public-data), which begin with the same six.
const UNNAMED: [usize; 2] = [6, 12];

/// Where each column of [`NAMES`] is. The volume alone may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    at: [Option<usize>; 6],
    /// How many cells a row must have; `None` without a line of names.
    width: Option<usize>,
}

impl Columns {
    /// The form without a line of names.
    pub(super) fn by_place() -> Columns {
        Columns { at: [0, 1, 2, 3, 4, 5].map(Some), width: None }
    }

    /// Whether a first row is a line of names: one of its cells is the name of a column.
    pub(super) fn is_header(cells: &StringRecord) -> bool {
        cells.iter().any(|cell| which(cell).is_some())
    }

    /// From a line of names; a name that nobody here knows is passed over.
    ///
    /// # Errors
    /// [`CandleError::NoColumn`] and [`CandleError::TwoColumns`].
    pub(super) fn by_name(cells: &StringRecord, line: u64) -> Result<Columns, CandleError> {
        let mut at = [None; 6];
        for (place, cell) in cells.iter().enumerate() {
            let Some(column) = which(cell) else { continue };
            if let Some(slot) = at.get_mut(column)
                && slot.replace(place).is_some()
            {
                return Err(CandleError::TwoColumns { line, name: NAMES[column] });
            }
        }
        let missing = at.iter().take(5).position(Option::is_none).and_then(|column| NAMES.get(column));
        match missing {
            Some(name) => Err(CandleError::NoColumn { line, name }),
            None => Ok(Columns { at, width: Some(cells.len()) }),
        }
    }

    /// The cells of a row in the order of [`NAMES`].
    ///
    /// # Errors
    /// [`CandleError::Columns`] when the row is not as wide as it must be.
    pub(super) fn pick<'r>(
        &self,
        cells: &'r StringRecord,
        line: u64,
    ) -> Result<[Option<&'r str>; 6], CandleError> {
        let found = cells.len();
        let fits = self.width.map_or(UNNAMED.contains(&found), |width| width == found);
        if !fits {
            let needed = match self.width {
                Some(width) => format!("{width} (as in the line of names)"),
                None => "six (ts_ms,open,high,low,close,volume), or a line of names before them,".to_owned(),
            };
            return Err(CandleError::Columns { line, found, needed });
        }
        Ok(self.at.map(|place| place.and_then(|place| cells.get(place))))
    }
}

/// The place in [`NAMES`] of a column's name.
fn which(cell: &str) -> Option<usize> {
    let name = cell.to_ascii_lowercase();
    if TIMES.contains(&name.as_str()) {
        return Some(0);
    }
    NAMES.iter().position(|known| *known == name)
}
