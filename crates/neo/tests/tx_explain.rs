//! `neo tx explain` against what independent libraries say of the same real transactions. Prints matched/total a file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run, shared_data};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use units::Exact;

/// Account, currency, other party, change.
type Line = (String, String, String, Exact);
/// Account, sequence, status, what it gave, what it took (or offers and asks).
type Order = (String, u64, String, Exact, Exact);

fn text(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(shared_data()?.join(name)).unwrap())
}

fn explain(args: &[&str], stdin: &str) -> Run {
    let folder = Folder::new();
    let input = std::fs::File::open(folder.file("stdin", stdin)).unwrap();
    Run::of(folder.command(&[&["tx", "explain"], args].concat()).stdin(input).output().unwrap()).ended(0)
}

fn exact(text: &Value) -> Exact {
    text.as_str().unwrap().parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// `{account: [{currency, counterparty, value}]}` or `[{account, balances: [{currency, issuer, value}]}]`: changes of
/// XRP and trust lines.
fn balances(changes: &Value) -> BTreeSet<Line> {
    let by_account: Vec<(String, &Value)> = match changes {
        Value::Object(map) => map.iter().map(|(account, changes)| (account.clone(), changes)).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| (item["account"].as_str().unwrap().to_owned(), &item["balances"]))
            .collect(),
        other => panic!("balance changes of an unknown shape: {other}"),
    };
    let lines = by_account.into_iter().flat_map(|(account, changes)| {
        changes.as_array().unwrap().iter().filter(|change| change.get("mpt_issuance_id").is_none()).map(
            move |change| {
                let party = change.get("counterparty").or(change.get("issuer")).and_then(Value::as_str);
                let currency = change["currency"].as_str().unwrap();
                (
                    account.clone(),
                    currency.to_owned(),
                    party.unwrap_or("").to_owned(),
                    exact(&change["value"]),
                )
            },
        )
    });
    lines.collect()
}

/// Drops as XRP, or the value.
fn quantity(amount: &Value) -> Exact {
    match amount {
        Value::String(drops) => Exact::from_drops(drops.parse().unwrap()),
        issued => exact(&issued["value"]),
    }
}

/// In the libraries' words: an offer is filled when it traded at all before it was removed, and cancelled when it was
/// removed without trade; the amounts are what traded, or else the whole offer.
fn our_orders(changes: &Value) -> BTreeSet<Order> {
    let order = |change: &Value| {
        let [gets, pays] = ["filled_gets", "filled_pays"].map(|name| quantity(&change[name]));
        let traded = !gets.is_zero() || !pays.is_zero();
        let status = match change["status"].as_str().unwrap() {
            kept @ ("created" | "partially-filled" | "filled") => kept,
            "unfunded" if traded => "filled",
            "cancelled" | "replaced" | "expired" | "unfunded" | "removed" => "cancelled",
            other => panic!("status {other}"),
        };
        let (gets, pays) = if traded {
            (gets, pays)
        } else {
            (quantity(&change["taker_gets"]), quantity(&change["taker_pays"]))
        };
        let account = change["account"].as_str().unwrap().to_owned();
        (account, change["sequence"].as_u64().unwrap(), status.to_owned(), gets, pays)
    };
    changes.as_array().unwrap().iter().map(order).collect()
}

