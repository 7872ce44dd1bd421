//! The configuration: any text is read or refused with messages fit for a terminal, and what is read comes back with
//! the same hash. Never opens a file.

use super::Source;
use super::terminal;
use engine::config::{Config, KEYS};

/// Bytes as YAML text, or as keys and values that are nearly right.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    let text = if source.byte().is_multiple_of(2) {
        match std::str::from_utf8(source.rest()) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        }
    } else {
        lines(&mut source)
    };
    match Config::from_yaml(&text) {
        Ok(config) => {
            let again = Config::from_pairs(config.texts());
            assert_eq!(again.as_ref().map(Config::hash), Ok(config.hash()));
            let yaml: String =
                config.texts().iter().map(|(key, value)| format!("{key}: \"{value}\"\n")).collect();
            assert_eq!(Config::from_yaml(&yaml).as_ref(), Ok(&config));
        }
        Err(failures) => {
            assert!(!failures.is_empty());
            failures.iter().for_each(|failure| terminal::check(failure));
        }
    }
}

/// Lines of real keys with values near their bounds.
fn lines(source: &mut Source) -> String {
    let mut text = String::new();
    for _ in 0..source.below(12) {
        let key = &KEYS[source.below(KEYS.len())];
        let value = match source.byte() % 6 {
            0 => key.min.to_owned(),
            1 => key.max.to_owned(),
            2 => key.default.to_owned(),
            3 => format!("{}{}", key.max, source.byte()),
            4 => format!("{}.{}", source.byte(), source.byte()),
            _ => {
                let length = source.below(24);
                String::from_utf8_lossy(source.take(length)).into_owned()
            }
        };
        text.push_str(&format!("{}: {value}\n", key.name));
    }
    text
}
