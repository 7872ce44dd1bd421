//! Wallet truth: balances by accounting against balances by ledger, both at one ledger; orders against the offers on
//! the ledger; the book against a fresh one. The expected difference is exactly nothing.

use super::{Engine, Pending, Phase};
use crate::book::Book;
use crate::degraded::Source;
use crate::halt::HaltReason;
use crate::input::TruthRead;
use crate::record::{Record, TruthRow, TruthSource, TruthStatus};
use crate::step::{Effect, Level, Step};
use ledger::Hash256;
use std::ops::Range;
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime};

/// A read that did not come within so many ledgers counts as unverified.
const ANSWER_LEDGERS: u32 = 10;

/// Both sides of one check.
pub(super) struct Sides {
    pub index: LedgerIndex,
    pub at: LedgerTime,
    pub internal: (Drops, Exact),
    pub ledger: (Drops, IssuedValue),
}

impl Engine {
    /// Asks for a full read, unless one is on its way.
    pub(super) fn ask_truth(&mut self, source: TruthSource, out: &mut Step) {
        if self.truth.asked.is_none() && self.truth.waiting.is_none() {
            self.truth.asked = Some((source, self.cursor()));
            out.effects.push(Effect::ReadTruth { reason: source });
        }
    }

    /// The regular read, and the one that never came.
    pub(super) fn ask_regular_truth(&mut self, out: &mut Step) {
        if self.phase == Phase::Closed {
            return;
        }
        if self.truth.asked.is_some_and(|(_, at)| self.cursor().since(at) > ANSWER_LEDGERS) {
            self.truth_unverified("no answer", out);
        }
        if self.now().seconds_since(self.truth.last_at) >= self.truth_interval() {
            self.ask_truth(TruthSource::Periodic, out);
        }
    }

    pub(super) fn on_truth(&mut self, truth: &TruthRead, out: &mut Step) {
        let source = self.truth.asked.take().map_or(truth.source, |(source, _)| source);
        if truth.index > self.cursor() {
            self.truth.waiting = Some(TruthRead { source, ..truth.clone() });
            return;
        }
        self.compare_truth(truth, source, out);
        self.proceed_stop(out);
    }

    /// A read that came before its ledger.
    pub(super) fn take_waiting_truth(&mut self, out: &mut Step) {
        if self.truth.waiting.as_ref().is_some_and(|truth| truth.index <= self.cursor())
            && let Some(truth) = self.truth.waiting.take()
        {
            self.compare_truth(&truth, truth.source, out);
        }
    }

    pub(super) fn on_truth_failed(&mut self, detail: &str, out: &mut Step) {
        // Without a ledger since the request there is nothing that could be judged.
        let asked = self.truth.asked.take();
        if asked.is_some_and(|(_, at)| self.cursor() > at) {
            self.truth_unverified(detail, out);
        } else {
            out.log(Level::Warn, "truth_check", format!("not read: {detail}"));
        }
        self.truth.last_at = self.now();
        if let Some(stop) = &mut self.stop {
            stop.final_asked = None;
        }
        self.proceed_stop(out);
    }

    fn truth_unverified(&mut self, detail: &str, out: &mut Step) {
        let source = self.truth.asked.take().map_or(TruthSource::Periodic, |(source, _)| source);
        self.truth.unverified = self.truth.unverified.saturating_add(1);
        self.truth.last_at = self.now();
        out.log(Level::Warn, "truth_check", format!("unverified count={} {detail}", self.truth.unverified));
        out.records.push(Record::TruthCheck(TruthRow {
            at: self.now(),
            ledger_index: self.cursor(),
            source,
            internal_xrp: self.wallet.xrp,
            internal_rlusd: self.wallet.rlusd.clone(),
            ledger_xrp: None,
            ledger_rlusd: None,
            delta_xrp: None,
            delta_rlusd: None,
            status: TruthStatus::Unverified,
        }));
        if self.truth.unverified >= self.config.truth_unverified_limit {
            let detail = format!("{} truth reads in a row could not be compared", self.truth.unverified);
            self.degrade(Source::TruthUnverified, &detail, out);
        }
    }

