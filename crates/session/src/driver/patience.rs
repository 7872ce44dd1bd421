//! Patience before the loop runs: what a session begins with, or a recovery, is asked for again on a new connection when
//! the old one is lost, with the waits of the session, and given up after as many failures. Decides nothing.

use super::{Driver, DriverError, LinkError};
use client::ClientError;

impl<'a> Driver<'a> {
    /// Does what is to be done before the first input, from its beginning on each new connection.
    ///
    /// # Errors
    /// What it ended with; [`DriverError::Unreachable`] after too many failures in a row; and
    /// [`DriverError::StoppedBeforeStart`] when a signal came while it waited.
    pub(crate) async fn patiently<T>(
        &mut self,
        mut what: impl AsyncFnMut(&mut Driver<'a>) -> Result<T, DriverError>,
    ) -> Result<T, DriverError> {
        loop {
            match what(self).await {
                Err(DriverError::Client(error)) if is_worth_another(&error) => {
                    self.connect_again(error).await?
                }
                outcome => return outcome,
            }
        }
    }

    async fn connect_again(&mut self, mut why: ClientError) -> Result<(), DriverError> {
        loop {
            let Some(wait) = self.link.failed() else { return Err(DriverError::Unreachable(why)) };
            tracing::warn!(%why, wait_ms = wait.as_millis(), "connection_lost");
            tokio::select! {
                biased;
                Some(_) = self.signals.recv() => return Err(DriverError::StoppedBeforeStart),
                () = tokio::time::sleep(wait) => {}
            }
            match self.link.connect(None).await {
                Ok((stream, _)) => {
                    self.stream = stream;
                    return Ok(());
                }
                Err(error) if self.link.is_over(&error) => {
                    return Err(DriverError::LedgerStopped(error.to_string()));
                }
                Err(LinkError::Client(error)) => why = error,
                Err(other) => return Err(DriverError::StartRefused(other.to_string())),
            }
        }
    }
}

/// Whether another connection may mend it.
fn is_worth_another(error: &ClientError) -> bool {
    error.is_connection_lost() || matches!(error, ClientError::Timeout { .. })
}
