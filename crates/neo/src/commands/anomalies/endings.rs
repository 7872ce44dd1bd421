//! How own offers ended, by kind, age, size and evidence. Reads rows only; decides nothing.

use super::middle;
use crate::text::printable_line;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::OfferEnding;
use units::Exact;

/// Offers that ended in one way.
#[derive(Default)]
struct Kind {
    ages: Vec<i64>,
    sizes: Vec<Exact>,
    /// What took the rest of those that were partly filled.
    removals: BTreeMap<String, u32>,
    /// With a transaction and the offer's node in its metadata; with a transaction alone; with neither.
    proven: [u32; 3],
}

fn kinds(rows: &[OfferEnding]) -> BTreeMap<&str, Kind> {
    let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
    for row in rows {
        let kind = kinds.entry(&row.ending).or_default();
        kind.ages.push(row.age_seconds);
        kind.sizes.extend(row.quantity_rlusd.parse::<Exact>());
        if let Some(removal) = &row.removal {
            *kind.removals.entry(removal.clone()).or_default() += 1;
        }
        let [node, transaction, nothing] = &mut kind.proven;
        *match (&row.tx_hash, &row.node) {
            (Some(_), Some(_)) => node,
            (Some(_), None) => transaction,
            (None, _) => nothing,
        } += 1;
    }
    for kind in kinds.values_mut() {
        kind.ages.sort_unstable();
        kind.sizes.sort();
    }
    kinds
}

/// By kind, and each offer with its evidence.
pub(super) fn json(rows: &[OfferEnding]) -> Value {
    let kinds: Vec<Value> = kinds(rows)
        .iter()
        .map(|(ending, kind)| {
            let [node, transaction, nothing] = kind.proven;
            json!({"ending": ending, "offers": kind.ages.len(), "removal": kind.removals,
                "age_seconds": {"median": middle(&kind.ages), "most": kind.ages.last()},
                "quantity_rlusd": {"median": middle(&kind.sizes).map(Exact::to_string),
                                   "most": kind.sizes.last().map(Exact::to_string)},
                "evidence": {"node": node, "transaction": transaction, "none": nothing}})
        })
        .collect();
    let offers: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({"order_id": row.order_id, "session_id": row.session_id, "offer_sequence": row.offer_sequence,
                "side": row.side, "ending": row.ending, "removal": row.removal, "ledger_index": row.ledger_index,
                "tx_hash": row.tx_hash, "node": row.node, "quantity_rlusd": row.quantity_rlusd,
                "filled_rlusd": row.filled_rlusd, "filled_xrp": row.filled_xrp, "age_seconds": row.age_seconds})
        })
        .collect();
    json!({"kinds": kinds, "offers": offers})
}

/// The table of kinds; nothing for a database that has no ends.
pub(super) fn shown(rows: &[OfferEnding]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\nhow {} own offers ended\n{:<26} {:>6}  {:>18}  {:>19}  evidence\n",
        rows.len(),
        "ending",
        "offers",
        "age s, median most",
        "RLUSD, median most"
    );
    for (ending, kind) in kinds(rows) {
        let number = |age: Option<&i64>| age.map_or_else(String::new, i64::to_string);
        let size = |size: Option<&Exact>| size.map_or_else(String::new, |size| size.to_fixed(2));
        let [node, transaction, nothing] = kind.proven;
        let evidence = [(node, "node"), (transaction, "transaction"), (nothing, "none")];
        let evidence = evidence.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        let removals = kind.removals.iter().map(|(what, n)| format!("{n} rest {}", printable_line(what)));
        out += &format!(
            "{:<26} {:>6}  {:>9} {:>8}  {:>9} {:>9}  {}\n",
            printable_line(ending),
            kind.ages.len(),
            number(middle(&kind.ages)),
            number(kind.ages.last()),
            size(middle(&kind.sizes)),
            size(kind.sizes.last()),
            evidence.chain(removals).collect::<Vec<_>>().join(", ")
        );
    }
    out
}
