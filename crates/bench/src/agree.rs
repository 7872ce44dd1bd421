//! Before anything is measured: everybody gives the same results for the same inputs. Who computes something else would
//! be measured doing something else.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::Value as Json;
use units::Exact;

use crate::ours::Ours;
use crate::peer::Peer;
use crate::work::{Job, Work};

/// Compares every result of a job. Errors: anything that differs, or that a peer refuses.
pub fn check(job: &Job, ours: &mut Ours<'_>, peers: &mut [Peer]) -> Result<()> {
    let own = ours.results(job)?;
    for peer in peers {
        let theirs = peer.results(job)?;
        if own.len() != theirs.len() {
            bail!("{}: {} results of {}, {} of ours", job.name(), theirs.len(), peer.name, own.len());
        }
        let differing: Vec<_> = own.iter().zip(&theirs).filter(|(a, b)| !is_same(job, a, b)).collect();
        if let Some((a, b)) = differing.first() {
            bail!(
                "{}: {} of {} differ\nours: {a}\n{}: {b}",
                job.name(),
                differing.len(),
                own.len(),
                peer.name
            );
        }
        eprintln!("agree: {}: all {} results of {}", job.name(), own.len(), peer.name);
    }
    Ok(())
}

fn is_same(job: &Job, ours: &Json, theirs: &Json) -> bool {
    match job.work {
        Work::Message | Work::Tick => ids(ours) == ids(theirs),
        Work::Explain => balances(ours).is_some_and(|own| balances(theirs) == Some(own)),
        _ => is_same_document(ours, theirs),
    }
}

/// The same but for how the number of an issued amount is written: the server and we write
/// `1000000000000000e-3` where the reference libraries write `1000000000000`.
fn is_same_document(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) => {
            let same = |(name, value): (&String, &Json)| match (name.as_str(), value, b.get(name)) {
                ("value", Json::String(x), Some(Json::String(y))) => x == y || is_same_number(x, y),
                (_, value, other) => other.is_some_and(|other| is_same_document(value, other)),
            };
            a.len() == b.len() && a.iter().all(same)
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| is_same_document(x, y))
        }
        (a, b) => a == b,
    }
}

fn is_same_number(a: &str, b: &str) -> bool {
    a.parse::<Exact>().is_ok_and(|a| b.parse::<Exact>().is_ok_and(|b| a == b))
}

/// In no order, each once.
fn ids(list: &Json) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// In no order, and with values compared as numbers.
fn balances(rows: &Json) -> Option<BTreeSet<(String, String, String, Exact)>> {
    let text = |row: &Json, i: usize| row[i].as_str().unwrap_or_default().to_owned();
    let row = |row: &Json| Some((text(row, 0), text(row, 1), text(row, 2), row[3].as_str()?.parse().ok()?));
    rows.as_array()?.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_way_a_number_is_written_may_differ() {
        let amount = |value: &str| json!({ "A": [{ "currency": "USD", "value": value }] });
        assert!(is_same_document(&amount("1000000000000000e-3"), &amount("1000000000000")));
        assert!(!is_same_document(&amount("1000000000000000e-3"), &amount("1000000000001")));
        assert!(!is_same_document(&json!({ "A": "1" }), &json!({ "A": "1.0" })));
        assert!(!is_same_document(&json!({ "A": 1 }), &json!({ "A": 1, "B": 1 })));
    }

    #[test]
    fn balances_are_compared_as_numbers_in_any_order() {
        let (a, b) = (json!(["r1", "XRP", "", "0.10"]), json!(["r2", "USD", "r3", "-5"]));
        assert_eq!(balances(&json!([a, b])), balances(&json!([b, ["r1", "XRP", "", "0.1"]])));
        assert_ne!(balances(&json!([a])), balances(&json!([b])));
    }
}
