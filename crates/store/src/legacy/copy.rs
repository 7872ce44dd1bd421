//! Row by row from a source into the tables of ours, in one transaction. What does not fit is left out and counted;
//! what is not known is NULL, or, where our column cannot be, empty text or 0.

use super::WORLD;
use super::report::{ImportReport, Left, TableReport};
use super::secret::{self, LEFT_OUT, name_shown};
use super::source;
use super::value::Kind;
use crate::lock::now_iso;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that come over: those that others refer to first.
const TABLES: [&str; 12] = [
    "sessions",
    "orders",
    "fills",
    "capital_events",
    "inventory_ledger",
    "inventory_snapshots",
    "valuation_snapshots",
    "market_snapshots",
    "inventory_truth_snapshots",
    "circuit_breaker_events",
    "reconciler_anomaly_log",
    "engine_state",
];

/// A column of ours, and where it is in the source's row.
struct Column {
    name: String,
    kind: Kind,
    is_needed: bool,
    at: Option<usize>,
}

/// Copies everything. The report is also kept in `engine_state`.
pub(super) fn all(
    source: &Connection,
    target: &mut Connection,
    origin: &str,
) -> rusqlite::Result<ImportReport> {
    let mut report = ImportReport::default();
    let finding = source.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    report.damage = match finding {
        Ok(finding) if finding == "ok" => None,
        Ok(finding) => Some(finding),
        Err(error) => Some(error.to_string()),
    };
    let transaction = target.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT INTO worlds (world_no, world_id) VALUES (1, ?1)", [WORLD])?;
    let mut objects: BTreeMap<String, bool> = source::objects(source)?.into_iter().collect();
    for table in TABLES {
        let name = objects.keys().find(|name| name.eq_ignore_ascii_case(table)).cloned();
        match name.and_then(|name| objects.remove(&name).map(|is_table| (name, is_table))) {
            Some((name, true)) => report.tables.push(copy_table(source, &transaction, &name, table)?),
            Some((name, false)) => {
                report.unknown.insert(format!("{}, a view", name_shown(&name)), None);
            }
            None => report.absent.push(table.to_owned()),
        }
    }
    for (name, is_table) in objects {
        let rows = is_table.then(|| count(source, &name)).flatten();
        report.unknown.insert(name_shown(&name).to_owned(), rows);
    }
    transaction.execute(
        "UPDATE sessions SET status = 'closed' WHERE status = 'unclosed' AND ended_at IS NOT NULL",
        [],
    )?;
    report.sessions_without_end =
        transaction
            .query_row("SELECT count(*) FROM sessions WHERE ended_at IS NULL", [], |row| row.get(0))?;
    keep_report(&transaction, origin, &report)?;
    transaction.commit()?;
    Ok(report)
}

fn copy_table(
    source: &Connection,
    target: &Transaction<'_>,
    from: &str,
    table: &str,
) -> rusqlite::Result<TableReport> {
    let theirs = source::columns(source, from)?;
    let columns = columns(target, table, &theirs)?;
    let mut report = TableReport { table: table.to_owned(), ..TableReport::default() };
    let used: BTreeSet<usize> = columns.iter().filter_map(|column| column.at).collect();
    report.missing_columns = columns.iter().filter(|c| c.at.is_none()).map(|c| c.name.clone()).collect();
    let extra: Vec<(usize, &str)> = theirs
        .iter()
        .enumerate()
        .filter(|(at, _)| !used.contains(at))
        .map(|(at, (name, _))| (at, name.as_str()))
        .collect();
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let mut insert =
        target.prepare(&format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", ")))?;
    let list: Vec<String> = theirs.iter().map(|(name, _)| quoted(name)).collect();
    let mut select = source.prepare(&format!("SELECT {} FROM {}", list.join(", "), quoted(from)))?;
    let mut rows = select.query([])?;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                report.stopped = Some(error.to_string());
                break;
            }
        };
        report.rows += 1;
        let number = i64::try_from(report.rows).unwrap_or(i64::MAX);
        for (at, name) in &extra {
            if !matches!(row.get_ref(*at), Ok(ValueRef::Null) | Err(_)) {
                *report.extra_columns.entry(name_shown(name).to_owned()).or_insert(0) += 1;
            }
            // Of the other tables nothing of these comes over.
            if table == "sessions" && row.get_ref(*at).is_ok_and(|value| secret::is_secret(name, value)) {
                Left::add(&mut report.secrets, name_shown(name).to_owned(), number);
            }
        }
        let mut values = convert(row, &columns, number, &mut report);
        if let Some(reason) = finish(target, table, &columns, &mut values, row, &extra)? {
            Left::add(&mut report.left, reason, number);
            continue;
        }
        match insert.execute(rusqlite::params_from_iter(values)) {
            Ok(_) => report.imported += 1,
            Err(error) if is_constraint(&error) => Left::add(&mut report.left, reason_of(&error), number),
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

/// The columns of a table of ours that can hold what a source has.
fn columns(target: &Connection, table: &str, theirs: &[(String, String)]) -> rusqlite::Result<Vec<Column>> {
    let mut statement =
        target.prepare("SELECT name, type, \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
    })?;
    let mut columns = Vec::new();
    for row in rows {
        let (name, declared, is_needed) = row?;
        let at = theirs.iter().position(|(other, _)| other.eq_ignore_ascii_case(&name));
        let Some(kind) = Kind::of(&name, &declared) else { continue };
        columns.push(Column { name, kind, is_needed, at });
    }
    Ok(columns)
}

