//! The real column counted again from the project's shared data: what `real.rs` says is what the ledgers show.

use super::real;
use csv::StringRecord;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if !path.exists() {
        eprintln!("SKIPPED: no {} beside the project", path.display());
        return None;
    }
    Some(path)
}

/// Rows as columns by name.
fn rows(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let mut reader = csv::Reader::from_path(data(name)?).unwrap();
    let names = reader.headers().unwrap().clone();
    let named =
        |row: StringRecord| names.iter().zip(&row).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    Some(reader.records().map(|row| named(row.unwrap())).collect())
}

/// Nearest ranks at 5, 50 and 95 %, and the mean.
fn spread(mut values: Vec<f64>) -> [f64; 4] {
    values.sort_by(f64::total_cmp);
    let rank = |q: f64| values[((q * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    [rank(0.05), rank(0.5), rank(0.95), values.iter().sum::<f64>() / values.len() as f64]
}

/// Equal to the digits that are written down.
fn same(name: &str, counted: &[f64], written: &[f64], step: f64) {
    assert_eq!(counted.len(), written.len(), "{name}: {counted:?}");
    for (c, w) in counted.iter().zip(written) {
        assert!((c - w).abs() <= step * 0.501, "{name}: counted {counted:?}, written {written:?}");
    }
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap()
}

#[test]
fn orders_are_as_counted() {
    let Some(rows) = rows("facts/xrp_rlusd_order_flow.csv") else { return };
    let mut ledgers: BTreeMap<&str, Vec<&BTreeMap<String, String>>> = BTreeMap::new();
    for row in &rows {
        ledgers.entry(&row["ledger_index"]).or_default().push(row);
    }
    assert_eq!((rows.len(), ledgers.len()), (real::TRANSACTIONS as usize, 14));
    same("a ledger", &spread(ledgers.values().map(|l| l.len() as f64).collect()), &real::PER_LEDGER, 0.1);

    let offers: Vec<_> = rows.iter().filter(|row| row["tx_type"] == "OfferCreate").collect();
    let sizes: Vec<f64> = offers.iter().map(|row| number(row, "rlusd")).collect();
    let sized = spread(sizes.clone());
    same("sizes", &sized[..1], &real::SIZES[..1], 0.01);
    same("sizes", &sized[1..], &real::SIZES[1..], 0.1);
    let mut bins = [0_u32; real::SIZE_BINS.len()];
    for size in &sizes {
        let n = (size.log10() * 2.0).floor() as i32;
        bins[usize::try_from((n + 2).max(0)).unwrap().min(bins.len() - 1)] += 1;
    }
    assert_eq!(bins, real::SIZE_BINS);

    let flag = |bit: u32| rows.iter().filter(|row| row["flags"].parse().unwrap_or(0_u32) & bit != 0).count();
    let of_offers =
        |bit: u32| offers.iter().filter(|row| row["flags"].parse().unwrap_or(0_u32) & bit != 0).count();
    let filled = |name: &str| rows.iter().filter(|row| !row[name].is_empty()).count();
    let kinds = BTreeMap::from([
        ("offers", offers.len()),
        ("payments", rows.len() - offers.len()),
        ("passive", of_offers(0x1_0000)),
        ("immediate", of_offers(0x2_0000)),
        ("fill_or_kill", of_offers(0x4_0000)),
        ("sell", flag(0x8_0000)),
        ("tickets", rows.iter().filter(|row| row["sequence"].starts_with("ticket")).count()),
        ("expirations", filled("expiration")),
        ("replacing", filled("replaces_sequence")),
    ]);
    assert_eq!(kinds, real::KINDS.into_iter().map(|(name, count)| (name, count as usize)).collect());
    for (result, count) in real::RESULTS {
        assert_eq!(rows.iter().filter(|row| row["result"] == result).count(), count as usize, "{result}");
    }

    let mut spreads: Vec<f64> = ledgers.values().filter_map(|ledger| spread_bps(ledger)).collect();
    spreads.sort_by(f64::total_cmp);
    same("spreads", &spreads, &real::SPREADS_BPS, 0.1);
    same("spread", &spread(spreads), &real::SPREAD_BPS, 0.1);
}

/// Lowest ask placed over highest bid placed in one ledger, in bps.
fn spread_bps(ledger: &[&BTreeMap<String, String>]) -> Option<f64> {
    let placed = |side: &str| -> Vec<f64> {
        let rests = |row: &&&BTreeMap<String, String>| row["side"] == side && row["offer_placed"] == "1";
        ledger.iter().filter(rests).map(|row| number(row, "limit_price")).collect()
    };
    let bid = placed("buy_xrp").into_iter().max_by(f64::total_cmp)?;
    let ask = placed("sell_xrp").into_iter().min_by(f64::total_cmp)?;
    Some((ask / bid - 1.0) * 10_000.0)
}

#[test]
fn fills_and_lives_are_as_counted() {
    let Some(rows) = rows("facts/xrp_rlusd_fills.csv") else { return };
    let sized = spread(rows.iter().map(|row| number(row, "rlusd")).collect());
    same("fills", &sized[..2], &real::FILL_SIZES[..2], 0.01);
    same("fills", &sized[2..], &real::FILL_SIZES[2..], 0.1);
    let with_fills: std::collections::BTreeSet<_> = rows.iter().map(|row| &row["ledger_index"]).collect();
    same(
        "a ledger",
        &[rows.len() as f64 / 4.0, with_fills.len() as f64 / 4.0],
        &[real::FILLS.0, real::FILLS.1],
        0.1,
    );

    let mut lives = Vec::new();
    for index in [104_540_000, 104_550_000, 104_552_050, 104_552_600] {
        let Some(path) = data(&format!("ledgers/{index}.json")) else { return };
        let ledger: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        deleted_offers(&ledger, &mut |last_touched| lives.push(f64::from(index) - last_touched));
    }
    assert_eq!(lives.len(), 64);
    same("lives", &spread(lives), &real::LIFETIMES, 0.1);
}

/// The last ledger that touched each offer of our pair that a document's metadata deletes, at any depth.
fn deleted_offers(value: &Value, each: &mut impl FnMut(f64)) {
    if let Value::Object(fields) = value
        && let Some(node) = fields.get("DeletedNode").filter(|node| node["LedgerEntryType"] == "Offer")
    {
        let last = &node["FinalFields"];
        let of_pair = |paid: &str, got: &str| {
            last[paid].is_string() && last[got]["currency"] == "524C555344000000000000000000000000000000"
        };
        if of_pair("TakerPays", "TakerGets") || of_pair("TakerGets", "TakerPays") {
            each(last["PreviousTxnLgrSeq"].as_f64().unwrap());
        }
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|inner| deleted_offers(inner, each)),
        Value::Array(items) => items.iter().for_each(|inner| deleted_offers(inner, each)),
        _ => {}
    }
}
