//! Several nodes of one network: their witnesses, what they said, and the inputs that wait until enough of them agree.
//! Decides only whether a ledger counts.

use super::council::{Council, Heard, Verdict};
use super::link::Way;
use super::witness::{Statement, Witnesses};
use client::Backoff;
use engine::Input;
use ledger::Hash256;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use units::LedgerIndex;

/// The shortest time that a node is waited for.
const PATIENCE_MIN: Duration = Duration::from_millis(250);

/// An input about a ledger that not enough nodes have confirmed yet.
struct Held {
    index: LedgerIndex,
    hash: Hash256,
    input: Input,
    until: Instant,
}

/// What is to be done after something was said, or not said for too long.
pub(super) enum Next {
    /// Nothing but what is ready.
    Go,
    /// More than half of all nodes say otherwise than the one in use.
    Leave(String),
    /// They contradict each other: nothing may be accounted for.
    Halt(String),
}

/// The nodes.
pub(super) struct Nodes {
    council: Council,
    witnesses: Witnesses,
    patience: Duration,
    held: VecDeque<Held>,
    ready: VecDeque<Input>,
    is_split: bool,
}

impl Nodes {
    /// Begins to listen. `interval`: the usual time from ledger to ledger, for which a node is waited.
    pub fn listen(ways: &[Arc<Way>], network_id: u32, backoff: &Backoff, interval: Duration) -> Nodes {
        Nodes {
            council: Council::new(ways.iter().map(|way| way.name().to_owned()).collect()),
            witnesses: Witnesses::listen(ways, network_id, backoff),
            patience: interval.max(PATIENCE_MIN),
            held: VecDeque::new(),
            ready: VecDeque::new(),
            is_split: false,
        }
    }

    /// Whether nothing that this node says counts.
    pub fn is_liar(&self, node: usize) -> bool {
        self.council.is_liar(node)
    }

    /// The next statement of a witness; waits for ever. Cancel-safe.
    pub async fn next(&mut self) -> Statement {
        match self.witnesses.next().await {
            Some(statement) => statement,
            None => std::future::pending().await,
        }
    }

    /// The newest ledger that any node speaks of.
    pub fn newest(&self) -> Option<LedgerIndex> {
        self.council.newest()
    }

    /// Takes a statement.
    pub fn hear(&mut self, said: Statement) -> Next {
        match self.council.hear(said.node, said.index, said.hash) {
            Heard::Noted => self.release(),
            Heard::Liar(what) => {
                tracing::error!(%what, "node_disagreement: this node is not believed any more");
                self.release()
            }
            Heard::Against(what) => self.split(what),
        }
    }

    /// Holds an input that the node in use gave, about the ledger it is pinned at, until it counts.
    pub fn hold(&mut self, node: usize, index: LedgerIndex, hash: Hash256, input: Input) -> Next {
        self.held.push_back(Held { index, hash, input, until: Instant::now() + self.patience });
        let next = self.hear(Statement { node, index, hash });
        if self.held.iter().any(|held| held.index == index) && self.council.has_passed(index) {
            self.witnesses.ask(index);
        }
        next
    }

    /// Lets go what counts.
    pub fn release(&mut self) -> Next {
        let now = Instant::now();
        while let Some(first) = self.held.front().filter(|_| !self.is_split) {
            let (index, hash) = (first.index, first.hash);
            match self.council.verdict(index, hash) {
                Verdict::Agreed => {
                    self.council.count(index, hash);
                    self.ready.extend(self.held.pop_front().map(|held| held.input));
                }
                Verdict::Wait if first.until <= now => {
                    let mute = self.council.pass(index);
                    if mute.is_empty() {
                        // The node that gave it counts for nothing, and nobody else speaks.
                        return self.leave(format!("ledger {index} is confirmed by nobody"));
                    }
                    tracing::warn!(ledger = index.get(), nodes = mute.join(", "), "node_silent");
                }
                Verdict::Wait => break,
                Verdict::Outvoted(what) => return self.leave(what),
                Verdict::Split(what) => return self.split(what),
            }
        }
        Next::Go
    }

    /// What counts and was not taken yet.
    pub fn take(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }

    /// What was held is to be asked for again.
    pub fn forget(&mut self) {
        self.held.clear();
    }

    /// When somebody will have been silent for too long.
    pub fn until(&self) -> Option<Instant> {
        self.held.front().filter(|_| !self.is_split).map(|held| held.until)
    }

