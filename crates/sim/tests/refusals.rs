//! Refusals as a table: what is sent, with which flags, and the result; one after the other on one ledger.
//! Rules: "TrustSet", "Deep Freeze", "AccountSet" and "Known Amendments" in the XRP Ledger documentation.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod stage;

use ledger::{AccountId, Amount, FieldId, Hash256, KeyPair, Object, TxType, Value, fields as f, flags};
use sim::world::{At, World};
use stage::{Stage, account, amount, keys};
use units::Drops;

fn stage() -> Stage {
    let mut stage = Stage::new();
    for name in ["gateway", "alice"] {
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
        (f::DELEGATE, account("gateway").into()),
    ];
    let paid = Object::new().with(f::DESTINATION, account("gateway")).with(f::AMOUNT, amount("1 XRP"));
    let offer =
        Object::new().with(f::TAKER_PAYS, amount("1 USD/gateway")).with(f::TAKER_GETS, amount("1 XRP"));
    for (field, value) in extra {
        for (tx_type, body) in [(0, &paid), (7, &offer), (3, &Object::new())] {
            let result = stage.send(&keys("alice"), tx_type, 0, body.clone().with(field, value.clone()));
            assert_eq!(result, "temDISABLED", "{tx_type} {field}");
        }
    }
    assert_eq!(stage.send(&keys("alice"), 0, 0, paid), "tesSUCCESS");
}

#[test]
fn types_of_amendments_that_are_not_in_force_and_of_nobodys() {
    let mut stage = stage();
    for (tx_type, result) in [
        (16, "temDISABLED"),
        (21, "temDISABLED"),
        (25, "temDISABLED"),
        (54, "temDISABLED"),
        (65, "temDISABLED"),
        (1, "temUNKNOWN"),
        (5, "temUNKNOWN"),
        (12, "temUNKNOWN"),
        (100, "temBAD_SRC_ACCOUNT"),
        (101, "temBAD_SRC_ACCOUNT"),
        (102, "temBAD_SRC_ACCOUNT"),
    ] {
        assert_eq!(stage.send(&keys("alice"), tx_type, 0, Object::new()), result, "{tx_type}");
    }
}

/// A pseudo-transaction from nobody is as a server would have it, one thing after the other, and there is no such
/// account: in no open ledger.
#[test]
fn a_pseudo_transaction_is_looked_at_in_order() {
    let stage = stage();
    let mut tx = Object::new()
        .with(f::TRANSACTION_TYPE, TxType(101))
        .with(f::ACCOUNT, account("alice"))
        .with(f::FEE, Drops::new(10).unwrap())
        .with(f::SEQUENCE, 1_u32)
        .with(f::SIGNING_PUB_KEY, keys("alice").public_key().to_vec());
    let mended: [(FieldId, Value, &str); 5] = [
        (f::SOURCE_TAG, 1_u32.into(), "temBAD_SRC_ACCOUNT"),
        (f::ACCOUNT, AccountId::ZERO.into(), "temBAD_FEE"),
        (f::FEE, Drops::ZERO.into(), "temBAD_SIGNATURE"),
        (f::SIGNING_PUB_KEY, Vec::<u8>::new().into(), "temBAD_SEQUENCE"),
        (f::SEQUENCE, 0_u32.into(), "terNO_ACCOUNT"),
    ];
    for (field, value, result) in mended {
        tx.insert(field, value);
        let (told, meta) = stage.world.simulate(&tx.to_bytes().unwrap()).unwrap();
        assert_eq!((told.to_string().as_str(), meta), (result, None));
    }
}

