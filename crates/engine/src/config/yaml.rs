//! The one file format a configuration has: YAML of `key: value` lines. Never shows what a reader's complaint quotes of
//! the file before it is known to hold no secret.

use super::keys::Config;
use super::shown::{ADVICE, HIDDEN, shown_text};
use super::value::shown;
use std::collections::BTreeMap;

/// Characters of the YAML reader's complaint that are shown.
const COMPLAINT_MAX: usize = 200;

impl Config {
    /// Reads and checks the text of a configuration file. Keys that are not given have their defaults.
    ///
    /// # Errors
    /// Every failure as a sentence, fit for a terminal and without any secret of the file.
    pub fn from_yaml(text: &str) -> Result<Config, Vec<String>> {
        let pairs: BTreeMap<String, Option<String>> = serde_saphyr::from_str(text).map_err(|error| {
            let error = error.to_string();
            let shown = shown_text(&for_people(error.lines().next().unwrap_or_default()), COMPLAINT_MAX);
            let advice = if shown == HIDDEN { format!("; {ADVICE}") } else { String::new() };
            vec![format!("not a YAML mapping of key: value lines: {shown}{advice}")]
        })?;
        let empty: Vec<String> = pairs
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(key, _)| {
                format!("{}: has no value; give one, or leave the line out for the default", shown(key))
            })
            .collect();
        if !empty.is_empty() {
            return Err(empty);
        }
        let given = pairs.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?)));
        Config::from_pairs(given).map_err(|failures| failures.iter().map(ToString::to_string).collect())
    }
}

/// The reader's complaint without what it advises to those who program with it.
fn for_people(complaint: &str) -> String {
    let end = [", set ", "; use "].iter().filter_map(|advice| complaint.find(advice)).min();
    let text = complaint.get(..end.unwrap_or(complaint.len())).unwrap_or(complaint);
    text.trim_start_matches("error: ")
        .replace("expected string scalar", "one value is needed here, no list and no mapping")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_by_table() {
        for (text, complaint) in [
            ("anchor_mode:\n", "anchor_mode: has no value; give one, or leave the line out for the default"),
            (
                "anchor_mode: ~\n",
                "anchor_mode: has no value; give one, or leave the line out for the default",
            ),
            (
                "max_skew_bps: 1\nmax_skew_bps: 2\n",
                "not a YAML mapping of key: value lines: line 2 column 1: duplicate mapping key: max_skew_bps",
            ),
            (
                "max_skew_bps: [1]\n",
                "not a YAML mapping of key: value lines: line 1 column 15: one value is needed here, no list and no mapping",
            ),
            (
                "a: 1\n---\na: 2\n",
                "not a YAML mapping of key: value lines: line 3 column 1: multiple YAML documents detected",
            ),
        ] {
            assert_eq!(Config::from_yaml(text), Err(vec![complaint.to_owned()]), "{text}");
        }
        assert_eq!(Config::from_yaml("max_skew_bps: \"\"\n").map_err(|e| e.len()), Err(1));
    }
}
