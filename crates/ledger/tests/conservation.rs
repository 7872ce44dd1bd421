//! XRP is neither made nor lost: what accounts, escrows and channels gain and the fee sum to nothing, over all real
//! metadata there is; and nobody but an issuer makes an issued currency. Prints matched/total per file.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use ledger::meta::{
    balance_changes, channel_changes, created_entries, deleted_entries, escrow_changes, fee_paid,
    holding_changes, pool_changes,
};
use ledger::{AccountId, Amount, Asset, NodeAction, Object, TxMeta, fields as f};
use serde_json::Value as Json;
use units::Exact;

/// XRP that accounts, escrows and channels hold more than before, in drops.
fn xrp_gained(meta: &TxMeta) -> i64 {
    let accounts = balance_changes(meta).into_iter().flat_map(|changes| changes.balances);
    let accounts = accounts.filter_map(|change| match change.delta {
        ledger::meta::Delta::Xrp(drops) => Some(drops.get()),
        ledger::meta::Delta::Issued(_) => None,
    });
    let escrows = escrow_changes(meta).into_iter().filter_map(|change| match change.amount {
        Amount::Xrp(drops) if change.locked => Some(drops.get()),
        Amount::Xrp(drops) => Some(-drops.get()),
        _ => None,
    });
    let channels = channel_changes(meta).into_iter();
    let channels = channels.map(|c| c.added.get() - c.paid.get() - c.returned.get());
    accounts.chain(escrows).chain(channels).sum()
}

/// The same from holdings: two ways to one sum.
fn xrp_held(meta: &TxMeta) -> Exact {
    let xrp = holding_changes(meta).into_iter().filter(|holding| holding.asset == Asset::Xrp);
    xrp.fold(Exact::zero(), |sum, holding| &sum + &holding.change())
}

#[derive(Default)]
struct Tally {
    xrp: (usize, usize),
    tokens: (usize, usize),
}

impl Tally {
    fn take(&mut self, name: &str, meta: &TxMeta, tx: Option<&Object>) {
        let gained = xrp_gained(meta);
        let touched = |touched: bool| if touched { "touched" } else { "" };
        let fee = tx.map(|tx| fee_paid(tx).map_or(0, |paid| paid.fee.get()));
        self.xrp.1 += 1;
        // Without the transaction its fee is not known: then no more can be said than that some was burned.
        if fee.map_or(gained < 0, |fee| gained == -fee) {
            self.xrp.0 += 1;
        } else {
            println!("{name}: XRP {gained}, fee {fee:?} {}", touched(!escrow_changes(meta).is_empty()));
        }
        if escrow_changes(meta).is_empty() && channel_changes(meta).is_empty() {
            assert_eq!(xrp_held(meta), Exact::from_drops(units::Drops::new(gained).unwrap()), "{name}");
        }
        let actions = |action| meta.nodes.iter().filter(|node| node.action == action).count();
        assert_eq!(created_entries(meta).len(), actions(NodeAction::Created));
        assert_eq!(deleted_entries(meta).len(), actions(NodeAction::Deleted));
        if let Some(tx) = tx {
            self.tokens(name, meta, tx);
        }
    }

    /// Holders of a currency gain no more than they lose, unless its issuer takes part: by sending, receiving, an offer
    /// of its own, or as the pool whose tokens they are. (They lose by a transfer fee, which is burned; and by rounding,
    /// in the sixteenth digit.)
    fn tokens(&mut self, name: &str, meta: &TxMeta, tx: &Object) {
        let mut sums: BTreeMap<Asset, (Exact, Exact)> = BTreeMap::new();
        for holding in holding_changes(meta).into_iter().filter(|holding| holding.asset != Asset::Xrp) {
            let entry = sums.entry(holding.asset).or_insert_with(|| (Exact::zero(), Exact::zero()));
            entry.0 = &entry.0 + &holding.change();
            entry.1 = entry.1.clone().max(holding.before).max(holding.after);
        }
        for (asset, (sum, largest)) in sums {
            let issuer = asset.issuer().unwrap();
            if takes_part(issuer, meta, tx) {
                continue;
            }
            self.tokens.1 += 1;
            let rounding = &largest * &"0.00000000000001".parse::<Exact>().unwrap();
            if sum <= rounding {
                self.tokens.0 += 1;
            } else {
                println!("{name}: {asset} {sum} of {largest}");
            }
        }
    }

