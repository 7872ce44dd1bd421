//! The dynamic model of everything the ledger serializes: transactions, ledger entries, metadata. An [`Object`] is a
//! map from field to value in canonical order, with its JSON and its binary form. Never loses, renames or reorders a
//! field, and never interprets one.

mod decode;
mod encode;
mod json_api;
mod json_read;
mod json_values;
mod json_write;
mod number;
mod reading;
mod serde_form;
mod value;

use std::fmt;

pub(crate) use json_api::META_ADDITIONS;
pub(crate) use json_read::{Named, named};
pub use json_write::JsonStyle;
pub use number::Number;
pub use reading::INNER_MAX;
pub use value::{ArrayItem, PathStep, Value, XChainBridge};

use crate::amount::{Amount, AmountError};
use crate::ids::{AccountId, Hash256, IdError};
use crate::tables::FieldId;

/// How deep objects and arrays may lie in each other; the server's own limit is 10.
pub const DEPTH_MAX: usize = 16;

/// Fields, or elements of an array, that room is made for before they are read.
const ROOM_MAX: usize = 64;

/// Fields and their values, in canonical order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// Sorted by field, each once. Objects of the ledger have at most a few dozen fields, and are mostly read in
    /// order: a vector is the fastest map for them.
    fields: Vec<(FieldId, Value)>,
}

impl Object {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of fields in any order: sorting them once costs less than to find the place of each. An error names a field that
    /// is there twice.
    fn of_unsorted(mut fields: Vec<(FieldId, Value)>) -> Result<Self, FieldId> {
        fields.sort_unstable_by_key(|(field, _)| *field);
        match fields.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(twice) => Err(twice[0].0),
            None => Ok(Self { fields }),
        }
    }

    /// Fields and values in canonical order, to be taken apart.
    pub(crate) fn into_fields(self) -> impl Iterator<Item = (FieldId, Value)> {
        self.fields.into_iter()
    }

    /// The value of a field.
    pub fn get(&self, field: FieldId) -> Option<&Value> {
        self.place(field).ok().and_then(|at| self.fields.get(at)).map(|(_, value)| value)
    }

    /// Sets a field; gives what was there.
    pub fn insert(&mut self, field: FieldId, value: impl Into<Value>) -> Option<Value> {
        let value = value.into();
        match self.place(field) {
            Ok(at) => self.fields.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.fields.insert(at, (field, value));
                None
            }
        }
    }

    /// Sets a field when there is a value for it.
    pub fn insert_some(&mut self, field: FieldId, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.insert(field, value);
        }
    }

    /// The object with a field set, for building in one expression.
    #[must_use]
    pub fn with(mut self, field: FieldId, value: impl Into<Value>) -> Self {
        self.insert(field, value);
        self
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: FieldId) -> Option<Value> {
        self.place(field).ok().map(|at| self.fields.remove(at).1)
    }

    /// Whether the field is there.
    pub fn contains(&self, field: FieldId) -> bool {
        self.place(field).is_ok()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Fields and values in canonical order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (FieldId, &Value)> {
        self.fields.iter().map(|(field, value)| (*field, value))
    }

    /// Where the field is, or where it would go. Fields mostly come in order, so that the end is tried first.
    fn place(&self, field: FieldId) -> Result<usize, usize> {
        match self.fields.last() {
            None => Err(0),
            Some((last, _)) if *last < field => Err(self.fields.len()),
            Some(_) => self.fields.binary_search_by_key(&field, |(field, _)| *field),
        }
    }

    /// An 8-, 16- or 32-bit unsigned field as a number.
    pub fn u32(&self, field: FieldId) -> Option<u32> {
        match self.get(field)? {
            Value::UInt8(n) => Some(u32::from(*n)),
            Value::UInt16(n) => Some(u32::from(*n)),
            Value::UInt32(n) => Some(*n),
            _ => None,
        }
    }

    /// A 64-bit unsigned field.
    pub fn u64(&self, field: FieldId) -> Option<u64> {
        if let Value::UInt64(n) = self.get(field)? { Some(*n) } else { None }
    }

    /// An amount field.
    pub fn amount(&self, field: FieldId) -> Option<Amount> {
        if let Value::Amount(amount) = self.get(field)? { Some(*amount) } else { None }
    }

    /// An account field.
    pub fn account(&self, field: FieldId) -> Option<AccountId> {
        if let Value::Account(account) = self.get(field)? { Some(*account) } else { None }
    }

    /// A 256-bit field.
    pub fn hash256(&self, field: FieldId) -> Option<Hash256> {
        if let Value::Hash256(hash) = self.get(field)? { Some(*hash) } else { None }
    }

    /// A field of bytes.
    pub fn blob(&self, field: FieldId) -> Option<&[u8]> {
        if let Value::Blob(bytes) = self.get(field)? { Some(bytes) } else { None }
    }

    /// An object within this one.
    pub fn object(&self, field: FieldId) -> Option<&Object> {
        if let Value::Object(inner) = self.get(field)? { Some(inner) } else { None }
    }

    /// A field, here or further in, that has the code of `Invalid` (-1) for the type of a transaction or entry: none has
    /// it, and a lenient reading puts it where a name is newer than our definitions.
    pub fn without_type(&self) -> Option<FieldId> {
        self.iter().find_map(|(field, value)| match value {
            Value::UInt16(json_values::NO_TYPE) if json_values::is_type(field) => Some(field),
            Value::Object(inner) => inner.without_type(),
            Value::Array(items) => items.iter().find_map(|item| item.fields.without_type()),
            _ => None,
        })
    }

    /// An array within this one.
    pub fn array(&self, field: FieldId) -> Option<&[ArrayItem]> {
        if let Value::Array(items) = self.get(field)? { Some(items) } else { None }
    }
}

