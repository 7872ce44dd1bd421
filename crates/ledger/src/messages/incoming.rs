//! A transaction message as the crate `bench` reads it. Says nothing that [`TxRecord`] does not say.

use serde_json::Value as Json;

use super::{RecordError, TxRecord};
use crate::meta::TxMeta;
use crate::object::{Object, ObjectError};

/// A message from a server.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// A transaction of a stream, an account or a book.
    Transaction(Box<TransactionMessage>),
    /// Anything else.
    Other,
}

/// A `transaction` message.
#[derive(Clone, Debug)]
pub struct TransactionMessage(Json);

/// A transaction and what it did.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// The transaction.
    pub tx: Object,
    /// What it did.
    pub meta: TxMeta,
}

impl Incoming {
    /// Reads one message. Errors on what is no JSON.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let json: Json = serde_json::from_str(text).map_err(|_| RecordError::NotADocument)?;
        let is_transaction = json.get("type").and_then(Json::as_str) == Some("transaction");
        Ok(if is_transaction { Self::Transaction(Box::new(TransactionMessage(json))) } else { Self::Other })
    }
}

impl TransactionMessage {
    /// The transaction and its metadata. Errors as [`TxRecord::read`].
    pub fn record(&self) -> Result<MessageRecord, RecordError> {
        let record = TxRecord::read(&self.0)?;
        let tx = record.tx.ok_or(RecordError::Tx(ObjectError::Missing("TransactionType")))?;
        Ok(MessageRecord { tx, meta: record.meta })
    }
}
