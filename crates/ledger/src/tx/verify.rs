//! Whether a transaction's signatures hold: all of them, and every field covered by one. Never asks whether those keys
//! have the right to sign for their accounts; that is in the ledger.

use super::sign::{SignError, batch_signing_payload, multi_signing_payload, signing_payload};
use crate::hash::account_of_public_key;
use crate::keys::verify_message;
use crate::object::{ArrayItem, Object, Value};
use crate::tables::{FieldId, fields as f};

/// Checks every signature of a transaction: the single one or those of all signers, a counterparty's over the same
/// bytes, and those of a batch's signers. A field that none of them covers is an error, so that nothing of a verified
/// transaction can be changed.
pub fn verify(tx: &Object) -> Result<(), SignError> {
    let main = holder(tx, tx)?;
    for (field, value) in tx.iter() {
        if main.contains(&field) {
            continue;
        }
        if is_covered(field) {
            whole(value)?;
            continue;
        }
        let uncovered = SignError::Uncovered(field.name());
        match (field, value) {
            (f::COUNTERPARTY_SIGNATURE, Value::Object(signature)) => {
                only(signature, &holder(tx, signature)?)?
            }
            (f::BATCH_SIGNERS, Value::Array(signers)) => {
                let payload = batch_signing_payload(tx).ok_or(uncovered)?;
                signers.iter().try_for_each(|signer| batch_signer(signer, &payload))?;
            }
            _ => return Err(uncovered),
        }
    }
    Ok(())
}

/// Whether a signature covers a field, as the definitions say.
fn is_covered(field: FieldId) -> bool {
    field.info().is_some_and(|info| info.is_signing())
}

/// Whether everything within a covered value is covered too.
fn whole(value: &Value) -> Result<(), SignError> {
    let fields = |object: &Object| {
        object.iter().try_for_each(|(field, value)| match is_covered(field) {
            true => whole(value),
            false => Err(SignError::Uncovered(field.name())),
        })
    };
    match value {
        Value::Object(object) => fields(object),
        Value::Array(items) => items.iter().try_for_each(|item| fields(&item.fields)),
        _ => Ok(()),
    }
}

/// Checks the signature, or the signers, that an object holds over a transaction; gives the fields that this made sure of.
fn holder(tx: &Object, holder: &Object) -> Result<Vec<FieldId>, SignError> {
    let key = holder.blob(f::SIGNING_PUB_KEY).ok_or(SignError::Unsigned)?;
    if !key.is_empty() {
        single(holder, &signing_payload(tx)?)?;
        return Ok(vec![f::SIGNING_PUB_KEY, f::TXN_SIGNATURE]);
    }
    let signers =
        holder.array(f::SIGNERS).filter(|signers| !signers.is_empty()).ok_or(SignError::Unsigned)?;
    for signer in signers {
        let account = signer.fields.account(f::ACCOUNT).ok_or(SignError::Invalid)?;
        single(&signer.fields, &multi_signing_payload(tx, account)?)?;
        only(&signer.fields, &[f::ACCOUNT, f::SIGNING_PUB_KEY, f::TXN_SIGNATURE])?;
    }
    Ok(vec![f::SIGNING_PUB_KEY, f::SIGNERS])
}

fn batch_signer(signer: &ArrayItem, payload: &[u8]) -> Result<(), SignError> {
    single(&signer.fields, payload)?;
    // The account is no part of what a batch's signer signs: only its master key says whose signature it is.
    let of_key = signer.fields.blob(f::SIGNING_PUB_KEY).map(account_of_public_key);
    if of_key != signer.fields.account(f::ACCOUNT) {
        return Err(SignError::Uncovered(f::ACCOUNT.name()));
    }
    only(&signer.fields, &[f::ACCOUNT, f::SIGNING_PUB_KEY, f::TXN_SIGNATURE])
}

fn single(holder: &Object, payload: &[u8]) -> Result<(), SignError> {
    let key = holder.blob(f::SIGNING_PUB_KEY).ok_or(SignError::Unsigned)?;
    let signature = holder.blob(f::TXN_SIGNATURE).ok_or(SignError::Unsigned)?;
    if verify_message(payload, key, signature) { Ok(()) } else { Err(SignError::Invalid) }
}

