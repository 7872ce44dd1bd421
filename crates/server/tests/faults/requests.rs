//! Requests lost, late, refused, or answered cheerfully and forgotten.

use serde_json::{Value, json};

use crate::common::{resting_offer, wallet};
use crate::plain::{End, Plain, newest, sequence, start, struck};

#[tokio::test]
async fn refusals_by_table() {
    for (fault, command, error, code) in [
        ("slow_down", "ledger", "slowDown", 10),
        ("too_busy", "ledger", "tooBusy", 9),
        ("no_peers", "submit", "failedToForward", 90),
        ("amendment_blocked", "submit", "amendmentBlocked", 14),
        ("restarting", "account_info", "notSynced", 18),
        ("not_found", "tx", "txnNotFound", 29),
    ] {
        let (server, address, _) = start(&format!("{{fault: {fault}}}")).await;
        let mut plain = Plain::connect(address).await;
        let answer = plain.ask(json!({"command": command, "api_version": 2, "id": 1})).await;
        assert_eq!((&answer["error"], &answer["error_code"]), (&json!(error), &json!(code)), "{answer}");
        assert!(answer.get("searched_all").is_none());
        assert_eq!(struck(&server), [fault]);
    }
}

#[tokio::test]
async fn a_request_is_lost_or_late() {
    let (server, address, _) = start("{fault: lost_request, method: ping, times: 1}").await;
    let mut plain = Plain::connect(address).await;
    plain.say(json!({"command": "ping", "id": 1})).await;
    assert_eq!(plain.ask(json!({"command": "ping", "id": 2})).await["id"], 2);
    assert_eq!(struck(&server), ["lost_request"]);

    let (server, address, base) = start("{fault: delayed_request, method: submit, ledgers: 2}").await;
    let mut plain = Plain::connect(address).await;
    let blob = resting_offer(sequence(&server), 1).blob_hex();
    plain.say(json!({"command": "submit", "tx_blob": blob, "id": 1})).await;
    assert_eq!(plain.all().await, Vec::<Value>::new());
    server.close_ledger().unwrap();
    assert_eq!(plain.all().await, Vec::<Value>::new());
    server.close_ledger().unwrap();
    let answer = plain.all().await.remove(0);
    assert_eq!((&answer["id"], &answer["result"]["engine_result"]), (&json!(1), &json!("tesSUCCESS")));
    assert_eq!(answer["result"]["validated_ledger_index"], base + 2);
}

/// The preliminary answer to an offer, and in which of the next ledgers it is then (counted from 1), if in any.
async fn offered(faults: &str) -> (Value, Option<u32>) {
    let (server, address, base) = start(faults).await;
    let mut plain = Plain::connect(address).await;
    let number = sequence(&server);
    let answer = plain.submit(number).await;
    for _ in 0..4 {
        server.close_ledger().unwrap();
    }
    let hash = resting_offer(number, 1).hash.to_string();
    let found = plain.ask(json!({"command": "tx", "transaction": hash, "api_version": 2})).await;
    let index = found["result"]["ledger_index"].as_u64();
    assert_eq!(struck(&server).len(), usize::from(!faults.is_empty()), "{:?}", server.faults_fired());
    (answer, index.map(|index| u32::try_from(index).unwrap() - base))
}

#[tokio::test]
async fn submissions_by_table() {
    for (faults, result, flags, found) in [
        ("", "tesSUCCESS", [true, true, false], Some(1)),
        ("{fault: lost_submit}", "tesSUCCESS", [true, true, false], None),
        (
            "{fault: lost_submit, tx_type: Payment, times: 1}, {fault: drop, message: stream}, {fault: lost_submit, tx_type: OfferCreate}",
            "tesSUCCESS",
            [true, true, false],
            None,
        ),
        ("{fault: queued_then_dropped}", "terQUEUED", [true, false, true], None),
        ("{fault: queued_then_validated, ledgers: 2}", "terQUEUED", [true, false, true], Some(3)),
        ("{fault: cannot_queue}", "telCAN_NOT_QUEUE_FULL", [false, false, false], None),
        ("{fault: provisional_result_changes}", "tecUNFUNDED_OFFER", [true, true, false], Some(1)),
        (
            "{fault: provisional_result_changes, result: tefPAST_SEQ}",
            "tefPAST_SEQ",
            [true, true, false],
            Some(1),
        ),
        ("{fault: fee_spike}", "telINSUF_FEE_P", [false, false, false], None),
    ] {
        let (answer, index) = offered(faults).await;
        assert_eq!(answer["engine_result"], result, "{faults}");
        assert_eq!(
            ["accepted", "applied", "queued"].map(|name| answer[name] == true),
            flags,
            "{faults}: {answer}"
        );
        assert_eq!(index, found, "{faults}");
        assert!(answer["tx_json"]["hash"].is_string() && answer["tx_blob"].is_string());
    }
}

