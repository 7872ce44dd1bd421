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
