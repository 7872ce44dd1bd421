//! Family seeds: 16 bytes of entropy and the kind of key they stand for. Never printed.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize, Zeroizing};

use super::KeyError;
use crate::ids::{decode_check, encode_check};

const SECP256K1_PREFIX: [u8; 1] = [0x21];
const ED25519_PREFIX: [u8; 3] = [0x01, 0xE1, 0x4B];

/// The two kinds of keys the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// ECDSA over secp256k1, seeds `s...`.
    Secp256k1,
    /// Ed25519, seeds `sEd...`.
    Ed25519,
}

/// The secret a key pair is derived from. Wiped when dropped; `Debug` shows its kind alone.
#[derive(Clone)]
pub struct Seed {
    entropy: [u8; 16],
    kind: KeyKind,
}

impl Seed {
    /// From 16 bytes of entropy.
    pub fn from_entropy(entropy: [u8; 16], kind: KeyKind) -> Self {
        Self { entropy, kind }
    }

    /// Which kind of key it gives.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The same entropy for this kind of key: a server takes the kind beside an `s...` text (`key_type`).
    #[must_use]
    pub fn of_kind(&self, kind: KeyKind) -> Self {
        Self { entropy: self.entropy, kind }
    }

    /// The secret text (`s...` or `sEd...`), for an operator's own eyes or an encrypted store.
    pub fn reveal(&self) -> Zeroizing<String> {
        let prefix: &[u8] = match self.kind {
            KeyKind::Secp256k1 => &SECP256K1_PREFIX,
            KeyKind::Ed25519 => &ED25519_PREFIX,
        };
        Zeroizing::new(encode_check(prefix, &self.entropy))
    }

    pub(super) fn entropy(&self) -> &[u8; 16] {
        &self.entropy
    }
}

impl FromStr for Seed {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(decode_check(text).ok_or(KeyError::Seed)?);
        let entropy = |rest: &[u8]| <[u8; 16]>::try_from(rest).map_err(|_| KeyError::Seed);
        if let Some(rest) = bytes.strip_prefix(&ED25519_PREFIX)
            && rest.len() == 16
        {
            return Ok(Self { entropy: entropy(rest)?, kind: KeyKind::Ed25519 });
        }
        let rest = bytes.strip_prefix(&SECP256K1_PREFIX).ok_or(KeyError::Seed)?;
        Ok(Self { entropy: entropy(rest)?, kind: KeyKind::Secp256k1 })
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({:?}, ..)", self.kind)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.entropy.zeroize();
    }
}
