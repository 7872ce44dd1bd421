//! What strikes now: script, seed and event in, faults out. Never does anything itself, and never draws from anything
//! but the seed: a draw follows from the seed, the fault, the connection and how many times it could have struck
//! there, so what other connections do changes nothing.

use std::collections::BTreeMap;

use ledger::hash::sha512_half;

use super::kind::{MessageKind, Place, What};
use super::script::{FaultScript, Rule};

/// What just happened at the boundary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    /// Where.
    pub(crate) place: Place,
    /// Whose: connections are numbered from 1 in the order in which they came; 0 is everybody over HTTP.
    pub(crate) connection: u64,
    /// On which of the two nodes.
    pub(crate) node: u8,
    /// The newest closed ledger.
    pub(crate) ledger: u32,
    /// The kind of message; none for a request.
    pub(crate) message: Option<MessageKind>,
    /// The command asked or answered; empty for what comes from a stream.
    pub(crate) method: &'a str,
    /// The type of the transaction submitted or told of; empty without one.
    pub(crate) tx_type: &'a str,
}

/// A fault that strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    /// Place of the fault in the script, from 0.
    pub(crate) rule: usize,
    /// What it is.
    pub(crate) what: What,
    /// A number drawn for it.
    pub(crate) draw: u64,
}

/// The script with what was counted so far.
#[derive(Debug)]
pub(crate) struct Decider {
    script: FaultScript,
    /// Times each fault could have struck each connection.
    counted: BTreeMap<(usize, u64), u64>,
    /// Times each fault struck.
    struck: BTreeMap<usize, u64>,
}

impl Decider {
    pub(crate) fn new(script: FaultScript) -> Self {
        Self { script, counted: BTreeMap::new(), struck: BTreeMap::new() }
    }

    /// The faults that strike this event, in the order of the script.
    pub(crate) fn decide(&mut self, event: &Event<'_>) -> Vec<Strike> {
        let mut strikes = Vec::new();
        for (at, rule) in self.script.rules.iter().enumerate() {
            if !matches(rule, event) {
                continue;
            }
            let count = self.counted.entry((at, event.connection)).or_default();
            *count += 1;
            let draw = draw(self.script.seed, at, event.connection, *count);
            let struck = self.struck.entry(at).or_default();
            let when = &rule.when;
            let chosen = count.is_multiple_of(u64::from(when.every))
                && (draw >> 32) % 1000 < u64::from(when.per_mille)
                && when.times.is_none_or(|times| *struck < u64::from(times));
            if chosen {
                *struck += 1;
                strikes.push(Strike { rule: at, what: rule.what.clone(), draw });
            }
        }
        strikes
    }

    /// Conditions of the network or of a node that hold at this ledger, by their places in the script.
    pub(crate) fn conditions(&self, ledger: u32) -> impl Iterator<Item = (usize, &What)> {
        let rules = self.script.rules.iter().enumerate();
        rules
            .filter(move |(_, rule)| rule.what.strikes(Place::Network) && rule.when.holds_at(ledger))
            .map(|(at, rule)| (at, &rule.what))
    }

    /// Whether the fault at this place in the script concerns a connection.
    pub(crate) fn concerns(&self, rule: usize, connection: u64, node: u8) -> bool {
        self.script.rules.get(rule).is_some_and(|rule| is_for(rule, connection, node))
    }

    /// The fault at this place in the script.
    pub(crate) fn what(&self, rule: usize) -> Option<&What> {
        self.script.rules.get(rule).map(|rule| &rule.what)
    }

    /// A connection is gone: its counts are forgotten.
    pub(crate) fn forget(&mut self, connection: u64) {
        self.counted.retain(|(_, of), _| *of != connection);
    }
}

fn is_for(rule: &Rule, connection: u64, node: u8) -> bool {
    rule.when.connection.is_none_or(|wanted| wanted == connection)
        && rule.when.node.is_none_or(|wanted| wanted == node)
}

