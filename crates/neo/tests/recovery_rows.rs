//! By hand: how long a start takes after `kill -9` of a session with a long journal: a million rows, or `NEO_ROWS`.
//! `cargo test --release -p neo --test recovery_rows -- --ignored --nocapture`; `NEO_BIN` names another program to measure,
//! `NEO_KEEP` a folder in which everything is left. Nothing here asserts a speed: the figures are in docs/performance.md.
//!
//! A million rows are twenty days of trading, so they are made: the ledgers of a real session over and over, through a real
//! engine and the real store, with full reads that agree and submissions that no ledger brings. What is not in it:
//! transactions of our own in validated ledgers.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use engine::{
    AccountFacts, BookChange, BookOffer, BookSnapshot, Config, Effect, Engine, Identity, Input, LedgerHeader,
    LedgerInput, OwnerFunds, SignedIntent, SnapshotOffer, StartInput, Step, SubmitOutcome, TruthRead,
};
use ledger::{AccountId, Currency, Hash256};
use rusqlite::{Connection, OpenFlags};
use server::EmbeddedLedger;
use sim::identity;
use sim::world::{At, MarketSpec, WorldSpec};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::{OpenMode, Reader, SessionStart, Store};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

const ROWS: usize = 1_000_000;
const ROWS_A_COMMIT: usize = 1_000;
/// No step may take longer.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Between two looks at the database.
const LOOK: Duration = Duration::from_millis(20);

fn start(folder: &Path, args: &[&str]) -> Child {
    let program = std::env::var_os("NEO_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_neo").into());
    let mut command = Command::new(program);
    command.current_dir(folder).args(["paper", "--json"]).args(args);
    command.env("RUST_BACKTRACE", "0").stdout(Stdio::null()).stderr(Stdio::inherit());
    command.spawn().unwrap()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn count(db: &Path, sql: &str) -> i64 {
    let connection = Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Most memory the process ever held, in MiB.
fn peak_mib(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The inputs of a real session of ten minutes.
fn recorded() -> (StartInput, Vec<LedgerInput>) {
    let folder = Folder::new();
    assert!(start(folder.path(), &["--duration", "10m", "--speed", "max"]).wait().unwrap().success());
    let reader = Reader::open(&folder.path().join("data/paper.db")).unwrap();
    let (mut opening, mut ledgers) = (None, Vec::new());
    reader
        .journal(1, |row| {
            match engine::journal::decode_input(&row.input).unwrap() {
                Input::Start(start) => opening = Some(*start),
                Input::Ledger(ledger) if ledger.own.is_empty() => ledgers.push(*ledger),
                _ => {}
            }
            Ok::<(), store::ReadError>(())
        })
        .unwrap();
    (opening.unwrap(), ledgers)
}

/// What the made session knows of the outside.
struct World {
    header: LedgerHeader,
    account: AccountFacts,
    pool: Option<engine::Pool>,
    offers: BTreeMap<Hash256, BookOffer>,
    funds: BTreeMap<AccountId, OwnerFunds>,
    us: AccountId,
}

impl World {
    fn take(&mut self, ledger: &LedgerInput) {
        for change in &ledger.book {
            match change {
                BookChange::Created(offer) | BookChange::Modified(offer) => {
                    self.offers.insert(offer.id, *offer);
                }
                BookChange::Deleted { id } => {
                    self.offers.remove(id);
                }
            }
        }
        for funds in &ledger.owner_funds {
            let known = self.funds.entry(funds.account).or_insert(*funds);
            (known.xrp, known.rlusd) = (funds.xrp.or(known.xrp), funds.rlusd.or(known.rlusd));
        }
        self.pool = ledger.pool.or(self.pool);
    }

    fn book(&self) -> BookSnapshot {
        let mut book = BookSnapshot::default();
        for offer in self.offers.values().filter(|offer| offer.owner != self.us) {
            let funds = self.funds.get(&offer.owner);
            let (owner_rlusd, owner_xrp) = (funds.and_then(|f| f.rlusd), funds.and_then(|f| f.xrp));
            match offer.side {
                engine::Side::Buy => {
                    book.bids.push(SnapshotOffer { offer: *offer, owner_rlusd, owner_xrp: None });
                }
                engine::Side::Sell => {
                    book.asks.push(SnapshotOffer { offer: *offer, owner_rlusd: None, owner_xrp });
                }
            }
        }
        book
    }

    fn truth(&self, source: engine::TruthSource) -> TruthRead {
        TruthRead {
            index: self.header.index,
            hash: self.header.hash,
            close_time: self.header.close_time,
            account: self.account,
            offers: Vec::new(),
            tickets: Default::default(),
            book: self.book(),
            pool: self.pool,
            source,
        }
    }

    /// What comes back for what was wanted, in the order of coming.
    fn answers(&self, effects: &[Effect]) -> Vec<Input> {
        let mut signed = Vec::new();
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::Submit(intent) => {
                    let mut hash = [9; 32];
                    hash[..8].copy_from_slice(&intent.intent_id.to_be_bytes());
                    let (hash, blob) = (Hash256(hash), vec![0; 200]);
                    signed.push(SignedIntent { intent_id: intent.intent_id, hash, blob });
                    answers.push(Input::Submitted(SubmitOutcome {
                        intent_id: intent.intent_id,
                        engine_result: Some("terQUEUED".to_owned()),
                        detail: String::new(),
                    }));
                }
                Effect::ReadTruth { reason } => answers.push(Input::Truth(Box::new(self.truth(*reason)))),
                _ => {}
            }
        }
        if !signed.is_empty() {
            answers.insert(0, Input::Signed(signed));
        }
        answers
    }
}

