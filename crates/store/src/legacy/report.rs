//! What came over from another program's database and what did not, table by table.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// Tables of ours that the file has, in the order in which they were read.
    pub tables: Vec<TableReport>,
    /// Tables of ours that it has not.
    pub absent: Vec<String>,
    /// Tables and views of its own that nobody here knows, with their rows where they could be counted.
    pub unknown: BTreeMap<String, Option<i64>>,
    /// What SQLite's quick check found, when it found anything.
    pub damage: Option<String>,
    /// Sessions without an end.
    pub sessions_without_end: i64,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableReport {
    /// Its name.
    pub table: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that are in the new file.
    pub imported: u64,
    /// Why the others are not: reason, how many, and the first of them.
    pub left: BTreeMap<String, Left>,
    /// Columns that ours has not, and how many rows had a value there.
    pub extra_columns: BTreeMap<String, u64>,
    /// Columns of ours that it has not.
    pub missing_columns: Vec<String>,
    /// Values that were not what their column holds, and are NULL now.
    pub values_lost: BTreeMap<String, Left>,
    /// Columns (of `engine_state`: keys) of which values held a secret, and were replaced. Never the value.
    #[serde(default)]
    pub secrets: BTreeMap<String, Left>,
    /// Why reading stopped before the end.
    pub stopped: Option<String>,
}

/// How many, and where the first was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Left {
    /// How many.
    pub count: u64,
    /// The first of them: the row's number in its table.
    pub first_row: i64,
}

impl Left {
    /// One more.
    pub(super) fn add(map: &mut BTreeMap<String, Left>, reason: String, row: i64) {
        map.entry(reason).or_insert(Left { count: 0, first_row: row }).count += 1;
    }
}

impl ImportReport {
    /// Rows of a table in the new file.
    #[must_use]
    pub fn imported(&self, table: &str) -> u64 {
        self.tables.iter().find(|t| t.table == table).map_or(0, |t| t.imported)
    }

    /// Whether everything that the file has in tables of ours is in the new one.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.damage.is_none()
            && self.tables.iter().all(|t| {
                t.left.is_empty() && t.values_lost.is_empty() && t.secrets.is_empty() && t.stopped.is_none()
            })
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for t in &self.tables {
            writeln!(f, "  {:<28}{:>9} of {:>9} rows", t.table, t.imported, t.rows)?;
            for (reason, left) in &t.left {
                writeln!(f, "      {} left out: {reason} (first: row {})", left.count, left.first_row)?;
            }
            for (what, left) in &t.values_lost {
                writeln!(
                    f,
                    "      {} without value now: {what} (first: row {})",
                    left.count, left.first_row
                )?;
            }
            for (column, left) in &t.secrets {
                writeln!(
                    f,
                    "      {} values of {}.{column} held a secret, which was left out (first: row {})",
                    left.count, t.table, left.first_row
                )?;
            }
            if !t.extra_columns.is_empty() {
                let columns: Vec<String> =
                    t.extra_columns.iter().map(|(name, n)| format!("{name} ({n})")).collect();
                writeln!(f, "      columns of its own, with values: {}", columns.join(", "))?;
            }
            if let Some(why) = &t.stopped {
                writeln!(f, "      reading stopped: {why}")?;
            }
        }
        if !self.absent.is_empty() {
            writeln!(f, "  not in the file: {}", self.absent.join(", "))?;
        }
        if !self.unknown.is_empty() {
            let rows = |n: &Option<i64>| n.map_or("not counted".to_owned(), |n| format!("{n} rows"));
            let names: Vec<String> =
                self.unknown.iter().map(|(name, n)| format!("{name} ({})", rows(n))).collect();
            writeln!(f, "  of its own, left out: {}", names.join(", "))?;
        }
        if let Some(damage) = &self.damage {
            writeln!(f, "  the file is damaged: {damage}; what could be read came over")?;
        }
        if self.sessions_without_end > 0 {
            writeln!(
                f,
                "  {} sessions have no end: `neo db backfill-ended-at` finds it",
                self.sessions_without_end
            )?;
        }
        Ok(())
    }
}
