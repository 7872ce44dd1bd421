//! A pool from its first token to its last: tokens traded between holders, votes, bids, what nobody may send to it, and
//! that nothing is left of it in the end.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod stage;

use ledger::{Amount, Asset, EntryType, Object, Value, fields as f, flags};
use sim::world::{AmmInfo, At};
use stage::{Stage, account, amount, keys};
use units::IssuedValue;

const ALL: u32 = 0x0002_0000;
const ALL_FOR_ONE: u32 = 0x0004_0000;

fn usd() -> Asset {
    amount("1 USD/gateway").asset()
}

fn info(stage: &Stage) -> Option<AmmInfo> {
    stage.world.amm_info(At::Validated, &Asset::Xrp, &usd(), None)
}

fn pair() -> Object {
    Object::new().with(f::ASSET, Asset::Xrp).with(f::ASSET2, usd())
}

/// Tokens of the pool.
fn tokens(stage: &Stage, value: &str) -> Amount {
    match info(stage).unwrap().lp_token {
        Amount::Issued { currency, issuer, .. } => {
            Amount::Issued { value: value.parse().unwrap(), currency, issuer }
        }
        other => other,
    }
}

fn tokens_of(stage: &Stage, name: &str) -> String {
    let held =
        stage.world.amm_info(At::Validated, &Asset::Xrp, &usd(), Some(account(name))).unwrap().lp_token;
    match held {
        Amount::Issued { value, .. } => value.to_plain_string(),
        _ => String::new(),
    }
}

/// 10,000 XRP and 10,000 USD of alice: 10,000,000 tokens (the root of drops times value).
fn with_pool() -> Stage {
    let mut stage = Stage::new();
    for name in ["gateway", "alice", "carol"] {
        stage.fund(name, 30_000_000_000);
    }
    for name in ["alice", "carol"] {
        stage.hold(name, "30000 USD/gateway");
    }
    let pool = Object::new()
        .with(f::AMOUNT, amount("10000 XRP"))
        .with(f::AMOUNT2, amount("10000 USD/gateway"))
        .with(f::TRADING_FEE, 0_u16);
    assert_eq!(stage.send(&keys("alice"), 35, 0, pool), "tesSUCCESS");
    assert_eq!(tokens_of(&stage, "alice"), "10000000");
    stage
}

/// The numbers are those of the public test "AMM Tokens" of the reference server.
#[test]
fn tokens_are_traded_voted_with_and_bid() {
    let mut stage = with_pool();
    let half = tokens(&stage, "5000000");
    let (pays, gets) = (half, amount("7500 XRP"));
    let buys = Object::new().with(f::TAKER_PAYS, pays).with(f::TAKER_GETS, gets);
    assert_eq!(stage.send(&keys("carol"), 7, 0, buys), "tesSUCCESS");
    let sells = Object::new().with(f::TAKER_PAYS, gets).with(f::TAKER_GETS, pays);
    assert_eq!(stage.send(&keys("alice"), 7, 0, sells), "tesSUCCESS");
    assert_eq!(
        (tokens_of(&stage, "carol"), tokens_of(&stage, "alice")),
        ("5000000".into(), "5000000".into())
    );
    let vote = |fee: u16| pair().with(f::TRADING_FEE, fee);
    assert_eq!(stage.send(&keys("carol"), 38, 0, vote(1_000)), "tesSUCCESS");
    assert_eq!(info(&stage).unwrap().trading_fee, 500);
    assert_eq!(info(&stage).unwrap().vote_slots.len(), 2);
    assert_eq!(stage.send(&keys("carol"), 38, 0, vote(0)), "tesSUCCESS");
    assert_eq!(info(&stage).unwrap().trading_fee, 0);
    assert_eq!(stage.send(&keys("carol"), 38, 0, vote(1_001)), "temBAD_FEE");
    let bid = pair().with(f::BID_MIN, tokens(&stage, "100"));
    assert_eq!(stage.send(&keys("carol"), 39, 0, bid), "tesSUCCESS");
    assert_eq!(tokens_of(&stage, "carol"), "4999900");
    let slot = info(&stage).unwrap().auction_slot;
    assert_eq!((slot.account, slot.price), (account("carol"), tokens(&stage, "100")));
    assert_eq!(stage.drops("carol"), 22_499_999_960);
    let all_for_xrp = pair().with(f::AMOUNT, amount("0 XRP"));
    assert_eq!(stage.send(&keys("carol"), 37, ALL_FOR_ONE, all_for_xrp), "tesSUCCESS");
    assert_eq!(stage.drops("carol"), 29_999_949_949);
    let left = info(&stage).unwrap();
    assert_eq!(left.lp_token, tokens(&stage, "5000000"));
    assert_eq!(left.amount2, amount("10000 USD/gateway"));
}

