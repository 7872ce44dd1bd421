//! Which tables are compared with what the journal makes of them, by which key, and how a difference is told. Looks at
//! every column but those that no journal holds.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::derivation::RowDifference;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// A table that the journal makes.
pub(crate) struct Compared {
    pub(crate) table: &'static str,
    /// The columns that name a row, as one SQL text.
    key: &'static str,
    /// Columns that no journal holds.
    not: &'static [&'static str],
}

const fn by_key(table: &'static str, key: &'static str) -> Compared {
    Compared { table, key, not: &[] }
}

/// All tables but the journal itself and the identity, which the chain of digests holds.
pub(crate) const COMPARED: [Compared; 15] = [
    by_key("worlds", "world_no"),
    Compared { table: "sessions", key: "session_id", not: &["closed_by"] },
    by_key("orders", "order_id"),
    by_key("fills", "fill_id"),
    by_key("offer_endings", "order_id"),
    by_key("inventory_ledger", "id"),
    by_key("inventory_truth_snapshots", "id"),
    by_key("market_snapshots", "id"),
    by_key("inventory_snapshots", "id"),
    by_key("valuation_snapshots", "id"),
    by_key("capital_events", "id"),
    by_key("circuit_breaker_events", "id"),
    by_key("engine_state", "key"),
    by_key("submissions", "session_id || '/' || intent_id"),
    // An observation is committed before its step, so its number is not the step's.
    Compared {
        table: ANOMALIES,
        key: "session_id || ' at ' || detected_at || coalesce(' order ' || order_id, '')
              || coalesce(' offer ' || offer_sequence, '')",
        not: &["id"],
    },
];

const ANOMALIES: &str = "reconciler_anomaly_log";

/// One row: its columns by name.
type Columns = BTreeMap<String, Value>;

impl Compared {
    /// What reads the table's key and compared columns, as the newest schema names them.
    pub(crate) fn sql(&self, made: &Connection) -> rusqlite::Result<String> {
        let mut statement = made.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let names = statement.query_map([self.table], |row| row.get(0))?;
        let mut columns = vec![format!("CAST({} AS TEXT)", self.key)];
        for name in names {
            let name: String = name?;
            match name.as_str() {
                not if self.not.contains(&not) => {}
                // The checkpoint figures are added by the store itself, when it closes.
                "facts" => columns.push(
                    "CASE WHEN json_valid(facts) THEN json_remove(facts, '$.checkpoints') ELSE facts END AS facts"
                        .to_owned(),
                ),
                _ => columns.push(name),
            }
        }
        Ok(format!("SELECT {} FROM {}", columns.join(", "), self.table))
    }

    /// Copies the rows that `filter` names, as they stand, in the order of their numbers.
    pub(crate) fn copy(&self, from: &Connection, to: &Connection, filter: &str) -> rusqlite::Result<()> {
        let mut statement =
            from.prepare(&format!("SELECT * FROM {} WHERE {filter} ORDER BY rowid", self.table))?;
        let columns = statement.column_count();
        let names = statement.column_names().collect::<Vec<_>>().join(", ");
        let marks = vec!["?"; columns].join(", ");
        let sql = format!("INSERT OR REPLACE INTO {} ({names}) VALUES ({marks})", self.table);
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?;
            to.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }

    /// Reads [`Compared::sql`]; a second row of one key gets a key of its own.
    pub(crate) fn rows(
        &self,
        connection: &Connection,
        sql: &str,
    ) -> rusqlite::Result<BTreeMap<String, Columns>> {
        let mut statement = connection.prepare(sql)?;
        let names: Vec<String> = statement.column_names().skip(1).map(str::to_owned).collect();
        let mut found = BTreeMap::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut key: String = row.get::<_, Option<String>>(0)?.unwrap_or_default();
            while found.contains_key(&key) {
                key.push_str(" again");
            }
            let mut columns = Columns::new();
            for (at, name) in names.iter().enumerate() {
                columns.insert(name.clone(), row.get(at + 1)?);
            }
            found.insert(key, columns);
        }
        Ok(found)
    }

    /// Tells every row that is not the same in both.
    pub(crate) fn compare(
        &self,
        wanted: &BTreeMap<String, Columns>,
        stored: &BTreeMap<String, Columns>,
        found: &mut Vec<RowDifference>,
    ) {
        let mut tell = |row: &str, columns: &Columns, what: String| {
            let session_id = match columns.get("session_id") {
                Some(Value::Integer(id)) => Some(*id),
                _ => None,
            };
            found.push(RowDifference { session_id, table: self.table, row: row.to_owned(), what });
        };
        for (key, wanted) in wanted {
            match stored.get(key) {
                None => tell(key, wanted, "the journal makes it, and it is not there".to_owned()),
                Some(stored) if stored == wanted => {}
                Some(stored) => tell(key, wanted, unlike(wanted, stored)),
            }
        }
        for (key, stored) in stored.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
            if !self.may_stand_alone(stored) {
                tell(key, stored, "no step of the journal makes it".to_owned());
            }
        }
    }

    /// What was seen just before a crash is kept without its step.
    fn may_stand_alone(&self, stored: &Columns) -> bool {
        let searching = Value::Text("searching".to_owned());
        self.table == ANOMALIES && stored.get("action_taken") == Some(&searching)
    }
}

fn unlike(wanted: &Columns, stored: &Columns) -> String {
    let parts: Vec<String> = wanted
        .iter()
        .filter(|(name, value)| stored.get(*name) != Some(*value))
        .map(|(name, value)| {
            let stored = stored.get(name).map_or("nothing".to_owned(), show);
            format!("{name} is {stored}, and the journal makes {}", show(value))
        })
        .collect();
    parts.join("; ")
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) if text.chars().count() > SHOWN => {
            format!("{:?}…", text.chars().take(SHOWN).collect::<String>())
        }
        Value::Text(text) => format!("{text:?}"),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