/// A market of nobody, moved on by so many ledgers: what the made session stood at in the end.
fn place(dir: &Path, ledgers: u32) -> EmbeddedLedger {
    let start = LedgerTime::from_unix(1_767_225_600).unwrap();
    let mut spec = WorldSpec::paper(1, MarketSpec::None, start);
    spec.warm_up_ledgers = 0;
    let mut ledger = EmbeddedLedger::create(dir, spec).unwrap();
    ledger.advance(ledgers).unwrap();
    ledger
}

fn facts(ledger: &EmbeddedLedger, us: AccountId) -> AccountFacts {
    let world = ledger.world();
    let (_, root) = world.account_root(At::Validated, us).unwrap();
    let lines = world.account_lines(At::Validated, us);
    AccountFacts {
        sequence: world.sequence(At::Validated, us).unwrap(),
        owner_count: root.u32(ledger::fields::OWNER_COUNT).unwrap_or(0),
        xrp: root.amount(ledger::fields::BALANCE).and_then(|amount| amount.drops()).unwrap_or(Drops::ZERO),
        rlusd: lines.first().map_or(IssuedValue::ZERO, |line| line.balance),
        previous_txn_id: None,
        frozen: false,
    }
}

/// Makes the session; gives the ledgers it saw.
struct Maker {
    store: Store,
    engine: Engine,
    start: Option<SessionStart>,
    batch: Vec<(Input, Step)>,
    rows: usize,
}

impl Maker {
    fn feed(&mut self, world: &World, input: Input) {
        let mut waiting = vec![input];
        while !waiting.is_empty() {
            let input = waiting.remove(0);
            let step = self.engine.step(&input);
            let mut answers = world.answers(&step.effects);
            self.rows += 1;
            self.batch.push((input, step));
            answers.extend(waiting);
            waiting = answers;
        }
        if self.batch.len() >= ROWS_A_COMMIT {
            let state = self.engine.checkpoint().unwrap();
            self.flush(Some(state));
        }
    }

    /// Writes what there is, and with it what the engine knows, as the program does now and then.
    fn flush(&mut self, state: Option<Vec<u8>>) {
        let batch = std::mem::take(&mut self.batch);
        match self.start.take() {
            Some(start) => drop(self.store.open_session(start, batch).unwrap().1.into_inner()),
            None if state.is_some() => {
                let state = state.unwrap_or_default();
                drop(self.store.commit_with_state(batch, state).unwrap().into_inner());
            }
            None if !batch.is_empty() => drop(self.store.commit(batch).unwrap().into_inner()),
            None => {}
        }
    }
}

