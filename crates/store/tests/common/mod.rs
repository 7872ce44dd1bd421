//! Small steps made by hand: the store does not care whether an engine decided them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]
#![allow(dead_code, reason = "each test file uses a part")]

pub mod logged;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use engine::{
    Account, Asset, CarriedBooks, Cause, Config, Decision, Effect, Figures, FillRow, HaltReason, Input, Legs,
    Liquidity, MovementRow, OrderId, OrderRow, OrderStatus, Record, SessionClosedRow, SessionOpenedRow, Side,
    Step, StopInput,
};
use ledger::{AccountId, Currency, Hash256};
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

pub fn open(path: &Path) -> Store {
    Store::open(path, &identity(), OpenMode::CreateIfMissing).unwrap()
}

pub fn start() -> SessionStart {
    let config = Config::default();
    SessionStart {
        world_id: WORLD.to_owned(),
        config_text: config.canonical_text(),
        genesis: engine::journal::genesis(&config, &identity().to_engine()).unwrap(),
        parent_session_id: None,
    }
}

/// An input that carries nothing but a number, so that links differ.
pub fn input(n: u32) -> Input {
    Input::Stale { wall_seconds: n }
}

pub fn step(ledger: u32, records: Vec<Record>) -> Step {
    let decision = Decision {
        ledger_index: LedgerIndex(ledger),
        close_time: LedgerTime(ledger * 4),
        ..Decision::default()
    };
    Step { records, decision, effects: vec![Effect::SessionEnded], ..Step::default() }
}

pub fn opened(ledger: u32) -> (Input, Step) {
    let row = SessionOpenedRow {
        at: LedgerTime(ledger * 4),
        ledger_index: LedgerIndex(ledger),
        network_id: 61337,
        account: AccountId([7; 20]),
        config_hash: Config::default().hash(),
        starting_xrp: Drops::from_xrp(60),
        starting_rlusd: exact("120.5"),
        starting_value: None,
    };
    (input(0), step(ledger, vec![Record::SessionOpened(row)]))
}

pub fn closed(ledger: u32) -> (Input, Step) {
    let row = SessionClosedRow {
        at: LedgerTime(ledger * 4),
        ledger_index: LedgerIndex(ledger),
        ending_xrp: Drops::from_xrp(61),
        ending_rlusd: exact("118.123456789012345"),
        ending_value: Some(exact("250")),
        halt_reason: HaltReason::OperatorStop,
        halt_detail: "asked".to_owned(),
        verified: true,
        unverified: Vec::new(),
        figures: Figures { fills: 3, ..Figures::default() },
        carried: CarriedBooks {
            at: LedgerIndex(ledger),
            xrp: Drops::from_xrp(61),
            rlusd: exact("118.123456789012345"),
            account_txn_id: None,
            orders: Vec::new(),
            pending: Vec::new(),
            net_deposits_rlusd: Exact::zero(),
        },
    };
    let stop = StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: true };
    (Input::Stop(stop), step(ledger, vec![Record::SessionClosed(Box::new(row))]))
}

pub fn order(sequence: u32, status: OrderStatus) -> Record {
    Record::OrderUpsert(Box::new(OrderRow {
        order_id: OrderId { ledger_index: 100, sequence },
        side: Side::Sell,
        price: Price::from_pico(2 * Price::PER_ONE).unwrap(),
        placed: legs(),
        remaining: legs(),
        status,
        offer_sequence: sequence,
        tx_hash: Some(Hash256([1; 32])),
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

pub fn fill(sequence: u32) -> Record {
    Record::Fill(Box::new(FillRow {
        order_id: OrderId { ledger_index: 100, sequence },
        side: Side::Sell,
        tx_hash: Hash256([2; 32]),
        ledger_index: LedgerIndex(102),
        executed_at: LedgerTime(408),
        price: Price::from_pico(2 * Price::PER_ONE).unwrap(),
        quantity_rlusd: exact("15"),
        quantity_xrp: Drops::new(7_500_000).unwrap(),
        mid_price_at_fill: None,
        realized_spread_bps: None,
        liquidity: Liquidity::Maker,
        of_earlier_session: false,
    }))
}

pub fn movement() -> Record {
    Record::Movement(MovementRow {
        ledger_index: LedgerIndex(102),
        at: LedgerTime(408),
        tx_hash: Some(Hash256([2; 32])),
        asset: Asset::Xrp,
        amount: exact("7.5"),
        debit: Account::Market,
        credit: Account::Wallet,
        cause: Cause::Fill,
        order_id: None,
    })
}

pub fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn legs() -> Legs {
    Legs { quote: IssuedValue::from_int(15), base: Drops::new(7_500_000).unwrap() }
}

/// Every file of a folder with its bytes.
pub fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect()
}
