//! The signals that end a session, by the names the halt reasons use.

use engine::HaltReason;
use platform::signals::Signal;

/// The reason a session ends with after this signal.
pub fn reason(signal: Signal) -> HaltReason {
    match signal {
        Signal::Interrupt => HaltReason::InterruptedSigint,
        Signal::Terminate => HaltReason::InterruptedSigterm,
        Signal::HangUp => HaltReason::InterruptedSighup,
        Signal::Break => HaltReason::InterruptedSigbreak,
        Signal::ConsoleClose => HaltReason::InterruptedConsoleClose,
        Signal::Logoff => HaltReason::InterruptedLogoff,
        Signal::Shutdown => HaltReason::InterruptedShutdown,
    }
}

/// Whether the system leaves so little time that cancels are only sent, not waited for.
pub fn is_hurried(signal: Signal) -> bool {
    matches!(signal, Signal::ConsoleClose | Signal::Logoff | Signal::Shutdown)
}

/// Whether a session with this reason ended in a few seconds that the system left it.
pub fn left_no_time(reason: HaltReason) -> bool {
    use HaltReason::{InterruptedConsoleClose, InterruptedLogoff, InterruptedShutdown};
    matches!(reason, InterruptedConsoleClose | InterruptedLogoff | InterruptedShutdown)
}
