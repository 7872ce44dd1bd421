//! `neo config check|explain|default`: all three made from the engine's one table of keys.

use crate::cli::ConfigCommand;
use crate::exit::{Exit, Failure, Outcome};
use crate::settings;
use engine::config::{Config, KEYS, Key};
use serde_json::json;
use std::fmt::Write as _;

/// Runs the command.
pub fn run(command: &ConfigCommand) -> Outcome {
    match command {
        ConfigCommand::Check(args) => check(args.config.as_deref(), args.json),
        ConfigCommand::Explain(args) => explain(args.key.as_deref(), args.json),
        ConfigCommand::Default => {
            crate::out::text(&commented_defaults())?;
            Ok(Exit::Done)
        }
    }
}

fn check(path: Option<&std::path::Path>, as_json: bool) -> Outcome {
    let settings = settings::load(path)?;
    let source = settings.source.as_ref().map(|path| path.display().to_string());
    let changed: Vec<(&str, String)> = changes(&settings.config);
    if as_json {
        let values: serde_json::Map<String, serde_json::Value> =
            settings.config.texts().into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        crate::out::line(&format!(
            "{}",
            json!({"format": 1, "ok": true, "source": source, "values": values, "notes": settings.config.notes()})
        ))?;
        return Ok(Exit::Done);
    }
    match source {
        Some(path) => crate::out::line(&format!("{path}: ok"))?,
        None => crate::out::line("no configuration file: the defaults are in force")?,
    }
    for (key, value) in changed {
        let default = KEYS.iter().find(|k| k.name == key).map_or("", |k| k.default);
        crate::out::line(&format!("  {key}: {value}    (default {default})"))?;
    }
    for note in settings.config.notes() {
        crate::out::line(&format!("  note: {note}"))?;
    }
    Ok(Exit::Done)
}

/// Keys whose value is not the default.
fn changes(config: &Config) -> Vec<(&'static str, String)> {
    let defaults = Config::default().texts();
    config.texts().into_iter().filter(|pair| !defaults.contains(pair)).collect()
}

fn explain(wanted: Option<&str>, as_json: bool) -> Outcome {
    let keys: Vec<&Key> = match wanted {
        None => KEYS.iter().collect(),
        Some(name) => {
            let key = KEYS.iter().find(|key| key.name == name);
            vec![key.ok_or_else(|| {
                Failure::usage(format!("there is no key {name:?}; `neo config explain` lists all"))
            })?]
        }
    };
    if as_json {
        let rows: Vec<_> = keys
            .iter()
            .map(|k| {
                json!({"key": k.name, "unit": k.unit, "default": k.default, "min": k.min, "max": k.max,
                            "expected": k.expected, "seen_in": k.seen_in, "explanation": k.explanation})
            })
            .collect();
        crate::out::line(&format!("{}", json!({"format": 1, "keys": rows})))?;
        return Ok(Exit::Done);
    }
    for key in keys {
        crate::out::line(&format!("{}  [{}]  default {}{}", key.name, key.unit, key.default, bounds(key)))?;
        crate::out::line(&format!("    {}", key.explanation))?;
        crate::out::line(&format!("    Seen in: {}.\n", key.seen_in))?;
    }
    Ok(Exit::Done)
}

fn bounds(key: &Key) -> String {
    if key.min.is_empty() {
        format!("  ({})", key.expected)
    } else {
        format!("  ({} to {})", key.min, key.max)
    }
}

/// The commented file with every default.
pub fn commented_defaults() -> String {
    let mut text = String::from(
        "# Configuration of NEO. Every key is optional; what stands here is the default.\n\
         # `neo config check` validates a file, `neo config explain KEY` says more.\n",
    );
    for key in KEYS {
        let _ = write!(
            text,
            "\n# {}\n# Unit: {}{}. Seen in: {}.\n{}: {}\n",
            key.explanation,
            key.unit,
            bounds(key).replace("  (", " ("),
            key.seen_in,
            key.name,
            key.default
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_reads_back_as_the_defaults() {
        assert_eq!(Config::from_yaml(&commented_defaults()).map_err(|e| e.join("; ")), Ok(Config::default()));
    }

    #[test]
    fn the_example_in_the_repository_is_the_default_file() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/config.example.yaml");
        let text = std::fs::read_to_string(example).unwrap().replace("\r\n", "\n");
        assert_eq!(
            text,
            commented_defaults(),
            "regenerate: cargo run -- config default > config/config.example.yaml"
        );
    }

    #[test]
    fn every_failure_is_listed() {
        let failures =
            Config::from_yaml("bid_ofset_bps: 3\nask_offset_bps: .nan\nmax_skew_bps: -1\n").unwrap_err();
        assert_eq!(failures.len(), 3, "{failures:?}");
        assert!(failures.iter().any(|f| f.contains("bid_ofset_bps")), "{failures:?}");
    }
}
