//! The program's own output. A reader that left early ends nothing; a full disk behind stdout is a failure.

use crate::exit::Failure;
use std::io::{ErrorKind, Write};

/// Writes a text as it is.
///
/// # Errors
/// When stdout cannot take it; a pipe that nobody reads any more is no error.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write the output: {error}; what the command did is kept")))
        }
        _ => Ok(()),
    }
}

/// Writes a line.
///
/// # Errors
/// As [`text`].
pub fn line(line: &str) -> Result<(), Failure> {
    text(&format!("{line}\n"))
}

/// A line on stderr, as far as anybody listens.
pub fn complain(line: &str) {
    // A terminal that went away must not end what is being put in order.
    let _ = writeln!(std::io::stderr(), "{line}");
}
