//! The figures as a table, as lines of JSON, and as the section of docs/performance.md.

use std::fmt::Write;

use serde_json::json;

use crate::figures::Figure;
use crate::inputs::Inputs;
use crate::machine::Machine;
use crate::rounds::{PeerRow, Row, Spread};

/// Everything that was seen.
pub struct Report<'a> {
    /// On what.
    pub machine: &'a Machine,
    /// Load at the end.
    pub load_after: &'a str,
    /// Of what.
    pub inputs: &'a Inputs,
    /// Works with peers.
    pub rows: &'a [Row],
    /// Works without.
    pub figures: &'a [Figure],
}

impl Report<'_> {
    /// For a terminal.
    pub fn table(&self) -> String {
        let mut out = format!("\n{}\n{}\n", self.seen(), data_line(self.inputs));
        if let Some(first) = self.rows.first() {
            let _ = write!(out, "\n{:<20} {:>11} {:>10}", "work", "ours per s", "us each");
            for peer in &first.peers {
                let _ = write!(out, "   {:>14} {:>9} {:>17}", peer.name, "ratio", "min..max");
            }
            out.push('\n');
        }
        for row in self.rows {
            let _ = write!(out, "{:<20} {:>11} {:>10}", row.name, per_second(row.ours), micros(row.ours));
            for peer in &row.peers {
                let (ratio, ends) = (peer.ratio, ends(peer.ratio));
                let _ = write!(out, "   {:>14} {:>8}x {:>17}", micros(peer.ns), times(ratio.median), ends);
            }
            out.push('\n');
        }
        let mut work = "";
        for figure in self.figures {
            if figure.work != work {
                work = figure.work;
                let _ = writeln!(out, "\n{work}");
            }
            let Figure { what, unit, note, .. } = figure;
            let _ = writeln!(out, "  {what:<52} {:>12} {unit:<10} {note}", number(figure.value));
        }
        out
    }

    /// One document a line: the machine, then each work.
    pub fn json_lines(&self) -> String {
        let spread = |s: Spread| json!({ "median": s.median, "min": s.min, "max": s.max });
        let row = |row: &Row| {
            let peer = |peer: &PeerRow| json!({ "name": peer.name, "ns": spread(peer.ns), "ratio": spread(peer.ratio) });
            let peers: Vec<_> = row.peers.iter().map(peer).collect();
            json!({ "work": row.name, "per_second": 1e9 / row.ours.median, "ns": spread(row.ours), "peers": peers })
        };
        let figure = |one: &Figure| json!({ "work": one.work, "what": one.what, "value": one.value, "unit": one.unit, "note": one.note });
        let machine = json!({ "machine": self.machine, "load_at_the_end": self.load_after });
        let documents = std::iter::once(machine).chain(self.rows.iter().map(row));
        let documents = documents.chain(self.figures.iter().map(figure));
        documents.map(|document| format!("{document}\n")).collect()
    }

    /// For docs/performance.md.
    pub fn markdown(&self) -> String {
        let mut out = format!("Seen {}.\n{}\n", self.seen(), data_line(self.inputs));
        if let Some(first) = self.rows.first() {
            out.push_str("\n| work | ours per second | us each |");
            for peer in &first.peers {
                let _ = write!(out, " {}, us each | times ours (least to greatest) |", peer.name);
            }
            out.push_str("\n|---|---:|---:|");
            out.push_str(&"---:|---:|".repeat(first.peers.len()));
            out.push('\n');
        }
        for row in self.rows {
            let _ = write!(out, "| {} | {} | {} |", row.name, per_second(row.ours), micros(row.ours));
            for peer in &row.peers {
                let (ratio, ends) = (times(peer.ratio.median), ends(peer.ratio));
                let _ = write!(out, " {} | {ratio} ({ends}) |", micros(peer.ns));
            }
            out.push('\n');
        }
        if !self.figures.is_empty() {
            out.push_str("\n| work | what | figure | |\n|---|---|---:|---|\n");
        }
        for Figure { work, what, value, unit, note } in self.figures {
            let _ = writeln!(out, "| {work} | {what} | {} {unit} | {note} |", number(*value));
        }
        out
    }

    fn seen(&self) -> String {
        format!("{}; load {} at the end", self.machine.line(), self.load_after)
    }
}

fn data_line(inputs: &Inputs) -> String {
    let one = |(name, items): (&String, &Vec<crate::inputs::Item>)| {
        let count = items.len().max(1);
        let mean = |bytes: usize| bytes / count;
        let blob = mean(items.iter().map(|item| item.tx_blob.len() / 2).sum());
        let meta = mean(items.iter().map(|item| item.meta_blob.len() / 2).sum());
        let message = mean(items.iter().map(|item| item.message.len()).sum());
        format!(
            "{name}: {count} transactions of {blob} bytes, metadata of {meta}, messages of {message} (means)"
        )
    };
    format!("Data: {}.", inputs.data.iter().map(one).collect::<Vec<_>>().join("; "))
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { grouped(&format!("{value:.0}")) }
}

fn per_second(ns: Spread) -> String {
    grouped(&format!("{:.0}", 1e9 / ns.median))
}

fn micros(ns: Spread) -> String {
    let micros = ns.median / 1e3;
    if micros < 100.0 { format!("{micros:.2}") } else { grouped(&format!("{micros:.0}")) }
}

fn times(ratio: f64) -> String {
    if ratio < 100.0 { format!("{ratio:.1}") } else { grouped(&format!("{ratio:.0}")) }
}

fn ends(ratio: Spread) -> String {
    format!("{}..{}", times(ratio.min), times(ratio.max))
}

/// Thousands apart.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        let ns = |median| Spread { median, min: median, max: median };
        assert_eq!(
            (per_second(ns(800.0)).as_str(), micros(ns(1_234_567.0)).as_str()),
            ("1,250,000", "1,235")
        );
        assert_eq!((micros(ns(1_500.0)).as_str(), times(25.04).as_str()), ("1.50", "25.0"));
        assert_eq!((grouped("999").as_str(), grouped("1000").as_str()), ("999", "1,000"));
    }
}
