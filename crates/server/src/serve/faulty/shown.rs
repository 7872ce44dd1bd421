//! What a message to a client is: of which kind, about which command or transaction. Reads only.

use ledger::TxType;
use ledger::object::{Object, Value as FieldValue};
use serde_json::Value;

use crate::api::{Request, Role};
use crate::faults::MessageKind;

/// A message in the words of a script.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) kind: MessageKind,
    /// The command answered; empty for what comes from a stream.
    pub(super) method: String,
    /// The type of the transaction told of; empty without one.
    pub(super) tx_type: String,
    /// All of it for people.
    pub(super) detail: String,
}

impl Label {
    /// Of an answer.
    pub(super) fn response(method: &str, tx_type: &str) -> Self {
        let kind = MessageKind::Response;
        let detail = format!("the answer to {method}{}{tx_type}", if tx_type.is_empty() { "" } else { " " });
        Self { kind, method: method.to_owned(), tx_type: tx_type.to_owned(), detail }
    }

    /// Of a stream's message.
    pub(super) fn stream(message: &Value) -> Self {
        let kind = match (message["type"].as_str(), message["validated"].as_bool()) {
            (Some("ledgerClosed"), _) => MessageKind::LedgerClosed,
            (Some("transaction"), Some(true)) => MessageKind::Transaction,
            (Some("transaction"), _) => MessageKind::Proposed,
            _ => MessageKind::Other,
        };
        let tx = message.get("tx_json").or_else(|| message.get("transaction"));
        let tx_type = tx.and_then(|tx| tx["TransactionType"].as_str()).unwrap_or_default().to_owned();
        let hash =
            message["hash"].as_str().or_else(|| tx.and_then(|tx| tx["hash"].as_str())).unwrap_or_default();
        let detail = match kind {
            MessageKind::LedgerClosed => format!("ledgerClosed {}", message["ledger_index"]),
            MessageKind::Transaction | MessageKind::Proposed => {
                format!("{} {tx_type} {}", kind.name(), hash.get(..8).unwrap_or(hash))
            }
            _ => message["type"].as_str().unwrap_or("a message").to_owned(),
        };
        Self { kind, method: String::new(), tx_type, detail }
    }
}

/// The blob a request submits.
pub(super) fn submitted(request: &Request) -> Option<Object> {
    let params = request.params(Role::Guest);
    let blob = Some(params).filter(|_| request.command == "submit")?.get("tx_blob")?.as_str()?;
    Object::from_bytes(&ledger::hex::decode(blob)?).ok()
}

/// The name of a transaction's type.
pub(super) fn type_name(tx: &Object) -> &'static str {
    match tx.get(ledger::fields::TRANSACTION_TYPE) {
        Some(FieldValue::UInt16(code)) => TxType(*code).name().unwrap_or_default(),
        _ => "",
    }
}
