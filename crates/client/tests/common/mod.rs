//! What the tests of recorded messages share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The lines of a recording; `None` where the shared data or `gzip` is absent.
pub fn recording(name: &str) -> Option<Vec<Value>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rippled/transcripts");
    let path = Path::new(folder).join(name);
    if !path.exists() {
        eprintln!("SKIPPED: no recordings at {}", path.display());
        return None;
    }
    let Ok(mut child) = Command::new("gzip").arg("-dc").arg(&path).stdout(Stdio::piped()).spawn() else {
        eprintln!("SKIPPED: no gzip to read {}", path.display());
        return None;
    };
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}
