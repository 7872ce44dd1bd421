//! Identifiers that are plain hashes or hash-like numbers. Never computes them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{AccountId, IdError, serde_text_or_bytes, shorten};
use crate::hex;

/// A transaction, ledger or ledger-entry id: 32 bytes, written as 64 upper-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash256(pub [u8; 32]);

/// The order of the bytes. Nearly always the first eight decide, and comparing them as one number needs no call.
impl Ord for Hash256 {
    fn cmp(&self, other: &Self) -> Ordering {
        first_word(&self.0).cmp(&first_word(&other.0)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Hash256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn first_word(bytes: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *bytes;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_bytes() {
        let with = |at: usize, byte: u8| {
            let mut bytes = [7; 32];
            bytes[at] = byte;
            Hash256(bytes)
        };
        let some: Vec<Hash256> =
            [0, 7, 8, 31].into_iter().flat_map(|at| [0, 6, 7, 8, 255].map(|byte| with(at, byte))).collect();
        for a in &some {
            for b in &some {
                assert_eq!(a.cmp(b), a.0.cmp(&b.0), "{a} {b}");
            }
        }
    }
}
