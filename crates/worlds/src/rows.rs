//! The rows of the database as the auditor reads them: plain SQL, and nothing of the store's own reading.

use crate::facts::Pair;
use rusqlite::Connection;
use std::collections::BTreeMap;
use units::Exact;

/// A session.
pub(crate) struct SessionRow {
    pub(crate) id: i64,
    pub(crate) status: String,
    pub(crate) halt_reason: Option<String>,
    pub(crate) ended_at: Option<String>,
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) ending: Option<Pair>,
}

/// A fill.
pub(crate) struct FillRow {
    pub(crate) id: i64,
    pub(crate) tx_hash: String,
    pub(crate) order_id: String,
    pub(crate) ledger: u32,
    pub(crate) sequence: Option<u32>,
    pub(crate) is_maker: bool,
    /// What it did to the wallet.
    pub(crate) change: Pair,
}

/// A movement of the books.
pub(crate) struct MovementRow {
    pub(crate) id: i64,
    pub(crate) ledger: u32,
    pub(crate) tx_hash: Option<String>,
    pub(crate) cause: String,
    pub(crate) change: Pair,
}

/// A submission.
pub(crate) struct SubmissionRow {
    pub(crate) session: i64,
    pub(crate) intent: i64,
    pub(crate) tx_hash: Option<String>,
    pub(crate) sequence: u32,
    pub(crate) ticket: u32,
    pub(crate) fee_drops: i64,
    pub(crate) last_ledger: u32,
    pub(crate) decided: u32,
    pub(crate) outcome: Option<String>,
    pub(crate) outcome_ledger: Option<u32>,
    pub(crate) expires: bool,
    pub(crate) places: bool,
    /// It cancels, and places nothing.
    pub(crate) cancels: bool,
}

/// A truth check.
pub(crate) struct CheckRow {
    pub(crate) id: i64,
    pub(crate) ledger: u32,
    /// What the books had.
    pub(crate) internal: Pair,
    /// What the ledger was said to have, where it was read.
    pub(crate) on_ledger: Option<Pair>,
    /// The difference that was seen, where there was something to compare.
    pub(crate) delta: Option<Pair>,
}

/// All that is looked at.
pub(crate) struct Rows {
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) fills: Vec<FillRow>,
    pub(crate) movements: Vec<MovementRow>,
    pub(crate) submissions: Vec<SubmissionRow>,
    /// Status of each order that has an offer, by the offer's number.
    pub(crate) orders: BTreeMap<u32, (String, String)>,
    /// Every truth check.
    pub(crate) checks: Vec<CheckRow>,
}

