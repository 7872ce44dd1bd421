//! A key pair: derives, signs, verifies, exactly as the server does. Never signs what is not already a message or an
//! object's signing bytes; signatures are deterministic (RFC 6979) and canonical (low S).

use std::fmt;

use ed25519_dalek::Signer;
use secp256k1::{Message, PublicKey, SECP256K1, Scalar, SecretKey, ecdsa};
use zeroize::{Zeroize, Zeroizing};

use super::{KeyError, KeyKind, Seed};
use crate::hash::{account_of_public_key, sha512_half};
use crate::ids::AccountId;

/// First byte of an Ed25519 public key on the ledger.
const ED25519_MARK: u8 = 0xED;

/// A secret key and its public key. `Debug` shows the account alone.
pub struct KeyPair {
    secret: Secret,
    public_key: [u8; 33],
}

enum Secret {
    Secp256k1(SecretKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl KeyPair {
    /// The key pair of a seed: of a secp256k1 seed the account key 0 of its family.
    pub fn from_seed(seed: &Seed) -> Result<Self, KeyError> {
        match seed.kind() {
            KeyKind::Secp256k1 => secp256k1_pair(seed.entropy()),
            KeyKind::Ed25519 => Ok(ed25519_pair(seed.entropy())),
        }
    }

    /// The key pair of the text of a seed (`s...` or `sEd...`).
    pub fn from_seed_text(text: &str) -> Result<Self, KeyError> {
        Self::from_seed(&text.parse()?)
    }

    /// The public key: 33 bytes; Ed25519 keys begin with 0xED.
    pub fn public_key(&self) -> &[u8; 33] {
        &self.public_key
    }

    /// The account whose master key this is.
    pub fn account(&self) -> AccountId {
        account_of_public_key(&self.public_key)
    }

    /// Which kind of key this is.
    pub fn kind(&self) -> KeyKind {
        match self.secret {
            Secret::Secp256k1(_) => KeyKind::Secp256k1,
            Secret::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// Signs a message: ECDSA signs its SHA-512Half (DER form), Ed25519 the message itself (64 bytes).
    pub fn sign_message(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Secp256k1(key) => {
                let digest = Message::from_digest(sha512_half(&[message]).0);
                SECP256K1.sign_ecdsa(digest, key).serialize_der().to_vec()
            }
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({}, ..)", self.account())
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        match &mut self.secret {
            Secret::Secp256k1(key) => key.non_secure_erase(),
            // ed25519-dalek wipes its own key when it is dropped.
            Secret::Ed25519(_) => {}
        }
    }
}

/// Whether `signature` is one of `public_key` over `message`, and canonical. False for anything malformed.
pub fn verify_message(message: &[u8], public_key: &[u8], signature: &[u8]) -> bool {
    match <&[u8; 33]>::try_from(public_key) {
        Ok([ED25519_MARK, key @ ..]) => verify_ed25519(message, key, signature),
        Ok(key) => verify_secp256k1(message, key, signature),
        Err(_) => false,
    }
}

fn verify_ed25519(message: &[u8], key: &[u8; 32], signature: &[u8]) -> bool {
    let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(key) else {
        return false;
    };
    let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

fn verify_secp256k1(message: &[u8], key: &[u8; 33], signature: &[u8]) -> bool {
    let Ok(key) = PublicKey::from_slice(key) else {
        return false;
    };
    let Ok(parsed) = ecdsa::Signature::from_der(signature) else {
        return false;
    };
    let mut low = parsed;
    low.normalize_s();
    let is_canonical = low == parsed && parsed.serialize_der().as_ref() == signature;
    let digest = Message::from_digest(sha512_half(&[message]).0);
    is_canonical && SECP256K1.verify_ecdsa(digest, &parsed, &key).is_ok()
}

fn ed25519_pair(entropy: &[u8; 16]) -> KeyPair {
    let mut raw = sha512_half(&[entropy]).0;
    let key = ed25519_dalek::SigningKey::from_bytes(&raw);
    raw.zeroize();
    let mut public_key = [ED25519_MARK; 33];
    public_key[1..].copy_from_slice(key.verifying_key().as_bytes());
    KeyPair { secret: Secret::Ed25519(Box::new(key)), public_key }
}

/// Root key of the family, then the account key 0 added to it.
fn secp256k1_pair(entropy: &[u8; 16]) -> Result<KeyPair, KeyError> {
    let mut root = first_valid(&[entropy])?;
    let root_public = PublicKey::from_secret_key(SECP256K1, &root).serialize();
    let mut account = first_valid(&[&root_public, &0_u32.to_be_bytes()])?;
    let key = root.add_tweak(&Scalar::from(account)).map_err(|_| KeyError::Derivation);
    root.non_secure_erase();
    account.non_secure_erase();
    let key = key?;
    let public_key = PublicKey::from_secret_key(SECP256K1, &key).serialize();
    Ok(KeyPair { secret: Secret::Secp256k1(key), public_key })
}

/// The first of the hashes of `parts` and a counter that is a valid secret key.
fn first_valid(parts: &[&[u8]]) -> Result<SecretKey, KeyError> {
    for counter in 0..128_u32 {
        let counter = counter.to_be_bytes();
        let whole: Vec<&[u8]> = parts.iter().copied().chain([counter.as_slice()]).collect();
        let candidate = Zeroizing::new(sha512_half(&whole).0);
        if let Ok(key) = SecretKey::from_byte_array(*candidate) {
            return Ok(key);
        }
    }
    Err(KeyError::Derivation)
}
