//! The reconciler's promises by name: the real engine on a small ledger, its steps in the real store, looked at in the
//! real file by a second connection. Each test holds a check against what is there and then against the same with the
//! rule taken out (`spoiled`): the first must pass and the second must not, so no check here is one that cannot fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod common;
#[path = "../../engine/tests/support/mod.rs"]
mod support;

use common::logged::Logged;
use engine::{AnomalyRow, HaltReason, Input, Record, Side, Step, StopInput, TruthSource};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use store::{HELD, Reader, SEARCHING, Store, StoreError};
use support::{Rig, World};
use units::{Exact, LedgerIndex, LedgerTime, Rounding};

type Checked = Result<(), String>;

/// Says no, with what was found.
fn hold(is_so: bool, found: impl FnOnce() -> String) -> Checked {
    if is_so { Ok(()) } else { Err(found()) }
}

/// Passes on what is, fails on what is spoiled.
#[track_caller]
fn holds_and_can_fail(as_it_is: Checked, spoiled: Checked) {
    assert_eq!(as_it_is, Ok(()));
    assert!(spoiled.is_err(), "the control passes: this check cannot fail");
}

/// A session: an engine, its ledger, and its file.
struct Session {
    _dir: tempfile::TempDir,
    path: PathBuf,
    store: Store,
    rig: Rig,
    written: usize,
}

impl Session {
    /// Begun on a quiet ledger; both sides rest.
    fn quoting() -> Session {
        let mut session = Session::on(World::new());
        session.tick();
        session
    }

    fn on(world: World) -> Session {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("neo.db");
        let store = common::open(&path);
        let mut rig = Rig::with(support::no_pool(), world);
        let start = rig.world.start(None, None);
        rig.feed(start);
        let mut session = Session { _dir: dir, path, store, rig, written: 0 };
        let first = session.pending();
        session.store.open_session(common::start(), first).unwrap().1.into_inner();
        session
    }

    /// Inputs and steps that are not in the file yet.
    fn pending(&mut self) -> Vec<(Input, Step)> {
        let from = std::mem::replace(&mut self.written, self.rig.journal.len());
        let inputs = self.rig.journal[from..].iter().cloned();
        inputs.zip(self.rig.steps[from..].iter().cloned()).collect()
    }

    /// A ledger in which all that was sent is validated, down to the file.
    fn tick(&mut self) {
        self.rig.tick();
        self.write();
    }

    fn write(&mut self) {
        let batch = self.pending();
        self.store.commit(batch).unwrap().into_inner();
    }

    /// A full read in which the offer is not there although no transaction ended it. The steps are not written.
    fn lose(&mut self, sequence: u32) -> Vec<(Input, Step)> {
        let mut truth = self.rig.world.truth(TruthSource::Periodic);
        truth.offers.retain(|offer| offer.sequence != sequence);
        self.rig.answers_truth = false;
        self.rig.feed(Input::Truth(Box::new(truth)));
        self.pending()
    }

    fn sql(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }

    fn rows(&self) -> Vec<store::AnomalyFound> {
        Reader::open(&self.path).unwrap().anomaly_rows(None).unwrap()
    }
}

/// Steps with the anomaly rows changed, or dropped.
fn with_rows(
    batch: &[(Input, Step)],
    change: impl Fn(AnomalyRow) -> Option<AnomalyRow>,
) -> Vec<(Input, Step)> {
    let changed = |record: Record| match record {
        Record::Anomaly(row) => change(row).map(Record::Anomaly),
        other => Some(other),
    };
    let of = |step: &Step| step.records.iter().cloned().filter_map(changed).collect();
    batch.iter().map(|(input, step)| (input.clone(), Step { records: of(step), ..step.clone() })).collect()
}

/// What the rule "the row first, as `searching`" takes out: the row comes with its outcome, in the step's transaction.
fn without_search(batch: &[(Input, Step)]) -> Vec<(Input, Step)> {
    with_rows(batch, |row| (row.action_taken != SEARCHING).then_some(row))
}

// ---------------------------------------------------------------- the table

