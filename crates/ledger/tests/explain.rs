//! Balance and offer changes against what independent libraries say of the same real metadata. Prints matched/total
//! per file.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use ledger::meta::Delta;
use ledger::{Amount, Object, OfferChange, OfferStatus, TxMeta, balance_changes, offer_changes};
use serde_json::{Value as Json, json};
use units::Exact;

/// Account, currency, other party, change.
type Line = (String, String, String, Exact);
/// Account, sequence, status, taker gets, taker pays.
type Order = (String, u64, String, Exact, Exact);

fn exact(text: &Json) -> Exact {
    text.as_str().unwrap().parse().unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn ours(meta: &TxMeta) -> BTreeSet<Line> {
    let lines = balance_changes(meta).into_iter().flat_map(|changes| {
        changes.balances.into_iter().map(move |change| {
            let account = changes.account.to_string();
            match (&change.line, &change.delta) {
                (None, Delta::Xrp(_)) => {
                    let value = change.delta.to_string().parse().unwrap();
                    (account, "XRP".to_owned(), String::new(), value)
                }
                (Some((currency, party)), Delta::Issued(value)) => {
                    (account, currency.to_string(), party.to_string(), value.clone())
                }
                _ => panic!("a change of two kinds"),
            }
        })
    });
    lines.collect()
}

/// `{account: [{currency, counterparty, value}]}` or `[{account, balances: [{currency, issuer, value}]}]`.
fn theirs(expected: &Json) -> BTreeSet<Line> {
    let line = |account: &str, change: &Json| {
        let party = change.get("counterparty").or(change.get("issuer")).and_then(Json::as_str).unwrap_or("");
        let currency = change["currency"].as_str().unwrap();
        (account.to_owned(), currency.to_owned(), party.to_owned(), exact(&change["value"]))
    };
    match expected {
        Json::Object(map) => map
            .iter()
            .flat_map(|(account, changes)| changes.as_array().unwrap().iter().map(move |c| line(account, c)))
            .collect(),
        Json::Array(items) => items
            .iter()
            .flat_map(|item| {
                let account = item["account"].as_str().unwrap();
                item["balances"].as_array().unwrap().iter().map(move |c| line(account, c))
            })
            .collect(),
        _ => panic!("balance changes of an unknown shape"),
    }
}

fn quantity(amount: &Amount) -> Exact {
    match amount {
        Amount::Xrp(drops) => Exact::from_drops(*drops),
        Amount::Issued { value, .. } => Exact::from(*value),
        Amount::Mpt { value, .. } => value.to_string().parse().unwrap(),
    }
}

/// In their words: the whole offer, or what of it traded.
fn our_order(change: &OfferChange) -> Order {
    let traded = !change.filled_gets.is_zero() || !change.filled_pays.is_zero();
    let status = match change.status {
        OfferStatus::Created => "created",
        OfferStatus::PartiallyFilled => "partially-filled",
        // They call an offer filled when it traded at all before it was removed.
        OfferStatus::Filled => "filled",
        OfferStatus::Unfunded if traded => "filled",
        OfferStatus::Cancelled
        | OfferStatus::Replaced
        | OfferStatus::Expired
        | OfferStatus::Unfunded
        | OfferStatus::Removed => "cancelled",
    };
    let (gets, pays) = if traded {
        (quantity(&change.filled_gets), quantity(&change.filled_pays))
    } else {
        (quantity(&change.taker_gets), quantity(&change.taker_pays))
    };
    (change.account.to_string(), u64::from(change.sequence), status.to_owned(), gets, pays)
}

fn their_orders(expected: &Json) -> BTreeSet<Order> {
    let map = expected.as_object().unwrap();
    let orders = map.iter().flat_map(|(account, orders)| {
        orders.as_array().unwrap().iter().map(move |order| {
            let [quantity, total] = ["quantity", "totalPrice"].map(|key| exact(&order[key]["value"]));
            let (gets, pays) =
                if order["direction"] == "sell" { (quantity, total) } else { (total, quantity) };
            (
                account.clone(),
                order["sequence"].as_u64().unwrap(),
                order["status"].as_str().unwrap().to_owned(),
                gets,
                pays,
            )
        })
    });
    orders.collect()
}

fn our_orders(meta: &TxMeta, tx: Option<&Object>) -> BTreeSet<Order> {
    offer_changes(meta, tx, None).iter().map(our_order).collect()
}

#[derive(Default)]
struct Tally {
    matched: BTreeMap<&'static str, (usize, usize)>,
    shown: usize,
}

impl Tally {
    fn count<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &'static str,
        case: &str,
        ours: &T,
        theirs: &T,
    ) {
        let entry = self.matched.entry(what).or_default();
        entry.1 += 1;
        if ours == theirs {
            entry.0 += 1;
        } else if self.shown < 5 {
            self.shown += 1;
            println!("{what} of {case}:\n   ours   {ours:?}\n   theirs {theirs:?}");
        }
    }

    fn finish(self, file: &str) {
        for (what, (matched, total)) in &self.matched {
            println!("{file}: {what} {matched}/{total}");
        }
        assert!(self.matched.values().all(|(matched, total)| matched == total && *total > 0), "{file}");
    }
}

