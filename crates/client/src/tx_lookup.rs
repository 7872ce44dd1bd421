//! Submission of a signed blob, and the question what became of a hash. A preliminary answer is a hint;
//! "not found" proves nothing unless the server searched the whole range (`searched_all`).

use ledger::Hash256;
use ledger::messages::SubmitAnswer;
use serde_json::json;
use units::LedgerIndex;

use crate::connection::Connection;
use crate::error::ClientError;
use crate::fields::{Fields, typed};
use crate::limits::TX_RANGE_MAX;
use crate::message::transaction;
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

impl Connection {
    /// Submits a signed transaction (hexadecimal blob). The answer is preliminary. On an error other than
    /// [`ClientError::Refused`] the network may have it or not: look it up by its hash.
    pub async fn submit(&mut self, tx_blob: &str) -> Result<SubmitAnswer, ClientError> {
        let answer = self.request("submit", json!({"tx_blob": tx_blob})).await?;
        typed("submit", answer)
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
        let answer = match self.request("tx", params).await {
            Ok(answer) => answer,
            Err(ClientError::Refused { error, answer, .. }) if error == "txnNotFound" => {
                return Ok(TxLookup::NotFound {
                    searched_all: Fields::of("tx", &answer).flag("searched_all"),
                });
            }
            Err(other) => return Err(other),
        };
        let fields = Fields::of("tx", &answer);
        if !fields.flag("validated") {
            return Ok(TxLookup::Pending);
        }
        if fields.hash("hash")? != *hash {
            return Err(fields.bad("hash", "another transaction than the one asked for"));
        }
        transaction(answer, "tx").map(|tx| TxLookup::Validated(Box::new(tx)))
    }
}
