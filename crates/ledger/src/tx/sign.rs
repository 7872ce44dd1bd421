//! Signing and hashing transactions, and what signatures cover. Never submits, and never signs an object twice into two blobs: the
//! same transaction and key always give the same bytes.

use super::{SignedTx, Transaction};
use crate::hash::sha512_half;
use crate::ids::{AccountId, Hash256};
use crate::keys::KeyPair;
use crate::object::{Object, ObjectError};
use crate::tables::fields as f;

/// Before what a single signature covers (`STX`, ledger documentation "Hash prefixes").
const SIGN_PREFIX: [u8; 4] = *b"STX\0";
/// Before what each of several signatures covers (`SMT`).
const MULTI_SIGN_PREFIX: [u8; 4] = *b"SMT\0";
/// Before what each signature of a batch's signers covers (`BCH`).
const BATCH_PREFIX: [u8; 4] = *b"BCH\0";
/// Before a transaction whose id is taken (`TXN`).
const ID_PREFIX: [u8; 4] = *b"TXN\0";

/// Why a transaction cannot be signed, or its signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// It has no binary form.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// A signature or a list of signers that is not yet what a ledger takes.
    #[error("field `{field}` {why}")]
    Unfinished {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// It has neither a signature nor signers.
    #[error("not signed")]
    Unsigned,
    /// The signature is not one of this key over this transaction.
    #[error("the signature does not hold")]
    Invalid,
    /// A field that no signature covers and that is no signature which could be checked.
    #[error("field `{0}` is covered by no signature")]
    Uncovered(&'static str),
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

/// What the signature of one of a batch's signers covers: its flags and the ids of its inner transactions (ledger
/// documentation, "Batch": `HashPrefix::batch`, flags, number of ids, ids). `None` for what is no batch.
pub fn batch_signing_payload(tx: &Object) -> Option<Vec<u8>> {
    let inner = tx.array(f::RAW_TRANSACTIONS)?;
    let flags = tx.u32(f::FLAGS).unwrap_or(0);
    let count = u32::try_from(inner.len()).ok()?;
    let mut payload = [&BATCH_PREFIX[..], &flags.to_be_bytes(), &count.to_be_bytes()].concat();
    for item in inner {
        payload.extend_from_slice(tx_hash(&item.fields.to_bytes().ok()?).as_bytes());
    }
    Some(payload)
}

/// The id of a signed transaction's blob.
pub fn tx_hash(blob: &[u8]) -> Hash256 {
    sha512_half(&[&ID_PREFIX, blob])
}
