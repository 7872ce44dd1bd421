//! Reading the recorded data in place. A test that finds none says so and ends.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::disallowed_methods, reason = "tests read the recordings")]

use serde_json::Value;

/// The text of a data file; `None`, said loudly, where the data is not beside the repository.
pub fn text(path: &str) -> Option<String> {
    let full = format!("{}/../../../shared/data/{path}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(&full) {
        Ok(text) => Some(text),
        Err(error) => {
            eprintln!("SKIPPED: no data file {path} ({error})");
            None
        }
    }
}

/// The JSON document of a data file.
pub fn json(path: &str) -> Option<Value> {
    text(path).map(|text| serde_json::from_str(&text).expect("a data file is JSON"))
}

/// The lines of a gzip-compressed data file, unpacked by the `gzip` program.
#[allow(clippy::disallowed_types, reason = "tests read the recordings")]
pub fn unpacked(path: &str) -> Option<String> {
    let full = format!("{}/../../../shared/data/{path}", env!("CARGO_MANIFEST_DIR"));
    if !std::path::Path::new(&full).exists() {
        eprintln!("SKIPPED: no data file {path}");
        return None;
    }
    match std::process::Command::new("gzip").args(["-dc", &full]).output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).ok(),
        other => {
            eprintln!("SKIPPED: {path} cannot be unpacked with gzip: {other:?}");
            None
        }
    }
}

/// Names of the files in a data folder.
pub fn names(folder: &str) -> Vec<String> {
    let full = format!("{}/../../../shared/data/{folder}", env!("CARGO_MANIFEST_DIR"));
    let Ok(entries) = std::fs::read_dir(&full) else {
        eprintln!("SKIPPED: no data folder {folder}");
        return Vec::new();
    };
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
