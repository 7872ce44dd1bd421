//! One transaction with its metadata, read in full out of whatever document brought it. Never reads one thing as
//! another: metadata must be there, and a transaction that is there must be one.

use std::collections::BTreeMap;

use units::LedgerTime;

use super::places::{ParentClose, Places};
use crate::amount::Amount;
use crate::hex;
use crate::ids::{Hash256, shorten};
use crate::json::{Document, Node};
use crate::meta::{EntryChange, FeePaid, MetaError, OfferChange, TxMeta, fee_paid, offer_changes};
use crate::object::{Object, ObjectError, Value};
use crate::tables::{EntryType, TxType, fields as f};
use crate::tx::final_hash;
use crate::tx::flags::TF_PARTIAL_PAYMENT;

/// The first ledger in which a partial payment says what it delivered (ledger documentation, "Partial payments").
const DELIVERED_TOLD_FROM: u32 = 4_594_095;
const CHECK_CASH: TxType = TxType(17);

/// A transaction, what it did, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxRecord {
    /// Its id: as the document says it (proved, where the bytes are there too), else of the bytes or of a signed
    /// transaction known in full.
    pub hash: Option<Hash256>,
    /// How it ended, by the document's own name for it.
    pub result: String,
    /// The transaction, where it is beside the metadata.
    pub tx: Option<Object>,
    /// What it did.
    pub meta: TxMeta,
    /// In which ledger.
    pub ledger_index: Option<u32>,
    /// That ledger's hash.
    pub ledger_hash: Option<Hash256>,
    /// When that ledger closed.
    pub close_time: Option<LedgerTime>,
    /// When the ledger before closed, which decides over expirations.
    pub parent_close: Option<ParentClose>,
    /// Whether it is final, where the document says so.
    pub validated: Option<bool>,
    /// Whether the server only tried it (`simulate`): it is in no ledger.
    pub simulated: bool,
    /// Of an OfferCreate: what its owner has of what it offers, as the server writes it (drops, or a decimal).
    pub owner_funds: Option<String>,
    /// The name of the transaction's type, where our definitions do not have it.
    pub newer_type: Option<String>,
    /// The names of the types of entries that our definitions do not have, by the entry's index.
    pub newer_entry_types: BTreeMap<Hash256, String>,
    /// Names that our definitions do not have (a newer server): what they mean is not in `tx` or `meta`.
    pub unknown: Vec<String>,
    /// Whether every name in the transaction is known.
    is_tx_known: bool,
}

/// Why a document is no transaction with metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Neither a JSON object nor hexadecimal.
    #[error("neither a JSON object nor hexadecimal")]
    NotADocument,
    /// An answer that is an error.
    #[error("the server answered with an error: {0}")]
    Refused(String),
    /// A page or a ledger: each of its entries is a document.
    #[error("a list of transactions: give one entry of `transactions` at a time")]
    List,
    /// Nothing that says what the transaction did.
    #[error("no metadata: none of `meta`, `metaData`, `meta_blob`")]
    NoMeta,
    /// A field of the document that cannot be read.
    #[error("field `{field}`: {why}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// Two places say different things.
    #[error("field `{0}` is there twice with different values")]
    Twice(&'static str),
    /// No JSON text.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// One JSON object with a name twice.
    #[error("`{0}` is there twice in one object")]
    Repeated(String),
    /// Two names of the same thing hold different things.
    #[error("`{0}` and `{1}` are both there and different")]
    Disagree(&'static str, &'static str),
    /// The bytes are not those of the transaction named.
    #[error("field `hash` is {given}, but the bytes beside it are of {of_bytes}")]
    OtherHash {
        /// As the document says.
        given: Hash256,
        /// Of the bytes.
        of_bytes: Hash256,
    },
    /// A transaction that cannot be read.
    #[error("the transaction: {0}")]
    Tx(ObjectError),
    /// Metadata that cannot be read.
    #[error(transparent)]
    Meta(#[from] MetaError),
}

impl RecordError {
    /// The field at fault; empty where it is the document as a whole.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Field { field, .. } | Self::Twice(field) => field,
            Self::OtherHash { .. } => "hash",
            Self::Disagree(field, _) => field,
            Self::NoMeta | Self::Meta(_) => "meta",
            Self::Tx(_) => "tx_json",
            Self::NotADocument | Self::NotJson(_) | Self::Repeated(_) | Self::Refused(_) | Self::List => "",
        }
    }
}

