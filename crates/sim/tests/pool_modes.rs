//! Every form of deposit and withdrawal, and votes, by table. The amounts are those of the reference server's public tests
//! ("Deposit", "Withdraw", "Trading Fee", "Fee Vote" of `AMM_test.cpp`), stated before tokens were rounded for the pool
//! (`fixAMMv1_3`): so they hold to nine digits here, and to the last one in the recordings.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod stage;

use ledger::{Amount, Asset, Object, fields as f};
use sim::world::{AmmInfo, At};
use stage::{Stage, amount, keys};
use units::Exact;

const DEPOSIT: u16 = 36;
const WITHDRAW: u16 = 37;
const VOTE: u16 = 38;
const LP_TOKEN: u32 = 0x0001_0000;
const ALL: u32 = 0x0002_0000;
const ALL_FOR_ONE: u32 = 0x0004_0000;
const SINGLE: u32 = 0x0008_0000;
const TWO: u32 = 0x0010_0000;
const ONE_FOR_TOKENS: u32 = 0x0020_0000;
const AT_PRICE: u32 = 0x0040_0000;

/// One deposit or withdrawal; `-` leaves a field out. A price ending in `T` is in tokens.
struct Step(&'static str, u16, u32, &'static str, &'static str, &'static str, &'static str);

/// Trading fee, the steps, the last one's result, and the pool after (XRP, USD, tokens).
type Row = (u16, &'static [Step], &'static str, &'static str);

const TEN_PERCENT: Step = Step("carol", DEPOSIT, LP_TOKEN, "-", "-", "1000000", "-");

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (0, &[Step("carol", DEPOSIT, TWO, "200 USD/gateway", "100 XRP", "-", "-")], "tesSUCCESS", "10100 10100 10100000"),
    (0, &[Step("carol", DEPOSIT, TWO, "100 USD/gateway", "200 XRP", "-", "-")], "tesSUCCESS", "10100 10100 10100000"),
    (0, &[TEN_PERCENT], "tesSUCCESS", "11000 11000 11000000"),
    (0, &[Step("carol", DEPOSIT, LP_TOKEN, "1000 XRP", "1000 USD/gateway", "1000000", "-")], "tesSUCCESS", "11000 11000 11000000"),
    (0, &[Step("carol", DEPOSIT, LP_TOKEN, "1001 XRP", "1000 USD/gateway", "1000000", "-")], "tecAMM_FAILED", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "1000 USD/gateway", "-", "-", "-")], "tesSUCCESS", "10000 11000 10488088.48170151"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "1000 XRP", "-", "488088", "-")], "tesSUCCESS", "11000 10000 10488088.48170151"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "1000 XRP", "-", "488089", "-")], "tecAMM_FAILED", "10000 10000 10000000"),
    (1000, &[Step("carol", DEPOSIT, SINGLE, "1000 USD/gateway", "-", "-", "-")], "tesSUCCESS", "10000 11000 10485636.0611129"),
    (0, &[Step("carol", DEPOSIT, ONE_FOR_TOKENS, "205 USD/gateway", "-", "100000", "-")], "tesSUCCESS", "10000 10201 10100000"),
    (0, &[Step("carol", DEPOSIT, ONE_FOR_TOKENS, "205 XRP", "-", "100000", "-")], "tesSUCCESS", "10201 10000 10100000"),
    (0, &[Step("carol", DEPOSIT, ONE_FOR_TOKENS, "200 XRP", "-", "100000", "-")], "tecAMM_FAILED", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, AT_PRICE, "1000 USD/gateway", "-", "-", "0.1 USD/gateway")], "tesSUCCESS", "10000 11000 10488088.48170151"),
    (0, &[Step("carol", DEPOSIT, AT_PRICE, "100 USD/gateway", "-", "-", "0.002004 USD/gateway")], "tesSUCCESS", "10000 10080.16 10040000"),
    (0, &[Step("carol", DEPOSIT, AT_PRICE, "0 USD/gateway", "-", "-", "0.002004 USD/gateway")], "tesSUCCESS", "10000 10080.16 10040000"),
    (1000, &[Step("carol", DEPOSIT, AT_PRICE, "200 USD/gateway", "-", "-", "0.002020 USD/gateway")], "tesSUCCESS", "10000 10197.96 10098000"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "30001 USD/gateway", "-", "-", "-")], "tecUNFUNDED_AMM", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, 0, "1 XRP", "-", "-", "-")], "temMALFORMED", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "1 XRP", "1 USD/gateway", "-", "-")], "temMALFORMED", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "0 XRP", "-", "-", "-")], "temBAD_AMOUNT", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, SINGLE, "1 EUR/gateway", "-", "-", "-")], "temBAD_AMM_TOKENS", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, TWO, "1 XRP", "1 XRP", "-", "-")], "temBAD_AMM_TOKENS", "10000 10000 10000000"),
    (0, &[Step("carol", DEPOSIT, 0x0080_0000, "1 XRP", "1 USD/gateway", "-", "-")], "tecAMM_NOT_EMPTY", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, LP_TOKEN, "-", "-", "1000000", "-")], "tesSUCCESS", "9000 9000 9000000"),
    (0, &[Step("alice", WITHDRAW, TWO, "200 XRP", "100 USD/gateway", "-", "-")], "tesSUCCESS", "9900 9900 9900000"),
    (0, &[Step("alice", WITHDRAW, TWO, "100 XRP", "200 USD/gateway", "-", "-")], "tesSUCCESS", "9900 9900 9900000"),
    (0, &[Step("alice", WITHDRAW, SINGLE, "1000 XRP", "-", "-", "-")], "tesSUCCESS", "9000 10000 9486832.98050514"),
    (0, &[Step("alice", WITHDRAW, ONE_FOR_TOKENS, "0 USD/gateway", "-", "10000", "-")], "tesSUCCESS", "10000 9980.01 9990000"),
    (0, &[Step("alice", WITHDRAW, ONE_FOR_TOKENS, "20 USD/gateway", "-", "10000", "-")], "tecAMM_FAILED", "10000 10000 10000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, ALL, "-", "-", "-", "-")], "tesSUCCESS", "10000 10000 10000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, ALL_FOR_ONE, "0 USD/gateway", "-", "-", "-")], "tesSUCCESS", "11000 9090.909090909092 10000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, ALL_FOR_ONE, "0 XRP", "-", "-", "-")], "tesSUCCESS", "9090.909091 11000 10000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, AT_PRICE, "100 USD/gateway", "-", "-", "520 T")], "tesSUCCESS", "11000 9372.781065088769 10153846.15384616"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, AT_PRICE, "0 USD/gateway", "-", "-", "520 T")], "tesSUCCESS", "11000 9372.781065088769 10153846.15384616"),
    (1000, &[TEN_PERCENT, Step("carol", WITHDRAW, AT_PRICE, "100 USD/gateway", "-", "-", "520 T")], "tesSUCCESS", "11000 9556.56108597286 10249411.76470589"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, AT_PRICE, "100 USD/gateway", "-", "-", "600 T")], "tecAMM_INVALID_TOKENS", "11000 11000 11000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, AT_PRICE, "1700 USD/gateway", "-", "-", "520 T")], "tecAMM_FAILED", "11000 11000 11000000"),
    (0, &[TEN_PERCENT, Step("carol", WITHDRAW, LP_TOKEN, "-", "-", "2000000", "-")], "tecAMM_INVALID_TOKENS", "11000 11000 11000000"),
    (0, &[Step("carol", WITHDRAW, LP_TOKEN, "-", "-", "10000", "-")], "tecAMM_BALANCE", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, SINGLE, "10000 USD/gateway", "-", "-", "-")], "tecAMM_BALANCE", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, SINGLE, "10001 USD/gateway", "-", "-", "-")], "tecAMM_BALANCE", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, ALL_FOR_ONE, "0 USD/gateway", "-", "-", "-")], "tecAMM_BALANCE", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, LP_TOKEN, "-", "-", "0.00001", "-")], "tecAMM_FAILED", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, LP_TOKEN, "-", "-", "0", "-")], "temBAD_AMM_TOKENS", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, SINGLE, "0 USD/gateway", "-", "-", "-")], "temBAD_AMOUNT", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, SINGLE | TWO, "1 XRP", "1 USD/gateway", "-", "-")], "temMALFORMED", "10000 10000 10000000"),
    (0, &[Step("alice", WITHDRAW, 0x0080_0000, "1 XRP", "1 USD/gateway", "-", "-")], "temINVALID_FLAG", "10000 10000 10000000"),
    (1000, &[Step("carol", DEPOSIT, SINGLE, "1000 USD/gateway", "-", "-", "-"), Step("carol", WITHDRAW, SINGLE, "1000 USD/gateway", "-", "-", "-")], "tecAMM_INVALID_TOKENS", "10000 11000 10485636.0611129"),
];

