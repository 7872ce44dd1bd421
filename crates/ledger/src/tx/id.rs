//! The id of a transaction, where it has one: of what is signed, or needs no signature. Never of what could still be
//! altered.

use super::sign::{SignError, tx_hash};
use crate::ids::{AccountId, Hash256};
use crate::object::{ArrayItem, Object, ObjectError};
use crate::tables::fields as f;

/// The id of a transaction to which nothing is added any more: with a signature, with signers in the order of their
/// accounts (ledger documentation, "Signers Field"), or without need of one: a pseudo-transaction or an inner one of a
/// batch has an empty key and nothing else. The signatures themselves are not checked.
pub fn final_hash(tx: &Object) -> Result<Hash256, SignError> {
    if !tx.contains(f::TRANSACTION_TYPE) {
        return Err(ObjectError::Missing(f::TRANSACTION_TYPE.name()).into());
    }
    if let Some(field) = tx.without_type() {
        return Err(ObjectError::value(field, "the code of no type").into());
    }
    match (tx.blob(f::TXN_SIGNATURE), tx.array(f::SIGNERS)) {
        (Some([]), _) => return Err(unfinished(f::TXN_SIGNATURE.name(), "is empty: not signed")),
        (_, Some(signers)) => check_signers(signers)?,
        (Some(_), None) => {}
        (None, None) if tx.blob(f::SIGNING_PUB_KEY).is_some_and(<[u8]>::is_empty) => {}
        (None, None) => return Err(unfinished(f::TXN_SIGNATURE.name(), "is missing: not signed")),
    }
    Ok(tx_hash(&tx.to_bytes()?))
}

fn check_signers(signers: &[ArrayItem]) -> Result<(), SignError> {
    let refused = |why| unfinished(f::SIGNERS.name(), why);
    if signers.is_empty() {
        return Err(refused("holds no signer: not signed"));
    }
    let mut last: Option<AccountId> = None;
    for signer in signers {
        if signer.fields.blob(f::TXN_SIGNATURE).is_none_or(<[u8]>::is_empty) {
            return Err(refused("holds a signer without a signature"));
        }
        let account =
            signer.fields.account(f::ACCOUNT).ok_or_else(|| refused("holds a signer without an account"))?;
        if last.is_some_and(|last| last >= account) {
            return Err(refused("is not in the order of its accounts, each once"));
        }
        last = Some(account);
    }
    Ok(())
}

fn unfinished(field: &'static str, why: &'static str) -> SignError {
    SignError::Unfinished { field, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_could_still_be_altered_has_no_id() {
        let of = |more: serde_json::Value| {
            let mut json = json!({ "TransactionType": "OfferCancel", "Account": "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
                "Fee": "10", "Sequence": 1, "OfferSequence": 2 });
            json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            final_hash(&Object::from_json(&json).unwrap()).map_err(|error| error.to_string())
        };
        let signer = |account: &str, signature: &str| json!({ "Signer": { "Account": account, "SigningPubKey": "ED", "TxnSignature": signature } });
        let (low, high) = ("rrrrrrrrrrrrrrrrrrrrBZbvji", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
        for more in [
            json!({ "TxnSignature": "00" }),
            json!({ "SigningPubKey": "" }),
            json!({ "SigningPubKey": "", "Signers": [signer(low, "00"), signer(high, "00")] }),
        ] {
            assert!(of(more.clone()).is_ok(), "{more}");
        }
        for (more, word) in [
            (json!({}), "not signed"),
            (json!({ "SigningPubKey": "", "TxnSignature": "" }), "`TxnSignature` is empty"),
            (json!({ "Signers": [] }), "no signer"),
            (json!({ "Signers": [signer(high, "00"), signer(low, "00")] }), "order"),
            (json!({ "Signers": [signer(low, "00"), signer(low, "00")] }), "order"),
            (json!({ "Signers": [signer(low, "")] }), "without a signature"),
        ] {
            let error = of(more.clone()).unwrap_err();
            assert!(error.contains(word), "{more}: {error}");
        }
    }
}
