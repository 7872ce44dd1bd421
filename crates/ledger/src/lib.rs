//! What the XRP Ledger says, as types: transactions, codec, signing, metadata, messages.
//!
//! Start with [`Object`], the dynamic model of everything the ledger serializes, and [`Amount`]; then [`Transaction`]
//! and [`sign`] for what we send, [`TxMeta`] with [`balance_changes`] and [`offer_changes`] for what happened, and
//! [`TxRecord`] for both out of any document of a server. [`tables`] is the ledger's dictionary, [`keylet`] says where entries
//! are.
//!
//! What is absent: sockets, clocks, files, randomness, floating point, decisions. Outside input never panics: every
//! door gives a typed error, nesting and lengths are bounded, and only canonical bytes are read.

pub mod amount;
pub mod hash;
pub mod hex;
pub mod ids;
pub mod json;
pub mod keylet;
pub mod keys;
pub mod messages;
pub mod meta;
pub mod object;
pub mod shamap;
pub mod tables;
pub mod text;
pub mod tx;

pub use amount::{Amount, AmountError, Asset};
pub use ids::{AccountId, Currency, Hash256, IdError, MptId, XAddress};
pub use keys::{KeyError, KeyKind, KeyPair, Seed};
pub use messages::{RecordError, TxRecord};
pub use meta::{AffectedNode, NodeAction, OfferChange, OfferStatus, TxMeta, balance_changes, offer_changes};
pub use object::{JsonStyle, Object, ObjectError, Value};
pub use tables::{EntryType, FieldId, ResultCode, TxType, fields};
pub use tx::{
    SeqProxy, SignError, SignedTx, Transaction, TxError, TxKind, final_hash, flags, sign, sign_object,
    tx_hash, verify,
};
