//! The one error of this crate: why a number was refused.

/// Why a number could not be made or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitsError {
    /// The text is not a decimal number of the expected form.
    #[error("not a decimal number: {0:?}")]
    Malformed(String),
    /// More significant digits than the ledger can hold (16 for an issued amount).
    #[error("more than 16 significant digits: {0:?}")]
    TooPrecise(String),
    /// Above the largest number of its kind.
    #[error("number too large")]
    Overflow,
    /// Nearer to zero than the smallest number of its kind, where that is not read as zero.
    #[error("number too close to zero")]
    Underflow,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
}
