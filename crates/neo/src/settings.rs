//! Reads the configuration file into the engine's typed configuration.

use crate::exit::Failure;
use engine::config::Config;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the configuration is looked for when no `--config` is given.
pub const DEFAULT_PATH: &str = "config/config.yaml";
/// A configuration file is a page or two; more is a mistake.
const BYTES_MAX: u64 = 1_000_000;

/// The configuration and where it came from.
pub struct Settings {
    /// Every key, typed and checked.
    pub config: Config,
    /// The file, if there was one.
    pub source: Option<PathBuf>,
}

/// Loads the named file, or the default one where it exists, or the defaults.
///
/// # Errors
/// A usage failure that lists everything that is wrong, with the file's name.
pub fn load(explicit: Option<&Path>) -> Result<Settings, Failure> {
    let source = match explicit {
        Some(path) => Some(path.to_owned()),
        None => Some(PathBuf::from(DEFAULT_PATH)).filter(|path| path.is_file()),
    };
    let Some(path) = source else {
        return Ok(Settings { config: Config::default(), source: None });
    };
    let text = read(&path)?;
    let config = parse(&text).map_err(|failures| refusal(&path.display().to_string(), &failures))?;
    Ok(Settings { config, source: Some(path) })
}

/// Parses YAML of `key: value` lines.
///
/// # Errors
/// Every failure as a sentence.
pub fn parse(text: &str) -> Result<Config, Vec<String>> {
    let pairs: BTreeMap<String, String> = serde_saphyr::from_str(text).map_err(|error| {
        vec![format!(
            "not a YAML mapping of key: value lines: {}",
            error.to_string().lines().next().unwrap_or_default()
        )]
    })?;
    Config::from_pairs(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))
        .map_err(|failures| failures.iter().map(ToString::to_string).collect())
}

/// The message for a configuration that was refused.
pub fn refusal(name: &str, failures: &[String]) -> Failure {
    let mut message = format!("the configuration in {name} cannot be used; nothing was started or written:");
    for failure in failures {
        message.push_str("\n  - ");
        message.push_str(failure);
    }
    message.push_str("\n`neo config explain` says what each key means.");
    Failure::usage(message)
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|e| Failure::usage(format!("cannot read the configuration {shown}: {e}")))?;
    if size.len() > BYTES_MAX {
        return Err(Failure::usage(format!("{shown} has {} bytes: that is no configuration", size.len())));
    }
    let bytes = std::fs::read(path)
        .map_err(|e| Failure::usage(format!("cannot read the configuration {shown}: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{shown} is not UTF-8 text")))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
