//! The engine's records as rows: orders, fills, submissions. Adds what a record does not know, its session and the name
//! of its order across ledger histories; never computes an amount.

use engine::{
    AnomalyRow, Ending, FillRow, Liquidity, OfferEndingRow, OrderId, OrderRow, Record, Side, SubmissionRow,
    SubmissionVerdict,
};
use ledger::{Hash256, SeqProxy};
use rusqlite::{ErrorCode, Transaction, params};
use units::{Drops, Exact, LedgerIndex, LedgerTime};

use crate::snapshot_rows as snapshots;

/// Where a record is written.
pub(crate) struct Context<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    pub(crate) session_id: i64,
    pub(crate) world_no: i64,
    /// Close time of the ledger that the step is about.
    pub(crate) at: LedgerTime,
}

impl Context<'_> {
    /// The order's name in the database: sequences repeat from one ledger history to another.
    pub(crate) fn order(&self, id: OrderId) -> String {
        format!("w{}-{id}", self.world_no)
    }

    pub(crate) fn run(&self, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.transaction.prepare_cached(sql)?.execute(params)
    }
}

pub(crate) use snapshots::anomaly as write_anomaly;

/// Writes one record. The end of a session is written by its own module, with the journal's last link.
pub(crate) fn write(context: &Context<'_>, record: &Record) -> rusqlite::Result<()> {
    match record {
        // The session row is born of this record before its journal rows; its end comes after them.
        Record::SessionOpened(_) | Record::SessionClosed(_) => Ok(()),
        Record::OrderUpsert(row) => order(context, row),
        Record::Fill(row) => fill(context, row),
        Record::Movement(row) => snapshots::movement(context, row),
        Record::TruthCheck(row) => snapshots::truth(context, row),
        Record::MarketSnapshot(row) => snapshots::market(context, row),
        Record::InventorySnapshot(row) => snapshots::inventory(context, row),
        Record::ValuationSnapshot(row) => snapshots::valuation(context, row),
        Record::Anomaly(row) => audit(context, row),
        Record::CapitalEvent(row) => snapshots::capital(context, row),
        Record::CircuitBreakerEvent(row) => snapshots::circuit_breaker(context, row),
        Record::State { key, value } => snapshots::state(context, key, value),
        Record::SubmissionIntent(row) => submission(context, row),
        Record::SubmissionSigned { intent_id, hash, blob } => signed(context, *intent_id, hash, blob),
        Record::SubmissionHint { intent_id, engine_result } => hint(context, *intent_id, engine_result),
        Record::SubmissionOutcome { intent_id, hash, verdict, result, ledger_index } => {
            let whose = (*intent_id, hash.as_ref());
            outcome(context, whose, *verdict, result.as_deref(), *ledger_index)
        }
        Record::Cursor { ledger_index, .. } => cursor(context, *ledger_index),
        Record::OfferEnding(row) => offer_ending(context, row),
    }
}

/// An audit row is written as well as can be: its failure is an error in the log and takes nothing with it. A disk that
/// fails is no matter of this row, and goes on to end the run.
fn audit(context: &Context<'_>, row: &AnomalyRow) -> rusqlite::Result<()> {
    let Err(error) = snapshots::anomaly(context, row) else { return Ok(()) };
    let is_disk = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::OutOfMemory
        )
    );
    // Some errors make SQLite roll the whole transaction back (sqlite.org/lang_transaction.html, "Response To Errors
    // Within A Transaction"): nothing may follow them.
    if is_disk || context.transaction.is_autocommit() {
        return Err(error);
    }
    tracing::error!(%error, offer = ?row.offer_sequence, action = row.action_taken, "anomaly not kept");
    Ok(())
}

