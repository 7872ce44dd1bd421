//! Damaged and arbitrary input: every door gives `Ok` or `Err`, and what decodes encodes to the same bytes.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use ledger::meta;
use ledger::object::Number;
use ledger::{
    AccountId, Amount, Currency, FieldId, Hash256, Object, ResultCode, Seed, TxMeta, TxRecord, TxType,
    XAddress, hex,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value as Json};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What holds for any bytes.
fn bytes_hold(bytes: &[u8]) {
    if let Ok(object) = Object::from_bytes(bytes) {
        assert_eq!(object.to_bytes().unwrap(), bytes);
        object.to_signing_bytes().unwrap();
        assert_eq!(Object::from_json(&object.to_json()).unwrap(), object, "{}", hex::encode(bytes));
        let _ = ledger::verify(&object);
        let _ = ledger::Transaction::from_object(&object);
    }
    meta_holds(TxMeta::from_bytes(bytes).ok());
}

fn meta_holds(meta: Option<TxMeta>) {
    if let Some(meta) = meta {
        ledger::balance_changes(&meta);
        ledger::offer_changes(&meta, None, None);
        meta::holding_changes(&meta);
        meta::pool_changes(&meta).iter().for_each(|pool| _ = pool.implied_fee());
        meta::mpt_changes(&meta).iter().for_each(|change| _ = (change.change(), change.locked_change()));
        meta::escrow_changes(&meta);
        meta::channel_changes(&meta);
        meta::created_entries(&meta);
        meta.to_json();
    }
}

/// What holds for any document.
fn document_holds(json: &Json) {
    for object in [Object::from_json(json), Object::from_api_json(json)].into_iter().flatten() {
        if let Ok(bytes) = object.to_bytes() {
            assert_eq!(Object::from_bytes(&bytes).unwrap(), object);
        }
    }
    let _ = Object::from_api_json_lenient(json);
    meta_holds(TxMeta::from_json_lenient(json).ok().map(|(meta, _)| meta));
    let _ = Amount::from_json(json);
    if let Ok(record) = TxRecord::read(json) {
        let _ = (record.fee_paid(), record.delivered(), record.offer_changes());
    }
}

fn name() -> impl Strategy<Value = String> {
    let fields: Vec<String> = (1..27)
        .flat_map(|t| (1..260).filter_map(move |n| FieldId::by_code(t, n)))
        .map(|field| field.name().to_owned())
        .collect();
    let others = [
        "meta",
        "tx_json",
        "tx",
        "tx_blob",
        "hash",
        "type",
        "currency",
        "issuer",
        "value",
        "mpt_issuance_id",
        "delivered_amount",
        "result",
        "x",
    ];
    prop_oneof![9 => prop::sample::select(fields), 1 => prop::sample::select(others.to_vec()).prop_map(str::to_owned)]
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<i64>().prop_map(Json::from),
        (0_u32..300).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(Json::Null),
        "\\PC{0,20}".prop_map(Json::from),
        "[0-9A-Fa-f]{0,70}".prop_map(Json::from),
        "-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,4})?".prop_map(Json::from),
        Just(Json::from("rrrrrrrrrrrrrrrrrrrrBZbvji")),
        Just(Json::from("XRP")),
        Just(Json::from("USD")),
    ]
}

fn document() -> impl Strategy<Value = Json> {
    let map = |values: Vec<(String, Json)>| Json::Object(values.into_iter().collect::<Map<_, _>>());
    scalar().prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            prop::collection::vec((name(), inner), 0..8).prop_map(map),
        ]
    })
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        bytes_hold(&bytes);
    }

    #[test]
    fn any_document(json in document()) {
        document_holds(&json);
    }

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        let _ = text.parse::<AccountId>();
        let _ = text.parse::<XAddress>();
        let _ = text.parse::<Hash256>();
        let _ = text.parse::<Currency>();
        let _ = text.parse::<Seed>();
        let _ = text.parse::<Number>();
        let _ = text.parse::<TxType>();
        let _ = text.parse::<ResultCode>();
        let _ = Object::from_hex(&text);
        let _ = TxRecord::read(&Json::from(text.as_str()));
        let _ = hex::decode(&text);
    }

    #[test]
    fn identifiers_round_trip(account in any::<[u8; 20]>(), tag in any::<Option<u32>>(), test_network in any::<bool>()) {
        let account = AccountId(account);
        prop_assert_eq!(account.to_string().parse::<AccountId>().unwrap(), account);
        let x = XAddress { account, tag, test_network };
        prop_assert_eq!(x.to_string().parse::<XAddress>().unwrap(), x);
        let currency = Currency(account.0);
        prop_assert_eq!(currency.to_string().parse::<Currency>().unwrap(), currency);
    }

    #[test]
    fn numbers_round_trip(mantissa in any::<i64>(), exponent in -200_i32..200) {
        let text = format!("{mantissa}e{exponent}");
        let number: Number = text.parse().unwrap();
        prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
    }
}

#[test]
fn every_byte_of_500_real_blobs_flipped() {
    let mut blobs = Vec::new();
    for key in ["tx_blob", "meta_blob"] {
        for name in ["104540000", "104550000", "104552050", "104552600"] {
            let Some(ledger) = common::json(&format!("ledgers/{name}.json")) else {
                return;
            };
            let rows = ledger["rows"].as_array().unwrap();
            blobs.extend(rows.iter().map(|row| hex::decode(row[key].as_str().unwrap()).unwrap()));
        }
    }
    blobs.truncate(500);
    assert_eq!(blobs.len(), 500);
    let [mut tried, mut read] = [0_u32; 2];
    for (n, blob) in blobs.iter_mut().enumerate() {
        for i in 0..blob.len() {
            let bit = 1_u8 << ((n + i) % 8);
            blob[i] ^= bit;
            tried += 1;
            if let Ok(object) = Object::from_bytes(blob) {
                read += 1;
                assert_eq!(object.to_bytes().unwrap(), *blob);
                assert_eq!(Object::from_json(&object.to_json()).unwrap(), object, "{}", hex::encode(blob));
            }
            blob[i] ^= bit;
        }
        assert!(Object::from_bytes(&blob[..blob.len() - 1]).is_err());
    }
    println!("{tried} damaged blobs, {read} of them still an object that comes back to the same bytes");
}
