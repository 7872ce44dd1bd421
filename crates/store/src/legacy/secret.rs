//! Whether a value of another program's table is a key to somebody's money, as the configuration knows one. What is, is
//! never copied, nor shown. Rather once too often, but a hash that is named as one is none.

use engine::config::{holds_key, is_secret_name, looks_secret};
use rusqlite::types::ValueRef;

/// What stands in the new file where a secret was.
pub(super) const LEFT_OUT: &str = "[a secret was left out]";
/// Digits of public numbers: a UUID, a currency code or a commit, a hash. A private key with its prefix has 66.
const PUBLIC_DIGITS: [usize; 3] = [32, 40, 64];
/// Ends of the names of such numbers.
const PUBLIC_NAMES: [&str; 9] =
    ["hash", "hashes", "digest", "commit", "currency", "txid", "uuid", "sha256", "transaction"];
/// Such names that are words of their own.
const PUBLIC_WORDS: [&str; 2] = ["id", "tx"];
/// Zeros behind the letters of a currency code that is written out (XRP Ledger documentation, "Currency Codes").
const CURRENCY_ZEROS: &str = "0000000000000000";

/// Whether the value of what is called `name` is or holds a secret.
pub(super) fn is_secret(name: &str, value: ValueRef<'_>) -> bool {
    match value {
        // An empty one is none, and what is no text is never copied.
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => !text.trim().is_empty() && (is_secret_name(name) || is_secret_text(name, text)),
            Err(_) => false,
        },
        ValueRef::Integer(_) | ValueRef::Real(_) => is_secret_name(name),
        ValueRef::Null | ValueRef::Blob(_) => false,
    }
}

/// The name of a column or a table, fit to be kept.
pub(super) fn name_shown(name: &str) -> &str {
    if holds_key(name) { LEFT_OUT } else { name }
}

fn is_secret_text(name: &str, text: &str) -> bool {
    let text = without_public_numbers(name, text);
    // A phrase that stands for a seed is known only alone: also as one value of several.
    looks_secret(&text) || text.split(['"', '\'', '\n', ':', '=', ',']).any(looks_secret)
}

/// The text without the long numbers that everybody may see.
fn without_public_numbers(name: &str, text: &str) -> String {
    let is_apart = |c: char| !c.is_alphanumeric();
    let mut before = name.rsplit(is_apart).next().unwrap_or_default();
    let mut kept = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_apart) {
        let word = piece.trim_end_matches(is_apart);
        if is_number(word) || (is_long_hex(word) && (is_public_name(before) || is_currency(word))) {
            kept.push_str(piece.get(word.len()..).unwrap_or_default());
            continue;
        }
        kept.push_str(piece);
        if !word.is_empty() {
            before = word;
        }
    }
    kept
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_long_hex(word: &str) -> bool {
    PUBLIC_DIGITS.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_currency(word: &str) -> bool {
    word.len() == 40 && !word.starts_with("00") && word.ends_with(CURRENCY_ZEROS)
}

fn is_public_name(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    PUBLIC_WORDS.contains(&word.as_str()) || PUBLIC_NAMES.iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published seed of the account that every stand-alone ledger begins with.
    const SEED: &str = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";

    #[test]
    fn values_by_table() {
        let hex = "AB12".repeat(16);
        let phrase = "abandon ability able about above absent absorb abstract absurd abuse access accident";
        for (name, text, expected) in [
            ("config", format!("{{\"wallet_seed\":\"{SEED}\"}}"), true),
            ("config", format!("{{\"w\":\"{SEED}\",\"tx_hash\":\"{hex}\"}}"), true),
            ("config", format!("{{\"words\": \"{phrase}\"}}"), true),
            ("config", "{\"wallet_secret\":\"hunter2\"}".to_owned(), true),
            ("tx_hash", SEED.to_owned(), true),
            ("wallet_seed", "hunter2".to_owned(), true),
            ("wallet_seed", " ".to_owned(), false),
            ("detail", hex.clone(), true),
            ("key", format!("ED{hex}"), true),
            ("tx_hash", format!("ED{hex}"), true),
            ("tx_hash", hex.clone(), false),
            ("detail", format!("{{\"txHash\": \"{hex}\", \"hashes\": [\"{hex}\", \"{hex}\"]}}"), false),
            (
                "config",
                "{\"currency_hex_code\":\"524C555344000000000000000000000000000000\"}".to_owned(),
                false,
            ),
            ("order_id", "0123456789abcdef0123456789abcdef".to_owned(), false),
            ("price", format!("1.{}", "3".repeat(40)), false),
            ("halt_reason", "drift_limit_x".to_owned(), false),
        ] {
            assert_eq!(is_secret(name, ValueRef::Text(text.as_bytes())), expected, "{name}: {text}");
        }
        assert!(is_secret("seed", ValueRef::Integer(7)) && !is_secret("price", ValueRef::Real(1e40)));
        assert!(!is_secret("seed", ValueRef::Null));
        assert_eq!((name_shown(SEED), name_shown("seed")), (LEFT_OUT, "seed"));
    }
}
