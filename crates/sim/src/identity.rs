//! The paper network's named identities. Their keys follow from fixed names, never from the session's seed: a wallet
//! keeps its address from one session to the next, and nothing of value can ever be behind a published name.

use ledger::{AccountId, Asset, Currency, KeyKind, KeyPair, Seed};
use sha2::{Digest, Sha256};

use crate::world::WorldError;

/// NetworkID of the paper network. Above 1024, so every transaction must name it and is void on any other network.
pub const NETWORK_ID: u32 = 61_337;

/// The well-known seed of the genesis account (XRP Ledger documentation, "Stand-Alone Mode").
pub const GENESIS_SEED: &str = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";

/// The 16 bytes of entropy of the identity `name`: the first half of SHA-256 of `neo-paper/<name>`.
#[must_use]
pub fn entropy(name: &str) -> [u8; 16] {
    let digest = Sha256::digest(format!("neo-paper/{name}"));
    let mut entropy = [0; 16];
    for (to, from) in entropy.iter_mut().zip(digest) {
        *to = from;
    }
    entropy
}

/// Seed of the identity `name`; an Ed25519 key, which signs fastest.
#[must_use]
pub fn seed(name: &str) -> Seed {
    Seed::from_entropy(entropy(name), KeyKind::Ed25519)
}

/// The key pair of the identity `name`.
///
/// # Errors
/// [`WorldError::Key`], which the fixed names rule out.
pub fn keys(name: &str) -> Result<KeyPair, WorldError> {
    KeyPair::from_seed(&seed(name)).map_err(|error| WorldError::Key(error.to_string()))
}

/// Seed of the wallet that NEO trades with on the paper network.
#[must_use]
pub fn wallet() -> Seed {
    seed(WALLET)
}

/// Seed of the account that issues RLUSD on the paper network.
#[must_use]
pub fn issuer() -> Seed {
    seed(ISSUER)
}

/// Address of the identity `name`.
///
/// # Errors
/// [`WorldError::Key`], which the fixed names rule out.
pub fn account(name: &str) -> Result<AccountId, WorldError> {
    keys(name).map(|keys| keys.account())
}

/// Name of the wallet that NEO trades with.
pub const WALLET: &str = "wallet";
/// Name of the RLUSD issuer.
pub const ISSUER: &str = "rlusd-issuer";
/// RLUSD as the paper network knows it.
///
/// # Errors
/// [`WorldError::Key`], which the fixed names rule out.
pub fn rlusd() -> Result<Asset, WorldError> {
    Ok(Asset::Issued { currency: Currency::RLUSD, issuer: account(ISSUER)? })
}
