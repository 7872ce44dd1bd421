//! Nodes that lag, lie, lack history, are of another network, are down, or disagree.

use serde_json::{Value, json};
use std::net::SocketAddr;

use crate::common::wallet;
use crate::plain::{End, Plain, ledgers, newest, sequence, start, start_with, struck};

fn account_info() -> Value {
    json!({"command": "account_info", "account": wallet().account().to_string(), "ledger_index": "validated"})
}

#[tokio::test]
async fn a_server_of_another_network() {
    let (server, address, _) = start("{fault: other_network, network_id: 21337}").await;
    let mut plain = Plain::connect(address).await;
    let begin = plain.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    assert_eq!(begin["result"]["network_id"], 21_337);
    let info = plain.ask(json!({"command": "server_info"})).await;
    assert_eq!(info["result"]["info"]["network_id"], 21_337);
    server.close_ledger().unwrap();
    assert_eq!(plain.all().await[0]["network_id"], 21_337);
}

/// What it takes of a transaction that names this network, another one, or none; and that none of it comes to this
/// network (rule and codes: documentation of `NetworkID`).
#[tokio::test]
async fn a_server_of_another_network_holds_transactions_to_its_own_rule() {
    for (id, ours, theirs, none) in [
        (21_337, "telWRONG_NETWORK", "tesSUCCESS", "telREQUIRES_NETWORK_ID"),
        (1, "telNETWORK_ID_MAKES_TX_NON_CANONICAL", "telNETWORK_ID_MAKES_TX_NON_CANONICAL", "tesSUCCESS"),
    ] {
        let (server, address, _) = start(&format!("{{fault: other_network, network_id: {id}}}")).await;
        let mut plain = Plain::connect(address).await;
        let number = sequence(&server);
        for (named, wanted) in [(Some(sim::identity::NETWORK_ID), ours), (Some(id), theirs), (None, none)] {
            let mut tx = crate::common::resting_offer_tx(number, 1);
            tx.network_id = named;
            let signed = ledger::sign(&tx, &wallet()).unwrap();
            let ask = json!({"command": "submit", "tx_blob": signed.blob_hex(), "api_version": 2});
            let answer = plain.ask(ask).await["result"].take();
            assert_eq!(answer["engine_result"], wanted, "network {id}, NetworkID {named:?}");
        }
        let dry = json!({"TransactionType": "AccountSet", "Account": wallet().account().to_string(),
            "NetworkID": sim::identity::NETWORK_ID});
        let dry = plain.ask(json!({"command": "simulate", "tx_json": dry})).await["result"].take();
        assert_ne!(dry["engine_result"], "tesSUCCESS", "{dry}");
        server.close_ledger().unwrap();
        server.close_ledger().unwrap();
        assert_eq!(sequence(&server), number, "nothing of it came to this network");
        assert!(struck(&server).iter().all(|kind| *kind == "other_network"));
    }
}

#[tokio::test]
async fn a_server_that_lacks_an_amendment() {
    let (_server, address, _) = start("{fault: amendment_blocked}").await;
    let mut plain = Plain::connect(address).await;
    let info = plain.ask(json!({"command": "server_info"})).await["result"]["info"].take();
    assert_eq!((&info["amendment_blocked"], &info["warnings"][0]["id"]), (&json!(true), &json!(1002)));
    assert_eq!(plain.ask(account_info()).await["status"], "success");
    assert_eq!(plain.ask(json!({"command": "fee"})).await["error"], "amendmentBlocked");
}

#[tokio::test]
async fn a_server_without_a_ledger_yet() {
    let (server, address, base) = start("{fault: restarting, to_ledger: BASE}").await;
    let mut plain = Plain::connect(address).await;
    let begin = plain.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    assert!(
        begin["result"].get("ledger_index").is_none() && begin["result"].get("validated_ledgers").is_none()
    );
    let info = plain.ask(json!({"command": "server_info"})).await["result"]["info"].take();
    assert_eq!((&info["complete_ledgers"], &info["server_state"]), (&json!("empty"), &json!("connected")));
    assert!(info.get("validated_ledger").is_none());
    assert_eq!(plain.ask(account_info()).await["error"], "noNetwork");
    server.close_ledger().unwrap();
    assert_eq!(ledgers(&plain.all().await, base), [1]);
    assert_eq!(plain.ask(account_info()).await["status"], "success");
}

