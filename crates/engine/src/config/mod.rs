//! The engine's configuration: every key that its behaviour uses, typed. Text comes in as (key, scalar) pairs, or as
//! YAML of such pairs; no file is opened here.

mod keys;
mod parse;
mod shown;
mod value;
mod yaml;

pub use keys::{Config, KEYS, Key};
pub use parse::ConfigProblem;
pub use shown::{ADVICE, HIDDEN, holds_key, holds_seed, is_secret_name, looks_secret, shown_text};
pub use value::{AnchorMode, DriftGuard, Interval, Millionths};

impl Config {
    /// The most one cancel may burn: a tenth of what is kept for cancels, and no less than any other transaction.
    #[must_use]
    pub fn cancel_fee_max(&self) -> units::Drops {
        let tenth = units::Drops::new(self.fee_buffer_drops.get() / 10).unwrap_or(self.max_fee_drops);
        tenth.max(self.max_fee_drops)
    }
}
