//! What arrives on the socket, told apart: answers, stream messages, everything else. Never fails on a message of a
//! kind it does not know.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{LedgerClosed, TransactionMessage};

/// A message from a server.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// The answer to a request.
    Response(Response),
    /// A ledger was validated.
    LedgerClosed(LedgerClosed),
    /// A transaction of a stream, an account or a book.
    Transaction(Box<TransactionMessage>),
    /// Something we do not follow (`serverStatus`, `validationReceived`, ...): its type.
    Other(String),
}

/// Why a message cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Not JSON, or without a needed field.
    #[error("message of type `{kind}`: {error}")]
    Shape {
        /// Which type of message or answer.
        kind: String,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// The server answered with an error.
    #[error("the server answered: {0}")]
    Server(ErrorAnswer),
    /// A transaction that cannot be read.
    #[error("transaction: {0}")]
    Object(#[from] crate::object::ObjectError),
    /// Metadata that cannot be read.
    #[error(transparent)]
    Meta(#[from] crate::meta::MetaError),
    /// A needed field is missing.
    #[error("field `{0}` is missing")]
    Missing(&'static str),
}

impl Incoming {
    /// Reads one message.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let json: Json = serde_json::from_str(text)
            .map_err(|error| MessageError::Shape { kind: "?".to_owned(), error })?;
        Self::from_json(json)
    }

    /// The same from a parsed document.
    pub fn from_json(json: Json) -> Result<Self, MessageError> {
        let kind = json.get("type").and_then(Json::as_str).unwrap_or("?").to_owned();
        let shape = |error| MessageError::Shape { kind: kind.clone(), error };
        match kind.as_str() {
            "response" => Response::from_json(json).map(Self::Response).map_err(shape),
            "ledgerClosed" => serde_json::from_value(json).map(Self::LedgerClosed).map_err(shape),
            "transaction" => serde_json::from_value(json).map(Self::Transaction).map_err(shape),
            _ => Ok(Self::Other(kind)),
        }
    }
}

/// An answer: the id of its request, and a result or an error.
#[derive(Clone, Debug)]
pub struct Response {
    /// The id the request had.
    pub id: Json,
    /// The result, not yet typed, or the error.
    pub outcome: Result<Json, ErrorAnswer>,
    /// `load` when the server is about to limit us.
    pub warning: Option<String>,
}

impl Response {
    fn from_json(mut json: Json) -> Result<Self, serde_json::Error> {
        let id = json.get("id").cloned().unwrap_or(Json::Null);
        let warning = json.get("warning").and_then(Json::as_str).map(str::to_owned);
        let outcome = if json.get("status").and_then(Json::as_str) == Some("success") {
            Ok(json.get_mut("result").map(Json::take).unwrap_or(Json::Null))
        } else {
            Err(serde_json::from_value(json)?)
        };
        Ok(Self { id, outcome, warning })
    }

    /// A successful answer.
    pub fn success(id: Json, result: Json) -> Self {
        Self { id, outcome: Ok(result), warning: None }
    }

    /// An answer with an error.
    pub fn failure(id: Json, error: ErrorAnswer) -> Self {
        Self { id, outcome: Err(error), warning: None }
    }

    /// The result, typed; the server's error as an error.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, MessageError> {
        let result = self.outcome.as_ref().map_err(|error| MessageError::Server(error.clone()))?;
        T::deserialize(result)
            .map_err(|error| MessageError::Shape { kind: std::any::type_name::<T>().to_owned(), error })
    }

    /// The document a server sends.
    pub fn to_json(&self) -> Json {
        let mut json = match &self.outcome {
            Ok(result) => json!({ "result": result, "status": "success" }),
            Err(error) => {
                let mut json = serde_json::to_value(error).unwrap_or_default();
                json["status"] = "error".into();
                json
            }
        };
        json["type"] = "response".into();
        json["api_version"] = 2.into();
        if !self.id.is_null() {
            json["id"] = self.id.clone();
        }
        if let Some(warning) = &self.warning {
            json["warning"] = warning.as_str().into();
        }
        json
    }
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// Its name (`actNotFound`, `txnNotFound`, `lgrIdxMalformed`, ...).
    pub error: String,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i32>,
    /// Words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Of `tx`: whether the whole range asked for was searched. Only `true` makes "not found" a proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_all: Option<bool>,
    /// The request it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Json>,
}

impl ErrorAnswer {
    /// An error by name, number and words.
    pub fn new(error: &str, error_code: i32, error_message: &str) -> Self {
        Self {
            error: error.to_owned(),
            error_code: Some(error_code),
            error_message: Some(error_message.to_owned()),
            searched_all: None,
            request: None,
        }
    }
}

impl std::fmt::Display for ErrorAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.error)?;
        match &self.error_message {
            Some(message) => write!(f, " ({message})"),
            None => Ok(()),
        }
    }
}
