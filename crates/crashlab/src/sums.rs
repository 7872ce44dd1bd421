//! Whether the rows of a database agree with each other: fills with movements, movements with the position, the cursor
//! with the journal, and every table with what the journal makes of it. Done once for each state that crashes are held
//! against; the adding up is done here, not by the store.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use store::{Derivation, ReadError, Reader, decode_step};
use units::Exact;

use crate::books::POSITION;
use crate::drive::look;
use crate::place::Place;

/// Adds up.
///
/// # Errors
/// The first disagreement, in words.
pub fn agree(place: &Place) -> Result<()> {
    let connection = look(place)?;
    amounts(&connection)?;
    cursors(&connection)
}

/// Fills add up to the movements that name them, all movements to the position.
fn amounts(connection: &Connection) -> Result<()> {
    let fills = sum(connection, "SELECT quantity_xrp, side = 'buy' FROM fills")?;
    let moved = sum(
        connection,
        "SELECT amount, debit = 'wallet' FROM inventory_ledger WHERE cause = 'fill' AND asset = 'XRP'",
    )?;
    ensure!(fills == moved, "the fills add up to {fills}, their movements to {moved}");
    let all = sum(connection, "SELECT amount, debit = 'wallet' FROM inventory_ledger WHERE asset = 'XRP'")?;
    let mut position = connection.prepare("SELECT value FROM engine_state WHERE key = ?1")?;
    let mut position = position.query([POSITION])?;
    if let Some(row) = position.next()? {
        let stated: Exact = row.get::<_, String>(0)?.parse()?;
        ensure!(all == stated, "the movements add up to {all}, the position is {stated}");
    }
    Ok(())
}

fn sum(connection: &Connection, sql: &str) -> Result<Exact> {
    let mut total = Exact::zero();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let amount: Exact = row.get::<_, String>(0)?.parse()?;
        total = if row.get(1)? { &total + &amount } else { &total - &amount };
    }
    Ok(total)
}

/// A session's cursor is the last ledger of its journal, and no fill of it is behind that.
fn cursors(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare(
        "SELECT s.session_id, s.last_ledger_index, (SELECT max(ledger_index) FROM journal WHERE session_id = s.session_id),
           (SELECT max(ledger_index) FROM fills WHERE session_id = s.session_id)
         FROM sessions s",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let [session, cursor, journal, fill] = [0, 1, 2, 3].map(|at| row.get::<_, Option<i64>>(at));
        let (session, cursor, journal, fill) = (session?, cursor?, journal?, fill?);
        ensure!(cursor == journal, "session {session:?}: cursor {cursor:?}, journal to {journal:?}");
        ensure!(fill <= cursor, "session {session:?}: fill at {fill:?}, cursor {cursor:?}");
    }
    Ok(())
}

/// Every table is what the journal makes of it.
///
/// # Errors
/// What differs, in words.
pub fn derived(place: &Place) -> Result<()> {
    let reader = Reader::open_on(place, &place.database())?;
    let mut derivation = Derivation::new(&reader.identity()?)?;
    let mut unread = BTreeMap::new();
    for session in reader.sessions()? {
        derivation.begin(&session);
        reader.journal::<ReadError>(session.session_id, |row| match decode_step(&row.step) {
            Ok(step) => derivation.step(&row, &step),
            Err(error) => {
                unread.insert((session.session_id, row.seq), error);
                Ok(())
            }
        })?;
        derivation.end()?;
    }
    ensure!(unread.is_empty(), "steps that do not read: {unread:?}");
    let differences = derivation.differences(&reader).context("comparing the tables")?;
    ensure!(differences.is_empty(), "not what the journal makes: {differences:?}");
    Ok(())
}
