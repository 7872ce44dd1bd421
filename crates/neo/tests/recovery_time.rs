//! By hand: how long a start takes after `kill -9` with a thousand questions open in the outbox.
//! `cargo test --release -p neo --test recovery_time -- --ignored --nocapture`; `NEO_BIN` names another program to measure,
//! `NEO_KEEP` a folder to which what the kill left is copied.
//! Nothing here asserts a speed: the figures are in docs/performance.md.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use ledger::{Amount, KeyPair, Object, TxType, fields as f};
use rusqlite::{Connection, OpenFlags};
use server::EmbeddedLedger;
use sim::identity;
use sim::world::At;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use units::{Drops, IssuedValue};

/// Offers of ours that another program placed: each is one question when the engine takes it down.
const OFFERS: u32 = 1_000;
/// As many as an open ledger on disk takes.
const OFFERS_A_LEDGER: u32 = 100;
/// No step may take longer.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two looks at the database.
const LOOK: Duration = Duration::from_millis(5);

struct Place {
    folder: Folder,
}

impl Place {
    fn new() -> Place {
        let folder = Folder::new();
        // The wallet needs reserves for a thousand offers.
        folder.file("config/config.yaml", "max_xrp_exposure: 100000\nmax_rlusd_exposure: 100000\n");
        Place { folder }
    }

    fn start(&self, speed: &str) -> Child {
        let program = std::env::var_os("NEO_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_neo").into());
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).args([
            "paper",
            "--duration",
            "10m",
            "--speed",
            speed,
            "--json",
        ]);
        command.env("RUST_BACKTRACE", "0").stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("data/paper.db")
    }

    fn count(&self, sql: &str) -> Option<i64> {
        let connection = Connection::open_with_flags(self.db(), OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        connection.query_row(sql, [], |row| row.get(0)).ok()
    }

    fn open_questions(&self) -> i64 {
        self.open_questions_to(i64::MAX)
    }

    /// Of those up to this number: what was asked before a kill.
    fn open_questions_to(&self, intent_id: i64) -> i64 {
        let sql =
            format!("SELECT count(*) FROM submissions WHERE outcome IS NULL AND intent_id <= {intent_id}");
        self.count(&sql).unwrap_or(0)
    }

    fn until(&self, what: &str, mut holds: impl FnMut(&Place) -> bool) -> Duration {
        let clock = Instant::now();
        while !holds(self) {
            assert!(clock.elapsed() < PATIENCE, "{what}");
            std::thread::sleep(LOOK);
        }
        clock.elapsed()
    }

    fn ledger(&self) -> EmbeddedLedger {
        EmbeddedLedger::open(&self.folder.path().join("data/paper.db.ledger")).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let name = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &name);
        } else {
            std::fs::copy(&entry, &name).unwrap();
        }
    }
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn submit(ledger: &mut EmbeddedLedger, keys: &KeyPair, tx: &Object) {
    let sequence = ledger.world().sequence(At::Current, keys.account()).unwrap();
    let tx = tx
        .clone()
        .with(f::ACCOUNT, keys.account())
        .with(f::NETWORK_ID, identity::NETWORK_ID)
        .with(f::FEE, Drops::new(50).unwrap())
        .with(f::SEQUENCE, sequence);
    let (_, signed) = ledger::sign_object(&tx, keys).unwrap();
    let answer = ledger.submit(&signed.blob).unwrap();
    assert!(answer.applied, "{}", answer.engine_result);
}

/// While nobody is there, our key places a thousand offers far from the market.
fn place_offers(ledger: &mut EmbeddedLedger) {
    let genesis = KeyPair::from_seed_text(identity::GENESIS_SEED).unwrap();
    let wallet = identity::keys(identity::WALLET).unwrap();
    let reserves = Object::new()
        .with(f::TRANSACTION_TYPE, TxType::PAYMENT)
        .with(f::DESTINATION, wallet.account())
        .with(f::AMOUNT, Amount::Xrp(Drops::from_xrp(400)));
    submit(ledger, &genesis, &reserves);
    ledger.close().unwrap();
    let ledger::Asset::Issued { currency, issuer } = identity::rlusd().unwrap() else { panic!("issued") };
    let wants = Amount::Issued { value: IssuedValue::from_int(40), currency, issuer };
    let offer = Object::new()
        .with(f::TRANSACTION_TYPE, TxType::OFFER_CREATE)
        .with(f::TAKER_GETS, Amount::Xrp(Drops::from_xrp(1)))
        .with(f::TAKER_PAYS, wants);
    for _ in 0..OFFERS / OFFERS_A_LEDGER {
        for _ in 0..OFFERS_A_LEDGER {
            submit(ledger, &wallet, &offer);
        }
        ledger.close().unwrap();
    }
}

#[test]
#[ignore = "by hand: it measures"]
fn a_thousand_open_questions_are_answered_after_a_kill() {
    let place = Place::new();
    let first = place.start("10");
    place.until("a first offer rests", |place| {
        place.count("SELECT count(*) FROM orders WHERE status = 'open'").unwrap_or(0) > 0
    });
    kill(first);
    place_offers(&mut place.ledger());

    let second = place.start("1");
    let asked = place.until("a thousand questions", |place| place.open_questions() >= i64::from(OFFERS));
    kill(second);
    println!("after {asked:.1?} the outbox held {} open questions; killed", place.open_questions());

    if let Some(keep) = std::env::var_os("NEO_KEEP") {
        copy(place.folder.path(), Path::new(&keep));
    }
    let asked_last = place.count("SELECT max(intent_id) FROM submissions").unwrap();
    let clock = Instant::now();
    let third = place.start("max");
    place.until("every question of before answered", |place| place.open_questions_to(asked_last) == 0);
    println!("every question of before the kill answered after {:.2?}", clock.elapsed());
    place.until("the old session closed", |place| {
        place.count("SELECT count(*) FROM sessions WHERE session_id = 1 AND status = 'closed'") == Some(1)
    });
    println!("all offers taken down and proven, the killed session closed after {:.2?}", clock.elapsed());
    place.until("a new offer rests", |place| {
        place.count("SELECT count(*) FROM orders WHERE session_id > 1 AND status = 'open'").unwrap_or(0) > 0
    });
    println!("the next session quotes after {:.2?}", clock.elapsed());
    kill(third);
    for row in ["halt_reason", "facts"] {
        let connection = Connection::open(place.db()).unwrap();
        let sql = format!("SELECT coalesce({row}, '') FROM sessions ORDER BY session_id");
        let mut statement = connection.prepare(&sql).unwrap();
        let rows: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        println!("{row}: {}", rows.join(" | ").chars().take(400).collect::<String>());
    }
}