impl TxRecord {
    /// Reads a document of API version 1 or 2, each part JSON or hexadecimal: a `tx` or `simulate` answer whole or its
    /// `result`, an entry of `account_tx` or of an expanded `ledger`, a `transaction` message, or bare metadata.
    ///
    /// # Errors
    /// [`RecordError`], naming the field where there is one.
    pub fn read<'d>(document: impl Into<Node<'d>>) -> Result<Self, RecordError> {
        Self::from_places(&Places::of(document)?)
    }

    /// [`read`](Self::read) of a document's text, in one pass: no tree of it is made.
    ///
    /// # Errors
    /// As [`TxRecord::read`], and [`RecordError::NotJson`].
    pub fn read_text(text: &str) -> Result<Self, RecordError> {
        let document = Document::parse(text).map_err(|error| RecordError::NotJson(error.to_string()))?;
        Self::read(document.root())
    }

    /// The same of a document whose parts were found before.
    ///
    /// # Errors
    /// As [`TxRecord::read`].
    pub fn from_places(places: &Places<'_>) -> Result<Self, RecordError> {
        let (meta, mut unknown) = read_meta(places.meta)?;
        let (tx, unknown_of_tx) = match places.tx {
            Some(json) => {
                let (tx, mut unknown) = read_tx(json)?;
                if places.is_flat {
                    unknown.retain(|name| !name.starts_with(|first: char| first.is_ascii_lowercase()));
                }
                (Some(tx), unknown)
            }
            None => (None, Vec::new()),
        };
        let known_tx = tx.as_ref().filter(|_| unknown_of_tx.is_empty());
        let hash = match places.proved_hash()? {
            None => known_tx.and_then(shown_hash),
            given => given,
        };
        agree(places, known_tx, Some(&meta).filter(|_| unknown.is_empty()))?;
        let newer_entry_types =
            if unknown.is_empty() { BTreeMap::new() } else { newer_entry_types(places.meta) };
        unknown.extend(unknown_of_tx);
        let named = places.meta.get("TransactionResult").and_then(Node::as_str);
        Ok(Self {
            hash,
            is_tx_known: known_tx.is_some(),
            newer_type: places.tx.and_then(newer_type),
            newer_entry_types,
            result: named.map_or_else(|| meta.result.to_string(), str::to_owned),
            tx,
            meta,
            ledger_index: places.ledger_index,
            ledger_hash: places.ledger_hash,
            close_time: places.close_time,
            parent_close: places.parent_close,
            validated: places.validated,
            simulated: places.simulated,
            owner_funds: places.owner_funds.map(str::to_owned),
            unknown,
        })
    }

    /// The id that the transaction has as it is shown, where it is signed, shown whole, and this is not `hash`: one of
    /// the two was altered. No error, since documents that people keep as examples are.
    pub fn other_hash(&self) -> Option<Hash256> {
        let tx = self.tx.as_ref().filter(|_| self.is_tx_known && !self.simulated)?;
        let given = self.hash?;
        shown_hash(tx).filter(|shown| *shown != given)
    }

    /// The name of its type, newer ones as the document has them; `None` without the transaction.
    pub fn type_name(&self) -> Option<String> {
        let code = u16::try_from(self.tx.as_ref()?.u32(f::TRANSACTION_TYPE)?).ok()?;
        Some(self.newer_type.clone().unwrap_or_else(|| TxType(code).to_string()))
    }

    /// The name of an entry's type, newer ones as the document has them.
    pub fn entry_type_name(&self, entry: &EntryChange) -> String {
        self.newer_entry_types.get(&entry.index).cloned().unwrap_or_else(|| entry.entry_type.to_string())
    }

    /// What it cost, and who paid that; `None` without the transaction.
    pub fn fee_paid(&self) -> Option<FeePaid> {
        fee_paid(self.tx.as_ref()?)
    }

    /// What a payment, a cashed check or a deleted account delivered: as the metadata says, else what was to be delivered
    /// (ledger documentation, "The delivered_amount field": nothing is said where all was delivered). `None` for what
    /// failed or delivers nothing, and for old partial payments that said nothing either.
    pub fn delivered(&self) -> Option<Amount> {
        let tx = self.tx.as_ref();
        if self.meta.delivered_amount.is_some() || !self.meta.result.is_success() {
            return self.meta.delivered_amount;
        }
        let code = tx?.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok()).map(TxType);
        let is_partial = tx?.u32(f::FLAGS).unwrap_or(0) & TF_PARTIAL_PAYMENT != 0;
        let is_told = self.ledger_index.is_some_and(|index| index >= DELIVERED_TOLD_FROM);
        let delivers = code == Some(TxType::PAYMENT) || code == Some(CHECK_CASH);
        if delivers && (is_told || !is_partial) { tx?.amount(f::AMOUNT) } else { None }
    }

    /// What it did to offers, with all that the document says about how they ended.
    pub fn offer_changes(&self) -> Vec<OfferChange> {
        offer_changes(&self.meta, self.tx.as_ref(), self.parent_close.map(ParentClose::time))
    }
}

