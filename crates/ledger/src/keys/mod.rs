//! Key pairs and the seeds they come from (ledger documentation, "Cryptographic Keys"). Secrets are wiped when dropped
//! and never printed; nothing here reads one from anywhere.

mod pair;
mod seed;

pub use pair::{KeyPair, verify_message};
pub use seed::{KeyKind, Seed};

/// Why a text is no seed, or bytes give no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a family seed (`s...` or `sEd...`). The text is not repeated: it may be a secret with a typing error.
    #[error("not a family seed")]
    Seed,
    /// A seed that gives no key (the chance is 2^-128).
    #[error("the seed gives no valid key")]
    Derivation,
}

#[cfg(test)]
mod tests;
