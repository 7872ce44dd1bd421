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