    /// Balances after the own transactions of a ledger, against what their metadata says of the ledger.
    pub(super) fn check_metadata_balances(&mut self, out: &mut Step) {
        let sides = Sides {
            index: self.cursor(),
            at: self.now(),
            internal: (self.wallet.xrp, self.wallet.rlusd.clone()),
            ledger: (self.wallet.ledger_xrp, self.wallet.ledger_rlusd),
        };
        self.compare_balances(&sides, TruthSource::Metadata, out);
    }

    /// A full read against everything we believe of its ledger.
    pub(super) fn compare_truth(&mut self, truth: &TruthRead, source: TruthSource, out: &mut Step) {
        let internal = if truth.index == self.cursor() {
            Some((self.wallet.xrp, self.wallet.rlusd.clone()))
        } else {
            self.wallet.history.get(&truth.index).cloned()
        };
        let Some(internal) = internal else {
            return self.truth_unverified(&format!("ledger {} is not remembered", truth.index), out);
        };
        self.truth.unverified = 0;
        self.truth.last_at = self.now();
        self.truth.compared_at = self.now();
        self.cause_is_gone(Source::TruthUnverified, out);
        let ledger = (truth.account.xrp, truth.account.rlusd);
        let sides = Sides { index: truth.index, at: truth.close_time, internal, ledger };
        self.compare_balances(&sides, source, out);
        self.wallet.is_frozen = truth.account.frozen;
        if truth.account.frozen {
            self.begin_stop(HaltReason::IssuerFreeze, "the trust line is frozen", true, out);
        }
        if truth.index == self.cursor() {
            self.wallet.owner_count = truth.account.owner_count;
            self.compare_hash(truth, out);
            self.compare_sequence(truth, out);
            self.compare_tickets(truth, out);
            self.compare_offers(truth, out);
            self.compare_book(truth, source, out);
        }
        self.note_final(truth);
    }

    /// One check: a row, and what follows from any difference.
    pub(super) fn compare_balances(&mut self, sides: &Sides, source: TruthSource, out: &mut Step) {
        let delta_xrp = sides.internal.0.saturating_sub(sides.ledger.0);
        let delta_rlusd = &sides.internal.1 - &Exact::from(sides.ledger.1);
        let status = self.grade(delta_xrp, &delta_rlusd);
        let figures = &mut self.measure.figures;
        figures.truth_checks = figures.truth_checks.saturating_add(1);
        figures.truth_delta_xrp = delta_xrp;
        figures.truth_delta_rlusd = delta_rlusd.clone();
        let text = format!(
            "source={} ledger={} delta_xrp={} delta_rlusd={delta_rlusd} status={}",
            source.as_str(),
            sides.index,
            delta_xrp.to_xrp_string(),
            status.as_str()
        );
        let level = if status == TruthStatus::Ok { Level::Debug } else { Level::Error };
        out.log(level, "truth_check", text.clone());
        out.records.push(Record::TruthCheck(TruthRow {
            at: sides.at,
            ledger_index: sides.index,
            source,
            internal_xrp: sides.internal.0,
            internal_rlusd: sides.internal.1.clone(),
            ledger_xrp: Some(sides.ledger.0),
            ledger_rlusd: Some(sides.ledger.1),
            delta_xrp: Some(delta_xrp),
            delta_rlusd: Some(delta_rlusd.clone()),
            status,
        }));
        if source != TruthSource::Metadata {
            for (key, value) in [
                ("inventory_truth.status", status.as_str().to_owned()),
                ("inventory_truth.delta_xrp", delta_xrp.to_xrp_string()),
                ("inventory_truth.delta_rlusd", delta_rlusd.to_string()),
            ] {
                out.records.push(Record::State { key: key.to_owned(), value });
            }
        }
        self.judge_difference(status, sides.index, source, &text, out);
    }

    /// Any difference stops quoting. One of halt level that a full read confirms ends the session; a full read without
    /// any, of the ledger at which the last one was seen or of a later one, is the way back.
    fn judge_difference(
        &mut self,
        status: TruthStatus,
        index: LedgerIndex,
        source: TruthSource,
        text: &str,
        out: &mut Step,
    ) {
        let is_read = source != TruthSource::Metadata;
        if status == TruthStatus::Ok {
            if is_read && index >= self.truth.differed_at {
                self.agrees(index, out);
            }
            return;
        }
        self.truth.differed_at = self.truth.differed_at.max(index);
        if is_read && status == TruthStatus::Halt && self.degraded.has(Source::InventoryTruth) {
            return self.begin_stop(HaltReason::InventoryTruthHalt, text, true, out);
        }
        self.degrade(Source::InventoryTruth, text, out);
    }

