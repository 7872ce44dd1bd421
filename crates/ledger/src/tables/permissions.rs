//! Permissions of `DelegateSet`: a whole transaction type (its code plus one) or one of the granular permissions
//! (ledger documentation, "Permission values"). Never decides whether somebody has one.

use super::TxType;

/// Granular permissions, sorted by name.
static GRANULAR: &[(&str, u32)] = &[
    ("AccountDomainSet", 65540),
    ("AccountEmailHashSet", 65541),
    ("AccountMessageKeySet", 65542),
    ("AccountTickSizeSet", 65544),
    ("AccountTransferRateSet", 65543),
    ("MPTokenIssuanceLock", 65547),
    ("MPTokenIssuanceUnlock", 65548),
    ("PaymentBurn", 65546),
    ("PaymentMint", 65545),
    ("TrustlineAuthorize", 65537),
    ("TrustlineFreeze", 65538),
    ("TrustlineUnfreeze", 65539),
];

/// The value of a named permission.
pub fn permission_code(name: &str) -> Option<u32> {
    if let Ok(at) = GRANULAR.binary_search_by(|row| row.0.cmp(name)) {
        return GRANULAR.get(at).map(|row| row.1);
    }
    TxType::by_name(name).filter(|t| t.0 != u16::MAX).map(|t| u32::from(t.0) + 1)
}

/// The name of a permission value, where it has one.
pub fn permission_name(code: u32) -> Option<&'static str> {
    if let Some(row) = GRANULAR.iter().find(|row| row.1 == code) {
        return Some(row.0);
    }
    let tx_type = u16::try_from(code.checked_sub(1)?).ok()?;
    TxType(tx_type).name().filter(|_| tx_type != u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_code_back() {
        assert!(GRANULAR.is_sorted());
        for (name, code) in GRANULAR {
            assert_eq!((permission_code(name), permission_name(*code)), (Some(*code), Some(*name)));
        }
        assert_eq!(permission_code("Payment"), Some(1));
        assert_eq!(permission_name(1), Some("Payment"));
        assert_eq!(permission_name(0), None);
    }
}