    /// Whether enough nodes say so of this ledger; asks those who did not, and waits for them.
    ///
    /// # Errors
    /// What they say instead.
    pub async fn confirm(&mut self, node: usize, index: LedgerIndex, hash: Hash256) -> Result<(), String> {
        let until = Instant::now() + self.patience;
        let against = |heard: Heard| if let Heard::Against(what) = heard { Err(what) } else { Ok(()) };
        against(self.council.hear(node, index, hash))?;
        self.witnesses.ask(index);
        loop {
            match self.council.verdict(index, hash) {
                Verdict::Agreed => {
                    self.council.count(index, hash);
                    return Ok(());
                }
                Verdict::Outvoted(what) | Verdict::Split(what) => return Err(what),
                Verdict::Wait => {}
            }
            tokio::select! {
                biased;
                said = self.next() => against(self.council.hear(said.node, said.index, said.hash))?,
                () = tokio::time::sleep_until(until) => {
                    let mute = self.council.pass(index);
                    if mute.is_empty() {
                        return Err(format!("ledger {index}: too few nodes speak of it"));
                    }
                    tracing::warn!(ledger = index.get(), nodes = mute.join(", "), "node_silent");
                }
            }
        }
    }

    fn leave(&mut self, what: String) -> Next {
        self.held.clear();
        tracing::error!(%what, "node_disagreement: the node in use is left");
        Next::Leave(what)
    }

    fn split(&mut self, what: String) -> Next {
        if std::mem::replace(&mut self.is_split, true) {
            return Next::Go;
        }
        tracing::error!(%what, "node_disagreement");
        Next::Halt(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::TruthSource;

    const A: Hash256 = Hash256([0xA; 32]);
    const B: Hash256 = Hash256([0xB; 32]);
    const AT: LedgerIndex = LedgerIndex(100);

    /// Nodes of which no witness can be reached.
    fn nodes(count: usize) -> Nodes {
        let ways: Vec<_> = (0..count).map(|_| Arc::new(Way::Socket("ws://127.0.0.1:1".to_owned()))).collect();
        let backoff = Backoff::with(Duration::from_secs(60), Duration::from_secs(60), 1);
        Nodes::listen(&ways, 1, &backoff, Duration::ZERO)
    }

    fn input() -> Input {
        Input::TruthFailed { detail: TruthSource::Periodic.as_str().to_owned() }
    }

    #[tokio::test]
    async fn what_waits_goes_when_it_is_confirmed_and_in_its_order() {
        let mut nodes = nodes(3);
        assert!(matches!(nodes.hold(0, AT, A, input()), Next::Go));
        assert!(matches!(nodes.hold(0, AT.plus(1), B, input()), Next::Go));
        nodes.hear(Statement { node: 1, index: AT.plus(1), hash: B });
        assert!(nodes.take().is_none(), "the one before it is not confirmed");
        nodes.hear(Statement { node: 2, index: AT, hash: A });
        assert!(nodes.take().is_some() && nodes.take().is_some() && nodes.take().is_none());
    }

    #[tokio::test]
    async fn the_silent_are_not_waited_for_longer_than_patience_and_a_liar_is_left() {
        let mut nodes = nodes(2);
        nodes.hold(0, AT, A, input());
        assert!(nodes.take().is_none());
        tokio::time::sleep_until(nodes.until().unwrap_or_else(Instant::now)).await;
        assert!(matches!(nodes.release(), Next::Go) && nodes.take().is_some());
        // It says two things of the next one, and nobody else speaks: nothing of it counts.
        nodes.hold(0, AT.plus(1), A, input());
        assert!(nodes.take().is_some());
        nodes.hold(0, AT.plus(2), A, input());
        nodes.hear(Statement { node: 0, index: AT.plus(2), hash: B });
        nodes.hold(0, AT.plus(3), A, input());
        tokio::time::sleep(PATIENCE_MIN).await;
        while nodes.take().is_some() {}
        assert!(matches!(nodes.release(), Next::Leave(_)) && nodes.until().is_none());
    }

    #[tokio::test]
    async fn two_that_contradict_each_other_halt_once_and_nothing_goes_any_more() {
        let mut nodes = nodes(2);
        nodes.hold(0, AT, A, input());
        let next = nodes.hear(Statement { node: 1, index: AT, hash: B });
        assert!(matches!(&next, Next::Halt(what) if what.contains("0A0A") && what.contains("0B0B")));
        assert!(matches!(nodes.hold(0, AT.plus(1), A, input()), Next::Go));
        nodes.hear(Statement { node: 1, index: AT.plus(1), hash: A });
        assert!(nodes.take().is_none() && nodes.until().is_none());
    }
}
