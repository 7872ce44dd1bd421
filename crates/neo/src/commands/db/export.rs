//! `neo db export`: every table as Parquet and CSV, of one instant, without holding up a running engine: what is read is
//! a copy that is thrown away. Never overwrites a file.

use super::{csv, grouped, no_copy, parquet, refusal};
use crate::cli::{DbExportArgs, ExportFormat};
use crate::exit::{Exit, Failure, Outcome};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use store::{ReadError, Reader};

/// Why an export did not come to its end.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}

/// Runs the command.
pub fn run(args: &DbExportArgs) -> Outcome {
    let io =
        |error: std::io::Error| Failure::failed(format!("cannot write to {}: {error}", args.out.display()));
    // Looked at first, so that a refusal leaves nothing behind.
    let reader = Reader::open(&args.place.db).map_err(|error| refusal(&error))?;
    let tables = wanted(&reader, &args.table)?;
    drop(reader);
    nothing_is_in_the_way(args, &tables)?;
    platform::files::create_private_dir(&args.out).map_err(io)?;
    let copy = Copy(args.out.join(".export.tmp"));
    drop(std::fs::remove_file(&copy.0));
    store::copy_to(&args.place.db, &copy.0).map_err(|error| no_copy(&error))?;
    let reader = Reader::open(&copy.0).map_err(|error| refusal(&error))?;
    let mut rows = Vec::new();
    for table in &tables {
        let written = export(&reader, table, &args.out, args.format);
        rows.push(written.map_err(|error| Failure::failed(format!("table {table}: {error}")))?);
    }
    platform::files::sync_dir(&args.out).map_err(io)?;
    tell(args, &tables, &rows)
}

/// The copy that is read; it goes when the export ends, however it ends.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn nothing_is_in_the_way(args: &DbExportArgs, tables: &[String]) -> Result<(), Failure> {
    let ends: &[&str] = match args.format {
        ExportFormat::Csv => &["csv"],
        ExportFormat::Parquet => &["parquet"],
        ExportFormat::Both => &["csv", "parquet"],
    };
    let mut files =
        tables.iter().flat_map(|table| ends.iter().map(move |end| args.out.join(format!("{table}.{end}"))));
    match files.find(|path| path.exists()) {
        None => Ok(()),
        Some(there) => Err(Failure::refused(format!(
            "{} is there already and is not overwritten; nothing was exported",
            there.display()
        ))),
    }
}

fn wanted(reader: &Reader, named: &[String]) -> Result<Vec<String>, Failure> {
    let all = reader.tables().map_err(|error| refusal(&error))?;
    if let Some(strange) = named.iter().find(|name| !all.contains(name)) {
        return Err(Failure::usage(format!("there is no table {strange:?}; there are {}", all.join(", "))));
    }
    Ok(if named.is_empty() { all } else { all.into_iter().filter(|table| named.contains(table)).collect() })
}

/// Writes one table in the forms wanted; gives its number of rows. A file has its name only when it is whole.
fn export(reader: &Reader, table: &str, out: &Path, format: ExportFormat) -> Result<u64, ExportError> {
    let columns = reader.columns(table)?;
    let tmp = |end: &str| out.join(format!("{table}.{end}.tmp"));
    let make = |end: &str| platform::files::private_file().truncate(true).open(tmp(end));
    let mut text = if format == ExportFormat::Parquet { None } else { Some(BufWriter::new(make("csv")?)) };
    let mut packed = match format {
        ExportFormat::Csv => None,
        _ => Some(parquet::Table::new(make("parquet")?, table, &columns)?),
    };
    if let Some(text) = &mut text {
        csv::head(text, &columns)?;
    }
    let mut rows = 0;
    reader.rows(table, |cells| {
        if let Some(text) = &mut text {
            csv::row(text, &cells)?;
        }
        if let Some(packed) = &mut packed {
            packed.row(cells)?;
        }
        rows += 1;
        Ok::<(), ExportError>(())
    })?;
    let keep = |end: &str, file: File| -> Result<(), ExportError> {
        file.sync_all()?;
        Ok(std::fs::rename(tmp(end), out.join(format!("{table}.{end}")))?)
    };
    if let Some(mut text) = text {
        text.flush()?;
        keep("csv", text.into_inner().map_err(std::io::IntoInnerError::into_error)?)?;
    }
    if let Some(packed) = packed {
        keep("parquet", packed.finish()?)?;
    }
    Ok(rows)
}

fn tell(args: &DbExportArgs, tables: &[String], rows: &[u64]) -> Outcome {
    if args.place.json {
        let counts: serde_json::Map<String, Value> =
            tables.iter().cloned().zip(rows.iter().map(|n| Value::from(*n))).collect();
        let document = json!({"format": 1, "db": args.place.db.display().to_string(),
                              "out": args.out.display().to_string(), "rows": counts});
        crate::out::line(&document.to_string())?;
    } else {
        for (table, rows) in tables.iter().zip(rows) {
            crate::out::line(&format!("{table:<28}{:>12} rows", grouped(*rows)))?;
        }
        crate::out::line(&format!("in {}", args.out.display()))?;
    }
    Ok(Exit::Done)
}