/// The last token closes the pool, and every entry of it goes: only what was there before is left.
#[test]
fn nothing_is_left_of_a_pool() {
    let mut stage = with_pool();
    let pool = info(&stage).unwrap().account;
    let deposit = pair().with(f::AMOUNT, amount("100 XRP")).with(f::AMOUNT2, amount("100 USD/gateway"));
    assert_eq!(stage.send(&keys("carol"), 36, 0x0010_0000, deposit), "tesSUCCESS");
    assert_eq!(stage.send(&keys("carol"), 37, ALL, pair()), "tesSUCCESS");
    assert_eq!(stage.send(&keys("carol"), 37, ALL, pair()), "tecAMM_BALANCE");
    assert_eq!(stage.send(&keys("carol"), 40, 0, pair()), "tecAMM_NOT_EMPTY");
    assert_eq!(stage.send(&keys("alice"), 37, ALL, pair()), "tesSUCCESS");
    assert_eq!(info(&stage), None);
    assert_eq!(stage.world.account_root(At::Validated, pool), None);
    assert_eq!(stage.send(&keys("alice"), 40, 0, pair()), "terNO_AMM");
    for (index, entry) in stage.world.all_entries(At::Validated) {
        assert_ne!(entry.u32(f::LEDGER_ENTRY_TYPE), Some(EntryType::AMM.0.into()));
        let names_it = entry.iter().any(|(_, value)| match value {
            Value::Account(named) => *named == pool,
            Value::Amount(Amount::Issued { issuer, .. }) => *issuer == pool,
            _ => false,
        });
        assert!(!names_it, "{index}: {entry:?}");
    }
    for name in ["alice", "carol"] {
        let (_, root) = stage.world.account_root(At::Validated, account(name)).unwrap();
        assert_eq!(root.u32(f::OWNER_COUNT), Some(1), "{name} has the USD line alone");
    }
    // 30,000 USD, less what rounding leaves in the pool for the last holder.
    let held = |name: &str| stage.world.account_lines(At::Validated, account(name))[0].balance;
    let sum: IssuedValue = held("alice").checked_add(held("carol")).unwrap();
    assert_eq!(sum, "60000".parse().unwrap());
}

/// What a pool's account takes, and the lines to it that may be opened.
#[test]
fn only_the_pools_own_transactions_reach_it() {
    let mut stage = with_pool();
    let pool = info(&stage).unwrap().account;
    let pay = |amount: Amount| Object::new().with(f::DESTINATION, pool).with(f::AMOUNT, amount);
    let own_tokens = tokens(&stage, "1000");
    assert_eq!(stage.send(&keys("alice"), 0, 0, pay(amount("100 XRP"))), "tecNO_PERMISSION");
    assert_eq!(stage.send(&keys("alice"), 0, 0, pay(amount("100 USD/gateway"))), "tecNO_PERMISSION");
    let limit = |amount: Amount| Object::new().with(f::LIMIT_AMOUNT, amount);
    let Amount::Issued { value, currency, .. } = amount("5 EUR/gateway") else { return };
    let strange = Amount::Issued { value, currency, issuer: pool };
    assert_eq!(stage.send(&keys("carol"), 20, 0, limit(strange)), "tecNO_PERMISSION");
    assert_eq!(stage.send(&keys("carol"), 20, 0, limit(own_tokens)), "tesSUCCESS");
    let to_carol = Object::new().with(f::DESTINATION, account("carol")).with(f::AMOUNT, own_tokens);
    assert_eq!(stage.send(&keys("alice"), 0, 0, to_carol.clone()), "tesSUCCESS");
    assert_eq!(tokens_of(&stage, "carol"), "1000");
    // Tokens do not move while one of the pool's assets is frozen for their holder.
    let alices = Amount::Issued {
        value: IssuedValue::ZERO,
        currency: usd().currency().unwrap(),
        issuer: account("alice"),
    };
    assert_eq!(stage.send(&keys("gateway"), 20, flags::TF_SET_FREEZE, limit(alices)), "tesSUCCESS");
    assert_eq!(stage.send(&keys("alice"), 0, 0, to_carol), "tecPATH_DRY");
    assert_eq!(
        stage.send(
            &keys("carol"),
            35,
            0,
            Object::new()
                .with(f::AMOUNT, amount("1 XRP"))
                .with(f::AMOUNT2, amount("1 USD/gateway"))
                .with(f::TRADING_FEE, 0_u16)
        ),
        "tecDUPLICATE"
    );
}