/// `{account: [{direction, quantity, totalPrice, sequence, status}]}`, or `[{maker_account, offer_changes: [{taker_gets,
/// taker_pays, sequence, status}]}]` with what went away negative.
fn their_orders(changes: &Value) -> BTreeSet<Order> {
    let order = |account: &str, order: &Value, gets: Exact, pays: Exact| {
        let status = order["status"].as_str().unwrap().to_owned();
        (account.to_owned(), order["sequence"].as_u64().unwrap(), status, gets, pays)
    };
    let mut orders = BTreeSet::new();
    if let Value::Object(map) = changes {
        for (account, one) in
            map.iter().flat_map(|(a, list)| list.as_array().unwrap().iter().map(move |o| (a, o)))
        {
            let [quantity, total] = ["quantity", "totalPrice"].map(|name| exact(&one[name]["value"]));
            let (gets, pays) = if one["direction"] == "sell" { (quantity, total) } else { (total, quantity) };
            orders.insert(order(account, one, gets, pays));
        }
        return orders;
    }
    for maker in changes.as_array().unwrap() {
        for one in maker["offer_changes"].as_array().unwrap() {
            let [gets, pays] = ["taker_gets", "taker_pays"].map(|name| exact(&one[name]["value"]).abs());
            orders.insert(order(maker["maker_account"].as_str().unwrap(), one, gets, pays));
        }
    }
    orders
}

/// A document, and what is expected of it.
struct Case {
    name: String,
    document: Value,
    hash: Option<Value>,
    balances: Option<Value>,
    orders: Option<Value>,
}

/// Explains all documents of a file in one run and compares every part that is expected.
#[track_caller]
fn compare(file: &str, cases: &[Case]) {
    let input: String = cases.iter().map(|case| format!("{}\n", case.document)).collect();
    let run = explain(&["--lines"], &input);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    let mut tally: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (answer, case) in answers.iter().zip(cases) {
        assert_eq!(answer["format"], 1);
        let ours = balances(&answer["balance_changes"]);
        let parts = [
            ("hash", case.hash.as_ref().map(|hash| answer["hash"] == *hash)),
            ("balances", case.balances.as_ref().map(|want| ours == balances(want))),
            (
                "offers",
                case.orders.as_ref().map(|want| our_orders(&answer["offer_changes"]) == their_orders(want)),
            ),
        ];
        for (part, matches) in parts {
            let Some(matches) = matches else { continue };
            let (matched, total) = tally.entry(part).or_default();
            *total += 1;
            *matched += usize::from(matches);
            if !matches {
                println!(
                    "{file}, {}: {part}\n  ours {answer}\n  theirs {:?} {:?}",
                    case.name, case.balances, case.orders
                );
            }
        }
    }
    for (part, (matched, total)) in &tally {
        println!("{file}: {part} {matched}/{total}");
    }
    assert!(
        !tally.is_empty() && tally.values().all(|(matched, total)| matched == total),
        "{file}: {tally:?}"
    );
}

#[test]
fn complete_ledgers_of_2026_as_json_and_as_bytes() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(ledger) = text(&format!("ledgers/{name}.json")) else { return };
        let ledger: Value = serde_json::from_str(&ledger).unwrap();
        let expected: Vec<Value> =
            serde_json::from_str(&text(&format!("ledgers/{name}.expected.json")).unwrap()).unwrap();
        let rows = ledger["rows"].as_array().unwrap();
        assert_eq!(rows.len(), expected.len());
        let cases = |document: fn(&Value) -> Value| -> Vec<Case> {
            let case = |(row, want): (&Value, &Value)| Case {
                name: want["hash"].to_string(),
                document: document(row),
                hash: Some(want["hash"].clone()),
                balances: Some(want["balance_changes"].clone()),
                orders: Some(want["orderbook_changes"].clone()),
            };
            rows.iter().zip(&expected).map(case).collect()
        };
        compare(name, &cases(|row| json!({ "tx_json": row["tx_json"], "meta": row["meta"] })));
        compare(name, &cases(|row| json!({ "tx_blob": row["tx_blob"], "meta": row["meta_blob"] })));
    }
}

#[test]
fn metadata_of_2013_to_2022() {
    let file = "metadata/mainnet_meta_2013_2022.jsonl";
    let Some(text) = text(file) else { return };
    let case = |line: &str| {
        let case: Value = serde_json::from_str(line).unwrap();
        Case {
            name: case["i"].to_string(),
            document: case["meta"].clone(),
            hash: Some(Value::Null),
            balances: Some(case["expected_balance_changes"].clone()),
            orders: Some(case["expected_orderbook_changes"].clone()),
        }
    };
    compare(file, &text.lines().map(case).collect::<Vec<_>>());
}

