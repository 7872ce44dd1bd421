//! The audit: proves from stored evidence that opening balances and explained movements make the closing balances, to
//! the drop and to every digit. Shares no accounting with what it judges, and takes no table's word for another's.

use std::collections::{BTreeMap, BTreeSet};

use engine::journal::VERSION;
use store::{
    AuditFill, AuditMovement, Derivation, Identity, OpenRefused, ReadError, Reader, RowDifference,
    SessionRow, Stretch,
};

use crate::config_text;
use crate::evidence::Evidence;
use crate::proofs;
use crate::report::{AuditReport, Balance, Problem, SessionAudit, Unread};
use crate::sums::{balance_of, by_cause, show, stated, sum};
use crate::world::World;

/// A difference that an operator accepted: booked, and still not explained.
const ACCEPTED: &str = "accepted_divergence";
/// What an operator took the ledger's word for, as an event of its own.
const REALIGNED: &str = "realignment";
/// The first books of a ledger history.
const GENESIS: &str = "genesis";
/// A session whose movements are booked again by the next one, from the ledger's history.
const ABANDONED: &str = "abandoned";

/// Audits every session of the database and their chain.
///
/// # Errors
/// [`ReadError`] when the tables cannot be read; what does not add up, an altered schema too, is in the report.
pub fn audit(reader: &Reader) -> Result<AuditReport, ReadError> {
    let altered = match reader.check_schema() {
        Ok(()) => return reader.at_one_instant(|| prove(reader)),
        Err(ReadError::Refused(OpenRefused::SchemaAltered { object, .. })) => object,
        Err(error) => return Err(error),
    };
    let mut report = reader.at_one_instant(|| prove(reader)).unwrap_or_else(|error| {
        let unread = Problem { session_id: 0, place: "tables".to_owned(), what: error.to_string() };
        AuditReport { problems: vec![unread], ..AuditReport::empty() }
    });
    let what = format!("it was altered: {altered}; nothing below can be taken for what was written");
    report.problems.insert(0, Problem { session_id: 0, place: "schema".to_owned(), what });
    report.proven = false;
    Ok(report)
}

fn prove(reader: &Reader) -> Result<AuditReport, ReadError> {
    let fills = reader.fills()?;
    let mut auditor = Auditor {
        us: reader.identity()?,
        fills: by_transaction(&fills),
        worlds: BTreeMap::new(),
        problems: Vec::new(),
    };
    let mut sessions = Vec::new();
    let mut derivation = Derivation::new(&auditor.us)?;
    let (mut broken, mut unread) = (false, Vec::new());
    let mut last: BTreeMap<String, SessionRow> = BTreeMap::new();
    for row in reader.sessions()? {
        let before = last.insert(row.world_id.clone(), row.clone());
        if let Some(version) = reader.other_journal_version(row.session_id)? {
            let stretch = Stretch::of(&row, before.as_ref());
            derivation.take_over(reader, &stretch)?;
            auditor.stands(&row);
            unread.push((row.world_id, stretch, version));
            continue;
        }
        let evidence = Evidence::gather(reader, &auditor.us, &row, &mut derivation)?;
        broken |= evidence.broken;
        auditor.config(&row);
        let movements = reader.movements(row.session_id)?;
        sessions.push(auditor.session(&row, &evidence, &movements));
    }
    let is_read = |fill: &&AuditFill| {
        !unread.iter().any(|(world, stretch, _)| *world == fill.world_id && stretch.holds(fill.ledger_index))
    };
    auditor.prove_fills(fills.iter().filter(is_read), &mut sessions);
    auditor.tables(reader, &derivation, broken)?;
    let unexplained = sessions.iter().fold(Balance::default(), |sum, session| sum.plus(&session.unexplained));
    let unread = unread.into_iter().map(|(_, stretch, journal_version)| Unread {
        session_id: stretch.session_id,
        journal_version,
        proves_version: VERSION,
    });
    let (unread, problems) = (unread.collect(), auditor.problems);
    let report = AuditReport { sessions, unexplained, problems, unread, ..AuditReport::empty() };
    Ok(AuditReport { proven: report.is_sound() && report.unread.is_empty(), ..report })
}

