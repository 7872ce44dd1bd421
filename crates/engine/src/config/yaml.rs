//! The one file format a configuration has: YAML of `key: value` lines. Never shows what a reader's complaint quotes of
//! the file before it is known to hold no secret.

use super::keys::Config;
use super::shown::{ADVICE, HIDDEN, shown_text};
use std::collections::BTreeMap;

/// Characters of the YAML reader's complaint that are shown.
const COMPLAINT_MAX: usize = 200;

impl Config {
    /// Reads and checks the text of a configuration file. Keys that are not given have their defaults.
    ///
    /// # Errors
    /// Every failure as a sentence, fit for a terminal and without any secret of the file.
    pub fn from_yaml(text: &str) -> Result<Config, Vec<String>> {
        let pairs: BTreeMap<String, String> = serde_saphyr::from_str(text).map_err(|error| {
            let error = error.to_string();
            let shown = shown_text(error.lines().next().unwrap_or_default(), COMPLAINT_MAX);
            let advice = if shown == HIDDEN { format!("; {ADVICE}") } else { String::new() };
            vec![format!("not a YAML mapping of key: value lines: {shown}{advice}")]
        })?;
        Config::from_pairs(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))
            .map_err(|failures| failures.iter().map(ToString::to_string).collect())
    }
}