#[tokio::test]
async fn the_answer_is_lost_and_the_transaction_is_not() {
    let (server, address, base) = start("{fault: drop, message: response, method: submit}").await;
    let mut plain = Plain::connect(address).await;
    let offer = resting_offer(sequence(&server), 1);
    plain.say(json!({"command": "submit", "tx_blob": offer.blob_hex()})).await;
    assert_eq!(plain.all().await, Vec::<Value>::new());
    server.close_ledger().unwrap();
    let ask = json!({"command": "tx", "transaction": offer.hash.to_string(), "api_version": 2});
    assert_eq!(plain.ask(ask).await["result"]["ledger_index"], base + 1);
}

#[tokio::test]
async fn who_asks_too_much_is_warned_and_then_closed() {
    let (server, address, _) = start("{fault: load, warn_at: 5, close_at: 8}").await;
    let mut plain = Plain::connect(address).await;
    for count in 1..8 {
        let answer = plain.ask(json!({"command": "ping", "id": count})).await;
        assert_eq!(answer.get("warning"), (count >= 5).then(|| json!("load")).as_ref(), "{count}");
        assert_eq!(answer["status"], "success");
    }
    plain.say(json!({"command": "ping"})).await;
    assert_eq!(plain.next().await, Err(End::Close(1008, "threshold exceeded".into())));
    // Who waits is forgotten: 4 requests, then a ledger, again and again.
    let mut patient = Plain::connect(address).await;
    for _ in 0..3 {
        for _ in 0..2 {
            assert!(patient.ask(json!({"command": "ping"})).await.get("warning").is_none());
        }
        for _ in 0..8 {
            server.close_ledger().unwrap();
        }
    }
}

#[tokio::test]
async fn the_fees_of_a_storm() {
    let (server, address, _) = start("{fault: fee_spike, factor: 1000, to_ledger: BASE}").await;
    let mut plain = Plain::connect(address).await;
    let fee = plain.ask(json!({"command": "fee"})).await;
    let drops = &fee["result"]["drops"];
    assert_eq!((&drops["base_fee"], &drops["open_ledger_fee"]), (&json!("10"), &json!("10000")));
    let info = plain.ask(json!({"command": "server_info"})).await;
    assert_eq!(info["result"]["info"]["load_factor"], 1000);
    server.close_ledger().unwrap();
    assert_eq!(plain.ask(json!({"command": "fee"})).await["result"]["drops"]["open_ledger_fee"], "10");
    assert_eq!(plain.submit(sequence(&server)).await["engine_result"], "tesSUCCESS");
}

#[tokio::test]
async fn validation_stalls_and_submissions_are_taken_cheerfully() {
    let (server, address, base) = start("{fault: stalled_validation, from_ledger: BASE, closes: 3}").await;
    let mut plain = Plain::connect(address).await;
    plain.ask(json!({"command": "subscribe", "streams": ["ledger"]})).await;
    for _ in 0..3 {
        server.close_ledger().unwrap();
        assert_eq!(plain.submit(sequence(&server)).await["engine_result"], "tesSUCCESS");
        let info = plain.ask(json!({"command": "server_info"})).await;
        let info = &info["result"]["info"];
        assert_eq!((&info["server_state"], &info["validated_ledger"]["seq"]), (&json!("full"), &json!(base)));
        assert_eq!(plain.all().await, Vec::<Value>::new());
    }
    server.close_ledger().unwrap();
    let told = plain.all().await.remove(0);
    assert_eq!((&told["ledger_index"], &told["txn_count"]), (&json!(base + 1), &json!(3)));
    assert_eq!((newest(&server), struck(&server)), (base + 1, vec!["stalled_validation"; 3]));
    let ask = json!({"command": "account_info", "account": wallet().account().to_string()});
    assert_eq!(plain.ask(ask).await["status"], "success");
}
