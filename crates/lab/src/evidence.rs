//! The evidence of a session: every raw transaction and every full read that its journal holds, with the chain of
//! digests verified on the way. Takes nothing from the steps that the engine answered.

use std::collections::BTreeMap;

use engine::{BackfillInput, Input, OwnLedger, OwnTx, Step, TruthRead, journal};
use ledger::Hash256;
use store::{Derivation, Identity, JournalRow, ReadError, Reader, SessionRow, decode_step};
use units::{Drops, IssuedValue};

use crate::metadata::TxEvidence;

/// Where something stands in the ledger's order: ledger index, then place within it; a read comes after all.
pub(crate) type Place = (u32, u32);

/// What a server stated of our balances at the end of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) xrp: Drops,
    pub(crate) rlusd: IssuedValue,
}

/// The evidence of one session.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// Journal rows whose place in the chain is verified.
    pub(crate) rows: i64,
    /// The ledger at which the session opened.
    pub(crate) opened_at: Option<u32>,
    /// The session began with the balances that the ledger showed, having no books before.
    pub(crate) genesis: bool,
    /// Own transactions, each once.
    pub(crate) transactions: BTreeMap<Place, TxEvidence>,
    /// Full reads by ledger.
    pub(crate) reads: BTreeMap<u32, Stated>,
    /// The chain of the journal is broken, so what follows the break is unknown.
    pub(crate) broken: bool,
    /// What is wrong, and where.
    pub(crate) problems: Vec<(String, String)>,
}

impl Evidence {
    /// Walks a session's journal; `derivation` is told the steps, for what the tables are to hold.
    pub(crate) fn gather(
        reader: &Reader,
        us: &Identity,
        session: &SessionRow,
        derivation: &mut Derivation,
    ) -> Result<Evidence, ReadError> {
        derivation.begin(session);
        let mut evidence = Evidence::default();
        let genesis = session.genesis_digest.parse().unwrap_or(Hash256::ZERO);
        let mut head = Some(genesis);
        reader.journal(session.session_id, |row| {
            if let Some(before) = head {
                head = evidence.row(us, &row, before, derivation);
            }
            Ok::<(), ReadError>(())
        })?;
        let end = session.journal_digest.as_ref().map(|text| text.parse::<Hash256>().ok());
        if let (Some(head), Some(end)) = (head, end)
            && end != Some(head)
        {
            evidence.broken = true;
            evidence.problem("journal".to_owned(), "it does not end where the session was closed");
        }
        derivation.end()?;
        Ok(evidence)
    }

    /// Verifies one row and takes its evidence; `None` when the chain is broken and nothing after it counts.
    fn row(
        &mut self,
        us: &Identity,
        row: &JournalRow,
        before: Hash256,
        derivation: &mut Derivation,
    ) -> Option<Hash256> {
        match self.verified(row, before) {
            Ok((link, input, step)) => {
                self.rows += 1;
                self.input(us, &input);
                self.step(row, &step, derivation);
                Some(link)
            }
            Err(what) => {
                self.broken = true;
                self.problem(format!("journal row {}", row.seq), &what);
                None
            }
        }
    }

    /// What the row states of its step, and what the tables are to hold of it.
    fn step(&mut self, row: &JournalRow, step: &Step, derivation: &mut Derivation) {
        let decision = &step.decision;
        let judged = decision.ledger_index.get() > 0;
        let ledger_index = judged.then(|| decision.ledger_index.get());
        let close_time = judged.then(|| decision.close_time.to_iso());
        if (row.ledger_index, &row.close_time) != (ledger_index, &close_time) {
            self.problem(format!("journal row {}", row.seq), "its ledger and time are not those of its step");
        }
        if let Err(error) = derivation.step(row, step) {
            self.broken = true;
            self.problem(format!("journal row {}", row.seq), &error.to_string());
        }
    }

    fn verified(&self, row: &JournalRow, before: Hash256) -> Result<(Hash256, Input, Step), String> {
        if row.seq != self.rows || row.prev_digest != Some(before) {
            return Err("it does not follow the row before".to_owned());
        }
        let input = journal::decode_input(&row.input).map_err(|error| error.to_string())?;
        let step = decode_step(&row.step).map_err(|error| error.to_string())?;
        let link = journal::link(&before, &row.input, &step).map_err(|error| error.to_string())?;
        if row.digest == Some(link) {
            Ok((link, input, step))
        } else {
            Err("its digest is not that of its bytes".to_owned())
        }
    }

    fn input(&mut self, us: &Identity, input: &Input) {
        match input {
            Input::Start(start) => {
                self.opened_at = Some(start.header.index.get());
                self.genesis = start.carried.is_none();
                self.ledgers(us, &start.missed);
                self.read(&start.truth);
            }
            Input::Ledger(ledger) => self.own(us, ledger.header.index.get(), &ledger.own),
            Input::Backfill(backfill) => self.backfill(us, backfill),
            Input::Resume(resume) => self.backfill(us, &resume.backfill),
            Input::Truth(read) => self.read(read),
            Input::Signed(_)
            | Input::Submitted(_)
            | Input::TruthFailed { .. }
            | Input::Stale { .. }
            | Input::Stop(_)
            | Input::StopDeadline
            | Input::Notices(_) => {}
        }
    }

    fn backfill(&mut self, us: &Identity, backfill: &BackfillInput) {
        self.ledgers(us, &backfill.ledgers);
        self.read(&backfill.truth);
    }

    fn ledgers(&mut self, us: &Identity, ledgers: &[OwnLedger]) {
        for ledger in ledgers {
            self.own(us, ledger.index.get(), &ledger.own);
        }
    }

    fn own(&mut self, us: &Identity, ledger_index: u32, own: &[OwnTx]) {
        for tx in own {
            match TxEvidence::read(us, tx.hash, &tx.tx_blob, &tx.meta_blob) {
                Ok(evidence) => {
                    let place = (ledger_index, tx.index);
                    let told_before = self.transactions.insert(place, evidence.clone());
                    if told_before.is_some_and(|before| before != evidence) {
                        self.problem(format!("transaction {}", tx.hash), "it is told in two ways");
                    }
                }
                Err(what) => self.problem(format!("transaction {}", tx.hash), &what),
            }
        }
    }

    fn read(&mut self, read: &TruthRead) {
        let stated = Stated { xrp: read.account.xrp, rlusd: read.account.rlusd };
        let told_before = self.reads.insert(read.index.get(), stated);
        if told_before.is_some_and(|before| before != stated) {
            self.problem(format!("ledger {}", read.index), "two reads of it differ");
        }
    }

    fn problem(&mut self, place: String, what: &str) {
        self.problems.push((place, what.to_owned()));
    }
}
