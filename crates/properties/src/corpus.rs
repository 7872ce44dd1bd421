//! Kept inputs as text: one file a door, one input a line in hexadecimal, so that a repository holds them tidily.

use ledger::hex;
use std::path::PathBuf;

/// Longest input that is kept, in bytes: a fuzzer that begins with the shorter ones finds the longer ones again, and a
/// repository stays small.
pub const KEPT_BYTES_MAX: usize = 1_024;

/// The file of a door's kept inputs.
#[must_use]
pub fn path(door: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpora")).join(format!("{door}.hex"))
}

/// The inputs of a file's text, in its order.
///
/// # Errors
/// The number of the first line that is no hexadecimal, counted from 1.
pub fn parse(text: &str) -> Result<Vec<Vec<u8>>, usize> {
    text.lines().enumerate().map(|(at, line)| hex::decode(line).ok_or(at + 1)).collect()
}

/// The text of inputs: shortest first, then by content, each once.
#[must_use]
pub fn text(mut inputs: Vec<Vec<u8>>) -> String {
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    inputs.dedup();
    inputs.iter().map(|input| hex::encode(input) + "\n").collect()
}