impl FromIterator<(FieldId, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (FieldId, Value)>>(fields: I) -> Self {
        let mut object = Self::new();
        for (field, value) in fields {
            object.insert(field, value);
        }
        object
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Why a JSON document or bytes are no object of the ledger, or an object has no binary form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// A name that is in no published definitions.
    #[error("unknown field `{0}`")]
    UnknownField(String),
    /// A field code that is in no published definitions.
    #[error("unknown field code: type {type_code}, number {nth}")]
    UnknownCode {
        /// Type code.
        type_code: u16,
        /// Number within the type.
        nth: u16,
    },
    /// A JSON object with one name twice.
    #[error("field `{0}` is there twice")]
    Twice(&'static str),
    /// A value that does not fit its field.
    #[error("field `{field}`: {reason}")]
    Value {
        /// Name of the field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The document is no JSON object.
    #[error("not a JSON object")]
    NotAnObject,
    /// The text is no hexadecimal.
    #[error("not hexadecimal")]
    NotHex,
    /// The bytes end too early.
    #[error("the bytes end within a value")]
    Short,
    /// Fields out of canonical order, twice, or with a header not in its shortest form.
    #[error("field `{0}` is not where the canonical order has it")]
    Order(&'static str),
    /// A field header or a length that is not in canonical form.
    #[error("a field header or length that is not canonical")]
    NotCanonical,
    /// Objects and arrays nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// More than [`INNER_MAX`] objects and arrays in one document.
    #[error("more than {INNER_MAX} objects and arrays")]
    TooMany,
    /// What a server adds to a transaction, where the transaction alone must be.
    #[error("field `{0}` is what a server adds, and no part of the transaction")]
    Addition(String),
    /// A value of more than 918,744 bytes.
    #[error("a value longer than 918744 bytes")]
    TooLong,
    /// A wrong amount.
    #[error("field `{field}`: {error}")]
    Amount {
        /// Name of the field.
        field: &'static str,
        /// What is wrong.
        error: AmountError,
    },
    /// A wrong identifier.
    #[error("field `{field}`: {error}")]
    Id {
        /// Name of the field.
        field: &'static str,
        /// What is wrong.
        error: IdError,
    },
    /// A needed field that is not there.
    #[error("field `{0}` is missing")]
    Missing(&'static str),
}

impl ObjectError {
    pub(crate) fn value(field: FieldId, reason: impl Into<String>) -> Self {
        Self::Value { field: field.name(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests;