#[tokio::test]
async fn a_gap_in_the_history() {
    let server = crate::common::manual(
        server::EmbeddedLedger::in_memory(crate::common::spec(1, sim::world::MarketSpec::None)).unwrap(),
    );
    let base = newest(&server);
    let script = format!("faults: [{{fault: history_gap, first: {}, last: {}}}]", base + 2, base + 3);
    server.set_faults(server::FaultScript::from_yaml(&script).unwrap());
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listening.address();
    tokio::spawn(listening.run());
    let mut plain = Plain::connect(address).await;
    let mut hashes = Vec::new();
    for _ in 0..4 {
        hashes.push(plain.submit(sequence(&server)).await["tx_json"]["hash"].as_str().unwrap().to_owned());
        server.close_ledger().unwrap();
    }
    let info = plain.ask(json!({"command": "server_info"})).await;
    let shown = format!("{base}-{},{}-{}", base + 1, base + 4, base + 4);
    assert_eq!(info["result"]["info"]["complete_ledgers"], shown);
    let all = json!({"command": "account_tx", "account": wallet().account().to_string(), "forward": true,
        "ledger_index_min": base + 1, "ledger_index_max": base + 4, "api_version": 2});
    let answer = plain.ask(all).await;
    let told: Vec<&str> = answer["result"]["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tx| tx["hash"].as_str().unwrap())
        .collect();
    assert_eq!(told, [&hashes[0], &hashes[3]]);
    let mut tx = json!({"command": "tx", "transaction": hashes[1], "api_version": 2});
    assert_eq!(plain.ask(tx.clone()).await["error"], "txnNotFound");
    (tx["min_ledger"], tx["max_ledger"]) = (json!(base + 1), json!(base + 4));
    assert_eq!(plain.ask(tx.clone()).await["searched_all"], false);
    tx["transaction"] = json!("AB".repeat(32));
    assert_eq!(plain.ask(tx.clone()).await["searched_all"], false);
    tx["max_ledger"] = json!(base + 1);
    assert_eq!(plain.ask(tx).await["searched_all"], true);
    assert_eq!(
        plain.ask(json!({"command": "ledger", "ledger_index": base + 2})).await["error"],
        "lgrNotFound"
    );
    assert_eq!(plain.ask(json!({"command": "ledger", "ledger_index": base + 1})).await["status"], "success");
}

#[tokio::test]
async fn lies_by_table() {
    for lie in ["balance", "result", "metadata"] {
        let (server, address, _) = start(&format!("{{fault: lying_node, lie: {lie}, connection: 1}}")).await;
        let (mut lied_to, mut plain) = (Plain::connect(address).await, Plain::connect(address).await);
        for one in [&mut lied_to, &mut plain] {
            one.ask(json!({"command": "subscribe", "streams": ["transactions"], "api_version": 2})).await;
        }
        plain.submit(sequence(&server)).await;
        server.close_ledger().unwrap();
        let (told, truth) = (lied_to.all().await.remove(0), plain.all().await.remove(0));
        let balance = |message: &Value| {
            let nodes = message["meta"]["AffectedNodes"].as_array().unwrap();
            let roots = nodes.iter().filter_map(|node| {
                node["ModifiedNode"]["FinalFields"]["Balance"].as_str()?.parse::<u64>().ok()
            });
            roots.sum::<u64>()
        };
        let owned =
            |answer: Value| answer["result"]["account_data"]["Balance"].as_str().unwrap().parse::<u64>();
        let (lied, owned) =
            (owned(lied_to.ask(account_info()).await), owned(plain.ask(account_info()).await));
        let more = |is: bool| if is { 1_000_000 } else { 0 };
        assert_eq!(lied.unwrap(), owned.unwrap() + more(lie == "balance"), "{lie}");
        assert_eq!(balance(&told), balance(&truth) + more(lie == "metadata"), "{lie}");
        let result = if lie == "result" { "tecKILLED" } else { "tesSUCCESS" };
        assert_eq!(
            (&told["meta"]["TransactionResult"], &told["engine_result"]),
            (&json!(result), &json!(result))
        );
        assert_eq!(told["hash"], truth["hash"]);
        assert_eq!(struck(&server), ["lying_node"]);
    }
}

#[tokio::test]
async fn a_node_that_lags_shows_the_same_ledger_for_ever() {
    let faults = "{fault: stale_node, connection: 1, from_ledger: 20, to_ledger: 23}";
    let (server, address, base) = start(faults).await;
    let (mut stale, mut plain) = (Plain::connect(address).await, Plain::connect(address).await);
    for one in [&mut stale, &mut plain] {
        one.ask(json!({"command": "subscribe", "streams": ["ledger", "transactions"]})).await;
    }
    let close_to = |ledger: u32| {
        while newest(&server) < ledger {
            server.close_ledger().unwrap();
        }
    };
    close_to(20);
    stale.all().await;
    plain.all().await;
    let at_20 = plain.ask(account_info()).await["result"]["account_data"].take();
    // What is submitted there still reaches the network.
    assert_eq!(stale.submit(sequence(&server)).await["engine_result"], "tesSUCCESS");
    close_to(23);
    assert_eq!(stale.all().await, Vec::<Value>::new());
    assert_eq!(
        ledgers(&plain.all().await, base),
        [21 - u64::from(base), 22 - u64::from(base), 23 - u64::from(base)]
    );
    let told = stale.ask(account_info()).await["result"].take();
    assert_eq!(
        (&told["ledger_index"], &told["validated"], &told["account_data"]),
        (&json!(20), &json!(true), &at_20)
    );
    let info = stale.ask(json!({"command": "server_info"})).await["result"]["info"].take();
    assert_eq!((&info["server_state"], &info["validated_ledger"]["seq"]), (&json!("full"), &json!(20)));
    assert_ne!(plain.ask(account_info()).await["result"]["account_data"], at_20);
    // It catches up: with the network's newest ledger, not with those it missed.
    close_to(24);
    assert_eq!(ledgers(&stale.all().await, 0), [24]);
    assert_eq!(stale.ask(account_info()).await["result"]["ledger_index"], 24);
}

async fn second_port() -> SocketAddr {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}

#[tokio::test]
async fn two_nodes_disagree_on_hash_and_state() {
    let other = second_port().await;
    let script = format!(
        "second_node: {other}\nfaults: [{{fault: two_nodes_disagree, from_ledger: 12, to_ledger: 14}}]\n"
    );
    let (server, address, _) = start_with(&script).await;
    let listening = server.listen_second(other).await.unwrap();
    tokio::spawn(listening.run());
    let (mut one, mut two) = (Plain::connect(address).await, Plain::connect(other).await);
    for node in [&mut one, &mut two] {
        node.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    }
    let mut third = Plain::connect(address).await;
    while newest(&server) < 15 {
        // Each goes its own way: what one node is given meanwhile, the other never has.
        if newest(&server) == 12 {
            assert_eq!(third.submit(sequence(&server)).await["engine_result"], "tesSUCCESS");
        }
        server.close_ledger().unwrap();
    }
    let told = |seen: Vec<Value>| -> Vec<(u64, String)> {
        let of = |message: &Value| {
            (message["ledger_index"].as_u64().unwrap(), message["ledger_hash"].as_str().unwrap().to_owned())
        };
        seen.iter().filter(|message| message["type"] == "ledgerClosed").map(of).collect()
    };
    let (first, second) = (told(one.all().await), told(two.all().await));
    assert_eq!(first.len(), second.len());
    for (a, b) in first.iter().zip(&second) {
        assert_eq!(a.0, b.0);
        assert_eq!(a.1 == b.1, !(13..=14).contains(&a.0), "ledger {}", a.0);
    }
    // The disagreement is over: both show the network's ledger, with the offer in it.
    let (a, b) = (one.ask(account_info()).await, two.ask(account_info()).await);
    assert_eq!(a["result"]["account_data"], b["result"]["account_data"]);
    assert_eq!(struck(&server), ["two_nodes_disagree"]);
}

#[tokio::test]
async fn an_endpoint_is_down_and_comes_back() {
    let (server, address, base) = start("{fault: endpoint_down, from_ledger: 10, to_ledger: 11}").await;
    assert!(base < 10);
    let mut plain = Plain::connect(address).await;
    while newest(&server) < 10 {
        server.close_ledger().unwrap();
    }
    assert_eq!(plain.next().await, Err(End::Broken));
    assert!(tokio_tungstenite::connect_async(format!("ws://{address}")).await.is_err());
    while newest(&server) < 12 {
        server.close_ledger().unwrap();
    }
    let mut again = Plain::connect(address).await;
    assert_eq!(again.ask(account_info()).await["status"], "success");
}