/// "Transaction Common Fields": a fee is XRP; a ticket stands for a sequence, and neither goes with what orders
/// transactions otherwise.
#[test]
fn common_fields() {
    let mut stage = stage();
    let issued: Value = amount("1 USD/gateway").into();
    let ticket: Value = 3_u32.into();
    let zero: Value = 0_u32.into();
    let hash: Value = Hash256::ZERO.into();
    for (fields, result) in [
        (vec![(f::FEE, issued)], "temBAD_FEE"),
        (vec![(f::TICKET_SEQUENCE, ticket.clone())], "temSEQ_AND_TICKET"),
        (
            vec![
                (f::TICKET_SEQUENCE, ticket.clone()),
                (f::SEQUENCE, zero.clone()),
                (f::ACCOUNT_TXN_ID, hash),
            ],
            "temINVALID",
        ),
        (vec![(f::TICKET_SEQUENCE, ticket), (f::SEQUENCE, zero)], "tefNO_TICKET"),
        (vec![(f::NETWORK_ID, 0_u32.into())], "telNETWORK_ID_MAKES_TX_NON_CANONICAL"),
        (vec![(f::FEE, Drops::new(9).unwrap().into())], "telINSUF_FEE_P"),
    ] {
        let told = send_with(&mut stage, &keys("alice"), fields.clone());
        assert_eq!(told, result, "{fields:?}");
    }
    // Who may sign is asked before what it costs.
    let foreign = vec![(f::ACCOUNT, account("alice").into()), (f::FEE, Drops::new(9).unwrap().into())];
    assert_eq!(send_with(&mut stage, &keys("gateway"), foreign), "tefBAD_AUTH");
}

/// An AccountSet with these fields instead of the usual ones.
fn send_with(stage: &mut Stage, from: &KeyPair, fields: Vec<(FieldId, Value)>) -> String {
    let sequence = stage.world.sequence(At::Current, account("alice")).unwrap();
    let mut tx = Object::new()
        .with(f::TRANSACTION_TYPE, TxType(3))
        .with(f::ACCOUNT, from.account())
        .with(f::SEQUENCE, sequence)
        .with(f::FEE, Drops::new(10).unwrap());
    for (field, value) in fields {
        tx.insert(field, value);
    }
    let (_, signed) = ledger::sign_object(&tx, from).unwrap();
    stage.world.submit(&signed.blob).unwrap().engine_result.to_string()
}

/// What is in the open ledger, or in a closed one, has used its number up: for that it is refused.
#[test]
fn a_transaction_again() {
    let mut stage = stage();
    let tickets = Object::new().with(f::TICKET_COUNT, 2_u32);
    assert_eq!(stage.send(&keys("alice"), 10, 0, tickets), "tesSUCCESS");
    let sequence = stage.world.sequence(At::Current, account("alice")).unwrap();
    for (number, ticket, again) in [(sequence, None, "tefPAST_SEQ"), (0, Some(sequence - 1), "tefNO_TICKET")]
    {
        let mut tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType(3))
            .with(f::ACCOUNT, account("alice"))
            .with(f::SEQUENCE, number)
            .with(f::FEE, Drops::new(10).unwrap());
        tx.insert_some(f::TICKET_SEQUENCE, ticket);
        let (_, signed) = ledger::sign_object(&tx, &keys("alice")).unwrap();
        let submit = |stage: &mut Stage| stage.world.submit(&signed.blob).unwrap().engine_result.to_string();
        assert_eq!(submit(&mut stage), "tesSUCCESS");
        assert_eq!(submit(&mut stage), again, "in the open ledger");
        let closed = stage.world.close();
        assert_eq!(closed.transactions.len(), 1);
        assert_eq!(submit(&mut stage), again, "in a closed ledger");
        let dry = Object::from_bytes(&signed.blob).unwrap();
        assert_eq!(stage.world.simulate(&dry.to_bytes().unwrap()).unwrap().0.to_string(), again, "dry");
        assert!(stage.world.close().transactions.is_empty());
    }
}

