//! Laws of pools in the ledger under random transactions: three pools over XRP and two currencies, with books beside them,
//! crossed directly and through XRP. Every drop, every issued digit and every token stays accounted for, and no swap makes
//! a pool's product fall.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeMap;

use ledger::{
    AccountId, Amount, Asset, Currency, EntryType, FieldId, KeyKind, KeyPair, Object, ResultCode, Seed,
    TxType, fields as f, flags,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use sim::world::{At, MarketSpec, World, WorldSpec};
use units::{Drops, Exact, IssuedValue, LedgerTime};

const PLAYERS: u8 = 4;
const ISSUER: u8 = 200;

const PAYMENT: TxType = TxType(0);
const ACCOUNT_SET: TxType = TxType(3);
const OFFER_CREATE: TxType = TxType(7);
const TRUST_SET: TxType = TxType(20);
const AMM_CREATE: TxType = TxType(35);
const AMM_DEPOSIT: TxType = TxType(36);
const AMM_WITHDRAW: TxType = TxType(37);
const AMM_VOTE: TxType = TxType(38);
const AMM_BID: TxType = TxType(39);

const LP_TOKEN: u32 = 0x0001_0000;
const ALL: u32 = 0x0002_0000;
const ALL_FOR_ONE: u32 = 0x0004_0000;
const SINGLE_ASSET: u32 = 0x0008_0000;
const TWO_ASSET: u32 = 0x0010_0000;
const ONE_ASSET_LP_TOKEN: u32 = 0x0020_0000;
const LIMIT_LP_TOKEN: u32 = 0x0040_0000;

fn keys(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::from_entropy([n; 16], KeyKind::Ed25519)).unwrap()
}

fn currency(n: usize) -> Currency {
    if n == 1 { Currency::RLUSD } else { Currency::issued("USD").unwrap() }
}

/// XRP, RLUSD, USD.
fn asset(n: usize) -> Asset {
    match n {
        0 => Asset::Xrp,
        n => Asset::Issued { currency: currency(n), issuer: keys(ISSUER).account() },
    }
}

/// `micros` millionths of a unit of an asset: drops for XRP.
fn amount(n: usize, micros: i64) -> Amount {
    match asset(n) {
        Asset::Issued { currency, issuer } => {
            Amount::Issued { value: IssuedValue::from_parts(micros.into(), -6).unwrap(), currency, issuer }
        }
        _ => Amount::Xrp(Drops::new(micros).unwrap()),
    }
}

struct Stage {
    world: World,
    results: BTreeMap<(u16, String), u32>,
}

impl Stage {
    fn new() -> Stage {
        let mut spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
        spec.network_id = 0;
        let mut stage = Stage { world: World::bare(spec).unwrap(), results: BTreeMap::new() };
        let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
        for n in (1..=PLAYERS).chain([ISSUER]) {
            let paid = pay(keys(n).account(), amount(0, 3_000_000_000));
            stage.send(&genesis, PAYMENT, 0, paid);
        }
        stage.close();
        let ripples = Object::new().with(f::SET_FLAG, flags::ASF_DEFAULT_RIPPLE);
        stage.send(&keys(ISSUER), ACCOUNT_SET, 0, ripples);
        stage.close();
        for (n, coin) in (1..=PLAYERS).flat_map(|n| [(n, 1), (n, 2)]) {
            let limit = Object::new().with(f::LIMIT_AMOUNT, amount(coin, 1_000_000_000_000_000));
            stage.send(&keys(n), TRUST_SET, flags::TF_SET_NO_RIPPLE, limit);
        }
        stage.close();
        for (n, coin) in (1..=PLAYERS).flat_map(|n| [(n, 1), (n, 2)]) {
            stage.send(&keys(ISSUER), PAYMENT, 0, pay(keys(n).account(), amount(coin, 2_000_000_000)));
        }
        stage.close();
        for (one, other) in [(0, 1), (2, 0), (1, 2)] {
            let pool = Object::new()
                .with(f::AMOUNT, amount(one, 600_000_000))
                .with(f::AMOUNT2, amount(other, 500_000_000))
                .with(f::TRADING_FEE, 300_u16);
            stage.send(&keys(1), AMM_CREATE, 0, pool);
        }
        stage.close();
        assert!(pairs().iter().all(|pair| stage.pool(*pair).is_some()));
        stage
    }

    fn pool(&self, (one, other): (usize, usize)) -> Option<sim::world::AmmInfo> {
        self.world.amm_info(At::Validated, &asset(one), &asset(other), None)
    }

