//! Tests of objects.

use super::*;
use crate::hex;
use crate::tables::fields;
use serde_json::json;

#[test]
fn fields_are_written_in_canonical_order() {
    let object = Object::from_json(&json!({
        "TransactionType": "OfferCancel", "Account": "rrrrrrrrrrrrrrrrrrrrBZbvji", "OfferSequence": 7,
        "Fee": "12", "Sequence": 3, "Flags": 0, "hash": "ignored",
    }))
    .unwrap();
    let names: Vec<_> = object.iter().map(|(field, _)| field.name()).collect();
    assert_eq!(names, ["TransactionType", "Flags", "Sequence", "OfferSequence", "Fee", "Account"]);
    let bytes = object.to_bytes().unwrap();
    assert_eq!(Object::from_bytes(&bytes), Ok(object));
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    for (document, named) in [
        (json!({ "Acount": "rrrrrrrrrrrrrrrrrrrrBZbvji" }), "Acount"),
        (json!({ "Account": "rrrrrrrrrrrrrrrrrrrrBZbvjj" }), "Account"),
        (json!({ "Sequence": 4_294_967_296_u64 }), "Sequence"),
        (json!({ "Sequence": 1.0 }), "Sequence"),
        (json!({ "Sequence": -1 }), "Sequence"),
        (json!({ "TransactionType": "NoSuch" }), "TransactionType"),
        (json!({ "Fee": null }), "Fee"),
        (json!({ "Memos": [{ "Memo": {}, "Other": {} }] }), "Memos"),
        (json!({ "Memos": [{ "Memo": { "MemoDate": "00" } }] }), "MemoDate"),
    ] {
        let error = Object::from_json(&document).unwrap_err().to_string();
        assert!(error.contains(&format!("`{named}`")), "{document}: {error}");
    }
}

#[test]
fn nesting_is_bounded_both_ways() {
    let mut document = json!({});
    for _ in 0..60 {
        document = json!({ "Memo": document });
    }
    assert_eq!(Object::from_json(&document), Err(ObjectError::TooDeep));
    assert_eq!(Object::from_bytes(&[0xEA; 100_000]), Err(ObjectError::TooDeep));
    let mut object = Object::new();
    for _ in 0..60 {
        object = Object::new().with(fields::MEMO, object);
    }
    assert_eq!(object.to_bytes(), Err(ObjectError::TooDeep));
}

#[test]
fn a_second_form_of_the_same_object_is_refused() {
    let sequence = [0x24, 0, 0, 0, 1];
    let flags = [0x22, 0, 0, 0, 0];
    assert!(Object::from_bytes(&[flags, sequence].concat()).is_ok());
    assert_eq!(Object::from_bytes(&[sequence, flags].concat()), Err(ObjectError::Order("Flags")));
    assert_eq!(Object::from_bytes(&[sequence, sequence].concat()), Err(ObjectError::Order("Sequence")));
    assert_eq!(Object::from_bytes(&[0x20, 0x04, 0, 0, 0, 1]), Err(ObjectError::NotCanonical));
    assert_eq!(Object::from_bytes(&[0xE1]), Err(ObjectError::NotCanonical));
    assert_eq!(Object::from_bytes(&[0x24, 0, 0]), Err(ObjectError::Short));
}

#[test]
fn x_addresses_bring_their_tags() {
    let x = "X7tFPvjMH7nDxP8nTGkeeggcUpCZj8UbyT2QoiRHGDfjqrB";
    let object = Object::from_json(&json!({ "Account": x })).unwrap();
    assert_eq!(object.u32(fields::SOURCE_TAG), Some(84_854));
    assert!(Object::from_json(&json!({ "Account": x, "SourceTag": 1 })).is_err());
    assert!(Object::from_json(&json!({ "RegularKey": x })).is_err());
}

/// Main-network transaction D540F1E21A145F5CC9B95BEEF142A766C83E76E09A0E1DA6C2C2027FA7DB2B22 delivered -1 drop.
#[test]
fn a_payment_to_oneself_may_deliver_less_than_nothing() {
    let json = json!({ "DeliveredAmount": "-1" });
    let object = Object::from_json(&json).unwrap();
    let bytes = object.to_bytes().unwrap();
    assert_eq!(hex::encode(&bytes), "60120000000000000001");
    assert_eq!(Object::from_bytes(&bytes), Ok(object.clone()));
    assert_eq!(object.to_json(), json);
    for refused in ["-0", "-", "--1", "-100000000000000001"] {
        assert!(Object::from_json(&json!({ "DeliveredAmount": refused })).is_err(), "{refused}");
    }
    assert!(Object::from_json(&json!({ "Amount": "-1" })).is_err());
    for refused in ["610000000000000001", "60120000000000000000", "6012016345785D8A0001"] {
        assert!(Object::from_hex(refused).is_err(), "{refused}");
    }
    let meta = json!({ "AffectedNodes": [], "TransactionIndex": 0, "TransactionResult": "tesSUCCESS",
        "DeliveredAmount": "-1", "delivered_amount": "-1" });
    let read = crate::TxMeta::from_json(&meta).unwrap();
    assert_eq!(read.to_json(), meta);
    assert_eq!(crate::TxMeta::from_bytes(&read.to_bytes().unwrap()), Ok(read));
}

#[test]
fn the_marks_of_the_binary_form_are_no_fields() {
    for document in [
        json!({ "ArrayEndMarker": [] }),
        json!({ "ObjectEndMarker": {} }),
        json!({ "Memos": [{ "ObjectEndMarker": {} }] }),
    ] {
        assert!(matches!(Object::from_json(&document), Err(ObjectError::UnknownField(_))), "{document}");
    }
}

