//! The signals that end a session, by the names the halt reasons use. The operating system shows only here.

use engine::HaltReason;
use tokio::sync::mpsc;

/// Listens for every signal that asks a console program to stop and passes each one on, so that a
/// second one can be told from the first.
///
/// # Errors
/// When the operating system refuses a handler.
pub fn listen() -> std::io::Result<mpsc::UnboundedReceiver<HaltReason>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    platform::listen(&sender)?;
    Ok(receiver)
}

#[cfg(unix)]
mod platform {
    use super::{HaltReason, mpsc};
    use tokio::signal::unix::{SignalKind, signal};

    pub fn listen(sender: &mpsc::UnboundedSender<HaltReason>) -> std::io::Result<()> {
        for (kind, reason) in [
            (SignalKind::interrupt(), HaltReason::InterruptedSigint),
            (SignalKind::terminate(), HaltReason::InterruptedSigterm),
            (SignalKind::hangup(), HaltReason::InterruptedSighup),
        ] {
            let (mut stream, sender) = (signal(kind)?, sender.clone());
            tokio::spawn(async move {
                while stream.recv().await.is_some() {
                    if sender.send(reason).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(())
    }
}

#[cfg(windows)]
mod platform {
    use super::{HaltReason, mpsc};
    use tokio::signal::windows;

    /// Ctrl-C and Ctrl-Break leave all the time; close, logoff and shutdown leave about 5 s, and the
    /// process lives only as long as their handlers wait, so these tasks never end by themselves.
    pub fn listen(sender: &mpsc::UnboundedSender<HaltReason>) -> std::io::Result<()> {
        macro_rules! forward {
            ($stream:expr, $reason:expr) => {
                let (mut stream, sender) = ($stream?, sender.clone());
                tokio::spawn(async move {
                    while stream.recv().await.is_some() {
                        if sender.send($reason).is_err() {
                            break;
                        }
                    }
                });
            };
        }
        forward!(windows::ctrl_c(), HaltReason::InterruptedSigint);
        forward!(windows::ctrl_break(), HaltReason::InterruptedSigbreak);
        forward!(windows::ctrl_close(), HaltReason::InterruptedConsoleClose);
        forward!(windows::ctrl_logoff(), HaltReason::InterruptedLogoff);
        forward!(windows::ctrl_shutdown(), HaltReason::InterruptedShutdown);
        Ok(())
    }
}