impl Rows {
    /// Reads them; nothing for a database without tables.
    pub(crate) fn read(connection: &Connection) -> anyhow::Result<Rows> {
        let mut rows = Rows {
            sessions: Vec::new(),
            fills: Vec::new(),
            movements: Vec::new(),
            submissions: Vec::new(),
            orders: BTreeMap::new(),
            checks: Vec::new(),
        };
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(rows);
        }
        rows.sessions(connection)?;
        rows.books(connection)?;
        rows.submitted(connection)?;
        Ok(rows)
    }

    fn sessions(&mut self, connection: &Connection) -> anyhow::Result<()> {
        let mut statement = connection.prepare(
            "SELECT session_id, status, halt_reason, ended_at, coalesce(first_ledger_index, 0),
               coalesce(last_ledger_index, first_ledger_index, 0), ending_xrp, ending_rlusd
             FROM sessions ORDER BY session_id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (xrp, rlusd): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
            let ending = match (xrp, rlusd) {
                (Some(xrp), Some(rlusd)) => Some(Pair { xrp: xrp.parse()?, rlusd: rlusd.parse()? }),
                _ => None,
            };
            self.sessions.push(SessionRow {
                id: row.get(0)?,
                status: row.get(1)?,
                halt_reason: row.get(2)?,
                ended_at: row.get(3)?,
                first: row.get(4)?,
                last: row.get(5)?,
                ending,
            });
        }
        Ok(())
    }

    fn books(&mut self, connection: &Connection) -> anyhow::Result<()> {
        let mut statement = connection.prepare(
            "SELECT f.fill_id, f.tx_hash, f.order_id, f.ledger_index, o.offer_sequence, f.liquidity, f.side,
               f.quantity_xrp, f.quantity_rlusd
             FROM fills f LEFT JOIN orders o USING (order_id) ORDER BY f.fill_id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (side, liquidity): (String, String) = (row.get(6)?, row.get(5)?);
            let (xrp, rlusd): (Exact, Exact) =
                (row.get::<_, String>(7)?.parse()?, row.get::<_, String>(8)?.parse()?);
            let change =
                if side == "buy" { Pair { xrp, rlusd: -&rlusd } } else { Pair { xrp: -&xrp, rlusd } };
            self.fills.push(FillRow {
                id: row.get(0)?,
                tx_hash: row.get(1)?,
                order_id: row.get(2)?,
                ledger: row.get(3)?,
                sequence: row.get(4)?,
                is_maker: liquidity == "maker",
                change,
            });
        }
        let mut statement = connection.prepare(
            "SELECT id, ledger_index, tx_hash, cause, asset, debit, credit, amount FROM inventory_ledger ORDER BY id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (asset, debit, credit): (String, String, String) = (row.get(4)?, row.get(5)?, row.get(6)?);
            let amount: Exact = row.get::<_, String>(7)?.parse()?;
            let signed = match (debit == "wallet", credit == "wallet") {
                (true, false) => amount,
                (false, true) => -&amount,
                _ => anyhow::bail!("a movement from {credit} to {debit}"),
            };
            let change = match asset.as_str() {
                "XRP" => Pair { xrp: signed, rlusd: Exact::zero() },
                _ => Pair { xrp: Exact::zero(), rlusd: signed },
            };
            let (id, ledger, tx_hash, cause) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            self.movements.push(MovementRow { id, ledger, tx_hash, cause, change });
        }
        Ok(())
    }

    fn submitted(&mut self, connection: &Connection) -> anyhow::Result<()> {
        let mut statement = connection.prepare(
            "SELECT s.session_id, s.intent_id, s.tx_hash, coalesce(s.sequence, 0), coalesce(s.fee_drops, 0),
               coalesce(s.last_ledger_sequence, 0), coalesce(s.decided_ledger_index, 0), s.outcome,
               s.outcome_ledger_index, o.expiration IS NOT NULL, s.order_id IS NOT NULL,
               s.intent = 'cancel', coalesce(s.ticket, 0)
             FROM submissions s LEFT JOIN orders o ON o.order_id = s.order_id
             ORDER BY s.session_id, s.intent_id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            self.submissions.push(SubmissionRow {
                session: row.get(0)?,
                intent: row.get(1)?,
                tx_hash: row.get(2)?,
                sequence: row.get(3)?,
                fee_drops: row.get(4)?,
                last_ledger: row.get(5)?,
                decided: row.get(6)?,
                outcome: row.get(7)?,
                outcome_ledger: row.get(8)?,
                expires: row.get(9)?,
                places: row.get(10)?,
                cancels: row.get(11)?,
                ticket: row.get(12)?,
            });
        }
        self.checked(connection)?;
        let mut statement = connection.prepare(
            "SELECT offer_sequence, order_id, status FROM orders WHERE offer_sequence IS NOT NULL",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            self.orders.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
        }
        Ok(())
    }

    fn checked(&mut self, connection: &Connection) -> anyhow::Result<()> {
        let mut statement = connection.prepare(
            "SELECT id, ledger_index, internal_xrp, internal_rlusd, ledger_xrp, ledger_rlusd, delta_xrp, delta_rlusd
             FROM inventory_truth_snapshots",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let pair = |at: usize| -> anyhow::Result<Option<Pair>> {
                let (xrp, rlusd): (Option<String>, Option<String>) = (row.get(at)?, row.get(at + 1)?);
                Ok(match (xrp, rlusd) {
                    (Some(xrp), Some(rlusd)) => Some(Pair { xrp: xrp.parse()?, rlusd: rlusd.parse()? }),
                    _ => None,
                })
            };
            self.checks.push(CheckRow {
                id: row.get(0)?,
                ledger: row.get(1)?,
                internal: pair(2)?.unwrap_or_else(Pair::zero),
                on_ledger: pair(4)?,
                delta: pair(6)?,
            });
        }
        Ok(())
    }

    /// The last ledger that the books know.
    pub(crate) fn cursor(&self) -> u32 {
        self.sessions.iter().map(|session| session.last.max(session.first)).max().unwrap_or(0)
    }
}
