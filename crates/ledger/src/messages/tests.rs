//! Tests of the reader of transaction documents.

use serde_json::{Value as Json, json};
use units::LedgerTime;

use super::*;
use crate::hex;

/// A payment signed with the well-known genesis seed, its bytes, its id and metadata.
fn payment() -> (Json, String, String, Json) {
    let keys = crate::KeyPair::from_seed_text("snoPBrXtMeMyMHUVTgbuqAfg1SUTb").unwrap();
    let tx = json!({ "TransactionType": "Payment", "Account": keys.account(), "Amount": "5", "Fee": "10",
        "Destination": "rrrrrrrrrrrrrrrrrrrrBZbvji", "Sequence": 1 });
    let (object, signed) = crate::sign_object(&crate::Object::from_json(&tx).unwrap(), &keys).unwrap();
    let meta = json!({ "AffectedNodes": [], "TransactionIndex": 3, "TransactionResult": "tesSUCCESS" });
    (object.to_json(), hex::encode(&signed.blob), signed.hash.to_string(), meta)
}

fn read(document: Json) -> Result<TxRecord, RecordError> {
    TxRecord::read(&document)
}

/// A transaction with more fields beside its own, as API version 1 shows it.
fn with(tx: &Json, more: Json) -> Json {
    let mut flat = tx.clone();
    flat.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    flat
}

#[test]
fn every_shape_is_the_same_transaction() {
    let (tx, blob, hash, meta) = payment();
    let meta_blob = hex::encode(&crate::TxMeta::from_json(&meta).unwrap().to_bytes().unwrap());
    let date = 848_532_100;
    let more = json!({ "hash": hash, "ledger_index": 7, "date": date, "validated": true });
    let v2 = json!({ "tx_json": with(&tx, json!({ "date": date, "ledger_index": 7 })), "meta": meta, "hash": hash,
        "ledger_index": 7, "close_time_iso": "2026-11-20T23:21:40Z", "validated": true });
    let documents = [
        json!({ "result": v2, "status": "success", "type": "response", "id": 1 }),
        v2.clone(),
        with(
            &with(&tx, more.clone()),
            json!({ "meta": meta, "inLedger": 7, "ctid": "C0", "status": "success" }),
        ),
        json!({ "tx": with(&tx, more.clone()), "meta": meta, "validated": true }),
        json!({ "tx": with(&tx, more), "meta": meta_blob, "validated": true }),
        json!({ "tx_blob": blob, "meta": meta_blob, "ledger_index": 7, "date": date, "validated": true }),
        json!({ "tx_blob": blob, "meta_blob": meta_blob, "hash": hash, "ledger_index": "7", "validated": true,
            "close_time_iso": "2026-11-20T23:21:40Z" }),
        json!({ "transaction": with(&tx, json!({ "hash": hash, "date": date })), "meta": meta, "validated": true,
            "type": "transaction", "engine_result": "tesSUCCESS", "ledger_index": 7 }),
        with(
            &tx,
            json!({ "metaData": meta, "hash": hash, "ledger_index": 7, "date": date, "validated": true }),
        ),
    ];
    let first = read(documents[0].clone()).unwrap();
    assert_eq!(first.hash.map(|hash| hash.to_string()), Some(hash));
    assert_eq!(first.fee_paid().map(|paid| paid.fee.get()), Some(10));
    assert_eq!(first.close_time, Some(LedgerTime(date)));
    assert_eq!(first.parent_close, Some(ParentClose::AtMost(LedgerTime(date - 1))));
    assert!(first.unknown.is_empty() && !first.simulated);
    for document in documents {
        assert_eq!(read(document.clone()).as_ref(), Ok(&first), "{document}");
    }
    let odd = read(json!({ "tx_json": tx, "meta": meta, "date": "today", "close_time_iso": true })).unwrap();
    assert_eq!((odd.close_time, odd.parent_close), (None, None));
    let bare = read(meta).unwrap();
    assert_eq!((bare.tx, &bare.meta, bare.hash), (None, &first.meta, None));
    assert_eq!(read(Json::String(meta_blob)).unwrap().meta, first.meta);
}

