//! A table as Parquet (snappy): text as UTF-8 strings, whole numbers as 64-bit integers, bytes as they are. Amounts are
//! text in the database and stay text: no column is a floating-point number.

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::fs::File;
use std::sync::Arc;
use store::{Cell, Column};

/// Rows and bytes that are held before they are written.
const GROUP_ROWS: usize = 50_000;
const GROUP_BYTES: usize = 32 << 20;

/// A Parquet file being written.
pub struct Table {
    columns: Vec<Column>,
    writer: SerializedFileWriter<File>,
    rows: Vec<Vec<Cell>>,
    bytes: usize,
}

impl Table {
    /// Begins the file of a table.
    pub fn new(file: File, name: &str, columns: &[Column]) -> Result<Table, ParquetError> {
        let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder(name).with_fields(fields).build()?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
        Ok(Table { columns: columns.to_vec(), writer, rows: Vec::new(), bytes: 0 })
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) -> Result<(), ParquetError> {
        self.bytes += cells.iter().map(size).sum::<usize>();
        self.rows.push(cells);
        if self.rows.len() >= GROUP_ROWS || self.bytes >= GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    /// Ends the file; gives it back, to be synced.
    pub fn finish(mut self) -> Result<File, ParquetError> {
        self.flush()?;
        self.writer.into_inner()
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group: SerializedRowGroupWriter<'_, File> = self.writer.next_row_group()?;
        for (at, column) in self.columns.iter().enumerate() {
            let Some(mut writer) = group.next_column()? else { break };
            let cells: Vec<&Cell> = self.rows.iter().filter_map(|row| row.get(at)).collect();
            write(&mut writer, column, &cells)?;
            writer.close()?;
        }
        group.close()?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => 32 + text.len(),
        Cell::Blob(bytes) => 32 + bytes.len(),
        _ => 32,
    }
}

fn physical(column: &Column) -> Physical {
    match column.kind.as_str() {
        "INTEGER" | "INT" => Physical::INT64,
        "REAL" => Physical::DOUBLE,
        _ => Physical::BYTE_ARRAY,
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let builder =
        Type::primitive_type_builder(&column.name, physical(column)).with_repetition(Repetition::OPTIONAL);
    let builder = if column.kind == "TEXT" {
        builder.with_logical_type(Some(LogicalType::String)).with_converted_type(ConvertedType::UTF8)
    } else {
        builder
    };
    builder.build().map(Arc::new)
}

fn write(
    writer: &mut SerializedColumnWriter<'_>,
    column: &Column,
    cells: &[&Cell],
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(**cell != Cell::Null)).collect();
    let strange = || ParquetError::General(format!("a value of column {} is not of its type", column.name));
    let there = cells.iter().filter(|cell| ***cell != Cell::Null);
    match physical(column) {
        Physical::INT64 => {
            let values = there.map(|cell| match cell {
                Cell::Integer(n) => Ok(*n),
                _ => Err(strange()),
            });
            let values = values.collect::<Result<Vec<i64>, _>>()?;
            writer.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
        }
        Physical::DOUBLE => {
            let values = there.map(|cell| match cell {
                Cell::Real(n) => Ok(*n),
                _ => Err(strange()),
            });
            let values = values.collect::<Result<Vec<f64>, _>>()?;
            writer.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
        }
        _ => {
            let values = there.map(|cell| match cell {
                Cell::Text(text) => Ok(ByteArray::from(text.as_str())),
                Cell::Blob(bytes) => Ok(ByteArray::from(bytes.clone())),
                _ => Err(strange()),
            });
            let values = values.collect::<Result<Vec<ByteArray>, _>>()?;
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let column = |name: &str, kind: &str| Column { name: name.to_owned(), kind: kind.to_owned() };
        let columns = [column("n", "INTEGER"), column("amount", "TEXT"), column("bytes", "BLOB")];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let mut table = Table::new(File::create(&path).unwrap(), "t", &columns).unwrap();
        let text = |text: &str| Cell::Text(text.to_owned());
        table
            .row(vec![Cell::Integer(i64::MIN), text("118.123456789012345"), Cell::Blob(vec![0, 255])])
            .unwrap();
        table.flush().unwrap();
        table.row(vec![Cell::Null, text(""), Cell::Null]).unwrap();
        table.row(vec![Cell::Integer(7), Cell::Null, Cell::Blob(Vec::new())]).unwrap();
        table.finish().unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(
            rows,
            [
                "{n: -9223372036854775808, amount: \"118.123456789012345\", bytes: [0, 255]}",
                "{n: null, amount: \"\", bytes: null}",
                "{n: 7, amount: null, bytes: []}",
            ]
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let columns = [Column { name: "n".to_owned(), kind: "INTEGER".to_owned() }];
        let dir = tempfile::tempdir().unwrap();
        let mut table = Table::new(File::create(dir.path().join("t")).unwrap(), "t", &columns).unwrap();
        table.row(vec![Cell::Text("7".to_owned())]).unwrap();
        assert!(table.finish().unwrap_err().to_string().contains("column n"));
    }
}
