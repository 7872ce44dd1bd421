//! What an audit says: for people as a table, for programs as one document. Computes nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use units::Exact;

/// An amount of each asset: XRP in XRP, RLUSD in units, both exact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// XRP.
    #[serde(serialize_with = "six_places")]
    pub xrp: Exact,
    /// RLUSD.
    pub rlusd: Exact,
}

/// One thing that is not proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The session it was found in; 0 for what is no session's.
    pub session_id: i64,
    /// Where: a table row, a transaction, a ledger.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// A session whose journal is of another version than this program's: its books are as they stand, and nothing of them is
/// proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The session.
    pub session_id: i64,
    /// The version of its journal.
    pub journal_version: i64,
    /// The version that this program proves.
    pub proves_version: i64,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "session {}: journal version {}, this program proves version {}: not proven",
            self.session_id, self.journal_version, self.proves_version
        )
    }
}

/// Movements of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CauseSum {
    /// How many.
    pub movements: usize,
    /// What they did to our balances.
    #[serde(flatten)]
    pub sum: Balance,
}

/// One session's books.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SessionAudit {
    /// The session.
    pub session_id: i64,
    /// Its ledger history.
    pub world_id: String,
    /// `closed`, `running` or `abandoned`.
    pub status: String,
    /// Why it ended.
    pub halt_reason: Option<String>,
    /// Journal rows, all of them verified as one chain.
    pub journal_rows: i64,
    /// Books as the session before left them; zero for the first.
    pub carried: Balance,
    /// Movements from there to the opening: what happened while no engine ran.
    pub away: BTreeMap<String, CauseSum>,
    /// Opening balances.
    pub opening: Balance,
    /// Movements of the session by cause.
    pub movements: BTreeMap<String, CauseSum>,
    /// Opening and movements.
    pub computed: Balance,
    /// Closing balances as recorded; `None` while it runs.
    pub closing: Option<Balance>,
    /// The last balances that a server stated.
    pub ledger: Option<Balance>,
    /// Fills credited to the session.
    pub fills: usize,
    /// Of them proven by the metadata of their transactions.
    pub fills_proven: usize,
    /// Transactions that touched us, each of them read.
    pub own_transactions: usize,
    /// What no transaction explains.
    pub unexplained: Balance,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Version of this document.
    pub format: u32,
    /// Every check of every session holds.
    pub proven: bool,
    /// Each session, oldest first.
    pub sessions: Vec<SessionAudit>,
    /// All sessions together: opening of the first of each ledger history to the closing of its last.
    pub unexplained: Balance,
    /// Everything that was looked at and is not proven.
    pub problems: Vec<Problem>,
    /// Sessions that could not be looked at.
    pub unread: Vec<Unread>,
}

impl Balance {
    /// Nothing of either.
    pub fn is_zero(&self) -> bool {
        self.xrp.is_zero() && self.rlusd.is_zero()
    }

    pub(crate) fn plus(&self, other: &Balance) -> Balance {
        Balance { xrp: &self.xrp + &other.xrp, rlusd: &self.rlusd + &other.rlusd }
    }

    pub(crate) fn minus(&self, other: &Balance) -> Balance {
        Balance { xrp: &self.xrp - &other.xrp, rlusd: &self.rlusd - &other.rlusd }
    }
}

impl AuditReport {
    /// Nothing read, nothing proven.
    pub(crate) fn empty() -> AuditReport {
        AuditReport {
            format: 1,
            proven: false,
            sessions: Vec::new(),
            unexplained: Balance::default(),
            problems: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// Whether all that could be looked at holds; [`AuditReport::unread`] names what could not.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.unexplained.is_zero()
    }

    /// Whether every check of every session holds.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// The document for programs.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for session in &self.sessions {
            writeln!(f, "{session}")?;
        }
        let fills: usize = self.sessions.iter().map(|session| session.fills).sum();
        for problem in self.problems.iter().take(SHOWN) {
            match problem.session_id {
                0 => writeln!(f, "NOT PROVEN  {}: {}", problem.place, problem.what)?,
                session => writeln!(f, "NOT PROVEN  session {session}, {}: {}", problem.place, problem.what)?,
            }
        }
        if self.problems.len() > SHOWN {
            writeln!(f, "NOT PROVEN  and {} more", self.problems.len() - SHOWN)?;
        }
        for unread in &self.unread {
            writeln!(f, "NOT PROVEN  {unread}")?;
        }
        let verdict = match self.is_sound() {
            _ if self.proven => "PROVEN".to_owned(),
            true => {
                let left: Vec<String> =
                    self.unread.iter().map(|unread| unread.session_id.to_string()).collect();
                format!("PROVEN BUT FOR SESSIONS {}", left.join(", "))
            }
            false => "NOT PROVEN".to_owned(),
        };
        write!(
            f,
            "{verdict}: {} sessions, {fills} fills; unexplained {} XRP, {} RLUSD",
            self.sessions.len(),
            self.unexplained.xrp.to_fixed(6),
            self.unexplained.rlusd
        )
    }
}

/// Characters of a world's name that people need to tell it from another.
const WORLD_SHOWN: usize = 12;

/// Problems listed for people; programs get all.
const SHOWN: usize = 20;

impl fmt::Display for SessionAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.halt_reason.as_deref().unwrap_or("no end yet");
        let world: String = self.world_id.chars().take(WORLD_SHOWN).collect();
        writeln!(f, "Session {} · {} · {reason} · world {world}…", self.session_id, self.status)?;
        let mut rows: Vec<(String, Option<&Balance>)> = vec![("carried".to_owned(), Some(&self.carried))];
        rows.extend(self.away.iter().map(|(cause, sum)| (counted("away", cause, sum), Some(&sum.sum))));
        rows.push(("opening".to_owned(), Some(&self.opening)));
        rows.extend(self.movements.iter().map(|(cause, sum)| (counted("", cause, sum), Some(&sum.sum))));
        rows.push(("computed".to_owned(), Some(&self.computed)));
        rows.push(("closing".to_owned(), self.closing.as_ref()));
        rows.push(("ledger".to_owned(), self.ledger.as_ref()));
        rows.push(("unexplained".to_owned(), Some(&self.unexplained)));
        writeln!(f, "  {:<28} {:>20} {:>30}", "", "XRP", "RLUSD")?;
        for (name, balance) in rows {
            let (xrp, rlusd) = match balance {
                Some(balance) => (balance.xrp.to_fixed(6), balance.rlusd.to_string()),
                None => ("-".to_owned(), "-".to_owned()),
            };
            writeln!(f, "  {name:<28} {xrp:>20} {rlusd:>30}")?;
        }
        writeln!(
            f,
            "  {} of {} fills proven by metadata, {} own transactions read, {} journal rows verified",
            self.fills_proven, self.fills, self.own_transactions, self.journal_rows
        )
    }
}

fn counted(prefix: &str, cause: &str, sum: &CauseSum) -> String {
    let gap = if prefix.is_empty() { "" } else { " " };
    format!("  {prefix}{gap}{cause} ({})", sum.movements)
}

fn six_places<S: serde::Serializer>(value: &Exact, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_fixed(6))
}
