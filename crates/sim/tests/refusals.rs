//! Refusals as a table: what is sent, with which flags, and the result; one after the other on one ledger.
//! Rules: "TrustSet", "Deep Freeze", "AccountSet" and "Known Amendments" in the XRP Ledger documentation.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod stage;

use ledger::{FieldId, Hash256, Object, Value, fields as f, flags};
use stage::{Stage, account, amount, keys};
use units::Drops;

fn stage() -> Stage {
    let mut stage = Stage::new();
    for name in ["gw", "alice"] {
        stage.fund(name, Drops::from_xrp(10_000).get());
    }
    stage
}

#[test]
fn fields_of_amendments_that_are_not_in_force() {
    let mut stage = stage();
    let hash: Value = Hash256::ZERO.into();
    let extra: [(FieldId, Value); 3] = [
        (f::DOMAIN_ID, hash),
        (f::CREDENTIAL_I_DS, vec![Hash256::ZERO].into()),
        (f::DELEGATE, account("gw").into()),
    ];
    let paid = Object::new().with(f::DESTINATION, account("gw")).with(f::AMOUNT, amount("1 XRP"));
    let offer = Object::new().with(f::TAKER_PAYS, amount("1 USD/gw")).with(f::TAKER_GETS, amount("1 XRP"));
    for (field, value) in extra {
        for (tx_type, body) in [(0, &paid), (7, &offer), (3, &Object::new())] {
            let result = stage.send(&keys("alice"), tx_type, 0, body.clone().with(field, value.clone()));
            assert_eq!(result, "temDISABLED", "{tx_type} {field}");
        }
    }
    assert_eq!(stage.send(&keys("alice"), 0, 0, paid), "tesSUCCESS");
    assert_eq!(stage.send(&keys("alice"), 101, 0, Object::new()), "temBAD_SRC_ACCOUNT");
}

#[test]
fn a_line_is_not_deep_frozen_alone() {
    use flags::{TF_CLEAR_DEEP_FREEZE as CLEAR_DEEP, TF_CLEAR_FREEZE as CLEAR};
    use flags::{TF_SET_DEEP_FREEZE as DEEP, TF_SET_FREEZE as FREEZE};
    let mut stage = stage();
    stage.hold("alice", "10 USD/gw");
    for (set, result) in [
        (DEEP, "tecNO_PERMISSION"),
        (FREEZE | CLEAR_DEEP, "tecNO_PERMISSION"),
        (DEEP | CLEAR_DEEP, "tecNO_PERMISSION"),
        (FREEZE | DEEP, "tesSUCCESS"),
        (CLEAR, "tecNO_PERMISSION"),
        (FREEZE, "tesSUCCESS"),
        (CLEAR_DEEP, "tesSUCCESS"),
        (DEEP, "tesSUCCESS"),
        (DEEP | CLEAR, "tecNO_PERMISSION"),
        (CLEAR | CLEAR_DEEP, "tesSUCCESS"),
        (DEEP, "tecNO_PERMISSION"),
    ] {
        let body = Object::new().with(f::LIMIT_AMOUNT, amount("0 USD/alice"));
        assert_eq!(stage.send(&keys("gw"), 20, set, body), result, "{set:#x}");
    }
    let unmade = Object::new().with(f::LIMIT_AMOUNT, amount("5 EUR/alice"));
    assert_eq!(stage.send(&keys("gw"), 20, DEEP, unmade), "tecNO_PERMISSION");
}

#[test]
fn domains_and_message_keys() {
    let mut stage = stage();
    let key = |first: u8| std::iter::once(first).chain([7; 32]).collect::<Vec<u8>>();
    for (field, value, result) in [
        (f::DOMAIN, vec![b'a'; 256], "tesSUCCESS"),
        (f::DOMAIN, vec![b'a'; 257], "telBAD_DOMAIN"),
        (f::DOMAIN, vec![], "tesSUCCESS"),
        (f::MESSAGE_KEY, key(0xED), "tesSUCCESS"),
        (f::MESSAGE_KEY, key(2), "tesSUCCESS"),
        (f::MESSAGE_KEY, key(4), "telBAD_PUBLIC_KEY"),
        (f::MESSAGE_KEY, vec![2; 32], "telBAD_PUBLIC_KEY"),
        (f::MESSAGE_KEY, vec![], "tesSUCCESS"),
    ] {
        let body = Object::new().with(field, value.clone());
        assert_eq!(stage.send(&keys("alice"), 3, 0, body), result, "{field} {value:?}");
    }
}
