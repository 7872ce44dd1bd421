//! What other crates ask of a closed or living database, as rows: carried books, figures, fills, movements.
//! Reads only; computes nothing.

use std::collections::BTreeMap;

use engine::{CarriedBooks, Figures};

use crate::error::ReadError;
use crate::reader::Reader;

/// A fill with the offer it belongs to, as the tables hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct AuditFill {
    pub fill_id: i64,
    pub order_id: String,
    pub session_id: i64,
    pub world_id: String,
    /// `buy` or `sell`.
    pub side: String,
    pub tx_hash: String,
    pub ledger_index: i64,
    pub quantity_rlusd: String,
    pub quantity_xrp: String,
    /// What the taker got, as on the ledger: RLUSD in units, XRP in drops.
    pub taker_gets: String,
    pub taker_pays: String,
    /// `maker` or `taker`.
    pub liquidity: String,
    /// The offer's number on the ledger; `None` when the fill names no order of the database.
    pub offer_sequence: Option<i64>,
    /// The session of the order, for comparison with the fill's own.
    pub order_session_id: Option<i64>,
}

/// A movement of the inventory ledger, as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct AuditMovement {
    pub id: i64,
    pub session_id: i64,
    pub ledger_index: i64,
    pub tx_hash: Option<String>,
    pub cause: String,
    /// `XRP` or `RLUSD`.
    pub asset: String,
    pub debit: String,
    pub credit: String,
    /// Above zero; XRP in XRP.
    pub amount: String,
}

impl Reader {
    /// The books as the last closed session of a ledger history left them: what the next one starts from.
    ///
    /// # Errors
    /// [`ReadError`]; a damaged blob is [`ReadError::Row`].
    pub fn last_closed_books(&self, world_id: &str) -> Result<Option<CarriedBooks>, ReadError> {
        let sql = "SELECT s.session_id, s.carried FROM sessions s JOIN worlds w USING (world_no)
                   WHERE w.world_id = ?1 AND s.carried IS NOT NULL ORDER BY s.session_id DESC LIMIT 1";
        let found: Option<(i64, Vec<u8>)> =
            self.one(sql, [world_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.map(|(session_id, bytes)| read_carried(session_id, &bytes)).transpose()
    }

    /// Whether the last comparison of books and ledger in a session showed a difference. Reads that could not be compared
    /// say nothing; a session without a comparison showed none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn ended_with_difference(&self, session_id: i64) -> Result<bool, ReadError> {
        let sql = "SELECT status <> 'ok' FROM inventory_truth_snapshots
                   WHERE session_id = ?1 AND status <> 'unverified' ORDER BY id DESC LIMIT 1";
        Ok(self.one(sql, [session_id], |row| row.get(0))?.unwrap_or(false))
    }

    /// Whether a session saw its end: nothing of ours on the ledger in a last full read.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn is_end_verified(&self, session_id: i64) -> Result<bool, ReadError> {
        let sql = "SELECT json_valid(facts) AND json_extract(facts, '$.verified') IS 1 FROM sessions WHERE session_id = ?1";
        Ok(self.one(sql, [session_id], |row| row.get(0))?.unwrap_or(false))
    }

    /// The figures that a closed session was closed with; `None` for one that has none.
    ///
    /// # Errors
    /// [`ReadError`]; figures that do not read are [`ReadError::Row`].
    pub fn figures(&self, session_id: i64) -> Result<Option<Figures>, ReadError> {
        let facts = self.session(session_id)?.facts;
        let bad = |error: serde_json::Error| ReadError::Row {
            table: "sessions",
            row: session_id.to_string(),
            reason: format!("facts: {error}"),
        };
        let facts: BTreeMap<String, serde_json::Value> = serde_json::from_str(&facts).map_err(bad)?;
        match facts.get("figures") {
            None => Ok(None),
            Some(figures) => serde_json::from_value(figures.clone()).map(Some).map_err(bad),
        }
    }

    /// One key of the engine's state.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn engine_state(&self, key: &str) -> Result<Option<String>, ReadError> {
        self.one("SELECT value FROM engine_state WHERE key = ?1", [key], |row| row.get(0))
    }

    /// All fills, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fills(&self) -> Result<Vec<AuditFill>, ReadError> {
        let sql = "SELECT f.fill_id, f.order_id, f.session_id, w.world_id, f.side, f.tx_hash, f.ledger_index,
                     f.quantity_rlusd, f.quantity_xrp, f.taker_gets, f.taker_pays, f.liquidity, o.offer_sequence,
                     o.session_id
                   FROM fills f JOIN sessions s USING (session_id) JOIN worlds w USING (world_no)
                   LEFT JOIN orders o ON o.order_id = f.order_id ORDER BY f.fill_id";
        self.all(sql, [], |row| {
            Ok(AuditFill {
                fill_id: row.get(0)?,
                order_id: row.get(1)?,
                session_id: row.get(2)?,
                world_id: row.get(3)?,
                side: row.get(4)?,
                tx_hash: row.get(5)?,
                ledger_index: row.get(6)?,
                quantity_rlusd: row.get(7)?,
                quantity_xrp: row.get(8)?,
                taker_gets: row.get(9)?,
                taker_pays: row.get(10)?,
                liquidity: row.get(11)?,
                offer_sequence: row.get(12)?,
                order_session_id: row.get(13)?,
            })
        })
    }

    /// The movements of one session, in the order in which they were booked.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn movements(&self, session_id: i64) -> Result<Vec<AuditMovement>, ReadError> {
        let sql = "SELECT id, session_id, ledger_index, tx_hash, cause, asset, debit, credit, amount
                   FROM inventory_ledger WHERE session_id = ?1 ORDER BY id";
        self.all(sql, [session_id], |row| {
            Ok(AuditMovement {
                id: row.get(0)?,
                session_id: row.get(1)?,
                ledger_index: row.get(2)?,
                tx_hash: row.get(3)?,
                cause: row.get(4)?,
                asset: row.get(5)?,
                debit: row.get(6)?,
                credit: row.get(7)?,
                amount: row.get(8)?,
            })
        })
    }
}

fn read_carried(session_id: i64, bytes: &[u8]) -> Result<CarriedBooks, ReadError> {
    CarriedBooks::read(bytes).ok_or_else(|| ReadError::Row {
        table: "sessions",
        row: session_id.to_string(),
        reason: "carried books do not read".to_owned(),
    })
}
