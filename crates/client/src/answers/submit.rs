//! The answer to a submission. A preliminary result is a hint, never an outcome.

use ledger::ResultCode;
use serde_json::Value;

use super::fields::Fields;
use crate::error::ClientError;

/// What `submit` says at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitAnswer {
    /// Preliminary result by name.
    pub engine_result: String,
    /// Preliminary result by number.
    pub engine_result_code: i64,
    /// Preliminary result in words.
    pub engine_result_message: String,
    /// Whether it was applied, broadcast, queued or kept.
    pub accepted: bool,
    /// Applied to the open ledger.
    pub applied: bool,
    /// Sent on to peers.
    pub broadcast: bool,
    /// Kept to be tried again.
    pub kept: bool,
    /// Put into the queue.
    pub queued: bool,
    /// The next sequence without what is pending.
    pub account_sequence_next: Option<u32>,
    /// The next sequence with what is pending.
    pub account_sequence_available: Option<u32>,
    /// The last validated ledger.
    pub validated_ledger_index: Option<u32>,
}

impl SubmitAnswer {
    /// Reads a `submit` answer.
    pub fn read(answer: &Value) -> Result<Self, ClientError> {
        let fields = Fields::of("submit", answer);
        Ok(Self {
            engine_result: fields.text("engine_result")?.to_owned(),
            engine_result_code: fields.i64("engine_result_code")?,
            engine_result_message: fields.text_or_none("engine_result_message").unwrap_or("").to_owned(),
            accepted: fields.flag("accepted"),
            applied: fields.flag("applied"),
            broadcast: fields.flag("broadcast"),
            kept: fields.flag("kept"),
            queued: fields.flag("queued"),
            account_sequence_next: fields.u32_or_none("account_sequence_next")?,
            account_sequence_available: fields.u32_or_none("account_sequence_available")?,
            validated_ledger_index: fields.u32_or_none("validated_ledger_index")?,
        })
    }

    /// The preliminary result; `None` for a name the published definitions do not have.
    pub fn result(&self) -> Option<ResultCode> {
        ResultCode::by_name(&self.engine_result)
    }
}
