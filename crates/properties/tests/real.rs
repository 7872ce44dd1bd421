//! The engine's reading of real transactions of the main network, for everybody whom they touch, against what three
//! independent libraries read out of the same metadata (the expected values beside the data): balances, trades, and that a
//! bystander's change is explained by his trades to the digit.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use engine::proof::{Explained, explained};
use engine::{Asset, Identity, Liquidity, OwnTx, Side};
use ledger::{AccountId, Currency, Hash256, Object, TxMeta, fields as f, hex, tx_hash};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use units::{Exact, LedgerTime};

fn data(name: &str) -> Option<String> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("SKIPPED: {} is absent", path.display());
    }
    text
}

/// One transaction and what the libraries say of it.
struct Real {
    place: String,
    own: OwnTx,
    /// Sender and destination, where the transaction itself is there.
    ends: Option<[Option<AccountId>; 2]>,
    balances: Value,
    offers: Value,
}

fn of_ledger(name: &str) -> Option<Vec<Real>> {
    let ledger: Value = serde_json::from_str(&data(&format!("ledgers/{name}.json"))?).unwrap();
    let expected: Value = serde_json::from_str(&data(&format!("ledgers/{name}.expected.json"))?).unwrap();
    let bytes = |row: &Value, field: &str| hex::decode(row[field].as_str().unwrap()).unwrap();
    let rows = ledger["rows"].as_array().unwrap().iter();
    let all = rows.map(|row| {
        let (tx_blob, meta_blob) = (bytes(row, "tx_blob"), bytes(row, "meta_blob"));
        let hash = tx_hash(&tx_blob);
        let told = expected.as_array().unwrap().iter().find(|told| told["hash"] == hash.to_string()).unwrap();
        let tx = Object::from_bytes(&tx_blob).unwrap();
        Real {
            place: format!("{name} {hash}"),
            ends: Some([tx.account(f::ACCOUNT), tx.account(f::DESTINATION)]),
            own: OwnTx { hash, index: 0, tx_blob, meta_blob },
            balances: told["balance_changes"].clone(),
            offers: told["orderbook_changes"].clone(),
        }
    });
    Some(all.collect())
}

/// Metadata without its transaction: a transaction of somebody whom it does not touch stands for it.
fn of_metadata() -> Option<Vec<Real>> {
    let stranger = Object::new()
        .with(f::TRANSACTION_TYPE, ledger::TxType::OFFER_CREATE)
        .with(f::ACCOUNT, AccountId([1; 20]))
        .with(f::FEE, units::Drops::new(10).unwrap())
        .with(f::SEQUENCE, 1_u32)
        .to_bytes()
        .unwrap();
    let text = data("metadata/mainnet_meta_2013_2022.jsonl")?;
    let all = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let meta_blob = TxMeta::from_json(&line["meta"]).unwrap().to_bytes().unwrap();
        let own = OwnTx { hash: Hash256([7; 32]), index: 0, tx_blob: stranger.clone(), meta_blob };
        Real {
            place: format!("metadata {}", line["i"]),
            own,
            ends: None,
            balances: line["expected_balance_changes"].clone(),
            offers: line["expected_orderbook_changes"].clone(),
        }
    });
    Some(all.collect())
}

/// An issued currency, from somebody's side.
type Quote = (Currency, AccountId);

fn quote_of(amount: &Value) -> Option<Quote> {
    let currency = amount["currency"].as_str()?.parse::<Currency>().ok()?;
    let issuer = amount["counterparty"].as_str()?.parse::<AccountId>().ok()?;
    Some((currency, issuer))
}

/// By account: change of XRP, and of every line by its other side.
#[derive(Default)]
struct Expected {
    xrp: Exact,
    lines: BTreeMap<(Vec<u8>, AccountId), (Quote, Exact)>,
    /// Trades of his offers: sequence, the pair's issued side (none: no XRP in it), base, quote, side.
    trades: Vec<(u64, Option<Quote>, Exact, Exact, Side)>,
}

