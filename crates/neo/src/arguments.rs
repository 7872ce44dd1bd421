//! From the words of the command line to a command. A secret among them is refused and never repeated: others see the
//! arguments of a program, and the shell keeps them.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::out;
use clap::Parser;
use engine::config::{holds_key, holds_seed};
use std::ffi::OsString;
use std::process::ExitCode;

/// What is said of a seed on the command line.
const EXPOSED: &str = "an argument holds a seed. It is not repeated here, and nothing was done; but every user of this machine can \
                       see a program's arguments, and the shell's history keeps them: take the seed out of the history, and move \
                       the account to another key if it holds anything. `neo tx sign` takes a seed on stdin or from the \
                       environment variable that `secret_env` names.";
/// What is said of an argument that is wrong and may be a secret.
const UNREPEATED: &str = "an argument is not accepted; it is not repeated, because it looks like a secret. `neo --help` lists what is.";

/// Reads the command line.
///
/// # Errors
/// The exit code of what was told: help and versions (0), wrong usage (2).
pub fn read(words: impl Iterator<Item = OsString>) -> Result<Cli, ExitCode> {
    let words: Vec<OsString> = words.collect();
    let any = |is: fn(&str) -> bool| words.iter().skip(1).any(|word| is(&word.to_string_lossy()));
    if any(holds_seed) {
        out::complain(&format!("neo: {EXPOSED}"));
        return Err(ExitCode::from(Exit::Usage as u8));
    }
    Cli::try_parse_from(&words).map_err(|error| {
        if error.use_stderr() && any(holds_key) {
            out::complain(&format!("neo: {UNREPEATED}"));
        } else if let Err(error) = error.print() {
            out::complain(&format!("neo: {error}"));
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8))
    })
}
