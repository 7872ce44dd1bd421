//! Base58 with checksum in the ledger's own alphabet, and X-addresses (an account with a tag and a network in one
//! text, standard XLS-5). Never decides whether an account exists.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

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

/// The 20 bytes of a classic address: 25 bytes with its version (0) and checksum.
pub(crate) fn decode_account(text: &str) -> Option<[u8; 20]> {
    let bytes = decode_25(text)?;
    let (payload, checksum) = bytes.split_at(21);
    let digest = Sha256::digest(Sha256::digest(payload));
    let is_right = payload.first() == Some(&ADDRESS_PREFIX) && digest.get(..4) == Some(checksum);
    payload.get(1..).filter(|_| is_right)?.try_into().ok()
}

/// Exactly 25 bytes of base58. Ten characters at a time are one number of 64 bits, which goes to the whole in one
/// multiplication for each 64 bits of that: a library that serves every length goes over all bytes for every character.
fn decode_25(text: &str) -> Option<[u8; 25]> {
    if text.len() > TEXT_MAX {
        return None;
    }
    // The whole, its lowest 64 bits first.
    let mut whole = [0_u64; 4];
    for group in text.as_bytes().chunks(10) {
        let (mut digits, mut scale) = (0_u64, 1_u64);
        for character in group {
            let digit = DIGITS[usize::from(*character)];
            if digit == NO_DIGIT {
                return None;
            }
            digits = digits * 58 + u64::from(digit);
            scale *= 58;
        }
        let mut carry = u128::from(digits);
        for limb in &mut whole {
            carry += u128::from(*limb) * u128::from(scale);
            *limb = carry as u64;
            carry >>= 64;
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = [0_u8; 32];
    for (place, limb) in bytes.chunks_exact_mut(8).zip(whole.iter().rev()) {
        place.copy_from_slice(&limb.to_be_bytes());
    }
    let (above, bytes) = bytes.split_at(7);
    // Each zero byte in front is one character of its own, the first of the alphabet.
    let zero_bytes = bytes.iter().take_while(|byte| **byte == 0).count();
    let zero_characters = text.bytes().take_while(|character| *character == ALPHABET[0]).count();
    let fits = above.iter().all(|byte| *byte == 0) && zero_bytes == zero_characters;
    if fits { bytes.try_into().ok() } else { None }
}

/// The ledger's alphabet (ledger documentation, "Base58 Encodings").
const ALPHABET: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const NO_DIGIT: u8 = u8::MAX;

/// The digit of each character.
static DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 58 {
        digits[ALPHABET[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};

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
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// What any text is as a classic address, by the library.
    fn by_library(text: &str) -> Option<[u8; 20]> {
        let bytes: [u8; 21] = decode_check(text)?.try_into().ok()?;
        bytes.strip_prefix(&[ADDRESS_PREFIX])?.try_into().ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, rng_seed: RngSeed::Fixed(5), failure_persistence: None,
            ..ProptestConfig::default() })]

        #[test]
        fn an_address_is_what_the_library_reads(
            version in 0..3_u8, zeros in 0..20_usize, bytes in any::<[u8; 20]>(), length in 18..=20_usize,
            damage in any::<(u8, char)>(), more in 0..3_usize,
        ) {
            let mut account = bytes;
            account[..zeros].fill(0);
            let text = encode_check(&[version], &account[..length]);
            prop_assert_eq!(decode_account(&text), by_library(&text));
            let mut damaged: Vec<char> = text.chars().collect();
            let at = usize::from(damage.0) % damaged.len();
            damaged[at] = damage.1;
            let damaged: String = damaged.into_iter().collect();
            prop_assert_eq!(decode_account(&damaged), by_library(&damaged));
            let longer = "r".repeat(more) + &text;
            prop_assert_eq!(decode_account(&longer), by_library(&longer));
            prop_assert_eq!(decode_account(&text[more..]), by_library(&text[more..]));
        }
    }

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
