//! `neo anomalies`: the reconciler's anomalies by kind, age, size and evidence. Reads only; a count of nothing is an answer.

use super::session::{open, pick, read_failure};
use crate::cli::AnomaliesArgs;
use crate::exit::{Exit, Outcome};
use crate::text::printable_line;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{AnomalyFound, HELD, SEARCHING};
use units::Exact;

mod endings;

/// Rows that are shown one by one, the newest; `--json` has all of them.
const SHOWN_MAX: usize = 20;

/// Runs the command.
pub fn run(args: &AnomaliesArgs) -> Outcome {
    let reader = open(&args.common)?;
    if args.session.is_some() {
        pick(&reader, args.session)?;
    }
    let rows = reader.anomaly_rows(args.session).map_err(|error| read_failure(&error))?;
    let kinds = kinds(&rows);
    let ended = reader.offer_endings(args.session).map_err(|error| read_failure(&error))?;
    if args.common.json {
        let kinds: Vec<Value> = kinds.iter().map(|(kind, group)| group.json(kind)).collect();
        let all: Vec<Value> = rows.iter().map(row_json).collect();
        let document = json!({"format": 1, "session_id": args.session, "unexplained": unexplained(&rows),
            "kinds": kinds, "anomalies": all, "endings": endings::json(&ended)});
        crate::out::line(&document.to_string())?;
    } else {
        let text = shown(&rows, &kinds, args.session) + &endings::shown(&ended);
        crate::out::text(&text)?;
    }
    Ok(Exit::Done)
}

/// How an anomaly stands, as far as this database knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// The order was filled by validated transactions.
    Fills,
    /// A cancel of ours was on its way.
    Cancel,
    /// Another transaction ended it: its order has a final state.
    Ended,
    /// Nothing.
    Nothing,
}

impl Evidence {
    fn of(row: &AnomalyFound) -> Evidence {
        let is_final = |status: &str| !matches!(status, "intent" | "submitted" | "open" | "partially_filled");
        if !row.fill_hashes.is_empty() {
            Evidence::Fills
        } else if row.cancel_tx_hash.is_some() {
            Evidence::Cancel
        } else if row.order_status.as_deref().is_some_and(is_final) {
            Evidence::Ended
        } else {
            Evidence::Nothing
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Evidence::Fills => "fills",
            Evidence::Cancel => "cancel",
            Evidence::Ended => "ended",
            Evidence::Nothing => "none",
        }
    }
}

/// The rows of one kind together.
#[derive(Default)]
struct Group {
    sessions: BTreeSet<i64>,
    ages: Vec<i64>,
    sizes: Vec<Exact>,
    evidence: BTreeMap<Evidence, u32>,
    rows: u32,
}

fn kinds(rows: &[AnomalyFound]) -> BTreeMap<&str, Group> {
    let mut kinds: BTreeMap<&str, Group> = BTreeMap::new();
    for row in rows {
        let group = kinds.entry(&row.action_taken).or_default();
        group.rows += 1;
        group.sessions.insert(row.session_id);
        group.ages.extend(row.age_seconds);
        group.sizes.extend(row.quantity_rlusd.as_deref().and_then(|text| text.parse().ok()));
        *group.evidence.entry(Evidence::of(row)).or_default() += 1;
    }
    for group in kinds.values_mut() {
        group.ages.sort_unstable();
        group.sizes.sort();
    }
    kinds
}

impl Group {
    fn json(&self, kind: &str) -> Value {
        let evidence: serde_json::Map<String, Value> =
            self.evidence.iter().map(|(what, n)| (what.as_str().to_owned(), (*n).into())).collect();
        json!({"action_taken": kind, "rows": self.rows, "sessions": self.sessions,
            "age_seconds": {"median": middle(&self.ages), "most": self.ages.last()},
            "quantity_rlusd": {"median": middle(&self.sizes).map(Exact::to_string),
                               "most": self.sizes.last().map(Exact::to_string)},
            "evidence": evidence})
    }

    fn evidence(&self) -> String {
        let parts: Vec<String> =
            self.evidence.iter().map(|(what, n)| format!("{n} {}", what.as_str())).collect();
        parts.join(", ")
    }
}

/// The middle one of a sorted list; of an even number the lower.
fn middle<T>(sorted: &[T]) -> Option<&T> {
    sorted.get(sorted.len().saturating_sub(1) / 2)
}

/// Rows that nothing explains yet.
fn unexplained(rows: &[AnomalyFound]) -> usize {
    rows.iter().filter(|row| row.action_taken == SEARCHING || row.action_taken == HELD).count()
}

fn row_json(row: &AnomalyFound) -> Value {
    json!({"id": row.id, "session_id": row.session_id, "detected_at": row.detected_at, "order_id": row.order_id,
        "side": row.side, "quantity_rlusd": row.quantity_rlusd, "xrp_equivalent": row.xrp_equivalent,
        "age_seconds": row.age_seconds, "last_status": row.last_status, "offer_sequence": row.offer_sequence,
        "cancel_tx_hash": row.cancel_tx_hash, "action_taken": row.action_taken, "mid_price": row.mid_price,
        "order_status": row.order_status, "fill_hashes": row.fill_hashes, "evidence": Evidence::of(row).as_str()})
}

fn shown(rows: &[AnomalyFound], kinds: &BTreeMap<&str, Group>, session: Option<i64>) -> String {
    let of = session.map_or("in any session".to_owned(), |id| format!("in session {id}"));
    if rows.is_empty() {
        return format!("no anomalies {of}\n");
    }
    let mut out = format!("{} anomalies {of}, {} of them unexplained\n\n", rows.len(), unexplained(rows));
    out += &format!(
        "{:<26} {:>5} {:>8}  {:>18}  {:>19}  evidence\n",
        "kind", "rows", "sessions", "age s, median most", "RLUSD, median most"
    );
    let dash = || "–".to_owned();
    for (kind, group) in kinds {
        let age = |age: Option<&i64>| age.map_or_else(dash, i64::to_string);
        let size = |size: Option<&Exact>| size.map_or_else(dash, |size| size.to_fixed(2));
        out += &format!(
            "{:<26} {:>5} {:>8}  {:>9} {:>8}  {:>9} {:>9}  {}\n",
            printable_line(kind),
            group.rows,
            group.sessions.len(),
            age(middle(&group.ages)),
            age(group.ages.last()),
            size(middle(&group.sizes)),
            size(group.sizes.last()),
            group.evidence()
        );
    }
    let newest: Vec<&AnomalyFound> = rows.iter().rev().take(SHOWN_MAX).collect();
    out += &format!("\nthe newest {}\n", newest.len());
    for row in newest.iter().rev() {
        let text = |value: &Option<String>| value.as_deref().map_or_else(dash, printable_line);
        out += &format!(
            "{:>4}  session {}  {}  {}  {} {} RLUSD ({} XRP)  age {} s  was {}  {}  evidence {}\n",
            row.id,
            row.session_id,
            printable_line(&row.detected_at),
            row.offer_sequence.map_or_else(dash, |sequence| format!("offer {sequence}")),
            text(&row.side),
            text(&row.quantity_rlusd),
            text(&row.xrp_equivalent),
            row.age_seconds.map_or_else(dash, |age| age.to_string()),
            text(&row.last_status),
            printable_line(&row.action_taken),
            Evidence::of(row).as_str()
        );
    }
    out
}
