//! One value of a document, wherever the document lies. Never holds anything of its own: a node is two words to copy.

use std::fmt;

use serde_json::{Value, map};

use super::cells::Cell;

/// A value within a document: within the cells of a text, or within a tree of serde_json's.
#[derive(Clone, Copy)]
pub struct Node<'d>(Place<'d>);

#[derive(Clone, Copy)]
enum Place<'d> {
    /// The first of these cells is the value; its contents follow, and then whatever comes after it.
    Cells(&'d [Cell<'d>]),
    Tree(&'d Value),
}

impl<'d> From<&'d Value> for Node<'d> {
    fn from(value: &'d Value) -> Self {
        Self(Place::Tree(value))
    }
}

impl<'d> Node<'d> {
    /// What stands for a value that is not there.
    pub const NULL: Node<'static> = Node(Place::Tree(&Value::Null));

    pub(super) fn of_cells(cells: &'d [Cell<'d>]) -> Self {
        Self(Place::Cells(cells))
    }

    /// The text of a string.
    pub fn as_str(self) -> Option<&'d str> {
        match self.0 {
            Place::Cells(cells) => cells.first()?.text(),
            Place::Tree(value) => value.as_str(),
        }
    }

    /// A whole number from 0 to 2^64 - 1.
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Place::Cells([Cell::Unsigned(number), ..]) => Some(*number),
            Place::Cells(_) => None,
            Place::Tree(value) => value.as_u64(),
        }
    }

    /// A whole number of 64 bits with a sign.
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Place::Cells([Cell::Unsigned(number), ..]) => i64::try_from(*number).ok(),
            Place::Cells([Cell::Signed(number), ..]) => Some(*number),
            Place::Cells(_) => None,
            Place::Tree(value) => value.as_i64(),
        }
    }

    /// True or false.
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            Place::Cells([Cell::Bool(value), ..]) => Some(*value),
            Place::Cells(_) => None,
            Place::Tree(value) => value.as_bool(),
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        match self.0 {
            Place::Cells(cells) => matches!(cells, [Cell::Null, ..]),
            Place::Tree(value) => value.is_null(),
        }
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.members().is_some()
    }

    /// Names and values of an object.
    pub fn members(self) -> Option<Members<'d>> {
        match self.0 {
            Place::Cells([Cell::Object { count, .. }, rest @ ..]) => {
                Some(Members(Inner::Cells { left: *count, rest }))
            }
            Place::Cells(_) => None,
            Place::Tree(value) => value.as_object().map(|map| Members(Inner::Tree(map.iter()))),
        }
    }

    /// Values of an array.
    pub fn elements(self) -> Option<Elements<'d>> {
        match self.0 {
            Place::Cells([Cell::Array { count, .. }, rest @ ..]) => {
                Some(Elements(Inner::Cells { left: *count, rest }))
            }
            Place::Cells(_) => None,
            Place::Tree(value) => value.as_array().map(|all| Elements(Inner::Tree(all.iter()))),
        }
    }

    /// The value under a name of an object; the first, where a text has the name twice.
    pub fn get(self, name: &str) -> Option<Node<'d>> {
        match self.0 {
            Place::Cells(_) => self.members()?.find(|(other, _)| *other == name).map(|(_, value)| value),
            Place::Tree(value) => value.get(name).map(Node::from),
        }
    }

    /// The value as a tree of its own.
    pub fn to_value(self) -> Value {
        let cells = match self.0 {
            Place::Cells(cells) => cells,
            Place::Tree(value) => return value.clone(),
        };
        match cells.first() {
            None | Some(Cell::Null) => Value::Null,
            Some(Cell::Bool(value)) => (*value).into(),
            Some(Cell::Unsigned(number)) => (*number).into(),
            Some(Cell::Signed(number)) => (*number).into(),
            Some(Cell::Text(text)) => (*text).into(),
            Some(Cell::Unescaped(text)) => (**text).into(),
            Some(Cell::Array { .. }) => self.elements().into_iter().flatten().map(Node::to_value).collect(),
            Some(Cell::Object { .. }) => {
                let members = self.members().into_iter().flatten();
                members.map(|(name, value)| (name.to_owned(), value.to_value())).collect()
            }
        }
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_str(), other.as_str()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.to_value() == other.to_value(),
            _ => false,
        }
    }
}

impl fmt::Display for Node<'_> {
    /// As JSON text, names in the order of the alphabet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is still to come of an object or array.
#[derive(Clone)]
enum Inner<'d, T> {
    Cells { left: usize, rest: &'d [Cell<'d>] },
    Tree(T),
}

impl<'d, T: ExactSizeIterator> Inner<'d, T> {
    fn len(&self) -> usize {
        match self {
            Self::Cells { left, .. } => *left,
            Self::Tree(rest) => rest.len(),
        }
    }
}

/// The value at the front of cells, which then begin behind it.
fn take_value<'d>(rest: &mut &'d [Cell<'d>]) -> Option<Node<'d>> {
    let value = *rest;
    *rest = value.get(value.first()?.extent()..)?;
    Some(Node::of_cells(value))
}

/// Names and values of an object: in the order of a text, or of the alphabet for a tree.
#[derive(Clone)]
pub struct Members<'d>(Inner<'d, map::Iter<'d>>);

impl<'d> Iterator for Members<'d> {
    type Item = (&'d str, Node<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Inner::Cells { left, rest } => {
                *left = left.checked_sub(1)?;
                let (name, values) = rest.split_first()?;
                *rest = values;
                Some((name.text()?, take_value(rest)?))
            }
            Inner::Tree(members) => members.next().map(|(name, value)| (name.as_str(), value.into())),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Members<'_> {}

/// Values of an array.
#[derive(Clone)]
pub struct Elements<'d>(Inner<'d, std::slice::Iter<'d, Value>>);

impl<'d> Iterator for Elements<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Inner::Cells { left, rest } => {
                *left = left.checked_sub(1)?;
                take_value(rest)
            }
            Inner::Tree(values) => values.next().map(Node::from),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Elements<'_> {}
