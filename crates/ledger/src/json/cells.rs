//! A JSON text as a list of cells in the order of the text: one pass, one allocation, and strings stay where they are.
//! Never holds a number that is not whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Bytes of text for each cell that is made room for at the start; messages of servers have about this many.
const BYTES_A_CELL: usize = 16;

/// A value, or the name of one. Objects and arrays say how many cells of theirs follow, so that they can be stepped over.
#[derive(Debug)]
pub(super) enum Cell<'t> {
    Null,
    Bool(bool),
    Unsigned(u64),
    /// Below zero.
    Signed(i64),
    /// Text as it stands in the document.
    Text(&'t str),
    /// Text that was written with escapes.
    Unescaped(Box<str>),
    /// So many values in so many cells.
    Array {
        count: usize,
        cells: usize,
    },
    /// So many pairs of name and value in so many cells.
    Object {
        count: usize,
        cells: usize,
    },
}

impl Cell<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Unescaped(text) => Some(text),
            _ => None,
        }
    }

    /// How many cells the value takes.
    pub(super) fn extent(&self) -> usize {
        match self {
            Cell::Array { cells, .. } | Cell::Object { cells, .. } => cells + 1,
            _ => 1,
        }
    }
}

/// The cells of a text; an error where it is no JSON, or has a number that cells have no place for.
pub(super) fn parse(text: &str) -> Result<Vec<Cell<'_>>, serde_json::Error> {
    let mut cells = Vec::with_capacity(text.len() / BYTES_A_CELL + 1);
    let mut parser = serde_json::Deserializer::from_str(text);
    Push(&mut cells).deserialize(&mut parser)?;
    parser.end()?;
    Ok(cells)
}

/// Puts one value (or name) at the end of the list.
struct Push<'c, 't>(&'c mut Vec<Cell<'t>>);

impl<'t> DeserializeSeed<'t> for Push<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Push<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without fractions")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.push(Cell::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.0.push(Cell::Bool(value));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.0.push(Cell::Unsigned(number));
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.0.push(u64::try_from(number).map_or(Cell::Signed(number), Cell::Unsigned));
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'t str) -> Result<(), E> {
        self.0.push(Cell::Text(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.push(Cell::Unescaped(text.into()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut values: A) -> Result<(), A::Error> {
        let (at, mut count) = (self.0.len(), 0);
        self.0.push(Cell::Null);
        while values.next_element_seed(Push(self.0))?.is_some() {
            count += 1;
        }
        let cells = self.0.len() - at - 1;
        self.0[at] = Cell::Array { count, cells };
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<(), A::Error> {
        let (at, mut count) = (self.0.len(), 0);
        self.0.push(Cell::Null);
        while members.next_key_seed(Push(self.0))?.is_some() {
            members.next_value_seed(Push(self.0))?;
            count += 1;
        }
        let cells = self.0.len() - at - 1;
        self.0[at] = Cell::Object { count, cells };
        Ok(())
    }
}