/// Makes the database of a session of so many rows beside the ledger that it ends at; gives the rows.
fn make(folder: &Path, rows: usize) -> usize {
    let db = folder.join("data/paper.db");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let (opening, ledgers) = recorded();
    // About so many ledgers: the last one is the real one, so that the ledger is asked for its hash.
    let wanted = u32::try_from(rows * 94 / 100).unwrap();
    let clock = Instant::now();
    let real = place(&folder.join("data/paper.db.ledger"), wanted);
    println!("a ledger moved on by {wanted} in {:.1?}", clock.elapsed());
    let us = identity::account(identity::WALLET).unwrap();
    let header = |at: u32| {
        let end = real.header();
        let (index, hash) = (LedgerIndex(at), [at.to_be_bytes(); 8].concat().try_into().unwrap());
        let before = (end.ledger_index.get() - at) * real.spec().ledger_interval_seconds;
        let close_time = LedgerTime(end.close_time.get() - before);
        let hash = if index == end.ledger_index { end.ledger_hash } else { Hash256(hash) };
        LedgerHeader { index, hash, close_time, ..opening.header }
    };
    let end = real.header().ledger_index.get();
    let mut world = World {
        header: header(end - wanted + 1),
        account: facts(&real, us),
        pool: opening.truth.pool,
        offers: opening
            .truth
            .book
            .bids
            .iter()
            .chain(&opening.truth.book.asks)
            .map(|l| (l.offer.id, l.offer))
            .collect(),
        funds: BTreeMap::new(),
        us,
    };
    let config = Config::default();
    let who = Identity {
        network_id: identity::NETWORK_ID,
        account: us,
        quote_currency: Currency::RLUSD,
        quote_issuer: identity::account(identity::ISSUER).unwrap(),
    };
    let start = SessionStart {
        world_id: format!("{}-1", real.world_id()),
        config_text: config.texts().iter().map(|(key, value)| format!("{key}: {value}\n")).collect(),
        genesis: engine::journal::genesis(&config, &who).unwrap(),
        parent_session_id: None,
    };
    let store = Store::open(&db, &store::Identity::new("paper", &who), OpenMode::CreateIfMissing).unwrap();
    let engine = Engine::new(config, who);
    let mut maker = Maker { store, engine, start: Some(start), batch: Vec::new(), rows: 0 };
    let truth = world.truth(engine::TruthSource::Start);
    let first = StartInput { header: world.header, truth, duration_seconds: None, ..opening.clone() };
    maker.feed(&world, Input::Start(Box::new(first)));
    let clock = Instant::now();
    for (at, ledger) in (end - wanted + 2..=end).zip(ledgers.iter().cycle()) {
        let ledger = LedgerInput { header: header(at), ..ledger.clone() };
        world.header = ledger.header;
        world.take(&ledger);
        maker.feed(&world, Input::Ledger(Box::new(ledger)));
    }
    // Some rows come after the last checkpoint, as after any kill.
    maker.flush(None);
    assert!(!maker.engine.is_closed(), "{:?}", maker.engine.halt());
    println!("{} rows written in {:.1?}, mode {}", maker.rows, clock.elapsed(), maker.engine.mode());
    maker.store.close();
    maker.rows
}

#[test]
#[ignore = "by hand: it measures, and takes minutes and gigabytes"]
fn a_long_session_is_ready_again_after_a_kill() {
    let rows = std::env::var("NEO_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let scratch = Folder::new();
    let folder = std::env::var_os("NEO_KEEP").map_or(scratch.path().to_owned(), PathBuf::from);
    let db = folder.join("data/paper.db");
    let made = if db.exists() { 0 } else { make(&folder, rows) };
    let mib = std::fs::metadata(&db).unwrap().len() >> 20;
    let was = count(&db, "SELECT max(session_id) FROM sessions");
    let kept =
        count(&db, "SELECT count(*) FROM journal WHERE session_id = (SELECT max(session_id) FROM sessions)");
    println!("session {was} is open with {kept} rows ({made} made now), a database of {mib} MiB");

    let args = ["--duration", "10m", "--speed", "max"];
    let killed = start(&folder, &args);
    std::thread::sleep(Duration::from_secs(1));
    println!("a start killed after 1 s, when it held {} MiB at most", peak_mib(&killed));
    kill(killed);

    let clock = Instant::now();
    let child = start(&folder, &args);
    let (mut peak, mut rebuilt) = (0, None);
    while count(&db, "SELECT max(session_id) FROM sessions") == was {
        assert!(clock.elapsed() < PATIENCE);
        peak = peak.max(peak_mib(&child));
        let grown =
            "SELECT max(seq) + 1 FROM journal WHERE session_id = (SELECT max(session_id) FROM sessions)";
        if rebuilt.is_none() && count(&db, grown) > kept {
            rebuilt = Some(clock.elapsed());
        }
        std::thread::sleep(LOOK);
    }
    println!(
        "the old session's first new row after {:.2?}, the next session open after {:.2?}; at most {peak} MiB",
        rebuilt.unwrap_or_default(),
        clock.elapsed()
    );
    let how =
        "SELECT status || ' ' || coalesce(halt_reason, '') || ' ' || coalesce(halt_detail, '') FROM sessions
               WHERE session_id = ?1";
    let connection = Connection::open_with_flags(&db, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let ended: String = connection.query_row(how, [was], |row| row.get(0)).unwrap();
    println!("session {was}: {ended}");
    kill(child);
}
