//! Tests of amounts.

use super::*;

fn json(text: &str) -> Result<Amount, AmountError> {
    Amount::from_json(&serde_json::from_str(text).unwrap())
}

#[test]
fn forms_round_trip() {
    for text in [
        r#""0""#,
        r#""100000000000000000""#,
        r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"-1.5"}"#,
        r#"{"currency":"524C555344000000000000000000000000000000","issuer":"rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De","value":"0"}"#,
        r#"{"mpt_issuance_id":"00002403C84A0A28E0190E208E982C352BBD5006600555CF","value":"9223372036854775807"}"#,
    ] {
        let amount = json(text).unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), text);
        assert_eq!(amount.to_json().to_string(), text);
        assert_eq!(serde_json::from_str::<Amount>(text).unwrap(), amount);
        assert_eq!(postcard::from_bytes::<Amount>(&postcard::to_stdvec(&amount).unwrap()).unwrap(), amount);
        let mut bytes = Vec::new();
        write_binary(&amount, &mut bytes).unwrap();
        assert_eq!(read_binary(&bytes), Ok((amount, bytes.len())));
        let asset = amount.asset();
        assert_eq!(serde_json::from_str::<Asset>(&serde_json::to_string(&asset).unwrap()).unwrap(), asset);
        assert_eq!(postcard::from_bytes::<Asset>(&postcard::to_stdvec(&asset).unwrap()).unwrap(), asset);
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in [
        "1",
        "1.0",
        "null",
        "[]",
        "{}",
        r#""""#,
        r#""-1""#,
        r#""1.0""#,
        r#""+1""#,
        r#""1e3""#,
        r#""100000000000000001""#,
        r#"{"currency":"XRP","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"1"}"#,
        r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":1}"#,
        r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"NaN"}"#,
        r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"1","x":"1"}"#,
        r#"{"currency":"USD","value":"1"}"#,
    ] {
        assert!(json(text).is_err(), "{text}");
        assert!(serde_json::from_str::<Amount>(text).is_err(), "{text}");
    }
}

#[test]
fn only_one_asset_compares() {
    let one = json(r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"1"}"#).unwrap();
    let two = json(r#"{"currency":"USD","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"2"}"#).unwrap();
    let other = json(r#"{"currency":"EUR","issuer":"rrrrrrrrrrrrrrrrrrrrBZbvji","value":"2"}"#).unwrap();
    assert_eq!(one.compare(&two), Some(Ordering::Less));
    assert_eq!(one.compare(&other), None);
    assert_eq!(one.compare(&json(r#""1""#).unwrap()), None);
}