    fn send(&mut self, keys: &KeyPair, tx_type: TxType, flags: u32, body: Object) {
        let sequence = self.world.sequence(At::Current, keys.account()).unwrap();
        let fee: i64 = if tx_type == AMM_CREATE { 200_000 } else { 10 };
        let tx = body
            .with(f::TRANSACTION_TYPE, tx_type)
            .with(f::ACCOUNT, keys.account())
            .with(f::SEQUENCE, sequence)
            .with(f::FEE, Drops::new(fee).unwrap())
            .with(f::FLAGS, flags);
        let (_, signed) = ledger::sign_object(&tx, keys).unwrap();
        self.world.submit(&signed.blob).unwrap();
    }

    /// Closes; says whether nothing but payments and offers was in the ledger.
    fn close(&mut self) -> bool {
        let mut swaps_only = true;
        for tx in self.world.close().transactions {
            let tx_type = Object::from_bytes(&tx.blob).unwrap().u32(f::TRANSACTION_TYPE).unwrap();
            let tx_type = u16::try_from(tx_type).unwrap();
            swaps_only &= tx_type == PAYMENT.0 || tx_type == OFFER_CREATE.0;
            assert_ne!(tx.meta.result, ResultCode(144), "tecINTERNAL");
            *self.results.entry((tx_type, tx.meta.result.to_string())).or_default() += 1;
        }
        swaps_only
    }
}

fn pay(destination: AccountId, amount: Amount) -> Object {
    Object::new().with(f::DESTINATION, destination).with(f::AMOUNT, amount)
}

fn pairs() -> [(usize, usize); 3] {
    [(0, 1), (0, 2), (1, 2)]
}

/// One transaction of a storm.
#[derive(Debug, Clone)]
enum Act {
    Offer { who: u8, pays: usize, gets: usize, micros: i64, percent: i64, flags: u32 },
    Through { from: u8, to: u8, sends: usize, delivers: usize, micros: i64, partial: bool },
    Deposit { who: u8, pair: usize, mode: u32, first: bool, micros: i64, percent: i64 },
    Withdraw { who: u8, pair: usize, mode: u32, first: bool, micros: i64, percent: i64 },
    Vote { who: u8, pair: usize, fee: u16 },
    Bid { who: u8, pair: usize },
    Close,
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 1..=PLAYERS;
    let two = || (0_usize..3, 1_usize..3).prop_map(|(one, step)| (one, (one + step) % 3));
    let micros = || prop_oneof![1_i64..200, 1_i64..90_000_000, 1_i64..900_000_000];
    let crossing = prop::sample::select(vec![
        0,
        flags::TF_IMMEDIATE_OR_CANCEL,
        flags::TF_FILL_OR_KILL,
        flags::TF_SELL | flags::TF_IMMEDIATE_OR_CANCEL,
        flags::TF_PASSIVE,
    ]);
    let deposits =
        prop::sample::select(vec![LP_TOKEN, SINGLE_ASSET, TWO_ASSET, ONE_ASSET_LP_TOKEN, LIMIT_LP_TOKEN]);
    let withdrawals = prop::sample::select(vec![
        LP_TOKEN,
        ALL,
        ALL_FOR_ONE,
        SINGLE_ASSET,
        TWO_ASSET,
        ONE_ASSET_LP_TOKEN,
        LIMIT_LP_TOKEN,
    ]);
    prop_oneof![
        6 => (who(), two(), micros(), 80_i64..125, crossing)
            .prop_map(|(who, (pays, gets), micros, percent, flags)| Act::Offer { who, pays, gets, micros, percent, flags }),
        3 => (who(), who(), two(), micros(), any::<bool>())
            .prop_map(|(from, to, (sends, delivers), micros, partial)| Act::Through { from, to, sends, delivers, micros, partial }),
        2 => (who(), 0_usize..3, deposits, any::<bool>(), micros(), 50_i64..200)
            .prop_map(|(who, pair, mode, first, micros, percent)| Act::Deposit { who, pair, mode, first, micros, percent }),
        2 => (who(), 0_usize..3, withdrawals, any::<bool>(), micros(), 50_i64..200)
            .prop_map(|(who, pair, mode, first, micros, percent)| Act::Withdraw { who, pair, mode, first, micros, percent }),
        1 => (who(), 0_usize..3, 0_u16..=1000).prop_map(|(who, pair, fee)| Act::Vote { who, pair, fee }),
        1 => (who(), 0_usize..3).prop_map(|(who, pair)| Act::Bid { who, pair }),
        4 => Just(Act::Close),
    ]
}

