//! From text pairs to a checked [`Config`]: every failure is listed, not only the first.

use super::keys::{Config, KEYS, Key};
use super::shown::{ADVICE, HIDDEN, is_secret_name, looks_secret};
use super::value::{AnchorMode, ConfigValue, shown};
use ledger::Hash256;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use units::Exact;

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The key it is about.
    pub key: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

impl std::error::Error for ConfigProblem {}

impl Config {
    /// Reads and checks. Keys that are not given have their defaults.
    ///
    /// # Errors
    /// Every unknown, doubled or unreadable key, every value out of bounds, and every pair of values that
    /// contradict each other.
    pub fn from_pairs<I, K, V>(pairs: I) -> Result<Config, Vec<ConfigProblem>>
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut problems = Vec::new();
        let mut given: BTreeMap<&'static str, String> = BTreeMap::new();
        for (name, text) in pairs {
            let name = name.as_ref();
            match KEYS.iter().find(|key| key.name == name) {
                None => problems.push(unknown(name, text.as_ref())),
                Some(key) => {
                    if given.insert(key.name, text.as_ref().to_owned()).is_some() {
                        problems.push(problem(name, "is given twice"));
                    }
                }
            }
        }
        let config = Config::read(
            |key| given.get(key.name).cloned(),
            |key, text| problems.push(problem(key.name, text)),
        );
        let Some(config) = config else {
            problems.push(problem("(defaults)", "the built-in table of keys does not read"));
            return Err(problems);
        };
        if problems.is_empty() {
            problems = contradictions(&config);
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// What is allowed and may still surprise, as sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let cap_is_idle = self.anchor_mode == AnchorMode::CappedAmm
            && self.clob_switch_threshold_bps < self.anchor_max_divergence_bps;
        let text = format!(
            "clob_switch_threshold_bps ({}) is below anchor_max_divergence_bps ({}): the middle of the book is \
             taken before the cap is reached, so the cap never makes a price",
            self.clob_switch_threshold_bps, self.anchor_max_divergence_bps
        );
        cap_is_idle.then_some(text).into_iter().collect()
    }

    /// Sorted `key=value` lines: the bytes that the journal's first link and the config hash are made from.
    #[must_use]
    pub fn canonical_text(&self) -> String {
        let sorted: BTreeMap<_, _> = self.texts().into_iter().collect();
        sorted.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
    }

    /// SHA-256 of [`Config::canonical_text`].
    #[must_use]
    pub fn hash(&self) -> Hash256 {
        Hash256(Sha256::digest(self.canonical_text().as_bytes()).into())
    }
}

#[expect(clippy::expect_used, reason = "a constant table; a test reads it, and it depends on no input")]
impl Default for Config {
    fn default() -> Config {
        Config::read(|_| None, |_, _| ()).expect("the built-in table of keys reads")
    }
}

/// A whole number that its key's type cannot hold has the key's own bounds all the same.
pub(super) fn beyond_bounds(key: &Key, text: &str) -> Option<String> {
    beyond(key, &Exact::new(text.parse::<i64>().ok()?.into(), 0), text)
}

pub(super) fn out_of_bounds(key: &Key, value: &impl ConfigValue) -> Option<String> {
    beyond(key, &value.number()?, &value.write())
}

fn beyond(key: &Key, number: &Exact, text: &str) -> Option<String> {
    let below = key.min.parse::<Exact>().is_ok_and(|min| *number < min);
    let above = key.max.parse::<Exact>().is_ok_and(|max| *number > max);
    (below || above)
        .then(|| format!("{} is not between {} and {} {}", shown(text), key.min, key.max, key.unit))
}

fn problem(key: &str, message: impl Into<String>) -> ConfigProblem {
    let (key, mut message) = (shown(key), message.into());
    if key == HIDDEN || message.contains(HIDDEN) {
        message.push_str("; ");
        message.push_str(ADVICE);
    }
    ConfigProblem { key, message }
}

fn unknown(name: &str, text: &str) -> ConfigProblem {
    if looks_secret(name) {
        return problem(name, "is no key");
    }
    if is_secret_name(name) || looks_secret(text) {
        return problem(name, format!("is no key; its value: {HIDDEN}"));
    }
    let nearest = KEYS.iter().map(|key| (distance(name, key.name), key.name)).min();
    match nearest {
        Some((steps, near)) if steps <= 2 + near.len() / 4 => {
            problem(name, format!("is no key; did you mean {near}?"))
        }
        _ => problem(name, "is no key (`neo config explain` lists them)"),
    }
}