fn expected(real: &Real) -> BTreeMap<AccountId, Expected> {
    let mut by: BTreeMap<AccountId, Expected> = BTreeMap::new();
    let exact = |value: &Value| value.as_str().unwrap().parse::<Exact>().unwrap();
    for (account, list) in real.balances.as_object().unwrap() {
        let of = by.entry(account.parse().unwrap()).or_default();
        for change in list.as_array().unwrap() {
            match quote_of(change) {
                None => of.xrp = &of.xrp + &exact(&change["value"]),
                Some(quote) => {
                    of.lines.insert((quote.0.as_bytes().to_vec(), quote.1), (quote, exact(&change["value"])));
                }
            }
        }
    }
    for (account, list) in real.offers.as_object().unwrap() {
        let of = by.entry(account.parse().unwrap()).or_default();
        for change in list.as_array().unwrap() {
            if !matches!(change["status"].as_str(), Some("filled" | "partially-filled")) {
                continue;
            }
            let (quantity, total) = (&change["quantity"], &change["totalPrice"]);
            // A "buyer" of the quantity: his offer pays it in, and gives the total.
            let is_buyer = change["direction"] == "buy";
            let trade = match (quote_of(quantity), quote_of(total)) {
                (None, Some(quote)) => {
                    let side = if is_buyer { Side::Buy } else { Side::Sell };
                    (Some(quote), exact(&quantity["value"]), exact(&total["value"]), side)
                }
                (Some(quote), None) => {
                    let side = if is_buyer { Side::Sell } else { Side::Buy };
                    (Some(quote), exact(&total["value"]), exact(&quantity["value"]), side)
                }
                _ => (None, Exact::zero(), Exact::zero(), Side::Buy),
            };
            of.trades.push((change["sequence"].as_u64().unwrap(), trade.0, trade.1, trade.2, trade.3));
        }
    }
    by
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    transactions: u64,
    readings: u64,
    balances: u64,
    trades: u64,
    bystanders: u64,
}

fn compare(real: &Real, seen: &mut Seen) {
    seen.transactions += 1;
    for (account, expected) in expected(real) {
        let mut quotes: Vec<Quote> = expected.lines.values().map(|(quote, _)| *quote).collect();
        quotes.extend(expected.trades.iter().filter_map(|trade| trade.1));
        if quotes.is_empty() {
            quotes.push((Currency::RLUSD, AccountId([9; 20])));
        }
        let unique: BTreeMap<(Vec<u8>, AccountId), Quote> =
            quotes.into_iter().map(|quote| ((quote.0.as_bytes().to_vec(), quote.1), quote)).collect();
        for (key, quote) in &unique {
            let us = Identity { network_id: 0, account, quote_currency: quote.0, quote_issuer: quote.1 };
            let read = explained(&real.own, &us, LedgerTime(0), false)
                .unwrap_or_else(|why| panic!("{}: {account}: {why}", real.place));
            let line = expected.lines.get(key).map_or_else(Exact::zero, |(_, value)| value.clone());
            let place = format!("{} {account} {quote:?}\n{read:#?}", real.place);
            balances(&read, &expected.xrp, &line, &place);
            trades(&read, &expected, *quote, seen, &place);
            let is_end = real.ends.is_none_or(|ends| ends.contains(&Some(account)));
            if !is_end && unique.len() == 1 && expected.trades.iter().all(|trade| trade.1.is_some()) {
                bystander(&read, &expected, seen, &place);
            }
            seen.readings += 1;
            seen.balances += u64::from(!line.is_zero()) + u64::from(!expected.xrp.is_zero());
        }
    }
}

