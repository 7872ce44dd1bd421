//! Into DEGRADED, through it, and out of it again: what follows from a finding in each phase of a session, the timeout,
//! the way back, and the keys that tell of it. Which finding ends when is for its own evaluator to say.

use super::{Engine, Phase};
use crate::degraded::{Entry, Source, Verdict};
use crate::halt::HaltReason;
use crate::record::{Record, TruthSource};
use crate::step::{Level, Mode, Step};
use units::LedgerIndex;

/// In DEGRADED the truth is read this often, where the regular read is not more frequent.
const READ_SECONDS: u32 = 15;

impl Engine {
    /// A finding that stops quoting. A session that runs goes into DEGRADED; before it is open it is trouble at the start
    /// gate; while it stops it is the reason that is written.
    pub(super) fn degrade(&mut self, source: Source, detail: &str, out: &mut Step) {
        if self.phase != Phase::Running {
            return self.begin_stop(source.halt_reason(), detail, true, out);
        }
        let is_quoting = matches!(self.mode, Mode::Active | Mode::ReduceOnly);
        let entry = self.degraded.add(source, is_quoting, (self.cursor(), self.now()), detail);
        match entry {
            Entry::Known => return,
            Entry::Added => out.log(Level::Error, "degraded", format!("source={source} {detail}")),
            Entry::Entered(entries) => {
                let text = format!("source={source} entry={entries} {detail}");
                out.log(Level::Error, "degraded", text);
            }
            Entry::TooOften(entries) => {
                let detail = format!("entry {entries} by {source} within two hours: {detail}");
                self.tell_cause(source, "standing", out);
                return self.begin_stop(HaltReason::DegradedEpisodeLimitHalt, &detail, true, out);
            }
        }
        self.set_mode(Mode::Degraded, source.as_str(), None, detail, out);
        self.tell_cause(source, "standing", out);
        // What was found is looked at again at once: the way back and the halt both need a read of its own.
        self.ask_truth(TruthSource::Periodic, out);
    }

    /// A cause's own evaluator found it gone.
    pub(super) fn cause_is_gone(&mut self, source: Source, out: &mut Step) {
        if self.degraded.clear(source) {
            out.log(Level::Info, "degraded", format!("gone source={source}"));
            self.tell_cause(source, "gone", out);
        }
    }

    /// The recovery evaluators of a tick: the timeout, and the way back when nothing holds any more.
    pub(super) fn judge_degraded(&mut self, out: &mut Step) {
        let at = (self.cursor(), self.now());
        let is_truth_fresh =
            self.now().seconds_since(self.truth.compared_at) <= self.config.truth_read_interval_seconds;
        let could_judge = |source| match source {
            Source::StartupGate => true,
            Source::InventoryTruth | Source::Reconciler => is_truth_fresh,
            // Reads that do not come are no evidence of anything: a loss of data is a hold and never a halt.
            Source::TruthUnverified => false,
        };
        match self.degraded.tick(at, could_judge, self.config.degraded_timeout_s) {
            Verdict::Stays => {}
            Verdict::TimedOut(source, seconds) => {
                let detail = format!("degraded for {seconds} s by {source}: {}", self.degraded.reason());
                self.begin_stop(HaltReason::DegradedTimeoutHalt, &detail, true, out);
            }
            Verdict::Recovered => {
                self.set_mode(Mode::Active, "degraded_recovery", None, "every cause is gone", out);
                self.tell_degraded(out);
            }
        }
    }

    /// How often the truth is read now, in seconds.
    pub(super) fn truth_interval(&self) -> u32 {
        let regular = self.config.truth_read_interval_seconds;
        if self.degraded.since().is_some() { regular.min(READ_SECONDS) } else { regular }
    }

    /// The keys of one cause, and those of the mode.
    fn tell_cause(&self, source: Source, state: &str, out: &mut Step) {
        let cool_until = self.degraded.cool_until().map_or(0, LedgerIndex::get);
        for (key, value) in [
            ("state", state.to_owned()),
            ("at", self.now().to_iso()),
            ("entries", self.degraded.entries(source).to_string()),
            ("cool_until_ledger", cool_until.to_string()),
        ] {
            out.records.push(Record::State { key: format!("degraded_recovery.{source}.{key}"), value });
        }
        self.tell_degraded(out);
    }

    /// Mode, time and reason under the keys of the wallet truth.
    pub(super) fn tell_degraded(&self, out: &mut Step) {
        let since = self.degraded.since().map(units::LedgerTime::to_iso).unwrap_or_default();
        for (key, value) in [
            ("inventory_truth.mode", self.mode.as_str().to_ascii_lowercase()),
            ("inventory_truth.degraded_since", since),
            ("inventory_truth.degraded_reason", self.degraded.reason()),
        ] {
            out.records.push(Record::State { key: key.to_owned(), value });
        }
    }
}
