//! The hashes the ledger is built on. Never holds a secret longer than the call.

use ripemd::Ripemd160;
use sha2::{Digest, Sha256, Sha512};

use crate::ids::{AccountId, Hash256};

/// SHA-512Half: the first 32 bytes of SHA-512 over `parts` laid end to end (ledger documentation, "Hash formats").
pub fn sha512_half(parts: &[&[u8]]) -> Hash256 {
    let mut digest = Sha512::new();
    for part in parts {
        digest.update(part);
    }
    let full = digest.finalize();
    let mut half = [0_u8; 32];
    half.copy_from_slice(&full[..32]);
    Hash256(half)
}

/// The account of a public key: RIPEMD-160 of SHA-256 (ledger documentation, "Addresses").
pub fn account_of_public_key(public_key: &[u8]) -> AccountId {
    AccountId(Ripemd160::digest(Sha256::digest(public_key)).into())
}