/// What changed is what the libraries say, and the causes sum up to it.
fn balances(read: &Explained, xrp: &Exact, line: &Exact, place: &str) {
    let changed = read
        .xrp
        .map_or_else(Exact::zero, |(before, after)| &Exact::from_drops(after) - &Exact::from_drops(before));
    assert_eq!(&changed, xrp, "XRP of {place}");
    let changed =
        read.rlusd.map_or_else(Exact::zero, |(before, after)| &Exact::from(after) - &Exact::from(before));
    // The libraries subtract with so many digits that nothing is lost.
    assert_eq!(&changed, line, "line of {place}");
    let sum = |wanted: Asset, unexplained: Exact| {
        let changes = read.changes.iter().filter(|(asset, ..)| *asset == wanted);
        changes.fold(unexplained, |sum, (_, amount, _)| &sum + amount)
    };
    assert_eq!(&sum(Asset::Xrp, Exact::from_drops(read.unexplained_xrp)), xrp, "causes of XRP of {place}");
    assert_eq!(&sum(Asset::Rlusd, read.unexplained_rlusd.clone()), line, "causes of the line of {place}");
}

/// Every trade of an offer of the pair is read, with its side and both legs.
fn trades(read: &Explained, expected: &Expected, quote: Quote, seen: &mut Seen, place: &str) {
    let mut told = BTreeSet::new();
    for (sequence, pair, base, quoted, side) in &expected.trades {
        if *pair != Some(quote) {
            continue;
        }
        let mine = read.trades.iter().find(|trade| u64::from(trade.sequence) == *sequence);
        let mine = mine.unwrap_or_else(|| panic!("offer {sequence} traded, and is not told: {place}"));
        let legs = (mine.side, mine.liquidity, Exact::from_drops(mine.base), mine.quote.clone());
        assert_eq!(
            legs,
            (*side, Liquidity::Maker, base.clone(), quoted.clone()),
            "offer {sequence} of {place}"
        );
        told.insert(mine.sequence);
        seen.trades += 1;
    }
}

/// Nobody's money moves by nothing: of him who only had offers there, each change is a trade.
fn bystander(read: &Explained, expected: &Expected, seen: &mut Seen, place: &str) {
    if expected.trades.is_empty() || expected.lines.len() > 1 {
        return;
    }
    assert!(read.unexplained_xrp.is_zero(), "unexplained XRP of {place}");
    // The issuer's fee on transfers is paid by who gives.
    let gives = expected.trades.iter().any(|trade| trade.4 == Side::Buy);
    let is_fee = gives && read.unexplained_rlusd.is_negative();
    assert!(read.unexplained_rlusd.is_zero() || is_fee, "unexplained quote of {place}");
    seen.bystanders += 1;
}

#[test]
fn whole_ledgers_of_2026() {
    let mut seen = Seen::default();
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(all) = of_ledger(name) else { return };
        all.iter().for_each(|real| compare(real, &mut seen));
    }
    println!("{seen:?}, 0 differences");
    assert!(seen.transactions == 495 && seen.trades > 0 && seen.bystanders > 0, "{seen:?}");
}

#[test]
fn metadata_of_nine_years() {
    let mut seen = Seen::default();
    let Some(all) = of_metadata() else { return };
    all.iter().for_each(|real| compare(real, &mut seen));
    println!("{seen:?}, 0 differences");
    assert!(seen.transactions > 1_700 && seen.trades > 20, "{seen:?}");
}

#[test]
fn a_wrong_reading_is_a_difference() {
    let Some(mut all) = of_ledger("104540000") else { return };
    let mut noticed = 0;
    for real in all.iter_mut().take(40) {
        let Some(list) = real.balances.as_object_mut().and_then(|by| by.values_mut().next()) else {
            continue;
        };
        let Some(first) = list.as_array_mut().and_then(|list| list.first_mut()) else { continue };
        let value: Exact = first["value"].as_str().unwrap().parse().unwrap();
        first["value"] = (&value + &"0.000001".parse::<Exact>().unwrap()).to_string().into();
        let real = &*real;
        let judged = std::panic::catch_unwind(|| compare(real, &mut Seen::default()));
        assert!(judged.is_err(), "{}: not noticed", real.place);
        noticed += 1;
    }
    assert!(noticed > 10);
}