#[test]
fn an_issue_that_bytes_could_not_tell_apart_is_refused() {
    let one = "rrrrrrrrrrrrrrrrrrrrBZbvji";
    for issue in [
        json!({ "mpt_issuance_id": "7B0000000000000000000000000000000000000000000000" }),
        json!({ "currency": "USD", "issuer": one }),
    ] {
        let error = Object::from_json(&json!({ "Asset": issue })).unwrap_err();
        assert!(matches!(error, ObjectError::Value { field: "Asset", .. }), "{error}");
    }
}

#[test]
fn deliver_max_is_the_amount_of_a_payment_and_of_nothing_else() {
    let payment = |more: serde_json::Value| {
        let mut json = json!({ "TransactionType": "Payment", "Fee": "10" });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Object::from_api_json(&json)
    };
    let amount = payment(json!({ "Amount": "5" })).unwrap();
    assert_eq!(payment(json!({ "DeliverMax": "5" })).unwrap(), amount);
    assert_eq!(payment(json!({ "DeliverMax": "5", "Amount": "5" })).unwrap(), amount);
    let error = payment(json!({ "DeliverMax": "5", "Amount": "6" })).unwrap_err().to_string();
    assert!(error.contains("`Amount`") && error.contains("`DeliverMax`"), "{error}");
    for other in
        [json!({ "TransactionType": "OfferCreate", "DeliverMax": "5" }), json!({ "DeliverMax": "5" })]
    {
        assert_eq!(Object::from_api_json(&other), Err(ObjectError::UnknownField("DeliverMax".to_owned())));
    }
}

#[test]
fn what_a_server_adds_is_no_part_of_what_is_signed() {
    for name in ["meta", "owner_funds", "date", "validated", "ledger_index", "hash", "index"] {
        let json = json!({ "TransactionType": "Payment", "Fee": "10", name: "5" });
        assert!(Object::from_api_json(&json).is_ok(), "{name}");
        assert_eq!(Object::from_unsent_json(&json), Err(ObjectError::Addition(name.to_owned())));
    }
}

/// xrpl-py 5.2 writes the same bytes for both forms.
#[test]
fn x_addresses_within_values_bring_no_tag() {
    let account = "r3kmLJN5D28dHuH8vZNUZpMC43pEHpaocV";
    let x = |tag| crate::XAddress { account: account.parse().unwrap(), tag, test_network: false }.to_string();
    let documents = |who: &str| {
        let issue = json!({ "currency": "USD", "issuer": who });
        [
            json!({ "Amount": { "currency": "USD", "issuer": who, "value": "1" } }),
            json!({ "Asset": issue }),
            json!({ "Paths": [[{ "account": who }, { "currency": "USD", "issuer": who }]] }),
            json!({ "XChainBridge": { "LockingChainDoor": who, "LockingChainIssue": { "currency": "XRP" },
                "IssuingChainDoor": who, "IssuingChainIssue": issue } }),
        ]
    };
    for ((classic, plain), tagged) in
        documents(account).iter().zip(documents(&x(None))).zip(documents(&x(Some(0))))
    {
        assert_eq!(Object::from_json(&plain), Object::from_json(classic), "{plain}");
        assert!(Object::from_json(classic).is_ok(), "{classic}");
        let error = Object::from_json(&tagged).unwrap_err().to_string();
        assert!(error.contains("no place for the tag"), "{tagged}: {error}");
    }
}

#[test]
fn how_much_one_document_may_hold_is_the_same_in_bytes_and_json() {
    let bytes = |memos: usize| [&[0xF9][..], &[0xEA, 0xE1].repeat(memos), &[0xF1]].concat();
    // The document itself and the array count too.
    let most = INNER_MAX - 2;
    let object = Object::from_bytes(&bytes(most)).unwrap();
    assert_eq!(Object::from_json(&object.to_json()).as_ref(), Ok(&object));
    assert_eq!(object.to_bytes(), Ok(bytes(most)));
    assert_eq!(Object::from_bytes(&bytes(most + 1)), Err(ObjectError::TooMany));
    let mut json = object.to_json();
    json["Memos"].as_array_mut().unwrap().push(json!({ "Memo": {} }));
    assert_eq!(Object::from_json(&json), Err(ObjectError::TooMany));
    assert_eq!(Object::from_json_lenient(&json), Err(ObjectError::TooMany));
}

#[test]
fn the_placeholder_of_the_definitions_is_no_type() {
    for document in [
        json!({ "TransactionType": "Invalid" }),
        json!({ "TransactionType": 65_535 }),
        json!({ "TransactionType": "65535" }),
        json!({ "LedgerEntryType": "Invalid" }),
    ] {
        assert!(Object::from_json(&document).is_err(), "{document}");
    }
    let nested = Object::new().with(fields::NEW_FIELDS, Object::from_hex("11FFFF").unwrap());
    assert_eq!(nested.without_type(), Some(fields::LEDGER_ENTRY_TYPE));
    assert_eq!(Object::from_hex("120000").unwrap().without_type(), None);
}

#[test]
fn any_object_is_a_document() {
    for hex in ["F8F1", "F8E5E1F1", "F8F1031000", "2400000001"] {
        let object = Object::from_hex(hex).unwrap();
        assert_eq!(Object::from_document(&object.to_json()), Ok(object), "{hex}");
    }
    let meta = json!({ "AffectedNodes": [], "delivered_amount": "unavailable", "offer_id": "00" });
    assert_eq!(Object::from_document(&meta).unwrap().len(), 1);
    let unknown = json!({ "AffectedNodes": [], "validated": true });
    assert_eq!(Object::from_document(&unknown), Err(ObjectError::UnknownField("validated".to_owned())));
}
