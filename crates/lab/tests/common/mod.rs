//! A small world written by hand: two sessions of one wallet, with transactions and metadata as a server gives them and
//! rows as an engine would book them. No engine and no simulator took part, so the audit is tried on its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]
#![allow(dead_code, reason = "each test file uses a part")]

pub mod crashed;

use std::path::Path;

use engine::{
    Account, AccountFacts, Asset, BookSnapshot, CarriedBooks, Cause, Config, Decision, Figures, FillRow,
    HaltReason, Input, LedgerHeader, LedgerInput, Legs, Liquidity, MovementRow, OrderId, OrderRow,
    OrderStatus, OwnLedger, OwnTx, Record, SessionClosedRow, SessionOpenedRow, Side, StartInput, Step,
    TruthRead, TruthRow, TruthSource, TruthStatus,
};
use ledger::{AccountId, Currency, Hash256, Object};
use serde_json::{Value, json};
use store::{Identity, OpenMode, SessionStart, Store};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, Price};

pub const WORLD: &str = "world-1";

pub fn identity() -> Identity {
    Identity {
        network: "paper".to_owned(),
        network_id: 61337,
        account: AccountId([7; 20]),
        currency: Currency::RLUSD,
        issuer: AccountId([9; 20]),
    }
}

pub fn start(config_text: &str) -> SessionStart {
    SessionStart {
        world_id: WORLD.to_owned(),
        config_text: config_text.to_owned(),
        genesis: engine::journal::genesis(&Config::default(), &identity().to_engine()).unwrap(),
        parent_session_id: None,
    }
}

/// Writes both sessions: in the first an offer is placed and partly taken; the rest of it is taken while nobody is
/// there, and the second session, which books that, ends at once.
pub fn write(path: &Path) {
    let store = Store::open(path, &identity(), OpenMode::CreateIfMissing).unwrap();
    let (place, half, rest) = (placing(), taking(1), taking(2));

    let opening = (
        Input::Start(Box::new(start_input(100, 60_000_000, "100", None, vec![]))),
        vec![
            opened(100, 60_000_000, "100"),
            movement(100, None, Asset::Xrp, "60", Cause::Genesis, true),
            movement(100, None, Asset::Rlusd, "100", Cause::Genesis, true),
        ],
    );
    store
        .open_session(start(&Config::default().canonical_text()), vec![stepped(100, opening)])
        .unwrap()
        .1
        .into_inner();
    let placed = (
        ledger(101, vec![place.clone()]),
        vec![
            order(OrderStatus::Open),
            movement(101, Some(place.hash), Asset::Xrp, "0.000012", Cause::Fee, false),
        ],
    );
    let filled =
        (ledger(102, vec![half.clone()]), [vec![fill(&half, 102)], fill_movements(&half, 102)].concat());
    store.commit(vec![stepped(101, placed), stepped(102, filled)]).unwrap().into_inner();
    let end = (
        Input::Truth(Box::new(truth(103, 54_999_988, "110"))),
        vec![truth_check(103, 54_999_988, "110"), ended(103, 54_999_988, "110")],
    );
    store.commit(vec![stepped(103, end)]).unwrap().into_inner();

    let missed =
        vec![OwnLedger { index: LedgerIndex(110), close_time: LedgerTime(440), own: vec![rest.clone()] }];
    let carried = carried(103, 54_999_988, "110");
    let input = start_input(120, 49_999_988, "120", Some(carried), missed);
    let records = [
        vec![opened(120, 49_999_988, "120"), fill(&rest, 110)],
        fill_movements(&rest, 110),
        vec![ended(120, 49_999_988, "120")],
    ];
    let only = stepped(120, (Input::Start(Box::new(input)), records.concat()));
    store.open_session(start(&Config::default().canonical_text()), vec![only]).unwrap().1.into_inner();
    store.close();
}

/// Our OfferCreate: sells 10 XRP for 20 RLUSD, burns 12 drops.
fn placing() -> OwnTx {
    let tx = json!({
        "TransactionType": "OfferCreate", "Account": us(), "Fee": "12", "Sequence": 5, "SigningPubKey": "",
        "TakerGets": "10000000", "TakerPays": rlusd("20"),
    });
    let nodes = json!([
        {"ModifiedNode": {"LedgerEntryType": "AccountRoot", "LedgerIndex": index(1),
            "FinalFields": {"Account": us(), "Balance": "59999988", "Flags": 0, "OwnerCount": 2, "Sequence": 6},
            "PreviousFields": {"Balance": "60000000", "OwnerCount": 1, "Sequence": 5}}},
        {"CreatedNode": {"LedgerEntryType": "Offer", "LedgerIndex": index(2),
            "NewFields": {"Account": us(), "Sequence": 5, "TakerGets": "10000000", "TakerPays": rlusd("20")}}},
    ]);
    own(&tx, &nodes, 0)
}

