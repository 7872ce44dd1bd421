//! What the XRP Ledger says, as types: transactions, codec, signing, metadata, messages.

pub mod amount;
pub mod hash;
pub mod hex;
pub mod ids;
pub mod tables;

pub use amount::{Amount, AmountError, Asset};
pub use ids::{AccountId, Currency, Hash256, IdError, MptId, XAddress};
pub use tables::{EntryType, FieldId, ResultCode, TxType, fields};
