//! What the operator says about capital, as rows, and the capital events that the engine booked. A notice is written once
//! and never changed: whether it is done, the events tell.

use engine::{Announced, Asset, CapitalKind, Notice, Reclassified};
use ledger::AccountId;
use rusqlite::{Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;
use units::{Exact, LedgerIndex, LedgerTime};

use crate::error::{Kept, ReadError, StoreError};
use crate::reader::Reader;
use crate::store::Store;
use crate::writer::failure;

/// The schema that has notices.
const SINCE: i64 = 4;
/// The kind of an announced withdrawal.
const EXPECT: &str = "expect";

/// A notice before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewNotice {
    /// A payment out of the wallet that is signed elsewhere.
    Expect {
        /// What goes out.
        asset: Asset,
        /// How much, above zero.
        amount: Exact,
        /// To whom; `None` for anybody.
        destination: Option<AccountId>,
        /// Seconds of wall time for which it is expected.
        within_seconds: u32,
    },
    /// What a transaction changed was capital. The notice's number is not read.
    Capital(Reclassified),
}

/// A notice as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct NoticeRow {
    pub notice_id: u32,
    pub kind: String,
    pub asset: String,
    pub amount: String,
    pub destination: Option<String>,
    pub within_seconds: Option<u32>,
    pub value_rlusd: Option<String>,
    pub tx_hash: Option<String>,
    pub ledger_index: Option<u32>,
    pub note: Option<String>,
    pub created_at: String,
    pub created_unix: i64,
    /// The session that booked it.
    pub done_by: Option<i64>,
}

/// A capital event as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the column of its name")]
pub struct CapitalEventRow {
    pub session_id: Option<i64>,
    pub kind: String,
    pub asset: String,
    pub amount: String,
    pub value_rlusd: Option<String>,
    pub tx_hash: Option<String>,
    pub ledger_index: Option<u32>,
    pub note: Option<String>,
    pub created_at: String,
}

/// A change that was booked as external, which is what can turn out to be capital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalChange {
    /// The session that booked it.
    pub session_id: i64,
    /// The name of its ledger history.
    pub world_id: String,
    /// `XRP` or `RLUSD`.
    pub asset: Asset,
    /// Above zero.
    pub amount: Exact,
    /// The wallet had less after it.
    pub is_out: bool,
    /// Its ledger.
    pub ledger_index: LedgerIndex,
    /// The mid of the last market snapshot of its session at or before it.
    pub mid: Option<Exact>,
}

const NOTICE_COLUMNS: &str = "notice_id, kind, asset, amount, destination, within_seconds, value_rlusd, tx_hash,
  ledger_index, note, created_at, created_unix, (SELECT max(e.session_id) FROM capital_events e WHERE e.note = 'notice ' || notice_id)";

impl Store {
    /// Writes a notice, of a ledger history where it is about something booked; gives its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_notice(
        &self,
        world_id: Option<String>,
        notice: NewNotice,
        note: Option<String>,
        now_unix: i64,
    ) -> Result<u32, StoreError> {
        self.write(move |desk| {
            let failed = |error: rusqlite::Error| failure(Kept::Nothing, &error);
            let transaction =
                Transaction::new_unchecked(&desk.connection, TransactionBehavior::Immediate).map_err(failed)?;
            let sql = "INSERT INTO capital_notices (world_no, kind, asset, amount, destination, within_seconds, value_rlusd,
                         tx_hash, ledger_index, note, created_at, created_unix)
                       VALUES ((SELECT world_no FROM worlds WHERE world_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                         strftime('%Y-%m-%dT%H:%M:%SZ', ?11, 'unixepoch'), ?11)";
            match &notice {
                NewNotice::Expect { asset, amount, destination, within_seconds } => transaction.execute(
                    sql,
                    params![
                        world_id,
                        EXPECT,
                        asset.as_str(),
                        amount.to_string(),
                        destination.map(|to| to.to_string()),
                        within_seconds,
                        None::<String>,
                        None::<String>,
                        None::<u32>,
                        note,
                        now_unix
                    ],
                ),
                NewNotice::Capital(event) => transaction.execute(
                    sql,
                    params![
                        world_id,
                        event.kind.as_str(),
                        event.asset.as_str(),
                        event.amount.to_string(),
                        None::<String>,
                        None::<u32>,
                        event.value_rlusd.to_string(),
                        event.tx_hash.to_string(),
                        event.ledger_index.get(),
                        note,
                        now_unix
                    ],
                ),
            }
            .map_err(failed)?;
            let number = transaction.last_insert_rowid();
            transaction.commit().map_err(|error| failure(Kept::Unknown, &error))?;
            u32::try_from(number).map_err(|_| StoreError::Misuse(format!("notice {number} has too high a number")))
        })
    }
}

