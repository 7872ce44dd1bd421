//! Validated transactions out of answers and messages, found by the one reader of such documents
//! ([`ledger::messages::Places`]). Never gives one that is not validated.

use ledger::messages::{Places, RecordError};
use ledger::{AccountId, Hash256, JsonStyle, Object, TxMeta, hex};
use serde_json::Value;
use units::LedgerIndex;

use super::fields::Fields;
use crate::error::ClientError;
use crate::types::ValidatedTx;

/// What became of a transaction hash, as far as this server knows.
#[derive(Clone, Debug, PartialEq)]
pub enum TxLookup {
    /// Validated: final.
    Validated(Box<ValidatedTx>),
    /// Known to the server and not validated: proves nothing.
    Pending,
    /// Unknown to the server. `searched_all`: it has every ledger of the range asked, so the transaction
    /// is in none of them.
    NotFound {
        /// Whether the whole range was searched.
        searched_all: bool,
    },
}

impl TxLookup {
    /// Reads a successful `tx` answer about this hash.
    pub fn read(answer: Value, asked: &Hash256) -> Result<Self, ClientError> {
        if !Fields::of("tx", &answer).flag("validated") {
            return Ok(Self::Pending);
        }
        let tx = validated_tx(answer, "tx")?;
        if tx.hash != *asked {
            return Err(ClientError::bad("tx", "hash", "another transaction than the one asked for"));
        }
        Ok(Self::Validated(Box::new(tx)))
    }

    /// Reads the whole answer whose error is `txnNotFound`.
    pub fn not_found(answer: &Value) -> Self {
        Self::NotFound { searched_all: Fields::of("tx", answer).flag("searched_all") }
    }
}

/// A page of an account's history, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// Its transactions.
    pub transactions: Vec<ValidatedTx>,
    /// Where the next page begins; `None` on the last.
    pub marker: Option<Value>,
}

impl HistoryPage {
    /// Reads a page of an `account_tx` answer about `from..=to`. Errors with [`ClientError::ShortRange`] when the server
    /// answers about less, and on any transaction that is not validated or from outside.
    pub fn read(mut answer: Value, from: LedgerIndex, to: LedgerIndex) -> Result<Self, ClientError> {
        let fields = Fields::of("account_tx", &answer);
        let (got_from, got_to) = (fields.index("ledger_index_min")?, fields.index("ledger_index_max")?);
        if got_from != from || got_to != to {
            return Err(ClientError::ShortRange { asked_from: from, asked_to: to, got_from, got_to });
        }
        let marker = answer.get("marker").filter(|marker| !marker.is_null()).cloned();
        let Some(Value::Array(entries)) = answer.get_mut("transactions").map(Value::take) else {
            return Err(ClientError::bad("account_tx", "transactions", "not an array"));
        };
        let read = |entry: Value| {
            if !Fields::of("account_tx", &entry).flag("validated") {
                let why = "not validated within a validated range";
                return Err(ClientError::bad("account_tx", "validated", why));
            }
            let tx = validated_tx(entry, "account_tx")?;
            if tx.ledger_index < from || tx.ledger_index > to {
                return Err(ClientError::bad("account_tx", "ledger_index", "outside the range asked"));
            }
            Ok(tx)
        };
        Ok(Self { transactions: entries.into_iter().map(read).collect::<Result<_, _>>()?, marker })
    }
}

/// A transaction with its metadata as streams, `account_tx`, `tx` and `ledger` give it, of either API version, JSON or
/// binary. `of` names the answer in errors. The caller has checked `validated`.
pub fn validated_tx(mut json: Value, of: &'static str) -> Result<ValidatedTx, ClientError> {
    let unusable = |error: RecordError| ClientError::bad(of, error.field(), error.to_string());
    let missing = |field: &str| ClientError::bad(of, field, "missing");
    let places = Places::of(&json).map_err(unusable)?;
    let tx = places.tx.ok_or_else(|| missing("tx_json"))?;
    let (tx_part, meta_part) = (Part::of(&json, tx), Part::of(&json, places.meta));
    let mut read = ValidatedTx {
        hash: places.proved_hash().map_err(unusable)?.ok_or_else(|| missing("hash"))?,
        ledger_index: places.ledger_index.map(LedgerIndex).ok_or_else(|| missing("ledger_index"))?,
        ledger_hash: places.ledger_hash,
        close_time: places.close_time,
        transaction_index: 0,
        result: String::new(),
        account: AccountId::ZERO,
        owner_funds: places.owner_funds.map(str::to_owned),
        tx_json: Value::Null,
        meta: Value::Null,
    };
    let tx_of_bytes = |bytes: &[u8]| Object::from_bytes(bytes).map(|tx| tx.to_json_as(JsonStyle::Server));
    read.tx_json = tx_part.taken(&mut json).json(of, "tx_blob", tx_of_bytes)?;
    read.meta = meta_part
        .taken(&mut json)
        .json(of, "meta_blob", |bytes| TxMeta::from_bytes(bytes).map(|meta| meta.to_json()))?;
    let meta = Fields::of(of, &read.meta);
    read.transaction_index = meta.u32("TransactionIndex")?;
    read.result = meta.text("TransactionResult")?.to_owned();
    read.account = Fields::of(of, &read.tx_json).account("Account")?;
    Ok(read)
}

/// A part of a document: under a name of its own, so that it can be taken out, or not.
enum Part {
    Named(String),
    Copied(Value),
}

impl Part {
    fn of(document: &Value, part: &Value) -> Self {
        let named = document.as_object().into_iter().flatten().find(|(_, value)| std::ptr::eq(*value, part));
        named.map_or_else(|| Self::Copied(part.clone()), |(name, _)| Self::Named(name.clone()))
    }

    fn taken(self, document: &mut Value) -> Taken {
        Taken(match self {
            Self::Named(name) => document.get_mut(&name).map(Value::take).unwrap_or_default(),
            Self::Copied(value) => value,
        })
    }
}

/// A part that is JSON, or hexadecimal to be read.
struct Taken(Value);

impl Taken {
    fn json<E: std::fmt::Display>(
        self,
        of: &'static str,
        field: &'static str,
        read: impl Fn(&[u8]) -> Result<Value, E>,
    ) -> Result<Value, ClientError> {
        let Value::String(text) = &self.0 else {
            return Ok(self.0);
        };
        let bytes = hex::decode(text).ok_or_else(|| ClientError::bad(of, field, "not hexadecimal"))?;
        read(&bytes).map_err(|error| ClientError::bad(of, field, error.to_string()))
    }
}
