//! Formats and local checks as a table: a transaction, and the words it gets.

use serde_json::{Value as Json, json};

use super::*;

const ME: &str = "rrrrrrrrrrrrrrrrrrrrBZbvji";

fn read(tx_type: &str, body: Json, without: &[&str]) -> Object {
    let mut tx =
        json!({ "TransactionType": tx_type, "Account": ME, "Sequence": 1, "Fee": "10", "SigningPubKey": "" });
    let map = tx.as_object_mut().unwrap();
    map.extend(body.as_object().unwrap().clone());
    map.retain(|name, _| !without.contains(&name.as_str()));
    Object::from_json(&tx).unwrap()
}

fn said(tx: &Object) -> String {
    match check_format(tx) {
        Err(words) => words,
        Ok(()) => check_locally(tx).err().unwrap_or("").to_owned(),
    }
}

#[test]
fn fields_are_those_of_the_type() {
    let paid = json!({ "Destination": ME, "Amount": "1" });
    let offer = json!({ "TakerPays": "1", "TakerGets": "1", "Destination": ME });
    let amendment = json!({ "LedgerSequence": 1, "Amendment": "00".repeat(32) });
    for (tx_type, body, without, words) in [
        ("Payment", paid.clone(), vec![], ""),
        ("Payment", paid.clone(), vec!["Destination"], "Field 'Destination' is required but missing."),
        ("Payment", paid.clone(), vec!["Amount"], "Field 'Amount' is required but missing."),
        ("Payment", paid.clone(), vec!["Fee"], "Field 'Fee' is required but missing."),
        ("Payment", paid, vec!["SigningPubKey"], "Field 'SigningPubKey' is required but missing."),
        ("OfferCreate", offer.clone(), vec![], "Field 'Destination' found in disallowed location."),
        ("OfferCreate", offer, vec!["TakerPays"], "Field 'TakerPays' is required but missing."),
        ("OfferCancel", json!({}), vec![], "Field 'OfferSequence' is required but missing."),
        ("TrustSet", json!({}), vec![], ""),
        ("AccountSet", json!({ "Flags": 0, "SourceTag": 1, "Delegate": ME }), vec![], ""),
        ("AccountSet", json!({ "Amount": "1" }), vec![], "Field 'Amount' found in disallowed location."),
        ("AMMVote", json!({}), vec![], "Field 'Asset' is required but missing."),
        ("SetRegularKey", json!({ "Amount": "1" }), vec![], ""),
        (
            "AMMBid",
            json!({ "Asset": { "currency": "XRP" }, "AuthAccounts": [{ "AuthAccount": {} }] }),
            vec![],
            "Field 'Account' is required but missing.",
        ),
        ("SetFee", json!({}), vec![], "Cannot submit pseudo transactions."),
        ("EnableAmendment", json!({}), vec![], "Field 'LedgerSequence' is required but missing."),
        ("EnableAmendment", amendment, vec![], "Cannot submit pseudo transactions."),
    ] {
        assert_eq!(said(&read(tx_type, body.clone(), &without)), words, "{tx_type} {body} {without:?}");
    }
    let nobody = Object::new().with(f::TRANSACTION_TYPE, TxType(9));
    assert_eq!(said(&nobody), "Invalid transaction type 9");
    assert_eq!(said(&Object::new()), "Field not found: TransactionType");
    let no_paths = read("Payment", json!({ "Destination": ME, "Amount": "1" }), &[]);
    let mut no_paths = no_paths.with(f::PATHS, Vec::<Vec<crate::object::PathStep>>::new());
    assert_eq!(said(&no_paths), "Field 'Paths' may not be explicitly set to default.");
    // The format is gone through in its order: a needed field that comes before the paths is missed first.
    no_paths.remove(f::FEE);
    assert_eq!(said(&no_paths), "Field 'Paths' may not be explicitly set to default.");
    no_paths.remove(f::AMOUNT);
    assert_eq!(said(&no_paths), "Field 'Amount' is required but missing.");
}

#[test]
fn multi_purpose_tokens_are_for_payments_and_clawbacks() {
    let token = json!({ "mpt_issuance_id": "00".repeat(24), "value": "1" });
    let paid = json!({ "Destination": ME, "Amount": "1" });
    let with = |base: &Json, name: &str| {
        let mut body = base.clone();
        body.as_object_mut().unwrap().insert(name.to_owned(), token.clone());
        body
    };
    for (tx_type, body, is_fine) in [
        ("Payment", with(&paid, "Amount"), true),
        ("Payment", with(&paid, "SendMax"), true),
        ("Payment", with(&paid, "DeliverMin"), true),
        ("Payment", with(&paid, "Fee"), false),
        ("Clawback", with(&json!({ "Holder": ME }), "Amount"), true),
        ("OfferCreate", with(&json!({ "TakerPays": "1" }), "TakerGets"), false),
        ("TrustSet", with(&json!({}), "LimitAmount"), false),
        ("CheckCreate", with(&json!({ "Destination": ME }), "SendMax"), true),
    ] {
        let words = if is_fine { "" } else { "Amount can not be MPT." };
        assert_eq!(said(&read(tx_type, body.clone(), &[])), words, "{tx_type} {body}");
    }
}

#[test]
fn memos_are_small_and_their_types_are_of_urls() {
    let hex = |text: &str| crate::hex::encode(text.as_bytes());
    let urls = "The MemoType and MemoFormat fields may only contain characters that are allowed in URLs under RFC 3986.";
    let of = |field: &str, text: &str| json!({ "Memo": { field: hex(text) } });
    // A memo of 1024 bytes: 1 for its mark, 1 for the field, 2 for the length, 1019 of data, 1 for its end.
    for (memo, words) in [
        (of("MemoType", "text/plain;a=%20~[1]"), ""),
        (of("MemoFormat", "a b"), urls),
        (of("MemoType", "<a>"), urls),
        (of("MemoType", "ä"), urls),
        (of("MemoData", "a b <ä>"), ""),
        (of("MemoData", &"x".repeat(1019)), ""),
        (of("MemoData", &"x".repeat(1020)), "The memo exceeds the maximum allowed size."),
        (of("Domain", "x"), "A memo may contain only MemoType, MemoData or MemoFormat fields."),
        (json!({ "ModifiedNode": { "MemoData": "00" } }), "A memo array may contain only Memo objects."),
    ] {
        let tx = read("AccountSet", json!({ "Memos": [memo] }), &[]);
        assert_eq!(said(&tx), words, "{memo}");
    }
}
