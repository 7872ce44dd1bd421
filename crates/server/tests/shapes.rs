//! Our messages have the fields of a real server's: compared with recordings of one, name by name and
//! kind by kind.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{manual, pair, pipe, resting_offer, spec, wallet};
use serde_json::{Value, json};
use server::EmbeddedLedger;
use sim::world::MarketSpec;

/// Fields that depend on the case and on the network.
const CASE_BY_CASE: [&str; 6] =
    ["Flags", "NetworkID", "LastLedgerSequence", "Expiration", "OfferSequence", "status"];

fn recording() -> Option<Vec<Value>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rippled/transcripts");
    let path = Path::new(folder).join("disconnect.jsonl.gz");
    if !path.exists() {
        eprintln!("SKIPPED: no recordings at {}", path.display());
        return None;
    }
    let Ok(mut child) = Command::new("gzip").arg("-dc").arg(&path).stdout(Stdio::piped()).spawn() else {
        eprintln!("SKIPPED: no gzip to read {}", path.display());
        return None;
    };
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn assert_alike(what: &str, recorded: &Value, ours: &Value) {
    let (mut recorded, mut ours) = (common::shape(recorded), common::shape(ours));
    for name in CASE_BY_CASE {
        recorded.remove(name);
        ours.remove(name);
    }
    assert_eq!(ours, recorded, "{what}: ours left, recorded right");
}

#[tokio::test]
async fn messages_have_the_fields_of_a_real_server() {
    let Some(lines) = recording() else { return };
    let find = |test: &dyn Fn(&Value) -> bool| lines.iter().find(|line| test(line)).unwrap();
    let stream = |kind: &'static str| {
        let offer =
            move |line: &Value| kind == "ledgerClosed" || line["msg"]["tx_json"]["TakerGets"].is_string();
        find(&move |line| line["client"] == "v2" && line["msg"]["type"] == kind && offer(line))["msg"].clone()
    };
    let truth = |what: &str| find(&|line| line["what"] == what && line["api_version"] != 1)["msg"].clone();

    let server = manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap());
    let mut connection = pipe(&server).await;
    let account = wallet().account().to_string();
    let subscribed = connection.request("subscribe", json!({"streams": ["ledger"]})).await.unwrap();
    let recorded = find(&|line| line["client"] == "v2" && line["msg"]["result"]["ledger_time"].is_number());
    assert_alike("subscribe", &recorded["msg"]["result"], &subscribed);
    let info = connection.account_info(&wallet().account(), client::LedgerSpec::Validated).await.unwrap();
    connection.submit(&resting_offer(info.value.sequence, 1).blob_hex()).await.unwrap();
    let ledger = server.close_ledger().unwrap();

    let params = json!({"account": account, "ledger_index": "validated"});
    let ours = connection.request("account_info", params.clone()).await.unwrap();
    assert_alike("account_info", &truth("account_info"), &ours);
    assert_alike("account_data", &truth("account_info")["account_data"], &ours["account_data"]);
    assert_alike("account_flags", &truth("account_info")["account_flags"], &ours["account_flags"]);
    let ours = connection.request("account_lines", params.clone()).await.unwrap();
    assert_alike("account_lines", &truth("account_lines"), &ours);
    assert_alike("line", &truth("account_lines")["lines"][0], &ours["lines"][0]);
    let ours = connection.request("account_offers", params).await.unwrap();
    assert_alike("account_offers", &truth("account_offers"), &ours);
    assert_alike("offer", &truth("account_offers")["offers"][0], &ours["offers"][0]);
    let params = json!({"account": account, "ledger_index_min": ledger.ledger_index.get(), "forward": true});
    let ours = connection.request("account_tx", params).await.unwrap();
    let recorded = truth("account_tx");
    let of_offer = recorded["transactions"].as_array().unwrap().iter();
    let of_offer = of_offer.clone().find(|tx| tx["tx_json"]["TakerGets"].is_string()).unwrap();
    assert_alike("account_tx", &recorded, &ours);
    assert_alike("account_tx entry", of_offer, &ours["transactions"][0]);
    assert_alike("account_tx tx_json", &of_offer["tx_json"], &ours["transactions"][0]["tx_json"]);
    assert_alike("account_tx meta", &of_offer["meta"], &ours["transactions"][0]["meta"]);
    let params =
        json!({"ledger_index": "validated", "transactions": true, "expand": true, "owner_funds": true});
    let ours = connection.request("ledger", params).await.unwrap();
    assert_alike("ledger", &truth("ledger"), &ours);
    assert_alike("ledger header", &truth("ledger")["ledger"], &ours["ledger"]);

    let mut raw = raw_stream(&server).await;
    connection.submit(&resting_offer(info.value.sequence + 1, 1).blob_hex()).await.unwrap();
    server.close_ledger().unwrap();
    let (closed, transaction) = (next(&mut raw).await, next(&mut raw).await);
    assert_alike("ledgerClosed", &stream("ledgerClosed"), &closed);
    assert_alike("transaction", &stream("transaction"), &transaction);
    assert_alike("tx_json", &stream("transaction")["tx_json"], &transaction["tx_json"]);

    let (base, quote) = pair();
    let params = json!({"taker_gets": base, "taker_pays": quote, "ledger_index": "validated"});
    let ours = connection.request("book_offers", params).await.unwrap();
    let snapshot = find(&|line| line["client"] == "v2" && line["msg"]["result"]["bids"][0].is_object());
    assert_alike("book offer", &snapshot["msg"]["result"]["bids"][0], &ours["offers"][0]);
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::io::DuplexStream>;

async fn raw_stream(server: &server::LedgerServer) -> Socket {
    use futures_util::SinkExt;
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let server = server.clone();
    tokio::spawn(async move { server.serve_stream(theirs).await });
    let (mut socket, _) = tokio_tungstenite::client_async("ws://embedded.ledger/", ours).await.unwrap();
    let subscribe = r#"{"command":"subscribe","api_version":2,"streams":["ledger","transactions"]}"#;
    socket.send(tokio_tungstenite::tungstenite::Message::text(subscribe)).await.unwrap();
    assert_eq!(next(&mut socket).await["status"], "success");
    socket
}

async fn next(socket: &mut Socket) -> Value {
    use futures_util::StreamExt;
    let frame = socket.next().await.unwrap().unwrap();
    serde_json::from_str(frame.to_text().unwrap()).unwrap()
}
