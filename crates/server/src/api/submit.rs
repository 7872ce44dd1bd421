//! `submit` of a signed blob. Signing is refused: no secret has any business here.

use ledger::hex;
use ledger::object::Object;
use serde_json::json;
use sim::world::WorldError;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields, forms};
use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;

/// Applies a signed transaction to the open ledger; the answer is preliminary.
pub(crate) fn submit(ledger: &mut EmbeddedLedger, params: Params<'_>) -> Answer {
    let Some(blob) = params.get("tx_blob") else {
        return Err(match params.get("tx_json") {
            Some(_) => ApiError::not_supported("Signing is not supported by this server."),
            None => ApiError::missing("tx_blob"),
        });
    };
    if params.flag("fail_hard")? {
        return Err(ApiError::not_supported("fail_hard is not supported by this server."));
    }
    let text = blob.as_str().ok_or_else(|| ApiError::bad_field("tx_blob"))?;
    let bytes = hex::decode(text)
        .filter(|bytes| !bytes.is_empty())
        .ok_or_else(|| ApiError::invalid("Invalid parameters."))?;
    let tx = Object::from_bytes(&bytes).map_err(|why| ApiError::invalid_transaction(why.to_string()))?;
    let result = ledger.submit(&bytes).map_err(|why| match why {
        ServerError::World(WorldError::NotATransaction(exception)) => {
            ApiError::invalid_transaction(exception)
        }
        ServerError::OpenLedgerFull => ApiError::too_busy(),
        other => {
            tracing::error!(error = %other, "a submission failed inside the world");
            ApiError::internal()
        }
    })?;
    let mut tx_json = forms::tx_json(&tx);
    if let Some(map) = tx_json.as_object_mut() {
        map.insert("hash".into(), result.hash.to_string().into());
    }
    Ok(fields(json!({
        "accepted": result.accepted, "account_sequence_available": result.account_sequence_available,
        "account_sequence_next": result.account_sequence_next, "applied": result.applied,
        "broadcast": result.broadcast, "engine_result": forms::result_name(result.engine_result),
        "engine_result_code": result.engine_result.0,
        "engine_result_message": forms::result_message(result.engine_result), "kept": result.kept,
        "open_ledger_cost": result.open_ledger_cost.to_string(), "queued": result.queued,
        "tx_blob": text.to_uppercase(), "tx_json": tx_json,
        "validated_ledger_index": result.validated_ledger_index.get(),
    })))
}
