//! JSON documents taken apart without copying: a text is read once into a flat list of cells that point into it, and a
//! tree of serde_json's serves as it is. Never decides what a document means, and never gives a number that is not whole.

mod cells;
mod node;

pub use node::{Elements, Members, Node};

use cells::Cell;
use serde_json::Value;

/// A document that was read from text. What is in it is reached through its [`root`](Document::root).
#[derive(Debug)]
pub struct Document<'t>(Source<'t>);

#[derive(Debug)]
enum Source<'t> {
    /// The root, then everything in it, each object and array before its own contents.
    Cells(Vec<Cell<'t>>),
    /// A text with a number that is not whole (or beyond 64 bits), which cells have no place for. No transaction has one.
    Tree(Value),
}

impl<'t> Document<'t> {
    /// Reads a text that is one JSON value and nothing else.
    ///
    /// # Errors
    /// serde_json's: what is no JSON, and what is nested more than 128 deep.
    pub fn parse(text: &'t str) -> Result<Self, serde_json::Error> {
        let source = match cells::parse(text) {
            Ok(cells) => Source::Cells(cells),
            Err(_) => Source::Tree(serde_json::from_str(text)?),
        };
        Ok(Self(source))
    }

    /// The value as a whole.
    pub fn root(&self) -> Node<'_> {
        match &self.0 {
            Source::Cells(cells) => Node::of_cells(cells),
            Source::Tree(value) => value.into(),
        }
    }
}

#[cfg(test)]
mod tests;