/// An object that holds a signature holds nothing else: it would be covered by none.
fn only(holder: &Object, known: &[FieldId]) -> Result<(), SignError> {
    match holder.iter().find(|(field, _)| !known.contains(field)) {
        Some((field, _)) => Err(SignError::Uncovered(field.name())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyKind, KeyPair, Seed};
    use crate::tx::sign_object;
    use serde_json::json;

    fn keys(n: u8, kind: KeyKind) -> KeyPair {
        KeyPair::from_seed(&Seed::from_entropy([n; 16], kind)).unwrap()
    }

    /// Key and signature over a payload.
    fn signature(keys: &KeyPair, payload: &[u8]) -> Object {
        Object::new()
            .with(f::SIGNING_PUB_KEY, keys.public_key().to_vec())
            .with(f::TXN_SIGNATURE, keys.sign_message(payload))
    }

    fn cancel(account: &KeyPair) -> Object {
        let account = account.account().to_string();
        let json = json!({ "TransactionType": "OfferCancel", "Account": account, "Fee": "10", "Sequence": 1,
            "OfferSequence": 2 });
        Object::from_json(&json).unwrap()
    }

    #[test]
    fn a_field_that_no_signature_covers_is_an_error() {
        let keys = keys(1, KeyKind::Ed25519);
        let (signed, _) = sign_object(&cancel(&keys), &keys).unwrap();
        assert_eq!(verify(&signed), Ok(()));
        for field in [f::MASTER_SIGNATURE, f::SIGNATURE] {
            let more = signed.clone().with(field, vec![1, 2, 3]);
            assert_eq!(verify(&more), Err(SignError::Uncovered(field.name())));
        }
        let within = Object::new().with(f::TXN_SIGNATURE, vec![1]);
        let (signed_within, _) = sign_object(&cancel(&keys).with(f::MEMO, within), &keys).unwrap();
        assert_eq!(verify(&signed_within), Err(SignError::Uncovered("TxnSignature")));
        let memo = ArrayItem { name: f::MEMO, fields: Object::new().with(f::TXN_SIGNATURE, vec![1]) };
        let (signed_within, _) = sign_object(&cancel(&keys).with(f::MEMOS, vec![memo]), &keys).unwrap();
        assert_eq!(verify(&signed_within), Err(SignError::Uncovered("TxnSignature")));
        let both = signed.with(f::SIGNERS, Vec::<ArrayItem>::new());
        assert_eq!(verify(&both), Err(SignError::Uncovered("Signers")));
    }

    #[test]
    fn every_signer_and_the_counterparty() {
        let [one, other] = [keys(1, KeyKind::Secp256k1), keys(2, KeyKind::Ed25519)];
        let tx = cancel(&one).with(f::SIGNING_PUB_KEY, Vec::<u8>::new());
        let item = |keys: &KeyPair| ArrayItem {
            name: f::SIGNER,
            fields: signature(keys, &multi_signing_payload(&tx, keys.account()).unwrap())
                .with(f::ACCOUNT, keys.account()),
        };
        let multi = tx.clone().with(f::SIGNERS, vec![item(&one), item(&other)]);
        assert_eq!(verify(&multi), Ok(()));
        let changed = multi.clone().with(f::OFFER_SEQUENCE, 3_u32);
        assert_eq!(verify(&changed), Err(SignError::Invalid));
        let (signed, _) = sign_object(&cancel(&one), &one).unwrap();
        let agreed = signature(&other, &signing_payload(&signed).unwrap());
        let both = signed.clone().with(f::COUNTERPARTY_SIGNATURE, agreed.clone());
        assert_eq!(verify(&both), Ok(()));
        let padded = signed.with(f::COUNTERPARTY_SIGNATURE, agreed.with(f::MEMO_DATA, vec![0]));
        assert_eq!(verify(&padded), Err(SignError::Uncovered("MemoData")));
    }

    #[test]
    fn the_signers_of_a_batch() {
        let [one, other] = [keys(1, KeyKind::Secp256k1), keys(2, KeyKind::Ed25519)];
        let inner = |keys: &KeyPair| ArrayItem {
            name: f::RAW_TRANSACTION,
            fields: cancel(keys).with(f::SIGNING_PUB_KEY, Vec::<u8>::new()),
        };
        let json = json!({ "TransactionType": "Batch", "Account": one.account().to_string(), "Fee": "40",
            "Sequence": 1, "Flags": 65536 });
        let batch =
            Object::from_json(&json).unwrap().with(f::RAW_TRANSACTIONS, vec![inner(&one), inner(&other)]);
        let payload = batch_signing_payload(&batch).unwrap();
        assert_eq!(&payload[..12], b"BCH\0\0\x01\0\0\0\0\0\x02");
        let signer = |account: &KeyPair| ArrayItem {
            name: f::BATCH_SIGNER,
            fields: signature(&other, &payload).with(f::ACCOUNT, account.account()),
        };
        let (signed, _) = sign_object(&batch, &one).unwrap();
        let with = |item: ArrayItem| signed.clone().with(f::BATCH_SIGNERS, vec![item]);
        assert_eq!(verify(&with(signer(&other))), Ok(()));
        assert_eq!(verify(&with(signer(&one))), Err(SignError::Uncovered("Account")));
        let flipped = with(signer(&other)).with(f::FLAGS, 131_072_u32);
        assert!(verify(&flipped).is_err());
    }
}
