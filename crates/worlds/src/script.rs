//! What the server does wrong in a world: a script of faults (docs/serve.md) drawn from the seed.

use crashlab::seed::Chance;
use std::fmt::Write;

/// Kinds that strike single requests or messages, with their keys; `#` stands for a small number.
const EVENTS: &[&str] = &[
    "drop, message: stream",
    "drop, message: ledgerClosed",
    "drop, message: response",
    "duplicate, copies: #, message: stream",
    "duplicate, copies: #, message: response",
    "delay, messages: #, message: stream",
    "delay, ledgers: #, message: stream",
    "delay, ledgers: #, message: response",
    "reorder, window: 4",
    "cut",
    "reset",
    "half_open",
    "wrong_id",
    "partial_json",
    "service_unavailable",
    "huge_frame, mebibytes: 17",
    "deep_json, depth: 100000",
    "unknown_message",
    "unknown_field",
    "missing_field, field: validated",
    "missing_field, field: ledger_index",
    "missing_field, field: ledger_hash",
    "missing_field, field: meta",
    "missing_field, field: engine_result",
    "missing_field, field: account_data",
    "missing_field, field: transactions",
    "ledger_gap, ledgers: #",
    "ledger_backwards, ledgers: #",
    "lost_request",
    "delayed_request, ledgers: #",
    "lost_submit",
    "queued_then_dropped",
    "queued_then_validated, ledgers: #",
    "cannot_queue",
    "slow_down",
    "too_busy",
    "no_peers",
    "threshold",
    "too_slow",
    "provisional_result_changes",
];

/// Of these, kinds that strike submissions or end the connection.
const OF_FEW: &[&str] = &[
    "cut",
    "reset",
    "half_open",
    "wrong_id",
    "partial_json",
    "service_unavailable",
    "huge_frame",
    "lost_request",
    "lost_submit",
    "queued_then",
    "cannot_queue",
    "slow_down",
    "too_busy",
    "no_peers",
    "threshold",
    "too_slow",
    "ledger_gap",
    "ledger_backwards",
    "provisional_result_changes",
];

/// Kinds that hold for a while.
const CONDITIONS: &[&str] = &[
    "silent_subscription",
    "load, warn_at: 5, close_at: 20",
    "other_network, network_id: 2",
    "amendment_blocked",
    "fee_spike, factor: 1000",
    "restarting",
    "stale_node",
    "endpoint_down",
];

/// The script of a seed, in the form of a fault file, for a world that begins at ledger `first` and lasts so many. Two
/// worlds in three have one kind that their seed names, so that none is left to chance.
pub fn draw(chance: &mut Chance, seed: u64, first: u32, ledgers: u32) -> String {
    let mut text = format!("seed: {}\nfaults:\n", chance.below(1 << 31));
    let count = chance.below(7);
    let before = text.len();
    if !chance.once_in(3) {
        let kinds = EVENTS.len() + CONDITIONS.len();
        let named = usize::try_from(seed % kinds as u64).unwrap_or(0);
        text.push_str(&match EVENTS.get(named) {
            Some(kind) => event(chance, kind, first, ledgers),
            None => condition(chance, CONDITIONS[named - EVENTS.len()], first, ledgers),
        });
    }
    for _ in 0..count {
        let rule = match chance.below(12) {
            0..=6 => {
                let kind = one_of(chance, EVENTS);
                event(chance, kind, first, ledgers)
            }
            7..=10 => {
                let kind = one_of(chance, CONDITIONS);
                condition(chance, kind, first, ledgers)
            }
            _ => network(chance, first, ledgers),
        };
        text.push_str(&rule);
    }
    if text.len() == before { String::new() } else { text }
}

/// What may hold for one of two nodes while the other goes on.
const OF_ONE_NODE: &[&str] =
    &["silent_subscription", "stale_node", "endpoint_down", "restarting", "amendment_blocked"];
/// Where a second node says that it listens: nobody asks there, the worlds have pipes.
const SECOND: &str = "second_node: 127.0.0.1:1\n";

/// The script of a world of two nodes: something befalls one of them alone, or they part. Where they part nothing else goes
/// wrong with the network: with one of two away nobody could tell who is right.
pub fn of_two_nodes(script: &str, chance: &mut Chance, first: u32, ledgers: u32) -> String {
    if chance.once_in(3) {
        let (from, to) = window(chance, first, ledgers, 30);
        return format!(
            "seed: 1\n{SECOND}faults:\n{RULE}fault: two_nodes_disagree, from_ledger: {from}, to_ledger: {to}}}\n"
        );
    }
    let kind = one_of(chance, OF_ONE_NODE);
    let (from, to) = window(chance, first, ledgers, 100);
    let rule =
        |node: u64| format!("{RULE}fault: {kind}, node: {node}, from_ledger: {from}, to_ledger: {to}}}\n");
    let node = 1 + chance.below(2);
    let head = if script.is_empty() { "seed: 1\nfaults:\n" } else { script };
    let head = if node == 2 {
        head.replacen("faults:\n", &format!("{SECOND}faults:\n"), 1)
    } else {
        head.to_owned()
    };
    head + &rule(node)
}