fn usd() -> Asset {
    amount("1 USD/gateway").asset()
}

fn info(stage: &Stage) -> AmmInfo {
    stage.world.amm_info(At::Validated, &Asset::Xrp, &usd(), None).unwrap()
}

fn pair() -> Object {
    Object::new().with(f::ASSET, Asset::Xrp).with(f::ASSET2, usd())
}

fn tokens(stage: &Stage, value: &str) -> Amount {
    match info(stage).lp_token {
        Amount::Issued { currency, issuer, .. } => {
            Amount::Issued { value: value.parse().unwrap(), currency, issuer }
        }
        other => other,
    }
}

fn with_pool(fee: u16) -> Stage {
    let mut stage = Stage::new();
    for name in ["gateway", "alice", "carol"] {
        stage.fund(name, 31_000_000_000);
    }
    for name in ["alice", "carol"] {
        stage.hold(name, "30000 USD/gateway");
    }
    let pool = Object::new()
        .with(f::AMOUNT, amount("10000 XRP"))
        .with(f::AMOUNT2, amount("10000 USD/gateway"))
        .with(f::TRADING_FEE, fee);
    assert_eq!(stage.send(&keys("alice"), 35, 0, pool), "tesSUCCESS");
    stage
}

fn take(stage: &mut Stage, step: &Step) -> String {
    let Step(who, kind, mode, one, other, wanted, price) = *step;
    let some = |text: &'static str| (text != "-").then_some(text);
    let mut body = pair();
    body.insert_some(f::AMOUNT, some(one).map(amount));
    body.insert_some(f::AMOUNT2, some(other).map(amount));
    let token = if kind == DEPOSIT { f::LP_TOKEN_OUT } else { f::LP_TOKEN_IN };
    body.insert_some(token, some(wanted).map(|wanted| tokens(stage, wanted)));
    let price = some(price).map(|price| match price.strip_suffix(" T") {
        Some(in_tokens) => tokens(stage, in_tokens),
        None => amount(price),
    });
    body.insert_some(f::E_PRICE, price);
    stage.send(&keys(who), kind, mode, body)
}

