//! The signals that ask a console program to end, as the operating system names them.

use tokio::sync::mpsc;

/// A request to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// Asked to terminate.
    Terminate,
    /// The terminal went away.
    HangUp,
    /// Ctrl-Break.
    Break,
    /// The console window is being closed: some 5 s are left.
    ConsoleClose,
    /// The user logs off: some 5 s are left.
    Logoff,
    /// The machine shuts down: some 5 s are left.
    Shutdown,
}

/// Listens for every signal that asks a console program to stop and passes each one on, so that a
/// second one can be told from the first.
///
/// # Errors
/// When the operating system refuses a handler.
pub fn listen() -> std::io::Result<mpsc::UnboundedReceiver<Signal>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    system::listen(&sender)?;
    Ok(receiver)
}

#[cfg(unix)]
mod system {
    use super::{Signal, mpsc};
    use tokio::signal::unix::{SignalKind, signal};

    pub fn listen(sender: &mpsc::UnboundedSender<Signal>) -> std::io::Result<()> {
        for (kind, reason) in [
            (SignalKind::interrupt(), Signal::Interrupt),
            (SignalKind::terminate(), Signal::Terminate),
            (SignalKind::hangup(), Signal::HangUp),
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
mod system {
    use super::{Signal, mpsc};
    use tokio::signal::windows;

    /// Ctrl-C and Ctrl-Break leave all the time; close, logoff and shutdown leave about 5 s, and the
    /// process lives only as long as their handlers wait, so these tasks never end by themselves.
    pub fn listen(sender: &mpsc::UnboundedSender<Signal>) -> std::io::Result<()> {
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
        forward!(windows::ctrl_c(), Signal::Interrupt);
        forward!(windows::ctrl_break(), Signal::Break);
        forward!(windows::ctrl_close(), Signal::ConsoleClose);
        forward!(windows::ctrl_logoff(), Signal::Logoff);
        forward!(windows::ctrl_shutdown(), Signal::Shutdown);
        Ok(())
    }
}
