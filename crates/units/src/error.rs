//! The one error of this crate: why a number was refused.

/// Why a number could not be made or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitsError {
    /// The text is not a decimal number of the expected form.
    #[error("not a decimal number: {0:?}")]
    Malformed(String),
    /// More digits than its kind can hold (16 significant ones for an issued amount).
    #[error("more digits than such a number can have: {0:?}")]
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

/// Characters of a text that an error keeps.
const SHOWN_MAX: usize = 40;

impl UnitsError {
    /// [`UnitsError::Malformed`] with the beginning of the text.
    pub(crate) fn malformed(text: &str) -> UnitsError {
        UnitsError::Malformed(text.chars().take(SHOWN_MAX).collect())
    }

    /// [`UnitsError::TooPrecise`] with the beginning of the text.
    pub(crate) fn too_precise(text: &str) -> UnitsError {
        UnitsError::TooPrecise(text.chars().take(SHOWN_MAX).collect())
    }
}
