//! What is refused before any ledger is looked at, as tables: what is submitted or tried, and the server's words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use client::Connection;
use common::{manual, pipe, spec, wallet};
use ledger::{KeyPair, Object, hex, sign_object};
use serde_json::{Value, json};
use server::{EmbeddedLedger, LedgerServer};
use sim::identity::{self, NETWORK_ID};
use sim::world::{MarketSpec, QueueSettings};

const URLS: &str =
    "The MemoType and MemoFormat fields may only contain characters that are allowed in URLs under RFC 3986.";

fn server() -> LedgerServer {
    manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap())
}

/// The answer's fields or the error's, as text.
async fn told(connection: &mut Connection, command: &str, ask: Value) -> String {
    format!("{:?}", connection.request(command, ask).await)
}

/// The wallet's transaction with what every one has.
fn whole(body: &Value) -> Value {
    let mut tx = json!({
        "Account": wallet().account().to_string(), "Sequence": 1, "Fee": "12", "NetworkID": NETWORK_ID,
    });
    tx.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    tx
}

fn signed(body: &Value) -> Value {
    let (_, signed) = sign_object(&Object::from_json(&whole(body)).unwrap(), &wallet()).unwrap();
    json!({ "tx_blob": hex::encode(&signed.blob) })
}

/// A submission fails for its format, or for the local checks, which a dry run does not ask for.
#[tokio::test]
async fn what_is_no_transaction_of_its_type() {
    let server = server();
    let mut connection = pipe(&server).await;
    let memo = |fields: Value| json!({ "TransactionType": "AccountSet", "Memos": [{ "Memo": fields }] });
    let token = json!({ "mpt_issuance_id": "00".repeat(24), "value": "1" });
    for (body, words, is_local) in [
        (
            json!({ "TransactionType": "Payment", "Amount": "1" }),
            "Field 'Destination' is required but missing.",
            false,
        ),
        (
            json!({ "TransactionType": "AccountSet", "TakerGets": "1" }),
            "Field 'TakerGets' found in disallowed location.",
            false,
        ),
        (json!({ "TransactionType": "SetFee" }), "Cannot submit pseudo transactions.", true),
        (memo(json!({ "MemoType": "20" })), URLS, true),
        (memo(json!({ "MemoData": "00".repeat(1_020) })), "The memo exceeds the maximum allowed size.", true),
        (
            memo(json!({ "Domain": "00" })),
            "A memo may contain only MemoType, MemoData or MemoFormat fields.",
            true,
        ),
        (
            json!({ "TransactionType": "OfferCreate", "TakerPays": "1", "TakerGets": token }),
            "Amount can not be MPT.",
            true,
        ),
    ] {
        let submitted = told(&mut connection, "submit", signed(&body)).await;
        let expected = if is_local { format!("fails local checks: {words}") } else { words.to_owned() };
        assert!(
            submitted.contains("invalidTransaction") && submitted.contains(&expected),
            "{body} {submitted}"
        );
        let dry = told(&mut connection, "simulate", json!({ "tx_json": whole(&body) })).await;
        assert_eq!(dry.contains(words), !is_local, "{body} {dry}");
    }
}

/// `simulate` names the field of the JSON and what is wrong with it.
#[tokio::test]
async fn fields_that_do_not_fit() {
    let server = server();
    let mut connection = pipe(&server).await;
    for (field, value, what) in [
        ("foo", json!(1), "is unknown"),
        ("Amount", json!("x"), "has invalid data"),
        ("Amount", json!({}), "has invalid data"),
        ("Destination", json!(5), "has bad type"),
        ("Destination", json!("r"), "has invalid data"),
        ("Flags", json!("x"), "has invalid data"),
        ("Flags", json!([]), "has bad type"),
        ("Flags", json!(-1), "has invalid data"),
        ("InvoiceID", json!(1), "has bad type"),
        ("InvoiceID", json!("zz"), "has invalid data"),
        ("SigningPubKey", json!("zz"), "has invalid data"),
        ("Memos", json!({}), "is not a JSON array"),
        ("Paths", json!({}), "must be a JSON array"),
        ("TransactionType", json!("Pay"), "has invalid data"),
    ] {
        let mut tx = whole(&json!({ "TransactionType": "Payment", "Destination": "x", "Amount": "1" }));
        tx["Destination"] = "rrrrrrrrrrrrrrrrrrrrBZbvji".into();
        tx[field] = value.clone();
        let said = told(&mut connection, "simulate", json!({ "tx_json": tx })).await;
        let words = format!("Field 'tx_json.{field}' {what}.");
        assert!(said.contains("invalidParams") && said.contains(&words), "{field} {value} {said}");
    }
}