/// Somebody takes half of what we offered: the first half, then the second, which ends the offer.
fn taking(which: u32) -> OwnTx {
    let tx = json!({
        "TransactionType": "OfferCreate", "Account": other(), "Fee": "10", "Sequence": which, "SigningPubKey": "",
        "TakerGets": rlusd("10"), "TakerPays": "5000000",
    });
    let (before, after) = if which == 1 { ("59999988", "54999988") } else { ("54999988", "49999988") };
    let (had, has) = if which == 1 { ("-100", "-110") } else { ("-110", "-120") };
    let (gets, pays) = if which == 1 { ("10000000", "20") } else { ("5000000", "10") };
    let (gets_left, pays_left) = if which == 1 { ("5000000", "10") } else { ("0", "0") };
    let action = if which == 1 { "ModifiedNode" } else { "DeletedNode" };
    let nodes = json!([
        {"ModifiedNode": {"LedgerEntryType": "AccountRoot", "LedgerIndex": index(1),
            "FinalFields": {"Account": us(), "Balance": after, "Flags": 0, "OwnerCount": 2, "Sequence": 6},
            "PreviousFields": {"Balance": before}}},
        // The issuer is the low account here, so our balance is the negative of what the entry shows.
        {"ModifiedNode": {"LedgerEntryType": "RippleState", "LedgerIndex": index(3),
            "FinalFields": {"Balance": value(has, &one()), "Flags": 0,
                "HighLimit": value("1000", &us()), "LowLimit": value("0", &issuer())},
            "PreviousFields": {"Balance": value(had, &one())}}},
        {(action): {"LedgerEntryType": "Offer", "LedgerIndex": index(2),
            "FinalFields": {"Account": us(), "Flags": 0, "Sequence": 5, "TakerGets": gets_left,
                "TakerPays": rlusd(pays_left)},
            "PreviousFields": {"TakerGets": gets, "TakerPays": rlusd(pays)}}},
    ]);
    own(&tx, &nodes, 3)
}

fn own(tx: &Value, nodes: &Value, index: u32) -> OwnTx {
    let meta = json!({"AffectedNodes": nodes, "TransactionIndex": index, "TransactionResult": "tesSUCCESS"});
    let bytes = |json: &Value| Object::from_json(json).unwrap().to_bytes().unwrap();
    let tx_blob = bytes(tx);
    OwnTx { hash: ledger::tx_hash(&tx_blob), index, tx_blob, meta_blob: bytes(&meta) }
}

fn us() -> String {
    identity().account.to_string()
}

fn other() -> String {
    AccountId([3; 20]).to_string()
}

fn issuer() -> String {
    identity().issuer.to_string()
}

fn one() -> String {
    AccountId::ONE.to_string()
}

fn index(n: u8) -> String {
    Hash256([n; 32]).to_string()
}

fn value(value: &str, issuer: &str) -> Value {
    json!({"value": value, "currency": identity().currency.to_string(), "issuer": issuer})
}

fn rlusd(amount: &str) -> Value {
    value(amount, &issuer())
}

pub fn stepped(ledger: u32, (input, records): (Input, Vec<Record>)) -> (Input, Step) {
    let decision = Decision {
        ledger_index: LedgerIndex(ledger),
        close_time: LedgerTime(ledger * 4),
        ..Decision::default()
    };
    (input, Step { records, decision, ..Step::default() })
}

pub fn header(at: u32) -> LedgerHeader {
    LedgerHeader {
        index: LedgerIndex(at),
        hash: Hash256([0; 32]),
        close_time: LedgerTime(at * 4),
        reserve_base_drops: Drops::from_xrp(1),
        reserve_inc_drops: Drops::new(200_000).unwrap(),
        fee_base_drops: Drops::new(10).unwrap(),
    }
}

pub fn truth(at: u32, drops: i64, rlusd: &str) -> TruthRead {
    TruthRead {
        index: LedgerIndex(at),
        hash: Hash256([0; 32]),
        close_time: LedgerTime(at * 4),
        account: AccountFacts {
            sequence: 5,
            owner_count: 1,
            xrp: Drops::new(drops).unwrap(),
            rlusd: rlusd.parse().unwrap(),
            previous_txn_id: None,
            frozen: false,
        },
        tickets: vec![],
        offers: Vec::new(),
        book: BookSnapshot::default(),
        pool: None,
        source: TruthSource::Start,
    }
}

pub fn start_input(
    at: u32,
    drops: i64,
    rlusd: &str,
    carried: Option<CarriedBooks>,
    missed: Vec<OwnLedger>,
) -> StartInput {
    StartInput {
        header: header(at),
        truth: truth(at, drops, rlusd),
        carried,
        missed,
        accept_divergence: false,
        duration_seconds: None,
    }
}

