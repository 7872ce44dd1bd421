//! Why a document is refused. Its words never hold a secret: what looks like a seed is left out, wherever in the
//! document it stood.

use serde_json::json;
use std::fmt;

/// From how many characters on a word that begins like a seed may be one (seeds have 29 or 31, damaged ones fewer).
const SEED_LIKE: usize = 16;

/// A document that is not answered, and why.
#[derive(Debug)]
pub struct Refusal(String);

impl Refusal {
    /// With these words, less what looks like a secret.
    pub fn new(words: impl AsRef<str>) -> Refusal {
        Refusal(redacted(words.as_ref()))
    }

    /// `{"error": ...}`, in one line.
    pub fn to_json(&self) -> String {
        json!({ "format": 1, "error": self.0 }).to_string()
    }
}

/// Not [`std::error::Error`] itself, so that any error becomes one.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::new(error.to_string())
    }
}

/// The text without words that look like seeds.
fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if word.starts_with('s') && word.len() >= SEED_LIKE {
            out.push_str("[redacted]");
            out.push_str(&part[word.len()..]);
        } else {
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_left_out() {
        for seed in ["snoPBrXtMeMyMHUVTgbuqAfg1SUTb", "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2r", "snoPBrXtMeMyMHUV"] {
            let words = Refusal::new(format!("field `Account`: `{seed}` is no address, {seed}")).to_string();
            assert_eq!(words, "field `Account`: `[redacted]` is no address, [redacted]");
        }
        let harmless = "unknown field `secret`, `rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh` é";
        assert_eq!(Refusal::new(harmless).to_string(), harmless);
    }
}
