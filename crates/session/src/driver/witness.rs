//! A node that is only asked which ledgers there are: a connection of its own, with the headers of closed ledgers and
//! nothing else. It reconnects for ever; nothing of it is ever accounted for.

use super::link::{LinkError, Way, join};
use client::{Backoff, ClientError, LedgerSpec, StreamMessage, Subscription};
use ledger::Hash256;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use units::LedgerIndex;

/// Statements and questions that may wait; who says more waits himself.
const WAITING_MAX: usize = 256;

/// A node says which hash a closed ledger has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement {
    pub node: usize,
    pub index: LedgerIndex,
    pub hash: Hash256,
}

/// All of them, and what they say.
pub(super) struct Witnesses {
    statements: Receiver<Statement>,
    questions: Vec<Sender<LedgerIndex>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Witnesses {
    /// Begins to listen to every node. Needs a runtime.
    pub fn listen(ways: &[Arc<Way>], network_id: u32, backoff: &Backoff) -> Witnesses {
        let (say, statements) = channel(WAITING_MAX);
        let (mut questions, mut tasks) = (Vec::new(), Vec::new());
        for (node, way) in ways.iter().enumerate() {
            let (ask, asked) = channel(WAITING_MAX);
            questions.push(ask);
            let witness = Witness {
                node,
                way: way.clone(),
                network_id,
                say: say.clone(),
                asked,
                backoff: backoff.clone(),
            };
            tasks.push(tokio::spawn(witness.stay()));
        }
        Witnesses { statements, questions, tasks }
    }

    /// The next statement; waits for ever. Cancel-safe.
    pub async fn next(&mut self) -> Option<Statement> {
        self.statements.recv().await
    }

    /// Asks all of them about one ledger. Who has too many questions before him is not asked.
    pub fn ask(&self, index: LedgerIndex) {
        for question in &self.questions {
            let _ = question.try_send(index);
        }
    }
}

impl Drop for Witnesses {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Witness {
    node: usize,
    way: Arc<Way>,
    network_id: u32,
    say: Sender<Statement>,
    asked: Receiver<LedgerIndex>,
    backoff: Backoff,
}

impl Witness {
    async fn stay(mut self) {
        while !self.say.is_closed() {
            let Err(error) = self.watch().await else { return };
            let wait = self.backoff.failed();
            tracing::warn!(node = self.way.name(), %error, wait_ms = wait.as_millis(), "witness_lost");
            tokio::time::sleep(wait).await;
        }
    }

    /// Ends without an error when nobody listens any more.
    async fn watch(&mut self) -> Result<(), LinkError> {
        let mut connection = join(&self.way, self.network_id).await?;
        let headers = Subscription { ledger: true, ..Subscription::default() };
        let subscribed = connection.subscribe(&headers).await?;
        if let Some((index, hash, ..)) = subscribed.at {
            self.state(index, hash).await;
        }
        loop {
            tokio::select! {
                biased;
                question = self.asked.recv() => {
                    let Some(index) = question else { return Ok(()) };
                    match connection.ledger_hash(LedgerSpec::Index(index)).await {
                        Ok(hash) => self.state(index, hash).await,
                        Err(ClientError::Refused { .. } | ClientError::BadAnswer { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                message = connection.next_message() => match message {
                    Ok(StreamMessage::LedgerClosed(header)) => {
                        self.backoff.succeeded();
                        self.state(header.index, header.hash).await;
                    }
                    Ok(_) | Err(ClientError::BadAnswer { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    async fn state(&self, index: LedgerIndex, hash: Hash256) {
        let _ = self.say.send(Statement { node: self.node, index, hash }).await;
    }
}
