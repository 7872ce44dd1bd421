//! The tables once more, made in memory from the journal alone by the same statements that wrote them: what every row
//! must be. Never writes to a file, and takes nothing from the tables it is compared with but each session's own name,
//! configuration and world.

use engine::{Record, SessionOpenedRow, Step};
use ledger::Hash256;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::compared::COMPARED;
use crate::error::ReadError;
use crate::identity::Identity;
use crate::reader::{JournalRow, Reader, SessionRow};
use crate::rows::{self, Context};
use crate::schema;
use crate::session::{self, OpenSession, SessionStart, hex};

/// Prepared statements kept: one for each kind of record, and some.
const STATEMENTS: usize = 64;

/// A row that is not what the journal makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDifference {
    /// The session that the row names, where it names one.
    pub session_id: Option<i64>,
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub row: String,
    /// What differs, in words.
    pub what: String,
}

/// A session that cannot be read, and the stretch of its ledger history in which it alone wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The session.
    pub session_id: i64,
    /// The last ledger of the session before it, 0 for the first.
    pub after: i64,
    /// Its own last ledger.
    pub until: i64,
    /// When the session before it ended: UTC ISO-8601, empty for the first.
    pub after_time: String,
}

impl Stretch {
    /// The stretch of `row`, which follows on `before` in the same ledger history.
    pub fn of(row: &SessionRow, before: Option<&SessionRow>) -> Stretch {
        let time = before.and_then(|before| before.ended_at.clone()).unwrap_or_default();
        Stretch {
            session_id: row.session_id,
            after: before.and_then(|before| before.last_ledger_index).unwrap_or_default(),
            until: row.last_ledger_index.unwrap_or_default(),
            // A time of ours has no quotes; another one must not end the text that it is put in.
            after_time: time.replace('\'', ""),
        }
    }

    /// Whether a ledger is in it.
    pub fn holds(&self, ledger_index: i64) -> bool {
        ledger_index > self.after && ledger_index <= self.until
    }
}

/// The tables as a journal makes them: sessions in the order of their numbers, each with its rows in order.
pub struct Derivation {
    connection: Connection,
    session: Option<Telling>,
}

/// The session whose journal is being told.
struct Telling {
    row: SessionRow,
    open: Option<OpenSession>,
    /// Steps before the one that opens the session.
    before: Vec<(JournalRow, Step)>,
}

impl Derivation {
    /// Empty tables of the database of `identity`.
    ///
    /// # Errors
    /// [`ReadError`] when memory or SQLite fails.
    pub fn new(identity: &Identity) -> Result<Derivation, ReadError> {
        empty(identity)
            .map(|connection| Derivation { connection, session: None })
            .map_err(|error| failed("database_identity", "1".to_owned(), &error))
    }

    /// Begins a session; its journal rows follow.
    pub fn begin(&mut self, row: &SessionRow) {
        self.session = Some(Telling { row: row.clone(), open: None, before: Vec::new() });
    }

    /// Takes over what a session whose journal cannot be read wrote to the tables, so that the rows of the others come out
    /// with their own numbers. Nothing of it is proven, and nothing of it is compared: its own rows, and what it wrote to
    /// the orders of earlier sessions. What later ones wrote is theirs to make again.
    ///
    /// # Errors
    /// [`ReadError`] when the tables cannot be read.
    pub fn take_over(&mut self, reader: &Reader, stretch: &Stretch) -> Result<(), ReadError> {
        let Stretch { session_id, after, until, after_time } = stretch;
        let own = format!("session_id = {session_id}");
        let world = format!("(SELECT world_no FROM sessions WHERE {own})");
        let in_world = format!("session_id IN (SELECT session_id FROM sessions WHERE world_no = {world})");
        let earlier = format!("{in_world} AND session_id < {session_id}");
        let meanwhile = |index: &str| format!("{index} > {after} AND {index} <= {until}");
        for compared in &COMPARED {
            let whose = match compared.table {
                "worlds" => format!("world_no = {world}"),
                // Its last values: what a later session wrote, that one makes again.
                "engine_state" => "true".to_owned(),
                "fills" | "offer_endings" => format!("{in_world} AND {}", meanwhile("ledger_index")),
                "orders" => format!("{own} OR ({earlier} AND updated_at > '{after_time}')"),
                "submissions" => format!("{own} OR ({earlier} AND {})", meanwhile("outcome_ledger_index")),
                _ => own.clone(),
            };
            compared
                .copy(&reader.connection, &self.connection, &whose)
                .map_err(|error| failed(compared.table, format!("of session {session_id}"), &error))?;
        }
        Ok(())
    }

    /// Writes what a journal row's step recorded. The caller has verified the row's place in its chain.
    ///
    /// # Errors
    /// [`ReadError::Row`] for records that cannot have been written, or when no session was begun.
    pub fn step(&mut self, row: &JournalRow, step: &Step) -> Result<(), ReadError> {
        let Some(mut telling) = self.session.take() else {
            return Err(ReadError::Row {
                table: "journal",
                row: row.seq.to_string(),
                reason: "it belongs to no session".to_owned(),
            });
        };
        let told = self.tell(&mut telling, row, step);
        let place = format!("{}/{}", telling.row.session_id, row.seq);
        self.session = Some(telling);
        told.map_err(|error| failed("journal", place, &error))
    }

