//! Negative controls: what careless engines do, done to the steps of the real one before they are written. The auditor
//! must notice each of them; that it does is what makes its silence worth anything.

use engine::{
    Account, Asset, Cause, Effect, FillRow, Input, Intent, Liquidity, OrderRow, OrderStatus, Record, Step,
    SubmissionVerdict,
};
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, Exact, LedgerIndex};

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Careless {
    /// An offer that is gone was filled.
    AbsenceIsFill,
    /// `tesSUCCESS` in the answer to a submission is the end of it.
    TesMeansDone,
    /// What was not answered is signed anew, with another fee, and sent again.
    SignedAnewOnRetry,
    /// The place in the ledgers is written before what happened there.
    CursorApart,
    /// Of two fills in one ledger the second is taken for a repetition.
    OneFillALedger,
    /// What one transaction took is booked, its fee is not.
    FeeForgotten,
    /// The balances are judged before what the ledger brought is booked.
    TruthFirst,
    /// A fill is told twice: the database's key stops that, and is the only thing that does.
    ToldTwice,
}

impl Careless {
    /// Those that worlds notice. `ToldTwice` is not among them: with its key in place the database takes a fill once.
    pub const ALL: [Careless; 7] = [
        Careless::AbsenceIsFill,
        Careless::TesMeansDone,
        Careless::SignedAnewOnRetry,
        Careless::CursorApart,
        Careless::OneFillALedger,
        Careless::FeeForgotten,
        Careless::TruthFirst,
    ];
}

/// Makes one mistake, again and again.
#[derive(Debug)]
pub(crate) struct Spoiler {
    mistake: Careless,
    intents: BTreeMap<u64, Intent>,
    signed_anew: BTreeSet<u64>,
    late: Vec<Record>,
    at: LedgerIndex,
}

impl Spoiler {
    pub(crate) fn new(mistake: Careless) -> Spoiler {
        Spoiler {
            mistake,
            intents: BTreeMap::new(),
            signed_anew: BTreeSet::new(),
            late: Vec::new(),
            at: LedgerIndex::default(),
        }
    }

    pub(crate) fn spoil(&mut self, input: &Input, step: &mut Step) {
        if let Input::Ledger(ledger) = input {
            self.at = ledger.header.index;
        }
        match self.mistake {
            Careless::AbsenceIsFill => self.absence_is_fill(step),
            Careless::TesMeansDone => self.tes_means_done(input, step),
            Careless::SignedAnewOnRetry => self.signed_anew(input, step),
            Careless::CursorApart => self.cursor_apart(input, step),
            Careless::OneFillALedger => {
                let mut is_first = true;
                step.records.retain(|record| {
                    !matches!(record, Record::Fill(_)) || std::mem::replace(&mut is_first, false)
                });
            }
            Careless::TruthFirst => Spoiler::truth_first(step),
            Careless::ToldTwice => {
                let is_fill = |record: &&Record| matches!(record, Record::Fill(_));
                let again: Vec<Record> = step.records.iter().filter(is_fill).cloned().collect();
                step.records.extend(again);
            }
            Careless::FeeForgotten => step
                .records
                .retain(|record| !matches!(record, Record::Movement(row) if row.cause == Cause::Fee)),
        }
    }

    fn truth_first(step: &mut Step) {
        let came = |record: &Record| match record {
            Record::Movement(row) if row.asset == Asset::Rlusd && row.cause == Cause::Fill => {
                let is_in = row.debit == Account::Wallet;
                Some(if is_in { row.amount.clone() } else { -&row.amount })
            }
            _ => None,
        };
        let late = step.records.iter().filter_map(came).fold(Exact::zero(), |sum, amount| &sum + &amount);
        for record in &mut step.records {
            if let Record::TruthCheck(row) = record
                && let Some(delta) = &row.delta_rlusd
            {
                row.internal_rlusd = &row.internal_rlusd - &late;
                row.delta_rlusd = Some(delta - &late);
            }
        }
    }

    fn absence_is_fill(&self, step: &mut Step) {
        let gone = |row: &OrderRow| {
            use OrderStatus as S;
            matches!(row.status, S::Cancelled | S::Expired | S::Unfunded) && row.tx_hash.is_some()
        };
        let fills: Vec<Record> = step
            .records
            .iter()
            .filter_map(|record| match record {
                Record::OrderUpsert(row) if gone(row) => {
                    self.invented(row).map(|fill| Record::Fill(Box::new(fill)))
                }
                _ => None,
            })
            .collect();
        step.records.extend(fills);
    }

    fn invented(&self, row: &OrderRow) -> Option<FillRow> {
        Some(FillRow {
            order_id: row.order_id,
            side: row.side,
            tx_hash: row.cancel_tx_hash.or(row.tx_hash)?,
            ledger_index: self.at,
            executed_at: row.updated_at,
            price: row.price,
            quantity_rlusd: Exact::from(row.remaining.quote),
            quantity_xrp: row.remaining.base,
            mid_price_at_fill: None,
            realized_spread_bps: None,
            liquidity: Liquidity::Maker,
            of_earlier_session: false,
        })
    }

    fn tes_means_done(&self, input: &Input, step: &mut Step) {
        let Input::Submitted(answer) = input else { return };
        if answer.engine_result.as_deref() == Some("tesSUCCESS") {
            step.records.push(Record::SubmissionOutcome {
                intent_id: Some(answer.intent_id),
                hash: None,
                verdict: SubmissionVerdict::ValidatedTes,
                result: Some("tesSUCCESS".to_owned()),
                ledger_index: self.at,
            });
        }
    }

    fn signed_anew(&mut self, input: &Input, step: &mut Step) {
        for effect in &step.effects {
            if let Effect::Submit(intent) = effect {
                self.intents.insert(intent.intent_id, intent.clone());
            }
        }
        let Input::Submitted(answer) = input else { return };
        if answer.engine_result.is_none()
            && self.signed_anew.insert(answer.intent_id)
            && let Some(intent) = self.intents.get(&answer.intent_id)
        {
            let fee_drops = intent.fee_drops.saturating_add(Drops::new(1).unwrap_or_default());
            step.effects.push(Effect::Submit(Intent { fee_drops, ..intent.clone() }));
        }
    }

    fn cursor_apart(&mut self, input: &Input, step: &mut Step) {
        let late = std::mem::take(&mut self.late);
        if matches!(input, Input::Ledger(_)) {
            let is_cursor = |record: &Record| matches!(record, Record::Cursor { .. });
            self.late = step.records.extract_if(.., |record| !is_cursor(record)).collect();
        }
        step.records.splice(0..0, late);
    }
}