    /// A full read without a difference. It is the way back, but for one case: metadata showed a change that nothing
    /// explains, and now the account does not have it. Both are validated and one is false, so neither proves anything.
    fn agrees(&mut self, index: LedgerIndex, out: &mut Step) {
        if let Some(hash) = self.truth.unexplained_tx.take() {
            let detail = format!(
                "the metadata of {hash} changes a balance, the account at ledger {index} has not got it"
            );
            return self.begin_stop(HaltReason::InventoryTruthHalt, &detail, true, out);
        }
        self.cause_is_gone(Source::InventoryTruth, out);
    }

    /// How grave a difference is.
    pub(super) fn grade(&self, xrp: Drops, rlusd: &Exact) -> TruthStatus {
        let c = &self.config;
        let reaches = |xrp_limit: i64, rlusd_limit: i64| {
            xrp.abs().get() >= xrp_limit || rlusd.abs() >= Exact::new(rlusd_limit.into(), -6)
        };
        if xrp.is_zero() && rlusd.is_zero() {
            TruthStatus::Ok
        } else if reaches(c.truth_halt_xrp.get(), c.truth_halt_rlusd.get()) {
            TruthStatus::Halt
        } else if reaches(c.truth_warn_xrp.get(), c.truth_warn_rlusd.get()) {
            TruthStatus::Warn
        } else {
            TruthStatus::Unexplained
        }
    }

    /// Two answers about one validated ledger must name the same hash. A hash of zeros is one that was not told.
    fn compare_hash(&mut self, truth: &TruthRead, out: &mut Step) {
        let known = self.header.map_or(Hash256::ZERO, |header| header.hash);
        if known != truth.hash && known != Hash256::ZERO && truth.hash != Hash256::ZERO {
            let detail =
                format!("ledger {} is {known} by one answer and {} by another", truth.index, truth.hash);
            self.begin_stop(HaltReason::NodeDisagreement, &detail, true, out);
        }
    }

    /// A sequence that our own transactions do not explain was used by somebody else. Those of submissions whose end was
    /// not seen are ours to find in the history first: once they lapse without it, they explain nothing any more.
    fn compare_sequence(&mut self, truth: &TruthRead, out: &mut Step) {
        if truth.account.sequence > self.wallet.sequence {
            let sent = self.pending.values().filter(|p| p.hash.is_some());
            let sent: Vec<Range<u32>> = sent.filter_map(Pending::sequences).collect();
            let most = sent.iter().fold(0_usize, |sum, sent| sum.saturating_add(sent.len()));
            let used = self.wallet.sequence..truth.account.sequence;
            let is_sent = |sequence| sent.iter().any(|sent| sent.contains(&sequence));
            if used.len() <= most && used.clone().all(is_sent) {
                out.log(Level::Warn, "sequence", format!("used={used:?}: sent, and not seen validated"));
                return self.search_from(self.applied_from, out);
            }
            let detail = format!(
                "the ledger is at sequence {}, our transactions end before {}",
                truth.account.sequence, self.wallet.sequence
            );
            self.wallet.sequence = truth.account.sequence;
            self.begin_stop(HaltReason::ForeignTransaction, &detail, true, out);
        }
    }

    /// A book that differs is rebuilt and named. One that does not is taken too: it carries fresh funds.
    fn compare_book(&mut self, truth: &TruthRead, source: TruthSource, out: &mut Step) {
        if let Some(difference) = self.book.difference(&truth.book) {
            let level = if source == TruthSource::Start { Level::Debug } else { Level::Warn };
            out.log(level, "book_rebuilt", difference);
        }
        self.book = Book::from_snapshot(&truth.book);
        if self.pool != truth.pool {
            let level = if source == TruthSource::Start { Level::Debug } else { Level::Warn };
            out.log(level, "pool_reread", format!("kept={:?} read={:?}", self.pool, truth.pool));
        }
        self.pool = truth.pool;
    }
}
