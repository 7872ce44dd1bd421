//! What the reading of one document keeps in mind: the names it does not know, how much it has taken in, and the
//! addresses it has read. Never
//! decides what a name means.

use super::ObjectError;
use crate::ids::{Accounts, shorten};

/// How many objects and arrays may lie within one document, at any depth: an object takes two bytes of input and a few
/// hundred of memory. Four times what the largest metadata needs: a server refuses metadata of more than 5,200 affected nodes
/// (rippled's `oversizeMetaDataCap`, result `tecOVERSIZE`), each of which holds two objects more.
pub const INNER_MAX: usize = 65_536;

/// Objects and arrays taken in so far, of bytes and of JSON alike: what is read in one form is read in the other.
#[derive(Default)]
pub(super) struct Inner(usize);

impl Inner {
    /// Takes one more in.
    pub(super) fn enter(&mut self) -> Result<(), ObjectError> {
        self.0 = self.0.saturating_add(1);
        if self.0 > INNER_MAX { Err(ObjectError::TooMany) } else { Ok(()) }
    }
}

/// One reading of a JSON document.
pub(super) struct Reading<'d> {
    /// Names the definitions do not have; `None` where they are refused.
    unknown: Option<Vec<String>>,
    pub(super) inner: Inner,
    pub(super) accounts: Accounts<'d>,
}

impl Reading<'_> {
    /// Refuses what it does not know.
    pub(super) fn strict() -> Self {
        Self { unknown: None, inner: Inner::default(), accounts: Accounts::default() }
    }

    /// Collects what it does not know.
    pub(super) fn lenient() -> Self {
        Self { unknown: Some(Vec::new()), ..Self::strict() }
    }

    /// Keeps a name, or refuses it with `error`.
    pub(super) fn meet(&mut self, name: &str, error: ObjectError) -> Result<(), ObjectError> {
        match &mut self.unknown {
            None => Err(error),
            Some(names) => {
                names.push(shorten(name));
                Ok(())
            }
        }
    }

    /// The names that were met.
    pub(super) fn unknown(self) -> Vec<String> {
        self.unknown.unwrap_or_default()
    }
}