fn convert(row: &Row<'_>, columns: &[Column], number: i64, report: &mut TableReport) -> Vec<Value> {
    let mut values = Vec::with_capacity(columns.len());
    let state = state_key(row, columns, &report.table);
    for column in columns {
        let given = column.at.map_or(Ok(ValueRef::Null), |at| row.get_ref(at)).unwrap_or(ValueRef::Null);
        let name = state.as_deref().filter(|_| column.name == "value").unwrap_or(&column.name);
        if matches!(column.kind, Kind::Text | Kind::Word) && secret::is_secret(name, given) {
            Left::add(&mut report.secrets, name_shown(name).to_owned(), number);
            values.push(Value::Text(LEFT_OUT.to_owned()));
            continue;
        }
        let value = column.kind.convert(given).unwrap_or_else(|needed| {
            Left::add(&mut report.values_lost, format!("{} is not {needed}", column.name), number);
            Value::Null
        });
        values.push(value);
    }
    values
}

/// What a value of `engine_state` is called: its key.
fn state_key(row: &Row<'_>, columns: &[Column], table: &str) -> Option<String> {
    if table != "engine_state" {
        return None;
    }
    let at = columns.iter().find(|column| column.name == "key")?.at?;
    row.get_ref(at).ok()?.as_str().ok().map(ToOwned::to_owned)
}

/// What a row needs besides its own values; or why it is left out.
fn finish(
    target: &Connection,
    table: &str,
    columns: &[Column],
    values: &mut [Value],
    row: &Row<'_>,
    extra: &[(usize, &str)],
) -> rusqlite::Result<Option<String>> {
    for (column, value) in columns.iter().zip(values.iter_mut()) {
        if column.name != "session_id" || matches!(table, "sessions" | "engine_state") {
            continue;
        }
        let is_known = match value {
            Value::Integer(id) => has_session(target, *id)?,
            _ => false,
        };
        match table {
            _ if is_known => {}
            "capital_events" => *value = Value::Null,
            "reconciler_anomaly_log" => {}
            _ => return Ok(Some("no session of its number".to_owned())),
        }
    }
    for (column, value) in columns.iter().zip(values.iter_mut()) {
        if table == "fills" && column.name == "tx_hash" && *value == Value::Null {
            return Ok(Some("a fill without a transaction: nothing proves it".to_owned()));
        }
        match (table, column.name.as_str()) {
            ("sessions", "world_no") => *value = Value::Integer(1),
            ("sessions", "facts") => *value = Value::Text(facts(row, extra)),
            ("sessions", "parent_session_id") => {
                let is_known = match value {
                    Value::Integer(id) => has_session(target, *id)?,
                    _ => false,
                };
                if !is_known {
                    *value = Value::Null;
                }
            }
            // The one that runs is our engine's alone; which of them have an end is seen once all are there.
            ("sessions", "status")
                if *value == Value::Null || *value == Value::Text("running".to_owned()) =>
            {
                *value = Value::Text("unclosed".to_owned());
            }
            ("sessions", "network") if *value == Value::Null => {
                *value = Value::Text(super::NETWORK.to_owned())
            }
            ("sessions", "session_id") if *value == Value::Null => {
                return Ok(Some("no number".to_owned()));
            }
            _ => {}
        }
        if *value == Value::Null && column.is_needed {
            *value =
                if column.kind == Kind::Integer { Value::Integer(0) } else { Value::Text(String::new()) };
        }
    }
    Ok(None)
}

fn has_session(target: &Connection, id: i64) -> rusqlite::Result<bool> {
    target.query_row("SELECT count(*) = 1 FROM sessions WHERE session_id = ?1", [id], |row| row.get(0))
}

/// What the source says of a session beyond our columns.
fn facts(row: &Row<'_>, extra: &[(usize, &str)]) -> String {
    let mut rest = Map::new();
    for (at, name) in extra {
        if let Ok(value) = row.get_ref(*at)
            && let Ok(Value::Text(text)) = Kind::Text.convert(value)
        {
            let text = if secret::is_secret(name, value) { LEFT_OUT.to_owned() } else { text };
            rest.insert(name_shown(name).to_owned(), text.into());
        }
    }
    json!({"imported": rest}).to_string()
}

fn keep_report(target: &Connection, origin: &str, report: &ImportReport) -> rusqlite::Result<()> {
    let text = json!({"origin": origin, "report": report}).to_string();
    target.execute(
        "INSERT OR REPLACE INTO engine_state (key, value, updated_at) VALUES ('import.report', ?1, ?2)",
        (text, now_iso()),
    )?;
    Ok(())
}

fn count(source: &Connection, table: &str) -> Option<i64> {
    source.query_row(&format!("SELECT count(*) FROM {}", quoted(table)), [], |row| row.get(0)).ok()
}

/// A name of another program as an SQL identifier (sqlite.org/lang_keywords.html).
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

fn reason_of(error: &rusqlite::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix("UNIQUE constraint failed: ") {
        Some(columns) => format!("another row has the same {columns}"),
        None => text,
    }
}
