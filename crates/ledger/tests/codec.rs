//! The codec against the published reference cases and real ledgers: byte-identical both ways, refusals refused.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use ledger::Object;
use ledger::hash::sha512_half;
use serde_json::{Map, Value};

/// Without the keys that have no binary form, recursively.
fn plain(json: &Value) -> Value {
    const DERIVED: [&str; 3] = ["hash", "index", "ledger_index"];
    match json {
        Value::Object(map) => {
            let kept = map.iter().filter(|(k, _)| !DERIVED.contains(&k.as_str()));
            Value::Object(kept.map(|(k, v)| (k.clone(), plain(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn check(case: &Value) -> Result<(), String> {
    let hex = case["hex"].as_str().unwrap();
    let read = Object::from_api_json(&case["json"]);
    let encoded =
        |object: &Object| object.to_bytes().map(|b| ledger::hex::encode(&b)).map_err(|e| e.to_string());
    let decode = || Object::from_hex(hex).map_err(|e| format!("decode: {e}"));
    match case["kind"].as_str().unwrap() {
        "err" => match read.and_then(|object| object.to_bytes()) {
            Ok(_) => Err("accepted".to_owned()),
            Err(_) => Ok(()),
        },
        "enc" => {
            let bytes = encoded(&read.map_err(|e| e.to_string())?)?;
            if bytes == hex { Ok(()) } else { Err(format!("encodes to {bytes}")) }
        }
        "dec" => {
            let (got, want) = (decode()?.to_json(), plain(&case["json"]));
            if got == want { Ok(()) } else { Err(format!("decodes to {got}")) }
        }
        "dec2" | "recycle" => {
            let bytes = encoded(&Object::from_json(&decode()?.to_json()).map_err(|e| e.to_string())?)?;
            if bytes == hex { Ok(()) } else { Err(format!("comes back as {bytes}")) }
        }
        other => Err(format!("unknown kind {other}")),
    }
}

#[test]
fn every_published_case() {
    let Some(cases) = common::json("codec/codec_cases_1806.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    let mut wrong = 0;
    for (i, case) in cases.iter().enumerate() {
        if let Err(why) = check(case) {
            wrong += 1;
            if wrong <= 20 {
                println!(
                    "case {i} {} {}: {why}\n   {}\n   {}",
                    case["src"], case["kind"], case["json"], case["hex"]
                );
            }
        }
    }
    println!("codec_cases_1806.json: {}/{}", cases.len() - wrong, cases.len());
    assert_eq!(wrong, 0);
}

#[test]
fn every_blob_of_real_ledgers_comes_back_to_the_same_bytes() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(ledger) = common::json(&format!("ledgers/{name}.json")) else {
            return;
        };
        let transactions = ledger["rows"].as_array().unwrap();
        let mut blobs = 0;
        for tx in transactions {
            for (blob, shown) in [("tx_blob", "tx_json"), ("meta_blob", "meta")] {
                let hex = tx[blob].as_str().unwrap();
                let object = Object::from_hex(hex).unwrap();
                assert_eq!(ledger::hex::encode(&object.to_bytes().unwrap()), hex.to_uppercase());
                let read = Object::from_api_json(&tx[shown]).unwrap();
                assert_eq!(read, object, "{shown} of {}", tx["hash"]);
                assert_eq!(Object::from_json(&object.to_json()).unwrap(), object);
                blobs += 1;
            }
            let bytes = ledger::hex::decode(tx["tx_blob"].as_str().unwrap()).unwrap();
            let hash = sha512_half(&[&[0x54, 0x58, 0x4E, 0x00], &bytes]);
            assert_eq!(hash.to_string(), tx["hash"].as_str().unwrap());
        }
        println!("{name}.json: {blobs}/{blobs} blobs");
    }
}
