//! The values fields have. Never knows which field it belongs to.

use crate::amount::{Amount, Asset};
use crate::ids::{AccountId, Currency, Hash256};
use crate::tables::{EntryType, FieldId, ResultCode, TxType, TypeCode};

use super::{Number, Object};

/// A value of one of the ledger's types.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the published name of the type, nothing more")]
pub enum Value {
    UInt8(u8),
    UInt16(u16),
    UInt32(u32),
    UInt64(u64),
    Int32(i32),
    Int64(i64),
    Hash128([u8; 16]),
    Hash160([u8; 20]),
    Hash192([u8; 24]),
    Hash256(Hash256),
    Amount(Amount),
    Blob(Vec<u8>),
    Account(AccountId),
    Object(Object),
    Array(Vec<ArrayItem>),
    PathSet(Vec<Vec<PathStep>>),
    Vector256(Vec<Hash256>),
    Issue(Asset),
    Currency(Currency),
    Number(Number),
    XChainBridge(Box<XChainBridge>),
}

/// One element of an array: a named object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayItem {
    /// The field that names the element, as `Memo` in `Memos`.
    pub name: FieldId,
    /// What is in it.
    pub fields: Object,
}

/// One step of a payment path: at least one of the three is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PathStep {
    /// Ripple through this account.
    pub account: Option<AccountId>,
    /// Change into this currency.
    pub currency: Option<Currency>,
    /// Of this issuer.
    pub issuer: Option<AccountId>,
}

/// A bridge between two chains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XChainBridge {
    /// Door on the locking chain.
    pub locking_door: AccountId,
    /// Asset on the locking chain.
    pub locking_issue: Asset,
    /// Door on the issuing chain.
    pub issuing_door: AccountId,
    /// Asset on the issuing chain.
    pub issuing_issue: Asset,
}

impl Value {
    /// The type of the value.
    pub fn kind(&self) -> TypeCode {
        match self {
            Self::UInt8(_) => TypeCode::UInt8,
            Self::UInt16(_) => TypeCode::UInt16,
            Self::UInt32(_) => TypeCode::UInt32,
            Self::UInt64(_) => TypeCode::UInt64,
            Self::Int32(_) => TypeCode::Int32,
            Self::Int64(_) => TypeCode::Int64,
            Self::Hash128(_) => TypeCode::Hash128,
            Self::Hash160(_) => TypeCode::Hash160,
            Self::Hash192(_) => TypeCode::Hash192,
            Self::Hash256(_) => TypeCode::Hash256,
            Self::Amount(_) => TypeCode::Amount,
            Self::Blob(_) => TypeCode::Blob,
            Self::Account(_) => TypeCode::AccountId,
            Self::Object(_) => TypeCode::Object,
            Self::Array(_) => TypeCode::Array,
            Self::PathSet(_) => TypeCode::PathSet,
            Self::Vector256(_) => TypeCode::Vector256,
            Self::Issue(_) => TypeCode::Issue,
            Self::Currency(_) => TypeCode::Currency,
            Self::Number(_) => TypeCode::Number,
            Self::XChainBridge(_) => TypeCode::XChainBridge,
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

from! {
    u8 => UInt8, u16 => UInt16, u32 => UInt32, u64 => UInt64, i32 => Int32, i64 => Int64,
    Hash256 => Hash256, Amount => Amount, Vec<u8> => Blob, AccountId => Account, Object => Object,
    Vec<ArrayItem> => Array, Vec<Vec<PathStep>> => PathSet, Vec<Hash256> => Vector256, Asset => Issue,
    Currency => Currency, Number => Number,
}

impl From<TxType> for Value {
    fn from(value: TxType) -> Self {
        Self::UInt16(value.0)
    }
}

impl From<EntryType> for Value {
    fn from(value: EntryType) -> Self {
        Self::UInt16(value.0)
    }
}

impl From<ResultCode> for Value {
    /// Only results that reach a ledger (0..=255) have a stored form; others become 255.
    fn from(value: ResultCode) -> Self {
        Self::UInt8(u8::try_from(value.0).unwrap_or(u8::MAX))
    }
}

impl From<units::Drops> for Value {
    fn from(value: units::Drops) -> Self {
        Self::Amount(Amount::Xrp(value))
    }
}
