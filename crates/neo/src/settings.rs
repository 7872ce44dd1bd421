//! Reads the configuration file into the engine's typed configuration.

use crate::exit::Failure;
use engine::config::Config;
use ledger::text::printable;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the configuration is looked for when no `--config` is given.
pub const DEFAULT_PATH: &str = "config/config.yaml";
/// A configuration file is a page or two; more is a mistake.
const BYTES_MAX: u64 = 1_000_000;
/// Characters of a YAML reader's complaint that are shown.
const COMPLAINT_MAX: usize = 200;
/// Characters of a file's name that are shown.
const NAME_MAX: usize = 1_000;

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
        None => Some(PathBuf::from(DEFAULT_PATH)).filter(|path| path.symlink_metadata().is_ok()),
    };
    let Some(path) = source else {
        return Ok(Settings { config: Config::default(), source: None });
    };
    let text = read(&path)?;
    let config =
        Config::from_yaml(&text).map_err(|failures| refusal(&path.display().to_string(), &failures))?;
    Ok(Settings { config, source: Some(path) })
}

/// The message for a configuration that was refused.
pub fn refusal(name: &str, failures: &[String]) -> Failure {
    let name = printable(name, NAME_MAX);
    let mut message = format!("the configuration in {name} cannot be used; nothing was started or written:");
    for failure in failures {
        message.push_str("\n  - ");
        message.push_str(failure);
    }
    message.push_str("\n`neo config explain` says what each key means.");
    Failure::usage(message)
}

/// The whole of a regular file: a pipe or a device would block, or never end.
fn read(path: &Path) -> Result<String, Failure> {
    let shown = printable(&path.display().to_string(), NAME_MAX);
    let unreadable = |e: std::io::Error| {
        let why = printable(&e.to_string(), COMPLAINT_MAX);
        Failure::usage(format!("cannot read the configuration {shown}: {why}"))
    };
    // Asked before it is opened, since opening a pipe waits for its other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Failure::usage(format!("the configuration {shown} is not a regular file")));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::usage(format!(
            "{shown} has more than {BYTES_MAX} bytes: that is no configuration"
        )));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{shown} is not UTF-8 text")))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_unread() {
        let folder = std::env::temp_dir();
        let Err(failure) = load(Some(&folder)) else { panic!("a folder is no configuration") };
        assert!(failure.message.contains("is not a regular file"), "{}", failure.message);
        if cfg!(unix) {
            let Err(failure) = load(Some(Path::new("/dev/zero"))) else { panic!("a device never ends") };
            assert!(failure.message.contains("is not a regular file"), "{}", failure.message);
        }
    }

    #[test]
    fn nothing_of_a_file_or_its_name_reaches_the_terminal_raw() {
        let seed = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";
        for text in [
            "\"a\\e[2J\": \"\\u202e\"".to_owned(),
            "\u{1b}[31m: {".to_owned(),
            format!("{seed}: [1"),
            format!("- {seed}"),
            seed.to_string(),
            format!("anchor_mode: {seed}"),
            format!("*{seed}"),
            format!("!{seed} {seed}: !{seed} {seed}"),
        ] {
            let Err(failures) = Config::from_yaml(&text) else { panic!("{text:?} is no configuration") };
            let message = refusal("a\u{1b}[2J\u{202e}b", &failures).message;
            assert!(
                message.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')),
                "{message:?}"
            );
            assert!(!message.contains(seed), "{message}");
            assert!(message.len() < 1_000, "{message}");
        }
    }
}