/// The start of a line that is a fault.
const RULE: &str = "  - {";

/// How many faults a script lists.
pub fn rules(script: &str) -> usize {
    script.lines().filter(|line| line.starts_with(RULE)).count()
}

/// The script without the faults whose bit is set. The others strike as before: each draws for itself, by its place.
pub fn without(script: &str, left_out: u64) -> String {
    let (mut text, mut number) = (String::new(), 0);
    for line in script.lines() {
        let is_rule = line.starts_with(RULE);
        if is_rule && left_out >> number & 1 == 1 {
            // It keeps its place, and is never reached.
            text.push_str("  - {fault: drop, from_ledger: 4294967295}\n");
        } else {
            text.push_str(line);
            text.push('\n');
        }
        number += u32::from(is_rule);
    }
    let is_about_second = text.contains("node: 2") || text.contains("two_nodes");
    if is_about_second { text } else { text.replace(SECOND, "") }
}

fn one_of(chance: &mut Chance, list: &'static [&'static str]) -> &'static str {
    list.get(chance.index(list.len())).copied().unwrap_or("drop")
}

fn numbered(chance: &mut Chance, kind: &str) -> String {
    let number = 1 + chance.below(4);
    kind.replace('#', &number.to_string())
}

fn window(chance: &mut Chance, first: u32, ledgers: u32, most: u64) -> (u32, u32) {
    let from = first + u32::try_from(chance.below(ledgers.into())).unwrap_or(0);
    (from, from + u32::try_from(chance.below(most)).unwrap_or(0))
}

fn event(chance: &mut Chance, kind: &str, first: u32, ledgers: u32) -> String {
    let kind = numbered(chance, kind);
    let most = if chance.once_in(3) { 400 } else { 40 };
    let (from, to) = window(chance, first, ledgers, most);
    let mut per_mille = [2, 10, 50, 200, 1000].get(chance.index(5)).copied().unwrap_or(10);
    if OF_FEW.iter().any(|rare| kind.starts_with(rare)) {
        // There is little that it could strike, or nothing after it has.
        per_mille = per_mille.max(200);
    }
    let mut text =
        format!("  - {{fault: {kind}, from_ledger: {from}, to_ledger: {to}, per_mille: {per_mille}");
    if chance.once_in(3) {
        let _ = write!(text, ", times: {}", 1 + chance.below(5));
    }
    text.push_str("}\n");
    text
}

fn condition(chance: &mut Chance, kind: &str, first: u32, ledgers: u32) -> String {
    let kind = numbered(chance, kind);
    // Most last up to two minutes, some up to twelve.
    let most = if chance.once_in(5) { 180 } else { 30 };
    let (from, to) = window(chance, first, ledgers, most);
    format!("  - {{fault: {kind}, from_ledger: {from}, to_ledger: {to}}}\n")
}

fn network(chance: &mut Chance, first: u32, ledgers: u32) -> String {
    let (from, to) = window(chance, first, ledgers, 60);
    if chance.once_in(2) {
        let closes = 1 + chance.below(20);
        return format!("  - {{fault: stalled_validation, from_ledger: {from}, closes: {closes}}}\n");
    }
    let (gap, length) = window(chance, from, 40, 30);
    format!(
        "  - {{fault: history_gap, first: {from}, last: {}, from_ledger: {from}, to_ledger: {to}}}\n",
        gap.max(from) + (length - gap)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_one_that_the_server_takes() {
        for seed in 0..500 {
            let one = draw(&mut Chance::of(&[seed]), seed, 8, 450);
            let two = of_two_nodes(&one, &mut Chance::of(&[seed, 1]), 8, 450);
            let rules = rules(&two);
            let shorter = (0..rules).map(|rule| without(&two, 1 << rule));
            for text in [one, two.clone()].into_iter().chain(shorter).filter(|text| !text.is_empty()) {
                let script = server::FaultScript::from_yaml(&text);
                assert!(script.is_ok(), "seed {seed}: {script:?}\n{text}");
            }
        }
    }

    #[test]
    fn every_kind_has_its_row_in_the_table() {
        for kind in EVENTS.iter().chain(CONDITIONS).chain(&[
            "stalled_validation",
            "history_gap",
            "two_nodes_disagree",
        ]) {
            let name = kind.split(',').next().unwrap();
            let word = format!("server: {name}");
            assert!(crate::coverage::ROWS.iter().any(|(_, row)| *row == word), "{word}");
        }
    }
}
