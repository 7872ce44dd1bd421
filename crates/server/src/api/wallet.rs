//! `wallet_propose`: a key pair, of a secret that is given or drawn from the system. For the administrator of a
//! standalone server. Nothing of it is kept or logged.

use ledger::hash::sha512_half;
use ledger::{KeyKind, KeyPair, Seed, hex};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields};

/// Prefixes of a public key of an account, and of a seed (XRP Ledger documentation, "base58 Encodings").
const PUBLIC_KEY: u8 = 0x23;
const SEED: u8 = 0x21;
const ED25519_SEED: [u8; 3] = [0x01, 0xE1, 0x4B];

/// The 16 bytes everything follows from.
type Entropy = Zeroizing<[u8; 16]>;

/// A wallet: from a passphrase, a seed or its hexadecimal digits, or a new one.
pub(crate) fn propose(params: Params<'_>) -> Answer {
    let asked = match params.has("key_type") {
        false => None,
        true => Some(match params.get("key_type").and_then(Value::as_str) {
            Some("secp256k1") => KeyKind::Secp256k1,
            Some("ed25519") => KeyKind::Ed25519,
            Some(_) => return Err(ApiError::invalid_params()),
            None => return Err(ApiError::expected("key_type", "string")),
        }),
    };
    let given: Vec<&str> =
        ["passphrase", "seed", "seed_hex"].into_iter().filter(|name| params.has(name)).collect();
    let (entropy, implied, warns) = match given[..] {
        [] => (drawn()?, None, false),
        [name] => read(name, params.text(name)?)?,
        _ => {
            let told = "Exactly one of the following must be specified: passphrase, seed or seed_hex";
            return Err(ApiError::invalid(told));
        }
    };
    if implied.is_some() && asked == Some(KeyKind::Secp256k1) {
        return Err(ApiError::bad_seed());
    }
    let kind = implied.or(asked).unwrap_or(KeyKind::Secp256k1);
    let mut wallet = shown(&entropy, kind)?;
    if warns {
        let told = "This wallet was generated using a user-supplied passphrase. It may be vulnerable to brute-force attacks.";
        wallet.insert("warning".into(), told.into());
    }
    Ok(wallet)
}

fn shown(entropy: &Entropy, kind: KeyKind) -> Result<Map<String, Value>, ApiError> {
    let pair = KeyPair::from_seed(&Seed::from_entropy(**entropy, kind)).map_err(|_| ApiError::bad_seed())?;
    // Whichever the key, the seed is written without a kind, as the real server does.
    let seed = Seed::from_entropy(**entropy, KeyKind::Secp256k1);
    let key_type = if kind == KeyKind::Ed25519 { "ed25519" } else { "secp256k1" };
    Ok(fields(json!({
        "account_id": pair.account().to_string(), "key_type": key_type, "master_seed": *seed.reveal(),
        "master_seed_hex": hex::encode(&**entropy), "public_key": base58(PUBLIC_KEY, pair.public_key()),
        "public_key_hex": hex::encode(pair.public_key()),
    })))
}

/// Entropy, the kind of key the text itself names, whether it was a phrase of somebody's.
fn read(name: &str, text: &str) -> Result<(Entropy, Option<KeyKind>, bool), ApiError> {
    let bad = || ApiError::bad_seed().saying(format!("Invalid field '{name}'."));
    if name != "seed_hex"
        && let Some(entropy) = unbase58(text, &ED25519_SEED)
    {
        return Ok((entropy, Some(KeyKind::Ed25519), false));
    }
    let digits = || hex::decode(text).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(Entropy::new);
    match name {
        "seed" => unbase58(text, &[SEED]).map(|entropy| (entropy, None, false)).ok_or_else(bad),
        "seed_hex" => digits().map(|entropy| (entropy, None, false)).ok_or_else(bad),
        _ if text.is_empty() => Err(bad()),
        _ => match unbase58(text, &[SEED]).or_else(digits) {
            Some(entropy) => Ok((entropy, None, false)),
            None => {
                let mut entropy = Entropy::default();
                entropy.copy_from_slice(&sha512_half(&[text.as_bytes()]).0[..16]);
                Ok((entropy, None, true))
            }
        },
    }
}

fn drawn() -> Result<Entropy, ApiError> {
    let mut entropy = Entropy::default();
    getrandom::fill(&mut *entropy).map_err(|_| ApiError::internal())?;
    Ok(entropy)
}

fn base58(prefix: u8, bytes: &[u8]) -> String {
    let whole = [&[prefix], bytes].concat();
    bs58::encode(whole).with_alphabet(bs58::Alphabet::RIPPLE).with_check().into_string()
}

fn unbase58(text: &str, prefix: &[u8]) -> Option<Entropy> {
    let bytes = bs58::decode(text).with_alphabet(bs58::Alphabet::RIPPLE).with_check(None).into_vec().ok()?;
    let bytes = Zeroizing::new(bytes);
    <[u8; 16]>::try_from(bytes.strip_prefix(prefix)?).ok().map(Entropy::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ApiVersion, Role};

    fn proposed(request: &Value) -> Answer {
        propose(Params::new(request.as_object().unwrap(), ApiVersion::V2, Role::Admin))
    }

    /// "wallet_propose" in the XRP Ledger documentation; the genesis account.
    #[test]
    fn published_wallets() {
        for (request, account, public_key) in [
            (
                json!({"passphrase": "masterpassphrase"}),
                "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
                "aBQG8RQAzjs1eTKFEAQXr2gS4utcDiEC9wmi7pfUPTi27VCahwgw",
            ),
            (
                json!({"seed": "snoPBrXtMeMyMHUVTgbuqAfg1SUTb", "key_type": "secp256k1"}),
                "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
                "aBQG8RQAzjs1eTKFEAQXr2gS4utcDiEC9wmi7pfUPTi27VCahwgw",
            ),
            (
                json!({"seed_hex": "DEDCE9CE67B451D852FD4E846FCDE31C"}),
                "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
                "aBQG8RQAzjs1eTKFEAQXr2gS4utcDiEC9wmi7pfUPTi27VCahwgw",
            ),
        ] {
            let wallet = proposed(&request).unwrap();
            assert_eq!((&wallet["account_id"], &wallet["public_key"]), (&json!(account), &json!(public_key)));
            assert_eq!(wallet["master_seed"], "snoPBrXtMeMyMHUVTgbuqAfg1SUTb");
            assert_eq!(wallet.contains_key("warning"), request["passphrase"].is_string());
        }
    }

    #[test]
    fn what_is_drawn_is_new_and_what_is_wrong_is_said_without_the_secret() {
        let (one, other) = (proposed(&json!({})).unwrap(), proposed(&json!({})).unwrap());
        assert_ne!(one["master_seed"], other["master_seed"]);
        let again = json!({"seed": one["master_seed"], "key_type": one["key_type"]});
        assert_eq!(proposed(&again).unwrap(), one);
        for (request, error) in [
            (json!({"key_type": 7}), "invalidParams"),
            (json!({"key_type": "rsa"}), "invalidParams"),
            (json!({"seed": "sSecretNonsense"}), "badSeed"),
            (json!({"seed_hex": "00"}), "badSeed"),
            (json!({"seed": "x", "passphrase": "y"}), "invalidParams"),
            (json!({"seed": "sEdTM1uX8pu2do5XvTnutH6HsouMaM2", "key_type": "secp256k1"}), "badSeed"),
        ] {
            let refused = proposed(&request).unwrap_err();
            assert_eq!(refused.name, error, "{request}");
            assert!(!refused.message.contains("sSecretNonsense"));
        }
    }
}
