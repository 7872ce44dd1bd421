//! What the commands answer: the forms of both versions of the API against recordings of a real server, pages, binary
//! forms, dry runs, proposed transactions, JSON-RPC.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use common::{manual, pair, resting_offer, spec, wallet};
use futures_util::{SinkExt, StreamExt};
use ledger::{Object, TxMeta, hex};
use serde_json::{Value, json};
use server::{EmbeddedLedger, LedgerServer};
use sim::world::MarketSpec;
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A client that sees every message as it comes.
struct Raw(WebSocketStream<DuplexStream>);

impl Raw {
    async fn new(server: &LedgerServer) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let server = server.clone();
        tokio::spawn(async move { server.serve_stream(theirs).await });
        Self(tokio_tungstenite::client_async("ws://embedded.ledger/", ours).await.unwrap().0)
    }

    async fn next(&mut self) -> Value {
        let frame = self.0.next().await.unwrap().unwrap();
        serde_json::from_str(frame.to_text().unwrap()).unwrap()
    }

    async fn send(&mut self, request: Value) {
        self.0.send(Message::text(request.to_string())).await.unwrap();
    }

    /// The answer's result; panics on an error.
    async fn ask(&mut self, request: Value) -> Value {
        self.send(request.clone()).await;
        let answer = self.next().await;
        assert_eq!(answer["status"], "success", "{request} {answer}");
        answer["result"].clone()
    }
}

fn server() -> LedgerServer {
    manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap())
}

/// A market in which offers crossed.
fn traded() -> LedgerServer {
    let server = manual(EmbeddedLedger::in_memory(spec(3, MarketSpec::Synthetic)).unwrap());
    for _ in 0..30 {
        server.close_ledger().unwrap();
    }
    server
}

fn recording(name: &str) -> Option<Vec<Value>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rippled/transcripts");
    let path = Path::new(folder).join(format!("{name}.jsonl.gz"));
    if !path.exists() {
        eprintln!("SKIPPED: no recordings at {}", path.display());
        return None;
    }
    let Ok(output) = Command::new("gzip").arg("-dc").arg(&path).output() else {
        eprintln!("SKIPPED: no gzip to read {}", path.display());
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The shape without those fields that depend on the transaction.
fn shape(json: &Value) -> BTreeMap<String, &'static str> {
    let case = ["Flags", "NetworkID", "LastLedgerSequence", "Expiration", "OfferSequence"];
    let mut shape = common::shape(json);
    shape.retain(|name, _| !case.contains(&name.as_str()));
    shape
}

#[tokio::test]
async fn version_1_has_the_forms_recorded_from_a_real_server() {
    let Some(lines) = recording("disconnect") else { return };
    let is_offer = |json: &Value| json["TakerGets"].is_string();
    let find = |test: &dyn Fn(&Value) -> bool| lines.iter().find(|line| test(line)).unwrap()["msg"].clone();
    let stream = find(&|line| {
        line["client"] == "v1"
            && line["msg"]["type"] == "transaction"
            && is_offer(&line["msg"]["transaction"])
    });
    let history = find(&|line| line["what"] == "account_tx" && line["api_version"] == 1);
    let of_offer = history["transactions"].as_array().unwrap().iter().find(|tx| is_offer(&tx["tx"])).unwrap();

    let server = server();
    let mut raw = Raw::new(&server).await;
    let account = wallet().account().to_string();
    let answer = raw.ask(json!({"command": "subscribe", "streams": ["transactions"]})).await;
    assert_eq!(answer, json!({}));
    let root = raw.ask(json!({"command": "account_info", "account": account})).await;
    let offer = resting_offer(u32::try_from(root["account_data"]["Sequence"].as_u64().unwrap()).unwrap(), 1);
    raw.ask(json!({"command": "submit", "tx_blob": offer.blob_hex()})).await;
    server.close_ledger().unwrap();
    let message = raw.next().await;
    assert_eq!(shape(&message), shape(&stream));
    assert_eq!(shape(&message["transaction"]), shape(&stream["transaction"]));
    let ours = raw.ask(json!({"command": "account_tx", "account": account, "limit": 1})).await;
    let entry = &ours["transactions"][0];
    assert_eq!(shape(entry), shape(of_offer));
    assert_eq!(shape(&entry["tx"]), shape(&of_offer["tx"]));
    // What is not asked for comes back as 0, as recorded from both versions.
    let asked = find(&|line| line["client"] == "v1" && line["msg"]["result"]["transactions"].is_array());
    let unlimited = raw.ask(json!({"command": "account_tx", "account": account})).await;
    assert_eq!((&unlimited["limit"], &asked["result"]["limit"]), (&json!(0), &json!(0)));
    // A range beyond the history is shortened.
    let params = json!({"command": "account_tx", "account": account, "ledger_index_min": 0, "ledger_index_max": 999_999});
    let shortened = raw.ask(params).await;
    assert_eq!(
        shortened["ledger_index_max"],
        server.with_ledger(|ledger| ledger.header().ledger_index.get())
    );
}

