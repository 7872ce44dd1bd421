//! The contributor's commands: `cargo xtask test`, `cargo xtask check`, `cargo xtask seeds`.

mod directions;
mod files;
mod run;

use anyhow::{Result, bail};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("test") => run::tests(),
        Some("check") => check(),
        Some("seeds") => run::seeds(std::env::args().skip(2)),
        _ => {
            println!(
                "cargo xtask test    build the program and run every test\n\
                 cargo xtask check   the rules of the house that no compiler knows (ARCHITECTURE.md)\n\
                 cargo xtask seeds   --from N --count M: simulated worlds by their seeds, judged by the auditor"
            );
            Ok(())
        }
    }
}

/// Runs every check and lists all failures, not only the first.
fn check() -> Result<()> {
    let root = run::workspace_root()?;
    let metadata = run::metadata(&root)?;
    let mut failures = directions::check(&metadata);
    failures.extend(files::check(&root)?);
    for failure in &failures {
        println!("{failure}");
    }
    if !failures.is_empty() {
        bail!("{} rule(s) of the house broken", failures.len());
    }
    println!("the house stands: directions, floats, file sizes, module docs, one SQLite");
    Ok(())
}
