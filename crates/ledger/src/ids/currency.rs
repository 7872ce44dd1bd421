//! Currency codes: three characters or 160 bits (ledger documentation, "Currency codes"). Never knows an issuer.

use std::fmt;
use std::str::FromStr;

use super::{IdError, serde_text_or_bytes, shorten};
use crate::hex;

/// A currency code. Text form: `XRP`, a three-character code, or 40 upper-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(pub [u8; 20]);

impl Currency {
    /// XRP: all zero bytes.
    pub const XRP: Self = Self([0; 20]);

    /// The code of RLUSD (`524C555344000000000000000000000000000000`).
    pub const RLUSD: Self = {
        let mut bytes = [0; 20];
        bytes[0] = b'R';
        bytes[1] = b'L';
        bytes[2] = b'U';
        bytes[3] = b'S';
        bytes[4] = b'D';
        Self(bytes)
    };

    /// A code for an issued currency: like [`FromStr`], but `XRP` is [`IdError::XrpIssued`].
    pub fn issued(text: &str) -> Result<Self, IdError> {
        match text.parse()? {
            Self::XRP => Err(IdError::XrpIssued),
            code => Ok(code),
        }
    }

    /// Whether this is XRP.
    pub fn is_xrp(&self) -> bool {
        *self == Self::XRP
    }

    /// The 20 bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The three characters of a standard code; `None` for XRP, for any other 160-bit code, and for the
    /// look-alike whose three characters are `XRP`.
    fn standard(&self) -> Option<[u8; 3]> {
        let Self([head @ .., _, _, _, _, _, _, _, _]) = self;
        let code = [self.0[12], self.0[13], self.0[14]];
        let padded = head.iter().chain(&self.0[15..]).all(|b| *b == 0);
        (padded && code != *b"XRP" && code.iter().all(|c| is_code_character(*c))).then_some(code)
    }
}

/// The characters allowed in a three-character code.
fn is_code_character(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"?!@#$%^&*<>(){}[]|".contains(&c)
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_xrp() {
            return f.pad("XRP");
        }
        match self.standard() {
            Some(code) => f.pad(&code.map(char::from).iter().collect::<String>()),
            None => f.pad(&hex::encode(&self.0)),
        }
    }
}

impl FromStr for Currency {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text == "XRP" {
            return Ok(Self::XRP);
        }
        if let [a, b, c] = *text.as_bytes()
            && [a, b, c].into_iter().all(is_code_character)
        {
            let mut bytes = [0; 20];
            bytes[12..15].copy_from_slice(&[a, b, c]);
            return Ok(Self(bytes));
        }
        hex::decode_array(text).map(Self).ok_or_else(|| IdError::Currency(shorten(text)))
    }
}

serde_text_or_bytes!(Currency, 20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!("USD".parse::<Currency>().unwrap().to_string(), "USD");
        assert_eq!(Currency::RLUSD.to_string(), "524C555344000000000000000000000000000000");
        assert_eq!("524c555344000000000000000000000000000000".parse(), Ok(Currency::RLUSD));
        assert_eq!(Currency::issued("XRP"), Err(IdError::XrpIssued));
        let look_alike = "0000000000000000000000005852500000000000";
        assert_eq!(look_alike.parse::<Currency>().unwrap().to_string(), look_alike);
        for bad in ["", "US", "USDT", "U D", "é1", "524c55534400000000000000000000000000000"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }
}
