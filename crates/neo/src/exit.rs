//! How a command ends: the exit code and the one message that explains it.

use std::fmt;

/// Exit codes that programs rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done: duration elapsed, stopped by the operator or a first interrupt.
    Done = 0,
    /// The store or the program itself failed.
    Failed = 1,
    /// The command line or the configuration is wrong; nothing was written.
    Usage = 2,
    /// Ended by a guard, a risk limit or the truth.
    Halted = 3,
    /// Refused to start; nothing was written.
    Refused = 4,
    /// A second interrupt: stopped at once, the next start recovers.
    Interrupted = 130,
}

/// Why a command did not end well.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, what was kept, what to do.
    pub message: String,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into() }
    }

    /// Refused to start.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Refused, message: message.into() }
    }

    /// The program or its store failed.
    pub fn failed(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Failed, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// What a command gives back to `main`.
pub type Outcome = Result<Exit, Failure>;