#[tokio::test]
async fn the_server_stream_and_server_info_have_the_fields_recorded() {
    let Some(lines) = recording("stalled_validation") else { return };
    let find = |test: &dyn Fn(&Value) -> bool| lines.iter().find(|line| test(line)).unwrap()["msg"].clone();
    let mut raw = Raw::new(&server()).await;
    let theirs = find(&|line| line["msg"]["result"]["server_status"].is_string());
    let ours =
        raw.ask(json!({"command": "subscribe", "streams": ["server", "validations", "consensus"]})).await;
    let (mut theirs, ours) = (shape(&theirs["result"]), shape(&ours));
    // This server has no key of its own.
    theirs.remove("pubkey_node");
    assert_eq!(ours, theirs);
    let theirs = find(&|line| line["msg"]["result"]["info"].is_object());
    let ours = raw.ask(json!({"command": "server_info"})).await;
    let (mut theirs, mut ours) = (shape(&theirs["result"]["info"]), shape(&ours["info"]));
    for absent in ["pubkey_node", "ports"] {
        theirs.remove(absent);
    }
    // Told once a server was in step; the recorded one had just begun.
    ours.remove("initial_sync_duration_us");
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn one_transaction_in_every_form() {
    let server = traded();
    let mut raw = Raw::new(&server).await;
    let (index, hash) = server.with_ledger(|ledger| {
        let header = *ledger.header();
        (header.ledger_index.get(), header.ledger_hash)
    });
    let ledger =
        raw.ask(json!({"command": "ledger", "ledger_hash": hash.to_string(), "transactions": true})).await;
    assert_eq!(ledger["ledger"]["ledger_index"], index.to_string());
    let mut checked = 0;
    for id in ledger["ledger"]["transactions"].as_array().unwrap() {
        let ask = |version: u32, binary: bool| json!({"command": "tx", "transaction": id, "api_version": version, "binary": binary});
        let (v2, v2b) = (raw.ask(ask(2, false)).await, raw.ask(ask(2, true)).await);
        let (v1, v1b) = (raw.ask(ask(1, false)).await, raw.ask(ask(1, true)).await);
        assert_eq!((&v1["hash"], &v2["hash"], &v1b["hash"]), (id, id, id));
        assert_eq!((&v1["inLedger"], &v2["ledger_index"]), (&json!(index), &json!(index)));
        assert_eq!((&v1["ctid"], &v2b["ctid"]), (&v2["ctid"], &v2["ctid"]));
        assert_eq!((&v1b["tx"], &v1b["meta"]), (&v2b["tx_blob"], &v2b["meta_blob"]));
        // The bytes and the fields are the same transaction, and the same metadata.
        let blob = hex::decode(v2b["tx_blob"].as_str().unwrap()).unwrap();
        assert_eq!(ledger::tx_hash(&blob).to_string(), id.as_str().unwrap());
        let from_fields = Object::from_api_json(&v2["tx_json"]).unwrap();
        assert_eq!(from_fields.to_bytes().unwrap(), blob);
        let meta = hex::decode(v2b["meta_blob"].as_str().unwrap()).unwrap();
        assert_eq!(TxMeta::from_json(&v2["meta"]).unwrap().result, TxMeta::from_bytes(&meta).unwrap().result);
        assert_eq!(v1["meta"], v2["meta"]);
        let by_ctid = raw.ask(json!({"command": "tx", "ctid": v2["ctid"], "api_version": 2})).await;
        assert_eq!(by_ctid, v2);
        let entry =
            json!({"command": "transaction_entry", "tx_hash": id, "ledger_index": index, "api_version": 2});
        assert_eq!(raw.ask(entry).await["hash"], *id);
        checked += 1;
    }
    assert!(checked > 0);
    // The whole ledger in the four forms.
    for (version, binary, field) in
        [(1, false, "metaData"), (1, true, "meta"), (2, false, "meta"), (2, true, "meta_blob")]
    {
        let params = json!({"command": "ledger", "ledger_index": index, "transactions": true, "expand": true, "binary": binary, "api_version": version});
        let answer = raw.ask(params).await;
        let expanded = answer["ledger"]["transactions"].as_array().unwrap();
        assert!(
            expanded.len() == checked && expanded.iter().all(|tx| !tx[field].is_null()),
            "{version} {binary}"
        );
        assert_eq!(answer["ledger"]["ledger_data"].is_string(), binary);
    }
}

#[tokio::test]
async fn the_state_comes_by_pages_and_every_entry_by_its_own_name() {
    let server = traded();
    let mut raw = Raw::new(&server).await;
    let wanted = server.with_ledger(|ledger| ledger.world().all_entries(sim::world::At::Validated).count());
    for (binary, limit) in [(false, 7), (true, 100)] {
        let mut params =
            json!({"command": "ledger_data", "ledger_index": "validated", "limit": limit, "binary": binary});
        let mut seen = std::collections::BTreeSet::new();
        loop {
            let page = raw.ask(params.clone()).await;
            assert_eq!(page["ledger"].is_object(), params.get("marker").is_none());
            let entries = page["state"].as_array().unwrap();
            assert!(entries.len() <= limit);
            for entry in entries {
                assert!(seen.insert(entry["index"].as_str().unwrap().to_owned()), "twice: {entry}");
            }
            match page.get("marker") {
                Some(marker) => params["marker"] = marker.clone(),
                None => break,
            }
        }
        assert_eq!(seen.len(), wanted);
    }
    // Each entry by the parameters that name it, where it has such.
    let mut all = Vec::new();
    let mut params = json!({"command": "ledger_data", "ledger_index": "validated"});
    while params.get("marker").is_none_or(|marker| marker != "end") {
        let page = raw.ask(params.clone()).await;
        all.extend(page["state"].as_array().unwrap().iter().cloned());
        params["marker"] = page.get("marker").cloned().unwrap_or_else(|| "end".into());
    }
    let mut kinds = std::collections::BTreeSet::new();
    // The newest hash a ledger holds is its parent's.
    let newest = json!(server.with_ledger(|ledger| ledger.header().ledger_index.get() - 1));
    for entry in &all {
        let kind = entry["LedgerEntryType"].as_str().unwrap();
        let selector = match kind {
            "AccountRoot" => json!({"account_root": entry["Account"]}),
            "Offer" => json!({"offer": {"account": entry["Account"], "seq": entry["Sequence"]}}),
            "RippleState" => json!({"ripple_state": {
                "accounts": [entry["LowLimit"]["issuer"], entry["HighLimit"]["issuer"]], "currency": entry["Balance"]["currency"],
            }}),
            "Ticket" => {
                json!({"ticket": {"account": entry["Account"], "ticket_seq": entry["TicketSequence"]}})
            }
            "DirectoryNode" if entry["RootIndex"] == entry["index"] && entry["Owner"].is_string() => {
                json!({"directory": {"owner": entry["Owner"]}})
            }
            "FeeSettings" => json!({"fee": entry["index"]}),
            "Amendments" => json!({"amendments": true}),
            "LedgerHashes" if entry["LastLedgerSequence"] == newest => json!({"hashes": true}),
            "AMM" => json!({"amm": {"asset": entry["Asset"], "asset2": entry["Asset2"]}}),
            _ => json!({"index": entry["index"]}),
        };
        let mut params = json!({"command": "ledger_entry", "ledger_index": "validated"});
        params.as_object_mut().unwrap().extend(selector.as_object().unwrap().clone());
        assert_eq!(raw.ask(params).await["node"], *entry);
        kinds.insert(kind);
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
}

#[tokio::test]
async fn what_an_account_owns_comes_by_pages_whole_and_once() {
    let server = server();
    let mut raw = Raw::new(&server).await;
    let account = wallet().account().to_string();
    let root = raw.ask(json!({"command": "account_info", "account": account})).await;
    let first = u32::try_from(root["account_data"]["Sequence"].as_u64().unwrap()).unwrap();
    for sequence in first..first + 45 {
        raw.ask(json!({"command": "submit", "tx_blob": resting_offer(sequence, 1).blob_hex()})).await;
    }
    server.close_ledger().unwrap();
    for (command, list, key, count) in [
        ("account_objects", "account_objects", "index", 46),
        ("account_offers", "offers", "seq", 45),
        ("account_lines", "lines", "currency", 1),
    ] {
        let mut params =
            json!({"command": command, "account": account, "ledger_index": "validated", "limit": 10});
        let (mut seen, mut pages) = (std::collections::BTreeSet::new(), 0);
        loop {
            let page = raw.ask(params.clone()).await;
            seen.extend(page[list].as_array().unwrap().iter().map(|item| item[key].to_string()));
            pages += 1;
            match page.get("marker") {
                Some(marker) => params["marker"] = marker.clone(),
                None => break,
            }
        }
        // A page counts every entry owned, whether this command shows it or not.
        assert_eq!((seen.len(), pages), (count, 5), "{command}");
    }
    for (kind, count) in [("offer", 45), ("Offer", 45), ("state", 1), ("ticket", 0)] {
        let params = json!({"command": "account_objects", "account": account, "type": kind, "ledger_index": "validated"});
        assert_eq!(raw.ask(params).await["account_objects"].as_array().unwrap().len(), count, "{kind}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_then_happens_and_changes_nothing() {
    let server = server();
    let mut raw = Raw::new(&server).await;
    let account = wallet().account().to_string();
    let mut tx_json = Object::from_bytes(&resting_offer(0, 5).blob).unwrap().to_json();
    for field in ["Sequence", "SigningPubKey", "TxnSignature"] {
        tx_json.as_object_mut().unwrap().remove(field);
    }
    let before = raw.ask(json!({"command": "account_info", "account": account})).await;
    let dry = raw.ask(json!({"command": "simulate", "tx_json": tx_json})).await;
    assert_eq!((&dry["engine_result"], &dry["applied"]), (&json!("tesSUCCESS"), &json!(false)));
    assert_eq!(before, raw.ask(json!({"command": "account_info", "account": account})).await);
    let sequence = u32::try_from(before["account_data"]["Sequence"].as_u64().unwrap()).unwrap();
    let offer = resting_offer(sequence, 5);
    raw.ask(json!({"command": "submit", "tx_blob": offer.blob_hex()})).await;
    server.close_ledger().unwrap();
    let real = raw.ask(json!({"command": "tx", "transaction": offer.hash.to_string()})).await;
    let without_ids = |meta: &Value| {
        let mut nodes = TxMeta::from_json(meta).unwrap().nodes;
        nodes.sort_by_key(|node| node.index);
        nodes
    };
    assert_eq!(without_ids(&dry["meta"]), without_ids(&real["meta"]));
    // What would fail says so, in bytes too.
    let mut poor = tx_json.clone();
    poor["TakerGets"] = json!("99999999999");
    let dry = raw.ask(json!({"command": "simulate", "tx_json": poor, "binary": true})).await;
    assert!(dry["meta_blob"].is_string() && dry["tx_blob"].is_string(), "{dry}");
}

#[tokio::test]
async fn fail_hard_keeps_nothing_that_would_not_succeed() {
    let server = server();
    let mut raw = Raw::new(&server).await;
    let account = wallet().account().to_string();
    let root = raw.ask(json!({"command": "account_info", "account": account})).await;
    let sequence = u32::try_from(root["account_data"]["Sequence"].as_u64().unwrap()).unwrap();
    let late = resting_offer(sequence + 5, 1).blob_hex();
    let answer = raw.ask(json!({"command": "submit", "tx_blob": late, "fail_hard": true})).await;
    assert_eq!(
        (&answer["engine_result"], &answer["kept"], &answer["accepted"]),
        (&json!("terPRE_SEQ"), &json!(false), &json!(false))
    );
    let good = resting_offer(sequence, 1).blob_hex();
    let answer = raw.ask(json!({"command": "submit", "tx_blob": good, "fail_hard": true})).await;
    assert_eq!((&answer["engine_result"], &answer["applied"]), (&json!("tesSUCCESS"), &json!(true)));
}

#[tokio::test]
async fn proposed_transactions_come_before_the_answer_and_again_when_validated() {
    let server = server();
    let mut raw = Raw::new(&server).await;
    let account = wallet().account().to_string();
    let wish = json!({
        "command": "subscribe", "streams": ["transactions_proposed"], "accounts_proposed": [account], "api_version": 2,
    });
    raw.ask(wish).await;
    let root = raw.ask(json!({"command": "account_info", "account": account})).await;
    let offer = resting_offer(u32::try_from(root["account_data"]["Sequence"].as_u64().unwrap()).unwrap(), 1);
    raw.send(json!({"command": "submit", "tx_blob": offer.blob_hex()})).await;
    for _ in 0..2 {
        let message = raw.next().await;
        assert_eq!((&message["status"], &message["validated"]), (&json!("proposed"), &json!(false)));
        assert_eq!(message["hash"], offer.hash.to_string());
        assert!(message["ledger_current_index"].is_u64() && message.get("meta").is_none());
        assert!(message["tx_json"]["owner_funds"].is_string());
    }
    assert_eq!(raw.next().await["status"], "success");
    let open =
        raw.ask(json!({"command": "tx", "transaction": offer.hash.to_string(), "api_version": 2})).await;
    assert_eq!((&open["validated"], open.get("meta")), (&json!(false), None));
    server.close_ledger().unwrap();
    for _ in 0..2 {
        let message = raw.next().await;
        assert_eq!(
            (&message["status"], &message["hash"]),
            (&json!("closed"), &json!(offer.hash.to_string()))
        );
    }
}

#[tokio::test]
async fn what_traded_is_told_book_by_book() {
    let server = traded();
    let mut raw = Raw::new(&server).await;
    raw.ask(json!({"command": "subscribe", "streams": ["book_changes"]})).await;
    let rlusd = pair().1;
    let named = format!("{}/{}", rlusd.issuer().unwrap(), rlusd.currency().unwrap());
    let mut told = 0;
    for _ in 0..40 {
        server.close_ledger().unwrap();
        let message = raw.next().await;
        assert_eq!((&message["type"], &message["validated"]), (&json!("bookChanges"), &json!(true)));
        let again =
            raw.ask(json!({"command": "book_changes", "ledger_index": message["ledger_index"]})).await;
        assert_eq!(again, message);
        for change in message["changes"].as_array().unwrap() {
            assert_eq!((&change["currency_a"], &change["currency_b"]), (&json!("XRP_drops"), &json!(named)));
            let rate = |name: &str| change[name].as_str().unwrap().parse::<units::Exact>().unwrap();
            let inside = |name: &str| rate("low") <= rate(name) && rate(name) <= rate("high");
            assert!(inside("open") && inside("close"), "{change}");
            told += 1;
        }
    }
    assert!(told > 5, "{told}");
}

#[tokio::test]
async fn the_dictionary_is_the_codecs_own_and_is_not_sent_twice() {
    let mut raw = Raw::new(&server()).await;
    let all = raw.ask(json!({"command": "server_definitions"})).await;
    let fields = all["FIELDS"].as_array().unwrap();
    assert!(fields.iter().any(|field| *field
        == json!(["TakerPays", {
            "isSerialized": true, "isSigningField": true, "isVLEncoded": false, "nth": 4, "type": "Amount",
        }])));
    assert!(fields.len() > 300 && all["TRANSACTION_RESULTS"]["tecKILLED"] == 150);
    assert_eq!(all["LEDGER_ENTRY_TYPES"]["Offer"], 111);
    let again = raw.ask(json!({"command": "server_definitions", "hash": all["hash"]})).await;
    assert_eq!(again, json!({"hash": all["hash"]}));
}