#[test]
fn a_line_is_not_deep_frozen_alone() {
    use flags::{TF_CLEAR_DEEP_FREEZE as CLEAR_DEEP, TF_CLEAR_FREEZE as CLEAR};
    use flags::{TF_SET_DEEP_FREEZE as DEEP, TF_SET_FREEZE as FREEZE};
    let mut stage = stage();
    stage.hold("alice", "10 USD/gateway");
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
        assert_eq!(stage.send(&keys("gateway"), 20, set, body), result, "{set:#x}");
    }
    // A line that is not there, to somebody who is not: that is said first.
    let nobody = Object::new().with(f::LIMIT_AMOUNT, amount("5 EUR/nobody"));
    assert_eq!(stage.send(&keys("gateway"), 20, DEEP, nobody), "tecNO_DST");
    assert_eq!(stage.send(&keys("gateway"), 20, 0, Object::new()), "temBAD_LIMIT");
    let unmade = Object::new().with(f::LIMIT_AMOUNT, amount("5 EUR/alice"));
    assert_eq!(stage.send(&keys("gateway"), 20, DEEP, unmade.clone()), "tecNO_PERMISSION");
    assert_eq!(stage.send(&keys("gateway"), 20, DEEP | FREEZE, unmade.clone()), "tesSUCCESS");
    let line = |stage: &Stage, name: &str| {
        let lines = stage.world.account_lines(At::Validated, account(name)).into_iter();
        let lines = lines.filter(|line| line.currency.to_string() == "EUR");
        lines
            .map(|line| (line.freeze, line.freeze_peer, line.deep_freeze, line.deep_freeze_peer))
            .collect::<Vec<_>>()
    };
    assert_eq!(line(&stage, "gateway"), [(true, false, true, false)]);
    assert_eq!(line(&stage, "alice"), [(false, true, false, true)]);
    // Who gave freezing up freezes no more, and may thaw.
    let given_up = Object::new().with(f::SET_FLAG, flags::ASF_NO_FREEZE);
    assert_eq!(stage.send(&keys("gateway"), 3, 0, given_up), "tesSUCCESS");
    for (set, result) in [
        (FREEZE, "tecNO_PERMISSION"),
        (DEEP, "tecNO_PERMISSION"),
        (FREEZE | DEEP, "tecNO_PERMISSION"),
        (CLEAR, "tecNO_PERMISSION"),
        (CLEAR_DEEP, "tesSUCCESS"),
        (CLEAR, "tesSUCCESS"),
    ] {
        assert_eq!(stage.send(&keys("gateway"), 20, set, unmade.clone()), result, "{set:#x}");
    }
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

/// "AccountSet": what is set is in the account's entry, what is cleared is not, and nothing else is.
#[test]
fn what_an_account_sets_is_in_its_entry() {
    const MINTER: u32 = 10;
    let mut stage = stage();
    let key: Vec<u8> = std::iter::once(2).chain([7; 32]).collect();
    let locator = Hash256([9; 32]);
    let steps: [(FieldId, Value, Value); 6] = [
        (f::MESSAGE_KEY, key.into(), Vec::<u8>::new().into()),
        (f::DOMAIN, b"a.example".to_vec().into(), Vec::<u8>::new().into()),
        (f::WALLET_LOCATOR, locator.into(), Hash256::ZERO.into()),
        (f::EMAIL_HASH, Value::Hash128([3; 16]), Value::Hash128([0; 16])),
        (f::TRANSFER_RATE, 1_005_000_000_u32.into(), 1_000_000_000_u32.into()),
        (f::TICK_SIZE, Value::UInt8(5), Value::UInt8(16)),
    ];
    let root = |stage: &Stage| stage.world.account_root(At::Validated, account("alice")).unwrap().1;
    for (field, set, clear) in steps {
        for (value, kept) in [(set.clone(), Some(&set)), (clear, None)] {
            let body = Object::new().with(field, value);
            assert_eq!(stage.send(&keys("alice"), 3, 0, body), "tesSUCCESS", "{field}");
            assert_eq!(root(&stage).get(field), kept, "{field}");
            let again = World::restore(&stage.world.snapshot().unwrap()).unwrap();
            assert_eq!(again.account_root(At::Validated, account("alice")).unwrap().1, root(&stage));
        }
    }
    let named = Object::new().with(f::NF_TOKEN_MINTER, account("gateway"));
    let set = |flag: FieldId| Object::new().with(flag, MINTER);
    for (body, result, kept) in [
        (named.clone(), "tesSUCCESS", false),
        (set(f::SET_FLAG), "temMALFORMED", false),
        (named.clone().with(f::SET_FLAG, MINTER), "tesSUCCESS", true),
        (named.with(f::CLEAR_FLAG, MINTER), "temMALFORMED", true),
        (set(f::CLEAR_FLAG), "tesSUCCESS", false),
        (Object::new().with(f::WALLET_SIZE, 5_u32), "tesSUCCESS", false),
    ] {
        assert_eq!(stage.send(&keys("alice"), 3, 0, body.clone()), result, "{body:?}");
        assert_eq!(root(&stage).contains(f::NF_TOKEN_MINTER), kept, "{body:?}");
        assert!(!root(&stage).contains(f::WALLET_SIZE));
    }
}