/// An order keeps the session that placed it, whichever session sees its end.
fn order(context: &Context<'_>, row: &OrderRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO orders (order_id, session_id, side, price, quantity_rlusd, quantity_xrp, taker_gets,
                 taker_pays, remaining_rlusd, remaining_xrp, status, offer_sequence, tx_hash, last_ledger_sequence,
                 expiration, replaces, cancel_tx_hash, cancel_reason, created_at, updated_at, closed_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
               ON CONFLICT (order_id) DO UPDATE SET
                 price = excluded.price, quantity_rlusd = excluded.quantity_rlusd,
                 quantity_xrp = excluded.quantity_xrp, taker_gets = excluded.taker_gets,
                 taker_pays = excluded.taker_pays, remaining_rlusd = excluded.remaining_rlusd,
                 remaining_xrp = excluded.remaining_xrp, status = excluded.status,
                 offer_sequence = excluded.offer_sequence, tx_hash = excluded.tx_hash,
                 last_ledger_sequence = excluded.last_ledger_sequence, expiration = excluded.expiration,
                 replaces = excluded.replaces, cancel_tx_hash = excluded.cancel_tx_hash,
                 cancel_reason = excluded.cancel_reason, updated_at = excluded.updated_at,
                 closed_at = excluded.closed_at";
    context.run(
        sql,
        params![
            context.order(row.order_id),
            context.session_id,
            row.side.as_str(),
            row.price.to_string(),
            row.placed.quote.to_string(),
            row.placed.base.to_xrp_string(),
            row.taker_gets_text(),
            row.taker_pays_text(),
            row.remaining.quote.to_string(),
            row.remaining.base.to_xrp_string(),
            row.status.as_str(),
            row.offer_sequence,
            row.tx_hash.as_ref().map(Hash256::to_string),
            row.last_ledger_sequence.get(),
            row.expiration.map(LedgerTime::to_iso),
            row.replaces.map(|id| context.order(id)),
            row.cancel_tx_hash.as_ref().map(Hash256::to_string),
            row.cancel_reason,
            row.created_at.to_iso(),
            row.updated_at.to_iso(),
            row.closed_at.map(LedgerTime::to_iso)
        ],
    )?;
    Ok(())
}

/// A fill is credited to the session that placed its order, and is there once however often it is told.
fn fill(context: &Context<'_>, row: &FillRow) -> rusqlite::Result<()> {
    let (gets, pays) = fill_legs(row.side, &row.quantity_rlusd, row.quantity_xrp);
    let sql = "INSERT INTO fills (order_id, session_id, side, tx_hash, ledger_index, executed_at, price,
                 quantity_rlusd, quantity_xrp, taker_gets, taker_pays, mid_price_at_fill, realized_spread_bps,
                 liquidity)
               VALUES (?1, coalesce((SELECT session_id FROM orders WHERE order_id = ?1), ?2), ?3, ?4, ?5, ?6, ?7, ?8,
                 ?9, ?10, ?11, ?12, ?13, ?14)
               ON CONFLICT (tx_hash, order_id) DO NOTHING";
    #[cfg(feature = "spoiled")]
    let sql = match crate::spoiled::is_keyless(context.transaction)? {
        true => &sql.replace("ON CONFLICT (tx_hash, order_id) DO NOTHING", ""),
        false => sql,
    };
    let order_id = context.order(row.order_id);
    let added = context.run(
        sql,
        params![
            order_id,
            context.session_id,
            row.side.as_str(),
            row.tx_hash.to_string(),
            row.ledger_index.get(),
            row.executed_at.to_iso(),
            row.price.to_string(),
            row.quantity_rlusd.to_string(),
            row.quantity_xrp.to_xrp_string(),
            gets,
            pays,
            row.mid_price_at_fill.map(|price| price.to_string()),
            row.realized_spread_bps.map(|bps| bps.to_string()),
            match row.liquidity {
                Liquidity::Maker => "maker",
                Liquidity::Taker => "taker",
            }
        ],
    )?;
    if added == 0 {
        tracing::error!(order_id, tx_hash = %row.tx_hash, "fill told twice: the first row stands");
    }
    Ok(())
}