/// Exactly the columns of the interfaces page, and an index on each of two.
fn table(path: &Path) -> Checked {
    const COLUMNS: [&str; 13] = [
        "id",
        "session_id",
        "detected_at",
        "order_id",
        "side",
        "quantity_rlusd",
        "xrp_equivalent",
        "age_seconds",
        "last_status",
        "offer_sequence",
        "cancel_tx_hash",
        "action_taken",
        "mid_price",
    ];
    let connection = Connection::open(path).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let columns = names("SELECT name FROM pragma_table_info('reconciler_anomaly_log') ORDER BY cid");
    hold(columns == COLUMNS, || format!("columns {columns:?}"))?;
    let indexed = names(
        "SELECT i.name FROM pragma_index_list('reconciler_anomaly_log') l, pragma_index_info(l.name) i ORDER BY 1",
    );
    hold(indexed == ["action_taken", "session_id"], || format!("indexes on {indexed:?}"))
}

/// Control: a file whose table lacks an index, a column, or has one more.
#[test]
fn the_table_has_its_thirteen_columns_and_two_indexes() {
    for spoil in [
        "DROP INDEX reconciler_anomaly_log_session",
        "DROP INDEX reconciler_anomaly_log_action",
        "ALTER TABLE reconciler_anomaly_log DROP COLUMN mid_price",
        "ALTER TABLE reconciler_anomaly_log ADD COLUMN more TEXT",
        "DROP TABLE reconciler_anomaly_log",
    ] {
        let session = Session::quoting();
        let as_it_is = table(&session.path);
        session.sql(spoil);
        holds_and_can_fail(as_it_is, table(&session.path));
    }
}

// ---------------------------------------------------------------- the row first

/// The disk refuses the step itself: what is there is what was written before it.
fn row_comes_first(spoil: impl Fn(&[(Input, Step)]) -> Vec<(Input, Step)>) -> Checked {
    let mut session = Session::quoting();
    let sell = session.rig.offer(Side::Sell);
    let before = Reader::open(&session.path).unwrap().journal_len(1).unwrap();
    let batch = session.lose(sell);
    session.sql("CREATE TRIGGER refuse BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no step'); END");
    match session.store.commit(spoil(&batch)) {
        Err(StoreError::Failed { .. }) => {}
        other => return Err(format!("{other:?}")),
    }
    let after = Reader::open(&session.path).unwrap().journal_len(1).unwrap();
    hold(after == before, || format!("{} steps more", after - before))?;
    let rows = session.rows();
    let told: Vec<_> = rows.iter().map(|row| (row.offer_sequence, row.action_taken.as_str())).collect();
    hold(told == [(Some(sell.into()), SEARCHING)], || format!("rows {told:?}"))
}

/// Control: the row goes with the step that acts on it, so it is lost with it.
#[test]
fn a_disappeared_open_offer_writes_its_row_before_anything_follows() {
    holds_and_can_fail(row_comes_first(<[_]>::to_vec), row_comes_first(without_search));
}

// ---------------------------------------------------------------- a fill that fails

/// A ledger does not bring a fill of ours, a full read shows the offer gone, and the history has the fill: but the fill
/// cannot be written. Nothing of that step is there, the store takes nothing more, and the row of the disappearance stands.
fn row_survives_a_failing_fill(spoil: impl Fn(&[(Input, Step)]) -> Vec<(Input, Step)>) -> Checked {
    let mut session = Session::quoting();
    let sell = session.rig.offer(Side::Sell);
    assert!(session.rig.world.take(sell, i64::MAX));
    let Input::Ledger(mut cut) = session.rig.world.close() else { panic!("a ledger") };
    (cut.own, cut.book) = (Vec::new(), Vec::new());
    session.rig.feed(Input::Ledger(cut));
    let mut batch = session.lose(sell);
    session.store.commit(spoil(&batch)).unwrap().into_inner();
    let backfill = session.rig.world.backfill(LedgerIndex(100));
    session.rig.feed(Input::Backfill(Box::new(backfill)));
    batch = session.pending();
    let fills = batch.iter().flat_map(|(_, step)| &step.records).filter(|r| matches!(r, Record::Fill(_)));
    assert_eq!(fills.count(), 1);
    session.sql("CREATE TRIGGER refuse BEFORE INSERT ON fills BEGIN SELECT RAISE(ABORT, 'no fill'); END");
    match session.store.commit(spoil(&batch)) {
        Err(StoreError::Failed { .. }) => {}
        other => return Err(format!("{other:?}")),
    }
    match session.store.commit(vec![(common::input(1), common::step(200, vec![]))]) {
        Err(StoreError::Stopped(_)) => {}
        other => return Err(format!("it goes on: {other:?}")),
    }
    hold(Reader::open(&session.path).unwrap().fills().unwrap().is_empty(), || "half a step".to_owned())?;
    let rows = session.rows();
    let told: Vec<_> = rows.iter().map(|row| (row.offer_sequence, row.action_taken.as_str())).collect();
    hold(told == [(Some(sell.into()), SEARCHING)], || format!("rows {told:?}"))
}

