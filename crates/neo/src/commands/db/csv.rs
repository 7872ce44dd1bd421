//! A table as CSV (RFC 4180): NULL is an empty field, an empty text is `""`, bytes are hexadecimal. Values are written as
//! they are; nothing is rounded.

use std::io::Write;
use store::{Cell, Column};

/// Writes the names of the columns.
pub fn head(out: &mut impl Write, columns: &[Column]) -> std::io::Result<()> {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    write!(out, "{}\r\n", names.join(","))
}

/// Writes one row.
pub fn row(out: &mut impl Write, cells: &[Cell]) -> std::io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Null => {}
            Cell::Integer(number) => write!(out, "{number}")?,
            // The shortest text that reads back as the same number.
            Cell::Real(number) => write!(out, "{number:?}")?,
            Cell::Text(text) => out.write_all(quoted(text).as_bytes())?,
            Cell::Blob(bytes) => bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?,
        }
    }
    out.write_all(b"\r\n")
}

fn quoted(text: &str) -> String {
    let is_plain = !text.is_empty() && !text.contains([',', '"', '\r', '\n']) && text.trim() == text;
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_by_table() {
        let text = |text: &str| Cell::Text(text.to_owned());
        for (cells, line) in [
            (vec![Cell::Null, text(""), Cell::Integer(-7)], ",\"\",-7\r\n"),
            (vec![text("118.123456789012345"), Cell::Blob(vec![0, 255])], "118.123456789012345,00ff\r\n"),
            (
                vec![text("a,b"), text("say \"x\""), text("two\nlines"), text(" x")],
                "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\" x\"\r\n",
            ),
        ] {
            let mut out = Vec::new();
            row(&mut out, &cells).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), line);
        }
    }
}