pub fn ledger(at: u32, own: Vec<OwnTx>) -> Input {
    let (book, owner_funds) = (Vec::new(), Vec::new());
    let pool = None;
    Input::Ledger(Box::new(LedgerInput { header: header(at), complete: true, book, owner_funds, pool, own }))
}

fn carried(at: u32, drops: i64, rlusd: &str) -> CarriedBooks {
    CarriedBooks {
        at: LedgerIndex(at),
        xrp: Drops::new(drops).unwrap(),
        rlusd: exact(rlusd),
        account_txn_id: None,
        orders: Vec::new(),
        pending: Vec::new(),
        net_deposits_rlusd: Exact::zero(),
    }
}

fn opened(at: u32, drops: i64, rlusd: &str) -> Record {
    Record::SessionOpened(SessionOpenedRow {
        at: LedgerTime(at * 4),
        ledger_index: LedgerIndex(at),
        network_id: 61337,
        account: identity().account,
        config_hash: Config::default().hash(),
        starting_xrp: Drops::new(drops).unwrap(),
        starting_rlusd: exact(rlusd),
        starting_value: None,
    })
}

fn ended(at: u32, drops: i64, rlusd: &str) -> Record {
    Record::SessionClosed(Box::new(SessionClosedRow {
        at: LedgerTime(at * 4),
        ledger_index: LedgerIndex(at),
        ending_xrp: Drops::new(drops).unwrap(),
        ending_rlusd: exact(rlusd),
        ending_value: None,
        halt_reason: HaltReason::OperatorStop,
        halt_detail: String::new(),
        verified: true,
        unverified: Vec::new(),
        figures: Figures::default(),
        carried: carried(at, drops, rlusd),
    }))
}

fn truth_check(at: u32, drops: i64, rlusd: &str) -> Record {
    Record::TruthCheck(TruthRow {
        at: LedgerTime(at * 4),
        ledger_index: LedgerIndex(at),
        source: TruthSource::Start,
        internal_xrp: Drops::new(drops).unwrap(),
        internal_rlusd: exact(rlusd),
        ledger_xrp: Some(Drops::new(drops).unwrap()),
        ledger_rlusd: Some(rlusd.parse().unwrap()),
        delta_xrp: None,
        delta_rlusd: None,
        status: TruthStatus::Ok,
    })
}

fn order_id() -> OrderId {
    OrderId { ledger_index: 100, sequence: 5 }
}

fn order(status: OrderStatus) -> Record {
    let legs = Legs { quote: IssuedValue::from_int(20), base: Drops::from_xrp(10) };
    Record::OrderUpsert(Box::new(OrderRow {
        order_id: order_id(),
        side: Side::Sell,
        price: Price::from_pico(2 * Price::PER_ONE).unwrap(),
        placed: legs,
        remaining: legs,
        status,
        offer_sequence: 5,
        tx_hash: None,
        last_ledger_sequence: LedgerIndex(104),
        replaces: None,
        cancel_tx_hash: None,
        cancel_reason: None,
        expiration: None,
        created_at: LedgerTime(400),
        updated_at: LedgerTime(404),
        closed_at: None,
    }))
}

fn fill(tx: &OwnTx, at: u32) -> Record {
    Record::Fill(Box::new(FillRow {
        order_id: order_id(),
        side: Side::Sell,
        tx_hash: tx.hash,
        ledger_index: LedgerIndex(at),
        executed_at: LedgerTime(at * 4),
        price: Price::from_pico(2 * Price::PER_ONE).unwrap(),
        quantity_rlusd: exact("10"),
        quantity_xrp: Drops::from_xrp(5),
        mid_price_at_fill: None,
        realized_spread_bps: None,
        liquidity: Liquidity::Maker,
        of_earlier_session: at == 110,
    }))
}

fn fill_movements(tx: &OwnTx, at: u32) -> Vec<Record> {
    vec![
        movement(at, Some(tx.hash), Asset::Xrp, "5", Cause::Fill, false),
        movement(at, Some(tx.hash), Asset::Rlusd, "10", Cause::Fill, true),
    ]
}

fn movement(
    at: u32,
    tx: Option<Hash256>,
    asset: Asset,
    amount: &str,
    cause: Cause,
    comes_in: bool,
) -> Record {
    let counter = cause.counter_account();
    let (debit, credit) = if comes_in { (Account::Wallet, counter) } else { (counter, Account::Wallet) };
    Record::Movement(MovementRow {
        ledger_index: LedgerIndex(at),
        at: LedgerTime(at * 4),
        tx_hash: tx,
        asset,
        amount: exact(amount),
        debit,
        credit,
        cause,
        order_id: None,
    })
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}
