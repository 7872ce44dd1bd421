//! Backups by the clock: a thread of its own with a connection of its own that only reads, so that the writer is never
//! waited for. One backup at a time; one that fails is an error in the log and nothing more.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::list::Backup;
use super::make::{self, BackupError};
use super::name::BackupKind;
use super::tell;
use crate::disk::SystemDisk;
use crate::open;

/// How long the close waits for a backup that is being made.
const JOIN_WITHIN: Duration = Duration::from_secs(5);

/// Makes backups of one database, asked or by the clock.
#[derive(Debug)]
pub(crate) struct Timer {
    db: PathBuf,
    stop: Arc<AtomicBool>,
    one_at_a_time: Arc<Mutex<()>>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// Dropped to end the thread.
    _stopper: Sender<()>,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Timer {
    pub(crate) fn new(db: &Path) -> Timer {
        Timer {
            db: db.to_owned(),
            stop: Arc::new(AtomicBool::new(false)),
            one_at_a_time: Arc::default(),
            running: Mutex::default(),
        }
    }

    /// Starts the clock; one that runs keeps its pace, and a warning says so. Zero: no clock.
    pub(crate) fn start(&self, interval: Duration) -> std::io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            tracing::warn!("backups by the clock are running already; started once only");
            return Ok(());
        }
        if interval.is_zero() {
            tracing::info!("backups by the clock are switched off");
            return Ok(());
        }
        let (stopper, stopped) = channel::<()>();
        let (tell_end, ended) = channel::<()>();
        let (db, stop, turn) = (self.db.clone(), Arc::clone(&self.stop), Arc::clone(&self.one_at_a_time));
        let log = tracing::dispatcher::get_default(Clone::clone);
        let thread = std::thread::Builder::new().name("store-backup".to_owned()).spawn(move || {
            tracing::dispatcher::with_default(&log, || {
                while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                    drop(one(&db, BackupKind::Timed, &stop, &turn));
                }
            });
            drop(tell_end);
        })?;
        *running = Some(Running { _stopper: stopper, ended, thread });
        Ok(())
    }

    /// Makes one now, in the caller's thread. A failure is in the log as well.
    pub(crate) fn now(&self, kind: BackupKind) -> Result<Backup, BackupError> {
        one(&self.db, kind, &self.stop, &self.one_at_a_time)
    }

    /// Ends the clock, and a backup that is being made with it.
    pub(crate) fn close(&self) {
        let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        self.stop.store(true, Ordering::Relaxed);
        let Running { _stopper, ended, thread } = running;
        drop(_stopper);
        if ended.recv_timeout(JOIN_WITHIN) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("the backup did not stop within 5 s; the database is closed without it");
            return;
        }
        if thread.join().is_err() {
            tracing::error!("the backup thread panicked");
        }
        self.stop.store(false, Ordering::Relaxed);
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.close();
    }
}

fn one(db: &Path, kind: BackupKind, stop: &Arc<AtomicBool>, turn: &Mutex<()>) -> Result<Backup, BackupError> {
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let made = open::connect_read_only(&SystemDisk, db)
        .map_err(BackupError::Sqlite)
        .and_then(|source| make::make(db, kind, &source, stop));
    match &made {
        Err(BackupError::Stopped) => tracing::info!(kind = kind.word(), "backup given up: the session ends"),
        Err(error) => tell(db, kind, error),
        Ok(_) => {}
    }
    made
}
