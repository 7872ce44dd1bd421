//! Base58 with checksum in the ledger's own alphabet, and X-addresses (an account with a tag and a network in one
//! text, standard XLS-5). Never decides whether an account exists.

use std::fmt;
use std::str::FromStr;

use super::{AccountId, IdError, shorten};

/// Version byte of a classic address.
pub const ADDRESS_PREFIX: u8 = 0x00;
const X_MAIN: [u8; 2] = [0x05, 0x44];
const X_TEST: [u8; 2] = [0x04, 0x93];
/// No text of the ledger in this encoding is longer; longer input is refused before any work is done on it.
const TEXT_MAX: usize = 128;

pub(crate) fn encode_check(prefix: &[u8], payload: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(prefix.len() + payload.len());
    bytes.extend_from_slice(prefix);
    bytes.extend_from_slice(payload);
    bs58::encode(bytes).with_alphabet(bs58::Alphabet::RIPPLE).with_check().into_string()
}

/// The bytes of a text whose checksum is right, version bytes included.
pub(crate) fn decode_check(text: &str) -> Option<Vec<u8>> {
    if text.len() > TEXT_MAX {
        return None;
    }
    bs58::decode(text).with_alphabet(bs58::Alphabet::RIPPLE).with_check(None).into_vec().ok()
}

/// An account, its tag and its network in one text (XLS-5: `X...` on the main network, `T...` elsewhere).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct XAddress {
    /// The account.
    pub account: AccountId,
    /// Source or destination tag.
    pub tag: Option<u32>,
    /// For a test network.
    pub test_network: bool,
}

impl AccountId {
    /// The account of a classic address, or of an X-address without a tag: for places that have none for a tag.
    pub fn of_any_address(text: &str) -> Result<Self, IdError> {
        if !text.starts_with(['X', 'T']) {
            return text.parse();
        }
        match text.parse::<XAddress>() {
            Ok(XAddress { tag: None, account, .. }) => Ok(account),
            Ok(_) => Err(IdError::Tagged(shorten(text))),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for XAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut payload = [0_u8; 29];
        payload[..20].copy_from_slice(&self.account.0);
        if let Some(tag) = self.tag {
            payload[20] = 1;
            payload[21..25].copy_from_slice(&tag.to_le_bytes());
        }
        f.write_str(&encode_check(if self.test_network { &X_TEST } else { &X_MAIN }, &payload))
    }
}

impl FromStr for XAddress {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refused = || IdError::XAddress(shorten(text));
        let bytes: [u8; 31] = decode_check(text).and_then(|b| b.try_into().ok()).ok_or_else(refused)?;
        let test_network = match [bytes[0], bytes[1]] {
            X_MAIN => false,
            X_TEST => true,
            _ => return Err(refused()),
        };
        let mut account = [0_u8; 20];
        account.copy_from_slice(&bytes[2..22]);
        let number = u32::from_le_bytes([bytes[23], bytes[24], bytes[25], bytes[26]]);
        if bytes[27..].iter().any(|b| *b != 0) {
            return Err(refused());
        }
        let tag = match (bytes[22], number) {
            (0, 0) => None,
            (1, tag) => Some(tag),
            _ => return Err(refused()),
        };
        Ok(Self { account: AccountId(account), tag, test_network })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_address_of_the_published_example() {
        let x: XAddress = "X7tFPvjMH7nDxP8nTGkeeggcUpCZj8UbyT2QoiRHGDfjqrB".parse().unwrap();
        assert_eq!(x.account.to_string(), "r3kmLJN5D28dHuH8vZNUZpMC43pEHpaocV");
        assert_eq!(x.tag, Some(84854));
        assert!(!x.test_network);
        assert_eq!(x.to_string(), "X7tFPvjMH7nDxP8nTGkeeggcUpCZj8UbyT2QoiRHGDfjqrB");
        assert!("X7tFPvjMH7nDxP8nTGkeeggcUpCZj8UbyT2QoiRHGDfjqrC".parse::<XAddress>().is_err());
    }
}
