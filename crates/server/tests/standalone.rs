//! What a standalone server's administrator can do, who is one, and what its amendments and own entries say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use client::{ClientError, Connection};
use common::{manual, pair, pipe, spec, wallet};
use serde_json::{Value, json};
use server::{CloseMode, EmbeddedLedger, LedgerServer, limits};
use sim::world::MarketSpec;

fn ledger(market: MarketSpec) -> EmbeddedLedger {
    EmbeddedLedger::in_memory(spec(3, market)).unwrap()
}

/// The result, or the error's name.
async fn ask(connection: &mut Connection, command: &str, params: Value) -> Result<Value, String> {
    match connection.request(command, params).await {
        Ok(result) => Ok(result),
        Err(ClientError::Refused { error, .. }) => Err(error),
        Err(other) => panic!("{command}: {other}"),
    }
}

#[tokio::test]
async fn a_local_client_of_a_standalone_server_is_its_administrator() {
    let server = manual(ledger(MarketSpec::None));
    let mut local = common::tcp(&server).await;
    let wallet = ask(&mut local, "wallet_propose", json!({"key_type": "ed25519"})).await.unwrap();
    assert!(wallet["account_id"].as_str().unwrap().starts_with('r') && wallet["key_type"] == "ed25519");
    let whole = json!({"ledger_index": "validated", "full": true});
    let whole = ask(&mut local, "ledger", whole).await.unwrap();
    let count = server.with_ledger(|ledger| ledger.world().all_entries(sim::world::At::Validated).count());
    let state = whole["ledger"]["accountState"].as_array().unwrap();
    assert!(state.len() == count && state.iter().all(|entry| entry["LedgerEntryType"].is_string()));
    let indexes =
        ask(&mut local, "ledger", json!({"ledger_index": "current", "accounts": true})).await.unwrap();
    assert!(indexes["ledger"]["accountState"].as_array().unwrap().iter().all(Value::is_string));
    assert_eq!(ask(&mut local, "peers", json!({})).await.unwrap()["peers"], json!([]));
    assert_eq!(ask(&mut local, "validation_create", json!({})).await, Err("notSupported".to_owned()));
    let checks = ask(&mut local, "feature", json!({"feature": "Checks"})).await.unwrap();
    assert_eq!(checks.as_object().unwrap().values().next().unwrap()["vetoed"], true);
    assert!(ask(&mut local, "ledger_accept", json!({})).await.is_ok());
    // The server goes once that is answered.
    let stop = ask(&mut local, "stop", json!({})).await.unwrap();
    assert_eq!(stop, json!({"message": "ripple server stopping"}));
    tokio::time::timeout(Duration::from_secs(5), server.asked_to_stop()).await.unwrap();
    assert!(local.server_info().await.is_err());
}

#[tokio::test]
async fn nobody_else_is() {
    let clock = LedgerServer::new(ledger(MarketSpec::None), CloseMode::Clock);
    let manual = manual(ledger(MarketSpec::None));
    for mut connection in [common::tcp(&clock).await, pipe(&manual).await] {
        for command in ["stop", "wallet_propose", "validation_create", "peers", "consensus_info"] {
            assert_eq!(
                ask(&mut connection, command, json!({})).await,
                Err("forbidden".to_owned()),
                "{command}"
            );
        }
        let whole = json!({"ledger_index": "validated", "accounts": true});
        assert_eq!(ask(&mut connection, "ledger", whole).await, Err("noPermission".to_owned()));
        let vetoed = json!({"feature": "AMM", "vetoed": true});
        assert_eq!(ask(&mut connection, "feature", vetoed).await, Err("noPermission".to_owned()));
    }
}