/// Smallest number of letters to change, add or drop (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).enumerate() {
        let mut previous = row.first().copied().unwrap_or(0);
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let here = (previous + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            previous = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

fn contradictions(c: &Config) -> Vec<ConfigProblem> {
    let rows = [
        (c.min_offset_bps > c.bid_offset_bps, "min_offset_bps", "is above bid_offset_bps"),
        (c.min_offset_bps > c.ask_offset_bps, "min_offset_bps", "is above ask_offset_bps"),
        (c.min_size_rlusd > c.base_size_rlusd, "min_size_rlusd", "is above base_size_rlusd"),
        (
            c.offer_refresh_seconds >= c.offer_ttl_seconds,
            "offer_refresh_seconds",
            "is not below offer_ttl_seconds",
        ),
        (c.base_size_rlusd > c.max_xrp_exposure, "base_size_rlusd", "is above max_xrp_exposure"),
        (c.base_size_rlusd > c.max_rlusd_exposure, "base_size_rlusd", "is above max_rlusd_exposure"),
        (
            c.corridor_min_xrp_pct >= c.corridor_max_xrp_pct,
            "corridor_min_xrp_pct",
            "is not below corridor_max_xrp_pct",
        ),
        (c.truth_warn_xrp > c.truth_halt_xrp, "truth_warn_xrp", "is above truth_halt_xrp"),
        (c.truth_warn_rlusd > c.truth_halt_rlusd, "truth_warn_rlusd", "is above truth_halt_rlusd"),
        (
            c.bid_offset_bps.saturating_add(c.ask_offset_bps) >= c.max_spread_bps,
            "max_spread_bps",
            "is not above bid_offset_bps + ask_offset_bps",
        ),
    ];
    rows.iter().filter(|(broken, _, _)| *broken).map(|(_, key, text)| problem(key, *text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(pairs: &[(&str, &str)]) -> Vec<String> {
        Config::from_pairs(pairs.iter().copied())
            .err()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_defaults_read_are_within_bounds_and_agree_with_each_other() {
        let config = Config::default();
        assert_eq!(Config::from_pairs(KEYS.iter().map(|key| (key.name, key.default))), Ok(config.clone()));
        assert_eq!(Config::from_pairs(config.texts()), Ok(config.clone()));
        assert_eq!(config.bid_offset_bps.to_string(), "10");
        assert!(
            config.canonical_text().starts_with("anchor_max_divergence_bps=10\nanchor_mode=capped_amm\n")
        );
    }

    #[test]
    fn every_failure_is_listed_by_its_key() {
        for (pairs, expected) in [
            (vec![("bid_ofset_bps", "1")], vec!["bid_ofset_bps: is no key; did you mean bid_offset_bps?"]),
            (vec![("zzz", "1")], vec!["zzz: is no key (`neo config explain` lists them)"]),
            (vec![("bid_offset_bps", "NaN")], vec!["bid_offset_bps: `NaN` is not a decimal number"]),
            (vec![("bid_offset_bps", "inf")], vec!["bid_offset_bps: `inf` is not a decimal number"]),
            (vec![("bid_offset_bps", "-1")], vec!["bid_offset_bps: -1 is not between 0.1 and 1000 bps"]),
            (vec![("bid_offset_bps", "0")], vec!["bid_offset_bps: 0 is not between 0.1 and 1000 bps"]),
            (vec![("min_offset_bps", "12")], vec!["min_offset_bps: is above bid_offset_bps"]),
            (
                vec![("offer_ttl_seconds", "60")],
                vec!["offer_refresh_seconds: is not below offer_ttl_seconds"],
            ),
            (
                vec![("offer_ttl_seconds", "1e99")],
                vec!["offer_ttl_seconds: `1e99` has more than 0 decimal places or is too large"],
            ),
            (vec![("drift_guard", "maybe")], vec!["drift_guard: `maybe` is neither off nor halt"]),
            (
                vec![("base_size_rlusd", "1"), ("base_size_rlusd", "2")],
                vec!["base_size_rlusd: is given twice"],
            ),
            (
                vec![("max_skew_bps", "x"), ("nope", "1"), ("max_fee_drops", "5")],
                vec![
                    "nope: is no key (`neo config explain` lists them)",
                    "max_skew_bps: `x` is not a decimal number",
                    "max_fee_drops: 5 is not between 10 and 1000000 drops",
                ],
            ),
        ] {
            assert_eq!(messages(&pairs), expected, "{pairs:?}");
        }
        assert!(messages(&[("anchor_mode", "microprice")])[0].contains("not there yet"));
    }

    #[test]
    fn intervals_by_table() {
        for (text, read) in
            [("60", 60), ("0", 0), ("-1", 0), ("-86400", 0), ("1", 1), ("864000000", 864_000_000)]
        {
            for key in ["wal_checkpoint_interval_seconds", "backup_interval_minutes"] {
                let config = Config::from_pairs([(key, text)]).unwrap_or_default();
                let found = match key {
                    "backup_interval_minutes" => config.backup_interval_minutes,
                    _ => config.wal_checkpoint_interval_seconds,
                };
                assert_eq!(found.get(), read, "{key} {text}");
            }
        }
        assert_eq!(Config::default().backup_interval_minutes.get(), 60);
        assert!(!messages(&[("backup_interval_minutes", "1.5")]).is_empty());
    }

    #[test]
    fn a_secret_is_never_shown_and_its_writer_is_told() {
        let seed = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";
        let hex = "c0ffee11".repeat(8);
        for (key, text) in [
            ("seed", seed),
            ("wallet", seed),
            (seed, "1"),
            ("anchor_mode", seed),
            ("drift_guard", seed),
            ("bid_offset_bps", hex.as_str()),
            ("max_fee_drops", seed),
            ("secret", "hunter2"),
            ("private_key", hex.as_str()),
            ("mnemonic", "hunter2 hunter2"),
        ] {
            let failures = Config::from_pairs([(key, text)]).unwrap_err();
            let all = format!("{failures:?} {}", failures[0]);
            assert!(!all.contains(seed) && !all.contains(&hex) && !all.contains("hunter2"), "{all}");
            assert!(all.contains(HIDDEN) && all.contains(ADVICE), "{all}");
        }
    }

    #[test]
    fn no_key_or_value_reaches_a_terminal_raw() {
        for text in ["\u{1b}[31m", "a\u{202e}b", "\u{7}", &"\u{9b}".repeat(500)] {
            for pair in [(text, "1"), ("anchor_mode", text), ("max_skew_bps", text), ("drift_guard", text)] {
                let shown = Config::from_pairs([pair]).unwrap_err()[0].to_string();
                assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown:?}");
                assert!(shown.chars().count() < 500, "{shown:?}");
            }
        }
    }

    #[test]
    fn an_idle_cap_is_told() {
        assert_eq!(Config::default().notes().len(), 1);
        let below = Config::from_pairs([("clob_switch_threshold_bps", "9.999999")]).unwrap();
        assert_eq!(below.notes().len(), 1);
        // At the cap itself the capped price is taken: the switch is strict (reference.rs, the row of 10 and 10).
        for pair in [
            ("anchor_mode", "clob_mid"),
            ("clob_switch_threshold_bps", "10.1"),
            ("clob_switch_threshold_bps", "10"),
        ] {
            assert!(Config::from_pairs([pair]).unwrap().notes().is_empty());
        }
    }

    #[test]
    fn a_number_that_its_type_cannot_hold_is_told_the_bounds_of_its_key() {
        for (text, said) in [
            ("-1", "ticket_pool: -1 is not between 0 and 16 tickets"),
            ("4294967296", "ticket_pool: 4294967296 is not between 0 and 16 tickets"),
            ("17", "ticket_pool: 17 is not between 0 and 16 tickets"),
            ("1.5", "ticket_pool: `1.5` has more than 0 decimal places or is too large"),
            ("many", "ticket_pool: `many` is not a decimal number"),
        ] {
            assert_eq!(messages(&[("ticket_pool", text)]), [said]);
        }
    }

    #[test]
    fn one_value_changed_changes_the_hash() {
        let other = Config::from_pairs([("bid_offset_bps", "11")]).unwrap();
        assert_ne!(other.hash(), Config::default().hash());
    }
}