/// The fields of a deposit or withdrawal of a mode.
fn liquidity(
    stage: &Stage,
    pair: (usize, usize),
    mode: u32,
    first: bool,
    micros: i64,
    percent: i64,
    token: FieldId,
) -> Option<Object> {
    let (one, other) = if first { pair } else { (pair.1, pair.0) };
    let tokens = |micros: i64| match stage.pool(pair)?.lp_token {
        Amount::Issued { currency, issuer, .. } => {
            Some(Amount::Issued { value: IssuedValue::from_parts(micros.into(), -6).ok()?, currency, issuer })
        }
        _ => None,
    };
    let scaled = (i128::from(micros) * i128::from(percent) / 100).max(1);
    let scaled = i64::try_from(scaled).unwrap();
    let body = Object::new().with(f::ASSET, asset(pair.0)).with(f::ASSET2, asset(pair.1));
    Some(match mode {
        LP_TOKEN => body.with(token, tokens(micros * 1_000)?),
        ALL => body,
        ALL_FOR_ONE => body.with(f::AMOUNT, amount(one, 0)),
        SINGLE_ASSET => body.with(f::AMOUNT, amount(one, micros)),
        TWO_ASSET => body.with(f::AMOUNT, amount(one, micros)).with(f::AMOUNT2, amount(other, scaled)),
        ONE_ASSET_LP_TOKEN => body.with(f::AMOUNT, amount(one, micros)).with(token, tokens(scaled)?),
        _ if token == f::LP_TOKEN_OUT => {
            body.with(f::AMOUNT, amount(one, micros)).with(f::E_PRICE, amount(one, scaled))
        }
        _ => body.with(f::AMOUNT, amount(one, 0)).with(f::E_PRICE, tokens(scaled)?),
    })
}

fn perform(stage: &mut Stage, act: &Act) -> bool {
    match *act {
        Act::Offer { who, pays, gets, micros, percent, flags } => {
            let wanted = i64::try_from((i128::from(micros) * i128::from(percent) / 100).max(1)).unwrap();
            let offer = Object::new()
                .with(f::TAKER_GETS, amount(gets, micros))
                .with(f::TAKER_PAYS, amount(pays, wanted));
            stage.send(&keys(who), OFFER_CREATE, flags, offer);
        }
        Act::Through { from, to, sends, delivers, micros, partial } => {
            let paid = pay(keys(to).account(), amount(delivers, micros))
                .with(f::SEND_MAX, amount(sends, micros * 2));
            let flags = if partial { flags::TF_PARTIAL_PAYMENT } else { 0 };
            stage.send(&keys(from), PAYMENT, flags, paid);
        }
        Act::Deposit { who, pair, mode, first, micros, percent } => {
            let body = liquidity(stage, pairs()[pair], mode, first, micros, percent, f::LP_TOKEN_OUT);
            if let Some(body) = body {
                stage.send(&keys(who), AMM_DEPOSIT, mode, body);
            }
        }
        Act::Withdraw { who, pair, mode, first, micros, percent } => {
            let body = liquidity(stage, pairs()[pair], mode, first, micros, percent, f::LP_TOKEN_IN);
            if let Some(body) = body {
                stage.send(&keys(who), AMM_WITHDRAW, mode, body);
            }
        }
        Act::Vote { who, pair, fee } => {
            stage.send(&keys(who), AMM_VOTE, 0, named(pair).with(f::TRADING_FEE, fee))
        }
        Act::Bid { who, pair } => stage.send(&keys(who), AMM_BID, 0, named(pair)),
        Act::Close => return stage.close(),
    }
    true
}

fn named(pair: usize) -> Object {
    let (one, other) = pairs()[pair];
    Object::new().with(f::ASSET, asset(one)).with(f::ASSET2, asset(other))
}

fn exact(amount: Amount) -> Exact {
    match amount {
        Amount::Xrp(drops) => Exact::from_drops(drops),
        Amount::Issued { value, .. } => Exact::from(value),
        Amount::Mpt { .. } => Exact::zero(),
    }
}

fn products(stage: &Stage) -> Vec<Option<Exact>> {
    let product = |pair| stage.pool(pair).map(|info| &exact(info.amount) * &exact(info.amount2));
    pairs().into_iter().map(product).collect()
}

fn small(of: &Exact) -> Exact {
    &of.abs() * &Exact::new(1.into(), -12)
}

/// Drops of all accounts; of each currency what its holders have; of each pool's tokens what their holders have.
fn totals(world: &World) -> (i64, BTreeMap<Currency, Exact>) {
    let (mut drops, mut held) = (0, BTreeMap::new());
    for (_, entry) in world.all_entries(At::Validated) {
        match entry.amount(f::BALANCE) {
            Some(Amount::Xrp(balance)) => drops += balance.get(),
            Some(Amount::Issued { value, currency, .. }) => {
                let sum: &mut Exact = held.entry(currency).or_insert_with(Exact::zero);
                *sum = &*sum + &Exact::from(value.abs());
            }
            _ => {}
        }
    }
    (drops, held)
}

