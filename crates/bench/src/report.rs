//! The figures as a table, as lines of JSON, and as the section of docs/performance.md.

use std::fmt::Write;

use serde_json::json;

use crate::inputs::Inputs;
use crate::machine::Machine;
use crate::rounds::{Row, Spread};

/// For a terminal.
pub fn table(machine: &Machine, inputs: &Inputs, rows: &[Row]) -> String {
    let mut out = format!("\n{}\n{}\n\n", machine.line(), data_line(inputs));
    let _ = write!(out, "{:<20} {:>11} {:>10}", "work", "ours per s", "us each");
    for peer in rows.first().map_or(&[][..], |row| &row.peers) {
        let _ = write!(out, "   {:>14} {:>9} {:>17}", peer.name, "ratio", "min..max");
    }
    out.push('\n');
    for row in rows {
        let _ = write!(out, "{:<20} {:>11} {:>10}", row.name, per_second(row.ours), micros(row.ours));
        for peer in &row.peers {
            let (ratio, ends) = (peer.ratio, ends(peer.ratio));
            let _ = write!(out, "   {:>14} {:>8}x {:>17}", micros(peer.ns), times(ratio.median), ends);
        }
        out.push('\n');
    }
    out
}

/// One document a line: the machine, then each work.
pub fn json_lines(machine: &Machine, rows: &[Row]) -> String {
    let spread = |s: Spread| json!({ "median": s.median, "min": s.min, "max": s.max });
    let line = |row: &Row| {
        let peer = |peer: &crate::rounds::PeerRow| json!({ "name": peer.name, "ns": spread(peer.ns), "ratio": spread(peer.ratio) });
        let peers: Vec<_> = row.peers.iter().map(peer).collect();
        json!({ "work": row.name, "per_second": 1e9 / row.ours.median, "ns": spread(row.ours), "peers": peers })
    };
    let documents = std::iter::once(json!({ "machine": machine })).chain(rows.iter().map(line));
    documents.map(|document| format!("{document}\n")).collect()
}

/// For docs/performance.md.
pub fn markdown(machine: &Machine, inputs: &Inputs, rows: &[Row]) -> String {
    let names = rows.first().map_or(&[][..], |row| &row.peers);
    let mut out =
        format!("Seen {}.\n{}\n\n| work | ours per second | us each |", machine.line(), data_line(inputs));
    for peer in names {
        let _ = write!(out, " {}, us each | times ours (least to greatest) |", peer.name);
    }
    out.push_str("\n|---|---:|---:|");
    out.push_str(&"---:|---:|".repeat(names.len()));
    out.push('\n');
    for row in rows {
        let _ = write!(out, "| {} | {} | {} |", row.name, per_second(row.ours), micros(row.ours));
        for peer in &row.peers {
            let _ =
                write!(out, " {} | {} ({}) |", micros(peer.ns), times(peer.ratio.median), ends(peer.ratio));
        }
        out.push('\n');
    }
    out
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