/// Control: without the row committed alone and first, the failure takes it along.
#[test]
fn a_row_survives_a_fill_that_fails_and_halts() {
    holds_and_can_fail(
        row_survives_a_failing_fill(<[_]>::to_vec),
        row_survives_a_failing_fill(without_search),
    );
}

/// The engine's side of it: a fill that no order takes halts, and its row is in the file as an observation.
#[test]
fn a_fill_that_cannot_be_applied_halts_the_session_with_its_row_in_the_file() {
    let story = |is_known: bool| {
        let mut session = Session::quoting();
        let sell = session.rig.offer(Side::Sell);
        if !is_known {
            // An offer of ours that no order of ours stands for trades at once.
            let offer = session.rig.world.offers[&sell].clone();
            session.rig.world.offers.insert(77, offer);
            assert!(session.rig.world.take(77, 1_000_000));
        } else {
            assert!(session.rig.world.take(sell, 1_000_000));
        }
        session.tick();
        let halt = session.rig.engine.halt().map(|(reason, _)| reason);
        hold(halt == Some(HaltReason::ReconcilerHalt), || format!("halt {halt:?}"))?;
        let rows = session.rows();
        let told: Vec<_> = rows.iter().map(|row| (row.offer_sequence, row.action_taken.as_str())).collect();
        hold(told == [(Some(77), "fill_of_unknown_offer")], || format!("rows {told:?}"))
    };
    holds_and_can_fail(story(false), story(true));
}

// ---------------------------------------------------------------- arithmetic

