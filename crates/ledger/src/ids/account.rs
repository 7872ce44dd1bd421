//! The account: 20 bytes, written as a classic address. Never says whether the account exists or is funded.

use std::fmt;
use std::str::FromStr;

use super::{ADDRESS_PREFIX, IdError, decode_account, encode_check, serde_text_or_bytes, shorten};

/// An account on the ledger. Text form: the classic address (`r...`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub [u8; 20]);

impl AccountId {
    /// `rrrrrrrrrrrrrrrrrrrrrhoLvTp`, ACCOUNT_ZERO: the account of pseudo-transactions.
    pub const ZERO: Self = Self([0; 20]);
    /// `rrrrrrrrrrrrrrrrrrrrBZbvji`, ACCOUNT_ONE: the issuer written in a trust line's balance.
    pub const ONE: Self = {
        let mut bytes = [0; 20];
        bytes[19] = 1;
        Self(bytes)
    };

    /// The 20 bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&encode_check(&[ADDRESS_PREFIX], &self.0))
    }
}

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        decode_account(text).map(Self).ok_or_else(|| IdError::Address(shorten(text)))
    }
}

serde_text_or_bytes!(AccountId, 20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_special_accounts_have_their_documented_addresses() {
        assert_eq!(AccountId::ZERO.to_string(), "rrrrrrrrrrrrrrrrrrrrrhoLvTp");
        assert_eq!(AccountId::ONE.to_string(), "rrrrrrrrrrrrrrrrrrrrBZbvji");
        assert_eq!("rrrrrrrrrrrrrrrrrrrrBZbvji".parse(), Ok(AccountId::ONE));
    }

    #[test]
    fn damaged_addresses_are_refused() {
        for bad in ["", "r", "rrrrrrrrrrrrrrrrrrrrBZbvjj", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyT", "0OIl", "é"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        assert!("r".repeat(10_000).parse::<AccountId>().is_err());
    }

    #[test]
    fn text_for_people_bytes_for_machines() {
        assert_eq!(serde_json::to_string(&AccountId::ONE).unwrap(), "\"rrrrrrrrrrrrrrrrrrrrBZbvji\"");
        assert_eq!(postcard::to_stdvec(&AccountId::ONE).unwrap().len(), 20);
    }
}
