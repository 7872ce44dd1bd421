//! The configuration as a session's row holds it, and whether it is the one that the session began with. Decides
//! nothing from it.

use engine::config::KEYS;
use engine::{Config, journal};
use ledger::Hash256;
use store::{Identity, SessionRow};

/// Unknown keys that are named.
const NAMED: usize = 5;

/// The engine's keys of a configuration text as a session holds it: `key: value` (or `key=value`) lines. Comments, and
/// keys that are not the engine's, are left out.
pub fn config_pairs(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(pair).filter(|(key, _)| is_known(key)).collect()
}

/// What is wrong with the configuration of a session's row, in words; empty when it is whole, and the one of its hash
/// and of the journal's first link.
pub(crate) fn problems(row: &SessionRow, us: &Identity) -> Vec<String> {
    let mut wrong = Vec::new();
    let pairs = config_pairs(&row.config);
    let missing = KEYS.iter().filter(|key| !pairs.iter().any(|(name, _)| name == key.name)).count();
    if missing > 0 {
        wrong.push(format!(
            "config leaves out {missing} of {} keys, which are taken at their defaults",
            KEYS.len()
        ));
    }
    wrong.extend(unknown(&row.config));
    let Ok(config) = Config::from_pairs(pairs) else {
        wrong.push("config does not read".to_owned());
        return wrong;
    };
    if row.config_hash.parse() != Ok(config.hash()) {
        wrong.push("config is not the text of config_hash".to_owned());
    }
    let begun_with = row.genesis_digest.parse::<Hash256>().ok();
    if begun_with.is_none() || journal::genesis(&config, &us.to_engine()).ok() != begun_with {
        wrong.push(
            "config is not the one that the journal was begun with, or the database is of another account"
                .to_owned(),
        );
    }
    wrong
}

/// Lines that are no comment and no key of the engine.
fn unknown(text: &str) -> Option<String> {
    let is_comment = |line: &&str| line.trim().is_empty() || line.trim().starts_with('#');
    let lines: Vec<&str> = text.lines().filter(|line| !is_comment(line)).collect();
    let strange = lines.iter().filter(|line| !pair(line).is_some_and(|(key, _)| is_known(&key)));
    let names: Vec<String> = strange
        .map(|line| line.split([':', '=']).next().unwrap_or_default().trim().chars().take(40).collect())
        .collect();
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if names.len() > NAMED { ", ..." } else { "" };
    (!names.is_empty())
        .then(|| format!("config has {} lines that are no keys of the engine: {shown}{more}", names.len()))
}

fn is_known(key: &str) -> bool {
    KEYS.iter().any(|known| known.name == key)
}

fn pair(line: &str) -> Option<(String, String)> {
    let line = line.split(" #").next().unwrap_or(line).trim();
    let (key, value) = line.split_once([':', '='])?;
    let value = value.trim().trim_matches(['"', '\'']);
    Some((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_text_by_table() {
        for (line, pair) in [
            ("bid_offset_bps: 12.5", Some(("bid_offset_bps", "12.5"))),
            ("  bid_offset_bps = \"12.5\"  # note", Some(("bid_offset_bps", "12.5"))),
            ("# bid_offset_bps: 1", None),
            ("seed: 7", None),
            ("", None),
        ] {
            let pair = pair.map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(config_pairs(line).first(), pair.as_ref(), "{line}");
        }
    }

    #[test]
    fn strange_lines_are_named() {
        assert_eq!(unknown("# seed: 7\n\nbid_offset_bps: 12.5\n"), None);
        let told = unknown("seed: 7\nnonsense\nbid_offset_bps: 12.5").unwrap_or_default();
        assert!(told.contains("2 lines") && told.ends_with("seed, nonsense"), "{told}");
    }
}