#[test]
fn refusals_name_the_field() {
    let (tx, blob, hash, meta) = payment();
    let other = "0".repeat(64);
    let cases = [
        (json!(7), "neither"),
        (json!([]), "neither"),
        (json!("zz"), "`meta`"),
        (json!({}), "no metadata"),
        (json!({ "tx_json": tx, "meta": null }), "no metadata"),
        (json!({ "tx_json": tx, "meta": 7 }), "not a JSON object"),
        (json!({ "tx_json": tx, "meta": {} }), "`TransactionResult`"),
        (json!({ "tx_json": {}, "meta": meta }), "`TransactionType`"),
        (json!({ "tx_blob": 7, "meta": meta }), "transaction: not a JSON object"),
        (json!({ "tx_blob": "zz", "meta": meta }), "not hexadecimal"),
        (json!({ "tx_json": tx, "meta": meta, "hash": 7 }), "`hash`"),
        (json!({ "tx_json": tx, "meta": meta, "validated": "yes" }), "`validated`"),
        (json!({ "tx_json": tx, "meta": meta, "ledger_index": 1.5 }), "`ledger_index`"),
        (json!({ "tx_json": tx, "meta": meta, "ledger_index": "current" }), "`ledger_index`"),
        (json!({ "tx_json": with(&tx, json!({ "hash": hash })), "meta": meta, "hash": other }), "`hash`"),
        (json!({ "tx_blob": blob, "meta": meta, "hash": other }), "`hash` is 0000"),
        (json!({ "tx_json": tx, "tx_blob": blob, "meta": meta, "hash": other }), "`hash` is 0000"),
        (json!({ "result": { "error": "txnNotFound\u{1b}[2J" } }), "txnNotFound\\u{1b}"),
        (json!({ "error": "noPermission" }), "noPermission"),
        (json!({ "result": { "transactions": [] } }), "list"),
        (json!({ "ledger": { "transactions": [] } }), "list"),
    ];
    for (document, word) in cases {
        let error = read(document.clone()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}: {document}");
    }
}

#[test]
fn a_newer_server_does_not_stop_us() {
    let record = read(json!({
        "type": "transaction", "hash": crate::Hash256::ZERO, "ledger_index": 5, "validated": true,
        "engine_result": "tecFUTURE", "engine_result_code": 0, "parent_close_time": 8,
        "tx_json": { "TransactionType": "FutureThing", "Account": "rrrrrrrrrrrrrrrrrrrrBZbvji", "NewField": 1, "date": 9 },
        "meta": { "TransactionResult": "tecFUTURE", "TransactionIndex": 0, "AffectedNodes": [{ "ModifiedNode": {
            "LedgerEntryType": "FutureEntry", "LedgerIndex": crate::Hash256::ZERO,
            "FinalFields": { "Balance": "1", "Other": {} } } }] },
    }))
    .unwrap();
    assert_eq!(record.unknown, ["Other", "FutureEntry", "tecFUTURE", "NewField", "FutureThing"]);
    assert_eq!(record.result, "tecFUTURE");
    assert_eq!(record.type_name().as_deref(), Some("FutureThing"));
    assert_eq!(record.newer_entry_types[&crate::Hash256::ZERO], "FutureEntry");
    assert_eq!(record.parent_close, Some(ParentClose::Exact(LedgerTime(8))));
    assert!(record.meta.result.is_tec());
}

#[test]
fn a_tried_transaction_says_so() {
    let (tx, _, _, meta) = payment();
    let document = json!({ "applied": false, "engine_result": "tesSUCCESS", "ledger_index": 3, "tx_json": tx,
        "meta": meta });
    let record = read(document).unwrap();
    assert!(record.simulated && record.validated.is_none());
}

