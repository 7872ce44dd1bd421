//! Validated transactions out of answers and messages, found by the one reader of such documents
//! ([`ledger::messages::Places`]). Never gives one that is not validated.

use ledger::json::Node;
use ledger::messages::{Places, RecordError};
use ledger::{AccountId, Hash256, Object, TxMeta, fields as f, hex};
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
pub fn validated_tx(json: Value, of: &'static str) -> Result<ValidatedTx, ClientError> {
    read_validated((&json).into(), of)
}

/// [`validated_tx`] of a document wherever it lies. What is inside of JSON parts is read here and judged by who needs it:
/// somebody else's transaction of a kind that is newer than our definitions does us no harm.
pub(super) fn read_validated(json: Node<'_>, of: &'static str) -> Result<ValidatedTx, ClientError> {
    let unusable = |error: RecordError| ClientError::bad(of, error.field(), error.to_string());
    let missing = |field: &str| ClientError::bad(of, field, "missing");
    let places = Places::of(json).map_err(unusable)?;
    let tx = places.tx.ok_or_else(|| missing("tx_json"))?;
    let hash = places.proved_hash().map_err(unusable)?.ok_or_else(|| missing("hash"))?;
    let ledger_index = places.ledger_index.map(LedgerIndex).ok_or_else(|| missing("ledger_index"))?;
    let (tx, account) = match tx.as_str() {
        Some(text) => {
            let tx = of_bytes(text, of, "tx_blob", Object::from_bytes)?;
            let account = tx.account(f::ACCOUNT).ok_or_else(|| missing("Account"))?;
            (Ok(tx), account)
        }
        None => (Object::from_api_json(tx), Outline { of, part: tx }.account("Account")?),
    };
    let (meta, transaction_index, result) = match places.meta.as_str() {
        Some(text) => {
            let meta = of_bytes(text, of, "meta_blob", TxMeta::from_bytes)?;
            let (index, result) = (meta.index, meta.result.to_string());
            (Ok(meta), index, result)
        }
        None => {
            let outline = Outline { of, part: places.meta };
            let (index, result) =
                (outline.u32("TransactionIndex")?, outline.text("TransactionResult")?.to_owned());
            (TxMeta::from_json(places.meta), index, result)
        }
    };
    Ok(ValidatedTx {
        hash,
        ledger_index,
        ledger_hash: places.ledger_hash,
        close_time: places.close_time,
        transaction_index,
        result,
        account,
        tx,
        meta,
        owner_funds: places.owner_funds.map(str::to_owned),
    })
}

/// A part that is hexadecimal.
fn of_bytes<T, E: std::fmt::Display>(
    text: &str,
    of: &'static str,
    field: &'static str,
    read: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<T, ClientError> {
    let bytes = hex::decode(text).ok_or_else(|| ClientError::bad(of, field, "not hexadecimal"))?;
    read(&bytes).map_err(|error| ClientError::bad(of, field, error.to_string()))
}

/// The few fields of a part that every transaction must have, whatever else it is.
struct Outline<'d> {
    of: &'static str,
    part: Node<'d>,
}

impl<'d> Outline<'d> {
    fn bad(&self, field: &str, why: impl std::fmt::Display) -> ClientError {
        ClientError::bad(self.of, field, why.to_string())
    }

    fn need(&self, field: &str) -> Result<Node<'d>, ClientError> {
        self.part.get(field).filter(|value| !value.is_null()).ok_or_else(|| self.bad(field, "missing"))
    }

    fn text(&self, field: &str) -> Result<&'d str, ClientError> {
        self.need(field)?.as_str().ok_or_else(|| self.bad(field, "not a string"))
    }

    fn u32(&self, field: &str) -> Result<u32, ClientError> {
        let number = self.need(field)?.as_u64().ok_or_else(|| self.bad(field, "not a whole number"))?;
        u32::try_from(number).map_err(|why| self.bad(field, why))
    }

    fn account(&self, field: &str) -> Result<AccountId, ClientError> {
        self.text(field)?.parse().map_err(|why| self.bad(field, why))
    }
}
