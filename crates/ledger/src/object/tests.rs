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
