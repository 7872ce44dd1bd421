//! Checkpoints: moving the log into the database, on the writer's own connection and in its own thread, because a
//! checkpoint beside the writer is where the WAL-reset bug lived. Never decides whether a row is durable: with
//! synchronous=FULL every commit is, checkpoint or not.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// Frames in the log at which a checkpoint is made without waiting for the timer.
pub(crate) const SIZE_TRIGGER_FRAMES: i64 = 1000;
/// A log that cannot be moved and is longer than this (64 MiB of 4 KiB pages) is an alarm.
const LOG_FRAMES_MAX: i64 = 16_384;
/// A checkpoint that takes longer is logged as slow.
const SLOW_MS: f64 = 200.0;
/// How many of the last checkpoints the aggregate covers.
const WINDOW: usize = 512;
/// How long the closing TRUNCATE may wait for readers.
const TRUNCATE_BUSY: Duration = Duration::from_millis(250);

/// How long the last checkpoints of this run took: at most the last 512.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct CheckpointAggregate {
    /// How many.
    pub n: usize,
    /// Median, in milliseconds.
    pub p50: f64,
    /// 95th percentile, in milliseconds.
    pub p95: f64,
    /// Longest, in milliseconds.
    pub max: f64,
}

/// The checkpoint loop's memory; the writer thread turns it.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    interval: Option<Duration>,
    due: Option<Instant>,
    size_trigger_at: i64,
    elapsed_ms: VecDeque<f64>,
}

impl Checkpoints {
    pub(crate) fn new() -> Checkpoints {
        Checkpoints {
            interval: None,
            due: None,
            size_trigger_at: SIZE_TRIGGER_FRAMES,
            elapsed_ms: VecDeque::new(),
        }
    }

    /// Starts the timer; a running one keeps its pace, and a warning says so. Zero or less: no timer.
    pub(crate) fn start(&mut self, interval_seconds: i64) {
        if let Some(interval) = self.interval {
            tracing::warn!(?interval, "the checkpoint timer is running already; started once only");
            return;
        }
        self.interval = u64::try_from(interval_seconds).ok().filter(|n| *n > 0).map(Duration::from_secs);
        // An interval beyond what the clock can name is never due.
        self.due = self.interval.and_then(|interval| Instant::now().checked_add(interval));
        if self.interval.is_none() {
            tracing::info!(
                interval_seconds,
                "the checkpoint timer is switched off; the log is moved by size"
            );
        }
    }

    /// Stops the timer. The size trigger stays.
    pub(crate) fn stop(&mut self) {
        (self.interval, self.due) = (None, None);
    }

    /// How long until the timer fires.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(Instant::now()))
    }

    /// Makes the checkpoints that are due by timer or by size; gives whether all of the log is in the database now.
    pub(crate) fn run_due(&mut self, connection: &Connection, frames: i64) -> bool {
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = self.interval.and_then(|interval| Instant::now().checked_add(interval));
            self.passive(connection, "timer")
        } else {
            frames >= self.size_trigger_at && self.passive(connection, "size")
        }
    }

    /// The last one: empties the log file. A failure is logged, and the close goes on.
    pub(crate) fn truncate(&mut self, connection: &Connection) {
        if let Err(error) = connection.busy_timeout(TRUNCATE_BUSY) {
            tracing::error!(%error, "wal_checkpoint failed: the busy timeout could not be set");
        }
        self.checkpoint(connection, "TRUNCATE", "close");
    }

    /// Figures of the last checkpoints; `None` when there was none.
    pub(crate) fn aggregate(&self) -> Option<CheckpointAggregate> {
        let mut sorted: Vec<f64> = self.elapsed_ms.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let max = *sorted.last()?;
        Some(CheckpointAggregate {
            n: sorted.len(),
            p50: to_micros(quantile(&sorted, 0.5)),
            p95: to_micros(quantile(&sorted, 0.95)),
            max,
        })
    }

    /// Writes the aggregate's log line, if there is anything to say.
    pub(crate) fn log_aggregate(&self) {
        if let Some(CheckpointAggregate { n, p50, p95, max }) = self.aggregate() {
            tracing::info!(n, p50, p95, max, "wal_checkpoint_aggregate");
        }
    }

    fn passive(&mut self, connection: &Connection, trigger: &'static str) -> bool {
        let row = self.checkpoint(connection, "PASSIVE", trigger);
        let (log, moved) = row.unwrap_or((0, 0));
        // A reader that pins the log must not cause a checkpoint at every commit.
        self.size_trigger_at = if moved == log { SIZE_TRIGGER_FRAMES } else { log + SIZE_TRIGGER_FRAMES };
        row.is_some() && moved == log
    }

    fn checkpoint(
        &mut self,
        connection: &Connection,
        mode: &'static str,
        trigger: &'static str,
    ) -> Option<(i64, i64)> {
        let start = Instant::now();
        let row = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        let elapsed_ms = to_micros(start.elapsed().as_secs_f64() * 1000.0);
        match row {
            Ok(row) => Some(self.note(mode, trigger, row, elapsed_ms)),
            Err(error) => {
                tracing::error!(mode, trigger, %error, "wal_checkpoint failed");
                None
            }
        }
    }

    /// Tells of a checkpoint that SQLite has made; gives the frames in the log and those of them that are moved.
    fn note(
        &mut self,
        mode: &'static str,
        trigger: &'static str,
        (busy, log_frames, checkpointed_frames): (i64, i64, i64),
        elapsed_ms: f64,
    ) -> (i64, i64) {
        tracing::info!(mode, busy, log_frames, checkpointed_frames, elapsed_ms, trigger, "wal_checkpoint");
        if elapsed_ms > SLOW_MS {
            tracing::warn!(mode, elapsed_ms, trigger, "wal_checkpoint slow");
        }
        if checkpointed_frames > log_frames {
            let words = "wal_checkpoint moved more frames than the log has: the database may be damaged";
            tracing::error!(log_frames, checkpointed_frames, "{words}");
        }
        if log_frames - checkpointed_frames > LOG_FRAMES_MAX {
            tracing::error!(
                log_frames,
                checkpointed_frames,
                "wal_checkpoint cannot move the log: a reader holds it"
            );
        }
        if self.elapsed_ms.len() == WINDOW {
            self.elapsed_ms.pop_front();
        }
        self.elapsed_ms.push_back(elapsed_ms);
        (log_frames, checkpointed_frames)
    }
}

