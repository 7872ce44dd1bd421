//! `submit` of a signed blob. Signing is refused: no secret has any business here.

use ledger::object::Object;
use ledger::tx::format::{check_format, check_locally};
use ledger::{Hash256, JsonStyle, ResultCode, hex};
use serde_json::{Map, Value, json};
use sim::world::{OpenTx, SubmitResult, WorldError};

use super::errors::ApiError;
use super::params::Params;
use super::{fields, forms, tx_words};
use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;

/// A transaction that came into the open ledger, for the streams of proposed transactions.
pub(crate) struct Proposed {
    /// Its fields.
    pub(crate) tx: Object,
    /// Its id.
    pub(crate) hash: Hash256,
    /// The preliminary result.
    pub(crate) result: ResultCode,
}

impl Proposed {
    /// What an agent of the market sent.
    pub(crate) fn of(sent: &OpenTx) -> Option<Self> {
        let tx = Object::from_bytes(&sent.blob).ok()?;
        Some(Self { tx, hash: sent.hash, result: sent.result })
    }
}

/// What the server says when it is to sign.
pub(crate) fn no_signing() -> ApiError {
    ApiError::not_supported("Signing is not supported by this server.")
}

/// Applies a signed transaction to the open ledger; the answer is preliminary.
pub(crate) fn submit(
    ledger: &mut EmbeddedLedger,
    params: Params<'_>,
) -> Result<(Map<String, Value>, Option<Proposed>), ApiError> {
    if !params.has("tx_blob") {
        return Err(no_signing());
    }
    let bytes = params.get("tx_blob").and_then(Value::as_str).and_then(hex::decode);
    let bytes = bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(ApiError::invalid_params)?;
    let tx = Object::from_bytes(&bytes).map_err(|why| tx_words::of_bytes(&bytes, &why))?;
    check_format(&tx).map_err(ApiError::invalid_transaction)?;
    let fails = |why: &str| ApiError::invalid_transaction(format!("fails local checks: {why}"));
    tx_words::of_signature(&tx, ledger::verify(&tx)).map_err(fails)?;
    check_locally(&tx).map_err(fails)?;
    let result = match params.flag("fail_hard").then(|| refused_hard(ledger, &bytes)).transpose()?.flatten() {
        Some(refused) => refused,
        None => ledger.submit(&bytes).map_err(told)?,
    };
    let mut tx_json = fields(tx.to_json_as(JsonStyle::Server));
    tx_json.insert("hash".into(), result.hash.to_string().into());
    let mut answer = forms::engine_result(result.engine_result);
    answer.extend(fields(json!({
        "accepted": result.accepted, "account_sequence_available": result.account_sequence_available,
        "account_sequence_next": result.account_sequence_next, "applied": result.applied,
        "broadcast": result.broadcast, "kept": result.kept,
        "open_ledger_cost": result.open_ledger_cost.to_string(), "queued": result.queued,
        "tx_blob": hex::encode(&bytes), "tx_json": tx_json,
        "validated_ledger_index": result.validated_ledger_index.get(),
    })));
    let proposed = result.applied.then_some(Proposed { tx, hash: result.hash, result: result.engine_result });
    Ok((answer, proposed))
}

/// With `fail_hard`, what would not succeed now is neither applied nor queued nor kept: the answer then, without any
/// effect.
fn refused_hard(ledger: &EmbeddedLedger, blob: &[u8]) -> Result<Option<SubmitResult>, ApiError> {
    ledger.world().refused_hard(blob).map_err(|why| told(why.into()))
}

/// A fault of the ledger in the server's words.
pub(crate) fn told(why: ServerError) -> ApiError {
    match why {
        ServerError::World(WorldError::NotATransaction(exception)) => {
            ApiError::invalid_transaction(exception)
        }
        ServerError::OpenLedgerFull => ApiError::too_busy(),
        other => {
            tracing::error!(error = %other, "a submission failed inside the world");
            ApiError::internal()
        }
    }
}
