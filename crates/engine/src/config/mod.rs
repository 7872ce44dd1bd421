//! The engine's configuration: every key that its behaviour uses, typed. Text comes in as (key, scalar) pairs; no
//! file format is known here.

mod keys;
mod parse;
mod shown;
mod value;

pub use keys::{Config, KEYS, Key};
pub use parse::ConfigProblem;
pub use shown::{ADVICE, HIDDEN, shown_text};
pub use value::{AnchorMode, DriftGuard, Millionths};