    /// Ends the session. One that recovery closed without an engine is closed as recovery does it, with the words of
    /// its row, since no journal holds them.
    ///
    /// # Errors
    /// [`ReadError`] when SQLite fails.
    pub fn end(&mut self) -> Result<(), ReadError> {
        let Some(telling) = self.session.take() else { return Ok(()) };
        let row = telling.row;
        if row.status != "abandoned" {
            return Ok(());
        }
        let words = |text: &Option<String>| text.clone().unwrap_or_default();
        session::abandon(&self.connection, row.session_id, &words(&row.halt_reason), &words(&row.halt_detail))
            .map(|_| ())
            .map_err(|error| failed("sessions", row.session_id.to_string(), &error))
    }

    /// Every row of `reader` that is not what the journal makes of it, lacks or is too many; `closed_by` and the
    /// checkpoint figures of a session are in no journal and are not compared.
    ///
    /// # Errors
    /// [`ReadError`] when the tables cannot be read.
    pub fn differences(&self, reader: &Reader) -> Result<Vec<RowDifference>, ReadError> {
        let mut found = Vec::new();
        for compared in &COMPARED {
            let failed = |error| failed(compared.table, "all".to_owned(), &error);
            let sql = compared.sql(&self.connection).map_err(failed)?;
            let wanted = compared.rows(&self.connection, &sql).map_err(failed)?;
            let stored = compared.rows(&reader.connection, &sql).map_err(failed)?;
            compared.compare(&wanted, &stored, &mut found);
        }
        let orphans = "SELECT DISTINCT session_id FROM journal WHERE session_id NOT IN
                         (SELECT session_id FROM sessions JOIN worlds USING (world_no))";
        for session_id in reader.all(orphans, [], |row| row.get(0))? {
            found.push(RowDifference {
                session_id: Some(session_id),
                table: "journal",
                row: session_id.to_string(),
                what: "its session is not there".to_owned(),
            });
        }
        Ok(found)
    }

    fn tell(&self, telling: &mut Telling, row: &JournalRow, step: &Step) -> rusqlite::Result<()> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
        if telling.open.is_none() {
            let Some(opened) = opened(step) else {
                telling.before.push((row.clone(), step.clone()));
                return Ok(());
            };
            let mut open = insert(&transaction, &telling.row, opened)?;
            for (row, step) in telling.before.drain(..) {
                write(&transaction, &mut open, &row, &step)?;
            }
            telling.open = Some(open);
        }
        if let Some(open) = &mut telling.open {
            write(&transaction, open, row, step)?;
        }
        transaction.commit()
    }
}

fn empty(identity: &Identity) -> rusqlite::Result<Connection> {
    let connection = schema::in_memory(schema::VERSION)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // What a damaged database holds is to be compared, not refused.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.execute_batch("DROP INDEX sessions_one_open")?;
    connection.execute(
        "INSERT INTO database_identity (id, db_uuid, network, network_id, account, currency, issuer)
         VALUES (1, '', ?1, 0, '', '', '')",
        [&identity.network],
    )?;
    Ok(connection)
}

fn opened(step: &Step) -> Option<&SessionOpenedRow> {
    step.records.iter().find_map(|record| match record {
        Record::SessionOpened(row) => Some(row),
        _ => None,
    })
}

fn insert(
    transaction: &Transaction<'_>,
    row: &SessionRow,
    opened: &SessionOpenedRow,
) -> rusqlite::Result<OpenSession> {
    let start = SessionStart {
        world_id: row.world_id.clone(),
        config_text: row.config.clone(),
        genesis: row.genesis_digest.parse().unwrap_or(Hash256::ZERO),
        parent_session_id: row.parent_session_id,
    };
    let mut open = session::insert(transaction, &start, opened)?;
    // A session of a database that was cut keeps its number.
    let renumber = "UPDATE sessions SET session_id = ?2 WHERE session_id = ?1";
    transaction.execute(renumber, [open.session_id, row.session_id])?;
    open.session_id = row.session_id;
    Ok(open)
}

fn write(
    transaction: &Transaction<'_>,
    open: &mut OpenSession,
    row: &JournalRow,
    step: &Step,
) -> rusqlite::Result<()> {
    let digest = row.digest.unwrap_or(Hash256::ZERO);
    let (at, judged) = (step.decision.close_time, step.decision.ledger_index.get() > 0);
    let sql =
        "INSERT INTO journal (session_id, seq, ledger_index, close_time, input, step, prev_digest, digest)
               VALUES (?1, ?2, ?3, ?4, x'', x'', '', ?5)";
    transaction.prepare_cached(sql)?.execute(params![
        open.session_id,
        row.seq,
        judged.then(|| step.decision.ledger_index.get()),
        judged.then(|| at.to_iso()),
        hex(digest.as_bytes())
    ])?;
    (open.head, open.next_seq) = (digest, row.seq + 1);
    let context = Context { transaction, session_id: open.session_id, world_no: open.world_no, at };
    let mut end = None;
    for record in &step.records {
        match record {
            Record::SessionClosed(row) => end = Some(row),
            other => rows::write(&context, other)?,
        }
    }
    end.map_or(Ok(()), |row| session::close(transaction, open, row))
}

fn failed(table: &'static str, row: String, error: &rusqlite::Error) -> ReadError {
    ReadError::Row { table, row, reason: error.to_string() }
}
