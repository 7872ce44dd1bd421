//! Why a text is no list of candles. Every error that concerns a row names its line, counted from 1, and what is taken.

/// Why a text is no list of candles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CandleError {
    /// A row that has not as many columns as the line of names, or, without one, neither six nor twelve.
    #[error("line {line}: {found} columns where {needed} are needed")]
    Columns {
        /// Line number.
        line: u64,
        /// Columns found.
        found: usize,
        /// Columns needed, with their names.
        needed: String,
    },
    /// A line of names without one that is needed.
    #[error(
        "line {line}: no column is called {name} (needed: ts_ms or timestamp, open, high, low, close; others are passed over)"
    )]
    NoColumn {
        /// Line number.
        line: u64,
        /// The missing name.
        name: &'static str,
    },
    /// Two columns for one thing.
    #[error("line {line}: two columns are called {name}")]
    TwoColumns {
        /// Line number.
        line: u64,
        /// The repeated name.
        name: &'static str,
    },
    /// A cell that is not what its column holds.
    #[error("line {line}: `{column}` is not acceptable: `{text}`; {needed}")]
    Value {
        /// Line number.
        line: u64,
        /// Column name.
        column: &'static str,
        /// What stood there, fit for a terminal (at most 40 characters of it).
        text: String,
        /// What is taken.
        needed: &'static str,
    },
    /// `low` is not the lowest or `high` not the highest of the four.
    #[error("line {line}: low <= open, close <= high does not hold")]
    Range {
        /// Line number.
        line: u64,
    },
    /// A time that, with a day after it, is no ledger time (the years 2000 to 2136).
    #[error("line {line}: the time `{text}` is not in the years that a ledger can tell (2000 to 2136)")]
    Time {
        /// Line number.
        line: u64,
        /// What stood there, fit for a terminal.
        text: String,
    },
    /// A time not after the one before.
    #[error("line {line}: time is not after that of the row before; rows go from old to new")]
    Order {
        /// Line number.
        line: u64,
    },
    /// Fewer than two rows.
    #[error("the file has {rows} rows of candles; at least two are needed")]
    TooFew {
        /// Rows found.
        rows: usize,
    },
    /// Text that the CSV reader refuses.
    #[error("line {line}: not CSV: {why}")]
    Csv {
        /// Line number, 0 where it is not known.
        line: u64,
        /// The reader's words.
        why: String,
    },
}
