//! The transactions that touch our wallet, as raw evidence: the very bytes of the transaction and of its metadata.

use super::TranslateError;
use client::ValidatedTx;
use engine::OwnTx;
use ledger::fields as f;
use ledger::meta::TxMeta;
use ledger::object::{Object, Value};
use ledger::{AccountId, Amount, keylet, tx_hash};

/// Whether a transaction was sent by the account or changed anything of its own, its root's thread among it.
pub fn touches(account: &AccountId, tx: &ValidatedTx, meta: &TxMeta) -> bool {
    let root = keylet::account_root(account);
    tx.account == *account
        || meta.nodes.iter().any(|node| node.index == root)
        || meta.nodes.iter().filter_map(|node| node.fields.as_ref()).any(|fields| names(account, fields))
}

/// Whether a ledger entry belongs to the account: its root, its offers, either side of a trust line.
fn names(account: &AccountId, fields: &Object) -> bool {
    let limit =
        |field| matches!(fields.amount(field), Some(Amount::Issued { issuer, .. }) if issuer == *account);
    fields.iter().any(|(_, value)| matches!(value, Value::Account(named) if named == account))
        || limit(f::LOW_LIMIT)
        || limit(f::HIGH_LIMIT)
}

/// The bytes, proved by the hash: a transaction whose bytes do not give its hash is refused.
pub fn evidence(tx: &ValidatedTx, meta: &TxMeta) -> Result<OwnTx, TranslateError> {
    let refuse = |why: String| TranslateError::Transaction { hash: tx.hash, why };
    let object = tx.typed_tx().map_err(|error| refuse(error.to_string()))?;
    let tx_blob = object.to_bytes().map_err(|error| refuse(error.to_string()))?;
    if tx_hash(&tx_blob) != tx.hash {
        return Err(refuse("its fields do not give its hash".to_owned()));
    }
    let meta_blob = meta.to_bytes().map_err(|error| refuse(error.to_string()))?;
    Ok(OwnTx { hash: tx.hash, index: tx.transaction_index, tx_blob, meta_blob })
}