fn check(stage: &Stage, issued: &BTreeMap<Currency, Exact>) {
    let (drops, held) = totals(&stage.world);
    assert_eq!(drops, stage.world.header().total_coins.get(), "every drop is in an account or burned");
    for coin in [currency(1), currency(2)] {
        let missing = &issued[&coin] - &held[&coin];
        assert!(missing.abs() <= small(&issued[&coin]), "{coin}: {missing} missing");
    }
    let mut pools = 0;
    for pair in pairs() {
        let Some(info) = stage.pool(pair) else { continue };
        pools += 1;
        let supply = exact(info.lp_token);
        let others = &held[&info.lp_token.asset().currency().unwrap()] - &supply;
        assert!(others.abs() <= small(&supply), "tokens outstanding are tokens held: {others}");
        // Tokens count drops where one side is XRP.
        let unit = Exact::new(1.into(), if pair.0 == 0 { 6 } else { 0 });
        let product = &(&exact(info.amount) * &exact(info.amount2)) * &unit;
        assert!(&supply * &supply <= &product + &small(&product), "no token without its share behind it");
    }
    let entries: Vec<Object> = stage.world.all_entries(At::Validated).map(|(_, entry)| entry).collect();
    let of_type =
        |wanted: EntryType| move |entry: &&Object| entry.u32(f::LEDGER_ENTRY_TYPE) == Some(wanted.0.into());
    assert_eq!(entries.iter().filter(of_type(EntryType::AMM)).count(), pools);
    for root in entries.iter().filter(of_type(EntryType::ACCOUNT_ROOT)) {
        let owner = root.account(f::ACCOUNT).unwrap();
        let counted: u32 =
            stage.world.account_objects(At::Validated, owner).iter().map(|(_, o)| counts(o, owner)).sum();
        assert_eq!(root.u32(f::OWNER_COUNT), Some(counted), "{owner}");
    }
}

fn counts(owned: &Object, owner: AccountId) -> u32 {
    let kind = owned.u32(f::LEDGER_ENTRY_TYPE).unwrap();
    if kind == u32::from(EntryType::RIPPLE_STATE.0) {
        let low = owned.amount(f::LOW_LIMIT).unwrap().asset().issuer() == Some(owner);
        let reserve = if low { flags::LSF_LOW_RESERVE } else { flags::LSF_HIGH_RESERVE };
        return u32::from(owned.u32(f::FLAGS).unwrap() & reserve != 0);
    }
    u32::from(kind == u32::from(EntryType::OFFER.0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(22), ..ProptestConfig::default() })]

    #[test]
    fn pools_lose_nothing(acts in prop::collection::vec(act(), 1..120)) {
        let mut stage = Stage::new();
        let issued = totals(&stage.world).1;
        let mut before = products(&stage);
        for act in acts.iter().chain([&Act::Close]) {
            let swaps_only = perform(&mut stage, act);
            if !matches!(act, Act::Close) {
                continue;
            }
            let after = products(&stage);
            for (before, after) in before.iter().zip(&after).filter(|_| swaps_only) {
                if let (Some(before), Some(after)) = (before, after) {
                    prop_assert!(*after >= before - &small(before), "{} after {}", after, before);
                }
            }
            before = after;
        }
        check(&stage, &issued);
    }
}

/// A storm long enough that every kind of transaction succeeds in some form, and how often each result came.
#[test]
fn a_long_storm_uses_every_kind() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let seed = proptest::test_runner::RngAlgorithm::ChaCha;
    let rng = proptest::test_runner::TestRng::from_seed(seed, &[23; 32]);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
    let mut stage = Stage::new();
    let issued = totals(&stage.world).1;
    for _ in 0..1_500 {
        let act = act().new_tree(&mut runner).unwrap().current();
        let _ = perform(&mut stage, &act);
    }
    stage.close();
    check(&stage, &issued);
    for ((kind, result), times) in &stage.results {
        eprintln!("{:>14} {result} {times}", TxType(*kind).name().unwrap());
    }
    for kind in [PAYMENT, OFFER_CREATE, AMM_DEPOSIT, AMM_WITHDRAW, AMM_VOTE, AMM_BID] {
        assert!(stage.results.contains_key(&(kind.0, "tesSUCCESS".to_owned())), "{kind:?}");
    }
}
