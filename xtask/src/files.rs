//! Rules on the text of the repository: sizes, module docs, floats in pure crates, foreign paths.

use anyhow::Result;
use std::path::{Path, PathBuf};

/// Lines a source file may have before it must be asked which second idea moved in.
const LINES_MAX: usize = 500;
/// Pure crates, where binary floats never touch a number that decides.
const NO_FLOATS: &[&str] = &["crates/units/src", "crates/ledger/src", "crates/engine/src", "crates/sim/src"];
/// Where floats are allowed all the same: the built-in market's random draws.
const FLOATS_ALLOWED: &str = "crates/sim/src/market";

/// Every broken rule as a sentence.
pub fn check(root: &Path) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for folder in ["crates", "xtask"] {
        for path in rust_files(&root.join(folder))? {
            let text = std::fs::read_to_string(&path)?;
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string().replace('\\', "/");
            let lines = text.lines().count();
            let is_table = text.contains("// A table, not code:");
            if lines > LINES_MAX && !is_table {
                failures.push(format!(
                    "{shown}: {lines} lines (at most {LINES_MAX}): which second idea moved in?"
                ));
            }
            if shown.contains("/src/") && !text.starts_with("//!") {
                failures.push(format!("{shown}: begins without saying what it is (//!)"));
            }
            if NO_FLOATS.iter().any(|f| shown.starts_with(f)) && !shown.starts_with(FLOATS_ALLOWED) {
                failures.extend(floats(&shown, &text));
            }
        }
    }
    Ok(failures)
}

fn floats(shown: &str, text: &str) -> Vec<String> {
    let is_float = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| matches!(word, "f32" | "f64"))
    };
    let hits = text.lines().enumerate().filter(|(_, line)| is_float(line));
    hits.map(|(at, line)| format!("{shown}:{}: a binary float in a pure crate: {}", at + 1, line.trim()))
        .collect()
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
