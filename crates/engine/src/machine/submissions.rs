//! Submissions on their way: sequences and tickets, signatures, hints, and the proof that one never came. A preliminary answer
//! moves nothing; only a validated ledger or complete history does.

use super::{Engine, Pending};
use crate::ending::Ending;
use crate::evidence::Evidence;
use crate::input::{SignedIntent, SubmitOutcome};
use crate::orders::{End, OrderEvent};
use crate::record::{Record, SubmissionVerdict};
use crate::step::{Effect, Level, Step};
use ledger::{Hash256, SeqProxy};
use std::ops::Range;
use units::{LedgerIndex, LedgerTime};

impl Engine {
    /// The smallest sequence from the validated one on that nothing on its way uses: holes that a lapsed submission
    /// left are filled first, for nothing behind a hole can be applied.
    pub(super) fn next_sequence(&self) -> Option<u32> {
        let mut used: Vec<Range<u32>> = self.pending.values().filter_map(Pending::sequences).collect();
        used.sort_unstable_by_key(|taken| (taken.start, taken.end));
        let mut sequence = self.wallet.sequence;
        for taken in used.into_iter().filter(|taken| taken.start >= self.wallet.sequence) {
            if taken.start > sequence {
                break;
            }
            sequence = sequence.max(taken.end);
        }
        (sequence < u32::MAX).then_some(sequence)
    }

    pub(super) fn on_signed(&mut self, signed: &[SignedIntent], out: &mut Step) {
        let now = self.now();
        for intent in signed {
            let Some(pending) = self.pending.get_mut(&intent.intent_id) else {
                out.log(Level::Error, "signed", format!("intent={} is unknown", intent.intent_id));
                continue;
            };
            if pending.hash.is_some() {
                out.log(Level::Error, "signed", format!("intent={} was signed before", intent.intent_id));
                continue;
            }
            pending.hash = Some(intent.hash);
            let placed = pending.places;
            out.records.push(Record::SubmissionSigned {
                intent_id: intent.intent_id,
                hash: intent.hash,
                blob: intent.blob.clone(),
            });
            if let Some(id) = placed {
                self.order_facts(id, |order| order.row.tx_hash = Some(intent.hash));
                self.order_event(id, OrderEvent::Signed, now, out);
                self.write_order(id, now, out);
            }
        }
        self.after_signed(out);
    }

    pub(super) fn on_submitted(&mut self, outcome: &SubmitOutcome, out: &mut Step) {
        let word = outcome.engine_result.clone().unwrap_or_else(|| format!("no answer: {}", outcome.detail));
        let is_odd =
            outcome.engine_result.as_deref().is_none_or(|r| !r.starts_with("tes") && r != "terQUEUED");
        let level = if is_odd { Level::Warn } else { Level::Debug };
        out.log(level, "submitted", format!("intent={} hint={word}", outcome.intent_id));
        out.records.push(Record::SubmissionHint { intent_id: outcome.intent_id, engine_result: word });
        // A sequence or a ticket already used by a transaction that is not ours shows in the next ledgers; ask at once.
        if matches!(outcome.engine_result.as_deref(), Some("tefPAST_SEQ" | "tefNO_TICKET")) {
            self.ask_truth(crate::record::TruthSource::Periodic, out);
        }
    }

    /// The submission with this id, if it is on its way.
    pub(super) fn pending_by_hash(&self, hash: &Hash256) -> Option<u64> {
        self.pending.iter().find(|(_, p)| p.hash.as_ref() == Some(hash)).map(|(key, _)| *key)
    }

    /// A submission is in a validated ledger.
    pub(super) fn resolve_validated(
        &mut self,
        key: u64,
        evidence: &Evidence,
        at: LedgerIndex,
        out: &mut Step,
    ) {
        let Some(pending) = self.pending.remove(&key) else {
            return;
        };
        let verdict = if evidence.result.is_success() {
            SubmissionVerdict::ValidatedTes
        } else {
            self.note_no_tickets(&pending, at);
            SubmissionVerdict::ValidatedTec
        };
        write_outcome(&pending, verdict, Some(evidence.result.to_string()), at, out);
    }

    /// After a ledger whose history is complete: what could be in it at the latest and was not can never come.
    pub(super) fn resolve_lapsed(&mut self, at: LedgerIndex, now: LedgerTime, out: &mut Step) {
        let lapsed = |p: &Pending| p.last_ledger_sequence <= at;
        let keys: Vec<_> = self.pending.iter().filter(|(_, p)| lapsed(p)).map(|(key, _)| *key).collect();
        for key in keys {
            self.drop_pending(key, at, now, out);
        }
    }

    /// Submissions that were never signed were never sent.
    pub(super) fn drop_unsigned(&mut self, at: LedgerIndex, now: LedgerTime, out: &mut Step) {
        let keys: Vec<_> =
            self.pending.iter().filter(|(_, p)| p.hash.is_none()).map(|(key, _)| *key).collect();
        for key in keys {
            self.drop_pending(key, at, now, out);
        }
    }

    fn drop_pending(&mut self, key: u64, at: LedgerIndex, now: LedgerTime, out: &mut Step) {
        let Some(pending) = self.pending.remove(&key) else {
            return;
        };
        let is_used_up = match pending.sequence {
            SeqProxy::Sequence(sequence) => self.wallet.sequence > sequence,
            SeqProxy::Ticket(ticket) => !self.wallet.tickets.contains(&ticket),
        };
        self.note_no_tickets(&pending, at);
        let verdict =
            if is_used_up { SubmissionVerdict::SupersededProved } else { SubmissionVerdict::ExpiredProved };
        let number = match pending.sequence {
            SeqProxy::Sequence(sequence) => format!("sequence={sequence}"),
            SeqProxy::Ticket(ticket) => format!("ticket={ticket}"),
        };
        out.log(Level::Warn, "submission", format!("{number} {}", verdict.as_str()));
        write_outcome(&pending, verdict, None, at, out);
        if let Some(id) = pending.places {
            self.order_event(id, OrderEvent::NeverValidated, now, out);
            let (ending, tx_hash) = (Ending::NeverPlaced, pending.hash);
            let end = End { ending, removal: None, ledger_index: at, tx_hash, node: None };
            self.order_facts(id, |order| {
                order.row.cancel_reason = Some("never_validated".to_owned());
                order.end = Some(end);
            });
            self.write_order(id, now, out);
        }
    }

    /// Asks for the history from the first missing ledger on.
    pub(super) fn request_backfill(&self, from: LedgerIndex, out: &mut Step) {
        out.log(Level::Warn, "ledger_gap", format!("from={from}"));
        out.effects.push(Effect::RequestBackfill { from });
    }
}

fn write_outcome(
    pending: &Pending,
    verdict: SubmissionVerdict,
    result: Option<String>,
    at: LedgerIndex,
    out: &mut Step,
) {
    out.records.push(Record::SubmissionOutcome {
        intent_id: pending.intent_id,
        hash: pending.hash,
        verdict,
        result,
        ledger_index: at,
    });
}
