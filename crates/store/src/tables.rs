//! Every table as it is, cell by cell, for whoever wants to carry it elsewhere. Reads only, and changes no value: text
//! stays text, so amounts stay exact.

use rusqlite::types::ValueRef;

use crate::error::ReadError;
use crate::reader::Reader;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its declared type, upper case: `INTEGER`, `TEXT`, `BLOB`, `REAL`.
    pub kind: String,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A binary fraction; none of our tables has one.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Reader {
    /// The names of all tables, in order.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn tables(&self) -> Result<Vec<String>, ReadError> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        self.all(sql, [], |row| row.get(0))
    }

    /// The columns of a table, in order; empty when there is no such table.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn columns(&self, table: &str) -> Result<Vec<Column>, ReadError> {
        let sql = "SELECT name, upper(type) FROM pragma_table_info(?1) ORDER BY cid";
        self.all(sql, [table], |row| Ok(Column { name: row.get(0)?, kind: row.get(1)? }))
    }

    /// Every row of a table, in the order of its key, one at a time to `each`; stops at the first error.
    ///
    /// # Errors
    /// [`ReadError`], or what `each` gives.
    pub fn rows<E: From<ReadError>>(
        &self,
        table: &str,
        mut each: impl FnMut(Vec<Cell>) -> Result<(), E>,
    ) -> Result<(), E> {
        let fail = |error| ReadError::Sqlite { path: self.path().to_owned(), error };
        let sql = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
        let mut statement = self.connection.prepare(&sql).map_err(fail)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let cells: Result<Vec<Cell>, _> = (0..columns).map(|at| row.get_ref(at).map(cell)).collect();
            each(cells.map_err(fail)?)?;
        }
        Ok(())
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}
