//! The writer thread: owns the only writable connection, does one job at a time and answers after it is done. Never
//! retries a write that failed, because what a failed sync left behind is not known.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::beside::Finding;
use crate::checkpoint::{CheckpointAggregate, Checkpoints};
use crate::error::{Kept, StoreError};
use crate::lock::Lock;
use crate::log_name;
use crate::open::Opened;
use crate::session::OpenSession;
use crate::watch::{Instead, Lost, Watch};

/// How many jobs may wait. Callers block on their answer, so there are as many as there are callers.
const QUEUE: usize = 64;

/// What the writer thread holds.
pub(crate) struct Desk {
    pub(crate) connection: Connection,
    /// The session whose journal is being written.
    pub(crate) session: Option<OpenSession>,
    /// The last session written by this run, open or closed.
    pub(crate) last_session: Option<i64>,
    pub(crate) checkpoints: Checkpoints,
    failed: Option<String>,
    frames: Arc<AtomicI64>,
    watch: Watch,
    /// Damage that was found beside the session.
    found: Finding,
    lost: Option<Lost>,
    // After the connection: the lock goes last.
    _lock: Lock,
}

type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// How long the close waits for the thread to come to its end of jobs and checkpoints, and then to have closed.
const JOIN_WITHIN: Duration = Duration::from_secs(5);

/// The thread's handle.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    // Not for two at a time: so that the handle can be shared.
    thread: Mutex<Option<Thread>>,
    join_within: Duration,
}