/// Bytes that are no transaction, and signatures that do not hold.
#[tokio::test]
async fn bytes_and_signatures() {
    let server = server();
    let mut connection = pipe(&server).await;
    let good = signed(&json!({ "TransactionType": "AccountSet" }))["tx_blob"].as_str().unwrap().to_owned();
    let object = || Object::from_hex(&good).unwrap();
    let signer = |account: &str| json!({ "Signer": { "Account": account, "SigningPubKey": "00", "TxnSignature": "00" } });
    let (low, high) = ("rrrrrrrrrrrrrrrrrrrrrhoLvTp", "rrrrrrrrrrrrrrrrrrrrBZbvji");
    let me = wallet().account().to_string();
    let changed = |changes: Value| {
        let mut json = object().to_json();
        for (name, value) in changes.as_object().unwrap() {
            match value.is_null() {
                true => json.as_object_mut().unwrap().remove(name),
                false => json.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        hex::encode(&Object::from_json(&json).unwrap().to_bytes().unwrap())
    };
    let many =
        |signers: Value| changed(json!({ "SigningPubKey": "", "TxnSignature": null, "Signers": signers }));
    for (blob, words) in [
        ("1200".to_owned(), "Transaction length invalid"),
        (format!("{good}F2FF"), "Unknown field"),
        (changed(json!({ "Fee": "13" })), "fails local checks: Invalid signature."),
        (changed(json!({ "SigningPubKey": "" })), "fails local checks: Empty SigningPubKey."),
        (
            changed(json!({ "Signers": [signer(low)] })),
            "fails local checks: Cannot both single- and multi-sign.",
        ),
        (
            changed(json!({ "SigningPubKey": "", "Signers": [signer(low)] })),
            "fails local checks: Cannot both single- and multi-sign.",
        ),
        (many(json!([])), "fails local checks: Invalid Signers array size."),
        (many(json!([signer(&me)])), "fails local checks: Invalid multisigner."),
        (many(json!([signer(low), signer(low)])), "fails local checks: Duplicate Signers not allowed."),
        (many(json!([signer(high), signer(low)])), "fails local checks: Unsorted Signers array."),
        (
            many(json!([{ "Signer": { "Account": low, "SigningPubKey": "00" } }])),
            "Field 'TxnSignature' is required but missing.",
        ),
    ] {
        let said = told(&mut connection, "submit", json!({ "tx_blob": blob })).await;
        assert!(said.contains("invalidTransaction") && said.contains(words), "{words}: {said}");
    }
}

/// A full open ledger, as `simulate` sees it.
#[tokio::test]
async fn a_dry_run_fills_in_what_the_open_ledger_costs() {
    let settings = QueueSettings { minimum_txn_in_ledger: 5, ..QueueSettings::standalone() };
    let ledger = EmbeddedLedger::in_memory_with(spec(1, MarketSpec::None), settings).unwrap();
    let server = manual(ledger);
    let mut connection = pipe(&server).await;
    let me = wallet().account().to_string();
    let noop = json!({ "TransactionType": "AccountSet", "Account": me });
    let root = connection.request("account_info", json!({ "account": me })).await.unwrap();
    let first = root["account_data"]["Sequence"].as_u64().unwrap();
    let mut sent = 0;
    let refused = loop {
        let ask = json!({ "tx_json": noop });
        let told = match connection.request("simulate", ask).await {
            Ok(told) => told,
            Err(refused) => break format!("{refused:?}"),
        };
        assert_eq!(told["engine_result"], "tesSUCCESS", "{told}");
        assert_eq!(told["tx_json"]["Sequence"], first + sent, "{told}");
        assert_eq!(told["tx_json"]["TxnSignature"], "", "{told}");
        assert_eq!(told["meta"]["TransactionIndex"], sent, "{told}");
        let body = json!({ "TransactionType": "AccountSet", "Sequence": first + sent, "Fee": "100000" });
        let told = connection.request("submit", signed(&body)).await.unwrap();
        assert_eq!(told["engine_result"], "tesSUCCESS", "{told}");
        sent += 1;
        assert!(sent < 1_000, "the open ledger never fills");
    };
    assert!(
        refused.contains("highFee") && refused.contains("exceeds the requested tx limit of 100"),
        "{refused}"
    );
    // With a fee of its own it would wait; with a number of the past or of the future it would not.
    for (sequence, result) in
        [(first + sent, "terQUEUED"), (first, "tefPAST_SEQ"), (first + sent + 1, "terPRE_SEQ")]
    {
        let tx = whole(&json!({ "TransactionType": "AccountSet", "Sequence": sequence }));
        let told = connection.request("simulate", json!({ "tx_json": tx })).await.unwrap();
        assert_eq!((&told["engine_result"], &told["applied"]), (&json!(result), &json!(false)), "{told}");
        assert!(told.get("meta").is_none(), "{told}");
    }
    let waits = connection.request("fee", json!({})).await.unwrap();
    assert_eq!(waits["current_queue_size"], "0", "{waits}");
}

/// "account_lines": a deep freeze is shown to both sides, to each as its own.
#[tokio::test]
async fn a_deep_freeze_is_shown() {
    let server = server();
    let mut connection = pipe(&server).await;
    let issuer = KeyPair::from_seed(&identity::issuer()).unwrap();
    let (issuer_address, me) = (issuer.account().to_string(), wallet().account().to_string());
    let root = connection.request("account_info", json!({ "account": issuer_address })).await.unwrap();
    let tx = json!({
        "TransactionType": "TrustSet", "Account": issuer_address, "Fee": "12", "NetworkID": NETWORK_ID,
        "Sequence": root["account_data"]["Sequence"], "Flags": 0x0050_0000,
        "LimitAmount": { "currency": ledger::Currency::RLUSD.to_string(), "issuer": me, "value": "0" },
    });
    let (_, signed) = sign_object(&Object::from_json(&tx).unwrap(), &issuer).unwrap();
    let told = connection.request("submit", json!({ "tx_blob": hex::encode(&signed.blob) })).await.unwrap();
    assert_eq!(told["engine_result"], "tesSUCCESS", "{told}");
    server.close_ledger().unwrap();
    for (account, shown, hidden) in [
        (&issuer_address, ["freeze", "deep_freeze"], ["freeze_peer", "deep_freeze_peer"]),
        (&me, ["freeze_peer", "deep_freeze_peer"], ["freeze", "deep_freeze"]),
    ] {
        let told = connection.request("account_lines", json!({ "account": account })).await.unwrap();
        let ends = [json!(me), json!(issuer_address)];
        let line =
            told["lines"].as_array().unwrap().iter().find(|line| ends.contains(&line["account"])).unwrap();
        assert!(shown.iter().all(|field| line[*field] == true), "{line}");
        assert!(hidden.iter().all(|field| line.get(*field).is_none()), "{line}");
    }
}