#[test]
fn cases_of_three_reference_clients() {
    for file in ["transactionparser_cases", "xrpljs_balance_cases", "xrplpy_cases"] {
        let Some(text) = text(&format!("metadata/{file}.json")) else { return };
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        let case = |case: &Value| {
            let function = case["function"].as_str().unwrap();
            let want = |names: &[&str]| names.contains(&function).then(|| case["expected"].clone());
            Case {
                name: format!("{function} {}", case["case"]),
                document: case.get("metadata").or(case.get("input")).unwrap().clone(),
                hash: None,
                balances: want(&["parseBalanceChanges", "getBalanceChanges", "get_balance_changes"]),
                orders: want(&["parseOrderbookChanges", "get_order_book_changes"]),
            }
        };
        compare(file, &cases.iter().map(case).collect::<Vec<_>>());
    }
}

#[test]
fn cases_of_ripple_lib() {
    let Some(text) = text("metadata/ripple_lib_cases.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let case = |case: &Value| {
        let outcome = case["expected"].get("outcome").filter(|outcome| outcome.is_object())?;
        Some(Case {
            name: case["case"].to_string(),
            document: case["input"].clone(),
            hash: case["expected"].get("id").cloned(),
            balances: outcome.get("balanceChanges").cloned(),
            orders: outcome.get("orderbookChanges").cloned(),
        })
    };
    compare("ripple_lib_cases", &cases.iter().filter_map(case).collect::<Vec<_>>());
}

/// Compared on XRP and trust lines: these cases hold tokens too, whose changes are not balances here. Left out are those
/// of another network, and those which ask for escrows and channels to be counted as balances.
#[test]
fn cases_of_another_client() {
    let Some(text) = text("metadata/bithomp_cases.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let case = |case: &Value| {
        let args = case["args"].as_array().unwrap();
        let asks = |options: &Value| options.as_object().is_some_and(|map| map.values().any(|v| v == true));
        let plain = !args.get(3).is_some_and(asks);
        let foreign = args.contains(&json!("XAH"));
        let want = if case["function"] == "Models.parseBalanceChanges" {
            &case["expected"]
        } else {
            &case["expected"]["outcome"]["balanceChanges"]
        };
        (plain && !foreign && want.is_object()).then(|| Case {
            name: case["case"].to_string(),
            document: args[0].clone(),
            hash: case["expected"].get("id").cloned(),
            balances: Some(want.clone()),
            orders: case["expected"]["outcome"].get("orderbookChanges").cloned(),
        })
    };
    compare("bithomp_cases", &cases.iter().filter_map(case).collect::<Vec<_>>());
}

#[test]
fn answers_of_2024_and_rare_types_are_explained() {
    for name in ["87704323", "90150378"] {
        let Some(text) = text(&format!("ledgers/ledger_response_{name}.json")) else { return };
        let answer: Value = serde_json::from_str(&text).unwrap();
        let transactions = answer["ledger"]["transactions"].as_array().unwrap();
        let input: String = transactions.iter().map(|tx| format!("{tx}\n")).collect();
        let explained = explain(&["--lines"], &input).stdout;
        let hashes =
            explained.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["hash"].clone());
        assert!(hashes.eq(transactions.iter().map(|tx| tx["hash"].clone())));
        println!("ledger_response_{name}: explained {0}/{0}", transactions.len());
    }
    let Some(text) = text("metadata/mainnet_meta_rare_types.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let explained = explain(&["--lines"], &cases.iter().map(|case| format!("{case}\n")).collect::<String>());
    assert_eq!(explained.stdout.lines().count(), cases.len());
    println!("mainnet_meta_rare_types: explained {0}/{0}", cases.len());
}