#[tokio::test]
async fn amendments_are_those_the_ledger_holds() {
    let server = manual(ledger(MarketSpec::None));
    let mut connection = pipe(&server).await;
    let features = ask(&mut connection, "feature", json!({})).await.unwrap()["features"].clone();
    let features = features.as_object().unwrap();
    let entry = json!({"amendments": true, "ledger_index": "validated"});
    let entry = ask(&mut connection, "ledger_entry", entry).await.unwrap()["node"].clone();
    let held: BTreeSet<&str> =
        entry["Amendments"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    for (id, about) in features {
        assert_eq!(
            (about["enabled"].as_bool(), about.get("vetoed")),
            (Some(held.contains(id.as_str())), None)
        );
        for asked in [id.as_str(), &id.to_lowercase(), about["name"].as_str().unwrap()] {
            let one = ask(&mut connection, "feature", json!({"feature": asked})).await.unwrap();
            assert_eq!(one, json!({ id: about }));
        }
    }
    let named: Vec<&str> = features.values().map(|about| about["name"].as_str().unwrap()).collect();
    assert!(
        ["AMM", "Clawback", "AMMClawback", "XRPFees", "fixAMMv1_3"].iter().all(|name| named.contains(name))
    );
    assert!(features.len() == 78 && held.len() > 40, "{} {}", features.len(), held.len());
    for (asked, error) in
        [(json!("NoSuch"), "badFeature"), (json!("00"), "badFeature"), (json!(1), "invalidParams")]
    {
        assert_eq!(ask(&mut connection, "feature", json!({"feature": asked})).await, Err(error.to_owned()));
    }
}

#[tokio::test]
async fn fees_and_hashes_stand_in_the_ledger() {
    let server = manual(ledger(MarketSpec::None));
    let mut connection = pipe(&server).await;
    let fees = json!({"fee": true, "ledger_index": "validated"});
    let fees = ask(&mut connection, "ledger_entry", fees).await.unwrap()["node"].clone();
    let info =
        ask(&mut connection, "server_state", json!({})).await.unwrap()["state"]["validated_ledger"].clone();
    for (field, shown) in [
        ("BaseFeeDrops", "base_fee"),
        ("ReserveBaseDrops", "reserve_base"),
        ("ReserveIncrementDrops", "reserve_inc"),
    ] {
        assert_eq!(fees[field], info[shown].to_string(), "{field}");
    }
    server.close_ledger().unwrap();
    let header = server.with_ledger(|ledger| *ledger.header());
    let hashes = json!({"hashes": true, "ledger_index": "validated"});
    let hashes = ask(&mut connection, "ledger_entry", hashes).await.unwrap()["node"].clone();
    assert_eq!(hashes["LastLedgerSequence"], header.ledger_index.get() - 1);
    assert_eq!(hashes["Hashes"].as_array().unwrap().last().unwrap(), &json!(header.parent_hash.to_string()));
    for (wrong, error) in [
        (json!({"fee": false}), "invalidParams"),
        (json!({"fee": "x"}), "malformedRequest"),
        (json!({"nunl": true}), "entryNotFound"),
        (json!({"hashes": 1}), "entryNotFound"),
        (json!({"fee": fees["index"], "amendments": true}), "invalidParams"),
        (json!({"amendments": fees["index"]}), "unexpectedLedgerType"),
    ] {
        assert_eq!(
            ask(&mut connection, "ledger_entry", wrong.clone()).await,
            Err(error.to_owned()),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn errors_about_pools_name_the_ledger() {
    let server = manual(ledger(MarketSpec::Synthetic));
    let (wallet, rlusd) = (wallet().account().to_string(), serde_json::to_value(pair().1).unwrap());
    let (xrp, nobody) = (json!({"currency": "XRP"}), ledger::AccountId::ONE.to_string());
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("ws://{}", listening.address());
    tokio::spawn(listening.run());
    let mut socket = tokio_tungstenite::connect_async(url).await.unwrap().0;
    let cases = [
        (json!({}), "invalidParams"),
        (json!({"asset": xrp}), "invalidParams"),
        (json!({"asset": xrp, "asset2": rlusd, "amm_account": wallet}), "invalidParams"),
        (json!({"asset": xrp, "asset2": "RLUSD"}), "issueMalformed"),
        (json!({"asset": xrp, "asset2": {"currency": "USD", "issuer": wallet}}), "actNotFound"),
        (json!({"asset": xrp, "asset2": rlusd, "account": "x"}), "actMalformed"),
        (json!({"asset": xrp, "asset2": rlusd, "account": nobody}), "actMalformed"),
        (json!({"amm_account": "x"}), "actMalformed"),
        (json!({"amm_account": nobody}), "actMalformed"),
        (json!({"amm_account": wallet}), "actNotFound"),
    ];
    for (mut request, error) in cases {
        use futures_util::{SinkExt, StreamExt};
        request["command"] = "amm_info".into();
        request["ledger_index"] = "validated".into();
        socket.send(request.to_string().into()).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
        assert_eq!(answer["error"], error, "{request}");
        assert!(answer["ledger_hash"].is_string() && answer["validated"] == true, "{answer}");
    }
}

#[tokio::test]
async fn history_is_bounded_and_says_so() {
    let mut ledger = ledger(MarketSpec::None);
    ledger.keep_ledgers(limits::HISTORY_LEDGERS_MIN);
    let server = manual(ledger);
    let first = server.with_ledger(|ledger| ledger.first_ledger().get());
    for _ in 0..3 * limits::HISTORY_LEDGERS_MIN {
        server.close_ledger().unwrap();
    }
    let (from, last) =
        server.with_ledger(|ledger| (ledger.first_ledger().get(), ledger.header().ledger_index.get()));
    let kept = last - from + 1;
    assert!(
        from > first && (limits::HISTORY_LEDGERS_MIN..=limits::HISTORY_LEDGERS_MIN * 9 / 8).contains(&kept)
    );
    let mut connection = pipe(&server).await;
    let info = ask(&mut connection, "server_info", json!({})).await.unwrap();
    assert_eq!(info["info"]["complete_ledgers"], format!("{from}-{last}"));
    assert!(ask(&mut connection, "ledger", json!({"ledger_index": from})).await.is_ok());
    let gone = ask(&mut connection, "ledger", json!({"ledger_index": from - 1})).await;
    assert_eq!(gone, Err("lgrNotFound".to_owned()));
}