/// Milliseconds with three decimals: what a clock can tell and a person can read.
fn to_micros(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

/// Inclusive quantile: the ends of the sorted sample are 0 and 1, straight lines between neighbours.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return 0.0;
    };
    let position = q * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let low = sorted.get(below).unwrap_or(first);
    let high = sorted.get(below + 1).unwrap_or(last);
    low + (high - low) * (position - position.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_table() {
        // As Python's statistics.quantiles(..., method="inclusive") gives them.
        for (sample, p50, p95) in
            [(vec![7.0], 7.0, 7.0), (vec![1.0, 2.0], 1.5, 1.95), (vec![1.0, 2.0, 3.0, 4.0, 100.0], 3.0, 80.8)]
        {
            assert!((quantile(&sample, 0.5) - p50).abs() < 1e-9, "{sample:?}");
            assert!((quantile(&sample, 0.95) - p95).abs() < 1e-9, "{sample:?}");
        }
        assert_eq!(Checkpoints::new().aggregate(), None);
    }

    #[test]
    fn the_aggregate_covers_the_last_512() {
        let mut checkpoints = Checkpoints::new();
        let connection = Connection::open_in_memory().unwrap();
        for _ in 0..600 {
            checkpoints.checkpoint(&connection, "PASSIVE", "timer");
        }
        assert_eq!(checkpoints.aggregate().map(|a| a.n), Some(512));
    }

    /// What the WAL-reset bug shows (58 of 50 frames moved), a log that a reader holds, a slow disk; and what none is.
    #[test]
    fn alarms_by_table() {
        for (row, elapsed_ms, level, told) in [
            ((0, 50, 58), 1.0, "ERROR", "more frames than the log has"),
            ((0, 50, 50), 1.0, "", ""),
            ((0, 20_000, 1), 1.0, "ERROR", "a reader holds it"),
            ((0, 20_000, 20_000), 1.0, "", ""),
            ((0, 50, 50), 200.5, "WARN", "wal_checkpoint slow"),
            ((0, 50, 50), 200.0, "", ""),
        ] {
            let log = crate::logged::Logged::new();
            log.during(|| Checkpoints::new().note("PASSIVE", "timer", row, elapsed_ms));
            let loud: Vec<_> = ["WARN", "ERROR"].iter().flat_map(|level| log.lines(level, "")).collect();
            assert_eq!(loud.len(), usize::from(!level.is_empty()), "{row:?}: {loud:?}");
            assert!(loud.iter().all(|line| line.contains(level) && line.contains(told)), "{row:?}: {loud:?}");
            assert_eq!(
                log.lines("INFO", "\"message\":\"wal_checkpoint\"").len(),
                1,
                "told at INFO in any case"
            );
        }
    }

    #[test]
    fn the_timer_starts_once_and_zero_disables_it() {
        let mut checkpoints = Checkpoints::new();
        checkpoints.start(0);
        assert_eq!(checkpoints.wait(), None);
        checkpoints.start(60);
        let due = checkpoints.due;
        checkpoints.start(60);
        assert_eq!(checkpoints.due, due);
        checkpoints.stop();
        checkpoints.start(-5);
        assert_eq!(checkpoints.wait(), None);
    }
}