/// An issuer that kept the right takes back what it issued: from a holder, and from a holder's share of a pool.
#[test]
fn what_was_issued_is_taken_back() {
    let mut stage = Stage::new();
    for name in ["gateway", "alice", "carol"] {
        stage.fund(name, 30_000_000_000);
    }
    let may_claw = Object::new().with(f::SET_FLAG, flags::ASF_ALLOW_TRUST_LINE_CLAWBACK);
    assert_eq!(stage.send(&keys("gateway"), 3, 0, may_claw), "tesSUCCESS");
    for name in ["alice", "carol"] {
        stage.hold(name, "30000 USD/gateway");
    }
    let held = |stage: &Stage, name: &str| {
        let lines = stage.world.account_lines(At::Validated, account(name));
        lines.iter().find(|line| line.peer == account("gateway")).unwrap().balance.to_plain_string()
    };
    let from = |name: &str, value: &str| {
        let currency = usd().currency().unwrap();
        let taken = Amount::Issued { value: value.parse().unwrap(), currency, issuer: account(name) };
        Object::new().with(f::AMOUNT, taken)
    };
    assert_eq!(stage.send(&keys("gateway"), 30, 0, from("carol", "100")), "tesSUCCESS");
    assert_eq!(held(&stage, "carol"), "29900");
    assert_eq!(stage.send(&keys("gateway"), 30, 0, from("carol", "1000000")), "tesSUCCESS");
    assert_eq!(held(&stage, "carol"), "0");
    assert_eq!(stage.send(&keys("gateway"), 30, 0, from("carol", "1")), "tecINSUFFICIENT_FUNDS");
    assert_eq!(stage.send(&keys("alice"), 30, 0, from("carol", "1")), "tecNO_PERMISSION");
    let pool = Object::new()
        .with(f::AMOUNT, amount("10000 XRP"))
        .with(f::AMOUNT2, amount("10000 USD/gateway"))
        .with(f::TRADING_FEE, 0_u16);
    assert_eq!(stage.send(&keys("alice"), 35, 0, pool), "tesSUCCESS");
    let alice_drops = stage.drops("alice");
    let of_pool = |holder: &str| {
        let pair = Object::new().with(f::ASSET, usd()).with(f::ASSET2, Asset::Xrp);
        pair.with(f::HOLDER, account(holder))
    };
    let part = of_pool("alice").with(f::AMOUNT, amount("1000 USD/gateway"));
    assert_eq!(stage.send(&keys("gateway"), 31, 0, part), "tesSUCCESS");
    let left = info(&stage).unwrap();
    assert_eq!((left.amount, left.amount2), (amount("9000 XRP"), amount("9000 USD/gateway")));
    assert_eq!(stage.drops("alice"), alice_drops + 1_000_000_000, "the other asset goes to the holder");
    assert_eq!(held(&stage, "alice"), "20000");
    assert_eq!(stage.send(&keys("gateway"), 31, 0, of_pool("carol")), "tecAMM_BALANCE");
    assert_eq!(stage.send(&keys("gateway"), 31, 0, of_pool("alice")), "tesSUCCESS");
    assert_eq!(info(&stage), None, "with the last token the pool goes");
    assert_eq!(stage.drops("alice"), alice_drops + 10_000_000_000);
    assert_eq!(held(&stage, "alice"), "20000");
}
