//! Submission of a signed blob, and the question what became of a hash. A preliminary answer is a hint;
//! "not found" proves nothing unless the server searched the whole range (`searched_all`).

use ledger::Hash256;
use serde_json::json;
use units::LedgerIndex;

use crate::answers::{SubmitAnswer, TxLookup};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::TX_RANGE_MAX;

impl Connection {
    /// Submits a signed transaction (hexadecimal blob). The answer is preliminary. On an error other than
    /// [`ClientError::Refused`] the network may have it or not: look it up by its hash.
    pub async fn submit(&mut self, tx_blob: &str) -> Result<SubmitAnswer, ClientError> {
        let answer = self.request("submit", json!({"tx_blob": tx_blob})).await?;
        SubmitAnswer::read(&answer)
    }

    /// Asks `tx` for a hash within `from..=to`, at most [`TX_RANGE_MAX`] ledgers apart.
    pub async fn tx(
        &mut self,
        hash: &Hash256,
        from: LedgerIndex,
        to: LedgerIndex,
    ) -> Result<TxLookup, ClientError> {
        if to < from || to.since(from) > TX_RANGE_MAX {
            return Err(ClientError::Bound("ledgers of one tx look-up"));
        }
        let params = json!({
            "transaction": hash.to_string(), "binary": false, "min_ledger": from.get(), "max_ledger": to.get(),
        });
        match self.request("tx", params).await {
            Ok(answer) => TxLookup::read(answer, hash),
            Err(ClientError::Refused { error, answer, .. }) if error == "txnNotFound" => {
                Ok(TxLookup::not_found(&answer))
            }
            Err(other) => Err(other),
        }
    }
}
