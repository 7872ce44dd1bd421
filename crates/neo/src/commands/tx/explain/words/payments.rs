//! Who paid what to whom, the fee apart, under a line for each kind of money. Never shows a debt as a payment: of a
//! trust line only the side that holds.

use super::MORE_MAX;
use super::money::{number, title};
use ledger::meta::{PoolChange, holding_changes};
use ledger::{AccountId, Asset, TxRecord};
use std::collections::{BTreeMap, BTreeSet};
use units::Exact;

/// The widest number that fits into a line with two accounts.
const NUMBER_MAX: usize = 17;

/// The lines of it; none when nothing moved but the fee.
pub fn lines(record: &TxRecord, pools: &[PoolChange], has_escrows: bool) -> Vec<String> {
    let pools: BTreeSet<AccountId> = pools.iter().map(|pool| pool.account).collect();
    let name = |account: &AccountId| {
        let is_pool = pools.contains(account);
        format!("{:<34}{}", account.to_string(), if is_pool { " (pool)" } else { "" })
    };
    let mut lines = Vec::new();
    for (asset, mut changes) in movements(record) {
        let fee_unknown = asset == Asset::Xrp && record.tx.is_none();
        lines.push(format!("{}{}", title(&asset), if fee_unknown { ", with the fee among it" } else { "" }));
        changes.sort_by(|(_, one), (_, other)| one.cmp(other));
        if let [(payer, paid), (receiver, got)] = &changes[..]
            && paid.abs() == *got
            && number(got).len() <= NUMBER_MAX
        {
            lines.push(format!("  {payer} paid {} to {receiver}", number(got)));
            continue;
        }
        // Alone with the issuer, unless an escrow held or holds it.
        let only = changes.len() == 1 && asset != Asset::Xrp && !has_escrows;
        let rows: Vec<(String, &str, String)> = changes
            .iter()
            .take(MORE_MAX)
            .map(|(account, by)| {
                let did = match (by.is_negative(), only) {
                    (true, true) => "gave back",
                    (true, false) => "paid",
                    (false, true) => "was given",
                    (false, false) => "received",
                };
                (name(account), did, number(&by.abs()))
            })
            .collect();
        table(&rows, &mut lines);
        if changes.len() > MORE_MAX {
            lines.push(format!("  … and {} more accounts", changes.len() - MORE_MAX));
        }
    }
    lines
}

/// Rows with their numbers under each other, point under point.
fn table(rows: &[(String, &str, String)], lines: &mut Vec<String>) {
    let whole = |number: &str| number.find('.').unwrap_or(number.len());
    let names = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    let verbs = rows.iter().map(|(_, did, _)| did.len()).max().unwrap_or(0);
    let digits = rows.iter().map(|(.., number)| whole(number)).max().unwrap_or(0);
    for (name, did, number) in rows {
        let pad = digits - whole(number);
        lines.push(format!("  {name:<names$}  {did:<verbs$}  {:pad$}{number}", ""));
    }
}

/// Changes of every holder, the fee apart.
fn movements(record: &TxRecord) -> BTreeMap<Asset, Vec<(AccountId, Exact)>> {
    let fee = record.fee_paid();
    let mut all: BTreeMap<Asset, Vec<(AccountId, Exact)>> = BTreeMap::new();
    for holding in holding_changes(&record.meta) {
        let by = match fee.filter(|paid| holding.asset == Asset::Xrp && paid.payer == holding.account) {
            Some(paid) => &holding.change() + &Exact::from_drops(paid.fee),
            None => holding.change(),
        };
        if !by.is_zero() {
            all.entry(holding.asset).or_default().push((holding.account, by));
        }
    }
    all
}
