//! Runs cargo for the checks and for the tests.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the workspace's Cargo.toml.
pub fn workspace_root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).context("xtask has no parent folder")
}

/// `cargo metadata` of the locked workspace.
pub fn metadata(root: &Path) -> Result<serde_json::Value> {
    let output = cargo(root).args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Builds the binary that the end-to-end tests run, then runs every test of the workspace.
pub fn tests() -> Result<()> {
    let root = workspace_root()?;
    if !root.join("../shared/data/README.md").is_file() {
        println!(
            "SKIPPED: ../shared/data is absent: tests against recordings of the real ledger say so and pass"
        );
    }
    run(cargo(&root).args(["test", "--workspace", "--locked"]))
}

/// Builds the simulation and runs worlds; `arguments` are its own.
pub fn seeds(arguments: impl Iterator<Item = String>) -> Result<()> {
    let root = workspace_root()?;
    run(cargo(&root).args(["run", "--release", "--quiet", "--locked", "-p", "worlds", "--"]).args(arguments))
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.current_dir(root);
    command
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
