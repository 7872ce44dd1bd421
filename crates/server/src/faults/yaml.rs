//! The file of faults: YAML with a seed and a list. Refuses what it does not know, with the line and the nearest name
//! that it does, and everything that is wrong at once.

use std::fmt;
use std::net::SocketAddr;

use ledger::text::printable;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::Spanned;

use super::kind::What;
use super::rule::Reader;
use super::script::{FaultFileError, FaultScript, Rule};

/// Keys of the file itself.
const FILE_KEYS: &[&str] = &["seed", "second_node", "faults"];
/// Characters shown of anything in the file.
pub(super) const SHOWN: usize = 60;
/// Faults a file may list.
const FAULTS_MAX: usize = 1_000;

impl FaultScript {
    /// Reads and checks the text of a file of faults.
    ///
    /// # Errors
    /// [`FaultFileError`] with every fault of the file itself, each with its line.
    pub fn from_yaml(text: &str) -> Result<Self, FaultFileError> {
        let file: File = serde_saphyr::from_str(text).map_err(|error| {
            let error = error.to_string();
            let first = error.lines().next().unwrap_or_default().trim_start_matches("error: ");
            // What the library adds is advice for whoever calls it.
            let first = first.split(", set DuplicateKeyPolicy").next().unwrap_or_default();
            FaultFileError(vec![format!("no file of faults: {}", printable(first, 200))])
        })?;
        let mut wrong = file.wrong;
        let seed = match &file.seed {
            None => 1,
            Some(Field(line, text)) => text.parse().unwrap_or_else(|_| {
                wrong.push(format!("line {line}: seed: a whole number from 0 to {}", u64::MAX));
                1
            }),
        };
        let second_node = file.second_node.as_ref().and_then(|Field(line, text)| {
            let address: Option<SocketAddr> = text.parse().ok();
            if address.is_none() {
                wrong
                    .push(format!("line {line}: second_node: an address and a port, such as 127.0.0.1:6007"));
            }
            address
        });
        let (list_line, list) = file.faults.unwrap_or((1, Vec::new()));
        if list.is_empty() {
            let example = "such as `faults: [{fault: drop, message: stream, every: 50}]`";
            wrong.push(format!(
                "line {list_line}: faults: lists no fault; list what is to go wrong, {example}"
            ));
        }
        if list.len() > FAULTS_MAX {
            wrong.push(format!("line {list_line}: faults: at most {FAULTS_MAX}, not {}", list.len()));
        }
        let mut rules = Vec::new();
        let mut of_second = None;
        for fields in list.into_iter().take(FAULTS_MAX) {
            let line = fields.line;
            let rule = Reader { fields, wrong: &mut wrong }.rule();
            of_second = of_second.or(rule.as_ref().filter(|rule| is_about_second(rule)).map(|_| line));
            rules.extend(rule);
        }
        match (of_second, &file.second_node) {
            (Some(line), None) => wrong.push(format!(
                "line {line}: second_node: this fault is about the second node; say at the top where that listens, such as `second_node: 127.0.0.1:6007`"
            )),
            (None, Some(Field(line, _))) if !rules.iter().any(|rule: &Rule| rule.when.node.is_some()) => wrong.push(format!(
                "line {line}: second_node: no fault is about it; add one with `node: 2` or of kind two_nodes_disagree, or take this line away"
            )),
            _ => {}
        }
        if !wrong.is_empty() {
            return Err(FaultFileError(wrong));
        }
        Ok(Self { seed, second_node, rules })
    }
}

/// Whether a fault needs a second node to strike.
fn is_about_second(rule: &Rule) -> bool {
    rule.what == What::TwoNodesDisagree || rule.when.node.is_some_and(|node| node > 1)
}

/// A value with its line.
#[derive(Clone)]
struct Field(u64, String);

/// The file as it is written.
#[derive(Default)]
struct File {
    seed: Option<Field>,
    second_node: Option<Field>,
    /// The line of the key, and what it lists.
    faults: Option<(u64, Vec<Fields>)>,
    wrong: Vec<String>,
}