impl Reader {
    /// All notices, oldest first. An older database has none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn notices(&self) -> Result<Vec<NoticeRow>, ReadError> {
        if !self.has_notices()? {
            return Ok(Vec::new());
        }
        self.all(&format!("SELECT {NOTICE_COLUMNS} FROM capital_notices ORDER BY notice_id"), [], notice_row)
    }

    /// What a session of this ledger history is to be told: the notices that are neither done nor too old, as the engine
    /// takes them. `now_unix` is wall time, `at` the time of the newest ledger.
    ///
    /// # Errors
    /// [`ReadError`], also for a row that does not read: what the operator said is not left out in silence.
    pub fn open_notices(
        &self,
        world_id: &str,
        now_unix: i64,
        at: LedgerTime,
    ) -> Result<Vec<Notice>, ReadError> {
        if !self.has_notices()? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {NOTICE_COLUMNS} FROM capital_notices WHERE world_no IS NULL
               OR world_no = (SELECT world_no FROM worlds WHERE world_id = ?1) ORDER BY notice_id"
        );
        let rows = self.all(&sql, [world_id], notice_row)?;
        let open =
            rows.into_iter().filter(|row| row.done_by.is_none() && row.seconds_left(now_unix) != Some(0));
        open.map(|row| {
            let unreadable = || ReadError::Row {
                table: "capital_notices",
                row: row.notice_id.to_string(),
                reason: "it does not read".to_owned(),
            };
            notice(&row, now_unix, at).ok_or_else(unreadable)
        })
        .collect()
    }

    /// Every capital event that the engine booked, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn capital_events(&self) -> Result<Vec<CapitalEventRow>, ReadError> {
        let sql =
            "SELECT session_id, kind, asset, amount, value_rlusd, tx_hash, ledger_index, note, created_at
                   FROM capital_events ORDER BY id";
        self.all(sql, [], |row| {
            Ok(CapitalEventRow {
                session_id: row.get(0)?,
                kind: row.get(1)?,
                asset: row.get(2)?,
                amount: row.get(3)?,
                value_rlusd: row.get(4)?,
                tx_hash: row.get(5)?,
                ledger_index: row.get(6)?,
                note: row.get(7)?,
                created_at: row.get(8)?,
            })
        })
    }

    /// What a transaction changed by another hand than ours, as the books have it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn external_changes(&self, tx_hash: &str) -> Result<Vec<ExternalChange>, ReadError> {
        let sql = "SELECT l.session_id, w.world_id, l.asset, l.amount, l.credit = 'wallet', l.ledger_index,
                     (SELECT m.mid_price FROM market_snapshots m WHERE m.session_id = l.session_id
                        AND m.ledger_index <= l.ledger_index AND m.mid_price IS NOT NULL ORDER BY m.ledger_index DESC LIMIT 1)
                   FROM inventory_ledger l JOIN sessions USING (session_id) JOIN worlds w USING (world_no)
                   WHERE l.tx_hash = ?1 AND 'external' IN (l.debit, l.credit) ORDER BY l.id";
        let rows = self.all(sql, [tx_hash], |row| {
            Ok((
                (row.get(0)?, row.get(1)?),
                (row.get::<_, String>(2)?, row.get::<_, String>(3)?, row.get(4)?),
                (row.get::<_, u32>(5)?, row.get::<_, Option<String>>(6)?),
            ))
        })?;
        let read = |((session_id, world_id), (asset, amount, is_out), (index, mid)): ExternalCells| {
            Some(ExternalChange {
                session_id,
                world_id,
                asset: asset_of(&asset)?,
                amount: amount.parse().ok()?,
                is_out,
                ledger_index: LedgerIndex(index),
                mid: mid.and_then(|mid| mid.parse().ok()),
            })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The transactions that were booked as withdrawals because an operator had announced them: no ledger tells that.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn announced_withdrawals(&self) -> Result<BTreeSet<String>, ReadError> {
        if !self.has_notices()? {
            return Ok(BTreeSet::new());
        }
        let sql = "SELECT e.tx_hash FROM capital_events e JOIN capital_notices n ON e.note = 'notice ' || n.notice_id
                   WHERE n.kind = 'expect' AND e.kind = 'withdrawal' AND e.tx_hash IS NOT NULL";
        Ok(self.all(sql, [], |row| row.get(0))?.into_iter().collect())
    }

    fn has_notices(&self) -> Result<bool, ReadError> {
        Ok(self
            .one("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?
            .is_some_and(|found| found >= SINCE))
    }
}

impl NoticeRow {
    /// Seconds for which an announcement still stands; `None` for what is no announcement.
    pub fn seconds_left(&self, now_unix: i64) -> Option<u32> {
        let end = self.created_unix.saturating_add(self.within_seconds?.into());
        Some(u32::try_from(end.saturating_sub(now_unix).max(0)).unwrap_or(u32::MAX))
    }
}

type ExternalCells = ((i64, String), (String, String, bool), (u32, Option<String>));

fn notice_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<NoticeRow> {
    Ok(NoticeRow {
        notice_id: row.get(0)?,
        kind: row.get(1)?,
        asset: row.get(2)?,
        amount: row.get(3)?,
        destination: row.get(4)?,
        within_seconds: row.get(5)?,
        value_rlusd: row.get(6)?,
        tx_hash: row.get(7)?,
        ledger_index: row.get(8)?,
        note: row.get(9)?,
        created_at: row.get(10)?,
        created_unix: row.get(11)?,
        done_by: row.get(12)?,
    })
}

fn notice(row: &NoticeRow, now_unix: i64, at: LedgerTime) -> Option<Notice> {
    let (number, asset) = (row.notice_id, asset_of(&row.asset)?);
    let amount: Exact = row.amount.parse().ok()?;
    if row.kind == EXPECT {
        let destination = match &row.destination {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        let until = at.plus_seconds(row.seconds_left(now_unix)?);
        return Some(Notice::Announced(Announced { number, asset, amount, destination, until }));
    }
    let kind = match row.kind.as_str() {
        "deposit" => CapitalKind::Deposit,
        "withdrawal" => CapitalKind::Withdrawal,
        _ => return None,
    };
    Some(Notice::Capital(Reclassified {
        number,
        kind,
        asset,
        amount,
        value_rlusd: row.value_rlusd.as_ref()?.parse().ok()?,
        tx_hash: row.tx_hash.as_ref()?.parse().ok()?,
        ledger_index: LedgerIndex(row.ledger_index?),
    }))
}

fn asset_of(word: &str) -> Option<Asset> {
    [Asset::Xrp, Asset::Rlusd].into_iter().find(|asset| asset.as_str() == word)
}