fn read_meta(json: Node<'_>) -> Result<(TxMeta, Vec<String>), RecordError> {
    let neither = RecordError::Field { field: "meta", why: "neither a JSON object nor hexadecimal" };
    match json.as_str() {
        Some(text) => {
            let bytes = hex::decode(text).ok_or(neither)?;
            Ok((TxMeta::from_bytes(&bytes)?, Vec::new()))
        }
        None => Ok(TxMeta::from_json_lenient(json)?),
    }
}

fn read_tx(json: Node<'_>) -> Result<(Object, Vec<String>), RecordError> {
    let (tx, unknown) = match json.as_str() {
        Some(text) => (Object::from_bytes(&blob(text)?).map_err(RecordError::Tx)?, Vec::new()),
        None => Object::from_api_json_lenient(json).map_err(RecordError::Tx)?,
    };
    if !tx.contains(f::TRANSACTION_TYPE) {
        return Err(RecordError::Tx(ObjectError::Missing(f::TRANSACTION_TYPE.name())));
    }
    Ok((tx, unknown))
}

fn blob(text: &str) -> Result<Vec<u8>, RecordError> {
    hex::decode(text).ok_or(RecordError::Tx(ObjectError::NotHex))
}

/// The id of a transaction as it is shown, if that is signed and whole.
fn shown_hash(tx: &Object) -> Option<Hash256> {
    if is_whole(tx) { final_hash(tx).ok() } else { None }
}

/// Whether JSON says all of the bytes: what every transaction has is there (some documents leave the account out), and no
/// number, which servers before version 3.1 wrote in another form.
fn is_whole(tx: &Object) -> bool {
    let needed = [f::ACCOUNT, f::FEE, f::SEQUENCE, f::SIGNING_PUB_KEY];
    needed.into_iter().all(|field| tx.contains(field))
        && !tx.iter().any(|(_, value)| matches!(value, Value::Number(_)))
}

/// That a transaction or metadata which is there in both forms is the same in both.
fn agree(places: &Places<'_>, tx: Option<&Object>, meta: Option<&TxMeta>) -> Result<(), RecordError> {
    if let (Some(tx), Some(text)) = (tx.filter(|_| places.tx.is_some_and(Node::is_object)), places.tx_blob) {
        let of_bytes = Object::from_bytes(&blob(text)?).map_err(RecordError::Tx)?;
        if of_bytes != *tx && of_bytes.to_json() != tx.to_json() {
            return Err(RecordError::Disagree("tx_json", "tx_blob"));
        }
    }
    if let (Some(meta), Some(again)) = (meta, places.meta_again) {
        let (again, unknown) = read_meta(again)?;
        if unknown.is_empty() && again.to_object() != meta.to_object() {
            return Err(RecordError::Disagree("meta", "meta_blob"));
        }
    }
    Ok(())
}

/// The name of a transaction's type that is in no definitions of ours.
fn newer_type(tx: Node<'_>) -> Option<String> {
    let name = tx.get(f::TRANSACTION_TYPE.name())?.as_str()?;
    let is_known = TxType::by_name(name).is_some_and(|code| code.0 != u16::MAX);
    (!is_known).then(|| shorten(name))
}

/// The names of entry types that are in no definitions of ours, by index.
fn newer_entry_types(meta: Node<'_>) -> BTreeMap<Hash256, String> {
    let nodes = meta.get(f::AFFECTED_NODES.name()).and_then(Node::elements).into_iter().flatten();
    let entries = nodes.filter_map(Node::members).flatten().map(|(_, entry)| entry);
    let newer = entries.filter_map(|entry| {
        let name = entry.get(f::LEDGER_ENTRY_TYPE.name())?.as_str()?;
        let is_known = EntryType::by_name(name).is_some_and(|code| code.0 != u16::MAX);
        let index = entry.get(f::LEDGER_INDEX.name())?.as_str()?.parse().ok()?;
        (!is_known).then(|| (index, shorten(name)))
    });
    newer.collect()
}