/// One fault as it is written: its line, then key, line of the key, value.
pub(super) struct Fields {
    pub(super) line: u64,
    pub(super) pairs: Vec<(String, u64, String)>,
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = File;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seed and faults")
            }

            fn visit_unit<E>(self) -> Result<File, E> {
                Ok(File::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
                let mut file = File::default();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    let line = key.referenced.line();
                    match key.value.as_str() {
                        "seed" => file.seed = Some(Field(line, map.next_value()?)),
                        "second_node" => file.second_node = Some(Field(line, map.next_value()?)),
                        "faults" => {
                            let list: Option<Vec<Spanned<Pairs>>> = map.next_value()?;
                            let fields = list.unwrap_or_default().into_iter();
                            let fields =
                                fields.map(|one| Fields { line: one.referenced.line(), pairs: one.value.0 });
                            file.faults = Some((line, fields.collect()));
                        }
                        unknown => {
                            map.next_value::<IgnoredAny>()?;
                            file.wrong.push(unknown_name("key", line, unknown, FILE_KEYS.iter().copied()));
                        }
                    }
                }
                Ok(file)
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

struct Pairs(Vec<(String, u64, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("key: value lines")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    pairs.push((key.value, key.referenced.line(), map.next_value()?));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Seen)
    }
}

/// A name nobody knows, and the nearest one that is known.
pub(super) fn unknown_name(
    what: &str,
    line: u64,
    name: &str,
    known: impl Iterator<Item = &'static str>,
) -> String {
    let nearest = known.min_by_key(|known| distance(name, known)).unwrap_or_default();
    format!("line {line}: unknown {what} `{}`; the nearest known one is `{nearest}`", printable(name, SHOWN))
}

