//! The negative controls' other store: the same tables, written as NEO does not write them. One switch at a time is
//! wrong; with none of them it holds, so that what fails is the switch.

use anyhow::{Result, ensure};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use crate::drive::look;
use crate::folder::{Change, Image};
use crate::past::Past;
use crate::place::Place;
use crate::points::Crash;
use crate::recording::VERSION_1;
use crate::seed::Chance;
use crate::vfs;

/// Fills of the script.
const FILLS: i64 = 40;
/// What keeps a fill from being booked twice.
const KEY: &str = "UNIQUE (tx_hash, order_id)";

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Careless {
    /// `synchronous=OFF`: nothing is ever synced.
    pub off: bool,
    /// The cursor is committed before the fills of its ledger, in a transaction of its own.
    pub apart: bool,
    /// Fills have no unique key.
    pub keyless: bool,
    /// A new start hears the cursor's ledger once more, as a back-fill does.
    pub overlap: bool,
}

/// What a careless store did.
#[derive(Debug)]
pub struct CarelessRun {
    how: Careless,
    changes: Vec<Change>,
    /// How many changes had happened when each fill was acknowledged.
    acknowledged: Vec<usize>,
}

impl CarelessRun {
    /// Records its script.
    ///
    /// # Errors
    /// SQLite's.
    pub fn record(how: Careless) -> Result<CarelessRun> {
        let place = Place::new()?;
        place.folder().record();
        let mut connection = how.connect(&place)?;
        let mut acknowledged = Vec::new();
        for fill in 1..=FILLS {
            how.book(&mut connection, fill)?;
            acknowledged.push(place.folder().changed());
        }
        drop(connection);
        let (changes, _) = place.folder().recorded();
        Ok(CarelessRun { how, changes, acknowledged })
    }

    /// All its crashes of one kind, from the first fill on.
    pub fn points(&self) -> std::ops::Range<usize> {
        self.acknowledged.first().copied().unwrap_or(0)..self.changes.len()
    }

    /// One crash, a new start that goes on from the cursor, and the sums.
    ///
    /// # Errors
    /// What did not hold.
    pub fn point(&self, past: &mut Past, from: &mut usize, at: usize, crash: Crash) -> Result<()> {
        let mut chance = Chance::of(&[at as u64, crash as u64]);
        self.changes.get(*from..at).unwrap_or_default().iter().for_each(|c| past.advance(c, &mut chance));
        *from = at;
        let image = match crash {
            Crash::Kill => past.kill(self.changes.get(at), &mut chance),
            Crash::Power => past.cut(self.changes.get(at), &mut chance),
        };
        let acknowledged = self.acknowledged.iter().take_while(|end| **end <= at).count();
        self.go_on(&image, i64::try_from(acknowledged)?)
    }

    fn go_on(&self, image: &Image, acknowledged: i64) -> Result<()> {
        let mut place = Place::new()?;
        place.load(image);
        let mut connection = self.how.connect(&place)?;
        let finding: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        ensure!(finding == "ok", "integrity_check: {finding}");
        let number =
            |sql: &str| -> rusqlite::Result<i64> { look(&place)?.query_row(sql, [], |row| row.get(0)) };
        let cursor = number("SELECT last_ledger_index FROM sessions")?;
        ensure!(cursor >= acknowledged, "{acknowledged} were acknowledged, the cursor stands at {cursor}");
        let first = if self.how.overlap { cursor.max(1) } else { cursor + 1 };
        for fill in first..=FILLS {
            self.how.book(&mut connection, fill)?;
        }
        let fills = number("SELECT count(*) FROM fills")?;
        ensure!(fills == FILLS, "{fills} fills of {FILLS}");
        let sum = number("SELECT sum(ledger_index) FROM fills")?;
        let position = number("SELECT CAST(value AS INTEGER) FROM engine_state WHERE key = 'position'")?;
        ensure!(sum == position, "the fills add up to {sum}, the position is {position}");
        Ok(())
    }
}

impl Careless {
    fn connect(self, place: &Place) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags_and_vfs(place.database(), flags, vfs::NAME)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", if self.off { "OFF" } else { "FULL" })?;
        connection.pragma_update(None, "wal_autocheckpoint", 10)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            let schema = VERSION_1.replace(KEY, if self.keyless { "CHECK (fill_id > 0)" } else { KEY });
            connection.execute_batch(&format!(
                "BEGIN; {schema}
                 INSERT INTO worlds VALUES (1, 'world-1');
                 INSERT INTO sessions (world_no, network, config, config_hash, status, started_at, genesis_digest,
                   last_ledger_index) VALUES (1, 'paper', '', '', 'running', '', '', 0);
                 INSERT INTO engine_state VALUES ('position', '0', '');
                 PRAGMA user_version = 1; COMMIT"
            ))?;
        }
        Ok(connection)
    }

    fn book(self, connection: &mut Connection, fill: i64) -> rusqlite::Result<()> {
        let cursor = "UPDATE sessions SET last_ledger_index = ?1";
        if self.apart {
            connection.execute(cursor, [fill])?;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = transaction.execute(
            "INSERT INTO fills (order_id, session_id, side, tx_hash, ledger_index, executed_at, price,
               quantity_rlusd, quantity_xrp, taker_gets, taker_pays, liquidity)
             VALUES (?1, 1, 'buy', ?1, ?2, '', '2', '1', '1', '1', '1', 'maker') ON CONFLICT DO NOTHING",
            params![format!("{fill:064}"), fill],
        )?;
        if added > 0 {
            transaction
                .execute("UPDATE engine_state SET value = value + ?1 WHERE key = 'position'", [fill])?;
        }
        if !self.apart {
            transaction.execute(cursor, [fill])?;
        }
        transaction.commit()
    }
}