struct Thread {
    handle: JoinHandle<()>,
    /// The aggregate when the loop has ended; hung up when the database is closed.
    ended: Receiver<Option<CheckpointAggregate>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(opened: Opened, path: &Path, found: Finding) -> std::io::Result<(Writer, String)> {
        let Opened { mut connection, db_uuid, lock, .. } = opened;
        let frames = Arc::new(AtomicI64::new(0));
        let counter = Arc::clone(&frames);
        connection
            .wal_hook(Some(move |_: &mut Wal, pages| {
                counter.store(i64::from(pages), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        let (jobs, inbox) = sync_channel::<Job>(QUEUE);
        let desk = Desk {
            connection,
            session: None,
            last_session: None,
            checkpoints: Checkpoints::new(),
            failed: None,
            frames,
            watch: Watch::new(path),
            found,
            lost: None,
            _lock: lock,
        };
        let (tell_end, ended) = sync_channel(1);
        // The thread logs where its maker does.
        let log = tracing::dispatcher::get_default(Clone::clone);
        let handle = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || tracing::dispatcher::with_default(&log, || desk.run(&inbox, &tell_end)))?;
        let thread = Mutex::new(Some(Thread { handle, ended }));
        let writer = Writer { jobs: Some(jobs), thread, join_within: JOIN_WITHIN };
        Ok((writer, db_uuid))
    }

    /// Does `job` in the writer thread and gives its answer. A failure other than busy stops the store.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = sync_channel(1);
        let boxed: Job = Box::new(move |desk| {
            let result = match &desk.failed {
                Some(reason) => Err(StoreError::Stopped(reason.clone())),
                None => job(desk),
            };
            if let Err(StoreError::Failed { reason, .. }) = &result {
                tracing::error!(reason, "store failed: the process is to stop and recover");
                desk.failed = Some(reason.clone());
            }
            // A caller that is gone has nobody to tell; the row is durable all the same.
            drop(reply.send(result));
        });
        let gone = || StoreError::Stopped("the writer thread has ended".to_owned());
        self.jobs.as_ref().ok_or_else(gone)?.send(boxed).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }

    /// Ends the thread after the jobs that wait, with the last aggregate, TRUNCATE and close. Also when the store
    /// failed before. A thread that hangs is left behind, with an error: what it holds is as safe as after a kill.
    pub(crate) fn close(&mut self) -> Option<CheckpointAggregate> {
        drop(self.jobs.take());
        let Thread { handle, ended } =
            self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take()?;
        let within = self.join_within;
        let aggregate = match ended.recv_timeout(within) {
            Ok(aggregate) => aggregate,
            Err(RecvTimeoutError::Timeout) => {
                tracing::error!(
                    ?within,
                    "the checkpoint loop did not stop in time; the close goes on without it"
                );
                return None;
            }
            Err(RecvTimeoutError::Disconnected) => None,
        };
        if ended.recv_timeout(within) == Err(RecvTimeoutError::Timeout) {
            tracing::error!(?within, "the database did not close in time; the close goes on without it");
            return aggregate;
        }
        if handle.join().is_err() {
            tracing::error!("the store's writer thread panicked");
        }
        aggregate
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Desk {
    fn run(mut self, inbox: &Receiver<Job>, tell_end: &SyncSender<Option<CheckpointAggregate>>) {
        loop {
            let wait = self.checkpoints.wait().map_or(self.watch.wait(), |wait| wait.min(self.watch.wait()));
            let next = inbox.recv_timeout(wait);
            self.look();
            match next {
                Ok(job) => job(&mut self),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let frames = self.frames.load(Ordering::Relaxed);
            if self.lost.is_none() && self.checkpoints.run_due(&self.connection, frames) {
                self.name_log();
            }
        }
        self.checkpoints.stop();
        let aggregate = self.checkpoints.aggregate();
        // A closer that has given up waiting is gone.
        let _ = tell_end.send(aggregate);
        self.finish(aggregate);
    }

    /// The next write begins a log: with its name.
    fn name_log(&mut self) {
        if self.failed.is_some() {
            return;
        }
        match log_name::begin(&self.connection) {
            Ok(()) => self.watch.log_begun(),
            Err(error) => {
                let reason = format!("the log could not be begun: {error}");
                tracing::error!(reason, "store failed: the process is to stop and recover");
                self.failed = Some(reason);
            }
        }
    }

    fn finish(mut self, aggregate: Option<CheckpointAggregate>) {
        self.checkpoints.log_aggregate();
        if self.failed.is_none() {
            self.keep_aggregate(aggregate);
        }
        if self.lost.is_some() {
            // A close would unlink by name what is no longer ours: the process's end closes the files.
            std::mem::forget(self.connection);
            return;
        }
        self.checkpoints.truncate(&self.connection);
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "the database did not close cleanly");
        }
    }

    /// Sees whether the files are still ours. Once they are not, nothing more is written through them.
    fn look(&mut self) {
        if let (Some(finding), None) = (self.found.get(), &self.failed) {
            let reason = format!("the database is damaged: {finding}");
            tracing::error!(reason, "store failed: the process is to stop and recover");
            self.failed = Some(reason);
        }
        if self.lost.is_some() {
            return;
        }
        let Some(lost) = self.watch.look_when_due() else { return };
        self.lost = Some(lost);
        let reason = lost.reason();
        tracing::error!(reason, "store failed: the process is to stop and recover");
        self.failed = Some(reason.to_owned());
        if lost == Lost::Log(Instead::Nothing) {
            // The open log still holds every commit, and nobody else writes: into the database with them.
            self.checkpoints.truncate(&self.connection);
        }
    }

    /// Best effort: a missing figure never delays a close.
    fn keep_aggregate(&self, aggregate: Option<CheckpointAggregate>) {
        let (Some(aggregate), Some(session)) = (aggregate, self.last_session) else {
            return;
        };
        let Ok(text) = serde_json::to_string(&aggregate) else {
            return;
        };
        let written = self.connection.execute(
            "UPDATE sessions SET facts = json_set(facts, '$.checkpoints', json(?2)) WHERE session_id = ?1",
            (session, text),
        );
        if let Err(error) = written {
            tracing::debug!(%error, "the checkpoint figures were not kept");
        }
    }
}

/// What an SQLite error means for a write of which nothing, or only `kept`, is on disk.
pub(crate) fn failure(kept: Kept, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy) if kept == Kept::Nothing => StoreError::Busy,
        _ => StoreError::Failed { kept, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SystemDisk;
    use crate::logged::Logged;
    use crate::open::{First, OpenMode, open_writable};

    /// A job that hangs, as a disk does: the close goes on after its time, says so as an error, and raises nothing. The
    /// control is the same close of a thread that does not hang.
    #[test]
    fn a_loop_that_does_not_stop_is_an_error_and_the_close_goes_on() {
        for hangs in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let log = Logged::new();
            let (release, held) = sync_channel::<()>(0);
            log.during(|| {
                let identity = crate::Identity {
                    network: "paper".to_owned(),
                    network_id: 61337,
                    account: ledger::AccountId([7; 20]),
                    currency: ledger::Currency::RLUSD,
                    issuer: ledger::AccountId([9; 20]),
                };
                let path = dir.path().join("neo.db");
                let opened =
                    open_writable(&SystemDisk, &path, &identity, OpenMode::CreateIfMissing, First::Nothing)
                        .unwrap();
                let (mut writer, _) = Writer::start(opened, &path, Finding::default()).unwrap();
                if hangs {
                    writer.join_within = Duration::from_millis(50);
                    let job: Job = Box::new(move |_| {
                        // Until the test lets go of the other end.
                        let _ = held.recv();
                    });
                    writer.jobs.as_ref().unwrap().send(job).unwrap();
                }
                writer.close();
            });
            let errors = log.lines("ERROR", "did not stop in time");
            assert_eq!(errors.len(), usize::from(hangs), "{errors:?}");
            drop(release);
        }
    }
}
