//! What the comparison with a ledger's history says: for people as text, for programs as one document. Computes nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use store::{FOLLOWS_FROM_LEDGER, LedgerComparison, SessionRow};

use crate::report::Problem;

/// Differences listed for people; programs get all.
const SHOWN: usize = 20;

/// A session whose books were not made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRebuilt {
    /// Its number.
    pub session_id: i64,
    /// Why not.
    pub why: String,
}

/// What came of making the books again from a ledger's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerAudit {
    /// Version of this document.
    pub format: u32,
    /// Every compared byte of the rebuilt sessions is the same.
    pub equal: bool,
    /// From the ledger of the first session's opening.
    pub first_ledger_index: u32,
    /// To the last ledger of the last session.
    pub last_ledger_index: u32,
    /// The sessions whose books were made again.
    pub sessions: Vec<i64>,
    /// Sessions that were left out.
    pub not_rebuilt: Vec<NotRebuilt>,
    /// Rows made from the ledger, by table.
    pub rows: BTreeMap<&'static str, usize>,
    /// Orders of these sessions that were in no ledger: not sent, or never validated.
    pub orders_never_on_ledger: usize,
    /// Columns that no ledger tells, by table, and why.
    pub not_compared: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    /// Everything that differs.
    pub differences: Vec<Problem>,
}

impl LedgerAudit {
    pub(super) fn new(
        (first_ledger_index, last_ledger_index): (u32, u32),
        sessions: Vec<i64>,
        others: &[SessionRow],
        compared: LedgerComparison,
        problems: Vec<String>,
    ) -> LedgerAudit {
        let why = |session: &SessionRow| match session.status.as_str() {
            "abandoned" => "it was given up; the next one booked its ledgers again",
            _ => "its ledger's history made way for another one and is gone",
        };
        let left_out = others
            .iter()
            .map(|session| NotRebuilt { session_id: session.session_id, why: why(session).to_owned() });
        let ledger =
            problems.into_iter().map(|what| Problem { session_id: 0, place: "ledger".to_owned(), what });
        let rows = compared.differences.into_iter().map(|found| Problem {
            session_id: found.session_id.unwrap_or(0),
            place: format!("{} row {}", found.table, found.row),
            what: found.what,
        });
        let differences: Vec<Problem> = ledger.chain(rows).collect();
        let not_compared = FOLLOWS_FROM_LEDGER.iter().map(|t| (t.table, t.not.iter().copied().collect()));
        LedgerAudit {
            format: 1,
            equal: differences.is_empty(),
            first_ledger_index,
            last_ledger_index,
            sessions,
            not_rebuilt: left_out.collect(),
            rows: compared.rows,
            orders_never_on_ledger: compared.never_on_ledger,
            not_compared: not_compared.collect(),
            differences,
        }
    }

    /// The document for programs.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for LedgerAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Ledgers {} to {}, walked from the ledger's own history",
            self.first_ledger_index, self.last_ledger_index
        )?;
        for (table, rows) in &self.rows {
            writeln!(f, "  {rows:>7} rows of {table} made again")?;
        }
        writeln!(f, "  {:>7} orders never came to the ledger", self.orders_never_on_ledger)?;
        writeln!(f, "Not compared, since no ledger tells it:")?;
        for (table, columns) in &self.not_compared {
            for (column, why) in columns {
                writeln!(f, "  {table}.{column}: {why}")?;
            }
        }
        for left_out in &self.not_rebuilt {
            writeln!(f, "NOT REBUILT  session {}: {}", left_out.session_id, left_out.why)?;
        }
        for found in self.differences.iter().take(SHOWN) {
            match found.session_id {
                0 => writeln!(f, "DIFFERS  {}: {}", found.place, found.what)?,
                session => writeln!(f, "DIFFERS  session {session}, {}: {}", found.place, found.what)?,
            }
        }
        if self.differences.len() > SHOWN {
            writeln!(f, "DIFFERS  and {} more", self.differences.len() - SHOWN)?;
        }
        let sessions: Vec<String> = self.sessions.iter().map(i64::to_string).collect();
        let verdict = if self.equal { "EQUAL" } else { "NOT EQUAL" };
        write!(f, "{verdict}: the books of session {} and the ledger's history", sessions.join(", "))
    }
}
