//! The reconciler's anomalies as rows, each with what else the database knows of its offer. Reads only; judges nothing.

use std::collections::BTreeMap;

use crate::error::ReadError;
use crate::reader::Reader;

/// The action of an anomaly that is still being searched for, or whose search a failure cut off.
pub const SEARCHING: &str = "searching";
/// The action of one that nothing explained.
pub const HELD: &str = "held_pending_review";

/// An anomaly. Amounts are decimal text and times UTC ISO-8601, as the table holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct AnomalyFound {
    pub id: i64,
    pub session_id: i64,
    pub detected_at: String,
    pub order_id: Option<String>,
    /// `buy` or `sell`.
    pub side: Option<String>,
    pub quantity_rlusd: Option<String>,
    pub xrp_equivalent: Option<String>,
    /// From the order's creation to the detection.
    pub age_seconds: Option<i64>,
    pub last_status: Option<String>,
    pub offer_sequence: Option<i64>,
    pub cancel_tx_hash: Option<String>,
    /// What became of it: open text.
    pub action_taken: String,
    pub mid_price: Option<String>,
    /// The order's status as the database now has it; `None` where there is no such order.
    pub order_status: Option<String>,
    /// Transactions that filled the order, each proven from validated metadata.
    pub fill_hashes: Vec<String>,
}

/// How an own offer ended, with what proves it. Amounts are decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct OfferEnding {
    pub order_id: String,
    pub session_id: i64,
    pub offer_sequence: i64,
    pub side: String,
    /// One of the ten words of `engine::Ending`.
    pub ending: String,
    /// Of one that was partly filled: what took the rest.
    pub removal: Option<String>,
    pub ledger_index: i64,
    pub tx_hash: Option<String>,
    /// Index of the offer's entry on the ledger.
    pub node: Option<String>,
    pub quantity_rlusd: String,
    pub filled_rlusd: String,
    pub filled_xrp: String,
    pub age_seconds: i64,
}

impl Reader {
    /// All anomalies, or those of one session, oldest first. A database of an earlier engine without the table has none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn anomaly_rows(&self, session_id: Option<i64>) -> Result<Vec<AnomalyFound>, ReadError> {
        if !self.has_anomalies()? {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT a.id, a.session_id, a.detected_at, a.order_id, a.side, CAST(a.quantity_rlusd AS TEXT),
             CAST(a.xrp_equivalent AS TEXT), CAST(a.age_seconds AS INTEGER), a.last_status, a.offer_sequence,
             a.cancel_tx_hash, a.action_taken, CAST(a.mid_price AS TEXT),
             (SELECT o.status FROM orders o WHERE o.order_id = a.order_id),
             (SELECT group_concat(f.tx_hash) FROM fills f WHERE f.order_id = a.order_id)
           FROM reconciler_anomaly_log a WHERE ?1 IS NULL OR a.session_id = ?1 ORDER BY a.id";
        self.all(sql, [session_id], |row| {
            let fills: Option<String> = row.get(14)?;
            Ok(AnomalyFound {
                id: row.get(0)?,
                session_id: row.get(1)?,
                detected_at: row.get(2)?,
                order_id: row.get(3)?,
                side: row.get(4)?,
                quantity_rlusd: row.get(5)?,
                xrp_equivalent: row.get(6)?,
                age_seconds: row.get(7)?,
                last_status: row.get(8)?,
                offer_sequence: row.get(9)?,
                cancel_tx_hash: row.get(10)?,
                action_taken: row.get(11)?,
                mid_price: row.get(12)?,
                order_status: row.get(13)?,
                fill_hashes: fills.iter().flat_map(|all| all.split(',')).map(str::to_owned).collect(),
            })
        })
    }

    /// How many anomalies of each kind a session has, by `action_taken`. A database of an earlier engine without the table
    /// has none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn anomalies(&self, session_id: i64) -> Result<BTreeMap<String, i64>, ReadError> {
        if !self.has_anomalies()? {
            return Ok(BTreeMap::new());
        }
        let sql =
            "SELECT action_taken, count(*) FROM reconciler_anomaly_log WHERE session_id = ?1 GROUP BY 1";
        let rows = self.all(sql, [session_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// How the offers of all sessions ended, or of one, in the order in which their ends were written first. A database of
    /// an earlier version has none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn offer_endings(&self, session_id: Option<i64>) -> Result<Vec<OfferEnding>, ReadError> {
        if !self.has_table("offer_endings")? {
            return Ok(Vec::new());
        }
        let sql =
            "SELECT order_id, session_id, offer_sequence, side, ending, removal, ledger_index, tx_hash, node,
             quantity_rlusd, filled_rlusd, filled_xrp, age_seconds
           FROM offer_endings WHERE ?1 IS NULL OR session_id = ?1 ORDER BY rowid";
        self.all(sql, [session_id], |row| {
            Ok(OfferEnding {
                order_id: row.get(0)?,
                session_id: row.get(1)?,
                offer_sequence: row.get(2)?,
                side: row.get(3)?,
                ending: row.get(4)?,
                removal: row.get(5)?,
                ledger_index: row.get(6)?,
                tx_hash: row.get(7)?,
                node: row.get(8)?,
                quantity_rlusd: row.get(9)?,
                filled_rlusd: row.get(10)?,
                filled_xrp: row.get(11)?,
                age_seconds: row.get(12)?,
            })
        })
    }

    fn has_anomalies(&self) -> Result<bool, ReadError> {
        self.has_table("reconciler_anomaly_log")
    }

    fn has_table(&self, name: &str) -> Result<bool, ReadError> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1";
        Ok(self.one(sql, [name], |_| Ok(()))?.is_some())
    }
}
