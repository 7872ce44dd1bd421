//! Sums and comparisons of amounts of one asset. A mixture of kinds is an error, never a guess.

use std::cmp::Ordering;

use ledger::{Amount, Asset};
use units::stamount::{Kind, StAmount};
use units::{Drops, IssuedValue, UnitsError};

/// Zero of a kind.
pub const fn zero(kind: Kind) -> StAmount {
    match kind {
        Kind::Native => StAmount::Native(Drops::ZERO),
        Kind::Issued => StAmount::Issued(IssuedValue::ZERO),
    }
}

/// The kind of an asset; multi-purpose tokens are not part of this ledger.
pub fn kind_of(asset: &Asset) -> Kind {
    if asset.is_xrp() { Kind::Native } else { Kind::Issued }
}

/// The number of an amount without its asset.
pub fn number(amount: &Amount) -> Result<StAmount, UnitsError> {
    match amount {
        Amount::Xrp(drops) => Ok(StAmount::Native(*drops)),
        Amount::Issued { value, .. } => Ok(StAmount::Issued(*value)),
        Amount::Mpt { .. } => Err(UnitsError::Overflow),
    }
}

/// The amount of an asset.
pub fn of_asset(number: StAmount, asset: &Asset) -> Result<Amount, UnitsError> {
    match (number, asset) {
        (StAmount::Native(drops), Asset::Xrp) => Ok(Amount::Xrp(drops)),
        (StAmount::Issued(value), Asset::Issued { currency, issuer }) => {
            Ok(Amount::Issued { value, currency: *currency, issuer: *issuer })
        }
        _ => Err(UnitsError::Overflow),
    }
}

/// `a + b`.
pub fn add(a: StAmount, b: StAmount) -> Result<StAmount, UnitsError> {
    match (a, b) {
        (StAmount::Native(a), StAmount::Native(b)) => a.checked_add(b).map(StAmount::Native),
        (StAmount::Issued(a), StAmount::Issued(b)) => a.checked_add(b).map(StAmount::Issued),
        _ => Err(UnitsError::Overflow),
    }
}

/// `a - b`.
pub fn sub(a: StAmount, b: StAmount) -> Result<StAmount, UnitsError> {
    add(a, negate(b))
}

/// The opposite amount.
pub const fn negate(a: StAmount) -> StAmount {
    match a {
        StAmount::Native(drops) => StAmount::Native(drops.negate()),
        StAmount::Issued(value) => StAmount::Issued(value.negate()),
    }
}

/// Order of two amounts. Of different kinds (which never meet here) the native one comes first.
pub fn compare(a: StAmount, b: StAmount) -> Ordering {
    match (a, b) {
        (StAmount::Native(a), StAmount::Native(b)) => a.cmp(&b),
        (StAmount::Issued(a), StAmount::Issued(b)) => a.cmp(&b),
        (StAmount::Native(_), StAmount::Issued(_)) => Ordering::Less,
        (StAmount::Issued(_), StAmount::Native(_)) => Ordering::Greater,
    }
}

/// The smaller of two amounts.
pub fn least(a: StAmount, b: StAmount) -> StAmount {
    if compare(b, a) == Ordering::Less { b } else { a }
}

/// -1, 0 or 1.
pub fn signum(a: StAmount) -> i64 {
    match a {
        StAmount::Native(drops) => drops.get().signum(),
        StAmount::Issued(value) => value.mantissa().signum(),
    }
}

/// Whether it is above zero.
pub fn is_positive(a: StAmount) -> bool {
    signum(a) > 0
}
