//! The errors a server answers with, by their published names and numbers (ErrorCodes of the reference
//! server; "Error Formatting" in the XRP Ledger documentation).

use serde_json::{Map, Value};

/// An error answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    /// Published name, such as `actNotFound`.
    pub(crate) name: &'static str,
    /// Published number; `None` where the server gives none.
    pub(crate) code: Option<i32>,
    /// Text for people.
    pub(crate) message: String,
    /// Further fields of the answer.
    pub(crate) extra: Map<String, Value>,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $function:ident = $name:literal, $code:literal, $message:literal;)*) => {
        impl ApiError {
            $($(#[$doc])* pub(crate) fn $function() -> Self { Self::new($name, Some($code), $message) })*
        }
    };
}

errors! {
    act_malformed = "actMalformed", 35, "Account malformed.";
    act_not_found = "actNotFound", 19, "Account not found.";
    bad_market = "badMarket", 42, "No such market.";
    dst_amt_malformed = "dstAmtMalformed", 51, "Destination amount/currency/issuer is malformed.";
    dst_isr_malformed = "dstIsrMalformed", 53, "Destination issuer is malformed.";
    excessive_range = "excessiveLgrRange", 78, "Ledger range exceeds 1000.";
    internal = "internal", 73, "Internal error.";
    invalid_range = "invalidLgrRange", 79, "Ledger range is invalid.";
    issue_malformed = "issueMalformed", 93, "Issue is malformed.";
    ledger_index_malformed = "lgrIdxMalformed", 58, "Ledger index malformed.";
    ledger_not_found = "lgrNotFound", 21, "ledgerNotFound";
    src_cur_malformed = "srcCurMalformed", 69, "Source currency is malformed.";
    src_isr_malformed = "srcIsrMalformed", 70, "Source issuer is malformed.";
    stream_malformed = "malformedStream", 71, "Stream malformed.";
    too_busy = "tooBusy", 9, "The server is too busy to help you now.";
    txn_not_found = "txnNotFound", 29, "Transaction not found.";
    unknown_command = "unknownCmd", 32, "Unknown method.";
}

impl ApiError {
    /// Invalid parameters, with the server's wording of what is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalidParams", Some(31), message)
    }

    /// A parameter that must be there and is not.
    pub(crate) fn missing(field: &str) -> Self {
        Self::invalid(format!("Missing field '{field}'."))
    }

    /// A parameter of another kind or outside its values.
    pub(crate) fn bad_field(field: &str) -> Self {
        Self::invalid(format!("Invalid field '{field}'."))
    }

    /// Something the real server does and this one does not.
    pub(crate) fn not_supported(message: impl Into<String>) -> Self {
        Self::new("notSupported", Some(75), message)
    }

    /// A message without a command; the server gives no number for it.
    pub(crate) fn missing_command() -> Self {
        Self::new("missingCommand", None, "")
    }

    /// An `api_version` that is none.
    pub(crate) fn invalid_api_version() -> Self {
        Self::new("invalid_API_version", None, "")
    }

    /// Bytes that are no transaction.
    pub(crate) fn invalid_transaction(exception: impl Into<String>) -> Self {
        let error = Self::new("invalidTransaction", None, "");
        error.with("error_exception", exception.into())
    }

    /// `ledger_accept` where ledgers close by the clock.
    pub(crate) fn not_stand_alone() -> Self {
        Self::new("notStandAlone", None, "")
    }

    /// The error with one more field.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(field.to_owned(), value.into());
        self
    }

    /// The error's fields in the answer.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        let mut fields = self.extra;
        fields.insert("error".into(), self.name.into());
        if let Some(code) = self.code {
            fields.insert("error_code".into(), code.into());
        }
        if !self.message.is_empty() {
            fields.insert("error_message".into(), self.message.into());
        }
        fields
    }

    fn new(name: &'static str, code: Option<i32>, message: impl Into<String>) -> Self {
        Self { name, code, message: message.into(), extra: Map::new() }
    }
}