/// One row an order, of the session that placed it; a later row takes the place of one that proved nothing.
fn offer_ending(context: &Context<'_>, row: &OfferEndingRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO offer_endings (order_id, session_id, offer_sequence, side, ending, removal, ledger_index,
                 tx_hash, node, quantity_rlusd, filled_rlusd, filled_xrp, age_seconds, created_at)
               VALUES (?1, coalesce((SELECT session_id FROM orders WHERE order_id = ?1), ?2), ?3, ?4, ?5, ?6, ?7, ?8,
                 ?9, ?10, ?11, ?12, ?13, ?14)
               ON CONFLICT (order_id) DO UPDATE SET
                 ending = excluded.ending, removal = excluded.removal, ledger_index = excluded.ledger_index,
                 tx_hash = excluded.tx_hash, node = excluded.node, filled_rlusd = excluded.filled_rlusd,
                 filled_xrp = excluded.filled_xrp, age_seconds = excluded.age_seconds,
                 created_at = excluded.created_at";
    context.run(
        sql,
        params![
            context.order(row.order_id),
            context.session_id,
            row.offer_sequence,
            row.side.as_str(),
            row.ending.as_str(),
            row.removal.map(Ending::as_str),
            row.ledger_index.get(),
            row.tx_hash.as_ref().map(Hash256::to_string),
            row.node.as_ref().map(Hash256::to_string),
            row.quantity_rlusd.to_string(),
            row.filled_rlusd.to_string(),
            row.filled_xrp.to_xrp_string(),
            row.age_seconds,
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

/// What the taker of our offer got and paid, as on the ledger: RLUSD in units, XRP in drops.
fn fill_legs(side: Side, quote: &Exact, base: Drops) -> (String, String) {
    match side {
        Side::Buy => (quote.to_string(), base.to_string()),
        Side::Sell => (base.to_string(), quote.to_string()),
    }
}

fn submission(context: &Context<'_>, row: &SubmissionRow) -> rusqlite::Result<()> {
    let (sequence, ticket) = match row.sequence {
        SeqProxy::Sequence(sequence) => (Some(sequence), None),
        SeqProxy::Ticket(ticket) => (None, Some(ticket)),
    };
    let sql = "INSERT INTO submissions (session_id, intent_id, intent, order_id, sequence, ticket, fee_drops,
                 last_ledger_sequence, ends_offer, decided_ledger_index, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)";
    context.run(
        sql,
        params![
            context.session_id,
            number(row.intent_id),
            row.purpose.as_str(),
            row.order_id.map(|id| context.order(id)),
            sequence,
            ticket,
            row.fee_drops.get(),
            row.last_ledger_sequence.get(),
            row.ends_offer,
            row.ledger_index.get(),
            row.at.to_iso()
        ],
    )?;
    Ok(())
}

fn signed(context: &Context<'_>, intent_id: u64, hash: &Hash256, blob: &[u8]) -> rusqlite::Result<()> {
    let sql = "UPDATE submissions SET tx_hash = ?3, blob = ?4, updated_at = ?5
               WHERE session_id = ?1 AND intent_id = ?2";
    let params = params![context.session_id, number(intent_id), hash.to_string(), blob, context.at.to_iso()];
    context.run(sql, params)?;
    Ok(())
}

fn hint(context: &Context<'_>, intent_id: u64, engine_result: &str) -> rusqlite::Result<()> {
    let sql =
        "UPDATE submissions SET preliminary = ?3, updated_at = ?4 WHERE session_id = ?1 AND intent_id = ?2";
    context.run(sql, params![context.session_id, number(intent_id), engine_result, context.at.to_iso()])?;
    Ok(())
}

/// By intent in this session; by hash when an earlier session of the same ledger history sent it.
fn outcome(
    context: &Context<'_>,
    (intent_id, hash): (Option<u64>, Option<&Hash256>),
    verdict: SubmissionVerdict,
    result: Option<&str>,
    ledger_index: LedgerIndex,
) -> rusqlite::Result<()> {
    let whose = if intent_id.is_some() {
        "session_id = ?1 AND intent_id = ?2"
    } else {
        "tx_hash = ?7 AND ?2 IS NULL
         AND session_id IN (SELECT s.session_id FROM sessions s JOIN sessions here USING (world_no)
                            WHERE here.session_id = ?1)"
    };
    let sql = format!(
        "UPDATE submissions SET outcome = ?3, result = ?4, outcome_ledger_index = ?5, updated_at = ?6,
           tx_hash = coalesce(tx_hash, ?7)
         WHERE {whose}"
    );
    let params = params![
        context.session_id,
        intent_id.map(number),
        verdict.as_str(),
        result,
        ledger_index.get(),
        context.at.to_iso(),
        hash.map(Hash256::to_string)
    ];
    context.run(&sql, params)?;
    Ok(())
}

fn cursor(context: &Context<'_>, ledger_index: LedgerIndex) -> rusqlite::Result<()> {
    let sql = "UPDATE sessions SET last_ledger_index = ?2 WHERE session_id = ?1";
    context.run(sql, params![context.session_id, ledger_index.get()])?;
    Ok(())
}

/// Intents are counted from 1 within a session: far below what SQLite's integers hold.
fn number(intent_id: u64) -> i64 {
    i64::try_from(intent_id).unwrap_or(i64::MAX)
}
