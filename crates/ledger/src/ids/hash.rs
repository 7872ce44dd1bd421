//! Identifiers that are plain hashes or hash-like numbers. Never computes them.

use std::fmt;
use std::str::FromStr;

use super::{AccountId, IdError, serde_text_or_bytes, shorten};
use crate::hex;

/// A transaction, ledger or ledger-entry id: 32 bytes, written as 64 upper-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash256(pub [u8; 32]);

impl Hash256 {
    /// All zero bytes.
    pub const ZERO: Self = Self([0; 32]);

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(&self.0))
    }
}

impl FromStr for Hash256 {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        hex::decode_array(text).map(Self).ok_or_else(|| IdError::Hex { text: shorten(text), digits: 64 })
    }
}

serde_text_or_bytes!(Hash256, 32);

/// A multi-purpose-token issuance: the issuer's sequence (4 bytes, big-endian) and the issuer, 48 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MptId(pub [u8; 24]);

impl MptId {
    /// The account that issues the token.
    pub fn issuer(&self) -> AccountId {
        let mut account = [0; 20];
        account.copy_from_slice(&self.0[4..]);
        AccountId(account)
    }
}

impl fmt::Display for MptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(&self.0))
    }
}

impl FromStr for MptId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        hex::decode_array(text).map(Self).ok_or_else(|| IdError::Hex { text: shorten(text), digits: 48 })
    }
}

serde_text_or_bytes!(MptId, 24);
