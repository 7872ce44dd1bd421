//! Tables for books that are made again from a ledger's history: the same schema, empty, and the comparison of the columns
//! that follow from a ledger. Never takes a row from the database it is compared with, and never overwrites a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::derivation::RowDifference;
use crate::error::ReadError;
use crate::identity::Identity;
use crate::reader::Reader;
use crate::schema;
use crate::tables::Cell;

/// A table that follows from a ledger, as far as it does.
#[derive(Debug, Clone, Copy)]
pub struct FollowsFromLedger {
    /// The table.
    pub table: &'static str,
    /// What names a row, as SQL.
    key: &'static str,
    /// The columns that are compared byte for byte, as SQL.
    columns: &'static [&'static str],
    /// Columns that no ledger knows, and why: our own decisions, what we saw of others, numbers of rows.
    pub not: &'static [(&'static str, &'static str)],
}

/// An order that is in no ledger, and may be so: not sent, not validated.
const NEVER_THERE: [&str; 3] = ["intent", "submitted", "failed"];

/// The tables and columns that are compared.
pub const FOLLOWS_FROM_LEDGER: [FollowsFromLedger; 4] = [
    FollowsFromLedger {
        table: "sessions",
        key: "session_id",
        columns: &["starting_xrp", "starting_rlusd", "ending_xrp", "ending_rlusd", "started_at", "ended_at"],
        not: &[("all others", "the configuration, why the session ended, and figures of the engine's view")],
    },
    FollowsFromLedger {
        table: "orders",
        key: "order_id",
        columns: &[
            "session_id",
            "side",
            "price",
            "quantity_rlusd",
            "quantity_xrp",
            "taker_gets",
            "taker_pays",
            "remaining_rlusd",
            "remaining_xrp",
            "status",
            "offer_sequence",
            "tx_hash",
            "CASE WHEN tx_hash IS NULL THEN NULL ELSE last_ledger_sequence END AS last_ledger_sequence",
            "expiration",
            "replaces",
            "cancel_tx_hash",
            "closed_at",
        ],
        not: &[
            ("cancel_reason", "the engine's reason"),
            ("created_at", "when the engine decided"),
            ("updated_at", "when the engine last wrote the row"),
            ("last_ledger_sequence", "of an offer that the engine found and did not place"),
        ],
    },
    FollowsFromLedger {
        table: "fills",
        key: "tx_hash || ' of ' || order_id",
        columns: &[
            "order_id",
            "session_id",
            "side",
            "tx_hash",
            "ledger_index",
            "executed_at",
            "price",
            "quantity_rlusd",
            "quantity_xrp",
            "taker_gets",
            "taker_pays",
            "liquidity",
        ],
        not: &[
            ("fill_id", "the number of the row"),
            ("mid_price_at_fill", "the touch of others, as the engine saw it"),
            ("realized_spread_bps", "measured from that mid"),
        ],
    },
    FollowsFromLedger {
        table: "inventory_ledger",
        key: "coalesce(tx_hash, 'opening') || ' ' || cause || ' ' || asset || coalesce(' ' || order_id, '') || ' #'
              || row_number() OVER (PARTITION BY session_id, tx_hash, cause, asset, order_id ORDER BY id)",
        columns: &[
            "session_id",
            "ledger_index",
            "tx_hash",
            "cause",
            "asset",
            "debit",
            "credit",
            "amount",
            "order_id",
            "created_at",
            "row_number() OVER (PARTITION BY session_id, tx_hash ORDER BY id) AS place",
        ],
        not: &[("id", "the number of the row; the order within a transaction is compared")],
    },
];

/// What the tables held when they were compared.
#[derive(Debug, Clone, Default)]
pub struct LedgerComparison {
    /// Rows made from the ledger, by table.
    pub rows: BTreeMap<&'static str, usize>,
    /// Orders of the database that were in no ledger.
    pub never_on_ledger: usize,
    /// Rows that differ, lack or are too many.
    pub differences: Vec<RowDifference>,
}

/// An empty database to be filled from a ledger.
pub struct LedgerTables {
    connection: Connection,
}

impl LedgerTables {
    /// The tables, empty: in `file`, which must not exist, or in memory.
    ///
    /// # Errors
    /// [`ReadError::Row`] when the file is there already, or SQLite or the disk fails.
    pub fn create(file: Option<&Path>, identity: &Identity) -> Result<LedgerTables, ReadError> {
        let mut connection = match file {
            None => Connection::open_in_memory(),
            Some(path) => {
                let named = |why: std::io::Error| unwritten("file", format!("{}: {why}", path.display()));
                platform::files::private_file().create_new(true).open(path).map_err(named)?;
                Connection::open(path)
            }
        }
        .map_err(|error| unwritten("file", error.to_string()))?;
        schema::migrate(&mut connection, identity)
            .and_then(|()| connection.pragma_update(None, "foreign_keys", false))
            .and_then(|()| connection.execute_batch("BEGIN"))
            .map_err(|error| unwritten("schema", error.to_string()))?;
        Ok(LedgerTables { connection })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// [`ReadError::Row`] when the table does not take it.
    pub fn insert(&self, table: &'static str, row: &[(&str, Cell)]) -> Result<(), ReadError> {
        let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
        let places = vec!["?"; row.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", "));
        let values = row.iter().map(|(_, cell)| value(cell));
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.execute(params_from_iter(values)))
            .map(|_| ())
            .map_err(|error| unwritten(table, error.to_string()))
    }

    /// Ends the writing, and compares with what a database holds of these sessions.
    ///
    /// # Errors
    /// [`ReadError`] when either cannot be read.
    pub fn compare(&self, reader: &Reader, sessions: &[i64]) -> Result<LedgerComparison, ReadError> {
        self.connection.execute_batch("COMMIT").map_err(|error| unwritten("all", error.to_string()))?;
        let mut comparison = LedgerComparison::default();
        let ids = sessions.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        for follows in &FOLLOWS_FROM_LEDGER {
            let columns = follows.columns.join(", ");
            let sql = format!(
                "SELECT CAST({} AS TEXT), session_id, {columns} FROM {} WHERE session_id IN ({ids})",
                follows.key, follows.table
            );
            let read = |connection| {
                rows(connection, &sql).map_err(|error| unwritten(follows.table, error.to_string()))
            };
            let (made, stored) = (read(&self.connection)?, read(&reader.connection)?);
            comparison.rows.insert(follows.table, made.len());
            comparison.table(follows.table, &made, &stored);
        }
        Ok(comparison)
    }
}

