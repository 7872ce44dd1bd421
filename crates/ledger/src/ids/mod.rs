//! What identifies things on the ledger: accounts, hashes, currencies, issuances. Never says what they are worth.

mod account;
mod accounts;
mod base58;
mod currency;
mod hash;

pub use account::AccountId;
pub(crate) use accounts::Accounts;
pub use base58::{ADDRESS_PREFIX, XAddress};
pub(crate) use base58::{decode_account, decode_check, encode_check};
pub use currency::Currency;
pub use hash::{Hash256, MptId};

use crate::text::printable;

/// A text that is not the identifier it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Not a classic address (base58 of the ledger's alphabet, version byte 0, 20 bytes, right checksum).
    #[error("`{0}` is not an account address")]
    Address(String),
    /// Not an X-address.
    #[error("`{0}` is not an X-address")]
    XAddress(String),
    /// An X-address that brings a tag to a place that has none.
    #[error("`{0}` is an X-address with a tag, and there is no place for the tag here")]
    Tagged(String),
    /// Not as many hexadecimal digits as needed.
    #[error("`{text}` is not {digits} hexadecimal digits")]
    Hex {
        /// What was given (at most 100 characters of it).
        text: String,
        /// How many digits were needed.
        digits: usize,
    },
    /// Neither a three-character code nor 40 hexadecimal digits.
    #[error("`{0}` is not a currency code")]
    Currency(String),
    /// `XRP` where a code of an issued currency is needed.
    #[error("XRP has no issuer and is no code of an issued currency")]
    XrpIssued,
}

/// Text from outside as an error shows it.
pub(crate) fn shorten(text: &str) -> String {
    printable(text, 100)
}

/// Serde of an identifier: its text for people, its bytes for machines.
macro_rules! serde_text_or_bytes {
    ($type:ty, $len:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::Serialize::serialize(&self.0, serializer)
                }
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; $len]>::deserialize(deserializer).map(Self)
                }
            }
        }
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}
pub(crate) use serde_text_or_bytes;