/// A flag of the transaction and the same in `SetFlag` or `ClearFlag` are one.
#[test]
fn account_flags_that_contradict() {
    let mut stage = stage();
    for (on, off, asked) in
        [(0x0001_0000, 0x0002_0000, 1_u32), (0x0004_0000, 0x0008_0000, 2), (0x0010_0000, 0x0020_0000, 3)]
    {
        for (flags, body) in [
            (on | off, Object::new()),
            (on, Object::new().with(f::CLEAR_FLAG, asked)),
            (off, Object::new().with(f::SET_FLAG, asked)),
            (0, Object::new().with(f::SET_FLAG, asked).with(f::CLEAR_FLAG, asked)),
        ] {
            let told = stage.send(&keys("alice"), 3, flags, body);
            assert_eq!(told, "temINVALID_FLAG", "{flags:#x} {asked}");
        }
    }
}

/// A snapshot of another form is refused, whatever is in it.
#[test]
fn snapshots_of_other_forms() {
    let mut bytes = stage().world.snapshot().unwrap();
    for form in [0, 4, 6] {
        bytes[0] = form;
        let refused = World::restore(&bytes).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("another format"), "{refused}");
    }
}

/// A deposit that asks for more XRP than there is, to go with what it gives of the other asset: the reference server
/// expects that where the tokens are named, and where amounts are named it is an exception and comes to nothing.
#[test]
fn a_deposit_beyond_all_xrp() {
    const TOKENS: u32 = 0x0001_0000;
    const TWO: u32 = 0x0010_0000;
    let mut stage = stage();
    stage.hold("alice", "9000000000 USD/gateway");
    let create = Object::new()
        .with(f::AMOUNT, amount("1000 XRP"))
        .with(f::AMOUNT2, amount("0.000000000000001 USD/gateway"))
        .with(f::TRADING_FEE, 0_u16);
    assert_eq!(stage.send(&keys("alice"), 35, 0, create), "tesSUCCESS");
    let (xrp, usd) = (amount("1 XRP").asset(), amount("1 USD/gateway").asset());
    let pool = stage.world.amm_info(At::Validated, &xrp, &usd, None).unwrap();
    let Amount::Issued { currency, issuer, .. } = pool.lp_token else { panic!("tokens are issued") };
    let tokens = Amount::Issued { value: "1e70".parse().unwrap(), currency, issuer };
    let named = Object::new().with(f::ASSET, usd).with(f::ASSET2, xrp);
    let two =
        named.clone().with(f::AMOUNT, amount("8000000000 USD/gateway")).with(f::AMOUNT2, amount("1 XRP"));
    let before = stage.drops("alice");
    assert_eq!(stage.send(&keys("alice"), 36, TWO, two), "tefEXCEPTION");
    assert_eq!(stage.drops("alice"), before);
    assert_eq!(stage.send(&keys("alice"), 36, TOKENS, named.with(f::LP_TOKEN_OUT, tokens)), "tecINTERNAL");
    assert_eq!(stage.drops("alice"), before - 10);
}