    fn finish(self, file: &str) {
        let Self { xrp, tokens } = self;
        println!("{file}: XRP {}/{}, tokens {}/{}", xrp.0, xrp.1, tokens.0, tokens.1);
        assert!(xrp.1 > 0 && xrp.0 == xrp.1 && tokens.0 == tokens.1, "{file}");
    }
}

fn takes_part(issuer: AccountId, meta: &TxMeta, tx: &Object) -> bool {
    let named = |object: &Object| {
        [f::ACCOUNT, f::DESTINATION].into_iter().any(|field| object.account(field) == Some(issuer))
    };
    let owns = |node: &ledger::AffectedNode| {
        !node.is(ledger::EntryType::ACCOUNT_ROOT) && node.fields.as_ref().is_some_and(named)
    };
    named(tx)
        || meta.nodes.iter().any(owns)
        || pool_changes(meta).iter().any(|pool| pool.account == issuer)
        || !escrow_changes(meta).is_empty()
}

#[test]
fn metadata_of_2013_to_2022() {
    let file = "metadata/mainnet_meta_2013_2022.jsonl";
    let Some(text) = common::text(file) else { return };
    let mut tally = Tally::default();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        tally.take(&case["i"].to_string(), &TxMeta::from_json(&case["meta"]).unwrap(), None);
    }
    tally.finish(file);
}

#[test]
fn rare_types() {
    let file = "metadata/mainnet_meta_rare_types.json";
    let Some(cases) = common::json(file) else { return };
    let mut tally = Tally::default();
    for (place, meta) in cases.as_array().unwrap().iter().enumerate() {
        tally.take(&place.to_string(), &TxMeta::from_json(meta).unwrap(), None);
    }
    tally.finish(file);
}

#[test]
fn complete_ledgers() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(ledger) = common::json(&format!("ledgers/{name}.json")) else {
            return;
        };
        let mut tally = Tally::default();
        for row in ledger["rows"].as_array().unwrap() {
            let tx = Object::from_api_json(&row["tx_json"]).unwrap();
            tally.take(&row["hash"].to_string(), &TxMeta::from_json(&row["meta"]).unwrap(), Some(&tx));
        }
        tally.finish(name);
    }
    for name in ["87704323", "90150378"] {
        let Some(answer) = common::json(&format!("ledgers/ledger_response_{name}.json")) else {
            return;
        };
        let mut tally = Tally::default();
        for entry in answer["ledger"]["transactions"].as_array().unwrap() {
            let tx = Object::from_api_json(entry).unwrap();
            tally.take(
                &entry["hash"].to_string(),
                &TxMeta::from_json(&entry["metaData"]).unwrap(),
                Some(&tx),
            );
        }
        tally.finish(name);
    }
}

#[test]
fn recordings_of_a_real_server() {
    let mut documents = Vec::new();
    for name in common::names("rippled/named") {
        let Some(text) = common::unpacked(&format!("rippled/named/{name}")) else {
            return;
        };
        documents.push((name, serde_json::from_str::<Json>(&text).unwrap()));
    }
    let Some(random) = common::unpacked("rippled/random.jsonl.gz") else {
        return;
    };
    let random = random.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    documents.extend(random.map(|document| (document["name"].to_string(), document)));
    let mut tally = Tally::default();
    for (name, document) in &documents {
        let steps = ["setup", "steps"].iter().flat_map(|part| document[part].as_array().unwrap());
        for tx in steps.flat_map(|step| step["txs"].as_array().unwrap()).filter(|tx| tx["validated"] == true)
        {
            let meta = TxMeta::from_json(&tx["meta"]).unwrap();
            tally.take(
                &format!("{name} {}", tx["hash"]),
                &meta,
                Some(&Object::from_json(&tx["tx_json"]).unwrap()),
            );
        }
    }
    tally.finish("rippled");
}
