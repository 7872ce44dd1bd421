//! Every request in the documentation of the public API (its examples, 150 documents) is understood: what it asks for is
//! mostly not on our ledger, and is then not found, never malformed, unknown or an internal error.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::collections::BTreeMap;

use common::{manual, pipe, spec};
use serde_json::{Map, Value};
use server::EmbeddedLedger;
use sim::world::MarketSpec;

/// What an example may be answered with, beside success.
const FITTING: [&str; 13] = [
    "actNotFound",
    "entryNotFound",
    // The documentation's account_tx and book_changes examples name ledgers of the main network.
    "lgrIdxMalformed",
    "lgrNotFound",
    // Path searches, signing, NFTs: refused in the server's words.
    "notSupported",
    "srcActNotFound",
    "txnNotFound",
    "wrongNetwork",
    // Blobs of the main network of long ago: no NetworkID, other formats.
    "invalidTransaction",
    "objectNotFound",
    "notYetImplemented",
    "transactionNotFound",
    "noPermission",
];

#[tokio::test]
async fn documented_requests_are_understood() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rpc/xrpl_org_examples.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: no examples at {path}");
        return;
    };
    let examples: Vec<Value> = serde_json::from_str(&text).unwrap();
    let server = manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap());
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for example in &examples {
        let Some((command, params)) = request(&example["json"], example["method"].as_str().unwrap()) else {
            continue;
        };
        let mut connection = pipe(&server).await;
        let told = match connection.request(&command, Value::Object(params.clone())).await {
            Ok(_) => "success".to_owned(),
            Err(client::ClientError::Refused { error, .. }) => {
                assert!(FITTING.contains(&error.as_str()), "{command} {params:?}: {error}");
                error
            }
            Err(other) => panic!("{command}: {other}"),
        };
        *answers.entry(told).or_default() += 1;
    }
    println!("{answers:?}");
    assert!(answers.values().sum::<usize>() > 60, "{answers:?}");
}

/// An example's command and parameters, whichever way it is written; `None` for an example of an answer.
fn request(json: &Value, method: &str) -> Option<(String, Map<String, Value>)> {
    let fields = json.as_object()?;
    let params = match (fields.get("command"), fields.get("method"), fields.get("params")) {
        (Some(_), ..) => fields.clone(),
        (None, Some(_), Some(params)) => params.get(0)?.as_object()?.clone(),
        (None, Some(_), None) => Map::new(),
        _ => return None,
    };
    let envelope = ["command", "id", "api_version"];
    Some((
        method.to_owned(),
        params.into_iter().filter(|(name, _)| !envelope.contains(&name.as_str())).collect(),
    ))
}