fn exact(amount: Amount) -> Exact {
    match amount {
        Amount::Xrp(drops) => Exact::from_drops(drops),
        Amount::Issued { value, .. } => Exact::from(value),
        Amount::Mpt { .. } => Exact::zero(),
    }
}

#[test]
fn deposits_and_withdrawals_by_table() {
    let mut wrong = Vec::new();
    for (at, (fee, steps, result, after)) in ROWS.iter().enumerate() {
        let mut stage = with_pool(*fee);
        // The pool's creator holds the auction slot: the others pay the whole fee.
        let got = steps.iter().fold(String::new(), |_, step| take(&mut stage, step));
        let info = info(&stage);
        let held = [info.amount, info.amount2, info.lp_token].map(exact);
        let near = held.iter().zip(after.split(' ')).all(|(held, wanted)| {
            let wanted: Exact = wanted.parse().unwrap();
            (held - &wanted).abs() <= &wanted * &Exact::new(1.into(), -9)
        });
        if got != *result || !near {
            wrong.push(format!("row {at}: {got} for {result}; {held:?} for {after}"));
        }
    }
    eprintln!("deposits and withdrawals: {}/{}", ROWS.len() - wrong.len(), ROWS.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn votes_by_table() {
    let vote = |stage: &mut Stage, who: &str, fee: u16| {
        let result = stage.send(&keys(who), VOTE, 0, pair().with(f::TRADING_FEE, fee));
        assert_eq!(result, "tesSUCCESS", "{who}");
        info(stage).trading_fee
    };
    let join = |stage: &mut Stage, who: &str, wanted: &str| {
        stage.fund(who, 40_000_000_000);
        stage.hold(who, "100000 USD/gateway");
        let body = pair().with(f::LP_TOKEN_OUT, tokens(stage, wanted));
        assert_eq!(stage.send(&keys(who), DEPOSIT, LP_TOKEN, body), "tesSUCCESS", "{who}");
    };
    let names = ["v0", "v1", "v2", "v3", "v4", "v5", "v6"];
    let eight = || {
        let mut stage = with_pool(0);
        let mut fee = 0;
        for (name, asked) in names.iter().zip([50, 100, 150, 200, 250, 300, 350]) {
            join(&mut stage, name, "10000000");
            fee = vote(&mut stage, name, asked);
        }
        assert_eq!(fee, 175, "eight votes of equal weight");
        stage
    };
    let mut stage = eight();
    assert_eq!(vote(&mut stage, "v0", 450), 225, "a changed vote");
    let mut stage = eight();
    join(&mut stage, "v7", "20000000");
    assert_eq!(vote(&mut stage, "v7", 400), 244, "a heavier ninth one takes the place of the lightest");
    assert!(info(&stage).vote_slots.iter().all(|slot| slot.account != stage::account("alice")));
    let mut stage = eight();
    join(&mut stage, "v7", "1000");
    assert_eq!(vote(&mut stage, "v7", 1_000), 175, "a lighter ninth one is not heard");
    assert_eq!(info(&stage).vote_slots.len(), 8);
}