impl LedgerComparison {
    fn table(&mut self, table: &'static str, made: &Rows, stored: &Rows) {
        let mut tell = |row: &str, columns: &Columns, what: String| {
            let session_id = match columns.iter().find(|(name, _)| name == "session_id") {
                Some((_, Value::Integer(id))) => Some(*id),
                _ => None,
            };
            self.differences.push(RowDifference { session_id, table, row: row.to_owned(), what });
        };
        for (key, made) in made {
            match stored.get(key) {
                None => tell(key, made, "the ledger makes it, and it is not there".to_owned()),
                Some(stored) if stored == made => {}
                Some(stored) => tell(key, made, unlike(made, stored)),
            }
        }
        for (key, stored) in stored.iter().filter(|(key, _)| !made.contains_key(*key)) {
            let may_be_absent = |(name, value): &(String, Value)| {
                name == "status"
                    && matches!(value, Value::Text(status) if NEVER_THERE.contains(&status.as_str()))
            };
            if table == "orders" && stored.iter().any(may_be_absent) {
                self.never_on_ledger += 1;
            } else {
                tell(key, stored, "nothing on the ledger makes it".to_owned());
            }
        }
    }
}

impl Reader {
    /// The number of a ledger history in the names of its orders.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn world_no(&self, world_id: &str) -> Result<Option<i64>, ReadError> {
        self.one("SELECT world_no FROM worlds WHERE world_id = ?1", [world_id], |row| row.get(0))
    }

    /// The transactions that the engine signed on a ledger history: no ledger tells which program signed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn outbox(&self, world_id: &str) -> Result<BTreeSet<String>, ReadError> {
        let sql =
            "SELECT tx_hash FROM submissions JOIN sessions USING (session_id) JOIN worlds USING (world_no)
                   WHERE world_id = ?1 AND tx_hash IS NOT NULL";
        Ok(self.all(sql, [world_id], |row| row.get(0))?.into_iter().collect())
    }

    /// The names of orders that the engine found and did not place, by the offer's number on the ledger.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn found_orders(&self, world_id: &str) -> Result<BTreeMap<u32, String>, ReadError> {
        let sql = "SELECT offer_sequence, order_id FROM orders JOIN sessions USING (session_id)
                   JOIN worlds USING (world_no)
                   WHERE world_id = ?1 AND tx_hash IS NULL AND offer_sequence IS NOT NULL ORDER BY order_id DESC";
        Ok(self.all(sql, [world_id], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }

    /// The last ledger that a session's journal is about.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn last_told(&self, session_id: i64) -> Result<Option<i64>, ReadError> {
        let sql = "SELECT max(ledger_index) FROM journal WHERE session_id = ?1";
        self.one(sql, [session_id], |row| row.get(0)).map(Option::flatten)
    }
}

type Columns = Vec<(String, Value)>;
type Rows = BTreeMap<String, Columns>;

/// Rows by key; a second row of one key gets a key of its own.
fn rows(connection: &Connection, sql: &str) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare(sql)?;
    let names: Vec<String> = statement.column_names().skip(1).map(str::to_owned).collect();
    let mut found = Rows::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut key: String = row.get::<_, Option<String>>(0)?.unwrap_or_default();
        while found.contains_key(&key) {
            key.push_str(" again");
        }
        let mut columns = Columns::new();
        for (at, name) in names.iter().enumerate() {
            columns.push((name.clone(), row.get(at + 1)?));
        }
        found.insert(key, columns);
    }
    Ok(found)
}

fn unlike(made: &Columns, stored: &Columns) -> String {
    let pairs = made.iter().zip(stored).filter(|(made, stored)| made != stored);
    let parts: Vec<String> = pairs
        .map(|((name, made), (_, stored))| {
            format!("{name} is {}, and the ledger makes {}", show(stored), show(made))
        })
        .collect();
    parts.join("; ")
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::Integer(*number),
        Cell::Real(number) => Value::Real(*number),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Blob(bytes) => Value::Blob(bytes.clone()),
    }
}

fn unwritten(table: &'static str, reason: String) -> ReadError {
    ReadError::Row { table, row: "of the tables made from the ledger".to_owned(), reason }
}
