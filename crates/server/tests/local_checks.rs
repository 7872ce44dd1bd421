//! What a submission is refused for before any ledger is looked at, as a table: the fields, and the server's words.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use common::{manual, pipe, spec, wallet};
use ledger::{Object, hex, sign_object};
use serde_json::{Value, json};
use server::EmbeddedLedger;
use sim::world::MarketSpec;

#[tokio::test]
async fn what_is_no_transaction_of_its_type_is_refused_in_the_servers_words() {
    let server = manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap());
    let mut connection = pipe(&server).await;
    let me = wallet().account().to_string();
    let memo = json!([{ "Memo": { "MemoType": "20" } }]);
    let urls = "The MemoType and MemoFormat fields may only contain characters that are allowed in URLs under RFC 3986.";
    for (body, words, dry_words) in [
        (
            json!({ "TransactionType": "Payment", "Amount": "1" }),
            "Field 'Destination' is required but missing.".to_owned(),
            "Field 'Destination' is required but missing.",
        ),
        (
            json!({ "TransactionType": "AccountSet", "TakerGets": "1" }),
            "Field 'TakerGets' found in disallowed location.".to_owned(),
            "Field 'TakerGets' found in disallowed location.",
        ),
        (
            json!({ "TransactionType": "SetFee" }),
            "fails local checks: Cannot submit pseudo transactions.".to_owned(),
            "",
        ),
        (
            json!({ "TransactionType": "AccountSet", "Memos": memo }),
            format!("fails local checks: {urls}"),
            "",
        ),
    ] {
        let mut tx = body.clone();
        let common = json!({ "Account": me, "Sequence": 1, "Fee": "12" });
        tx.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
        let object = Object::from_json(&tx).unwrap();
        let (_, signed) = sign_object(&object, &wallet()).unwrap();
        let ask: Value = json!({ "tx_blob": hex::encode(&signed.blob) });
        let told = connection.request("submit", ask).await;
        let told = format!("{told:?}");
        assert!(told.contains("invalidTransaction") && told.contains(&words), "{body} {told}");
        let told = format!("{:?}", connection.request("simulate", json!({ "tx_json": tx })).await);
        assert_eq!(told.contains("invalidTransaction"), !dry_words.is_empty(), "{body} {told}");
        assert!(told.contains(dry_words), "{body} {told}");
    }
}
