//! How text from outside is shown in a message: bounded, without anything that moves a cursor or turns the reading
//! direction, and never when it looks like a key to somebody's money.

use ledger::Seed;
use ledger::text::{is_unreadable, printable};

/// What stands in the place of a text that looks like a secret.
pub const HIDDEN: &str = "(looks like a secret; not shown)";
/// What a person who wrote a secret into a configuration is told.
pub const ADVICE: &str =
    "secrets never belong in the configuration: take it out; a paper session needs none and makes its own";
/// Words that announce a secret.
const NAMES: [&str; 7] = ["seed", "secret", "private", "privatekey", "mnemonic", "passphrase", "password"];
/// The letters of the ledger's base58 (XRP Ledger documentation, "base58 Encodings").
const BASE58: &str = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
/// A seed is 29 or 31 letters; with some lost or doubled it is nearly as good.
const SEED_LETTERS: std::ops::RangeInclusive<usize> = 25..=35;
/// Sixteen bytes of entropy; a private key has thirty-two.
const HEX_DIGITS_MIN: usize = 32;
/// Words of a phrase that stands for a seed (RFC 1751, BIP 39).
const PHRASE_WORDS_MIN: usize = 12;

/// Text from outside, fit for a terminal as by [`printable`], and only [`HIDDEN`] in its place when anything in it
/// looks like a secret (a seed, a private key, a phrase of many words, or words after a name such as `secret`).
#[must_use]
pub fn shown_text(text: &str, max: usize) -> String {
    if looks_secret(text) { HIDDEN.to_owned() } else { printable(text, max) }
}

/// Whether any part of a text is a seed, checksum and all.
#[must_use]
pub fn holds_seed(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word.parse::<Seed>().is_ok())
}

/// Whether any part of a text has the look of a seed or of a private key.
#[must_use]
pub fn holds_key(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(is_key)
}

/// Whether any part of a text could be a secret. Rather once too often.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    // What cannot be seen does not make a seed another one.
    let text: String = text.chars().filter(|c| *c == '\n' || *c == '\t' || !is_unreadable(*c)).collect();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let named = words.iter().position(|word| names_secret(word));
    let phrase = words.iter().filter(|word| word.chars().all(char::is_alphabetic)).count();
    words.iter().any(|word| is_key(word))
        || named.is_some_and(|at| at + 1 < words.len() && !is_only_name(&text))
        || (phrase >= PHRASE_WORDS_MIN && text.chars().all(|c| c.is_alphabetic() || c.is_whitespace()))
}

/// Whether a key's name says that a secret follows.
#[must_use]
pub fn is_secret_name(key: &str) -> bool {
    key.split(|c: char| !c.is_alphanumeric()).any(names_secret)
}

fn names_secret(word: &str) -> bool {
    NAMES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// A name such as `private_key` or `seed_file`, and nothing behind it.
fn is_only_name(text: &str) -> bool {
    text.len() <= 24 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn is_key(word: &str) -> bool {
    let letters = word.len();
    let is_hex = letters >= HEX_DIGITS_MIN && word.bytes().all(|b| b.is_ascii_hexdigit());
    let is_like_seed = SEED_LETTERS.contains(&letters)
        && word.starts_with('s')
        && (word.chars().all(|c| BASE58.contains(c)) || word.parse::<Seed>().is_ok());
    is_hex || is_like_seed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published seed of the account that every stand-alone ledger begins with, and one of the other kind.
    const SECP: &str = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";

    fn ed25519() -> String {
        Seed::from_entropy([3; 16], ledger::KeyKind::Ed25519).reveal().to_string()
    }

    #[test]
    fn secrets_by_table() {
        let hex = "0a".repeat(32);
        let ed = ed25519();
        for secret in [
            SECP.to_owned(),
            ed.clone(),
            format!("  {ed} "),
            format!("'{SECP}'"),
            format!("seed={SECP}"),
            format!("https://host/?s={ed}&x=1"),
            format!("{}\u{200b}{}", &SECP[..9], &SECP[9..]),
            SECP[..28].to_owned(),
            hex.clone(),
            hex.to_uppercase(),
            format!("00{hex}"),
            hex[..32].to_owned(),
            "secret: hunter2".to_owned(),
            "mnemonic abandon ability".to_owned(),
            "private_key=77".to_owned(),
            "abandon ability able about above absent absorb abstract absurd abuse access accident".to_owned(),
            format!("{}{SECP}", "x ".repeat(60)),
        ] {
            assert_eq!(shown_text(&secret, 40), HIDDEN, "{secret:?}");
        }
        for plain in
            ["1e99", "bid_ofset_bps", "secret", "private_key", "requote_tolerance_aggressive_bps", "sell", ""]
        {
            assert_eq!(shown_text(plain, 40), plain);
        }
        assert!(
            is_secret_name("wallet_seed") && is_secret_name("Private-Key") && !is_secret_name("seedling")
        );
    }

    #[test]
    fn what_is_not_for_reading_is_escaped_and_what_is_long_is_cut() {
        for (text, expected) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\r", "a\\nb\\u{d}"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("\u{feff}x\u{200b}", "\\u{feff}x\\u{200b}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("12345678", "12345678"),
            ("123456789", "12345678…"),
            ("größer", "größer"),
        ] {
            assert_eq!(shown_text(text, 8), expected);
        }
    }
}
