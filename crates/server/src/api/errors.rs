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
    ($($function:ident = $name:literal, $code:literal, $message:literal;)*) => {
        impl ApiError {
            $(pub(crate) fn $function() -> Self { Self::new($name, Some($code), $message) })*
        }
    };
}

errors! {
    amendment_blocked = "amendmentBlocked", 14, "Amendment blocked, need upgrade.";
    act_malformed = "actMalformed", 35, "Account malformed.";
    act_not_found = "actNotFound", 19, "Account not found.";
    bad_issuer = "badIssuer", 41, "Issuer account malformed.";
    bad_market = "badMarket", 42, "No such market.";
    bad_seed = "badSeed", 44, "Disallowed seed.";
    bad_feature = "badFeature", 40, "Feature unknown or invalid.";
    domain_malformed = "domainMalformed", 97, "Domain is malformed.";
    dst_act_not_found = "dstActNotFound", 50, "Destination account not found.";
    dst_amt_malformed = "dstAmtMalformed", 51, "Destination amount/currency/issuer is malformed.";
    dst_isr_malformed = "dstIsrMalformed", 53, "Destination issuer is malformed.";
    entry_not_found = "entryNotFound", 98, "Entry not found.";
    excessive_range = "excessiveLgrRange", 78, "Ledger range exceeds 1000.";
    failed_to_forward = "failedToForward", 90, "Failed to forward request to p2p node";
    forbidden = "forbidden", 3, "Bad credentials.";
    high_fee = "highFee", 11, "Current transaction fee exceeds your limit.";
    internal = "internal", 73, "Internal error.";
    invalid_hotwallet = "invalidHotWallet", 30, "Invalid hotwallet.";
    invalid_range = "invalidLgrRange", 79, "Ledger range is invalid.";
    issue_malformed = "issueMalformed", 93, "Issue is malformed.";
    ledger_index_malformed = "lgrIdxMalformed", 58, "Ledger index malformed.";
    ledger_indexes_invalid = "lgrIdxsInvalid", 57, "Ledger indexes invalid.";
    ledger_not_found = "lgrNotFound", 21, "ledgerNotFound";
    ledger_not_validated = "lgrNotValidated", 22, "Ledger not validated.";
    no_events = "noEvents", 7, "Current transport does not support events.";
    no_permission = "noPermission", 6, "You don't have permission for this command.";
    no_network = "noNetwork", 17, "Not synced to the network.";
    not_implemented = "notImpl", 74, "Not implemented.";
    not_synced = "notSynced", 18, "Not synced to the network.";
    slow_down = "slowDown", 10, "You are placing too much load on the server.";
    src_act_malformed = "srcActMalformed", 65, "Source account is malformed.";
    src_act_not_found = "srcActNotFound", 67, "Source account not found.";
    src_cur_malformed = "srcCurMalformed", 69, "Source currency is malformed.";
    src_isr_malformed = "srcIsrMalformed", 70, "Source issuer is malformed.";
    stream_malformed = "malformedStream", 71, "Stream malformed.";
    too_busy = "tooBusy", 9, "The server is too busy to help you now.";
    tx_signed = "transactionSigned", 96, "Transaction should not be signed.";
    txn_not_found = "txnNotFound", 29, "Transaction not found.";
    unexpected_type = "unexpectedLedgerType", 99, "Unexpected ledger type.";
    unknown_command = "unknownCmd", 32, "Unknown method.";
    wrong_network = "wrongNetwork", 4, "Wrong network.";
}

impl ApiError {
    /// Invalid parameters, with the server's wording of what is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalidParams", Some(31), message)
    }

    /// Invalid parameters, nothing more said.
    pub(crate) fn invalid_params() -> Self {
        Self::invalid("Invalid parameters.")
    }

    /// A parameter that must be there and is not.
    pub(crate) fn missing(field: &str) -> Self {
        Self::invalid(format!("Missing field '{field}'."))
    }

    /// A parameter of another kind or outside its values.
    pub(crate) fn bad_field(field: &str) -> Self {
        Self::invalid(format!("Invalid field '{field}'."))
    }

    /// A parameter that should have been of another kind.
    pub(crate) fn expected(field: &str, kind: &str) -> Self {
        Self::invalid(format!("Invalid field '{field}', not {kind}."))
    }

    /// What `ledger_entry` calls malformed: its own names, with the number of invalid parameters.
    pub(crate) fn malformed(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Some(31), message)
    }

    /// Something the real server does and this one does not.
    pub(crate) fn not_supported(message: impl Into<String>) -> Self {
        Self::new("notSupported", Some(75), message)
    }

    /// A message without a command; the server gives no number for it.
    pub(crate) fn missing_command() -> Self {
        Self::bare("missingCommand")
    }

    /// An `api_version` that is none.
    pub(crate) fn invalid_api_version() -> Self {
        Self::bare("invalid_API_version")
    }

    /// Bytes that are no transaction, or one that may not enter any ledger.
    pub(crate) fn invalid_transaction(exception: impl Into<String>) -> Self {
        Self::bare("invalidTransaction").with("error_exception", exception.into())
    }

    /// `ledger_accept` where ledgers close by the clock.
    pub(crate) fn not_stand_alone() -> Self {
        Self::bare("notStandAlone")
    }

    /// An error that has a name only.
    pub(crate) fn bare(name: &'static str) -> Self {
        Self::new(name, None, "")
    }

    /// The error with other words for people.
    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The error with one more field.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(field.to_owned(), value.into());
        self
    }

    /// The error within what was already answered, such as the ledger asked about.
    pub(crate) fn within(mut self, answer: &Map<String, Value>) -> Self {
        self.extra.extend(answer.iter().map(|(name, value)| (name.clone(), value.clone())));
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
