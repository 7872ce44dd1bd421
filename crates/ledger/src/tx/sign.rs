//! Signing, hashing and verifying transactions. Never submits, and never signs an object twice into two blobs: the
//! same transaction and key always give the same bytes.

use super::{SignedTx, Transaction};
use crate::hash::sha512_half;
use crate::ids::{AccountId, Hash256};
use crate::keys::{KeyPair, verify_message};
use crate::object::{Object, ObjectError, Value};
use crate::tables::fields as f;

/// Before what a single signature covers (`STX`, ledger documentation "Hash prefixes").
const SIGN_PREFIX: [u8; 4] = *b"STX\0";
/// Before what each of several signatures covers (`SMT`).
const MULTI_SIGN_PREFIX: [u8; 4] = *b"SMT\0";
/// Before a transaction whose id is taken (`TXN`).
const ID_PREFIX: [u8; 4] = *b"TXN\0";

/// Why a transaction cannot be signed, or its signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// It has no binary form.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// It has neither a signature nor signers.
    #[error("not signed")]
    Unsigned,
    /// The signature is not one of this key over this transaction.
    #[error("the signature does not hold")]
    Invalid,
}

/// Signs a typed transaction.
pub fn sign(tx: &Transaction, keys: &KeyPair) -> Result<SignedTx, SignError> {
    sign_object(&tx.to_object(), keys).map(|(_, signed)| signed)
}

/// Signs a transaction of any type; gives it with key and signature, and its blob and id. A signature that was there
/// is replaced.
pub fn sign_object(tx: &Object, keys: &KeyPair) -> Result<(Object, SignedTx), SignError> {
    let mut tx = tx.clone().with(f::SIGNING_PUB_KEY, keys.public_key().to_vec());
    let signature = keys.sign_message(&signing_payload(&tx)?);
    tx.insert(f::TXN_SIGNATURE, signature);
    let blob = tx.to_bytes()?;
    let hash = tx_hash(&blob);
    Ok((tx, SignedTx { blob, hash }))
}

/// What a single signature covers.
pub fn signing_payload(tx: &Object) -> Result<Vec<u8>, ObjectError> {
    Ok([&SIGN_PREFIX[..], &tx.to_signing_bytes()?].concat())
}

/// What the signature of one of several signers covers. `SigningPubKey` must be there and empty.
pub fn multi_signing_payload(tx: &Object, signer: AccountId) -> Result<Vec<u8>, ObjectError> {
    Ok([&MULTI_SIGN_PREFIX[..], &tx.to_signing_bytes()?, &signer.0].concat())
}

/// The id of a signed transaction's blob.
pub fn tx_hash(blob: &[u8]) -> Hash256 {
    sha512_half(&[&ID_PREFIX, blob])
}

/// Whether the signature, or every signer's signature, holds. Says nothing about the right of those keys to sign.
pub fn verify(tx: &Object) -> Result<(), SignError> {
    let key = tx.blob(f::SIGNING_PUB_KEY).ok_or(SignError::Unsigned)?;
    if key.is_empty() {
        return verify_signers(tx);
    }
    let signature = tx.blob(f::TXN_SIGNATURE).ok_or(SignError::Unsigned)?;
    if verify_message(&signing_payload(tx)?, key, signature) { Ok(()) } else { Err(SignError::Invalid) }
}

fn verify_signers(tx: &Object) -> Result<(), SignError> {
    let signers = tx.array(f::SIGNERS).filter(|signers| !signers.is_empty()).ok_or(SignError::Unsigned)?;
    for signer in signers {
        let account = signer.fields.account(f::ACCOUNT).ok_or(SignError::Invalid)?;
        let blob = |field| match signer.fields.get(field) {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => Err(SignError::Invalid),
        };
        let payload = multi_signing_payload(tx, account)?;
        if !verify_message(&payload, blob(f::SIGNING_PUB_KEY)?, blob(f::TXN_SIGNATURE)?) {
            return Err(SignError::Invalid);
        }
    }
    Ok(())
}
