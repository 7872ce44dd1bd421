//! A connection and an assembler together: whole ledgers in order, or declared gaps. Never fills a gap
//! by itself; the caller back-fills what concerns it.

use tokio::time::{Instant, timeout_at};
use units::LedgerIndex;

use crate::answers::StreamMessage;
use crate::answers::Subscribed;
use crate::ask::Subscription;
use crate::assembler::{Assembler, AssemblerEvent, AssemblerStats};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::limits::INCOMPLETE_LEDGER_TIMEOUT;

/// Ledgers from one server.
pub struct LedgerStream {
    connection: Connection,
    assembler: Assembler,
    /// Since when the assembler waits for the rest of a ledger.
    waiting_since: Option<Instant>,
    unreadable: u64,
}

impl LedgerStream {
    /// Subscribes to ledgers and all transactions (and to what else `also` names). `last` is the last
    /// ledger the caller has taken; what lies between it and the subscription comes out as a gap.
    pub async fn open(
        mut connection: Connection,
        last: Option<LedgerIndex>,
        also: Subscription,
    ) -> Result<(Self, Subscribed), ClientError> {
        let wanted = Subscription { ledger: true, transactions: true, ..also };
        let subscribed = connection.subscribe(&wanted).await?;
        let mut assembler = Assembler::new(last);
        if let Some((index, ..)) = subscribed.at {
            assembler.subscribed_at(index);
        }
        Ok((Self { connection, assembler, waiting_since: None, unreadable: 0 }, subscribed))
    }

    /// The next whole ledger or declared gap; waits for ever while the server is silent. Cancel-safe.
    pub async fn next_event(&mut self) -> Result<AssemblerEvent, ClientError> {
        loop {
            if let Some(event) = self.ready_event()? {
                return Ok(event);
            }
            let message = match self.waiting_since {
                None => self.connection.next_message().await,
                Some(since) => {
                    let until = since + INCOMPLETE_LEDGER_TIMEOUT;
                    match timeout_at(until, self.connection.next_message()).await {
                        Ok(message) => message,
                        Err(_) => {
                            self.give_up();
                            continue;
                        }
                    }
                }
            };
            self.take(message)?;
        }
    }

    /// The next whole ledger or gap out of messages already received, without waiting. After the answer
    /// to [`Connection::ledger_accept`] of the embedded ledger this gives that ledger: the barrier.
    pub fn ready_event(&mut self) -> Result<Option<AssemblerEvent>, ClientError> {
        loop {
            if let Some(event) = self.assembler.next_event() {
                self.waiting_since = None;
                return Ok(Some(event));
            }
            match self.connection.buffered_message() {
                Some(message) => self.take(message)?,
                None => break,
            }
        }
        if self.assembler.is_waiting() {
            self.waiting_since.get_or_insert_with(Instant::now);
        } else {
            self.waiting_since = None;
        }
        Ok(None)
    }

    /// Says that ledger `at` closed, as the answer to a question told: what was received of it is taken first. A ledger
    /// that is not whole when [`crate::limits::LATE_LEDGERS`] later ones closed then comes out as a gap, without a clock.
    pub fn closed(&mut self, at: LedgerIndex) -> Result<(), ClientError> {
        while let Some(message) = self.connection.buffered_message() {
            self.take(message)?;
        }
        self.assembler.closed(at);
        Ok(())
    }

    /// The connection, to ask something.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Gives the connection back, to close it.
    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// The last ledger that came out.
    pub fn last(&self) -> Option<LedgerIndex> {
        self.assembler.last()
    }

    /// Counters of what was dropped.
    pub fn stats(&self) -> AssemblerStats {
        self.assembler.stats()
    }

    /// Stream messages that could not be read; the ledgers they belong to become gaps.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn give_up(&mut self) {
        tracing::warn!(last = ?self.assembler.last(), "a ledger stayed incomplete and is declared a gap");
        self.assembler.give_up();
        self.waiting_since = None;
    }

    fn take(&mut self, message: Result<StreamMessage, ClientError>) -> Result<(), ClientError> {
        match message {
            Ok(message) => {
                // Every message of the ledger before has come by now, or is late.
                if let StreamMessage::LedgerClosed(header) = &message {
                    self.assembler.closed(LedgerIndex(header.index.get().saturating_sub(1)));
                }
                Ok(self.assembler.accept(message)?)
            }
            Err(error @ ClientError::BadAnswer { .. }) => {
                self.unreadable += 1;
                tracing::warn!(%error, "a stream message could not be read");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
