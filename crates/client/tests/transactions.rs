//! One validated transaction in every shape a server may give it is one [`ValidatedTx`](client::ValidatedTx); damaged
//! shapes are typed errors that name the field.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use client::ClientError;
use client::answers::{TxLookup, validated_tx};
use ledger::{KeyPair, Object, TxMeta, hex, sign_object};
use serde_json::{Value, json};

fn parts() -> (Value, String, String, Value, String) {
    let keys = KeyPair::from_seed_text("snoPBrXtMeMyMHUVTgbuqAfg1SUTb").unwrap();
    let tx = json!({ "TransactionType": "Payment", "Account": keys.account(), "Amount": "5", "Fee": "10", "Flags": 0,
        "Destination": "rrrrrrrrrrrrrrrrrrrrBZbvji", "Sequence": 1 });
    let (object, signed) = sign_object(&Object::from_json(&tx).unwrap(), &keys).unwrap();
    let meta = json!({ "AffectedNodes": [], "TransactionIndex": 3, "TransactionResult": "tesSUCCESS" });
    let meta_blob = hex::encode(&TxMeta::from_json(&meta).unwrap().to_bytes().unwrap());
    (object.to_json(), hex::encode(&signed.blob), signed.hash.to_string(), meta, meta_blob)
}

#[test]
fn every_shape_is_one_transaction() {
    let (tx, blob, hash, meta, meta_blob) = parts();
    let mut v1 = tx.clone();
    v1["hash"] = hash.clone().into();
    v1["date"] = 848_532_100.into();
    v1["ledger_index"] = 7.into();
    let mut flat = v1.clone();
    flat["meta"] = meta.clone();
    let iso = "2026-11-20T23:21:40Z";
    let documents = [
        json!({ "tx_json": tx, "meta": meta, "hash": hash, "ledger_index": 7, "close_time_iso": iso }),
        json!({ "tx_blob": blob, "meta_blob": meta_blob, "hash": hash, "ledger_index": 7, "close_time_iso": iso }),
        json!({ "tx": v1, "meta": meta }),
        json!({ "tx_blob": blob, "meta": meta_blob, "ledger_index": 7, "date": 848_532_100 }),
        json!({ "transaction": v1, "meta": meta }),
        flat,
    ];
    let first = validated_tx(documents[0].clone(), "tx").unwrap();
    assert_eq!((first.transaction_index, first.result.as_str()), (3, "tesSUCCESS"));
    for document in documents {
        let read = validated_tx(document.clone(), "tx").unwrap();
        assert_eq!(read.typed_tx(), first.typed_tx(), "{document}");
        let key =
            |tx: &client::ValidatedTx| (tx.hash, tx.ledger_index, tx.close_time, tx.account, tx.meta.clone());
        assert_eq!(key(&read), key(&first), "{document}");
        let mut whole = document;
        whole["validated"] = true.into();
        assert!(matches!(TxLookup::read(whole, &first.hash), Ok(TxLookup::Validated(_))));
    }
}

#[test]
fn damage_is_named() {
    let (tx, blob, hash, meta, _) = parts();
    let zero = "0".repeat(64);
    for (document, field) in [
        (json!({ "meta": meta, "hash": hash, "ledger_index": 7 }), "tx_json"),
        (json!({ "tx_json": tx, "hash": hash, "ledger_index": 7 }), "meta"),
        (json!({ "tx_json": tx, "meta": meta, "ledger_index": 7 }), "hash"),
        (json!({ "tx_json": tx, "meta": meta, "hash": hash }), "ledger_index"),
        (json!({ "tx_json": tx, "meta": meta, "hash": hash, "ledger_index": -7 }), "ledger_index"),
        (json!({ "tx_blob": blob, "meta": meta, "hash": zero, "ledger_index": 7 }), "hash"),
        (json!({ "tx_json": {}, "meta": meta, "hash": hash, "ledger_index": 7 }), "Account"),
        (json!({ "tx_json": tx, "meta": {}, "hash": hash, "ledger_index": 7 }), "TransactionIndex"),
        (json!({ "tx_json": tx, "meta": "00", "hash": hash, "ledger_index": 7 }), "meta_blob"),
    ] {
        match validated_tx(document.clone(), "tx").unwrap_err() {
            ClientError::BadAnswer { of: "tx", field: named, .. } => assert_eq!(named, field, "{document}"),
            other => panic!("{other}: {document}"),
        }
    }
}