/// The row in the file against the order in the file: own arithmetic, from text.
fn arithmetic(path: &Path, has_mid: bool) -> Checked {
    let connection = Connection::open(path).unwrap();
    type Row = (String, Option<String>, i64, Option<String>, String, String, String);
    let (quantity, xrp, age, mid, detected, created, left): Row = connection
        .query_row(
            "SELECT a.quantity_rlusd, a.xrp_equivalent, a.age_seconds, a.mid_price, a.detected_at, o.created_at,
               o.remaining_rlusd
             FROM reconciler_anomaly_log a JOIN orders o USING (order_id) WHERE a.action_taken = ?1",
            [HELD],
            |row| {
                let text = |at| row.get(at);
                Ok((row.get(0)?, text(1)?, row.get(2)?, text(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
            },
        )
        .map_err(|error| error.to_string())?;
    hold(quantity == left, || format!("{quantity} RLUSD of {left}"))?;
    let seconds = "SELECT unixepoch(?1) - unixepoch(?2)";
    let wanted: i64 = connection.query_row(seconds, (&detected, &created), |row| row.get(0)).unwrap();
    hold(age == wanted && age > 0, || format!("age {age} s, {created} to {detected}"))?;
    hold(mid.is_some() == has_mid, || format!("mid {mid:?}"))?;
    let wanted = mid.map(|mid| {
        let (quantity, mid): (Exact, Exact) = (quantity.parse().unwrap(), mid.parse().unwrap());
        quantity.divide(&mid, 6, Rounding::HalfEven).unwrap().to_fixed(6)
    });
    hold(xrp == wanted, || format!("{xrp:?} XRP, {wanted:?} wanted"))
}

/// A session whose order vanishes; without a mid all others' offers are crossed from the start and the order is one
/// that was found on the ledger.
fn vanished(has_mid: bool, spoil: impl Fn(AnomalyRow) -> AnomalyRow) -> Checked {
    let mut session = if has_mid {
        Session::quoting()
    } else {
        let mut world = World::new();
        world.touch = ("1.4300".to_owned(), "1.4210".to_owned());
        let legs = engine::Legs { quote: support::value("2.5"), base: support::drops(2_000_000) };
        let found = support::Offer { side: Side::Sell, legs, expiration: 900_000_000 };
        world.offers.insert(7, found);
        Session::on(world)
    };
    let sell = session.rig.offer(Side::Sell);
    for _ in 0..3 {
        let ledger = session.rig.world.close();
        session.rig.feed(ledger);
        session.write();
    }
    let batch = session.lose(sell);
    session.store.commit(with_rows(&batch, |row| Some(spoil(row)))).unwrap().into_inner();
    while !session.rows().iter().any(|row| row.action_taken == HELD) {
        // The search goes on for some ledgers before it gives up.
        let ledger = session.rig.world.close();
        session.rig.feed(ledger);
        let batch = session.pending();
        session.store.commit(with_rows(&batch, |row| Some(spoil(row)))).unwrap().into_inner();
        assert!(!session.rig.engine.is_closed(), "closed and not held");
    }
    arithmetic(&session.path, has_mid)
}

/// Controls: the product in place of the quotient, the size in place of its worth, a worth without a mid, the age from
/// the wrong end.
#[test]
fn xrp_equivalent_and_age_arithmetic_with_and_without_a_mid() {
    type Spoil = fn(AnomalyRow) -> AnomalyRow;
    let with: [Spoil; 4] = [
        |row| {
            let product = &Exact::from(row.quantity_rlusd.unwrap()) * &row.mid_price.unwrap().to_exact();
            let drops = product.divide(&Exact::new(1.into(), -6), 0, Rounding::HalfEven).unwrap();
            let xrp_equivalent = i64::try_from(drops.to_i128().unwrap()).ok().map(support::drops);
            AnomalyRow { xrp_equivalent, ..row }
        },
        |row| AnomalyRow { xrp_equivalent: None, ..row },
        |row| AnomalyRow { age_seconds: Some(0), ..row },
        |row| AnomalyRow { detected_at: LedgerTime(row.detected_at.get() + 4), ..row },
    ];
    for spoil in with {
        holds_and_can_fail(vanished(true, |row| row), vanished(true, spoil));
    }
    let without: Spoil = |row| AnomalyRow { xrp_equivalent: Some(support::drops(1)), ..row };
    holds_and_can_fail(vanished(false, |row| row), vanished(false, without));
    let with_a_mid: Spoil = |row| AnomalyRow { mid_price: Some("1.4".parse().unwrap()), ..row };
    holds_and_can_fail(vanished(false, |row| row), vanished(false, with_a_mid));
}

// ---------------------------------------------------------------- what writes no row

/// How an own offer ends that the metadata explains.
#[derive(Debug, Clone, Copy)]
enum End {
    EngineCancel,
    FillThenCancel,
    CancelThenFill,
    Replaced,
    Expired,
}

/// Plays it, down to the file; says which rows there are. `blind`: an engine that takes an offer's absence for a
/// disappearance before it looks at what its own transactions did.
fn explained_end(end: End, blind: bool) -> Checked {
    let mut session = Session::quoting();
    let buy = session.rig.offer(Side::Buy);
    let stop = || StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: true };
    match end {
        End::EngineCancel => {
            session.rig.feed(Input::Stop(stop()));
        }
        End::FillThenCancel => {
            session.rig.feed(Input::Stop(stop()));
            assert!(session.rig.world.take(buy, i64::MAX));
        }
        End::CancelThenFill => {
            assert!(session.rig.world.take(buy, 1_000_000));
            session.rig.feed(Input::Stop(stop()));
            session.rig.world.validate_all();
            assert!(!session.rig.world.take(buy, 1_000_000), "it is gone");
        }
        End::Replaced => session.rig.world.touch = ("1.4150".to_owned(), "1.4160".to_owned()),
        End::Expired => {
            session.rig.world.queue.clear();
            let ledger = session.rig.world.close_after(200);
            session.rig.feed(ledger);
            session.rig.world.queue.clear();
            session.rig.world.sweep(buy);
            let ledger = session.rig.world.close();
            session.rig.feed(ledger);
        }
    }
    for _ in 0..2 {
        session.rig.tick();
    }
    let orders = session.rig.orders();
    assert!(orders[&buy].status.is_final(), "{end:?}: {}", orders[&buy].status);
    let mut batch = session.pending();
    if blind {
        for (_, step) in &mut batch {
            add_a_row_for_every_end(step);
        }
    }
    session.store.commit(batch).unwrap().into_inner();
    let rows = session.rows();
    hold(rows.is_empty(), || format!("{end:?}: {rows:?}"))
}

fn add_a_row_for_every_end(step: &mut Step) {
    let ended: Vec<Record> = step
        .records
        .iter()
        .filter_map(|record| match record {
            Record::OrderUpsert(row) if row.status.is_final() => Some(Record::Anomaly(AnomalyRow {
                detected_at: row.updated_at,
                order_id: Some(row.order_id),
                side: Some(row.side),
                quantity_rlusd: Some(row.remaining.quote),
                xrp_equivalent: None,
                age_seconds: None,
                last_status: Some(row.status),
                offer_sequence: Some(row.offer_sequence),
                cancel_tx_hash: row.cancel_tx_hash,
                action_taken: HELD.to_owned(),
                mid_price: None,
            })),
            _ => None,
        })
        .collect();
    step.records.extend(ended);
}

/// Control: truth judged before what was pending is resolved, which takes every end for a disappearance.
#[test]
fn a_cancel_race_and_an_engine_cancel_write_no_row() {
    for end in [End::EngineCancel, End::FillThenCancel, End::CancelThenFill, End::Replaced, End::Expired] {
        holds_and_can_fail(explained_end(end, false), explained_end(end, true));
    }
}

// ---------------------------------------------------------------- a failing audit write

/// The table refuses every row, or another does: the session goes on, and the log says ERROR.
fn goes_on_without_its_audit(refuse: &str) -> Checked {
    let logged = Logged::new();
    logged.during(|| {
        let mut session = Session::quoting();
        let sell = session.rig.offer(Side::Sell);
        session.sql(refuse);
        let batch = session.lose(sell);
        let len = session.rig.journal.len();
        match session.store.commit(batch) {
            Ok(effects) => drop(effects.into_inner()),
            Err(error) => return Err(format!("it blocks: {error}")),
        }
        session.tick();
        let rows = Reader::open(&session.path).unwrap().journal_len(1).unwrap();
        hold(usize::try_from(rows).unwrap() > len, || format!("{rows} steps of {len} and more"))
    })?;
    let told = logged.lines("ERROR", "anomaly not kept");
    hold(!told.is_empty(), || format!("no ERROR: {:?}", logged.all()))
}

/// Controls: any other row that fails does block, and a write that succeeds is no ERROR.
#[test]
fn a_failing_audit_write_blocks_nothing_and_is_an_error() {
    let refuse = |table: &str| {
        format!("CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END")
    };
    let audit = refuse("reconciler_anomaly_log");
    holds_and_can_fail(goes_on_without_its_audit(&audit), goes_on_without_its_audit(&refuse("journal")));
    let gone = "DROP TABLE reconciler_anomaly_log";
    holds_and_can_fail(goes_on_without_its_audit(gone), goes_on_without_its_audit("SELECT 1"));
}

// ---------------------------------------------------------------- the count for the page

/// What the page shows of a session: nothing, and no failure.
fn counts_nothing(path: &Path) -> Checked {
    let counted = Reader::open(path).map_err(|error| error.to_string())?.anomalies(1);
    let counted = counted.map_err(|error| error.to_string())?;
    hold(counted.values().sum::<i64>() == 0, || format!("{counted:?}"))
}

/// Controls: with the table and a row in it the count is not 0; and without the look for the table the same question
/// is an error.
#[test]
fn the_count_for_the_page_on_a_database_without_the_table_is_zero() {
    let mut session = Session::quoting();
    let sell = session.rig.offer(Side::Sell);
    let batch = session.lose(sell);
    session.store.commit(batch).unwrap().into_inner();
    let with_a_row = counts_nothing(&session.path);
    session.sql("DROP TABLE reconciler_anomaly_log");
    holds_and_can_fail(counts_nothing(&session.path), with_a_row);
    let unguarded = Connection::open(&session.path).unwrap().query_row(
        "SELECT count(*) FROM reconciler_anomaly_log",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert!(unguarded.is_err_and(|error| error.to_string().contains("no such table")));
}