/// Whether a fault is for this event, counts and draws aside.
pub(super) fn matches(rule: &Rule, event: &Event<'_>) -> bool {
    let when = &rule.when;
    let method = when.method.as_deref().is_none_or(|wanted| wanted == event.method);
    let tx_type = when.tx_type.as_deref().is_none_or(|wanted| wanted == event.tx_type);
    let message = when.message.is_none_or(|wanted| wanted.takes(event.message));
    rule.what.strikes(event.place)
        && rule.what.fits(event.message, event.method)
        && when.holds_at(event.ledger)
        && is_for(rule, event.connection, event.node)
        && method
        && tx_type
        && message
        && !(event.connection == 0 && rule.what.needs_websocket())
}

fn draw(seed: u64, rule: usize, connection: u64, count: u64) -> u64 {
    let rule = u64::try_from(rule).unwrap_or(u64::MAX);
    let numbers = [seed, rule, connection, count].map(u64::to_be_bytes);
    let [seed, rule, connection, count] = &numbers;
    let digest = sha512_half(&[b"fault", seed, rule, connection, count]);
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(connection: u64, ledger: u32) -> Event<'static> {
        let message = Some(MessageKind::Transaction);
        Event {
            place: Place::Message,
            connection,
            node: 1,
            ledger,
            message,
            method: "",
            tx_type: "OfferCreate",
        }
    }

    fn run(text: &str, events: &[Event<'_>]) -> Vec<Vec<Strike>> {
        let mut decider = Decider::new(FaultScript::from_yaml(text).unwrap());
        events.iter().map(|event| decider.decide(event)).collect()
    }

    fn hits(text: &str, events: &[Event<'_>]) -> Vec<usize> {
        let struck = run(text, events).into_iter().enumerate();
        struck.filter(|(_, strikes)| !strikes.is_empty()).map(|(at, _)| at).collect()
    }

    #[test]
    fn when_by_table() {
        let events: Vec<Event<'_>> = (0..12).map(|ledger| event(1, ledger)).collect();
        for (rule, expected) in [
            ("every: 4", vec![3, 7, 11]),
            ("every: 4, times: 2", vec![3, 7]),
            ("from_ledger: 10", vec![10, 11]),
            ("to_ledger: 1", vec![0, 1]),
            ("from_ledger: 4, to_ledger: 6, every: 2", vec![5]),
            ("connection: 2", vec![]),
            ("node: 1, times: 1", vec![0]),
            ("tx_type: OfferCreate, times: 1", vec![0]),
            ("tx_type: Payment", vec![]),
            ("message: transaction, times: 1", vec![0]),
            ("message: ledgerClosed", vec![]),
            ("message: stream, times: 1", vec![0]),
            ("message: response", vec![]),
            ("method: tx", vec![]),
            ("per_mille: 1000, times: 1", vec![0]),
        ] {
            let text = format!("seed: 1\nfaults: [{{fault: drop, {rule}}}]\n");
            assert_eq!(hits(&text, &events), expected, "{rule}");
        }
    }

    #[test]
    fn the_same_seed_and_events_give_the_same_strikes_whatever_others_do() {
        let text = |seed: u64| format!("seed: {seed}\nfaults: [{{fault: drop, per_mille: 300}}]\n");
        let alone: Vec<Event<'_>> = (0..200).map(|ledger| event(1, ledger)).collect();
        let first = run(&text(7), &alone);
        assert_eq!(first, run(&text(7), &alone));
        assert_ne!(first, run(&text(8), &alone));
        let count = first.iter().filter(|strikes| !strikes.is_empty()).count();
        assert!((40..=80).contains(&count), "about 60 of 200: {count}");
        let crowd: Vec<Event<'_>> =
            (0..200).flat_map(|ledger| [event(2, ledger), event(1, ledger), event(3, ledger)]).collect();
        let among: Vec<Vec<Strike>> = run(&text(7), &crowd)
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at % 3 == 1)
            .map(|(_, s)| s)
            .collect();
        assert_eq!(first, among);
    }
}
