//! The binary form of amounts (ledger documentation, "Amount fields"): 8 bytes for XRP, 48 for an issued currency,
//! 33 for a multi-purpose token. Never accepts a second form of the same amount.

use units::{Drops, IssuedValue};

use super::{Amount, AmountError};
use crate::ids::{AccountId, Currency, MptId};

const ISSUED_BIT: u64 = 1 << 63;
const POSITIVE_BIT: u64 = 1 << 62;
const MPT_POSITIVE: u8 = 0x60;
const MPT_BIT: u8 = 0x20;
const MANTISSA_BITS: u32 = 54;
const MANTISSA_MAX: u64 = 9_999_999_999_999_999;
const MANTISSA_MIN: u64 = 1_000_000_000_000_000;
const EXPONENT_OFFSET: i32 = 97;
const DROPS_MAX: u64 = 100_000_000_000_000_000;

/// Appends the binary form. Errors: negative XRP, a token count past 2^63 - 1, XRP's code on an issued amount.
pub(crate) fn write(amount: &Amount, out: &mut Vec<u8>) -> Result<(), AmountError> {
    match amount {
        Amount::Xrp(drops) => {
            let text = || AmountError::Drops(drops.to_string());
            let count = u64::try_from(drops.get()).map_err(|_| text())?;
            if count > DROPS_MAX {
                return Err(text());
            }
            out.extend_from_slice(&(POSITIVE_BIT | count).to_be_bytes());
        }
        Amount::Issued { value, currency, issuer } => {
            if currency.is_xrp() {
                return Err(AmountError::Id(crate::ids::IdError::XrpIssued));
            }
            out.extend_from_slice(&issued_bits(value)?.to_be_bytes());
            out.extend_from_slice(&currency.0);
            out.extend_from_slice(&issuer.0);
        }
        Amount::Mpt { value, id } => {
            if i64::try_from(*value).is_err() {
                return Err(AmountError::Units(value.to_string()));
            }
            out.push(MPT_POSITIVE);
            out.extend_from_slice(&value.to_be_bytes());
            out.extend_from_slice(&id.0);
        }
    }
    Ok(())
}

/// [`write`] for metadata's `DeliveredAmount`, which may be negative XRP: a payment of an account to itself through
/// other offers can deliver -1 drop (main-network ledger 90150378 holds one).
pub(crate) fn write_delivered(amount: &Amount, out: &mut Vec<u8>) -> Result<(), AmountError> {
    match amount {
        Amount::Xrp(drops) if drops.get() < 0 => {
            let count = Some(drops.get().unsigned_abs()).filter(|count| *count <= DROPS_MAX);
            let count = count.ok_or_else(|| AmountError::Drops(drops.to_string()))?;
            out.extend_from_slice(&count.to_be_bytes());
            Ok(())
        }
        other => write(other, out),
    }
}

fn issued_bits(value: &IssuedValue) -> Result<u64, AmountError> {
    let mantissa = value.mantissa();
    if mantissa == 0 {
        return Ok(ISSUED_BIT);
    }
    let exponent = value
        .exponent()
        .checked_add(EXPONENT_OFFSET)
        .and_then(|e| u64::try_from(e).ok())
        .filter(|e| (1..=177).contains(e))
        .ok_or_else(|| AmountError::Value(value.to_string()))?;
    let sign = if mantissa > 0 { POSITIVE_BIT } else { 0 };
    Ok(ISSUED_BIT | sign | exponent << MANTISSA_BITS | mantissa.unsigned_abs())
}

/// Reads one amount from the front of `bytes`; gives it and the number of bytes it took.
pub(crate) fn read(bytes: &[u8]) -> Result<(Amount, usize), AmountError> {
    let first = *bytes.first().ok_or(AmountError::Short)?;
    if first & 0x80 != 0 {
        return Ok((read_issued(take(bytes, 0)?)?, 48));
    }
    if first & MPT_BIT != 0 {
        let whole: [u8; 33] = take(bytes, 0)?;
        let value = u64::from_be_bytes(take(&whole, 1)?);
        if first != MPT_POSITIVE || i64::try_from(value).is_err() {
            return Err(AmountError::NotCanonical);
        }
        return Ok((Amount::Mpt { value, id: MptId(take(&whole, 9)?) }, 33));
    }
    let bits = u64::from_be_bytes(take(bytes, 0)?);
    let count = bits & !POSITIVE_BIT;
    if bits & POSITIVE_BIT == 0 || count > DROPS_MAX {
        return Err(AmountError::NotCanonical);
    }
    let drops =
        i64::try_from(count).ok().and_then(|c| Drops::new(c).ok()).ok_or(AmountError::NotCanonical)?;
    Ok((Amount::Xrp(drops), 8))
}

/// [`read`] for metadata's `DeliveredAmount`: negative XRP too, though not a negative zero.
pub(crate) fn read_delivered(bytes: &[u8]) -> Result<(Amount, usize), AmountError> {
    let negative = take(bytes, 0).map(u64::from_be_bytes).ok().filter(|bits| (1..=DROPS_MAX).contains(bits));
    match negative.and_then(|count| i64::try_from(count).ok()) {
        Some(count) => {
            let drops = Drops::new(-count).map_err(|_| AmountError::NotCanonical)?;
            Ok((Amount::Xrp(drops), 8))
        }
        None => read(bytes),
    }
}

fn read_issued(whole: [u8; 48]) -> Result<Amount, AmountError> {
    let bits = u64::from_be_bytes(take(&whole, 0)?);
    let currency = Currency(take(&whole, 8)?);
    let issuer = AccountId(take(&whole, 28)?);
    if currency.is_xrp() {
        return Err(AmountError::NotCanonical);
    }
    let value = if bits == ISSUED_BIT {
        IssuedValue::ZERO
    } else {
        let mantissa = bits & ((1 << MANTISSA_BITS) - 1);
        let exponent = i32::try_from((bits >> MANTISSA_BITS) & 0xFF)
            .map_err(|_| AmountError::NotCanonical)?
            - EXPONENT_OFFSET;
        if !(MANTISSA_MIN..=MANTISSA_MAX).contains(&mantissa) || !(-96..=80).contains(&exponent) {
            return Err(AmountError::NotCanonical);
        }
        let signed = if bits & POSITIVE_BIT == 0 { -i128::from(mantissa) } else { i128::from(mantissa) };
        IssuedValue::from_parts(signed, exponent).map_err(|_| AmountError::NotCanonical)?
    };
    Ok(Amount::Issued { value, currency, issuer })
}

fn take<const N: usize>(bytes: &[u8], from: usize) -> Result<[u8; N], AmountError> {
    from.checked_add(N)
        .and_then(|to| bytes.get(from..to))
        .and_then(|s| s.try_into().ok())
        .ok_or(AmountError::Short)
}