type FillsByTransaction<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a AuditFill>>;

/// By world and transaction.
fn by_transaction(fills: &[AuditFill]) -> FillsByTransaction<'_> {
    let mut found = FillsByTransaction::new();
    for fill in fills {
        found.entry((&fill.world_id, &fill.tx_hash)).or_default().push(fill);
    }
    found
}

struct Auditor<'a> {
    us: Identity,
    fills: FillsByTransaction<'a>,
    worlds: BTreeMap<String, World>,
    problems: Vec<Problem>,
}

impl Auditor<'_> {
    fn session(
        &mut self,
        row: &SessionRow,
        evidence: &Evidence,
        movements: &[AuditMovement],
    ) -> SessionAudit {
        for (place, what) in &evidence.problems {
            self.problem(row, place.clone(), what.clone());
        }
        let world = self.worlds.entry(row.world_id.clone()).or_default();
        let known = world.transactions.keys().cloned().collect();
        for (place, what) in world.follow(evidence) {
            self.problem(row, place, what);
        }
        self.transactions(row, evidence, movements, &known);
        let mut audit = SessionAudit {
            session_id: row.session_id,
            world_id: row.world_id.clone(),
            status: row.status.clone(),
            halt_reason: row.halt_reason.clone(),
            journal_rows: evidence.rows,
            own_transactions: evidence.transactions.len(),
            ..SessionAudit::default()
        };
        if row.status != ABANDONED {
            self.books(row, evidence, movements, &mut audit);
        }
        audit
    }

    /// A session that cannot be looked at: the next one of its ledger history takes its closing books as they stand.
    fn stands(&mut self, row: &SessionRow) {
        let world = self.worlds.entry(row.world_id.clone()).or_default();
        if let Some(closing) = stated(row.ending_xrp.as_deref(), row.ending_rlusd.as_deref()) {
            world.books = Some(closing);
        }
        world.running = None;
    }

    /// What is booked for a transaction is what it did, and every transaction is booked.
    /// One that an earlier session has booked (`known`) may be told again and is not booked again.
    fn transactions(
        &mut self,
        row: &SessionRow,
        evidence: &Evidence,
        movements: &[AuditMovement],
        known: &BTreeSet<String>,
    ) {
        let mut booked: BTreeMap<&str, Vec<&AuditMovement>> = BTreeMap::new();
        for movement in movements {
            match &movement.tx_hash {
                Some(hash) => booked.entry(hash).or_default().push(movement),
                None if [GENESIS, ACCEPTED, REALIGNED].contains(&movement.cause.as_str()) => {}
                None => {
                    let what = format!("a {} without its transaction", movement.cause);
                    self.problem(row, format!("movement {}", movement.id), what);
                }
            }
        }
        for tx in evidence.transactions.values() {
            let hash = tx.hash.to_string();
            let movements = booked.remove(hash.as_str()).unwrap_or_default();
            if movements.is_empty() && known.contains(&hash) {
                continue;
            }
            let fills = self.fills.get(&(row.world_id.as_str(), hash.as_str())).cloned().unwrap_or_default();
            for what in proofs::transaction(tx, &movements, &fills) {
                self.problem(row, format!("transaction {hash}"), what);
            }
        }
        for hash in booked.into_keys() {
            let what = "movements are booked for it, and it is not in the journal".to_owned();
            self.problem(row, format!("transaction {hash}"), what);
        }
    }

    /// carried + away = opening; opening + movements = closing; closing = what the ledger shows.
    fn books(
        &mut self,
        row: &SessionRow,
        evidence: &Evidence,
        movements: &[AuditMovement],
        audit: &mut SessionAudit,
    ) {
        let opened_at = i64::from(evidence.opened_at.unwrap_or(0));
        let (away, during): (Vec<_>, Vec<_>) = movements.iter().partition(|m| m.ledger_index <= opened_at);
        audit.away = by_cause(&away);
        audit.movements = by_cause(&during);
        let (away_sum, wrong_away) = sum(away);
        let (during_sum, wrong_during) = sum(during);
        let world = self.worlds.entry(row.world_id.clone()).or_default();
        let is_first = world.books.is_none();
        let opening = stated(row.starting_xrp.as_deref(), row.starting_rlusd.as_deref());
        audit.carried = world.books.clone().unwrap_or_default();
        audit.opening = opening.clone().unwrap_or_default();
        audit.computed = audit.opening.plus(&during_sum);
        audit.closing = stated(row.ending_xrp.as_deref(), row.ending_rlusd.as_deref());
        audit.ledger = world.running.map(balance_of);
        let end = audit.closing.clone().unwrap_or_else(|| audit.computed.clone());
        world.books = Some(end.clone());

        let mut wrong: Vec<(&str, String)> = Vec::new();
        wrong.extend(wrong_away.into_iter().chain(wrong_during).map(|what| ("inventory_ledger", what)));
        if opening.is_none() {
            wrong.push(("opening", "its balances do not read".to_owned()));
        }
        if row.status == "closed" && audit.closing.is_none() {
            wrong.push(("closing", "its balances do not read".to_owned()));
        }
        if is_first != evidence.genesis {
            wrong.push(("opening", "a first session has first books, and no other has".to_owned()));
        }
        let at_opening = audit.carried.plus(&away_sum).minus(&audit.opening);
        let at_closing = audit.computed.minus(&end);
        let at_ledger = audit.ledger.as_ref().map(|ledger| end.minus(ledger)).unwrap_or_default();
        for (place, what, off) in [
            ("opening", "carried and away, less opening", &at_opening),
            ("closing", "opening and movements, less closing", &at_closing),
            ("closing", "closing, less what the ledger shows", &at_ledger),
        ] {
            if !off.is_zero() {
                wrong.push((place, format!("{what}: {}", show(off))));
            }
        }
        let accepted =
            movements.iter().filter(|m| [&m.cause, &m.debit, &m.credit].iter().any(|word| is_open(word)));
        audit.unexplained = at_opening.plus(&at_closing).plus(&at_ledger).plus(&sum(accepted).0);
        for (place, what) in wrong {
            self.problem(row, place.to_owned(), what);
        }
    }

    /// Each fill is what the metadata of its transaction shows of its offer, whichever session saw it.
    fn prove_fills<'f>(&mut self, fills: impl Iterator<Item = &'f AuditFill>, sessions: &mut [SessionAudit]) {
        for fill in fills {
            let session = sessions.iter_mut().find(|session| session.session_id == fill.session_id);
            let proof = match self.worlds.get(&fill.world_id) {
                Some(world) => proofs::fill(fill, world),
                None => Err("its ledger history is unknown".to_owned()),
            };
            if let Some(session) = session {
                session.fills += 1;
                session.fills_proven += usize::from(proof.is_ok());
            }
            if let Err(what) = proof {
                let place = format!("fill {}", fill.fill_id);
                self.problems.push(Problem { session_id: fill.session_id, place, what });
            }
        }
    }

    /// The recorded configuration is the one that the session's journal was begun with.
    fn config(&mut self, row: &SessionRow) {
        for what in config_text::problems(row, &self.us) {
            self.problem(row, format!("sessions row {}", row.session_id), what);
        }
    }

    /// Every row of every table is the one that the journal's steps made. Behind a break nobody knows what they made.
    fn tables(&mut self, reader: &Reader, derivation: &Derivation, broken: bool) -> Result<(), ReadError> {
        if broken {
            let what = "not compared with the journal, which is damaged".to_owned();
            self.problems.push(Problem { session_id: 0, place: "tables".to_owned(), what });
            return Ok(());
        }
        for RowDifference { session_id, table, row, what } in derivation.differences(reader)? {
            let session_id = session_id.unwrap_or(0);
            self.problems.push(Problem { session_id, place: format!("{table} row {row}"), what });
        }
        Ok(())
    }

    fn problem(&mut self, row: &SessionRow, place: String, what: String) {
        self.problems.push(Problem { session_id: row.session_id, place, what });
    }
}

/// Words of the books that name what nobody explained.
fn is_open(word: &str) -> bool {
    word == ACCEPTED || word == "unexplained"
}