/// Letters to be changed, added or taken away to make one of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(SHOWN).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (place, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::kind::{KINDS, Span};

    fn refused(text: &str) -> Vec<String> {
        FaultScript::from_yaml(text).expect_err(text).0
    }

    #[test]
    fn a_whole_file() {
        let text = "seed: 7\nsecond_node: 127.0.0.1:6007\nfaults:\n  - fault: delay\n    ledgers: 2\n    message: transaction\n    every: 10\n    tx_type: OfferCreate\n  - {fault: two_nodes_disagree, from_ledger: 20, to_ledger: 30}\n";
        let script = FaultScript::from_yaml(text).unwrap();
        assert_eq!((script.seed, script.len(), script.is_empty()), (7, 2, false));
        assert_eq!(script.second_node(), "127.0.0.1:6007".parse().ok());
        assert_eq!(script.rules[0].what, What::Delay(Span::Ledgers(2)));
        assert_eq!((script.rules[0].when.every, script.rules[1].when.to_ledger), (10, 30));
    }

    #[test]
    fn every_kind_can_be_written() {
        for row in KINDS {
            let needed = match row.name {
                "delay" => ", messages: 2",
                "missing_field" => ", field: hash",
                "history_gap" => ", first: 3, last: 5",
                "lying_node" => ", lie: balance",
                "stalled_validation" => ", closes: 3, from_ledger: 9",
                _ => "",
            };
            let second = if row.name == "two_nodes_disagree" { "second_node: 127.0.0.1:1\n" } else { "" };
            let text = format!("{second}faults: [{{fault: {}{needed}}}]\n", row.name);
            let script =
                FaultScript::from_yaml(&text).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            assert_eq!(script.rules[0].what.name(), row.name);
        }
    }

    #[test]
    fn refusals_by_table() {
        for (text, complaint) in [
            (
                "sed: 1\nfaults: [{fault: drop}]\n",
                "line 1: unknown key `sed`; the nearest known one is `seed`",
            ),
            (
                "seed: -1\nfaults: [{fault: drop}]\n",
                "line 1: seed: a whole number from 0 to 18446744073709551615",
            ),
            (
                "faults:\n  - fault: drop\n    evry: 2\n",
                "line 3: unknown key `evry`; the nearest known one is `every` (a fault of kind drop does not have it)",
            ),
            (
                "faults:\n  - fault: fee_spike\n    every: 2\n",
                "line 3: unknown key `every`; the nearest known one is `fault` (a fault of kind fee_spike does not have it)",
            ),
            (
                "faults:\n  - fault: stale_nod\n",
                "line 2: unknown fault `stale_nod`; the nearest known one is `stale_node`",
            ),
            ("faults:\n  - every: 2\n", "line 2: this entry has no `fault`: the name of what is to happen"),
            (
                "faults:\n  - fault: huge_frame\n    connection: 0\n",
                "line 2: connection: over HTTP (0) huge_frame never strikes; another number, or none",
            ),
            (
                "faults:\n  - fault: ledger_gap\n    connection: 0\n",
                "line 2: connection: over HTTP (0) ledger_gap never strikes; another number, or none",
            ),
            (
                "faults:\n  - fault: load\n    warn_at: 10\n    close_at: 5\n",
                "line 4: close_at: 5 comes before warn_at: a number from 10 on, or none",
            ),
            ("faults:\n  - fault: delay\n", "line 2: this fault needs `messages` or `ledgers`"),
            (
                "faults:\n  - fault: lying_node\n    lie: x\n",
                "line 3: lie: one of metadata, result or balance",
            ),
            (
                "faults:\n  - fault: drop\n    message: tx\n",
                "line 3: message: one of response, stream, ledgerClosed, transaction, proposed or other",
            ),
            (
                "faults:\n  - fault: drop\n    tx_type: Offer\n",
                "line 3: tx_type: Offer is no name of a transaction type",
            ),
            (
                "faults:\n  - fault: drop\n    per_mille: 1001\n",
                "line 3: per_mille: a whole number from 1 to 1000",
            ),
            (
                "faults:\n  - fault: two_nodes_disagree\n",
                "line 2: second_node: this fault is about the second node; say at the top where that listens, such as `second_node: 127.0.0.1:6007`",
            ),
            (
                "faults:\n  - fault: drop\n    from_ledger: 9\n    to_ledger: 8\n",
                "line 4: to_ledger: 8 is before from_ledger: a number from 9 on, or none",
            ),
            (
                "faults:\n  - fault: history_gap\n    first: 9\n    last: 8\n",
                "line 4: last: 8 is before first: a number from 9 on",
            ),
            (
                "faults:\n  - fault: drop\n    method: foo\n",
                "line 3: unknown method `foo`; the nearest known one is `fee`",
            ),
            (
                "faults:\n  - fault: drop\n    every: 2\n    per_mille: 3\n",
                "line 4: per_mille: beside `every` of line 3: one of the two says which are struck",
            ),
            (
                "second_node: 127.0.0.1:6007\nfaults:\n  - fault: drop\n",
                "line 1: second_node: no fault is about it; add one with `node: 2` or of kind two_nodes_disagree, or take this line away",
            ),
            (
                "faults:\n  - fault: lost_submit\n    method: tx\n",
                "line 2: method: this fault never strikes so; lost_submit strikes requests submit",
            ),
            (
                "faults:\n  - fault: drop\n    message: ledgerClosed\n    tx_type: Payment\n",
                "line 2: message, tx_type: this fault never strikes so; with `tx_type` it strikes submit, its answer, transaction and proposed",
            ),
            (
                "faults:\n  - fault: drop\n    message: stream\n    method: ping\n",
                "line 2: method, message: this fault never strikes so; with `method` it strikes requests and their answers (`message: response`)",
            ),
            (
                "second_node: 127.0.0.1:6007\nfaults:\n  - fault: two_nodes_disagree\n    node: 1\n",
                "line 3: node: it is the second node that parts from the first: 2, or none",
            ),
        ] {
            assert_eq!(refused(text), vec![complaint.to_owned()], "{text}");
        }
        let none = "faults: lists no fault; list what is to go wrong, such as `faults: [{fault: drop, message: stream, every: 50}]`";
        for (line, text) in [
            (1, ""),
            (1, "# nothing\n"),
            (1, "seed: 3\n"),
            (1, "faults: []\n"),
            (2, "seed: 3\nfaults:\n"),
            (3, "seed: 3\n\nfaults: []\n"),
        ] {
            assert_eq!(refused(text), vec![format!("line {line}: {none}")], "{text}");
        }
        for text in
            ["x", "- 1\n", "faults: 3\n", "faults: [1]\n", "seed: 1\nseed: 2\n", "faults: [{fault: [1]}]\n"]
        {
            assert!(refused(text)[0].starts_with("no file of faults: "), "{text}: {:?}", refused(text));
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_nothing_raw() {
        let wrong = refused(
            "sed: 1\nfaults:\n  - fault: dorp\n  - fault: \"a\\e[2J\"\n  - fault: drop\n    every: 0\n",
        );
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(wrong.iter().all(|line| line.chars().all(|c| !c.is_control())), "{wrong:?}");
    }
}