#[test]
fn two_names_of_one_thing_may_not_contradict_each_other() {
    let (tx, tx_blob, _, meta) = payment();
    let meta_blob = hex::encode(&crate::TxMeta::from_json(&meta).unwrap().to_bytes().unwrap());
    let (mut other_tx, mut other_meta) = (tx.clone(), meta.clone());
    other_tx["Sequence"] = 77.into();
    other_meta["TransactionIndex"] = 77.into();
    let document = json!({ "tx_json": tx, "meta": meta });
    for more in [
        json!({ "metaData": meta }),
        json!({ "tx": tx }),
        json!({ "meta_blob": meta_blob.to_lowercase() }),
        json!({ "tx_blob": tx_blob, "meta_blob": meta_blob }),
    ] {
        assert!(read(with(&document, more.clone())).is_ok(), "{more}");
    }
    let other_blob = crate::TxMeta::from_json(&other_meta).unwrap().to_bytes().unwrap();
    let other_tx_blob = crate::Object::from_json(&other_tx).unwrap().to_bytes().unwrap();
    for (more, name) in [
        (json!({ "metaData": other_meta }), "metaData"),
        (json!({ "transaction": other_tx }), "transaction"),
        (json!({ "meta_blob": hex::encode(&other_blob) }), "meta_blob"),
        (json!({ "tx_blob": hex::encode(&other_tx_blob) }), "tx_blob"),
        (json!({ "tx": hex::encode(&other_tx_blob) }), "tx_blob"),
        (json!({ "TransactionType": "Payment" }), "TransactionType"),
    ] {
        let error = read(with(&document, more.clone())).unwrap_err();
        assert!(matches!(error, RecordError::Disagree(..)), "{more}: {error}");
        assert!(error.to_string().contains(name), "{more}: {error}");
    }
}

#[test]
fn a_hash_of_another_transaction_is_told() {
    let (tx, tx_blob, _, meta) = payment();
    let id = crate::tx_hash(&hex::decode(&tx_blob).unwrap());
    let right = read(json!({ "tx_json": tx, "meta": meta, "hash": id })).unwrap();
    assert_eq!((right.hash, right.other_hash()), (Some(id), None));
    let wrong = read(json!({ "tx_json": tx, "meta": meta, "hash": crate::Hash256::ZERO })).unwrap();
    assert_eq!((wrong.hash, wrong.other_hash()), (Some(crate::Hash256::ZERO), Some(id)));
}

#[test]
fn a_text_is_read_as_its_tree_is() {
    let (tx, tx_blob, hash, meta) = payment();
    for document in [
        json!({ "tx_json": tx, "meta": meta, "hash": hash, "validated": true, "more": [1.5, { "a": "\u{e9}\n" }] }),
        json!({ "tx_blob": tx_blob, "meta": meta, "ledger_index": 7, "validated": true }),
        json!({ "tx_json": tx, "meta": { "AffectedNodes": [{ "ModifiedNode": {} }] } }),
        json!([1, 2]),
    ] {
        assert_eq!(TxRecord::read_text(&document.to_string()), TxRecord::read(&document), "{document}");
    }
    assert!(matches!(TxRecord::read_text("{"), Err(RecordError::NotJson(_))));
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let (tx, _, hash, meta) = payment();
    let whole = json!({ "tx_json": tx, "meta": meta, "hash": hash, "validated": true }).to_string();
    assert!(TxRecord::read_text(&whole).is_ok());
    for (once, twice) in [
        ("\"validated\":true", "\"validated\":true,\"validated\":false"),
        ("\"TransactionIndex\":3", "\"TransactionIndex\":3,\"TransactionIndex\":4"),
        ("\"Sequence\":1", "\"Sequence\":1,\"Sequence\":1"),
        ("\"Sequence\":1", "\"Sequence\":1,\"date\":1,\"date\":2"),
        ("\"AffectedNodes\":[", "\"AffectedNodes\":[{\"CreatedNode\":{\"Flags\":1,\"Flags\":1}}"),
        ("\"AffectedNodes\":[", "\"AffectedNodes\":[{\"CreatedNode\":{},\"CreatedNode\":{}}"),
    ] {
        let text = whole.replacen(once, twice, 1);
        assert_ne!(text, whole);
        let error = TxRecord::read_text(&text).unwrap_err().to_string();
        assert!(error.contains("twice") || error.contains("one name"), "{error}: {text}");
    }
}
