//! Amounts as the ledger states them: XRP in drops, an issued value with its currency and issuer, or a
//! multi-purpose token. Never adds or compares amounts of different assets.

mod binary;
mod json;

use std::cmp::Ordering;
use std::fmt;

use units::{Drops, IssuedValue};

use crate::ids::{AccountId, Currency, IdError, MptId};

pub(crate) use binary::{
    read as read_binary, read_delivered as read_binary_delivered, write as write_binary,
    write_delivered as write_binary_delivered,
};

/// What an amount is an amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// XRP.
    Xrp,
    /// A currency of one issuer.
    Issued {
        /// The code; never [`Currency::XRP`].
        currency: Currency,
        /// Who issues it.
        issuer: AccountId,
    },
    /// A multi-purpose token.
    Mpt(MptId),
}

impl Asset {
    /// The asset of a currency code and an issuer; XRP takes no issuer, everything else needs one.
    pub fn new(currency: Currency, issuer: Option<AccountId>) -> Result<Self, AmountError> {
        match (currency.is_xrp(), issuer) {
            (true, None) => Ok(Self::Xrp),
            (false, Some(issuer)) => Ok(Self::Issued { currency, issuer }),
            (true, Some(_)) => Err(AmountError::XrpWithIssuer),
            (false, None) => Err(AmountError::NoIssuer),
        }
    }

    /// The currency code: XRP's for XRP; `None` for a multi-purpose token.
    pub fn currency(&self) -> Option<Currency> {
        match self {
            Self::Xrp => Some(Currency::XRP),
            Self::Issued { currency, .. } => Some(*currency),
            Self::Mpt(_) => None,
        }
    }

    /// The issuer; `None` for XRP.
    pub fn issuer(&self) -> Option<AccountId> {
        match self {
            Self::Xrp => None,
            Self::Issued { issuer, .. } => Some(*issuer),
            Self::Mpt(id) => Some(id.issuer()),
        }
    }

    /// Whether this is XRP.
    pub fn is_xrp(&self) -> bool {
        matches!(self, Self::Xrp)
    }

    /// Zero of this asset.
    pub fn zero(&self) -> Amount {
        match *self {
            Self::Xrp => Amount::Xrp(Drops::ZERO),
            Self::Issued { currency, issuer } => {
                Amount::Issued { value: IssuedValue::ZERO, currency, issuer }
            }
            Self::Mpt(id) => Amount::Mpt { value: 0, id },
        }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xrp => f.write_str("XRP"),
            Self::Issued { currency, issuer } => write!(f, "{currency}.{issuer}"),
            Self::Mpt(id) => write!(f, "{id}"),
        }
    }
}

/// An amount of one asset. JSON form exactly as the ledger's: a string of drops, or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// XRP, in drops.
    Xrp(Drops),
    /// An issued currency; signed (a trust line's balance may be negative).
    Issued {
        /// The ledger's decimal.
        value: IssuedValue,
        /// The code; never [`Currency::XRP`].
        currency: Currency,
        /// Who issues it.
        issuer: AccountId,
    },
    /// A multi-purpose token.
    Mpt {
        /// Whole units, at most 2^63 - 1.
        value: u64,
        /// Which issuance.
        id: MptId,
    },
}

impl Amount {
    /// An amount of an issued currency. Errors when the code is XRP's.
    pub fn issued(value: IssuedValue, currency: Currency, issuer: AccountId) -> Result<Self, AmountError> {
        if currency.is_xrp() {
            return Err(AmountError::Id(IdError::XrpIssued));
        }
        Ok(Self::Issued { value, currency, issuer })
    }

    /// What it is an amount of.
    pub fn asset(&self) -> Asset {
        match *self {
            Self::Xrp(_) => Asset::Xrp,
            Self::Issued { currency, issuer, .. } => Asset::Issued { currency, issuer },
            Self::Mpt { id, .. } => Asset::Mpt(id),
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match self {
            Self::Xrp(drops) => drops.get().signum() as i32,
            Self::Issued { value, .. } => value.mantissa().signum() as i32,
            Self::Mpt { value, .. } => i32::from(*value > 0),
        }
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.signum() == 0
    }

    /// The drops, when it is XRP.
    pub fn drops(&self) -> Option<Drops> {
        match self {
            Self::Xrp(drops) => Some(*drops),
            Self::Issued { .. } | Self::Mpt { .. } => None,
        }
    }

    /// The issued value, when it is of an issued currency.
    pub fn value(&self) -> Option<IssuedValue> {
        match self {
            Self::Issued { value, .. } => Some(*value),
            Self::Xrp(_) | Self::Mpt { .. } => None,
        }
    }

    /// Order of two amounts of one asset; `None` when the assets differ.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.asset() != other.asset() {
            return None;
        }
        match (self, other) {
            (Self::Xrp(a), Self::Xrp(b)) => Some(a.cmp(b)),
            (Self::Issued { value: a, .. }, Self::Issued { value: b, .. }) => Some(a.cmp(b)),
            (Self::Mpt { value: a, .. }, Self::Mpt { value: b, .. }) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xrp(drops) => write!(f, "{drops} drops"),
            Self::Issued { value, .. } => write!(f, "{value} {}", self.asset()),
            Self::Mpt { value, id } => write!(f, "{value} {id}"),
        }
    }
}

/// Something that is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Drops must be a string of decimal digits, at most 100000000000000000.
    #[error("`{0}` is not a number of drops")]
    Drops(String),
    /// Not the ledger's decimal: at most 16 digits, exponent -96..80.
    #[error("`{0}` is not an issued value")]
    Value(String),
    /// Not a whole number of token units between 0 and 2^63 - 1.
    #[error("`{0}` is not a number of token units")]
    Units(String),
    /// Neither a string nor an object with exactly the keys of an amount.
    #[error("not an amount: {0}")]
    Shape(String),
    /// A wrong currency, issuer or issuance.
    #[error(transparent)]
    Id(#[from] IdError),
    /// XRP has no issuer.
    #[error("XRP with an issuer")]
    XrpWithIssuer,
    /// An issued currency without its issuer.
    #[error("an issued currency without its issuer")]
    NoIssuer,
    /// Bytes that are not the one canonical form of an amount.
    #[error("bytes of an amount that are not canonical")]
    NotCanonical,
    /// The bytes end within the amount.
    #[error("the bytes end within an amount")]
    Short,
}

#[cfg(test)]
mod tests;
