//! Tests of messages.

use super::*;
use serde_json::json;
use units::Drops;

#[test]
fn requests_go_out_and_come_back() {
    let request = Request::new(
        7,
        Command::AccountTx(AccountTxRequest {
            account: crate::AccountId::ONE,
            ledger_index_min: Some(13),
            ledger_index_max: Some(-1),
            forward: true,
            limit: None,
            marker: None,
        }),
    );
    let document = serde_json::to_value(&request).unwrap();
    assert_eq!(
        document,
        json!({ "id": 7, "api_version": 2, "command": "account_tx", "account": "rrrrrrrrrrrrrrrrrrrrBZbvji",
            "ledger_index_min": 13, "ledger_index_max": -1, "forward": true })
    );
    assert_eq!(serde_json::from_value::<Request>(document).unwrap(), request);
    let other: Request =
        serde_json::from_value(json!({ "command": "no_such", "id": "x", "foo": 1 })).unwrap();
    assert_eq!((other.command, other.api_version), (Command::Unknown, 1));
    let spec = |text| serde_json::from_str::<LedgerSpec>(text).ok();
    assert_eq!(spec("\"validated\""), Some(LedgerSpec::Validated));
    assert_eq!(spec("12"), Some(LedgerSpec::Index(12)));
    assert_eq!(spec("1.5"), None);
}

#[test]
fn answers_are_told_apart() {
    let text = json!({ "type": "response", "status": "error", "id": 3, "error": "txnNotFound", "searched_all": true })
        .to_string();
    let Incoming::Response(response) = Incoming::parse(&text).unwrap() else { panic!("no response") };
    assert_eq!(response.outcome.unwrap_err().searched_all, Some(true));
    let again = Response::success(json!(4), json!({ "ledger_current_index": 9 })).to_json();
    let Incoming::Response(response) = Incoming::from_json(again).unwrap() else { panic!("no response") };
    assert_eq!(response.result::<LedgerAccept>().unwrap().ledger_current_index, 9);
    assert!(response.result::<AccountInfo>().is_err());
    assert!(
        matches!(Incoming::parse(r#"{"type":"serverStatus"}"#), Ok(Incoming::Other(kind)) if kind == "serverStatus")
    );
    assert!(Incoming::parse("{").is_err());
    assert!(Incoming::parse(r#"{"type":"ledgerClosed"}"#).is_err());
}

#[test]
fn a_missing_balance_is_an_error() {
    let data = json!({ "Account": "rrrrrrrrrrrrrrrrrrrrBZbvji", "Flags": 0, "OwnerCount": 0, "Sequence": 1 });
    assert!(serde_json::from_value::<AccountData>(data.clone()).is_err());
    let mut whole = data;
    whole["Balance"] = json!("12");
    assert_eq!(
        serde_json::from_value::<AccountData>(whole.clone()).unwrap().balance,
        Drops::new(12).unwrap()
    );
    whole["Balance"] = json!(12);
    assert!(serde_json::from_value::<AccountData>(whole).is_err());
}

#[test]
fn fees_of_server_info_are_exact_drops() {
    for (written, drops) in [("1e-05", 10), ("0.00001", 10), ("1", 1_000_000), ("0.2", 200_000)] {
        let number: serde_json::Number = serde_json::from_str(written).unwrap();
        assert_eq!(text::drops_of_xrp(&number).map(Drops::get), Some(drops), "{written}");
        let back = text::xrp_number(Drops::new(drops).unwrap());
        assert_eq!(text::drops_of_xrp(&back).map(Drops::get), Some(drops));
    }
    assert_eq!(text::drops_of_xrp(&"0.0000001".parse().unwrap()), None);
}

#[test]
fn a_newer_server_does_not_stop_us() {
    let message = json!({
        "type": "transaction", "hash": crate::Hash256::ZERO, "ledger_index": 5, "validated": true,
        "engine_result": "tesSUCCESS", "engine_result_code": 0,
        "tx_json": { "TransactionType": "FutureThing", "Account": "rrrrrrrrrrrrrrrrrrrrBZbvji", "NewField": 1, "date": 9 },
        "meta": { "TransactionResult": "tecFUTURE", "TransactionIndex": 0, "AffectedNodes": [{ "ModifiedNode": {
            "LedgerEntryType": "FutureEntry", "LedgerIndex": crate::Hash256::ZERO,
            "FinalFields": { "Balance": "1", "Other": {} } } }] },
    });
    let Incoming::Transaction(message) = Incoming::from_json(message).unwrap() else {
        panic!("no transaction")
    };
    let record = message.record().unwrap();
    assert_eq!(record.unknown, ["NewField", "FutureThing", "Other", "FutureEntry", "tecFUTURE"]);
    assert!(record.meta.result.is_tec());
    assert!(crate::TxMeta::from_json(&message.meta).is_err());
}