#[test]
fn complete_ledgers_of_2026() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(ledger) = common::json(&format!("ledgers/{name}.json")) else {
            return;
        };
        let Some(expected) = common::json(&format!("ledgers/{name}.expected.json")) else {
            return;
        };
        let mut tally = Tally::default();
        for (row, want) in ledger["rows"].as_array().unwrap().iter().zip(expected.as_array().unwrap()) {
            let hash = row["hash"].as_str().unwrap();
            assert_eq!(want["hash"].as_str(), Some(hash));
            let meta = TxMeta::from_json(&row["meta"]).unwrap();
            let tx = Object::from_api_json(&row["tx_json"]).unwrap();
            tally.count("balances", hash, &ours(&meta), &theirs(&want["balance_changes"]));
            tally.count(
                "offers",
                hash,
                &our_orders(&meta, Some(&tx)),
                &their_orders(&want["orderbook_changes"]),
            );
        }
        tally.finish(name);
    }
}

#[test]
fn metadata_of_2013_to_2022() {
    let file = "metadata/mainnet_meta_2013_2022.jsonl";
    let Some(text) = common::text(file) else { return };
    let mut tally = Tally::default();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let name = case["i"].to_string();
        let meta = TxMeta::from_json(&case["meta"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        tally.count("balances", &name, &ours(&meta), &theirs(&case["expected_balance_changes"]));
        if let Some(want) = case.get("expected_orderbook_changes") {
            tally.count("offers", &name, &our_orders(&meta, None), &their_orders(want));
        }
    }
    tally.finish(file);
}

#[test]
fn cases_of_reference_clients() {
    for file in ["transactionparser_cases.json", "xrpljs_balance_cases.json", "xrplpy_cases.json"] {
        let Some(cases) = common::json(&format!("metadata/{file}")) else {
            return;
        };
        let mut tally = Tally::default();
        for case in cases.as_array().unwrap() {
            let name = format!("{} {}", case["function"], case["case"]);
            let input = case.get("metadata").or(case.get("input")).unwrap();
            let meta = TxMeta::from_json(input.get("meta").unwrap_or(input))
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            let want = &case["expected"];
            match case["function"].as_str().unwrap() {
                "parseBalanceChanges" | "getBalanceChanges" | "get_balance_changes" => {
                    tally.count("balances", &name, &ours(&meta), &theirs(want));
                }
                "parseOrderbookChanges" => {
                    tally.count("offers", &name, &our_orders(&meta, None), &their_orders(want))
                }
                _ => {}
            }
        }
        tally.finish(file);
    }
}

#[test]
fn cases_of_ripple_lib() {
    let file = "ripple_lib_cases.json";
    let Some(cases) = common::json(&format!("metadata/{file}")) else {
        return;
    };
    let mut tally = Tally::default();
    for case in cases.as_array().unwrap() {
        let name = case["case"].as_str().unwrap();
        let outcome = &case["expected"]["outcome"];
        let input =
            if case["input"].get("result").is_some() { &case["input"]["result"] } else { &case["input"] };
        let (true, Some(meta)) = (outcome.is_object(), input.get("meta")) else {
            continue;
        };
        let meta = match TxMeta::from_json(meta) {
            Ok(meta) => meta,
            Err(error) => panic!("{name}: {error}"),
        };
        tally.count("balances", name, &ours(&meta), &theirs(&outcome["balanceChanges"]));
        tally.count("offers", name, &our_orders(&meta, None), &their_orders(&outcome["orderbookChanges"]));
    }
    tally.finish(file);
}

/// Compared on XRP and trust lines; these cases hold tokens too, whose changes are not balances here.
#[test]
fn cases_of_another_client() {
    let file = "bithomp_cases.json";
    let Some(cases) = common::json(&format!("metadata/{file}")) else {
        return;
    };
    let mut tally = Tally::default();
    for case in cases.as_array().unwrap().iter().filter(|case| case["function"] == "Models.getTxDetails") {
        let (name, input) = (case["case"].as_str().unwrap(), &case["args"][0]);
        let outcome = &case["expected"]["outcome"];
        let (Some(meta), Some(changes)) = (input.get("meta"), outcome["balanceChanges"].as_object()) else {
            continue;
        };
        if case["args"][2] != "XRP" {
            continue; // of another network
        }
        let is_token = |change: &Json| change.get("mpt_issuance_id").is_some();
        let lines = changes.iter().map(|(account, changes)| {
            let kept = changes.as_array().unwrap().iter().filter(|c| !is_token(c)).cloned();
            (account.clone(), kept.collect::<Json>())
        });
        let want = theirs(&Json::Object(lines.collect()));
        let (meta, unknown) = TxMeta::from_json_lenient(meta).unwrap_or_else(|e| panic!("{name}: {e}"));
        if !unknown.is_empty() {
            println!("{name}: names not in the definitions: {unknown:?}");
        }
        tally.count("balances", name, &ours(&meta), &want);
    }
    tally.finish(file);
}

#[test]
fn rare_types_are_read_in_full() {
    let Some(cases) = common::json("metadata/mainnet_meta_rare_types.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    for meta in cases {
        let read = TxMeta::from_json(meta).unwrap();
        assert_eq!(read.nodes.len(), meta["AffectedNodes"].as_array().unwrap().len());
        balance_changes(&read);
        offer_changes(&read, None, None);
    }
    println!("mainnet_meta_rare_types.json: {0}/{0} read", cases.len());
}

#[test]
fn an_empty_document_is_refused() {
    assert!(TxMeta::from_json(&json!({})).is_err());
    assert!(TxMeta::from_json(&json!({ "AffectedNodes": [] })).is_err());
}
